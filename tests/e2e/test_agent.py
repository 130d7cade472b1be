"""The host agent: what it sends of itself, of its interfaces, and of packets sampled on a veth while iperf3 sends."""
import json
import math
import os
import pathlib
import pwd
import shutil
import socket
import struct
import subprocess
import tempfile
import time
import unittest

from agent import PROGRAM, Agent, Namespaces, call, device, find
from sflow_listener import NO_INTERFACE, Counters, Flow, Listener, if_counters
from weir import Engine, case, run, until


def config(port, body, polling=1):
    return f"sFlow {{ polling={polling} collector {{ ip=127.0.0.1 udpport={port} }}\n{body}\n}}\n"


class Command(unittest.TestCase):
    def run_agent(self, *options):
        return subprocess.run([PROGRAM, *options], capture_output=True, text=True, timeout=60)

    def test_check_names_line_and_nearest_word(self):
        folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        bad = folder / "bad.conf"
        bad.write_text("sFlow {\n collector { ip=127.0.0.1 }\n pcapp { speed=1G-1T }\n}\n")
        result = self.run_agent("--check", "-f", str(bad))
        self.assertEqual(result.returncode, 1)
        self.assertIn(f'ERROR: {bad}:3: "pcapp" is not a block of sFlow {{ }}; did you mean "pcap"?', result.stderr)
        good = folder / "good.conf"
        good.write_text("sFlow {\n collector { ip=127.0.0.1 }\n pcap { dev=lo }\n xen { }\n}\n")
        result = self.run_agent("--check", "-f", str(good))
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("xen { } has no effect", result.stderr)
        self.assertIn("lo: 1 packet in 400 (sampling, as its speed is unknown)", result.stdout)
        self.assertEqual(self.run_agent("--check", "-f", str(folder / "none.conf")).returncode, 1)

    def test_version_and_help(self):
        self.assertRegex(self.run_agent("-v").stdout, r"^weir-agent \d")
        self.assertIn("--check", self.run_agent("-h").stdout)
        self.assertEqual(self.run_agent("--nope").returncode, 2)


