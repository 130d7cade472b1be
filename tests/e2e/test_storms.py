"""Storms of definitions: memory stays bounded, and no question waits for them."""
import http.client
import json
import threading
import time
import unittest

from weir import Capture, Engine, Sender, capture, case


class Watch:
    """Asks /health/json again and again while left alone, and remembers the longest answer."""

    def __init__(self, engine):
        self.engine, self.longest, self.asked = engine, 0.0, 0
        self.ending = threading.Event()
        self.thread = threading.Thread(target=self._ask, daemon=True)

    def _ask(self):
        while not self.ending.wait(0.02):
            start = time.monotonic()
            self.engine.get("/health/json")
            self.longest = max(self.longest, time.monotonic() - start)
            self.asked += 1

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ending.set()
        self.thread.join()


def resident(engine, field="VmRSS"):
    """MiB of memory that the program has; VmHWM: had at most."""
    with open(f"/proc/{engine.process.pid}/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith(field)) / 1024


class Storms(unittest.TestCase):
    def put_all(self, engine, resource, count, body):
        """One PUT after the other over one connection; seconds that they took."""
        connection = http.client.HTTPConnection("127.0.0.1", engine.http_port, timeout=60)
        start = time.monotonic()
        for i in range(count):
            connection.request("PUT", f"/{resource}/{resource}{i}/json", json.dumps(body(i)))
            reply = connection.getresponse()
            text = reply.read()
            self.assertEqual(reply.status, 204, text)
        connection.close()
        return time.monotonic() - start

    def storm(self, thresholds, flows, rate):
        # About seven samples in a datagram of this capture.
        datagrams = list(Capture(capture("ecmp.pcap")).payloads())[:3000]
        with Engine() as engine, Sender(datagrams, engine.sflow_port, rate):
            engine.wait_received(1000)
            self.put_all(engine, "flow", flows, lambda i: {"keys": "ipsource,ipdestination", "value": "bytes", "n": 5 + i})
            before = resident(engine)
            with Watch(engine) as watch:
                took = self.put_all(engine, "threshold", thresholds,
                                    lambda i: {"metric": "ifinoctets", "value": 1e12 + i} if flows == 0 else
                                    {"metric": f"flow{i % flows}", "value": 1e12 + i})
            self.assertEqual(len(engine.get("/threshold/json")), thresholds)
            grown = resident(engine, "VmHWM") - before
            told = (f"{thresholds} thresholds beside {flows} flows: {took:.1f} s, {grown:.0f} MiB more, "
                    f"longest of {watch.asked} /health/json {watch.longest:.2f} s")
            print(told)
            return took, grown, watch.longest, told

    @case(300, "timing", "alone")
    def test_thousands_of_thresholds_one_after_the_other(self):
        took, grown, longest, told = self.storm(5000, 0, rate=7000)  # 50,000 samples a second
        self.assertLess(grown, 100, told)
        self.assertLess(longest, 1, told)
        self.assertLess(took, 60, told)

    @case(300, "timing", "alone")
    def test_thresholds_beside_hundreds_of_flows(self):
        took, grown, longest, told = self.storm(9000, 500, rate=700)  # which meet 2.5 million definitions
        self.assertLess(grown, 300, told)
        self.assertLess(longest, 1, told)
        self.assertLess(took, 120, told)
