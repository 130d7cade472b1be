"""Starting, options and stopping, as an operator meets them."""
import http.client
import json
import os
import pathlib
import re
import resource
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import threading
import time
import unittest

from weir import PROGRAM, ROOT, UNPRIVILEGED, Capture, Engine, Sender, capture, case, for_everyone, free_port, run, until

LOG_LINE = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ (INFO|WARNING|ERROR): .")


class Program(unittest.TestCase):
    def folder(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        return pathlib.Path(folder.name)

    @case(60)
    def test_log_lines_have_the_form_that_people_know(self):
        with Engine() as engine:
            self.assertTrue(any(line.endswith(f"INFO: Listening, sFlow port {engine.sflow_port}") for line in engine.log), engine.log_text())
            for line in engine.log:
                self.assertRegex(line, LOG_LINE)

    @case(60)
    def test_sigterm_and_sigint_end_cleanly_with_polls_waiting(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            engine = Engine()
            polls = [threading.Thread(target=self.poll, args=(engine,), daemon=True) for _ in range(5)]
            for poll in polls:
                poll.start()
            time.sleep(0.2)
            status, seconds = engine.stop(number)
            self.assertEqual(status, 0, engine.log_text())
            self.assertLess(seconds, 10)

    @staticmethod
    def poll(engine):
        try:
            engine.get("/events/json?timeout=60")
        except (OSError, AssertionError, ValueError):
            pass  # the engine went away, as it should
        except Exception as error:  # http.client has its own family
            if "http.client" not in type(error).__module__:
                raise

    @case(60)
    def test_sigterm_ends_a_replay(self):
        engine = Engine(f"-Dsflow.file={capture('ecmp.pcap', 'fabric.pcap')}")
        self.assertEqual(engine.stop()[0], 0, engine.log_text())

    def port_in_use(self, kind, option):
        with socket.socket(socket.AF_INET, kind) as holder:
            holder.bind(("0.0.0.0", 0))
            if kind == socket.SOCK_STREAM:
                holder.listen()
            port = holder.getsockname()[1]
            ports = {"sflow.port": free_port(socket.SOCK_DGRAM), "http.port": free_port()} | {option: port}
            result = run(*(f"-D{name}={value}" for name, value in ports.items()))
        self.assertEqual(result.returncode, 1, result.stderr)
        told = [line for line in result.stderr.splitlines() if "INFO:" not in line]
        self.assertEqual(len(told), 1, result.stderr)
        self.assertIn(str(port), told[0])
        self.assertEqual(result.stdout, "")

    @case(60)
    def test_an_http_port_in_use_is_one_line(self):
        self.port_in_use(socket.SOCK_STREAM, "http.port")

    @case(60)
    def test_an_sflow_port_in_use_is_one_line(self):
        self.port_in_use(socket.SOCK_DGRAM, "sflow.port")

    @case(60)
    def test_a_second_engine_cannot_share_the_sflow_port(self):
        with Engine() as engine:
            result = run(f"-Dsflow.port={engine.sflow_port}", f"-Dhttp.port={free_port()}", seconds=20)
        self.assertEqual(result.returncode, 1, result.stderr)
        self.assertIn(str(engine.sflow_port), result.stderr)

    @case(60)
    def test_a_receive_buffer_that_is_not_granted_is_one_warning(self):
        most = int(pathlib.Path("/proc/sys/net/core/rmem_max").read_text())
        asked = max(16 << 20, (most // 2028 + 1) * 2028)
        if asked > 900 << 20:
            self.skipTest("this machine grants all that can be asked for")
        with Engine("-Dworkers.number=2", f"-Dsflow.rcvpktsbuffer={asked // 2028}", user=UNPRIVILEGED) as engine:
            told = [line for line in engine.log if "net.core.rmem_max" in line]
            self.assertEqual(len(told), 1, engine.log_text())
            self.assertIn(f"WARNING: the system grants a receive buffer of {most >> 10} KiB", told[0])

    def within(self, mebibytes):
        """An option of Popen: so much address space. Skips where not even the version can be told within it."""
        limit = lambda: resource.setrlimit(resource.RLIMIT_AS, (mebibytes << 20, mebibytes << 20))  # noqa: E731
        if run("--version", preexec_fn=limit).returncode != 0:
            self.skipTest("a sanitized program needs all addresses")
        return {"preexec_fn": limit}

    @case(60)
    def test_limited_address_space_is_a_warning(self):
        payloads = list(Capture(capture("ecmp.pcap", "fabric.pcap")).payloads())[:200]
        with Engine("-Dworkers.number=2", **self.within(2048)) as engine:
            self.assertRegex(engine.log_text(), r"WARNING: the flow tables of a shard end at \d+ MiB, since .*ulimit -v")
            engine.put("/flow/pairs/json", {"keys": "ipsource,ipdestination", "value": "frames", "t": 5})
            with Sender(payloads, engine.sflow_port, 2000):
                until("flows", lambda: engine.get("/activeflows/ALL/pairs/json"))

    @case(60)
    def test_too_little_address_space_is_one_line(self):
        result = run("-Dworkers.number=8", f"-Dsflow.port={free_port(socket.SOCK_DGRAM)}", f"-Dhttp.port={free_port()}",
                     **self.within(256))
        self.assertEqual(result.returncode, 1, result.stderr)
        self.assertRegex(result.stderr, r"ERROR: no room for the flow tables of 8 shards: .*ulimit -v.* workers.number")

    @case(120)
    def test_a_request_that_finds_no_memory_is_answered_503_and_telemetry_goes_on(self):
        payloads = list(Capture(capture("ecmp.pcap", "fabric.pcap")).payloads())[:200]
        group = json.dumps({"all": [f"{a}.{b}.{c}.0/24" for a in range(10, 40) for b in range(256) for c in range(256)]})
        self.assertGreater(len(group), 28 << 20)
        with Engine("-Dworkers.number=1", **self.within(330)) as engine, Sender(payloads, engine.sflow_port, 500):
            for path, body in (("/topology/json", '{"links":{},"x":[' + "[1]," * 1_900_000 + "[1]]}"), ("/group/all/json", group)) * 2:
                answer = engine.request("PUT", path, body)
                self.assertEqual(answer.status, 503, path)
                self.assertEqual(answer.headers["Retry-After"], "1")
                self.assertIn("memory", answer.body)
                before = engine.get("/health/json")["datagrams"]
                until("more telemetry", lambda: engine.get("/health/json")["datagrams"] > before)
            self.assertIsNone(engine.process.poll(), engine.log_text())

    @case(60)
    def test_the_demo_says_what_has_no_effect_on_it(self):
        with Engine("--demo", "-Dsflow.address=127.0.0.1") as engine:
            for name in ("sflow.port", "sflow.address"):
                self.assertIn(f"WARNING: command line: {name}: has no effect with --demo", engine.log_text())
        result = run("--demo", f"-Dsflow.file={self.folder() / 'a.pcap'}", f"-Dhttp.port={free_port()}")
        self.assertEqual(result.returncode, 2, result.stderr)
        self.assertIn("cannot be combined with -Dsflow.file", result.stderr)

    @case(60)
    def test_a_capture_that_cannot_be_read_is_one_line_with_advice(self):
        folder = self.folder()
        (folder / "empty.pcap").touch()
        (folder / "text.pcap").write_text("this is no capture, it is a line of text")
        (folder / "packed.pcap.gz").write_bytes(b"\x1f\x8b\x08\x00 and so on")
        for name, words in (("nosuch.pcap", "No such file"), ("", "is a directory"), ("empty.pcap", "is empty"),
                            ("text.pcap", "not a pcap or pcapng capture"), ("packed.pcap.gz", "compressed: unpack it")):
            for command in ("replay", "decode"):
                result = run(command, folder / name)
                self.assertEqual((result.returncode, result.stdout), (1, ""), name)
                self.assertRegex(result.stderr, rf"^\S+ ERROR: {folder / name}: .*{words}.*\n$")
        if UNPRIVILEGED is not None:
            result = run("replay", folder / "text.pcap", user=UNPRIVILEGED)
            self.assertRegex(result.stderr, r"Permission denied; .*user who may read it", "a temporary folder is its owner's")

    def fifo(self):
        path = self.folder() / "pipe"
        os.mkfifo(path)
        return path

    @case(60)
    def test_a_capture_from_a_pipe_is_read_as_from_a_file(self):
        path = capture("ecmp.pcap")
        wanted = run("replay", path, "--dump").stdout
        self.assertIn('"metric"', wanted)
        for source in (f"cat {path} | {PROGRAM} replay - --dump", f"{PROGRAM} replay <(cat {path}) --dump"):
            piped = subprocess.run(["bash", "-c", source], capture_output=True, text=True, timeout=50)
            self.assertEqual((piped.returncode, piped.stdout == wanted), (0, True), piped.stderr)

    @case(60)
    def test_garbage_in_a_pipe_ends_with_status_1(self):
        for command in ("replay", "decode"):
            path = self.fifo()
            writer = threading.Thread(target=path.write_bytes, args=(b"this is no capture",))
            writer.start()
            result = run(command, path, seconds=30)
            writer.join()
            self.assertEqual((result.returncode, result.stdout), (1, ""))
            self.assertRegex(result.stderr, rf"^\S+ ERROR: {path}: not a pcap or pcapng capture.*\n$")

    @case(60)
    def test_sigterm_ends_waiting_for_a_pipe(self):
        path = self.fifo()
        engine = Engine(f"-Dsflow.file={path}")
        self.assertEqual(engine.get("/agents/json"), {})
        self.assertEqual(engine.stop()[0], 0, engine.log_text())
        engine = Engine("-Dsflow.port=6343", f"-Dsflow.file={path}")  # what comes on another port would wait for more
        with open(path, "wb") as writer:
            writer.write(capture("ecmp.pcap").read_bytes()[:5000])
            writer.flush()
            engine.wait_received(1)
            self.assertEqual(engine.stop()[0], 0, engine.log_text())

    @case(60)
    def test_a_second_file_of_definitions_is_refused(self):
        result = run("replay", "a.pcap", "--define", "b.json", "--define", "c.json")
        self.assertEqual((result.returncode, result.stdout), (2, ""))
        self.assertIn("--define: given twice, b.json and c.json", result.stderr)

    @case(60)
    def test_help_of_a_command(self):
        for command in ("replay", "decode"):
            text = run(command, "--help")
            self.assertEqual((text.returncode, text.stderr), (0, ""))
            self.assertTrue(text.stdout.startswith(f"weir {command}: "), text.stdout)
        result = run(capture("ecmp.pcap", "fabric.pcap"))
        self.assertEqual(result.returncode, 2)
        self.assertRegex(result.stderr, r'"weir replay \S+\.pcap"')

    @case(60)
    def test_help_and_version(self):
        text = run("--help")
        self.assertEqual(text.returncode, 0)
        for word in ("sflow.port", "http.port", "sflow.file", "--demo", "--check", "replay", "decode"):
            self.assertIn(word, text.stdout)
        version = run("--version")
        self.assertEqual(version.returncode, 0)
        self.assertRegex(version.stdout, r"\d+\.\d+")

    @case(60)
    def test_a_misspelt_property_is_a_warning_with_the_nearest_name(self):
        with Engine("-Dsflow.fiel.speed=10", "-Dmy_app.limit=5") as engine:
            warnings = [line for line in engine.log if "WARNING" in line]
            self.assertTrue(any("sflow.fiel.speed" in line and "sflow.file.speed" in line for line in warnings), engine.log_text())

    @case(60)
    def test_check_says_what_is_wrong_and_where(self):
        folder = self.folder()
        good, bad, define = folder / "good.conf", folder / "bad.conf", folder / "define.json"
        good.write_text("# a comment\nhttp.port=8009\nworkers.number=2\n")
        bad.write_text("http.port=8009\n# next line is wrong\nsflow.port=63430000\n")
        define.write_text('{"flows":{"a":{"keys":"ipsource","value":"bytes"},\n"b":{"keys":"nosuch key(","value":"bytes"}}}')
        result = run("--check", f"-Dsystem.propertyFiles={good}")
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        result = run("--check", f"-Dsystem.propertyFiles={bad}")
        self.assertNotEqual(result.returncode, 0)
        self.assertRegex(result.stdout + result.stderr, r"bad\.conf:3\b")
        self.assertIn("sflow.port", result.stdout + result.stderr)
        result = run("--check", f"-Ddefine.file={define}")
        self.assertNotEqual(result.returncode, 0)
        self.assertIn("define.json:2: flows.b.keys: ", result.stdout + result.stderr)
        define.write_text('{"flows":{},\n"thresholds":{"é":{}},\n  "groups":{"g" 5}}')
        result = run("--check", f"-Ddefine.file={define}")
        self.assertNotEqual(result.returncode, 0)
        self.assertRegex(result.stdout + result.stderr, r"define\.json:3: expected ':' .*\(at character 16\)")
        result = run("--check", "-Dsflow.fiel.speed=10")
        self.assertEqual(result.returncode, 1)
        self.assertIn("nearest is sflow.file.speed", result.stderr)
        self.assertEqual(result.stdout, "")
        result = run("--check", "-Dhttp.requestbuffersize=4096")
        self.assertEqual((result.returncode, result.stdout), (0, "The configuration can be used, with the warnings above.\n"))
        self.assertIn("has no effect", result.stderr)
        result = run("--check", "-Dhttp.port=no")
        self.assertNotEqual(result.returncode, 0)
        self.assertIn("http.port", result.stdout + result.stderr)

    @case(60)
    def test_check_loads_what_the_start_would_load(self):
        folder = self.folder()
        define, table = folder / "define.json", folder / "table"
        define.write_text('{"flows":{"a":{"keys":"country:ipsource","value":"bytes"}}}')
        result = run("--check", f"-Ddefine.file={define}")
        self.assertEqual((result.returncode, result.stdout), (1, ""))
        self.assertIn("flow a: it looks up a database that is not there: property geo.country names its file", result.stderr)
        for name in ("geo.country", "geo.asn", "oui.names"):
            table.write_bytes(b"\x00 no table of any kind")
            result = run("--check", f"-D{name}={table}")
            self.assertEqual((result.returncode, result.stdout), (1, ""), name)
            self.assertIn(f"ERROR: {name}: ", result.stderr)
        define.write_text('{"flows":{"a":{"keys":"srcip","value":"bytes"}}}')
        result = run("--check", f"-Ddefine.file={define}")
        self.assertEqual((result.returncode, result.stdout), (1, ""), "a hint is a warning")
        self.assertIn('flow a: "srcip" is not a flow key, but ipsource is one', result.stderr)
        with Engine(f"-Ddefine.file={define}") as engine:
            self.assertIn("a", engine.get("/flow/json"), "a hint does not keep the engine from its start")
        result = run(f"-Ddefine.file={define}", "-Dhints.strict=yes", f"-Dsflow.port={free_port()}", f"-Dhttp.port={free_port()}")
        self.assertEqual(result.returncode, 1, "but for a strict one")
        self.assertIn('define.json:1: flows.a: "srcip" is not a flow key, but ipsource is one', result.stderr)
        define.write_text('{"flows":{"a":{"keys":"ipsource","value":"bytes"}}}')
        result = run("--check", f"-Ddefine.file={define}")
        self.assertEqual((result.returncode, result.stdout, result.stderr), (0, "The configuration is in order.\n", ""))

    @case(60)
    def test_a_bad_definition_file_stops_the_start(self):
        define = self.folder() / "define.json"
        define.write_text('{"flows":{"a":{"keys":"nosuch(","value":"bytes"}}}')
        result = run(f"-Ddefine.file={define}", f"-Dhttp.port={free_port()}", f"-Dsflow.port={free_port(socket.SOCK_DGRAM)}")
        self.assertEqual(result.returncode, 1)
        self.assertIn("define.json", result.stderr)

    @case(60)
    def test_the_packaged_properties_and_their_examples_are_right(self):
        """Packaging: the file as it is starts a service without any privilege, and no example in it is out of date."""
        packaged = ROOT / "packaging/weir/weir.conf"
        with Engine(f"-Dsystem.propertyFiles={for_everyone(packaged)}", user=UNPRIVILEGED) as engine:
            self.assertNotIn("ERROR", engine.log_text())
        folder = self.folder()
        (folder / "definitions.json").write_text("{}")
        text, examples = re.subn(r"(?m)^#(?=[a-z.]+=)", "", packaged.read_text())
        self.assertGreater(examples, 5)
        (folder / "weir.conf").write_text(text)
        result = run("--check", "-Dsystem.propertyFiles=weir.conf", cwd=folder)
        self.assertEqual((result.returncode, result.stderr), (0, ""))

    @case(60)
    def test_the_systemd_unit_is_valid(self):
        if shutil.which("systemd-analyze") is None:
            self.skipTest("no systemd-analyze")
        unit = self.folder() / "weir.service"
        unit.write_text((ROOT / "packaging/weir/weir.service").read_text().replace("/usr/bin/weir", PROGRAM))
        result = subprocess.run(["systemd-analyze", "verify", "--man=no", unit], capture_output=True, text=True, timeout=50)
        told = [line for line in result.stderr.splitlines() if "weir.service" in line]  # others are the machine's own
        self.assertEqual((result.returncode, told), (0, []), result.stderr)

    @case(60)
    def test_properties_come_from_files_and_the_environment(self):
        file = self.folder() / "weir.conf"
        file.write_text("http.readonly=yes\n")
        flow = {"value": "bytes"}
        with Engine(f"-Dsystem.propertyFiles={file}") as engine:
            self.assertEqual(engine.request("PUT", "/flow/a/json", flow).status, 403)
        with Engine(environment=os.environ | {"RTPROP": "-Dhttp.readonly=yes"}) as engine:
            self.assertEqual(engine.request("PUT", "/flow/a/json", flow).status, 403)

    @case(60)
    def test_a_missing_capture_is_one_line_and_status_1(self):
        result = run("-Dsflow.file=/nonexistent.pcap", f"-Dhttp.port={free_port()}")
        self.assertEqual(result.returncode, 1)
        self.assertIn("/nonexistent.pcap", result.stderr)

    @case(60)
    def test_the_clock_stands_still_after_a_capture(self):
        file = capture("overflowd-single-agent.pcap", "fabric.pcap")
        with Engine(f"-Dsflow.file={file}", "-Dsflow.file.speed=max") as engine:
            engine.wait_received(len(Capture(file).packets))
            first = engine.get("/agents/json")
            time.sleep(0.5)
            self.assertEqual(engine.get("/agents/json"), first)

    @case(60)
    def test_the_end_of_a_capture_is_told_with_what_there_was(self):
        file = capture("ecmp.pcap", "fabric.pcap")
        line = rf"INFO: Replayed {len(Capture(file).packets)} datagrams, [1-9]\d* samples, \d+\.\d s of capture: 0 events, 0 flow records"
        self.assertRegex(run("replay", file).stderr, line)
        with Engine(f"-Dsflow.file={file}", "-Dsflow.file.speed=max") as engine:
            until("the line", lambda: re.search(line, engine.log_text()))

    @case(60)
    def test_a_capture_without_sflow_is_a_warning(self):
        file = self.folder() / "other.pcap"
        packet = bytes.fromhex("020000000002 020000000001 0800 4500002000000000401100000102030401020305 00350035000c0000 deadbeef")
        header = bytes.fromhex("d4c3b2a1 02000400 0000000000000000 ffff0000 01000000")
        for packets, count in ((b"", 0), (struct.pack("<IIII", 1, 0, len(packet), len(packet)) + packet, 1)):
            file.write_bytes(header + packets)
            result = run("replay", file, "--dump")
            self.assertEqual((result.returncode, result.stdout), (0, ""), result.stderr)
            self.assertRegex(result.stderr, rf"WARNING: The capture has no sFlow samples, but {count} datagrams")

    @case(60)
    def test_a_looped_capture_starts_again(self):
        file = capture("overflowd-single-agent.pcap", "fabric.pcap")
        with Engine(f"-Dsflow.file={file}", "-Dsflow.file.speed=max", "-Dsflow.file.loop=yes") as engine:
            engine.wait_received(3 * len(Capture(file).packets))
