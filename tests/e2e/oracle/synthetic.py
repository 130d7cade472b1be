"""A capture of traffic that the shared ones lack (RoCE, floods, ARP, BGP, VXLAN), and what the reference would print of it."""
import ipaddress
import random
import struct

AGENTS = {"192.168.0.11": ("4", "5", "37"), "192.168.0.12": ("4", "5", "9"), "192.168.0.14": ("50", "54", "7")}
START = 1_767_225_600  # 2026-01-01
MEMBERS = ("246e96043c08", "246e96907a50", "3c8ab0e75441", "08ecf52a8fbe", "0200000000aa", "0200000000ab")
INSIDE = ("10.4.1.2", "10.4.2.2", "10.4.3.2", "10.9.0.1")
OUTSIDE = ("203.0.113.7", "198.51.100.3", "192.0.2.200", "8.8.4.4")
IP6 = ("2001:db8::1", "2001:db8:0:1::2", "fc00::7", "2001:db8:ffff::9")


def ethernet(r, kind, payload, target=None, vlan=None):
    tag = b"" if vlan is None else struct.pack(">HH", 0x8100, vlan)
    return bytes.fromhex(target or r.choice(MEMBERS)) + bytes.fromhex(r.choice(MEMBERS)) + tag + struct.pack(">H", kind) + payload


def ip(source, target, protocol, payload, tos=0, fragment=0x4000, ttl=64):
    head = struct.pack(">BBHHHBBH", 0x45, tos, 20 + len(payload), 7, fragment, ttl, protocol, 0)
    return head + ipaddress.IPv4Address(source).packed + ipaddress.IPv4Address(target).packed + payload


def ip6(source, target, protocol, payload, label=0, traffic=0):
    head = struct.pack(">IHBB", 6 << 28 | traffic << 20 | label, len(payload), protocol, 60)
    return head + ipaddress.IPv6Address(source).packed + ipaddress.IPv6Address(target).packed + payload


def tcp(source, target, flags):
    return struct.pack(">HHIIHHHH", source, target, 1, 2, 5 << 12 | flags, 1000, 0, 0) + bytes(20)


def udp(source, target, payload=bytes(30)):
    return struct.pack(">HHHH", source, target, 8 + len(payload), 0) + payload


def frame(r):
    """(frame, wants: ports of the sample or None)."""
    kind = r.randrange(11)
    outside, inside = r.choice(OUTSIDE), r.choice(INSIDE)
    if kind == 0:
        base = struct.pack(">BBHII", r.choice((4, 10, 17, 129)), 64, 0xFFFF, r.choice((17, 18, 210)), r.randrange(1 << 24)) + bytes(24)
        tos = r.choice((0, 1, 2, 3)) | 26 << 2
        inner = udp(49152, 4791, base)
        if r.random() < 0.3:
            return ethernet(r, 0x86DD, ip6(r.choice(IP6), r.choice(IP6), 17, inner, traffic=tos))
        return ethernet(r, 0x0800, ip(r.choice(INSIDE), inside, 17, inner, tos))
    if kind == 1:
        sender, target = ipaddress.IPv4Address(inside).packed, ipaddress.IPv4Address(r.choice(INSIDE)).packed
        asks = r.random() < 0.7
        body = bytes.fromhex("0001080006040001" if asks else "0001080006040002") + bytes.fromhex(MEMBERS[0]) + sender + bytes(6) + target
        return ethernet(r, 0x0806, body, "f" * 12 if asks else None)
    if kind == 2:
        ports = r.choice(((179, 40000), (40000, 179), (443, 40000), (40000, 80)))
        return ethernet(r, 0x0800, ip(outside, inside, 6, tcp(*ports, r.choice((0x10, 0x18, 0x12, 0x02, 0x11, 0x110)))))
    if kind == 3:
        inner = ethernet(r, 0x0800, ip(r.choice(INSIDE), inside, 6, tcp(5001, 40001, 0x10)), r.choice((None, "f" * 12)))
        tunnel = udp(50000, 4789, struct.pack(">II", 8 << 24, r.choice((5000, 5001)) << 8) + inner)
        return ethernet(r, 0x0800, ip("10.255.0.1", "10.255.0.2", 17, tunnel))
    if kind == 4:
        fragment = r.choice((0x2000, 0x2000 | 185, 185, 0x4000, 0))
        return ethernet(r, 0x0800, ip(outside, inside, 17, udp(r.choice((123, 389, 1900, 40000, 19)), r.choice((80, 40000, 9))), fragment=fragment))
    if kind == 5:
        return ethernet(r, 0x0800, ip(outside, inside, 6, tcp(r.choice((443, 80, 50000)), r.choice((80, 22, 50001)), r.choice((0x02, 0x12, 0x10, 0x04)))))
    if kind == 6:
        return ethernet(r, 0x0800, ip(outside, inside, 1, struct.pack(">BBHI", r.choice((0, 3, 8, 11)), r.choice((0, 1, 3)), 0, 0) + bytes(40)))
    if kind == 7:
        inner, protocol = r.choice(((udp(123, 50000), 17), (tcp(443, 50000, 0x12), 6), (tcp(50000, 179, 0x10), 6)))
        return ethernet(r, 0x86DD, ip6(r.choice(IP6), r.choice(IP6), protocol, inner, r.choice((0, 16384, 65540, 65543, 99))))
    if kind == 8:
        return ethernet(r, 0x9000, bytes(60))
    if kind == 9:
        return ethernet(r, 0x0800, ip(outside, inside, 89, bytes(44)))
    return ethernet(r, 0x0800, ip(inside, outside, 6, tcp(80, 50000, 0x18), ttl=r.randrange(1, 64)), vlan=r.choice((100, 0xA064, 7)))


