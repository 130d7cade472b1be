"""Flow definitions against an exact computation over the reference decoder's JSON: filters sample by sample, rates within 1 %."""
import collections
import json
import subprocess
import tempfile
import unittest
from pathlib import Path

from oracle import definitions, language, rates, samples, synthetic
from weir import PROGRAM, capture, case

CAPTURES = ("ecmp.pcap", "overflowd-single-agent.pcap", "oxyflow-multi-agent-1.pcap", "encap-headers.pcap", "akvorado-1140.pcap",
            "akvorado-discard-interface.pcap", "akvorado-multiple-interfaces.pcap", "akvorado-icmpv4.pcap", "akvorado-raw-ipv4.pcap",
            "goflow2-expanded-switch.pcap", "telegraf-issue-15918.pcap", "vflow-flow-sample.pcap", "ndpi-sflow.pcap")

TOP_KEYS = 20  # a metric lists no more of its flows, whatever n is

# What the reference prints of the outermost header, and our key of it.
REFERENCE = (("dstMAC", "macdestination", str.upper), ("srcMAC", "macsource", str.upper), ("srcIP", "ipsource", str), ("dstIP", "ipdestination", str),
             ("TCPSrcPort", "tcpsourceport", str), ("TCPDstPort", "tcpdestinationport", str), ("UDPSrcPort", "udpsourceport", str),
             ("UDPDstPort", "udpdestinationport", str), ("TCPFlags", "tcpflags", lambda v: f"{int(v):08b}"), ("ICMPType", "icmptype", str),
             ("ip.tot_len", "ipbytes", str), ("decodedVLAN", "vlan", str))


def tables():
    ports = {(node["agent"], port): definition["ifindex"] for node in definitions.TOPOLOGY["nodes"].values()
             for port, definition in node["ports"].items()}
    links = {}
    for name, link in definitions.TOPOLOGY["links"].items():
        for end in ("1", "2"):
            agent = definitions.TOPOLOGY["nodes"][link["node" + end]]["agent"]
            links[agent, ports[agent, link["port" + end]]] = name
    return language.Tables(definitions.GROUPS, definitions.MAPS, links)


def traffic(folder):
    """(name, capture, flow samples, end) of every capture; the last is made here."""
    for name in CAPTURES:
        path = capture(name)
        read, end, others = samples.of(samples.read(path))
        if others:
            raise AssertionError(f"{name}: {others} flow samples without a header: the oracle is no judge of it")
        yield name, path, read, end
    path = folder / "synthetic.pcap"
    read, end, _ = samples.of(synthetic.make(path))
    yield path.name, path, read, end


