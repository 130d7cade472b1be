#!/usr/bin/env python3
"""The answers to a corpus of requests, octet by octet: of one program with several numbers of shards, or of two programs.

answers.py PROGRAM OTHER CAPTURE    compares two programs (before and after a change) on a capture, with 1 and 4 shards;
                                    prints each difference, and exits with 1 if there is any

The capture is replayed as fast as it goes; then the clock stands still, so that all ages are the same every time. What
tells of the process or of real time (ANALYZER, /health/json) is compared by the names of its members.
"""
import gzip
import http.client
import json
import pathlib
import sys
import tempfile

sys.dont_write_bytecode = True
import weir  # noqa: E402

EXAMPLES = weir.ROOT / "docs/examples"

# One of each: every scope, every value function, filters, flow records, and lookups.
DEFINITIONS = {
    "flows": {
        "pairs": {"keys": "ipsource,ipdestination", "value": "bytes", "log": True},
        "tcp": {"keys": "ipsource,ipdestination,tcpsourceport,tcpdestinationport", "value": "bytes", "log": True,
                "activeTimeout": 5, "flowStart": True, "fs": "_SEP_"},
        "frames": {"keys": "ipprotocol", "value": "frames", "n": 10, "t": 5},
        "total": {"value": "bytes"},
        "values": {"keys": "ipdestination", "value": "bytes", "values": "avg:ipttl,min:ipbytes,max:ipbytes,last:ipttl,count:ipsource"},
        "sources": {"keys": "ipdestination", "value": "count:ipsource"},
        "sites": {"keys": "group:ipsource:sites,map:ipprotocol:protocols", "value": "bytes"},
        "ofagent": {"keys": "macsource,macdestination", "value": "bytes", "aggMode": "agent"},
        "fabric": {"keys": "ipsource,ipdestination", "value": "bytes", "aggMode": "edge", "log": True},
        "filtered": {"keys": "ipsource,or:tcpsourceport:udpsourceport", "value": "frames", "filter": "ipprotocol=6&direction=ingress"},
        "ports": {"keys": "link:inputifindex,node:inputifindex,ifname:outputifindex", "value": "bytes"},
        "never": {"keys": "vlan,arpipsender", "value": "bytes", "filter": "ipttl=0"},
    },
    "thresholds": {
        "elephant": {"metric": "pairs", "value": 1250000, "byFlow": True, "timeout": 1},
        "fabric": {"metric": "fabric", "value": 1250000, "byFlow": True, "timeout": 5},
        "busy": {"metric": "total", "value": 2000000, "timeout": 2},
        "port": {"metric": "ifinoctets", "value": 500000, "timeout": 10, "filter": {"ifspeed": [10000000000]}},
        "load": {"metric": "2.1.load_one", "value": 0.01, "timeout": 10},
    },
    "groups": {"sites": {"one": ["10.4.1.0/24"], "two": ["10.4.2.0/24"], "all": ["0.0.0.0/0", "::/0"]}},
    "maps": {"protocols": {"tcp": ["6"], "udp": ["17"]}},
    # Of the fabric of ecmp.pcap; ports of other captures are on no link.
    "topology": {"nodes": {"leaf1": {"agent": "192.168.0.11", "ports": {"p4": {"ifindex": "4"}}},
                           "spine": {"agent": "192.168.0.12", "ports": {"p37": {"ifindex": "37"}}}},
                 "links": {"up": {"node1": "leaf1", "port1": "p4", "node2": "spine", "port2": "p37"},
                           "dark": {"node1": "leaf9", "port1": "p1", "node2": "spine", "port2": "p99"}}},
}

