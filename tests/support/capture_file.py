"""Reads and cuts capture files (pcap only), for tests and fuzz seeds. Standard library only."""
import gzip
import struct

ETHERNET, RAW_IP, LINUX_COOKED = 1, 101, 113
MAGICS = {b"\xd4\xc3\xb2\xa1": ("<", 1e-6), b"\xa1\xb2\xc3\xd4": (">", 1e-6), b"\x4d\x3c\xb2\xa1": ("<", 1e-9), b"\xa1\xb2\x3c\x4d": (">", 1e-9)}


class Capture:
    """`header` (24 octets), `link` (link type) and `packets`: (seconds, record with its header, frame), in file order."""

    def __init__(self, path):
        data = (gzip.open if str(path).endswith(".gz") else open)(path, "rb").read()
        if data[:4] not in MAGICS:
            raise ValueError(f"{path}: not a pcap file")
        order, unit = MAGICS[data[:4]]
        self.header = data[:24]
        self.link = struct.unpack_from(order + "I", data, 20)[0] & 0xFFFF
        self.packets = []
        at = 24
        while at + 16 <= len(data):
            seconds, fraction, length, _ = struct.unpack_from(order + "4I", data, at)
            end = at + 16 + length
            if end > len(data):
                break
            self.packets.append((seconds + fraction * unit, data[at:end], data[at + 16 : end]))
            at = end

    def cut(self, path, seconds):
        """Writes the first `seconds` of the capture to `path`; returns the number of packets."""
        first = self.packets[0][0]
        kept = [record for time, record, _ in self.packets if time - first <= seconds]
        with open(path, "wb") as out:
            out.write(self.header)
            out.writelines(kept)
        return len(kept)

    def payloads(self):
        """The UDP payloads, in file order."""
        for _, _, frame in self.packets:
            if (payload := udp_payload(self.link, frame)) is not None:
                yield payload


def udp_payload(link, frame):
    """The payload of an unfragmented UDP datagram over IPv4 or IPv6, or None."""
    if link == RAW_IP:
        packet = frame
    elif link in (ETHERNET, LINUX_COOKED):
        at = 12 if link == ETHERNET else 14
        while frame[at : at + 2] in (b"\x81\x00", b"\x88\xa8"):
            at += 4
        packet = frame[at + 2 :]
    else:
        return None
    if len(packet) < 28:
        return None
    if packet[0] >> 4 == 4 and packet[9] == 17:
        udp = packet[(packet[0] & 15) * 4 :]
    elif packet[0] >> 4 == 6 and packet[6] == 17:
        udp = packet[40:]
    else:
        return None
    if len(udp) < 8:
        return None
    return udp[8 : max(8, struct.unpack_from(">H", udp, 4)[0])]