def replay(path, flows):
    """(metrics, flow records) of the real program."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "define.json"
        file.write_text(json.dumps({"flows": flows, "groups": definitions.GROUPS, "maps": definitions.MAPS, "topology": definitions.TOPOLOGY}))
        run = subprocess.run([PROGRAM, "replay", path, "--define", file, "--dump"], capture_output=True, text=True, check=True)
    lines = [json.loads(line) for line in run.stdout.splitlines()]
    return [line["metric"] for line in lines if "metric" in line], [line["flow"] for line in lines if "flow" in line]


class Oracle(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    @case(120)
    def test_reads_what_the_reference_reads(self):
        compared = 0
        for name in CAPTURES:
            for sample in samples.of(samples.read(capture(name)))[0]:
                for theirs, ours, form in REFERENCE:
                    if theirs in sample.reference and sample.keys.get(ours) and isinstance(sample.reference[theirs], str):
                        own = sample.keys[ours][0]
                        self.assertEqual(own[-8:] if ours == "tcpflags" else own, form(sample.reference[theirs]), (name, sample.identity, theirs))
                        compared += 1
        print(f"{compared} fields of the reference compared")
        self.assertGreater(compared, 300_000)

    @case(240)
    def test_filters_decide_alike_sample_by_sample(self):
        filters = {name: definition["filter"] for name, definition in definitions.ALL.items() if definition.get("filter")}
        self.assertGreater(len(filters), 20)
        # A flow of its own for each sample, told at its start: the flow records are the samples that the filter let pass.
        flows = {name: {"keys": "agent,datasource,sampleseqno,samplepool", "value": "frames", "filter": text, "log": True, "flowStart": True,
                        "n": 1000} for name, text in filters.items()}
        found = tables()
        decided = left_out = 0
        passed = dict.fromkeys(filters, 0)
        for capture_name, path, read, _ in traffic(self.folder):
            known = {s.identity for s in read if s.known}
            left_out += len(read) - len(known)
            records = replay(path, flows)[1]
            for name, text in filters.items():
                ours = {tuple(r["flowKeys"].split(",")) for r in records if r["name"] == name}
                decide = language.Filter(text, found).decide
                theirs = {s.identity for s in read if s.known and decide(s)}
                self.assertEqual(sorted(ours & known ^ theirs)[:5], [], f"{capture_name}: {name}: {text}")
                decided += len(known)
                passed[name] += len(theirs)
        print(f"{decided} decisions of {len(filters)} filters alike, {sum(passed.values())} of them to count; "
              f"{left_out} samples left out whose header the oracle does not know to its end")
        self.assertEqual([name for name, number in passed.items() if number == 0], [], "filters that let nothing pass")
        self.assertLess(left_out, 150)

    @case(240)
    def test_rates_are_within_a_percent(self):
        found = tables()
        self.compared, self.worst = 0, 0.0
        for capture_name, path, read, end in traffic(self.folder):
            if not all(s.known for s in read):
                continue
            counted = {name: rates.counted(definition, read, found) for name, definition in definitions.ALL.items()}
            # As they are, when the capture ends; and with the longest memory, so that every sample of it counts.
            for t in (None, 600):
                flows = {name: {**d, "n": 1000, "log": False, **({"t": t} if t else {})} for name, d in definitions.ALL.items()}
                metrics = replay(path, flows)[0]
                for name, definition in flows.items():
                    with self.subTest(capture=capture_name, definition=name, t=definition.get("t", 2)):
                        own = [metric for metric in metrics if metric["metricName"] == name]
                        self.compare(definition, rates.flows(definition, counted[name], end), own, end)
        print(f"{self.compared} values of flows compared, largest difference {self.worst:.1e}")
        self.assertGreater(self.compared, 3_000)

    def compare(self, definition, expected, metrics, end):
        pooled = definition.get("aggMode") == "AGENT"
        shown = {(m["agent"], "" if pooled else m["dataSource"], top["key"]): top for m in metrics for top in m.get("topKeys", ())}
        self.assertEqual(sorted(set(shown) - set(expected))[:5], [])
        listed = {}
        for flow, top in shown.items():
            listed.setdefault(flow[:2], []).append(top["value"])
        for flow, (values, last) in expected.items():
            if flow in shown:
                self.compare_values(definition, flow, values, shown[flow])
            elif end - last < 9 * float(definition.get("t", 2)):  # silent ones are forgotten after 10
                others = listed.get(flow[:2], [])
                if len(others) < TOP_KEYS or values[0] > min(others) * 1.01:
                    self.fail(f"{flow} is not there, its value is {values[0]}")

    def compare_values(self, definition, flow, values, top):
        names = rates.values_of(definition)
        own = (top["value"], *top.get("values", []))
        self.assertEqual(len(own), len(names), flow)
        for name, value, shown in zip(names, values, own):
            if name.startswith("count:"):
                continue  # two windows, not a smoothed sum: tests/unit/flow/distinct_counter_test.cpp
            self.assertAlmostEqual(shown, value, delta=max(abs(value) * 0.01, 1e-6), msg=f"{name} of {flow}")
            self.compared += 1
            self.worst = max(self.worst, abs(shown - value) / abs(value) if value else 0.0)