ANALYZER = ("/analyzer/json", "/prometheus/analyzer/txt", "/health/json", "/license/json")
AGENTS = ("ALL", "TOPOLOGY", "EDGE", "CORE", "leaf1;spine", "192.168.0.11", "192.0.2.99", "nosuch")
METRICS = ("ifinoctets", "max:ifinoctets,min:ifinoctets,sum:ifinoctets,avg:ifoutoctets,any:ifname", "med:ifinucastpkts,q1:ifinucastpkts,iqr:ifspeed",
           "var:load_one;sdev:load_one", "pairs,sum:pairs", "3.ifinoctets,2.1.load_one", "host_name,max:ifname", "nosuch", "values,sources",
           "bogus:ifinoctets")
TABLES = ("ifname,ifinoctets", "sort:ifinoctets:-5,null:ifname", "sort:ifname:7,ifspeed", "sort:pairs:-3,pairs", "host_name,null:load_one", "null:")
FLOWS = tuple(DEFINITIONS["flows"]) + ("nosuch", "%01")
FILTERS = ("", "?ifname=swp1*&ifspeed=10000000000", "?ifoperstatus=up&ifname=eth0&ifname=swp2", "?host_name=*", "?nosuch=1")


def paths():
    """Every GET of the corpus whose answer depends on telemetry and definitions alone."""
    yield from ("/version", "/agents/json", "/agents/json?agent=leaf1", "/agents/json?agent=192.168.0.12&agent=192.168.0.11", "/metrics/json",
                "/flowkeys/json", "/flow/json", "/threshold/json", "/group/json", "/map/json", "/forwarding/json", "/groups/json",
                "/topology/json", "/topology/status/json", "/topology/hosts/json", "/topology/hosts/json?host=10.4.1.2",
                "/topology/hosts/json?maxHosts=3&agent=leaf1", "/topology/hosts/json?host=xyz", "/scripts/json", "/apps/json", "/app/none/status")
    for name in FLOWS:
        yield f"/flow/{name}/json"
        for mode in ("", "&aggMode=sum", "&aggMode=edge", "&aggMode=core", "&aggMode=none"):
            yield f"/activeflows/ALL/{name}/json?maxFlows=50{mode}"
        yield f"/activeflows/leaf1;192.168.0.13/{name}/json?maxFlows=7&minValue=1000"
        yield f"/flowlocations/ALL/{name}/json"
        yield f"/flowlocations/CORE/{name}/json?key=10.4.1.2,10.4.2.2"
        for source in ("37", "5"):
            yield f"/flowvalue/192.168.0.11/{source}.{name}/json?key=10.4.1.2,10.4.2.2"
    for name in DEFINITIONS["thresholds"]:
        yield f"/threshold/{name}/json"
    yield from ("/group/sites/json", "/group/none/json", "/map/protocols/json", "/flowvalue/192.168.0.11/pairs/json?key=x")
    for agent in AGENTS:
        yield f"/metric/{agent}/json"
        for metric in METRICS:
            yield f"/metric/{agent}/{metric}/json"
        for columns in TABLES:
            yield f"/table/{agent}/{columns}/json"
        for metric in ("ALL", "ifinoctets;host_name", "pairs,values", "4.ifinoctets"):
            yield f"/dump/{agent}/{metric}/json"
        yield f"/prometheus/metrics/{agent}/ALL/txt"
        yield f"/app/prometheus/scripts/export.js/dump/{agent}/ifinoctets,ifoutoctets,pairs/txt"
    for query in FILTERS:
        yield f"/metric/ALL/ifinoctets,max:ifoutoctets/json{query}"
        yield f"/table/ALL/ifname,ifinoctets/json{query}"
        yield f"/dump/ALL/ifinoctets/json{query}"
        yield f"/prometheus/metrics/ALL/ifinoctets/txt{query}"
    for link in ("up", "dark", "nosuch"):
        for metric in ("ifinoctets", "max:ifinoctets,sum:ifoutoctets;ifname", "pairs", "4.ifinoctets", "bogus:ifinoctets"):
            yield f"/topology/link/{link}/{metric}/json"
    for log, name in (("events", "thresholdID"), ("flows", "name")):
        yield from (f"/{log}/json?timeout=0", f"/{log}/json?maxEvents=5&maxFlows=5&timeout=0", f"/{log}/json?{name}=pairs&timeout=0",
                    f"/{log}/json?{name}=elephant&timeout=0", f"/{log}/json?eventID=3&flowID=3&timeout=0",
                    f"/{log}/stream?timeout=0")