def make(path, count=6000, seed=11):
    """Writes the capture; the datagrams as the reference decoder's JSON has them."""
    r = random.Random(seed)
    pool = dict.fromkeys(((agent, port) for agent, ports in AGENTS.items() for port in ports), 0)
    datagrams = []
    with path.open("wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 101))
        for i in range(count // 3):
            agent = r.choice(list(AGENTS))
            microseconds = i * 15_000 + r.randrange(10_000)
            samples, shown = b"", []
            for _ in range(3):
                packet, port = frame(r), r.choice(AGENTS[agent])
                pool[agent, port] += 1
                pads = r.choice((0, 0, 700, 1400))
                length, header = max(64, len(packet) + 4 + pads), packet[:128]
                given, out, printed = r.choice(((int(port), 3, "3"), (3, int(port), port), (int(port), 0x80000003, "multiple 3"), (int(port), 0, "0"),
                                                (0x3FFFFFFF, int(port), port)))
                rate = r.choice((100, 1000))
                record = struct.pack(">IIII", 1, length, 4, len(header)) + header + bytes(-len(header) % 4)
                body = struct.pack(">IIIIIIII", pool[agent, port], int(port), rate, pool[agent, port] * rate, 0, given, out, 1)
                body += struct.pack(">II", 1, len(record)) + record
                samples += struct.pack(">II", 1, len(body)) + body
                shown.append({"sampleType": "FLOWSAMPLE", "sourceId": f"0:{port}", "sampleSequenceNo": str(pool[agent, port]),
                              "meanSkipCount": str(rate), "samplePool": str(pool[agent, port] * rate), "inputPort": str(given), "outputPort": printed,
                              "elements": [{"flowBlock_tag": "0:1", "headerProtocol": "1", "sampledPacketSize": str(length), "strippedBytes": "4",
                                            "headerBytes": header.hex()}]})
            datagram = struct.pack(">II4sIIII", 5, 1, ipaddress.IPv4Address(agent).packed, 0, i + 1, microseconds // 1000, 3) + samples
            carried = ip(agent, "10.0.0.1", 17, udp(6343, 6343, datagram))
            file.write(struct.pack("<IIII", START + microseconds // 1_000_000, microseconds % 1_000_000, len(carried), len(carried)) + carried)
            datagrams.append({"seconds": START + microseconds // 1_000_000, "pcapTimestamp_uS": str(microseconds % 1_000_000), "agent": agent,
                              "samples": shown})
    return datagrams
