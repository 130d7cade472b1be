#!/usr/bin/env python3
"""A client as users write them: asks for every pair above 10 Mbit/s and prints each as it is found.

elephant_client.py http://HOST:PORT
"""
import json
import sys
import urllib.request

engine = sys.argv[1]


def put(path, body):
    request = urllib.request.Request(engine + path, json.dumps(body).encode(), method="PUT")
    request.add_header("Content-Type", "application/json")
    urllib.request.urlopen(request)


put("/flow/elephant/json", {"keys": "ipsource,ipdestination", "value": "bytes"})
put("/threshold/elephant_threshold/json",
    {"metric": "elephant", "value": 10000000 / 8, "byFlow": True, "timeout": 1})

newest = -1
while True:
    path = f"/events/json?thresholdID=elephant_threshold&maxEvents=10&timeout=60&eventID={newest}"
    with urllib.request.urlopen(engine + path) as reply:
        if reply.status != 200:
            break
        events = json.load(reply)
    if not events:
        continue
    newest = events[0]["eventID"]
    for event in reversed(events):
        print(event["flowKey"], flush=True)