POSTS = [("/flow/validate", body) for body in (DEFINITIONS["flows"]["pairs"], {"keys": "ipsorce"}, {"keys": "ipsource", "filter": "ipprotocol=tcp"},
                                               {"keys": "ipsource", "value": "bytes", "aggMode": "edge", "extra": 1}, [])]


def settled(engine, file):
    """Waits until the capture is at its end: everything that it gives is there then."""
    weir.until(f"the end of {file}", lambda: engine.get("/health/json")["replayFinished"], 300)


def members(value):
    """The names of an answer and the kinds of its values. A share of 0 is written as a whole number."""
    if isinstance(value, dict):
        return {name: members(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return []
    return "number" if type(value) in (int, float) else type(value).__name__


def answers(file, shards, program=None, most=None):
    """Request → (status, type, body) of a program that replayed `file`; `most`: only so many requests."""
    found = {}
    before = weir.PROGRAM
    weir.PROGRAM = program or before
    try:
        with tempfile.TemporaryDirectory() as folder:
            define = pathlib.Path(folder, "define.json")
            define.write_text(json.dumps(DEFINITIONS))
            with weir.Engine(f"-Dsflow.file={file}", "-Dsflow.file.speed=max", f"-Dworkers.number={shards}", f"-Ddefine.file={define}",
                             "-Devents.max=100000", "-Dflows.max=100000") as engine:
                settled(engine, file)
                connection = http.client.HTTPConnection("127.0.0.1", engine.http_port, timeout=60)
                for path in [*paths()][:most]:
                    connection.request("GET", path, headers={"Accept-Encoding": "gzip"} if "ALL/ALL" in path else {})
                    reply = connection.getresponse()
                    body = reply.read()
                    if reply.getheader("Content-Encoding") == "gzip":
                        body = gzip.decompress(body)
                    found[f"GET {path}"] = reply.status, reply.getheader("Content-Type"), body
                for path in ANALYZER:
                    connection.request("GET", path)
                    reply = connection.getresponse()
                    text = reply.read().decode()
                    names = members(json.loads(text)) if path.endswith("json") else [line if line.startswith("#") else line.split()[0] for line in text.splitlines()]
                    found[f"GET {path}"] = reply.status, reply.getheader("Content-Type"), json.dumps(names).encode()
                for path, body in POSTS:
                    connection.request("POST", path, json.dumps(body))
                    reply = connection.getresponse()
                    found[f"POST {path} {json.dumps(body)}"] = reply.status, reply.getheader("Content-Type"), reply.read()
                connection.close()
    finally:
        weir.PROGRAM = before
    return found


def difference(what, one, other):
    """One line on where two answers part, or nothing."""
    if one == other:
        return None
    if one is None or other is None or one[:2] != other[:2]:
        return f"{what}: {one and one[:2]} against {other and other[:2]}"
    at = next((i for i, (a, b) in enumerate(zip(one[2], other[2])) if a != b), min(len(one[2]), len(other[2])))
    around = slice(max(0, at - 60), at + 60)
    return f"{what}: {len(one[2])} against {len(other[2])} octets, at {at}\n  {one[2][around]!r}\n  {other[2][around]!r}"


def differences(one, other):
    lines = (difference(what, one.get(what), other.get(what)) for what in sorted(one.keys() | other.keys()))
    return [line for line in lines if line]


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    program, other, file = sys.argv[1:]
    faults = 0
    for shards in (1, 4):
        one, two = answers(file, shards, program), answers(file, shards, other)
        told = differences(one, two)
        print(f"{shards} shards: {len(one)} answers, {sum(len(a[2]) for a in one.values())} octets, {len(told)} differ")
        print("\n".join(told))
        faults += len(told)
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