class Host(Namespaces):
    @case(60)
    def test_counters_of_host_and_interfaces_reach_the_engine(self):
        self.connect()
        with Engine() as engine, Agent(config(engine.sflow_port, "pcap { dev=veth0 }")) as agent:
            metrics = lambda name: engine.get(f"/metric/ALL/{name}/json")[0].get("metricValue")  # noqa: E731
            until("host counters", lambda: metrics("max:mem_total"))
            until("interface counters", lambda: metrics("max:ifspeed"))
            self.assertEqual(metrics("max:ifspeed"), 10_000_000_000)
            memory = int(pathlib.Path("/proc/meminfo").read_text().split()[1]) * 1024
            self.assertEqual(metrics("max:mem_total"), memory)
            agents = engine.get("/agents/json")
            self.assertEqual(list(agents), ["10.8.0.1"], "the address of the veth, not of loopback")
            row = agents["10.8.0.1"]
            self.assertEqual([row[name] for name in row if "Errors" in name or "Lost" in name and row[name]], [])
            text = agent.auto.read_text()
            self.assertIn(f"collector=127.0.0.1 {engine.sflow_port}\n", text)
            self.assertIn("agentIP=10.8.0.1\nagent=veth0\n", text)

    @case(60)
    def test_runs_as_nobody_and_says_that_it_runs(self):
        folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        pid = folder / "agent.pid"
        pid.write_text("1\n")  # of a run that crashed
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify, Listener() as listener:
            notify.bind(str(folder / "notify"))
            folder.chmod(0o755), (folder / "notify").chmod(0o777)  # as systemd's own: it is told by nobody
            notify.settimeout(30)
            os.environ["NOTIFY_SOCKET"] = str(folder / "notify")
            self.addCleanup(os.environ.pop, "NOTIFY_SOCKET", None)
            with Agent(config(listener.port, ""), "-p", pid) as agent:
                self.assertEqual(notify.recv(100), b"READY=1")
                status = dict(line.split(":", 1) for line in pathlib.Path(f"/proc/{agent.process.pid}/status").read_text().splitlines())
                self.assertEqual(set(status["Uid"].split()), {str(pwd.getpwnam("nobody").pw_uid)})
                allowed = {2, 12, 13, 39}  # CAP_DAC_READ_SEARCH, CAP_NET_ADMIN, CAP_NET_RAW, CAP_BPF
                kept = {bit for bit in range(64) if int(status["CapPrm"], 16) >> bit & 1}
                self.assertLessEqual(kept, allowed)
                self.assertEqual(status["NoNewPrivs"].strip(), "1")
                self.assertEqual(int(pid.read_text()), agent.process.pid)
                until("counters", lambda: listener.all(Counters))

    @case(60)
    def test_reload_keeps_numbers_and_changes_live_taps(self):
        self.connect()
        with Listener() as listener, Agent(config(listener.port, "pcap { dev=veth0 sampling=1 }")) as agent:
            ping = self.background(find("ping"), "-q", "-i", "0.02", "10.8.0.2")
            until("samples", lambda: len(listener.all(Flow)) > 20)
            agent.reload(config(listener.port, "pcap { dev=veth0 sampling=3 }", polling=2))
            until("the new rate", lambda: any(f.rate == 3 for f in listener.all(Flow)))
            agent.write("sFlow { collector { } }")
            agent.process.send_signal(1)
            agent.wait_log("the old configuration stays in force")
            count = len(listener.all(Flow))
            until("samples after a bad reload", lambda: len(listener.all(Flow)) > count)
            ping.terminate()
            rates = [f.rate for f in listener.all(Flow)]
            self.assertEqual(rates, sorted(rates), "no sample of the old rate after the first of the new one")
            self.assertEqual(listener.faults, [])

    @case(60)
    def test_what_was_given_up_at_the_start_is_named_when_a_reload_needs_it(self):
        with Listener() as listener, Agent(config(listener.port, "")) as agent:
            agent.reload(config(listener.port, "dropmon { } tcp { } docker { }"))
            agent.wait_log("dropmon { } needs CAP_PERFMON, which was dropped at the start; restart weir-agent")
            agent.wait_log("needs CAP_SYS_PTRACE")
            until("counters", lambda: listener.all(Counters))

    @case(60)
    def test_devices_that_come_and_go(self):
        with Listener() as listener, Agent(config(listener.port, "pcap { dev=veth0 sampling=1 }")) as agent:
            for _ in range(2):
                agent_taps = sum("Sampling packets on veth0" in line for line in agent.log)
                index = self.connect()
                agent.wait_log("Sampling packets on veth0", count=agent_taps + 1)
                call("ping", "-q", "-c", "5", "-i", "0.05", "10.8.0.2")
                until("samples", lambda: any(f.source == (0, index) for f in listener.all(Flow)))
                until("counters", lambda: any(c.source == (0, index) for c in listener.all(Counters)))
                gone = sum("No longer sampling" in line for line in agent.log)
                call("ip", "link", "delete", "veth0")
                agent.wait_log("No longer sampling packets on veth0", count=gone + 1)
            self.assertEqual(listener.faults, [])

    @case(60)
    def test_collectors_fail_without_harm(self):
        """Nobody listens, no route, a name that does not exist: the good collector gets everything, over IPv6 too."""
        self.connect()
        with Listener("::1") as listener, Agent("sFlow { polling=1 collector { ip=192.0.2.1 } collector { ip=no.such.name.invalid }\n"
                                                f"collector {{ ip=::1 udpport={listener.port} }} pcap {{ dev=veth0 sampling=1 }} }}") as agent:
            until("counters", lambda: len(listener.all(Counters)) > 5)
            agent.wait_log("cannot send to 192.0.2.1")
            agent.wait_log("cannot resolve the collector no.such.name.invalid")
            self.assertEqual(listener.faults, [])


