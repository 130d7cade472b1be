"""Receives sFlow version 5 and takes it apart, apart from weir's own decoder. Standard library only."""
import collections
import contextlib
import socket
import struct
import threading
import time

NO_INTERFACE = 0x3FFFFFFF

Flow = collections.namedtuple("Flow", "source sequence rate pool drops input output protocol frame_length stripped header records at")
Counters = collections.namedtuple("Counters", "source sequence records at")
Discard = collections.namedtuple("Discard", "source sequence drops input output reason records at")
Datagram = collections.namedtuple("Datagram", "agent sub_agent sequence uptime samples octets")


class Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def u32(self):
        return self.take(4, ">I")

    def u64(self):
        return self.take(8, ">Q")

    def take(self, size, form):
        (value,) = struct.unpack_from(form, self.data, self.at)
        self.at += size
        return value

    def octets(self, size):
        assert self.at + size <= len(self.data), "an item reaches over the end"
        value = self.data[self.at:self.at + size]
        self.at += (size + 3) & ~3
        return value

    def end(self):
        assert self.at == len(self.data), f"{len(self.data) - self.at} octets are left over"


def records(reader):
    """tag -> data; the length of each must end where the next begins."""
    out = {}
    for _ in range(reader.u32()):
        tag = reader.u32()
        out[tag] = reader.octets(reader.u32())
    reader.end()
    return out


def sample(tag, data, at):
    r = Reader(data)
    if tag == 3:
        sequence, source = r.u32(), (r.u32(), r.u32())
        rate, pool, drops = r.u32(), r.u32(), r.u32()
        formats_and_ports = [r.u32() for _ in range(4)]
        rest = records(r)
        head = Reader(rest[1])
        protocol, length, stripped = head.u32(), head.u32(), head.u32()
        header = head.octets(head.u32())
        head.end()
        assert formats_and_ports[0] == formats_and_ports[2] == 0
        return Flow(source, sequence, rate, pool, drops, formats_and_ports[1], formats_and_ports[3], protocol, length, stripped, header, rest, at)
    if tag == 4:
        sequence, source = r.u32(), (r.u32(), r.u32())
        return Counters(source, sequence, records(r), at)
    if tag == 5:
        sequence, source = r.u32(), (r.u32(), r.u32())
        drops, into, out, reason = r.u32(), r.u32(), r.u32(), r.u32()
        return Discard(source, sequence, drops, into, out, reason, records(r), at)
    return (tag, data)


def parse(octets):
    r = Reader(octets)
    assert r.u32() == 5
    size = {1: 4, 2: 16}[r.u32()]
    agent = socket.inet_ntop(socket.AF_INET if size == 4 else socket.AF_INET6, r.octets(size))
    sub_agent, sequence, uptime, count = r.u32(), r.u32(), r.u32(), r.u32()
    samples = []
    for _ in range(count):
        tag = r.u32()
        samples.append(sample(tag, r.octets(r.u32()), time.monotonic()))
    r.end()
    return Datagram(agent, sub_agent, sequence, uptime, samples, octets)


def if_counters(data):
    """(octets in, packets in, octets out, packets out) of an if_counters record."""
    f = struct.unpack(">IIQIIQIIIIIIQIIIIII", data)
    return {"ifIndex": f[0], "speed": f[2], "in_octets": f[5], "in_packets": f[6] + f[7], "out_octets": f[12], "out_packets": f[13]}


def tcp_info(data):
    names = "dirn snd_mss rcv_mss unacked lost retrans pmtu rtt rttvar snd_cwnd reordering min_rtt".split()
    return dict(zip(names, struct.unpack(">12I", data)))


class Listener:
    """Receives in a thread. What was wrong with a datagram, also a gap in a sequence, is in `faults`."""

    def __init__(self, address="127.0.0.1", port=0, in_network=contextlib.nullcontext()):
        """in_network: entered while the socket is made."""
        with in_network:
            self.socket = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
        self.socket.bind((address, port))
        self.socket.settimeout(0.2)
        self.port = self.socket.getsockname()[1]
        self.datagrams, self.faults = [], []
        self.last = {}
        self.ending = threading.Event()
        self.thread = threading.Thread(target=self._receive, daemon=True)
        self.thread.start()

    def _receive(self):
        while not self.ending.is_set():
            try:
                octets = self.socket.recv(65536)
            except TimeoutError:
                continue
            try:
                datagram = parse(octets)
            except Exception as error:  # noqa: BLE001  whatever it is, the test must see it
                self.faults.append(f"{type(error).__name__}: {error} in {octets.hex()}")
                continue
            self._follow(("datagrams", datagram.agent, datagram.sub_agent), datagram.sequence)
            for s in datagram.samples:
                if isinstance(s, (Flow, Counters, Discard)):
                    self._follow((type(s).__name__, s.source), s.sequence)
            self.datagrams.append(datagram)

    def _follow(self, key, sequence):
        expected = self.last.get(key, 0) + 1
        if sequence != expected:
            self.faults.append(f"{key}: number {sequence}, expected {expected}")
        self.last[key] = sequence

    def all(self, kind):
        return [s for d in list(self.datagrams) for s in d.samples if isinstance(s, kind)]

    def close(self):
        self.ending.set()
        self.thread.join()
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
