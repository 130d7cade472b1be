"""`weir decode` and `weir replay` as parts of a pipeline: JSON lines only, a status other than 0 when the
file cannot be read or output is lost."""
import json
import signal
import socket
import subprocess
import tempfile
import pathlib
import unittest

from weir import CAPTURES, MADE_CAPTURES, PROGRAM, Capture, capture, case, free_port, run, until


def lines(text):
    return [json.loads(line) for line in text.splitlines()]


class Decode(unittest.TestCase):
    @case(120)
    def test_every_capture_gives_one_json_line_a_datagram(self):
        for file in sorted([*MADE_CAPTURES.glob("*.pcap*"), *CAPTURES.glob("*.pcap")]):
            if file.suffix not in (".pcap", ".pcapng"):
                continue
            with self.subTest(file=file.name):
                result = subprocess.run([PROGRAM, "decode", file], capture_output=True, timeout=100)
                self.assertEqual(result.returncode, 0, result.stderr[-500:])
                reference = file.with_name(file.name + ".sflowtool.json")
                decoded = [json.loads(line) for line in result.stdout.splitlines()]
                self.assertGreater(len(decoded), 0)
                for datagram in decoded:
                    self.assertIn("datagramSize", datagram)
                    self.assertIn("pcapTimestamp_uS", datagram)
                if reference.exists():
                    self.assertGreaterEqual(len(decoded), len(json.loads(reference.read_text())))

    @case(60)
    def test_a_capture_from_standard_input(self):
        file = capture("overflowd-single-agent.pcap", "fabric.pcap")
        with open(file, "rb") as stream:
            piped = subprocess.run([PROGRAM, "decode", "-"], stdin=stream, capture_output=True, timeout=60)
        self.assertEqual(piped.returncode, 0)
        self.assertEqual(piped.stdout, subprocess.run([PROGRAM, "decode", file], capture_output=True, timeout=60).stdout)

    @case(60)
    def test_only_an_unreadable_file_is_a_failure(self):
        with tempfile.TemporaryDirectory() as folder:
            garbage = pathlib.Path(folder, "garbage.pcap")
            garbage.write_bytes(b"this is no capture")
            define = pathlib.Path(folder, "define.json")
            define.write_text("{}")
            for arguments in (("decode",), ("replay", "--define", define)):
                for file in ("/nonexistent.pcap", garbage):
                    result = run(arguments[0], file, *arguments[1:])
                    self.assertNotEqual(result.returncode, 0, f"{arguments[0]} {file}")
                    self.assertEqual(result.stdout, "")
                    self.assertIn(str(file), result.stderr)
                result = run(arguments[0], capture("synthetic-invalid.pcap", "damaged.pcap"), *arguments[1:])
                self.assertEqual(result.returncode, 0, result.stderr)
                lines(result.stdout)

    @case(60)
    def test_output_that_is_lost_is_a_failure(self):
        file = capture("ecmp.pcap", "fabric.pcap")
        for arguments in (("decode", file), ("replay", file, "--dump"), ("--help",), ("--version",)):
            with self.subTest(arguments=arguments), open("/dev/full", "w") as full:
                result = subprocess.run([PROGRAM, *arguments], stdout=full, stderr=subprocess.PIPE, text=True, timeout=60)
                self.assertEqual(result.returncode, 1)
                self.assertIn("standard output cannot be written: No space left on device", result.stderr)

    @case(60)
    def test_a_reader_who_leaves_is_no_failure(self):
        process = subprocess.Popen([PROGRAM, "decode", capture("ecmp.pcap", "fabric.pcap")], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        process.stdout.readline()
        process.stdout.close()
        with process.stderr:
            self.assertEqual(process.stderr.read(), "")
        self.assertIn(process.wait(60), (0, -signal.SIGPIPE))

    @case(60)
    def test_live_datagrams_are_printed_as_they_arrive(self):
        payloads = list(Capture(capture("ecmp.pcap", "fabric.pcap")).payloads())[:5]
        port = free_port(socket.SOCK_DGRAM)
        process = subprocess.Popen([PROGRAM, "decode", "--listen", str(port)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        try:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
                until("the port", lambda: bound(port))
                for payload in payloads:
                    s.sendto(payload, ("127.0.0.1", port))
            agents = [json.loads(process.stdout.readline())["agent"] for _ in payloads]
            self.assertEqual(agents, [".".join(map(str, payload[8:12])) for payload in payloads])
            process.send_signal(signal.SIGTERM)
            self.assertEqual(process.wait(30), 0)
        finally:
            process.kill()
            process.wait()
            process.stdout.close()


def bound(port):
    """Whether a UDP socket of this machine has the port."""
    for table in ("/proc/net/udp", "/proc/net/udp6"):
        try:
            rows = open(table).read().splitlines()[1:]
        except OSError:
            continue
        if any(int(row.split()[1].rsplit(":", 1)[1], 16) == port for row in rows):
            return True
    return False
