#!/usr/bin/env python3
"""What the host agent costs: its CPU when idle, and for each sampled packet at some 10,000 samples a second.

    bench_agent.py build/release/bin/weir        (weir-agent stands beside it)

Needs root, for network namespaces, and iperf3. Everything happens in namespaces that end with the program.
"""
import os
import pathlib
import sys
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
os.environ["WEIR_AGENT_PROGRAM"] = str(pathlib.Path(sys.argv[1]).resolve().parent / "weir-agent")
sys.path[:0] = [str(ROOT / "tests/e2e")]
sys.argv[1:] = []
from agent import Agent, Namespaces, call  # noqa: E402
from sflow_listener import Flow, Listener  # noqa: E402

SECONDS = 20


class Cost(Namespaces):
    def memory(self, agent):
        for line in pathlib.Path(f"/proc/{agent.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024

    def run_case(self, name, body, *traffic):
        self.connect()
        with Listener() as listener, Agent(f"sFlow {{ polling=10 collector {{ ip=127.0.0.1 udpport={listener.port} }} {body} }}") as agent:
            agent.wait_log("Sampling packets on veth0")
            if traffic:
                self.iperf_server()
            time.sleep(1)
            cpu, start = agent.cpu_seconds(), time.monotonic()
            if traffic:
                call("iperf3", "-c", "10.8.0.2", "-t", SECONDS, *traffic)
            else:
                time.sleep(SECONDS)
            cpu, elapsed = agent.cpu_seconds() - cpu, time.monotonic() - start
            time.sleep(1.2)
            flows = listener.all(Flow)
            each = f", {1e6 * cpu / len(flows):.1f} us a sample" if flows else ""
            drops = f", {flows[-1].drops} dropped" if flows else ""
            print(f"{name:28} {100 * cpu / elapsed:6.2f} % of a core, {len(flows) / elapsed:7.0f} samples/s{each}{drops}, {self.memory(agent):.1f} MB")
            self.assertEqual(listener.faults, [])

    def test_1_idle(self):
        self.run_case("idle", "pcap { dev=veth0 sampling=1000 }")

    def test_2_udp(self):
        self.run_case("UDP, 1 in 2", "pcap { dev=veth0 sampling=2 }", "-u", "-b", "200M", "-l", "1200")

    def test_3_tcp_with_state(self):
        self.run_case("TCP, 1 in 5, with tcp { }", "pcap { dev=veth0 sampling=5 } tcp { }", "-b", "500M")


unittest.main(verbosity=0)
