#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""bench_cli.py - cxm score from the first byte to the last, beside what the machine does with the same file.

    bench_cli.py CXM GENERATE [--rows 3000000] [--rounds 9] [--file big.csv] [--gate]

NPS by channel and month with one thread and with two, wc -l and read(2), in turn, each round; medians of the
rounds. A file of 3,000,000 rows (259 MB) is made by examples/data/generate.c unless one is named. --gate fails
unless one thread takes at most 12 times wc -l, two at most 0.6 of one, and memory stays within 8 MB.
"""
import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time

SCORE = ["--metric", "nps", "--by", "channel", "--every", "month", "--csv"]
MOST = {"of wc -l": 12.0, "two of one": 0.6, "KB": 8192}
PIECE = 256 * 1024


def read_only(path):
    buffer = bytearray(PIECE)
    with open(path, "rb", buffering=0) as file:
        while file.readinto(buffer):
            pass


def run(command):
    """What it prints; a failure ends the bench."""
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    return done.stdout


def peak_kb(command):
    """The process's own high-water mark, asked for while it runs: rusage would hold that of its parent too."""
    child, peak = subprocess.Popen(command, stdout=subprocess.DEVNULL), 0
    while child.poll() is None:
        try:
            with open("/proc/%d/status" % child.pid) as status:
                peak = max([peak] + [int(line.split()[1]) for line in status if line.startswith("VmHWM")])
        except OSError:
            pass
        time.sleep(0.002)
    return peak


def timed(work):
    start = time.perf_counter()
    got = work()
    return time.perf_counter() - start, got


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("cxm")
    parser.add_argument("generate")
    parser.add_argument("--rows", type=int, default=3000000)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--file")
    parser.add_argument("--gate", action="store_true")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = args.file or os.path.join(folder, "big.csv")
        if not args.file:
            with open(path, "wb") as out:
                subprocess.run([args.generate, str(args.rows)], stdout=out, check=True)
        sys.exit(measure(args, path))


def measure(args, path):
    score = [args.cxm, "score", path] + SCORE
    ways = {"read(2)": lambda: read_only(path), "wc -l": lambda: run(["wc", "-l", path]),
            "cxm, 1 thread": lambda: run(score), "cxm, 2 threads": lambda: run(score + ["--threads", "2"])}
    took = {name: [] for name in ways}
    said = {}
    for _ in range(args.rounds):
        for name, work in ways.items():
            seconds, said[name] = timed(work)
            took[name].append(seconds)
    if said["cxm, 1 thread"] != said["cxm, 2 threads"]:
        print("one thread and two do not print the same")
        return 1
    size, middle = os.path.getsize(path), {name: statistics.median(all) for name, all in took.items()}
    print("%d bytes, medians of %d" % (size, args.rounds))
    print("%-16s %9s %9s %11s" % ("way", "ms", "MB/s", "x wc -l"))
    for name, seconds in middle.items():
        print("%-16s %9.1f %9.0f %11.2f" % (name, 1e3 * seconds, size / seconds / 1e6, seconds / middle["wc -l"]))
    # Ratios of each round: what disturbs the machine disturbs both.
    one, two, wc = (took[name] for name in ("cxm, 1 thread", "cxm, 2 threads", "wc -l"))
    got = {"of wc -l": statistics.median(a / b for a, b in zip(one, wc)),
           "two of one": statistics.median(a / b for a, b in zip(two, one)), "KB": peak_kb(score + ["--threads", "2"])}
    print("one thread %.2f x wc -l, two threads %.3f of one, peak %d KB" % tuple(got.values()))
    return int(args.gate and any(got[name] > MOST[name] for name in MOST))


if __name__ == "__main__":
    main()
