"""The host agent's other sources: firewall samples, connections with a known round-trip time, drops, DNS-SD, JSON."""
import fcntl
import json
import os
import pathlib
import socket
import statistics
import struct
import subprocess
import tempfile
import threading
import time
import unittest

from agent import PROGRAM, Agent, Namespaces, Network, call, find, unshare_mounts
from sflow_listener import NO_INTERFACE, Counters, Discard, Flow, Listener, tcp_info
from weir import ROOT, case, free_port, until

TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 0x0001, 0x1000


def config(port, body, polling=1):
    return f"sFlow {{ polling={polling} collector {{ ip=127.0.0.1 udpport={port} }}\n{body}\n}}\n"


class DelayedLink:
    """Two TUN devices and a thread that carries packets from one to the other, each `delay` seconds later: this kernel may
    have no netem."""

    def __init__(self, here, there, delay):
        self.fds, self.delay, self.ending = [here, there], delay, threading.Event()
        self.threads = [threading.Thread(target=self._carry, args=pair, daemon=True) for pair in ((here, there), (there, here))]
        for thread in self.threads:
            thread.start()

    def _carry(self, source, target):
        waiting = []
        os.set_blocking(source, False)
        while not self.ending.is_set():
            try:
                while True:
                    waiting.append((time.monotonic() + self.delay, os.read(source, 65536)))
            except BlockingIOError:
                pass
            while waiting and waiting[0][0] <= time.monotonic():
                os.write(target, waiting.pop(0)[1])
            time.sleep(0.0005)

    def close(self):
        self.ending.set()
        for thread in self.threads:
            thread.join()
        for fd in self.fds:
            os.close(fd)


def tun(name):
    fd = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(fd, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TUN | IFF_NO_PI))
    return fd


class Connections(Namespaces):
    def delayed_link(self, delay):
        if not pathlib.Path("/dev/net/tun").exists():
            self.skipTest("no /dev/net/tun here")
        here = tun("slow0")
        with Network(f"/proc/{self.peer.pid}/ns/net"):
            there = tun("slow1")
        call("ip", "address", "add", "10.7.0.1", "peer", "10.7.0.2", "dev", "slow0")
        call("ip", "link", "set", "slow0", "up")
        self.inside("ip", "address", "add", "10.7.0.2", "peer", "10.7.0.1", "dev", "slow1")
        self.inside("ip", "link", "set", "slow1", "up")
        link = DelayedLink(here, there, delay)
        self.addCleanup(link.close)
        return int(call("ip", "-o", "link", "show", "slow0").split(":")[0])

    @case(90, "timing")
    def test_round_trip_time_is_that_of_the_link(self):
        delay = 0.020
        index = self.delayed_link(delay)
        with Listener() as listener, Agent(config(listener.port, "pcap { dev=slow0 sampling=5 } tcp { }", 30)) as agent:
            agent.wait_log("Sampling packets on slow0")
            self.iperf_server()
            call("iperf3", "-c", "10.7.0.2", "-b", "4M", "-t", "8")
            time.sleep(1.5)
            flows = [f for f in listener.all(Flow) if f.header[9:10] == b"\x06"]
            known = [(f, tcp_info(f.records[2209])) for f in flows if 2209 in f.records]
            rtts = [info["rtt"] / 1e6 for _, info in known]
            print(f"{len(flows)} TCP samples, {len(known)} with connection; round-trip time {statistics.median(rtts) * 1e3:.1f} ms, set {2 * delay * 1e3:.0f} ms")
            self.assertGreater(len(flows), 50)
            self.assertGreater(len(known) / len(flows), 0.9)
            self.assertLess(abs(statistics.median(rtts) / (2 * delay) - 1), 0.2)
            self.assertLess(abs(statistics.median(info["min_rtt"] for _, info in known) / 1e6 / (2 * delay) - 1), 0.2)
            for f, info in known:
                self.assertEqual(info["dirn"], 2 if f.output == index else 1)
                self.assertGreater(info["snd_mss"], 500)
            self.assertEqual({f.protocol for f in flows}, {11}, "this device has no Ethernet header")
            self.assertEqual({f.stripped for f in flows}, {4})
            self.assertLessEqual(max(f.frame_length for f in flows), 1500 + 4)
            self.assertEqual(listener.faults, [])


