#!/usr/bin/env python3
"""A group set of a million prefixes, replaced again and again while telemetry arrives.

    bench_group.py WEIR [--rate N] [--prefixes N] [--times N]

Says how long a PUT takes, how much memory the engine needs, what the group costs a sample, and how many datagrams were
lost; exits with 1 if it lost one. The load generator is that of bench_engine.py.
"""
import argparse
import json
import os
import pathlib
import random
import sys
import time
import urllib.request

import bench_engine


def body(prefixes, seed):
    """Prefixes with the lengths of the global routing table, in 1,000 classes."""
    chance = random.Random(seed)
    classes = {f"class{i}-{seed}": [] for i in range(1000)}
    names = list(classes)
    for i in range(prefixes):
        bits = 24 if chance.random() < 0.6 else chance.randint(12, 32)
        address = chance.getrandbits(32) >> (32 - bits) << (32 - bits)
        classes[names[i % 1000]].append(f"{address >> 24}.{address >> 16 & 255}.{address >> 8 & 255}.{address & 255}/{bits}")
    classes[f"rest-{seed}"] = ["0.0.0.0/0", "::/0"]
    return json.dumps(classes).encode()


def put(engine, data):
    """Seconds that the request took."""
    start = time.monotonic()
    request = urllib.request.Request(f"http://127.0.0.1:{engine.http}/group/big/json", data=data, method="PUT")
    urllib.request.urlopen(request, timeout=120).read()
    return time.monotonic() - start


def cost(engine, work, keys, rate, seconds):
    """CPU seconds per million samples with one definition of these keys."""
    engine.call("PUT", "/flow/bench/json", {"keys": keys, "value": "bytes"})
    bench_engine.blast(work, engine.udp, rate, rate).wait()
    before, cpu = engine.figures(), engine.cpu()
    bench_engine.blast(work, engine.udp, rate * seconds, rate).wait()
    samples = engine.figures()["flowSamples"] - before["flowSamples"]
    return (engine.cpu() - cpu) / samples * 1e6


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("weir")
    parser.add_argument("--rate", type=int, default=20_000, help="datagrams a second, of 7 samples")
    parser.add_argument("--prefixes", type=int, default=1_000_000)
    parser.add_argument("--times", type=int, default=5)
    args = parser.parse_args()
    root = pathlib.Path(__file__).resolve().parents[2]
    work = os.path.join(root, "build", "bench")
    bench_engine.build(os.environ.get("WEIR_BENCH", os.path.join(root, "..", "shared", "bench")), work)

    bodies = [body(args.prefixes, seed) for seed in (1, 2)]
    engine = bench_engine.Engine(args.weir)
    try:
        idle = engine.rss_mib()
        took = put(engine, bodies[0])
        print(f"{args.prefixes:,} prefixes, {len(bodies[0]) / 1e6:.0f} MB: {took:.2f} s alone, "
              f"memory {idle:.0f} → {engine.rss_mib():.0f} MiB", flush=True)
        plain, grouped = (cost(engine, work, keys, args.rate, 3) for keys in ("ipsource", "group:ipsource:big"))
        print(f"CPU seconds per million samples: {plain:.3f} with ipsource, {grouped:.3f} with group:ipsource:big")
        before = engine.figures()
        sender = bench_engine.blast(work, engine.udp, 60 * args.rate, args.rate)
        times = [put(engine, bodies[i % 2]) for i in range(1, args.times + 1)]
        time.sleep(5)  # until what was counted with older sets has decayed
        sender.terminate()
        sender.wait()
        after = engine.figures()
        lost = after["drops"]["kernel"] - before["drops"]["kernel"]
        samples = after["flowSamples"] - before["flowSamples"]
        print(f"replaced {len(times)} times under {args.rate:,} datagrams/s: {min(times):.2f} to {max(times):.2f} s a PUT, "
              f"{samples:,} samples, {lost} datagrams lost, memory {engine.rss_mib():.0f} MiB")
        newest = engine.call("GET", "/activeflows/ALL/bench/json?maxFlows=1")[0]["key"]
        seed = 1 + args.times % 2
        print(f"largest flow now: {newest}")
        return 0 if lost == 0 and newest.endswith(f"-{seed}") else 1
    finally:
        engine.stop()


if __name__ == "__main__":
    sys.exit(main())