class Packets(Namespaces):
    def sent(self, f):
        return f.output == self.index

    def measure(self, listener, agent, *options):
        """Runs iperf3 towards the peer. Gives its report, our device's counters before and after, and the samples of it."""
        self.iperf_server()
        before = device("veth0")
        start = len(listener.datagrams)
        cpu = agent.cpu_seconds()
        report = json.loads(call("iperf3", "-c", "10.8.0.2", "-J", *options))
        cpu = agent.cpu_seconds() - cpu
        time.sleep(1.5)  # what is in a ring or a datagram leaves within 1.02 s
        after = device("veth0")
        flows = [s for d in listener.datagrams[start:] for s in d.samples if isinstance(s, Flow)]
        print(f"{len(flows)} samples, agent CPU {cpu:.2f} s")
        return report, [a - b for a, b in zip(after, before)], flows

    def compare(self, what, estimate, truth, bound=0.03):
        print(f"{what}: estimated {estimate}, true {truth} ({100 * (estimate / truth - 1):+.2f} %)")
        self.assertLess(abs(estimate / truth - 1), bound, what)

    def check_directions(self, flows):
        for f in flows:
            self.assertEqual(f.source, (0, self.index))
            into, out = (NO_INTERFACE, self.index) if f.output == self.index else (self.index, NO_INTERFACE)
            self.assertEqual((f.input, f.output), (into, out))
            if len(f.header) >= 34 and f.header[12:14] == b"\x08\x00":
                address = f.header[26:30] if self.sent(f) else f.header[30:34]
                self.assertEqual(address, bytes([10, 8, 0, 1]), "our address is the source of what we send, the destination of what we receive")

    @case(120, "timing", "alone")
    def test_udp_estimates_are_those_of_the_interface(self):
        self.index = self.connect()
        with Listener() as listener, Agent(config(listener.port, "pcap { dev=veth0 sampling=10 }", polling=20)) as agent:
            agent.wait_log("Sampling packets on veth0")
            report, counted, flows = self.measure(listener, agent, "-u", "-b", "200M", "-l", "1200", "-t", "30")
            out = [f for f in flows if self.sent(f)]
            self.compare("packets sent", sum(f.rate for f in out), counted[3])
            self.compare("octets sent", sum(f.rate * (f.frame_length - 4) for f in out), counted[2])
            self.check_directions(flows)
            # The pool is the kernel's count of packets, not an estimate.
            pool = flows[-1].pool - flows[0].pool
            self.compare("pool", pool, counted[1] + counted[3], 0.005)
            self.assertEqual(flows[-1].drops, 0)
            self.assertEqual(listener.faults, [])
            self.assertLessEqual(max(len(d.octets) for d in listener.datagrams), 1400)
            full = [len(d.octets) for d in listener.datagrams if len(d.samples) > 3]
            self.assertGreater(sum(full) / len(full), 1150, "datagrams are filled well")
            self.check_by_others(listener)

    @case(120, "timing", "alone")
    def test_super_packets_are_reported_as_frames_of_the_wire(self):
        self.index = self.connect()
        with Listener() as listener, Agent(config(listener.port, "pcap { dev=veth0 sampling=10 }", polling=20)) as agent:
            agent.wait_log("Sampling packets on veth0")
            report, counted, flows = self.measure(listener, agent, "-b", "300M", "-t", "20")
            sent = report["end"]["sum_sent"]["bytes"]
            mss = report["start"]["tcp_mss_default"]
            out = [f for f in flows if self.sent(f)]
            # Not the few other packets that a new link sees.
            data = [f for f in out if f.frame_length > 80 and f.header[12:14] == b"\x08\x00" and f.header[23] == 6]
            segments = math.ceil(sent / mss)
            print(f"super-packets: the device counted {counted[3]} packets, the wire would have had {segments}")
            self.assertLess(counted[3], segments, "offload was on, or this shows nothing")
            self.assertLessEqual(max(f.frame_length for f in flows), 1500 + 18)
            self.compare("segments", sum(f.rate for f in data), segments)
            self.compare("octets", sum(f.rate * f.frame_length for f in data), sent + segments * (14 + 20 + 32 + 4))
            self.assertEqual({f.rate for f in flows}, {10})
            self.check_directions(flows)
            self.assertEqual(listener.faults, [])
            self.assertEqual(flows[-1].drops, 0)
            # What each sample says of itself agrees: the length of IP and that of the frame.
            for f in data:
                self.assertEqual(int.from_bytes(f.header[16:18], "big") + 18, f.frame_length)

    def check_by_others(self, listener):
        """weir decode and tshark find nothing wrong with what was sent."""
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "sent.pcap"
            datagrams = listener.datagrams[:2000]
            write_capture(path, [d.octets for d in datagrams], listener.port)
            decoded = run("decode", path).stdout.splitlines()
            self.assertEqual(len(decoded), len(datagrams))
            self.assertEqual([line for line in decoded if '"fault"' in line], [], "weir decode finds nothing wrong")
            if shutil.which("tshark") is None:
                print("tshark is not installed: its opinion was not asked")
                return
            # tshark 4.0 does not step over counter records that it does not know, as all those of a host.
            of_host = lambda d: any(isinstance(s, Counters) and s.source[0] != 0 for s in d.samples)  # noqa: E731
            datagrams = [d for d in datagrams if not of_host(d)]
            write_capture(path, [d.octets for d in datagrams], listener.port)
            lines = call("tshark", "-r", path, "-d", f"udp.port=={listener.port},sflow", "-T", "fields", "-e", "sflow_245.version",
                         "-e", "sflow_245.sequence_number", "-e", "_ws.malformed").splitlines()
            self.assertEqual(len(lines), len(datagrams))
            for line, datagram in zip(lines, datagrams):
                version, sequence, malformed = (line.split("\t") + ["", ""])[:3]
                self.assertEqual(version, "5")
                self.assertEqual(int(sequence.split(",")[0]), datagram.sequence)
                self.assertEqual(malformed, "")
            print(f"tshark decoded {len(datagrams)} datagrams")


def write_capture(path, payloads, port):
    """A pcap of UDP datagrams over raw IPv4."""
    out = [struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 101)]
    for i, payload in enumerate(payloads):
        ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 28 + len(payload), i & 0xFFFF, 0, 64, 17, 0, bytes([127, 0, 0, 1]), bytes([127, 0, 0, 1]))
        packet = ip + struct.pack(">HHHH", 50000, port, 8 + len(payload), 0) + payload
        out.append(struct.pack("<IIII", i, 0, len(packet), len(packet)) + packet)
    path.write_bytes(b"".join(out))
