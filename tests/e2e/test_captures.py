"""The captures of tests/captures, which every clone has: decode, replay, and an engine that replays or receives them."""
import json
import subprocess
import unittest

from weir import MADE_CAPTURES, PROGRAM, Capture, Engine, Sender, case, run, until

FABRIC, DEFINE = MADE_CAPTURES / "fabric.pcap", MADE_CAPTURES / "fabric.define.json"
PAIR = "10.1.0.1,10.2.0.1"


def told(kind):
    """The records of a kind in the expected output of the replay."""
    lines = (MADE_CAPTURES / "fabric.replay.jsonl").read_text().splitlines()
    return [line[kind] for line in map(json.loads, lines) if kind in line]


class Captures(unittest.TestCase):
    maxDiff = 2000

    def decoded(self, name):
        result = subprocess.run([PROGRAM, "decode", MADE_CAPTURES / name], capture_output=True, timeout=50)
        self.assertEqual(result.returncode, 0, result.stderr[-500:])
        return result.stdout

    @case(60)
    def test_decode_prints_what_was_encoded(self):
        for name in ("records", "legacy", "headers", "damaged"):
            with self.subTest(name=name):
                self.assertEqual(self.decoded(f"{name}.pcap"), (MADE_CAPTURES / f"{name}.decode.jsonl").read_bytes())
        self.assertEqual(self.decoded("legacy.pcapng"), self.decoded("legacy.pcap"))

    @case(60)
    def test_replay_is_the_same_with_any_number_of_shards(self):
        expected = (MADE_CAPTURES / "fabric.replay.jsonl").read_text()
        for shards in (1, 2, 4):
            with self.subTest(shards=shards):
                result = run("replay", FABRIC, "--define", DEFINE, "--dump", f"-Dworkers.number={shards}")
                self.assertEqual((result.returncode, result.stdout), (0, expected), result.stderr)
        events = [{name: event[name] for name in ("timestamp", "agent", "thresholdID")} for event in told("event")]
        computed = json.loads((MADE_CAPTURES / "fabric.events.json").read_text())
        self.assertEqual(events, [{name: event[name] for name in events[0]} for event in computed])

    @case(60)
    def test_the_engine_tells_what_replay_tells(self):
        for speed, shards in (("max", 1), ("max", 3), ("20", 2)):
            with self.subTest(speed=speed, shards=shards), Engine(
                    f"-Dsflow.file={FABRIC}", f"-Dsflow.file.speed={speed}", f"-Dworkers.number={shards}",
                    f"-Ddefine.file={DEFINE}") as engine:
                engine.wait_received(len(Capture(FABRIC).packets))
                for kind, resource in (("event", "events"), ("flow", "flows")):
                    expected = told(kind)[::-1]
                    until(resource, lambda: len(engine.get(f"/{resource}/json")) >= len(expected))
                    self.assertEqual(engine.get(f"/{resource}/json"), expected)
                dump = json.dumps(engine.get("/dump/ALL/ALL/json"), sort_keys=True)
                self.assertEqual(dump, json.dumps(told("metric"), sort_keys=True))

    @case(60)
    def test_a_poll_is_answered_when_a_live_flow_crosses_its_threshold(self):
        with Engine(f"-Ddefine.file={DEFINE}") as engine:
            with Sender(list(Capture(FABRIC).payloads()), engine.sflow_port, 200):
                events = engine.get("/events/json?thresholdID=heavy&timeout=50")
            self.assertGreaterEqual(len(events), 1)
            self.assertIn(PAIR, [event["flowKey"] for event in events])
            self.assertTrue(all(event["value"] > event["threshold"] for event in events))
