#!/usr/bin/env python3
"""Runs the example http_server: it serves a file and a stream, and has at most 40 lines. http_server.py PROGRAM SOURCE"""
import pathlib
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request

PROGRAM, SOURCE = sys.argv[1:]


def main():
    lines = len(pathlib.Path(SOURCE).read_text().splitlines())
    assert lines <= 40, f"{lines} lines"
    with tempfile.TemporaryDirectory() as folder:
        page = pathlib.Path(folder, "index.html")
        page.write_text("<p>hello")
        with subprocess.Popen([PROGRAM, folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as program:
            url = f"http://127.0.0.1:{program.stdout.readline().strip()}"
            with urllib.request.urlopen(url + "/", timeout=20) as answer:
                assert answer.read() == b"<p>hello" and answer.headers["Content-Type"].startswith("text/html"), answer.headers
                tag = answer.headers["ETag"]
            try:
                urllib.request.urlopen(urllib.request.Request(url + "/", headers={"If-None-Match": tag}), timeout=20)
                raise AssertionError("a copy that is held was sent again")
            except urllib.error.HTTPError as held:
                assert held.code == 304, held.code
            with urllib.request.urlopen(url + "/ticks", timeout=20) as stream:
                events = [stream.readline() for _ in range(6)]
            assert events == [b"data: 1\n", b"\n", b"data: 2\n", b"\n", b"data: 3\n", b"\n"], events
            program.stdin.close()
            assert program.wait(20) == 0


main()