class Ways(Namespaces):
    @case(60)
    def test_a_collector_in_another_namespace_and_behind_a_device(self):
        unshare_mounts()
        pathlib.Path("/var/run/netns").mkdir(exist_ok=True)
        call("mount", "-t", "tmpfs", "none", "/var/run/netns")
        call("ip", "netns", "attach", "other", self.peer.pid)
        self.connect()
        with Listener(in_network=Network("/var/run/netns/other")) as there, Listener("0.0.0.0", in_network=Network("/var/run/netns/other")) as peer:
            text = (f"sFlow {{ polling=1 collector {{ ip=127.0.0.1 udpport={there.port} namespace=other }}\n"
                    f"collector {{ ip=10.8.0.2 udpport={peer.port} dev=veth0 }} }}")
            with Agent(text) as agent:
                until("samples in the other namespace", lambda: there.all(Counters))
                until("samples through the device", lambda: peer.all(Counters))
                self.assertIn(f"collector=127.0.0.1/{there.port}//other\n", agent.auto.read_text())
                self.assertEqual(there.faults + peer.faults, [])


class Cgroups(Namespaces):
    def cgroup(self, path):
        """A folder in the hierarchy that has the names and in that of version 2; skips where there are none."""
        base = pathlib.Path("/sys/fs/cgroup")
        hierarchies = [base] if (base / "cgroup.controllers").exists() else [base / "systemd", base / "unified"]
        folders = [h / path for h in hierarchies]
        for folder in folders:
            try:
                made = [f for f in (folder.parent, folder) if not f.exists()]
                folder.mkdir(parents=True)
            except OSError as error:
                self.skipTest(f"cannot make a cgroup: {error}")
            for f in made:
                self.addCleanup(f.rmdir)
        return folders


class Services(Cgroups):
    @case(60)
    def test_a_connection_is_marked_with_its_service(self):
        index = self.connect()
        folders = self.cgroup("system.slice/weir-test.service")
        with Listener() as listener, Agent(config(listener.port, "pcap { dev=veth0 sampling=1 } tcp { } systemd { markTraffic=on }")) as agent:
            self.iperf_server()
            join = lambda: [f.joinpath("cgroup.procs").write_text(str(os.getpid())) for f in folders]  # noqa: E731
            client = subprocess.Popen([find("iperf3"), "-c", "10.8.0.2", "-b", "1M", "-t", "15"], stdout=subprocess.DEVNULL, preexec_fn=join)
            try:
                services = lambda: [c for c in listener.all(Counters) if c.source[0] == 3 and b"weir-test.service" in c.records[2000]]  # noqa: E731
                until("counters of the service", services)
                source = services()[0].source
                self.assertTrue(100_000 <= source[1] < 150_000)
                self.assertEqual(struct.unpack(">II", services()[0].records[2002]), (2, 1))
                marked = lambda: [f for f in listener.all(Flow) if 2210 in f.records]  # noqa: E731
                until("marked samples", lambda: len(marked()) > 10)
                for f in marked():
                    expected = (*source, 0, 0) if f.output == index else (0, 0, *source)
                    self.assertEqual(struct.unpack(">IIII", f.records[2210]), expected)
            finally:
                client.terminate()
                client.wait(10)


