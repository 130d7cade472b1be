#!/usr/bin/env python3
"""The whole engine over loopback, beside the floor program, in one run.

    bench_engine.py WEIR [--rate N] [--seconds N] [--rounds N] [--only memory,latency,cost,throughput]

The load generator and the floor program (sflow-blast.c, floor.c) come from WEIR_BENCH, by default ../shared/bench beside
the project, and are built into build/bench. Sender and receiver share the cores; figures of one round are taken close together, and the rounds take turns, since machines drift.
CPU is user + system time of the receiving process; a sample is a flow sample. Prints a table; --json FILE keeps it.
"""
import argparse
import json
import os
import pathlib
import re
import signal
import socket
import statistics
import subprocess
import sys
import time
import urllib.request

TICKS = os.sysconf("SC_CLK_TCK")
DEFINITIONS = [  # the ten of the floor program, as nearly as flow keys can say them
    "ipsource,ipdestination,ipprotocol,tcpsourceport,tcpdestinationport",
    "ipsource,ipdestination",
    "ipsource",
    "ipdestination",
    "ipdestination,tcpdestinationport,ipprotocol",
    "ipprotocol",
    "macsource,macdestination",
    "inputifindex,outputifindex",
    "ipsource,ipprotocol",
    "ipsource,ipdestination,tcpsourceport,tcpdestinationport",
]
# What an exchange point, DDoS protection, a RoCE fabric and dashboards define (docs/examples), thirty together.
FOLDER = pathlib.Path(__file__).parents[2] / "docs" / "examples"
FILES = [json.loads((FOLDER / f"{name}.json").read_text()) for name in ("exchange-point", "ddos", "roce", "dashboards")]
EXAMPLES = [(kind[:-1], *item) for kind in ("groups", "maps") for file in FILES for item in file.get(kind, {}).items()]
EXAMPLES += [("flow", *item) for file in FILES for item in file["flows"].items()][:30]
EXAMPLES += [("threshold", *item) for file in FILES for item in file.get("thresholds", {}).items()]


def free_port(kind):
    with socket.socket(socket.AF_INET, kind) as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def build(sources, work):
    os.makedirs(work, exist_ok=True)
    for name, flags in (("sflow-blast", ["-O2", "-march=native"]), ("floor", ["-O3", "-march=native"])):
        target, source = os.path.join(work, name), os.path.join(sources, name + ".c")
        if not os.path.exists(target) or os.path.getmtime(target) < os.path.getmtime(source):
            subprocess.run(["cc", *flags, "-w", "-o", target, source, "-lm", "-lpthread"], check=True)


class Engine:
    """A running weir on free ports of loopback."""

    def __init__(self, program, *options):
        self.udp, self.http = free_port(socket.SOCK_DGRAM), free_port(socket.SOCK_STREAM)
        start = time.monotonic()
        self.process = subprocess.Popen(
            [program, f"-Dsflow.port={self.udp}", "-Dsflow.address=127.0.0.1", f"-Dhttp.port={self.http}",
             "-Dhttp.hostname=127.0.0.1", *options], stderr=subprocess.PIPE, text=True)
        for line in self.process.stderr:
            if "Listening, HTTP port" in line:
                break
        else:
            raise RuntimeError("the engine did not start")
        self.start_ms = (time.monotonic() - start) * 1e3

    def call(self, method, path, body=None):
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(f"http://127.0.0.1:{self.http}{path}", data=data, method=method)
        with urllib.request.urlopen(request, timeout=30) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def define(self, count):
        if count > len(DEFINITIONS):
            for kind, name, body in EXAMPLES:
                self.call("PUT", f"/{kind}/{name}/json", body)
            return
        for i, keys in enumerate(DEFINITIONS[:count]):
            self.call("PUT", f"/flow/bench_{i}/json", {"keys": keys, "value": "bytes"})

    def cpu(self):
        with open(f"/proc/{self.process.pid}/stat") as f:
            fields = f.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def rss_mib(self):
        with open(f"/proc/{self.process.pid}/status") as f:
            return int(re.search(r"VmRSS:\s+(\d+)", f.read()).group(1)) / 1024

    def figures(self):
        return self.call("GET", "/health/json")

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(10)
        self.process.stderr.close()


def blast(work, port, datagrams, rate, *more):
    """The sender, already started."""
    return subprocess.Popen([os.path.join(work, "sflow-blast"), "-q", "-p", str(port), "-n", str(int(datagrams)),
                             "-r", str(int(rate)), "-t", "120", *more], stdout=subprocess.PIPE, text=True)


def engine_cost(args, definitions, rate, options=()):
    engine = Engine(args.weir, *options)
    try:
        engine.define(definitions)
        blast(args.work, engine.udp, 3 * rate, rate).wait()  # until the tables have the size that this traffic needs
        before, cpu = engine.figures(), engine.cpu()
        blast(args.work, engine.udp, rate * args.seconds, rate).wait()
        after, cpu = engine.figures(), engine.cpu() - cpu
        samples = after["flowSamples"] - before["flowSamples"]
        lost = after["drops"]["kernel"] - before["drops"]["kernel"]
        return {"cpu": cpu / samples * 1e6, "samples": samples, "lost": lost, "rss": engine.rss_mib()}
    finally:
        engine.stop()


def floor_cost(args, definitions, rate):
    port = free_port(socket.SOCK_DGRAM)
    mode = ["-m", "2", "-k", str(definitions)] if definitions else ["-m", "1"]
    floor = subprocess.Popen([os.path.join(args.work, "floor"), "-p", str(port), *mode, "-i", "1"],
                             stdout=subprocess.PIPE, text=True)
    # It takes its memory before it binds; sending early would only be lost.
    deadline = time.monotonic() + 60
    while f":{port:04X} " not in open("/proc/net/udp").read() and time.monotonic() < deadline:
        time.sleep(0.05)
    blast(args.work, port, rate * (args.seconds + 1), rate).wait()
    line = floor.communicate()[0]
    value = lambda name: float(re.search(rf"\b{name}=([\d.]+)", line).group(1))
    return {"cpu": value("cpu_per_Msamples"), "samples": value("flow_samples"), "lost": value("dropped")}


