"""Starts the real weir-agent in network namespaces that end with the test. Standard library only.

Environment: WEIR_AGENT_PROGRAM  the program under test
"""
import ctypes
import errno
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import threading
import unittest

from weir import PATIENCE, ROOT, until

PROGRAM = os.environ.get("WEIR_AGENT_PROGRAM", str(ROOT / "build/release/bin/weir-agent"))
CLONE_NEWNET, CLONE_NEWNS = 0x40000000, 0x00020000
MS_REC, MS_PRIVATE = 1 << 14, 1 << 18
LIBC = ctypes.CDLL(None, use_errno=True)


def find(name):
    if path := shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin"):
        return path
    raise unittest.SkipTest(f"no {name} (Debian packages iproute2, ethtool, iperf3, nftables, dnsmasq-base, tshark)")


def call(*command, **options):
    result = subprocess.run([find(command[0]), *map(str, command[1:])], capture_output=True, text=True, timeout=60, **options)
    if result.returncode != 0:
        raise AssertionError(f"{command}: {result.stdout}{result.stderr}")
    return result.stdout


def unshare(flags, what):
    if os.geteuid() != 0:
        raise unittest.SkipTest(f"needs root, to make {what}")
    if LIBC.unshare(flags) != 0:
        raise unittest.SkipTest(f"no {what} here: {os.strerror(ctypes.get_errno())}")


def unshare_mounts():
    """What this test mounts is seen by its processes only."""
    unshare(CLONE_NEWNS, "mount namespaces")
    if LIBC.mount(None, b"/", None, MS_REC | MS_PRIVATE, None) != 0:
        if ctypes.get_errno() == errno.EINVAL:
            raise unittest.SkipTest("the root of this chroot is not a mount point: mounts would be seen outside")
        raise OSError(ctypes.get_errno(), "mount --make-rprivate /")


class Network:
    """Enters a network namespace, given by a path, for this thread."""

    def __init__(self, path):
        self.path = path

    def __enter__(self):
        self.home = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
        self._enter(os.open(self.path, os.O_RDONLY))

    def __exit__(self, *_):
        self._enter(self.home)

    @staticmethod
    def _enter(fd):
        if LIBC.setns(fd, CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), "setns")
        os.close(fd)


class Agent:
    """One running agent. Leaving stops it by SIGTERM and demands exit status 0."""

    def __init__(self, config, *options):
        self.folder = tempfile.TemporaryDirectory(prefix="agent")
        self.config = pathlib.Path(self.folder.name) / "hsflowd.conf"
        self.auto = pathlib.Path(self.folder.name) / "hsflowd.auto"
        self.write(config)
        self.log = []
        self.process = subprocess.Popen([PROGRAM, "-f", self.config, "-o", self.auto, *map(str, options)], stdin=subprocess.DEVNULL,
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()
        self.wait_log("weir-agent runs")

    def write(self, config):
        self.config.write_text(config)

    def _read(self):
        for line in self.process.stdout:
            self.log.append(line.rstrip("\n"))

    def log_text(self):
        return "\n".join(self.log)

    def wait_log(self, text, seconds=PATIENCE, count=1):
        def found():
            if self.process.poll() is not None:
                self.reader.join(5)
                if sum(text in line for line in self.log) < count:
                    raise AssertionError(f"the agent ended with status {self.process.returncode}\n{self.log_text()}")
            return sum(text in line for line in self.log) >= count
        try:
            until(f'the log line "{text}"', found, seconds)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.log_text()}") from None

    def reload(self, config):
        count = sum("again" in line for line in self.log)
        self.write(config)
        self.process.send_signal(signal.SIGHUP)
        self.wait_log("again", count=count + 1)

    def cpu_seconds(self):
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        ended = self.process.poll()
        if ended is None:
            self.process.terminate()
            try:
                ended = self.process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                self.process.kill()
                raise AssertionError(f"still running after SIGTERM\n{self.log_text()}") from None
        self.reader.join(5)
        self.process.stdout.close()
        self.folder.cleanup()
        if kind is not None:
            print(self.log_text())
        elif ended != 0:
            raise AssertionError(f"the agent ended with status {ended}\n{self.log_text()}")


class Namespaces(unittest.TestCase):
    """This process in a network namespace of its own, and another one, reached by self.inside(...)."""

    def setUp(self):
        find("ip"), find("nsenter"), find("unshare")
        unshare(CLONE_NEWNET, "network namespaces")
        call("ip", "link", "set", "lo", "up")
        self.peer = self.background(find("unshare"), "-n", "sleep", "900")
        mine = os.readlink("/proc/self/ns/net")
        until("a namespace", lambda: os.readlink(f"/proc/{self.peer.pid}/ns/net") != mine)
        self.inside("ip", "link", "set", "lo", "up")

    def background(self, *command):
        process = subprocess.Popen(list(map(str, command)), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

        def end():
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

        self.addCleanup(end)
        return process

    def inside_command(self, *command):
        return [find("nsenter"), "-t", str(self.peer.pid), "-n", find(command[0]), *map(str, command[1:])]

    def inside(self, *command):
        result = subprocess.run(self.inside_command(*command), capture_output=True, text=True, timeout=60)
        if result.returncode != 0:
            raise AssertionError(f"{command}: {result.stdout}{result.stderr}")
        return result.stdout

    def connect(self, name="veth0", mine="10.8.0.1", other="10.8.0.2"):
        """A veth to the other namespace; its ifIndex here."""
        call("ip", "link", "add", name, "type", "veth", "peer", "name", "peer0", "netns", self.peer.pid)
        call("ip", "address", "add", f"{mine}/24", "dev", name)
        call("ip", "link", "set", name, "up")
        self.inside("ip", "address", "add", f"{other}/24", "dev", "peer0")
        self.inside("ip", "link", "set", "peer0", "up")
        until("the link", lambda: pathlib.Path("/proc/net/dev").read_text().count(name + ":") and "LOWER_UP" in call("ip", "link", "show", name))
        return int(call("ip", "-o", "link", "show", name).split(":")[0])

    def iperf_server(self):
        self.background(*self.inside_command("iperf3", "-s"))
        tables = [pathlib.Path(f"/proc/{self.peer.pid}/net/{table}") for table in ("tcp", "tcp6")]
        until("iperf3 -s", lambda: any(row.split()[3] == "0A" for t in tables for row in t.read_text().splitlines()[1:]))


def device(name):
    """Counters of a device of this namespace, from /proc/net/dev: octets and packets in, octets and packets out."""
    for line in pathlib.Path("/proc/self/net/dev").read_text().splitlines():
        if line.strip().startswith(name + ":"):
            f = line.split(":")[1].split()
            return [int(f[0]), int(f[1]), int(f[8]), int(f[9])]
    raise AssertionError(f"no device {name}")