class Containers(Cgroups):
    """The peer namespace as a container's: one of its processes lives in a cgroup as Docker makes them."""
    ID = "c0ffee" + "0" * 58

    def routed_server(self):
        """A third namespace behind this one, 10.9.0.2, with iperf3 -s: what passes here is nobody's of this namespace."""
        other = self.background(find("unshare"), "-n", "sleep", "900")
        mine = os.readlink("/proc/self/ns/net")
        until("a namespace", lambda: os.readlink(f"/proc/{other.pid}/ns/net") != mine)
        there = lambda *command: [find("nsenter"), "-t", str(other.pid), "-n", find(command[0]), *map(str, command[1:])]  # noqa: E731
        call("ip", "link", "add", "veth1", "type", "veth", "peer", "name", "eth0", "netns", other.pid)
        call("ip", "address", "add", "10.9.0.1/24", "dev", "veth1")
        call("ip", "link", "set", "veth1", "up")
        for command in (("ip", "link", "set", "lo", "up"), ("ip", "address", "add", "10.9.0.2/24", "dev", "eth0"), ("ip", "link", "set", "eth0", "up"),
                        ("ip", "route", "add", "default", "via", "10.9.0.1")):
            subprocess.run(there(*command), check=True)
        self.inside("ip", "route", "add", "default", "via", "10.8.0.1")
        pathlib.Path("/proc/sys/net/ipv4/ip_forward").write_text("1")
        self.background(*there("iperf3", "-s"))
        until("iperf3 -s", lambda: " 0A " in pathlib.Path(f"/proc/{other.pid}/net/tcp6").read_text() + pathlib.Path(f"/proc/{other.pid}/net/tcp").read_text())

    @case(60)
    def test_connections_of_a_container_are_known_and_marked(self):
        index = self.connect()
        for folder in self.cgroup(f"docker/{self.ID}"):
            folder.joinpath("cgroup.procs").write_text(str(self.peer.pid))
            self.addCleanup(folder.parent.parent.joinpath("cgroup.procs").write_text, str(self.peer.pid))
        self.routed_server()
        with Listener() as listener, Agent(config(listener.port, "pcap { dev.pattern=veth0 dynamic=on sampling=5 } tcp { } docker { markTraffic=on }")):
            containers = lambda: [c for c in listener.all(Counters) if c.source[0] == 3]  # noqa: E731
            until("counters of the container", containers)
            self.assertIn(self.ID[:12].encode(), containers()[0].records[2000])
            source = containers()[0].source
            subprocess.run(self.inside_command("iperf3", "-c", "10.9.0.2", "-b", "20M", "-t", "4"), check=True, stdout=subprocess.DEVNULL, timeout=30)
            tcp = lambda: [f for f in listener.all(Flow) if f.header[12:14] == b"\x08\x00" and f.header[23] == 6]  # noqa: E731
            flows = until("the samples of 10 MB at 1 in 5", lambda: found if len(found := tcp()) > 1_000 else None)
            known = [(f, tcp_info(f.records[2209])) for f in flows if 2209 in f.records]
            print(f"{len(flows)} TCP samples, {len(known)} with the connection of the container")
            self.assertGreater(len(flows), 50)
            self.assertGreater(len(known) / len(flows), 0.9)
            for f, info in known:
                sent = f.header[26:30] == bytes([10, 8, 0, 2])
                self.assertEqual(f.input if sent else f.output, index, "what the container sends comes in here")
                self.assertEqual(info["dirn"], 2 if sent else 1, "the direction is that of its socket")
                self.assertGreater(info["snd_mss"], 500)
                self.assertEqual(struct.unpack(">IIII", f.records[2210]), (*source, 0, 0) if sent else (0, 0, *source))
            self.assertGreater(max(info["rtt"] for _, info in known), 0)
            self.assertEqual(listener.faults, [])


    @case(60)
    def test_names_of_containers_come_from_docker(self):
        """A stand-in for Docker on its socket, which only its group may open; it comes after the agent."""
        unshare_mounts()
        call("mount", "-t", "tmpfs", "-o", "mode=755", "none", os.path.realpath("/var/run"))
        self.addCleanup(call, "umount", os.path.realpath("/var/run"))
        for folder in self.cgroup(f"docker/{self.ID}"):
            folder.joinpath("cgroup.procs").write_text(str(self.peer.pid))
            self.addCleanup(folder.parent.parent.joinpath("cgroup.procs").write_text, str(self.peer.pid))
        listing = json.dumps([{"Id": self.ID, "Names": ["/web"], "State": "running"}]).encode()
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as docker:
            docker.bind("/var/run/docker.sock")
            os.chown("/var/run/docker.sock", 0, 1), os.chmod("/var/run/docker.sock", 0o660)
            with Listener() as listener, Agent(config(listener.port, "docker { }")) as agent:
                agent.wait_log("docker { }: containers are named by their ids: /var/run/docker.sock: Connection refused; trying again")
                docker.listen()

                def serve():
                    client, _ = docker.accept()
                    with client:
                        client.recv(4096)
                        client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(listing) + listing)

                threading.Thread(target=serve, daemon=True).start()
                names = lambda: {c.records[2000][4:4 + c.records[2000][3]] for c in listener.all(Counters) if c.source[0] == 3}  # noqa: E731
                until("counters of the container", lambda: self.ID[:12].encode() in names())
                until("its name", lambda: b"web" in names(), 20)
                self.assertEqual(listener.faults, [])


