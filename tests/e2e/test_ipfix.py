"""Flow records as IPFIX, read by collectors that we did not write: nfcapd with nfdump, and tshark."""
import collections
import contextlib
import datetime
import json
import os
import pathlib
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import unittest

from weir import ROOT, Engine, Sender, Capture, capture, case, free_port, run, until


def find(name):
    """A program: installed, or unpacked by ./dev into build/peers."""
    unpacked = ROOT / "build/peers/usr/bin" / name
    if unpacked.exists():
        return str(unpacked)
    if path := shutil.which(name):
        return path
    raise unittest.SkipTest(f"no {name} (Debian packages nfdump, tshark)")


def definitions(collectors, **more):
    """Flows of IPv4, IPv6 and Ethernet; ports and values as a collector can compare them."""
    common = {"log": True, "ipfixCollectors": collectors} | more
    return {"flows": {
        "four": {"keys": "ipsource,ipdestination,ipprotocol,tcpsourceport,tcpdestinationport,inputifindex,outputifindex",
                 "value": "bytes", "values": "frames"} | common,
        "six": {"keys": "ip6source,ip6destination,ip6nexthdr", "value": "bytes"} | common,
        "frames": {"keys": "macsource,macdestination,vlan,ethernetprotocol,priority", "value": "frames"} | common,
    }}


def address(text):
    family = socket.AF_INET6 if ":" in text else socket.AF_INET
    return socket.inet_pton(family, text)


def udp_table():
    """UDP sockets: local address → the rest of the line, with `transmit queue:receive queue`."""
    rows = pathlib.Path("/proc/net/udp").read_text().splitlines()[1:]
    return {row.split()[1]: row for row in rows}


def interface(text):
    return int(text) if text.isdecimal() and int(text) != 0x3FFFFFFF else 0


def milliseconds(text):
    time = datetime.datetime.fromisoformat(text).replace(tzinfo=datetime.timezone.utc)
    return round(time.timestamp() * 1000)


