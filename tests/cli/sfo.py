#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The command line on a real survey against figures that R computed (tests/reference/sfo_expected.csv).

usage: sfo.py CXM REFERENCE.csv

The two survey files are not part of the project: they are looked for in ../shared/data/sfo beside the
project's root (or $CXM_SHARED/data/sfo). Without them the test says so in one line; with CI=true it fails.
Each figure is compared within 1e-9 on the scale it is printed on there (NPS -1..1, shares 0..1).
"""
import csv
import json
import os
import subprocess
import sys

TOLERANCE = 1e-9
NO_ANSWER = ["--missing", "0", "--missing", "6", "--missing", "BLANK"]
METRICS = {
    "nps": ["--metric", "nps", "--map", "score=netpro", "--missing", "11"],
    "csat": ["--metric", "csat", "--map", "score=overall"] + NO_ANSWER,
    "ease": ["--metric", "scale", "--scale", "1..5", "--map", "score=easy_find"] + NO_ANSWER,
}
WEIGHT = ["--weight", "weight"]
# quantity -> (question, extra options, how the figure is read out of a result)
FIGURES = {
    "n_records": ("nps", [], lambda r: r["n"] + r["missing"] + r["unparsed"] + r["out_of_range"]),
    "n_valid_netpro": ("nps", [], lambda r: r["n"]),
    "detractors": ("nps", [], lambda r: r["detractors"]),
    "passives": ("nps", [], lambda r: r["passives"]),
    "promoters": ("nps", [], lambda r: r["promoters"]),
    "nps": ("nps", [], lambda r: r["value"] / 100),
    "nps_wald_lo": ("nps", ["--interval", "wald"], lambda r: r["interval"]["low"] / 100),
    "nps_wald_hi": ("nps", ["--interval", "wald"], lambda r: r["interval"]["high"] / 100),
    "nps_aw3_lo": ("nps", ["--interval", "aw3-triangular"], lambda r: r["interval"]["low"] / 100),
    "nps_aw3_hi": ("nps", ["--interval", "aw3-triangular"], lambda r: r["interval"]["high"] / 100),
    "nps_score_lo": ("nps", [], lambda r: r["interval"]["low"] / 100),
    "nps_score_hi": ("nps", [], lambda r: r["interval"]["high"] / 100),
    "n_valid_overall": ("csat", [], lambda r: r["n"]),
    "csat_top2_count": ("csat", [], lambda r: r["counts"]["4"] + r["counts"]["5"]),
    "csat_top2": ("csat", [], lambda r: r["value"]),
    "csat_top2_wilson_lo": ("csat", [], lambda r: r["interval"]["low"]),
    "csat_top2_wilson_hi": ("csat", [], lambda r: r["interval"]["high"]),
    "csat_mean": ("csat", [], lambda r: r["mean"]),
    "csat_mean_t_lo": ("csat", ["--value", "mean"], lambda r: r["interval"]["low"]),
    "csat_mean_t_hi": ("csat", ["--value", "mean"], lambda r: r["interval"]["high"]),
    "n_valid_easy_find": ("ease", [], lambda r: r["n"]),
    "easy_find_mean": ("ease", [], lambda r: r["mean"]),
    "nps_weighted": ("nps", WEIGHT, lambda r: r["value"] / 100),
    "nps_weighted_se": ("nps", WEIGHT, lambda r: r["se"] / 100),
    "nps_weighted_z_lo": ("nps", WEIGHT + ["--interval", "wald"], lambda r: r["interval"]["low"] / 100),
    "nps_weighted_z_hi": ("nps", WEIGHT + ["--interval", "wald"], lambda r: r["interval"]["high"] / 100),
    "kish_neff_netpro": ("nps", WEIGHT, lambda r: r["n_eff"]),
    "csat_top2_weighted": ("csat", WEIGHT, lambda r: r["value"]),
    "csat_top2_weighted_se": ("csat", WEIGHT, lambda r: r["se"]),
    "csat_mean_weighted": ("csat", WEIGHT + ["--value", "mean"], lambda r: r["value"]),
    "csat_mean_weighted_se": ("csat", WEIGHT + ["--value", "mean"], lambda r: r["se"]),
    "easy_find_mean_weighted": ("ease", WEIGHT, lambda r: r["value"]),
    "easy_find_mean_weighted_se": ("ease", WEIGHT, lambda r: r["se"]),
}
# the same of a comparison, by Wald's test as there
DIFFERENCES = {
    "nps_wald_p": lambda r: r["p"],
    "nps_wald_p_holm": lambda r: r["p_adjusted"],
    "nps_wald_p_bh": lambda r: r["p_bh"],
    "nps_diff": lambda r: r["difference"] / 100,
    "nps_diff_se_wald": lambda r: r["se"] / 100,
    "nps_diff_wald_p": lambda r: r["p"],
}
ROWS_KNOWN = 429 + 66   # 33 figures of 2 totals and 11 segments; 3 of 21 pairs of areas and of the two years


def data_folder():
    root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    shared = os.environ.get("CXM_SHARED", os.path.join(os.path.dirname(root), "shared"))
    return os.path.join(shared, "data", "sfo")


def score(cxm, path, question, extra, column):
    """One run of the command: {segment value or None: result}."""
    command = [cxm, "score", path, "--json"] + METRICS[question] + extra + (["--by", column] if column else [])
    run = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True)
    results = json.loads(run.stdout)["results"]
    return {(r["segment"].get(column) if column else None): r for r in results}


def compare(cxm, files, extra):
    """One run of the command: {"A-B" or "" for the total: result}."""
    command = [cxm, "compare"] + files + METRICS["nps"] + ["--interval", "wald", "--json"] + extra
    run = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    return {"-".join(v for side in "ab" for v in r[side]["segment"].values()): r for r in json.loads(run.stdout)["results"]}


def difference(cxm, row, cache):
    column, _, pair = row["domain"].partition(" pair ")
    years = row["year"].split("-")
    key = tuple(years) + (pair != "",)
    if key not in cache:
        files = [os.path.join(data_folder(), "sfo_survey_%s.csv" % year) for year in years]
        cache[key] = compare(cxm, files, ["--by", column] if pair else [])
    return DIFFERENCES[row["quantity"]](cache[key][pair])


def figure(cxm, row, cache):
    if row["quantity"] in DIFFERENCES:
        return difference(cxm, row, cache)
    column, _, value = row["domain"].partition("=") if "=" in row["domain"] else ("", "", None)
    question, extra, read = FIGURES[row["quantity"]]
    path = os.path.join(data_folder(), "sfo_survey_%s.csv" % row["year"])
    key = (path, question, tuple(extra), column)
    if key not in cache:
        cache[key] = score(cxm, path, question, extra, column)
    return read(cache[key][value])


def main():
    cxm, reference = sys.argv[1:3]
    if not os.path.isdir(data_folder()):
        must = os.environ.get("CI") == "true"
        print(("[  FAILED  ] " if must else "left out: ") + "sfo: the survey files are not beside the project")
        return 1 if must else 0
    with open(reference, newline="") as file:
        rows = [r for r in csv.DictReader(file) if r["quantity"] in FIGURES or r["quantity"] in DIFFERENCES]
    failed, cache = len(rows) < ROWS_KNOWN, {}
    for row in rows:
        got, want = figure(cxm, row, cache), float(row["value"])
        name = "sfo %(year)s %(domain)s %(quantity)s" % row
        close = abs(got - want) <= TOLERANCE * max(1.0, abs(want))
        print("[       OK ] " + name if close else "[  FAILED  ] %s: got %r, wanted %r" % (name, got, want))
        failed |= not close
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
