"""Flow keys of one sampled header, from its bytes: key name -> list of texts, outermost layer first."""
import ipaddress
import struct

IP_PROTOCOLS = {1: "icmp", 2: "igmp", 6: "tcp", 17: "udp", 58: "icmp6", 47: "gre", 132: "sctp", 50: "esp", 51: "ah",
                89: "ospf", 103: "pim", 112: "vrrp", 97: "etherip", 115: "l2tp", 33: "dccp", 88: "eigrp", 46: "rsvp"}
IP6_EXTENSIONS = {0, 43, 44, 60, 135, 139, 140}
OPAQUE_PROTOCOLS = {"igmp": 8, "esp": 8, "ospf": 24, "pim": 4, "vrrp": 8, "eigrp": 20}  # a layer, and nothing behind it
OPAQUE_TYPES = {0x9000}
OPERATIONS = {4: "SEND_ONLY", 10: "RDMA_WRITE_ONLY", 17: "ACKNOWLEDGE", 129: "CNP"}
TAGS = {0x8100, 0x88A8, 0x9100, 0x9200}


class Headers:
    """Walks the layers. What is not known ends the walk; `known` says whether the end was one that the walk understands."""

    def __init__(self, protocol, octets):
        self.octets, self.stack, self.keys, self.known = octets, [], {}, True
        start = {1: self.ethernet, 11: self.ip, 12: self.ip6}.get(protocol)
        if start:
            start(0, len(octets))
        else:
            self.known = False

    def put(self, key, text):
        self.keys.setdefault(key, []).append(str(text))

    def layer(self, token, at):
        self.stack.append(token)
        self.put(f"{token}_offset", at)

    def word(self, at, end, size=2):
        return int.from_bytes(self.octets[at:at + size], "big") if at + size <= end else None

    def ethernet(self, at, end):
        if at + 14 > end:
            return
        self.layer("eth", at)
        target, source = self.octets[at:at + 6].hex().upper(), self.octets[at + 6:at + 12].hex().upper()
        self.put("macdestination", target)
        self.put("macsource", source)
        broadcast, group = target == "F" * 12, self.octets[at] & 1 == 1
        for name, truth in (("isbroadcast", broadcast), ("ismulticast", group and not broadcast), ("isunicast", not group)):
            self.put(name, str(truth).lower())
        kind, at = self.word(at + 12, end), at + 14
        while kind in TAGS and at + 4 <= end:
            tag, kind = struct.unpack(">HH", self.octets[at:at + 4])
            self.put("vlan", tag & 0xFFF)
            self.put("priority", tag >> 13)
            at += 4
        self.put("ethernetprotocol", kind)
        self.network(kind, at, end)

    def network(self, kind, at, end):
        if kind == 0x0800:
            self.ip(at, end)
        elif kind == 0x86DD:
            self.ip6(at, end)
        elif kind == 0x0806:
            self.arp(at, end)
        elif kind in (0x8847, 0x8848):
            self.mpls(at, end)
        elif kind == 0x6558:
            self.ethernet(at, end)
        elif kind == 0x8864:
            self.pppoe(at, end)
        elif kind not in OPAQUE_TYPES:
            self.known = False

    def pppoe(self, at, end):
        if at + 8 > end:
            return
        self.stack.append("pppoe")
        self.stack.append("ppp")
        self.network({0x0021: 0x0800, 0x0057: 0x86DD}.get(self.word(at + 6, end)), at + 8, end)

    def mpls(self, at, end):
        first = True
        while True:
            entry = self.word(at, end, 4)
            if entry is None:
                return
            if first:
                self.layer("mpls", at)
                first = False
            at += 4
            if entry & 0x100:
                break
        version = self.octets[at] >> 4 if at < end else 0
        if version in (4, 6):
            (self.ip if version == 4 else self.ip6)(at, end)
        else:
            self.known = False

    def arp(self, at, end):
        self.stack.append("arp")
        if at + 28 > end or self.octets[at:at + 6].hex() != "000108000604":
            self.known = False
            return
        self.put("arp_offset", at)
        self.put("arpoperation", self.word(at + 6, end))
        self.put("arpmacsender", self.octets[at + 8:at + 14].hex().upper())
        self.put("arpipsender", ipaddress.IPv4Address(self.octets[at + 14:at + 18]))
        self.put("arpmactarget", self.octets[at + 18:at + 24].hex().upper())
        self.put("arpiptarget", ipaddress.IPv4Address(self.octets[at + 24:at + 28]))

    def ip(self, at, end):
        octets = self.octets
        if at + 20 > end or octets[at] >> 4 != 4:
            self.known = at + 20 > end
            return
        length, total = (octets[at] & 15) * 4, self.word(at + 2, end)
        if length < 20:
            self.known = False
            return
        self.layer("ip", at)
        fragment, protocol = self.word(at + 6, end), octets[at + 9]
        self.put("iptos", f"{octets[at + 1]:08b}")
        self.put("ipdscp", octets[at + 1] >> 2)
        self.put("ipecn", f"{octets[at + 1] & 3:02b}")
        self.put("ipbytes", total)
        self.put("ipflags", f"{fragment >> 13:03b}")
        self.put("ipfragoffset", fragment & 0x1FFF)
        self.put("ipttl", octets[at + 8])
        self.put("ipprotocol", protocol)
        self.put("ipsource", ipaddress.IPv4Address(octets[at + 12:at + 16]))
        self.put("ipdestination", ipaddress.IPv4Address(octets[at + 16:at + 20]))
        if total >= length:
            end = min(end, at + total)
        if fragment & 0x1FFF == 0:
            self.transport(protocol, at + length, end)

    def ip6(self, at, end):
        octets = self.octets
        if at + 40 > end or octets[at] >> 4 != 6:
            self.known = at + 40 > end
            return
        self.layer("ip6", at)
        traffic, payload, following = self.word(at, end) >> 4 & 0xFF, self.word(at + 4, end), octets[at + 6]
        self.put("ip6tos", f"{traffic:08b}")
        self.put("ip6dscp", traffic >> 2)
        self.put("ip6ecn", f"{traffic & 3:02b}")
        self.put("ip6flowlabel", self.word(at, end, 4) & 0xFFFFF)
        self.put("ip6bytes", payload)
        self.put("ip6ttl", octets[at + 7])
        for name, start in (("ip6source", 8), ("ip6destination", 24)):
            self.put(name, address6(octets[at + start:at + start + 16]))
        if payload:
            end = min(end, at + 40 + payload)
        at += 40
        while following in IP6_EXTENSIONS:
            if at + 8 > end:
                return
            if following == 44 and self.word(at + 2, end) >> 3:
                self.put("ip6nexthdr", octets[at])
                return
            following, at = octets[at], at + (8 if following == 44 else 8 + 8 * octets[at + 1])
        self.put("ip6nexthdr", following)
        self.transport(following, at, end)

    def transport(self, protocol, at, end):
        if protocol == 4:
            return self.ip(at, end)
        if protocol == 41:
            return self.ip6(at, end)
        if protocol == 47:
            return self.gre(at, end)
        name = IP_PROTOCOLS.get(protocol)
        if name in ("tcp", "udp"):
            if at + 4 > end:
                return None
            self.layer(name, at)
            ports = self.word(at, end), self.word(at + 2, end)
            self.put(f"{name}sourceport", ports[0])
            self.put(f"{name}destinationport", ports[1])
            if name == "tcp":
                if at + 14 <= end:
                    self.put("tcpflags", f"{self.word(at + 12, end) & 0x1FF:09b}")
            elif at + 8 <= end:
                self.datagram(ports, at + 8, end)
            return None
        if name in ("icmp", "icmp6"):
            if at + 4 <= end:
                self.layer(name, at)
                self.put(f"{name}type", self.octets[at])
                self.put(f"{name}code", self.octets[at + 1])
            return None
        if name in OPAQUE_PROTOCOLS and at + OPAQUE_PROTOCOLS[name] <= end:
            self.layer(name, at)
        else:
            self.known = False
        return None

    def datagram(self, ports, at, end):
        if ports[1] == 4789 and at + 8 <= end and self.octets[at] & 8:
            self.layer("vxlan", at)
            self.put("vxlanvni", self.word(at + 4, end, 4) >> 8)
            self.ethernet(at + 8, end)
        elif ports[1] == 4791 and at + 12 <= end:
            self.layer("ibbt", at)
            self.put("ibbtopname", OPERATIONS.get(self.octets[at], "?"))
            self.put("ibbtdestinationqp", self.word(at + 4, end, 4) & 0xFFFFFF)
        elif 53 in ports and at + 12 <= end:
            self.layer("dns", at)
        elif ports[1] in TUNNEL_PORTS or ports[0] in TUNNEL_PORTS:
            self.known = False

    def gre(self, at, end):
        flags, kind = self.word(at, end), self.word(at + 2, end)
        if kind is None or flags & 0x4007 or (kind == 0x6558 and flags & 0x2000):
            self.known = False  # routing, other versions, NVGRE
            return
        self.layer("gre", at)
        self.network(kind, at + 4 + (4 if flags & 0x8000 else 0) + (4 if flags & 0x2000 else 0) + (4 if flags & 0x1000 else 0), end)


# Ports whose payload the engine takes apart and this does not.
TUNNEL_PORTS = {2152, 6081, 3544, 8472, 4790, 1701, 5246, 5247, 53, 67, 68, 3784, 6635, 2123}


def address6(octets):
    """The text of a flow key: upper case, :: for the longest run of two or more zero groups (RFC 5952)."""
    return ipaddress.IPv6Address(octets).compressed.upper()