class Ipfix(unittest.TestCase):
    def folder(self):
        folder = tempfile.TemporaryDirectory(prefix="ipfix")
        self.addCleanup(folder.cleanup)
        return pathlib.Path(folder.name)

    @contextlib.contextmanager
    def nfcapd(self, port):
        """A running nfcapd; gives a function that ends it and returns what it wrote, as nfdump reads it."""
        folder = self.folder()
        nfdump = find("nfdump")
        process = subprocess.Popen([find("nfcapd"), "-b", "127.0.0.1", "-p", str(port), "-l", str(folder), "-B", "4000000"],
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

        def read():
            until("nfcapd to take what has arrived", lambda: place in udp_table() and "00000000:00000000" in udp_table()[place])
            process.send_signal(signal.SIGTERM)  # it writes its file then
            process.wait(30)
            records = []
            for file in sorted(folder.glob("nfcapd.2*")):
                result = subprocess.run([nfdump, "-r", str(file), "-o", "json"], capture_output=True, text=True,
                                        timeout=60, env=os.environ | {"TZ": "UTC"})
                self.assertEqual(result.returncode, 0, result.stderr)
                records += json.loads(result.stdout)
            return records

        place = f"0100007F:{port:04X}"
        try:
            until("nfcapd to listen", lambda: process.poll() is not None or place in udp_table())
            self.assertIsNone(process.poll(), "nfcapd ended by itself")
            yield read
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()

    def replaying(self, file, defined, *options):
        """An engine that has replayed `file` to its end and exported all that came of it."""
        path = self.folder() / "definitions.json"
        path.write_text(json.dumps(defined))
        return Engine(f"-Dsflow.file={file}", "-Dsflow.file.speed=max", f"-Ddefine.file={path}", "-Dflows.max=100000", *options)

    def exported(self, engine, collectors=1):
        until("the end of the capture", lambda: engine.get("/health/json")["replayFinished"])

        def all_sent():
            analyzer = engine.get("/analyzer/json")
            return analyzer["ipfixRecordsSent"] + analyzer["ipfixRecordsLost"] == collectors * analyzer["flowsGenerated"]

        until("the export of all records", all_sent)
        self.assertEqual(engine.get("/analyzer/json")["ipfixRecordsLost"], 0)
        return engine.get("/flows/json")

    def as_nfdump_has(self, record):
        keys, values = record["flowKeys"].split(","), [record["value"], *record.get("values", [])]
        times = (record["start"], record["end"], int(record["dataSource"]))
        if record["name"] == "four":
            source, destination, protocol, source_port, destination_port, into, out = keys
            return (*times, address(source), address(destination), int(protocol), int(source_port), int(destination_port),
                    interface(into), interface(out), round(values[0]), round(values[1]))
        if record["name"] == "six":
            return (*times, address(keys[0]), address(keys[1]), int(keys[2]), 0, 0, 0, 0, round(values[0]), 0)
        return (*times, keys[0], keys[1], round(values[0]))

    @staticmethod
    def from_nfdump(record):
        times = (milliseconds(record["first"]), milliseconds(record["last"]), record["observationPointID"])
        if "in_src_mac" in record:
            return (*times, *(record[name].replace(":", "").upper() for name in ("in_src_mac", "in_dst_mac")), record["in_packets"])
        version = "4" if "src4_addr" in record else "6"
        return (*times, address(record[f"src{version}_addr"]), address(record[f"dst{version}_addr"]), record["proto"],
                record.get("src_port", 0), record.get("dst_port", 0), record["input_snmp"], record["output_snmp"],
                record["in_bytes"], record["in_packets"])

    def compare(self, name, least):
        port = free_port(socket.SOCK_DGRAM)
        with self.nfcapd(port) as read:
            with self.replaying(capture(name), definitions(f"127.0.0.1:{port}")) as engine:
                told = self.exported(engine)
                messages = engine.get("/analyzer/json")["ipfixMessagesSent"]
            stored = read()
        self.assertGreaterEqual(len(told), least)
        self.assertEqual(collections.Counter(map(self.from_nfdump, stored)), collections.Counter(map(self.as_nfdump_has, told)))
        print(f"{name}: {len(stored)} records in {messages} datagrams, each with the addresses, ports, times and counts of /flows/json")

    @case(120)
    def test_nfdump_has_the_records_of_the_flow_log(self):
        self.compare("ecmp.pcap", 100)

    @case(120)
    def test_nfdump_has_records_of_ipv6_and_ethernet(self):
        self.compare("encap-headers.pcap", 90)

    @case(120)
    def test_live_records_without_a_log_reach_a_collector_by_its_name(self):
        port = free_port(socket.SOCK_DGRAM)
        with self.nfcapd(port) as read:
            with Engine() as engine:
                engine.put("/flow/four/json", definitions(f"localhost:{port}", log=False, activeTimeout=1)["flows"]["four"])
                with Sender(list(Capture(capture("ecmp.pcap")).payloads())[:2000], engine.sflow_port, 1000):
                    until("exported records", lambda: engine.get("/analyzer/json")["ipfixRecordsSent"] > 20)
                figures = engine.get("/analyzer/json")
                self.assertEqual((figures["flowsGenerated"], figures["ipfixRecordsLost"]), (0, 0))
            stored = read()
        self.assertGreaterEqual(len(stored), figures["ipfixRecordsSent"])
        for record in stored:
            self.assertEqual(record["proto"], 6)
            self.assertGreater(record["in_bytes"], 0)
            self.assertGreater(record["in_packets"], 0)

    @case(120)
    def test_tshark_reads_every_element(self):
        tshark = find("tshark")
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as collector:
            collector.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
            collector.bind(("127.0.0.1", 0))
            collector.settimeout(30)
            where = f"127.0.0.1:{collector.getsockname()[1]}"
            with self.replaying(capture("encap-headers.pcap"), definitions(where)) as engine:
                told = self.exported(engine)
                count = engine.get("/analyzer/json")["ipfixMessagesSent"]
            messages = [collector.recv(65535) for _ in range(count)]
        for message in messages:
            self.assertLessEqual(len(message), 1400)
        file = self.folder() / "ipfix.pcap"
        file.write_bytes(pcap(messages))
        fields = ["cflow.version", "cflow.sequence", "cflow.od_id", "cflow.exporter_addr", "cflow.abstimestart", "cflow.srcaddr",
                  "cflow.srcaddrv6", "cflow.srcport", "cflow.inputint", "cflow.srcmac", "cflow.dot1q_vlan_id",
                  "cflow.dot1q_priority", "cflow.ethernet_type", "cflow.octets", "cflow.packets", "cflow.flow_end_reason",
                  "cflow.observation_point_id", "_ws.malformed", "_ws.expert.message"]
        arguments = [argument for field in fields for argument in ("-e", field)]
        result = subprocess.run([tshark, "-r", str(file), "-d", "udp.port==4739,cflow", "-T", "json", *arguments],
                                capture_output=True, text=True, timeout=60)
        self.assertEqual(result.returncode, 0, result.stderr)
        found = collections.Counter()
        sequences = []
        for packet in json.loads(result.stdout):
            layers = packet["_source"]["layers"]
            self.assertNotIn("_ws.malformed", layers)
            self.assertEqual(layers["cflow.version"], ["10"])
            self.assertEqual(layers["cflow.od_id"], ["0"])
            sequences.append(int(layers["cflow.sequence"][0]))
            for field, values in layers.items():
                found[field] += len(values)
        by_name = collections.Counter(record["name"] for record in told)
        for field, count in {
                "cflow.exporter_addr": len(told), "cflow.abstimestart": len(told), "cflow.flow_end_reason": len(told),
                "cflow.observation_point_id": len(told), "cflow.srcaddr": by_name["four"], "cflow.srcport": by_name["four"],
                "cflow.inputint": by_name["four"], "cflow.srcaddrv6": by_name["six"], "cflow.srcmac": by_name["frames"],
                "cflow.dot1q_vlan_id": by_name["frames"], "cflow.dot1q_priority": by_name["frames"],
                "cflow.ethernet_type": by_name["frames"], "cflow.octets": by_name["four"] + by_name["six"],
                "cflow.packets": by_name["four"] + by_name["frames"]}.items():
            self.assertEqual(found[field], count, f"{field} of {dict(found)}")
        self.assertEqual(sequences, sorted(sequences))

    @case(60)
    def test_weir_replay_exports_nothing_and_says_so(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as collector:
            collector.bind(("127.0.0.1", 0))
            collector.setblocking(False)
            path = self.folder() / "definitions.json"
            outputs = []
            for collectors in ([], [f"127.0.0.1:{collector.getsockname()[1]}"]):
                path.write_text(json.dumps(definitions(collectors)))
                result = run("replay", capture("ecmp.pcap"), "--define", path)
                self.assertEqual(result.returncode, 0, result.stderr)
                self.assertEqual(result.stderr.count("ipfixCollectors"), len(collectors), result.stderr)
                outputs.append(result.stdout)
            self.assertGreater(outputs[0].count("\n"), 100)
            self.assertEqual(outputs[0], outputs[1])
            with self.assertRaises(BlockingIOError):
                collector.recv(65535)

    @case(60)
    def test_what_cannot_be_exported_is_refused_with_its_attribute(self):
        good = {"keys": "ipsource,vlan", "value": "bytes", "values": "frames", "ipfixCollectors": "10.0.0.9,[2001:db8::1]:9995"}
        with Engine() as engine:
            engine.put("/flow/good/json", good)
            self.assertEqual(engine.get("/flow/good/json")["ipfixCollectors"], ["10.0.0.9", "[2001:db8::1]:9995"])
            for attribute, value in {"keys": "ipsource,ipttl", "value": "avg:bytes", "values": "frames,ipttl",
                                     "ipfixCollectors": "10.0.0.9:0"}.items():
                reply = engine.request("PUT", "/flow/bad/json", good | {attribute: value})
                self.assertEqual((reply.status, reply.json["attribute"]), (400, attribute), reply.body)
            for keys in ("ipsource.1", "null:ipsource:0", "mask:ipsource:24", "nosuch"):
                reply = engine.request("PUT", "/flow/bad/json", good | {"keys": keys})
                self.assertEqual((reply.status, reply.json["attribute"], reply.json["position"]), (400, "keys", 0), reply.body)
            self.assertEqual(list(engine.get("/flow/json")), ["good"])


def pcap(payloads):
    """A capture of UDP datagrams over raw IPv4 (LINKTYPE_RAW) to port 4739."""
    out = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 101)
    for number, payload in enumerate(payloads):
        udp = struct.pack("!HHHH", 50000, 4739, 8 + len(payload), 0) + payload
        ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0, bytes([127, 0, 0, 1]), bytes([127, 0, 0, 1]))
        out += struct.pack("<IIII", number, 0, len(ip + udp), len(ip + udp)) + ip + udp
    return out
