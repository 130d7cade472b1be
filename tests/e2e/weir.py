"""Starts the real program and talks to it over real sockets. Standard library only.

Environment: WEIR_PROGRAM   the program under test
             WEIR_CAPTURES  folder of more captures than tests/captures (default: ../shared/captures beside the project)
"""
import atexit
import functools
import http.client
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests/support"))
from capture_file import Capture  # noqa: E402,F401

PROGRAM = os.environ.get("WEIR_PROGRAM", str(ROOT / "build/release/bin/weir"))
CAPTURES = pathlib.Path(os.environ.get("WEIR_CAPTURES", ROOT.parent / "shared/captures"))

# A sanitized program on a busy machine starts slowly; nothing here waits this long when all is well.
PATIENCE = 60.0


MADE_CAPTURES = ROOT / "tests/captures"


def capture(*names):
    """Path of the first capture that is there, of tests/captures or CAPTURES; skips the test where none is."""
    for name in names:
        for folder in (MADE_CAPTURES, CAPTURES):
            if (folder / name).exists():
                return folder / name
    raise unittest.SkipTest(f"no capture {' or '.join(names)} in {CAPTURES}")


def case(seconds=120, *labels):
    """Sets a test's time limit in seconds, and labels beyond `e2e` (read by CMake through run.py --list)."""

    def mark(test):
        test.seconds, test.labels = seconds, labels
        return test

    return mark


def free_port(kind=socket.SOCK_STREAM):
    with socket.socket(socket.AF_INET, kind) as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def until(what, condition, seconds=PATIENCE, pause=0.05):
    """Calls `condition` until it gives something true, and returns that; fails after `seconds`."""
    end = time.monotonic() + seconds
    while True:
        if result := condition():
            return result
        if time.monotonic() > end:
            raise AssertionError(f"waited {seconds:.0f} s for {what}")
        time.sleep(pause)


# A user without any privilege, for the option `user`; None where the tests have no privilege themselves.
UNPRIVILEGED = 65534 if os.geteuid() == 0 else None


@functools.cache
def for_everyone(path):
    """A copy of a file that every user can read and run, wherever the project lies. It is deleted when the test ends."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="weir-"))
    atexit.register(shutil.rmtree, folder)
    folder.chmod(0o755)
    copy = folder / pathlib.Path(path).name
    shutil.copyfile(path, copy)
    copy.chmod(0o755)
    return str(copy)


def program_for(user):
    return PROGRAM if user is None else for_everyone(PROGRAM)


def run(*arguments, seconds=PATIENCE, user=None, **options):
    """Runs the program to its end."""
    command = [program_for(user), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=seconds, user=user, **options)


class Reply:
    def __init__(self, status, body, headers):
        self.status, self.body, self.headers = status, body, headers

    @property
    def json(self):
        return json.loads(self.body)


class Engine:
    """One running engine on free loopback ports. Use as a context manager: leaving stops it by SIGTERM and demands
    exit status 0."""

    def __init__(self, *options, environment=None, user=None, **process):
        self.sflow_port = free_port(socket.SOCK_DGRAM)
        self.http_port = free_port()
        self.url = f"http://127.0.0.1:{self.http_port}"
        self.log = []
        self.process = subprocess.Popen(
            [program_for(user), f"-Dsflow.port={self.sflow_port}", f"-Dhttp.port={self.http_port}", *map(str, options)],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment, user=user,
            **process)
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()
        try:
            until("the line that it listens", self._listens, pause=0.01)
        except AssertionError as error:
            self.process.kill()
            raise AssertionError(f"{error}\n{self.log_text()}") from None

    def _read(self):
        for line in self.process.stdout:
            self.log.append(line.rstrip("\n"))

    def _listens(self):
        if self.process.poll() is not None:
            self.reader.join(5)
            raise AssertionError(f"the program ended with status {self.process.returncode}")
        return any(f"Listening, HTTP port {self.http_port}" in line for line in self.log)

    def log_text(self):
        return "\n".join(self.log)

    def request(self, method, path, body=None, seconds=PATIENCE):
        connection = http.client.HTTPConnection("127.0.0.1", self.http_port, timeout=seconds)
        try:
            if body is not None and not isinstance(body, (str, bytes)):
                body = json.dumps(body)
            connection.request(method, path, body)
            reply = connection.getresponse()
            return Reply(reply.status, reply.read().decode(), dict(reply.getheaders()))
        finally:
            connection.close()

    def get(self, path, **options):
        """The JSON of a GET that must answer 200."""
        reply = self.request("GET", path, **options)
        if reply.status != 200:
            raise AssertionError(f"GET {path}: {reply.status} {reply.body}")
        return reply.json

    def put(self, path, body):
        reply = self.request("PUT", path, body)
        if reply.status != 204:
            raise AssertionError(f"PUT {path}: {reply.status} {reply.body}")

    def delete(self, path):
        reply = self.request("DELETE", path)
        if reply.status != 204:
            raise AssertionError(f"DELETE {path}: {reply.status} {reply.body}")

    def received(self):
        return self.get("/analyzer/json")["sFlowDatagramsReceived"]

    def wait_received(self, count, seconds=PATIENCE):
        until(f"{count} datagrams", lambda: self.received() >= count, seconds)

    def stop(self, signal_number=signal.SIGTERM, seconds=PATIENCE):
        """Exit status and seconds taken."""
        start = time.monotonic()
        self.process.send_signal(signal_number)
        try:
            status = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise AssertionError(f"still running {seconds:.0f} s after signal {signal_number}\n{self.log_text()}") from None
        self.reader.join(5)
        return status, time.monotonic() - start

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        if self.process.poll() is not None:
            raise AssertionError(f"the program ended by itself with status {self.process.returncode}\n{self.log_text()}")
        status, _ = self.stop()
        if status != 0:
            raise AssertionError(f"exit status {status} after SIGTERM\n{self.log_text()}")


class Sender:
    """Sends datagrams over loopback in a thread, over and over, at a steady pace, until left."""

    def __init__(self, datagrams, port, per_second, address="127.0.0.1"):
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        self.datagrams, self.target, self.per_second = datagrams, (address, port), per_second
        self.socket = socket.socket(family, socket.SOCK_DGRAM)
        self.sent = 0
        self.ending = threading.Event()
        self.thread = threading.Thread(target=self._send, daemon=True)

    def _send(self):
        start = time.monotonic()
        while not self.ending.is_set():
            due = (time.monotonic() - start) * self.per_second
            while self.sent < due:
                self.socket.sendto(self.datagrams[self.sent % len(self.datagrams)], self.target)
                self.sent += 1
            self.ending.wait(0.005)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ending.set()
        self.thread.join()
        self.socket.close()