def cost_table(args, report):
    print(f"\nCPU seconds per million samples at {args.rate} datagrams/s of 7 samples, median of {args.rounds} rounds")
    print("definitions   weir  floor  ratio (min…max)   target   lost datagrams weir/floor")
    targets = {1: 1.4, 5: 1.7, 10: 2.0}
    for count in (0, 1, 5, 10, 30):  # 30: those of docs/examples, beside the ten of the floor program
        pairs = []
        for _ in range(args.rounds):
            pairs.append((engine_cost(args, count, args.rate, args.options), floor_cost(args, min(count, 10), args.rate)))
        weir = statistics.median(p[0]["cpu"] for p in pairs)
        floor = statistics.median(p[1]["cpu"] for p in pairs)
        ratios = sorted(p[0]["cpu"] / p[1]["cpu"] for p in pairs)
        lost = sum(p[0]["lost"] for p in pairs), sum(p[1]["lost"] for p in pairs)
        report["cost"][count] = {"weir": weir, "floor": floor, "ratios": ratios, "lost": lost}
        print(f"{count:11d}  {weir:5.3f}  {floor:5.3f}  {statistics.median(ratios):5.2f} ({ratios[0]:.2f}…{ratios[-1]:.2f})"
              f"   {targets.get(count, '-'):>6}   {lost[0]}/{lost[1]:.0f}", flush=True)


def throughput(args, report):
    """Highest rate of samples that one shard takes without loss."""
    best = None
    for rate in (100_000, 150_000, 200_000, 215_000, 230_000, 260_000, 300_000):
        engine = Engine(args.weir, "-Dworkers.number=1")
        try:
            engine.define(1)
            blast(args.work, engine.udp, rate, rate, "-G", "16").wait()
            before = engine.figures()
            start = time.monotonic()
            cpu = engine.cpu()
            blast(args.work, engine.udp, rate * 3, rate, "-G", "16").wait()
            elapsed = time.monotonic() - start
            after = engine.figures()
            samples = after["flowSamples"] - before["flowSamples"]
            lost = after["drops"]["kernel"] - before["drops"]["kernel"]
            perSecond = samples / elapsed
            print(f"one shard, 1 definition: {perSecond:,.0f} samples/s received, {lost} datagrams lost, "
                  f"{(engine.cpu() - cpu) / elapsed:.2f} cores", flush=True)
            if lost == 0:
                best = max(best or 0, perSecond)
        finally:
            engine.stop()
    report["throughput"] = best
    print(f"without loss: {best or 0:,.0f} samples/s   target 1,500,000")


def latency(args, report):
    engine = Engine(args.weir)
    try:
        engine.define(1)
        for name, background in (("idle", 0), ("50,000 samples/s", 7143)):
            sender = blast(args.work, engine.udp, background * 20, background) if background else None
            out = subprocess.run([args.probe, str(engine.udp), str(engine.http), "3000", "1000"], capture_output=True,
                                 text=True, timeout=120)
            if sender:
                sender.terminate()
                sender.wait()
            print(f"datagram to event at a long poll, {name}: {out.stdout.strip() or out.stderr.strip()}", flush=True)
            report["latency"][name] = json.loads(out.stdout)
    finally:
        engine.stop()
    print("target while 50,000 samples/s arrive: p50 below 200 µs, p99 below 2,000 µs")


def memory(args, report):
    engine = Engine(args.weir)
    try:
        engine.define(1)
        print(f"started listening after {engine.start_ms:.0f} ms (target 50), resident {engine.rss_mib():.0f} MiB", flush=True)
        report["start_ms"] = engine.start_ms
        blast(args.work, engine.udp, 1_000_000, 60_000, "-a", "1000", "-i", "48", "-f", "1000000").wait()
        figures = engine.figures()
        report["rss_mib"] = engine.rss_mib()
        print(f"1,000 agents × 48 ports, 1,000,000 keys, 1 definition: {figures['agents']} agents, "
              f"{figures['dataSources']} data sources, {figures['flowSamples']} samples, resident "
              f"{report['rss_mib']:.0f} MiB (target 300), flow tables {figures['flowTableBytes'] / 2**20:.0f} MiB")
    finally:
        engine.stop()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("weir")
    parser.add_argument("--rate", type=int, default=100_000)
    parser.add_argument("--seconds", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", default="memory,latency,cost,throughput")
    parser.add_argument("--option", dest="options", action="append", default=[])
    parser.add_argument("--json")
    args = parser.parse_args()
    root = pathlib.Path(__file__).resolve().parents[2]
    sources = pathlib.Path(os.environ.get("WEIR_BENCH", root / ".." / "shared" / "bench"))
    args.probe = str(pathlib.Path(args.weir).parent / "latency_probe")
    args.work = str(root / "build" / "bench")
    if not (sources / "sflow-blast.c").exists():
        print(f"SKIPPED: no load generator in {sources} (set WEIR_BENCH)")
        return 0
    build(str(sources), args.work)
    report = {"cost": {}, "latency": {}}
    parts = {"memory": memory, "latency": latency, "cost": cost_table, "throughput": throughput}
    for name in args.only.split(","):
        parts[name](args, report)
    if args.json:
        with open(args.json, "w") as f:
            json.dump(report, f, indent=1)
    return 0


if __name__ == "__main__":
    sys.exit(main())
