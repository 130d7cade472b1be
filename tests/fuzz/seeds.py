#!/usr/bin/env python3
"""Makes fuzz seeds of captures: seeds.py OUTPUT CAPTURE_FOLDER...

OUTPUT/datagram/  UDP payloads
OUTPUT/header/    sampled headers (record 0:1 of flow samples), behind the two octets that fuzz_header.cpp reads
OUTPUT/capture/   whole capture files of at most 64 KiB, and small pcapng files of both byte orders
OUTPUT/text/      JSON, filter and request texts, for targets that read what people write
A folder that is missing is passed over: the targets then start from what the others give.
"""
import hashlib
import pathlib
import struct
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "support"))
from capture_file import Capture  # noqa: E402

# Enough of each capture to show every shape; more only slows the first pass.
DATAGRAMS_PER_CAPTURE = 400
HEADERS_PER_CAPTURE = 800

# Second octet of a header seed: 4 octets stripped, frame as long as what was sampled.
WHOLE_FRAME = 8 << 3 | 4

TEXTS = [
    '{"keys":"ipsource,ipdestination","value":"bytes"}',
    "{keys:'ipsource,ipdestination',value:'frames',filter:'ipprotocol=6&direction=ingress'}",
    '{"metric":"elephant","value":1250000.0,"byFlow":true,"timeout":1,"filter":{"ifspeed":[1000000000]}}',
    '{"external":["0.0.0.0/0","::/0"],"private":["10.0.0.0/8","FC00::/7"]}',
    '{"links":{"l1":{"node1":"s1","port1":"e1","node2":"s2","port2":"e1"}}}',
    "ipsource=10.0.0.1,10.0.0.2&(tcpdestinationport=80|udpdestinationport!=53)",
    "GET /activeflows/ALL/elephant/json?maxFlows=2 HTTP/1.1\r\nHost: a\r\n\r\n",
    "PUT /flow/elephant/json HTTP/1.0\r\nContent-Length: 16\r\n\r\n{value:'frames'}",
]


def sampled_headers(datagram):
    """Header protocol and octets of every sampled header in a version 5 datagram; stops at the first fault."""
    try:
        version, address_type = struct.unpack_from(">II", datagram)
        if version != 5:
            return
        at = 8 + (4 if address_type == 1 else 16) + 12
        (samples,) = struct.unpack_from(">I", datagram, at)
        at += 4
        for _ in range(min(samples, 100)):
            kind, length = struct.unpack_from(">II", datagram, at)
            at += 8
            if kind in (1, 3):
                record = at + (28 if kind == 1 else 40)
                (records,) = struct.unpack_from(">I", datagram, record)
                record += 4
                for _ in range(min(records, 100)):
                    tag, size = struct.unpack_from(">II", datagram, record)
                    if tag == 1:
                        protocol, _, _, octets = struct.unpack_from(">4I", datagram, record + 8)
                        yield protocol, datagram[record + 24 : record + 24 + octets]
                    record += 8 + size
            at += length
    except struct.error:
        return


def pcapng(order):
    """A section with two interfaces and a packet block of each kind."""
    def block(kind, body):
        body += bytes(-len(body) % 4)
        size = struct.pack(order + "I", len(body) + 12)
        return struct.pack(order + "I", kind) + size + body + size

    packet = bytes.fromhex("4500001d0001000040110000 0a0000010a000002 138818c700090000 05")
    stamp = struct.pack(order + "IIII", 0, 7, len(packet), len(packet))
    yield block(0x0A0D0D0A, struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1))
    yield block(1, struct.pack(order + "HHIHHBxxxHH", 101, 0, 0, 9, 1, 9, 0, 0))
    yield block(1, struct.pack(order + "HHIHHqHH", 1, 0, 96, 14, 8, -5, 0, 0))
    yield block(6, struct.pack(order + "I", 0) + stamp + packet)
    yield block(2, struct.pack(order + "HH", 1, 0) + stamp + packet)
    yield block(3, struct.pack(order + "I", len(packet)) + packet)


def write(folder, data):
    (folder / hashlib.sha1(data).hexdigest()[:16]).write_bytes(data)


def main():
    output, sources = pathlib.Path(sys.argv[1]), [pathlib.Path(name) for name in sys.argv[2:]]
    folders = {name: output / name for name in ("datagram", "header", "capture", "text")}
    for folder in folders.values():
        folder.mkdir(parents=True, exist_ok=True)
    for text in TEXTS:
        write(folders["text"], text.encode())
    for order in "<>":
        write(folders["capture"], b"".join(pcapng(order)))
    for path in sorted(p for source in sources for p in source.glob("*.pcap*")):
        if path.suffix not in (".pcap", ".pcapng"):
            continue
        if path.stat().st_size <= 65536:
            write(folders["capture"], path.read_bytes())
        try:
            capture = Capture(path)
        except ValueError:
            continue
        headers = 0
        for number, datagram in enumerate(capture.payloads()):
            if number < DATAGRAMS_PER_CAPTURE:
                write(folders["datagram"], datagram)
            for protocol, octets in sampled_headers(datagram):
                if headers < HEADERS_PER_CAPTURE:
                    write(folders["header"], bytes([protocol & 255, WHOLE_FRAME]) + octets)
                    headers += 1


main()