class Firewall(Namespaces):
    @case(60, "timing")
    def test_nflog_samples(self):
        index = self.connect()
        with Listener() as listener, Agent(config(listener.port, "sampling=10 nflog { group=5 probability=0.1 }", 30)) as agent:
            agent.wait_log("Sampling packets of NFLOG group 5")
            call("nft", "add table ip t; add chain ip t in { type filter hook input priority 0; }; add chain ip t out { type filter hook output priority 0; };"
                 "add rule ip t in iif veth0 numgen random mod 10 == 0 log group 5; add rule ip t out oif veth0 numgen random mod 10 == 0 log group 5")
            call("ping", "-q", "-c", "3000", "-i", "0.002", "-s", "400", "10.8.0.2")
            time.sleep(1.5)
            flows = listener.all(Flow)
            estimate = sum(f.rate for f in flows)
            print(f"{len(flows)} samples: {estimate} packets estimated, 6000 true")
            self.assertEqual({f.rate for f in flows}, {10})
            self.assertLess(abs(estimate / 6000 - 1), 0.25)
            self.assertEqual({f.frame_length for f in flows}, {14 + 20 + 8 + 400 + 4})
            into = [f for f in flows if f.input == index]
            out = [f for f in flows if f.output == index]
            self.assertEqual(len(into) + len(out), len(flows))
            self.assertEqual({f.output for f in into} | {f.input for f in out}, {NO_INTERFACE})
            for f in into:
                self.assertEqual(f.header[26:30], bytes([10, 8, 0, 2]), "what we receive comes from the other end")
            self.assertEqual(listener.faults, [])


