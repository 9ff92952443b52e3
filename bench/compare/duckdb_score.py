#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""duckdb_score.py - the same question to cxm and to DuckDB, where its package is installed.

    duckdb_score.py CXM FILE [--rounds 5] [--threads 2]

Answers, promoters and detractors by channel and month over a file of examples/data/generate.c. DuckDB gets the
columns and their types, so that it need not look for them, and runs in this process, so that its start is not
counted; cxm's is. Both count the answers on 0..10, labels included. Fails when they do not agree.
"""
import argparse
import csv
import io
import statistics
import subprocess
import sys
import time

COLUMNS = ["answered_at", "respondent", "channel", "country", "touchpoint", "agent", "nps", "csat", "ces", "weight",
           "sentiment", "comment"]
QUERY = """
    select channel, date_trunc('month', answered_at) as month, count(n), count(*) filter (n >= 9), count(*) filter (n <= 6)
    from (select channel, answered_at, try_cast(regexp_extract(nps, '^[0-9]+') as integer) as n
          from read_csv(?, header = true, delim = ',', quote = '"', escape = '"', auto_detect = false, columns = {%s}))
    group by all
""" % ", ".join("'%s': '%s'" % (name, "TIMESTAMP" if name == "answered_at" else "VARCHAR") for name in COLUMNS)


def by_cxm(args):
    command = [args.cxm, "score", args.file, "--metric", "nps", "--by", "channel", "--every", "month", "--csv",
               "--threads", str(args.threads)]
    out = subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout.decode()
    rows = [row for row in csv.DictReader(io.StringIO(out)) if row["channel"]]
    return {(row["channel"], row["from"][:7]): int(row["n"]) for row in rows}


def by_duckdb(connection, args):
    rows = connection.execute(QUERY, [args.file]).fetchall()
    return {(row[0], row[1].strftime("%Y-%m")): row[2] for row in rows if row[2]}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("cxm")
    parser.add_argument("file")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    args = parser.parse_args()
    try:
        import duckdb
    except ImportError:
        print("skipped: the package duckdb is not installed")
        return 77
    connection = duckdb.connect(config={"threads": args.threads})
    took, said = {"cxm": [], "duckdb": []}, {}
    for _ in range(args.rounds):
        for name, work in (("cxm", lambda: by_cxm(args)), ("duckdb", lambda: by_duckdb(connection, args))):
            start = time.perf_counter()
            said[name] = work()
            took[name].append(time.perf_counter() - start)
    if said["cxm"] != said["duckdb"]:
        print("they do not agree: %r" % sorted(set(said["cxm"].items()) ^ set(said["duckdb"].items()))[:4])
        return 1
    ratio = statistics.median(a / b for a, b in zip(took["cxm"], took["duckdb"]))
    print("duckdb %s, %d threads each: cxm %.3f s, duckdb %.3f s, ratio %.3f"
          % (duckdb.__version__, args.threads, statistics.median(took["cxm"]), statistics.median(took["duckdb"]), ratio))
    return 0


if __name__ == "__main__":
    sys.exit(main())
