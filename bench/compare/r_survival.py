#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""r_survival.py - survival curves and tests of a million customers by cxm and by R's survival package, where both are installed.

    r_survival.py BENCH_SURVIVAL [--rounds 5]

BENCH_SURVIVAL is the bench program of a release build. It writes a million customers as columns and tells how long each question
takes from there to the answer; R reads the same columns, and its clock runs from Surv() on, with its defaults. Asked are the
curve with its log limits (survfit) and the log-rank test of two groups (survdiff): of whole days, which are a histogram here,
and of times to 1/16384 of a day, which are sorted. Medians of the rounds; `ratio` is R's time over ours. Fails when the answers
do not agree to 1e-9, or a ratio is below its goal. 77 when there is no Rscript with survival.
"""
import argparse
import math
import os
import shutil
import subprocess
import sys
import tempfile

GOALS = {"curve of days": 20, "test of days": 20, "curve of times": 5, "test of times": 5}
SCRIPT = r"""
suppressMessages(library(survival))
args <- commandArgs(trailingOnly = TRUE)
n <- file.size(args[1]) / 20
file <- file(args[1], "rb")
times <- readBin(file, "double", n)
days <- readBin(file, "integer", n)
event <- readBin(file, "integer", n)
group <- readBin(file, "integer", n)
close(file)
ask <- function(name, question) {
    took <- numeric(as.integer(args[2]))
    for (i in seq_along(took)) took[i] <- system.time(figure <- question())[["elapsed"]]
    cat(sprintf("%s\t%.9f\t%.17g\n", name, median(took), figure))
}
curve <- function(t) function() sum(survfit(Surv(t, event) ~ 1, conf.type = "log")$surv)
test <- function(t) function() survdiff(Surv(t, event) ~ group)$chisq
ask("curve of days", curve(days))
ask("test of days", test(days))
ask("curve of times", curve(times))
ask("test of times", test(times))
cat(sprintf("version\t0\t%s\n", packageVersion("survival")))
"""


def lines_of(command):
    """Name -> what stands behind it."""
    out = subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout.decode()
    return {line.split("\t")[0]: line.split("\t")[1:] for line in out.splitlines()}


def has_survival():
    asked = ["Rscript", "-e", "library(survival)"]
    return shutil.which("Rscript") and subprocess.run(asked, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False).returncode == 0


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("bench")
    parser.add_argument("--rounds", type=int, default=5)
    args = parser.parse_args()
    if not has_survival():
        print("skipped: there is no Rscript with the package survival")
        return 77
    with tempfile.TemporaryDirectory() as folder:
        columns, script = os.path.join(folder, "columns"), os.path.join(folder, "ask.R")
        with open(script, "w", encoding="utf-8") as out:
            out.write(SCRIPT)
        ours = lines_of([args.bench, "--peer", columns])
        theirs = lines_of(["Rscript", script, columns, str(args.rounds)])
    print("survival %s, a million customers: seconds" % theirs.pop("version")[1])
    failed = False
    for name, (took, figure) in ours.items():
        ratio = float(theirs[name][0]) / float(took)
        agrees = math.isclose(float(figure), float(theirs[name][1]), rel_tol=1e-9)
        missed = ratio < GOALS[name]
        print("  %-16s cxm %.4f   R %.4f   ratio %5.1f   goal %d%s%s" % (name, float(took), float(theirs[name][0]), ratio, GOALS[name],
              "   MISSED" * missed, "" if agrees else "   they do not agree: %s, %s" % (figure, theirs[name][1])))
        failed = failed or missed or not agrees
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
