#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""run.py - every bench program of a release build, and one table of what they printed.

    meson setup build --buildtype=release && python3 bench/run.py build

Each row stands beside a limit timed in turn with it in the same run: a read-only pass, increments, memcpy, read(2),
wc -l. The ratio is ours / limit; for GB/s more is better, for times less. Goals are ratios. The file for `cxm score`
is generated into the build folder once. `--json FILE` keeps the rows, so that a later change can be compared.
"""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
ROUNDS, ROWS, LEAST_BYTES, PIECE = 9, 3300000, 256 << 20, 256 << 10
SCORE = ["--metric", "nps", "--by", "channel", "--every", "month", "--json"]
GOALS = {       # what -> (ratio, whether more is better)
    "add_many u8, memory": (0.10, True),
    "add_many int32, memory": (0.72, True),
    "add_many double, bitmap, memory": (0.72, True),
    "sum, slowest of add and add_many": (1.0, False),
    "net pairs of 1,000 by mover": (1.0, False),
    "quantile 1 %, add": (1.0, False),
    "quantile 1 %, add_many, cache": (1.3, False),
    "quantile 0.1 %, add_many, cache": (1.3, False),
    "quantile 1 %, add_many, memory": (1.75, False),
    "quantile 0.1 %, add_many, memory": (1.75, False),
    "quantile 1 %, merge of 4,000 values": (1.0, False),
    "quantile 1 %, memory of 4e3 values": (1.0, False),
    "quantile 1 %, memory of 4e6 values": (1.0, False),
    "quantile 1 %, encoded, 4e6 values": (1.0, False),
    "quantile 1 %, worst error, type 1": (1.0, False),
    "quantile 0.1 %, worst error, type 1": (1.0, False),
    "quantile 1 %, error, p50 to p99.9, smooth": (1.0, False),
    "quantile 0.1 %, error, p50 to p99.9, smooth": (1.0, False),
    "quantile 1 %, shuffles of the same bytes": (1.0, True),
    "quantile 1 %, window slide": (0.55, False),
    "quantile 0.1 %, window slide": (0.55, False),
    "calendar, open time of a span": (1.0, False),
    "customers, memory of 1e7, one signup": (1.0, False),
    "customers, memory of 1e7, a second period": (1.0, False),
    "cxm score, 1 thread": (12.0, False),
    "cxm score, 2 threads": (0.6, False),
    "cxm score, peak memory": (1.0, False),
}


def build(folder):
    programs = ["bench_%s_%s" % (file.parent.name, file.stem.split("_", 1)[1]) for file in sorted(ROOT.glob("bench/*/bench_*.c"))]
    about = json.loads(subprocess.check_output(["meson", "introspect", "--buildoptions", folder]))
    if next(o["value"] for o in about if o["name"] == "optimization") not in ("2", "3"):
        sys.exit("%s is no release build" % folder)
    subprocess.run(["ninja", "-C", folder, "cxm", "generate"] + programs, check=True, stdout=subprocess.DEVNULL)
    return programs


def survey(folder):
    """A file of at least 256 MB, generated once."""
    path = folder / "bench-survey.csv"
    if not path.exists() or path.stat().st_size < LEAST_BYTES:
        with open(path, "wb") as out:
            subprocess.run([folder / "generate", str(ROWS), "1"], stdout=out, check=True)
    return path


def rows_of(program, arguments):
    text = subprocess.run([program, "--rows"] + arguments, check=True, stdout=subprocess.PIPE, text=True).stdout
    for line in text.splitlines():
        if line.startswith("row\t"):
            _, what, unit, ours, limit, name = line.split("\t")
            yield {"what": what, "unit": unit, "ours": float(ours), "limit": float(limit), "limit_name": name}


def timed(command):
    begun = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - begun


def read_alone(path):
    piece, begun = bytearray(PIECE), time.perf_counter()
    with open(path, "rb", buffering=0) as file:
        while file.readinto(piece):
            pass
    return time.perf_counter() - begun


def peak_kib(command):
    """The high-water mark of the program itself, as /proc tells it while it runs; None elsewhere."""
    peak = None
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    while child.poll() is None:
        try:
            with open("/proc/%d/status" % child.pid, encoding="ascii") as status, \
                 open("/proc/%d/comm" % child.pid, encoding="ascii") as comm:
                if comm.read().strip() == "cxm":
                    peak = next((int(line.split()[1]) for line in status if line.startswith("VmHWM")), peak)
        except OSError:
            pass
        time.sleep(0.002)
    return peak


def score_rows(folder, path):
    one = [folder / "cxm", "score", path] + SCORE
    ways = {"wc": lambda: timed(["wc", "-l", path]), "read": lambda: read_alone(path), "one": lambda: timed(one)}
    two = one + ["--threads", "2"]
    if subprocess.run(two, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0:
        ways["two"] = lambda: timed(two)
    took = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, way in ways.items():
            took[name].append(way())
    s = {name: statistics.median(times) for name, times in took.items()}
    what = "cxm score, %d thread%s"
    yield {"what": what % (1, ""), "unit": "s", "ours": s["one"], "limit": s["wc"], "limit_name": "wc -l"}
    yield {"what": what % (1, "") + ", reading", "unit": "s", "ours": s["one"], "limit": s["read"], "limit_name": "read(2)"}
    if "two" in s:
        yield {"what": what % (2, "s"), "unit": "s", "ours": s["two"], "limit": s["one"], "limit_name": "1 thread"}
        yield {"what": what % (2, "s") + ", reading", "unit": "s", "ours": s["two"], "limit": s["wc"], "limit_name": "wc -l"}
    peak = peak_kib(two if "two" in s else one)
    if peak:
        yield {"what": "cxm score, peak memory", "unit": "MB", "ours": peak / 1024, "limit": 8.0, "limit_name": "8 MB and segments"}


def show(rows):
    form = "%3s  %-36s %9s %-5s %9s  %-18s %8s  %-8s %s"
    print(form % ("row", "what", "ours", "unit", "limit", "which is", "ratio", "goal", "reached"))
    for number, row in enumerate(rows, 1):
        ratio = row["ratio"] = row["ours"] / row["limit"]
        goal, more = GOALS.get(row["what"], (None, None))
        reached = "-" if goal is None else "yes" if (ratio >= goal if more else ratio <= goal) else "no"
        print(form % (number, row["what"], "%.3g" % row["ours"], row["unit"], "%.3g" % row["limit"], row["limit_name"], "%.3f" % ratio,
                      "-" if goal is None else "%s %g" % (">=" if more else "<=", goal), reached))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("folder", type=pathlib.Path, help="a release build")
    parser.add_argument("--json", metavar="FILE", help="keep the rows")
    options = parser.parse_args()
    folder = options.folder.resolve()
    programs, path = build(folder), survey(folder)
    rows = []
    for program in programs:
        rows += rows_of(folder / program, [path] if program == "bench_io_csv" else [])
    rows += score_rows(folder, path)
    print("cxm score: %.0f MB by channel and month; %s, medians of %d rounds" % (path.stat().st_size / 1e6, os.uname().machine, ROUNDS))
    show(rows)
    if options.json:
        pathlib.Path(options.json).write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
