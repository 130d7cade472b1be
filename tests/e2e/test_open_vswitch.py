"""Live traffic from a sender we did not write: Open vSwitch switches and samples in user space while iperf3 sends.

Everything happens in network namespaces that end with this test: one for the switch and the engine, one for each host.
"""
import ctypes
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import tempfile
import time
import unittest

from weir import ROOT, Engine, case, until

CLONE_NEWNET = 0x40000000
SAMPLING, SECONDS, MBIT = 10, 20, 200
# Octets of a full segment: as payload, and on the wire with Ethernet, IPv4 and TCP (timestamps) headers and the
# checksum that sFlow counts.
PAYLOAD, FRAME = 1448, 1518


def find(name):
    """A program: installed, or unpacked by ./dev into build/peers."""
    unpacked = ROOT / "build/peers"
    for folder in ("usr/bin", "usr/sbin", "usr/lib/openvswitch-switch"):
        if (unpacked / folder / name).exists():
            return str(unpacked / folder / name)
    if path := shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin"):
        return path
    raise unittest.SkipTest(f"no {name} (Debian packages openvswitch-switch, openvswitch-common, iperf3, iproute2, ethtool)")


def schema():
    for root in (ROOT / "build/peers", pathlib.Path("/")):
        path = root / "usr/share/openvswitch/vswitch.ovsschema"
        if path.exists():
            return path
    raise unittest.SkipTest("no vswitch.ovsschema (Debian package openvswitch-switch)")


class OpenVSwitch(unittest.TestCase):
    def setUp(self):
        self.tools = {name: find(name) for name in ("ip", "ethtool", "iperf3", "nsenter", "unshare", "ovsdb-tool", "ovsdb-server", "ovs-vswitchd", "ovs-vsctl")}
        self.schema = schema()
        if os.geteuid() != 0:
            self.skipTest("needs root, to make network namespaces")
        if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNET) != 0:
            self.skipTest(f"no network namespaces here: {os.strerror(ctypes.get_errno())}")
        folder = tempfile.TemporaryDirectory(prefix="ovs")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.environment = os.environ | {name: str(self.folder) for name in ("OVS_RUNDIR", "OVS_LOGDIR", "OVS_DBDIR")}

    def call(self, name, *arguments):
        result = subprocess.run([self.tools[name], *map(str, arguments)], capture_output=True, text=True, env=self.environment, timeout=60)
        if result.returncode != 0:
            raise AssertionError(f"{name} {arguments}: {result.stdout}{result.stderr}")
        return result.stdout

    def background(self, *command, name):
        with open(self.folder / f"{name}.out", "w") as out:
            process = subprocess.Popen(command, stdout=out, stderr=out, env=self.environment)

        def end():
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

        self.addCleanup(end)
        return process

    def start_switch(self, target):
        database, socket = self.folder / "conf.db", self.folder / "db.sock"
        self.call("ovsdb-tool", "create", database, self.schema)
        self.background(self.tools["ovsdb-server"], database, f"--remote=punix:{socket}", name="ovsdb-server")
        until("the database", socket.exists)
        vsctl = lambda *arguments: self.call("ovs-vsctl", f"--db=unix:{socket}", "--timeout=30", *arguments)  # noqa: E731
        vsctl("--no-wait", "init")
        self.background(self.tools["ovs-vswitchd"], f"unix:{socket}", name="ovs-vswitchd")
        vsctl("add-br", "br0", "--", "set", "bridge", "br0", "datapath_type=netdev")
        hosts = [self.host(number, vsctl) for number in (1, 2)]
        vsctl("--", "--id=@s", "create", "sflow", "agent=lo", f'target="{target}"', "header=128", f"sampling={SAMPLING}", "polling=2",
              "--", "set", "bridge", "br0", "sflow=@s")
        return hosts

    def host(self, number, vsctl):
        """A namespace with address 10.9.0.<number>, connected to the bridge; returns the pid to enter it by."""
        process = self.background(self.tools["unshare"], "-n", "sleep", "600", name=f"host{number}")
        mine = os.readlink("/proc/self/ns/net")
        until("a namespace", lambda: os.readlink(f"/proc/{process.pid}/ns/net") != mine)
        self.call("ip", "link", "add", f"port{number}", "type", "veth", "peer", "name", f"host{number}")
        self.call("ip", "link", "set", f"host{number}", "netns", process.pid)
        inside = ("-t", process.pid, "-n")
        self.call("nsenter", *inside, self.tools["ip"], "address", "add", f"10.9.0.{number}/24", "dev", f"host{number}")
        self.call("nsenter", *inside, self.tools["ip"], "link", "set", f"host{number}", "up")
        # The switch in user space sees frames as they would be on a wire: no open checksums, no giant segments.
        self.call("nsenter", *inside, self.tools["ethtool"], "-K", f"host{number}", "tx", "off")
        self.call("ip", "link", "set", f"port{number}", "up")
        vsctl("add-port", "br0", f"port{number}")
        return process.pid

    @case(180, "timing", "alone")
    def test_rates_are_those_that_iperf3_sent(self):
        self.call("ip", "link", "set", "lo", "up")
        with Engine() as engine:
            engine.put("/flow/pair/json", {"keys": "ipsource,ipdestination", "value": "bytes"})
            one, two = self.start_switch(f"127.0.0.1:{engine.sflow_port}")
            self.background(self.tools["nsenter"], "-t", str(two), "-n", self.tools["iperf3"], "-s", name="server")
            self.wait_for_server(two)
            client = subprocess.Popen([self.tools["nsenter"], "-t", str(one), "-n", self.tools["iperf3"], "-c", "10.9.0.2", "-J",
                                       "-t", str(SECONDS), "-b", f"{MBIT}M"], stdout=subprocess.PIPE, text=True)
            self.addCleanup(client.stdout.close)
            started, rates = time.monotonic(), []
            while client.poll() is None and time.monotonic() < started + SECONDS + 30:
                time.sleep(0.5)
                # Smoothing takes five time constants of 2 s to settle.
                if 10 < time.monotonic() - started < SECONDS:
                    flows = {f["key"]: f["value"] for f in engine.get("/activeflows/ALL/pair/json")}
                    rates.append(flows.get("10.9.0.1,10.9.0.2", 0))
            self.assertEqual(client.wait(10), 0)
            sent = json.load(client.stdout)["end"]["sum_sent"]["bits_per_second"] / 8 * FRAME / PAYLOAD
            measured = statistics.fmean(rates)
            samples = sum(a["sFlowFlowSamples"] for a in engine.get("/agents/json").values())
            print(f"iperf3 sent {sent * 8e-6:.1f} Mbit/s on the wire, activeflows said {measured * 8e-6:.1f} "
                  f"({100 * (measured / sent - 1):+.1f} %), each reading within {100 * max(abs(r / sent - 1) for r in rates):.1f} %; {samples} samples")
            self.assertGreater(len(rates), 10)
            self.assertLess(abs(measured / sent - 1), 0.10)

    def wait_for_server(self, pid):
        listening = lambda: any(row.split()[3] == "0A" for table in ("tcp", "tcp6")  # noqa: E731
                                for row in open(f"/proc/{pid}/net/{table}").read().splitlines()[1:])
        until("iperf3 -s", listening)