class Drops(Namespaces):
    @case(60)
    def test_a_provoked_drop_is_reported_with_its_reason(self):
        self.connect()
        with Listener() as listener, Agent(config(listener.port, "dropmon { limit=1000 hide=\"^NOT_SPECIFIED$\" }", 30)) as agent:
            until("a feed of drops", lambda: any("Drops from the kernel" in line or "dropmon { }" in line for line in agent.log))
            if any("dropmon { }" in line for line in agent.log):
                self.skipTest("no drop notifications here: " + next(line for line in agent.log if "dropmon { }" in line))
            closed = free_port(socket.SOCK_DGRAM)
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
                for _ in range(20):
                    s.sendto(b"x" * 100, ("127.0.0.1", closed))
            call("nft", "add table ip t; add chain ip t in { type filter hook input priority 0; }; add rule ip t in icmp type echo-request drop")
            subprocess.run(self.inside_command("ping", "-q", "-c", "5", "-i", "0.05", "-W", "1", "10.8.0.1"), stdout=subprocess.DEVNULL)
            to_port = struct.pack(">H", closed)
            port = lambda: [d for d in listener.all(Discard) if d.reason == 3 and to_port in d.records[1]]  # noqa: E731
            acl = lambda: [d for d in listener.all(Discard) if d.reason == 258]  # noqa: E731
            until("drops for a closed port", lambda: len(port()) >= 15)
            until("drops of the firewall", lambda: len(acl()) >= 5)
            self.assertIn(b"NO_SOCKET", port()[0].records[1042])
            self.assertIn(b"NETFILTER_DROP", acl()[0].records[1042])
            protocol, length, stripped, size = struct.unpack_from(">IIII", port()[0].records[1])
            print(f"drops: {len(port())} port_unreachable, {len(acl())} acl; header protocol {protocol}, frame length {length}")
            self.assertEqual((protocol, length, stripped), (1, 14 + 20 + 8 + 100 + 4, 4))
            veth = int(call("ip", "-o", "link", "show", "veth0").split(":")[0])
            self.assertEqual(acl()[0].input, veth)
            self.assertEqual(listener.faults, [])


