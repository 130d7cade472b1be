"""The same capture and definitions give the same events, flow records and metrics, whatever the speed and the shards."""
import contextlib
import json
import pathlib
import tempfile
import unittest

from weir import Capture, Engine, capture, case, run, until

DEFINITIONS = {
    "flows": {
        "elephant": {"keys": "ipsource,ipdestination", "value": "bytes"},
        "tcp": {"keys": "ipsource,ipdestination,tcpsourceport,tcpdestinationport", "value": "bytes", "log": True,
                "activeTimeout": 5, "flowStart": True},
        "protocols": {"keys": "ipprotocol", "value": "frames", "log": True, "n": 10},
        "total": {"value": "bytes"},
    },
    "thresholds": {
        "elephant_threshold": {"metric": "elephant", "value": 1250000, "byFlow": True, "timeout": 1},
        "busy": {"metric": "total", "value": 2000000, "timeout": 2},
        "port": {"metric": "ifinoctets", "value": 500000, "timeout": 10},
    },
    "groups": {"leaf": {"one": ["10.4.1.0/24"], "two": ["10.4.2.0/24"]}},
}


def replay(file, define, shards, *more):
    result = run("replay", file, "--define", define, f"-Dworkers.number={shards}", *more, seconds=280)
    if result.returncode != 0:
        raise AssertionError(f"replay ended with status {result.returncode}\n{result.stderr}")
    return result.stdout


def records(lines, kind):
    return [line[kind] for line in map(json.loads, lines.splitlines()) if kind in line]


class Determinism(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.define = self.folder / "define.json"
        self.define.write_text(json.dumps(DEFINITIONS))

    def same(self, name, output, expected):
        """assertEqual on megabytes of text would take minutes to describe a difference."""
        if output == expected:
            return
        for number, (got, want) in enumerate(zip(output.splitlines(), expected.splitlines()), 1):
            if got != want:
                self.fail(f"{name}: line {number}\n  is     {got[:400]}\n  wanted {want[:400]}")
        self.fail(f"{name}: {len(output.splitlines())} lines, wanted {len(expected.splitlines())}")

    @case(300)
    def test_replay_is_the_same_with_any_number_of_shards(self):
        file = capture("ecmp.pcap")
        one = replay(file, self.define, 1, "--dump")
        for kind in ("event", "flow", "metric"):
            self.assertGreater(len(records(one, kind)), 10, kind)
        for shards in (2, 3, 4):
            self.same(f"{shards} shards", replay(file, self.define, shards, "--dump"), one)

    @case(300)
    def test_replay_of_many_agents_is_the_same_with_any_number_of_shards(self):
        file = capture("oxyflow-multi-agent-1.pcap")
        definitions = {"flows": {"tcp": DEFINITIONS["flows"]["tcp"], "elephant": DEFINITIONS["flows"]["elephant"]},
                       "thresholds": {"any": {"metric": "elephant", "value": 1000, "byFlow": True, "timeout": 1}}}
        self.define.write_text(json.dumps(definitions))
        one = replay(file, self.define, 1, "--dump")
        self.assertGreater(len(records(one, "event")), 10)
        for shards in (2, 4):
            self.same(f"{shards} shards", replay(file, self.define, shards, "--dump"), one)

    @case(300)
    def test_the_engine_is_the_same_at_any_speed(self):
        """On the first 14 s of the capture: speeds 1, 10 and max with 1, 2 and 4 shards, all at the same time."""
        cut = self.folder / "cut.pcap"
        count = Capture(capture("ecmp.pcap")).cut(cut, 14)
        lines = replay(cut, self.define, 1)
        events, flows = records(lines, "event"), records(lines, "flow")
        self.assertGreater(len(events), 3)
        self.assertGreater(len(flows), 3)
        with contextlib.ExitStack() as running:
            engines = {
                (speed, shards): running.enter_context(
                    Engine(f"-Dsflow.file={cut}", f"-Dsflow.file.speed={speed}", f"-Dworkers.number={shards}",
                           f"-Ddefine.file={self.define}", "-Devents.max=100000", "-Dflows.max=100000"))
                for speed in ("1", "10", "max") for shards in (1, 2, 4)
            }
            dumps = {}
            for (speed, shards), engine in engines.items():
                with self.subTest(speed=speed, shards=shards):
                    engine.wait_received(count, 60)
                    self.settled(engine, "events", events)
                    self.settled(engine, "flows", flows)
                    dumps[speed, shards] = engine.request("GET", "/dump/ALL/ALL/json").body
            for name, dump in dumps.items():
                self.same(f"metrics at speed {name[0]} with {name[1]} shards", dump, dumps["1", 1])

    @case(300)
    def test_the_engine_tells_what_replay_tells(self):
        file = capture("ecmp.pcap")
        lines = replay(file, self.define, 2)
        with Engine(f"-Dsflow.file={file}", "-Dsflow.file.speed=max", f"-Ddefine.file={self.define}",
                    "-Devents.max=1000000", "-Dflows.max=1000000") as engine:
            engine.wait_received(len(Capture(file).packets), 120)
            self.settled(engine, "events", records(lines, "event"))
            self.settled(engine, "flows", records(lines, "flow"))

    def settled(self, engine, resource, expected):
        """The log of the engine becomes `expected` (oldest first), and nothing more."""
        def read():
            found = engine.get(f"/{resource}/json")
            found.reverse()
            return found

        try:
            until(resource, lambda: len(read()) >= len(expected), 20)
        except AssertionError:
            pass
        found = read()
        for number, (got, want) in enumerate(zip(found, expected)):
            if got != want:
                self.fail(f"{resource} {number}\n  is     {got}\n  wanted {want}")
        self.assertEqual(len(found), len(expected), resource)
