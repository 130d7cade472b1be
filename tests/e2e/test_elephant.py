"""The job of the first article: a script learns at once which pair of hosts crosses 10 Mbit/s."""
import pathlib
import queue
import subprocess
import sys
import threading
import time
import unittest

from weir import Capture, Engine, Sender, capture, case, until

CLIENT = pathlib.Path(__file__).with_name("elephant_client.py")
FIRST, ACKNOWLEDGEMENTS, SECOND = "10.4.1.2,10.4.2.2", "10.4.2.2,10.4.1.2", "10.4.3.2,10.4.4.2"


class Client:
    """The script as a process; `line()` waits for its next line."""

    def __init__(self, engine):
        self.process = subprocess.Popen([sys.executable, CLIENT, engine.url], stdout=subprocess.PIPE, text=True)
        self.lines = queue.Queue()
        threading.Thread(target=lambda: [self.lines.put(line.rstrip()) for line in self.process.stdout], daemon=True).start()

    def line(self, seconds):
        return self.lines.get(timeout=seconds)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


class Elephant(unittest.TestCase):
    @case(120)
    def test_the_script_prints_the_first_pair_of_the_replayed_capture(self):
        with Engine(f"-Dsflow.file={capture('ecmp.pcap')}") as engine, Client(engine) as client:
            self.assertEqual(client.line(60), FIRST)
            # It crosses on three data sources within 51 ms of capture time. Then its acknowledgements: two samples of 70
            # octets within 218 ms, at 1 in 20,000, are 1.33 MB/s. Then the next pair.
            self.assertEqual([client.line(30) for _ in range(4)], [FIRST, FIRST, ACKNOWLEDGEMENTS, SECOND])
            events = engine.get("/events/json?thresholdID=elephant_threshold")
            first = events[-1]
            self.assertEqual((first["agent"], first["dataSource"]), ("192.168.0.11", "37"))
            self.assertEqual((first["metric"], first["threshold"]), ("elephant", 1250000))
            self.assertIsInstance(first["dataSource"], str)
            self.assertGreater(first["value"], 1250000)
            self.assertEqual([e["eventID"] for e in events], sorted((e["eventID"] for e in events), reverse=True))

    @case(120)
    def test_the_script_prints_live_telemetry(self):
        datagrams = list(Capture(capture("ecmp.pcap")).payloads())[:2000]
        with Engine() as engine, Client(engine) as client:
            until("the threshold", lambda: engine.request("GET", "/threshold/elephant_threshold/json").status == 200)
            with Sender(datagrams, engine.sflow_port, 1000):
                self.assertRegex(client.line(60), r"^10\.4\.\d\.2,10\.4\.\d\.2$")


class LongPoll(unittest.TestCase):
    @case(60)
    def test_an_expired_poll_answers_an_empty_list(self):
        with Engine() as engine:
            for resource in ("events", "flows"):
                start = time.monotonic()
                self.assertEqual(engine.get(f"/{resource}/json?timeout=1"), [])
                self.assertGreater(time.monotonic() - start, 0.9)
                self.assertEqual(engine.get(f"/{resource}/json"), [])

    @case(60)
    def test_a_waiting_poll_is_answered_when_the_flow_crosses(self):
        datagrams = list(Capture(capture("ecmp.pcap")).payloads())
        with Engine() as engine:
            engine.put("/flow/elephant/json", {"keys": "ipsource,ipdestination", "value": "bytes"})
            engine.put("/threshold/big/json", {"metric": "elephant", "value": 1250000, "byFlow": True})
            found = queue.Queue()
            threads = [threading.Thread(target=lambda: found.put(engine.get("/events/json?timeout=50"))) for _ in range(20)]
            for thread in threads:
                thread.start()
            with Sender(datagrams, engine.sflow_port, 2000):
                answers = [found.get(timeout=30) for _ in threads]
            self.assertTrue(all(len(answer) >= 1 for answer in answers))
            self.assertTrue(all(answer[-1] == answers[0][-1] for answer in answers))