class Json(Namespaces):
    @case(60)
    def test_metrics_by_udp_and_fifo(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        fifo = pathlib.Path(folder.name) / "fifo"
        os.mkfifo(fifo, 0o666)
        with Listener() as listener, Agent(config(listener.port, f"json {{ UDPport=36343 FIFO={fifo} }}", 30)):
            metric = lambda name: json.dumps({"rtmetric": {"datasource": name, "m": {"type": "gauge32", "value": 5}}})  # noqa: E731
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
                s.sendto(metric("by_udp").encode(), ("127.0.0.1", 36343))
                s.sendto(b"nonsense", ("127.0.0.1", 36343))
            with open(fifo, "w") as f:
                f.write(metric("by_fifo") + "\n")
            samples = lambda: [s for d in listener.datagrams for s in d.samples if s[0] == 4300 << 12 | 1002]  # noqa: E731
            until("both", lambda: len(samples()) >= 2)
            self.assertTrue(any(b"by_udp" in data for _, data in samples()))
            self.assertTrue(any(b"by_fifo" in data for _, data in samples()))


class DnsSd(Namespaces):
    def serve(self, records):
        """dnsmasq on loopback with these records, in place of the one before. It answers for example.test."""
        if self.server:
            self.server.terminate()
            self.server.wait(10)
        options = [f"--{r}" for r in records]
        self.server = self.background(find("dnsmasq"), "--no-daemon", "--conf-file=/dev/null", "--no-resolv", "--no-hosts", "--listen-address=127.0.0.1",
                                      "--bind-interfaces", "--local=/example.test/", "--local-ttl=10", *options)
        until("the name server", lambda: subprocess.run(["true"]) and " 0100007F:0035 " in pathlib.Path("/proc/self/net/udp").read_text())

    def use_own_server(self):
        self.server = None
        unshare_mounts()
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        resolv = pathlib.Path(folder.name) / "resolv.conf"
        resolv.write_text("nameserver 127.0.0.1\n")
        call("mount", "--bind", resolv, "/etc/resolv.conf")
        self.addCleanup(call, "umount", "/etc/resolv.conf")
        self.connect()

    @case(90)
    def test_a_name_server_that_comes_late_with_a_large_answer(self):
        """The reference waited 300 s after a failure, and lost records beyond 512 octets."""
        self.use_own_server()
        with Agent("sflow {\n  dns-sd { domain=.example.test }\n}\n") as agent:
            agent.wait_log("cannot ask for _sflow._udp.example.test")
            ports = range(20_001, 20_031)
            self.serve(["host-record=one.example.test,127.0.0.1"] + [f"srv-host=_sflow._udp.example.test,one.example.test,{p}" for p in ports])
            until("all 30 collectors", lambda: all(f"collector=127.0.0.1 {p}\n" in agent.auto.read_text() for p in ports), 30)

    @case(120)
    def test_a_changed_answer_is_used_within_its_ttl(self):
        """The second configuration of the article, with the SRV answer changed under it."""
        self.use_own_server()
        host = ["host-record=one.example.test,127.0.0.1"]
        srv = lambda port: f"srv-host=_sflow._udp.example.test,one.example.test,{port}"  # noqa: E731
        with Listener() as first, Listener() as second, Listener() as third:
            self.serve(host + [srv(first.port), "txt-record=_sflow._udp.example.test,txtvers=1,polling=1"])
            text = "sflow {\n  dns-sd { domain=.example.test }\n  pcap { speed=1G-1T }\n  tcp { }\n  systemd { }\n}\n"
            with Agent(text) as agent:
                until("samples at the first collector", lambda: first.all(Counters))
                self.serve(host + [srv(second.port), srv(third.port), "txt-record=_sflow._udp.example.test,txtvers=1,polling=1"])
                changed = time.monotonic()
                until("samples at both new collectors", lambda: second.datagrams and third.datagrams)
                took = time.monotonic() - changed
                print(f"the new collectors were used {took:.1f} s after the change, with a TTL of 10 s")
                self.assertLess(took, 10 + 3)
                count = len(first.datagrams)
                self.server.terminate()
                self.server.wait(10)
                agent.wait_log("the last answer stays in use", seconds=60)
                here = len(second.datagrams)
                until("samples without a name server", lambda: len(second.datagrams) > here + 2)
                self.assertEqual(len(first.datagrams), count, "the old collector gets nothing any more")
                self.assertIn(f"collector=127.0.0.1 {second.port}", agent.auto.read_text())


class Container(unittest.TestCase):
    def start(self, **variables):
        folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        for device in ("eth0", "eth1", "veth7"):
            (folder / "net" / device).mkdir(parents=True)
        config = folder / "hsflowd.conf"
        environment = os.environ | {"CONFIG": str(config), "AGENT": PROGRAM, "DEVICES": str(folder / "net"), "DOCKER_SOCKET": str(folder / "no"),
                                    "CONTAINERD_SOCKET": str(folder / "no")} | variables
        result = subprocess.run([ROOT / "packaging/weir-agent/container-start", "--check"], env=environment, capture_output=True, text=True, timeout=60)
        self.assertEqual(result.returncode, 0, result.stderr)
        return config.read_text(), result.stdout

    def test_variables_make_a_configuration_that_is_valid(self):
        text, said = self.start()
        self.assertIn("collector { ip=127.0.0.1 udpport=6343 }", text)
        self.assertIn("polling=30\n  sampling=1000\n  sampling.bps_ratio=0\n", text)
        self.assertIn("pcap { dev=docker0 }\n  pcap { dev=docker_gwbridge }", text)
        self.assertIn("Sending sFlow to 127.0.0.1", said)
        text, _ = self.start(COLLECTOR="10.0.0.1 sflow-rt-sflow", SAMPLING="10", NET="flannel", PORT="6344", POLLING="5", DROPMON="enable")
        self.assertIn("collector { ip=10.0.0.1 udpport=6344 }\n  collector { ip=sflow-rt-sflow udpport=6344 }", text)
        self.assertIn("pcap { dev=cni0 }", text)
        self.assertIn("dropmon { limit=50 start=on sw=on hw=off }", text)
        text, _ = self.start(NET="^eth")
        self.assertIn("tcp { }\n  pcap { dev=eth0 }\n  pcap { dev=eth1 }\n", text)
        self.assertNotIn("veth7", text)
        text, _ = self.start(NET="host")
        self.assertIn("tcp { }\n  pcap { speed=1G- }", text)
