#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""tally.py - counts the cases inside the tests that Meson ran, and shows the failures.

    tally.py build/meson-logs/testlog.json

Meson counts programs; cmocka and our own scripts print a line for every case:
    [       OK ] merge_equals_one_pass
    [  FAILED  ] merge_equals_one_pass          again in a list at the end, counted once
A program that crashed, ran out of time, was skipped, or ran no case is one failure more, and so is each
tests/*/test_*.c and tests/fuzz/fuzz_*.c that was not built and run. "left out: ..." tells of cases that need data which is not part of
the project; with CI=true that is a failure. The last line is always "N passed, N failed".
"""
import json
import os
import pathlib
import re
import sys

OK = re.compile(r"^\[ {7}OK \] (.+?)\s*$", re.M)
FAILED = re.compile(r"^\[  FAILED  \] (?!.*test\(s\))(.+?)\s*$", re.M)
SKIPPED = re.compile(r"^\[  SKIPPED \] (?!.*test\(s\))(.+?)\s*$", re.M)
LEFT_OUT = re.compile(r"^left out: (.+?)\s*$", re.M)
NOISE = re.compile(r"^\[( RUN      |       OK |==========|  PASSED  )\].*\n", re.M)


def programs(path):
    try:
        with open(path, encoding="utf-8", errors="replace") as lines:
            return [json.loads(line) for line in lines if line.strip()]
    except OSError:
        return []


def wanted():
    """Names of the programs that the tree holds: "base/hash", "fuzz/csv"."""
    tests = pathlib.Path(__file__).resolve().parent
    return sorted("%s/%s" % (file.parent.name, file.stem.split("_", 1)[1])
                  for form in ("*/test_*.c", "fuzz/fuzz_*.c") for file in tests.glob(form))


def judge(program):
    """Cases passed, names of cases failed and of cases left out, and what one program printed."""
    text = program.get("stdout", "") + "\n" + program.get("stderr", "")
    passed = len(OK.findall(text))
    failed = list(dict.fromkeys(FAILED.findall(text) + [name + " (skipped)" for name in SKIPPED.findall(text)]))
    left_out = LEFT_OUT.findall(text)
    if os.environ.get("CI") == "true":
        failed += [name + " (left out)" for name in left_out]
    if program["result"] != "OK" and not failed:
        failed = ["the program ended with %s, code %s" % (program["result"], program.get("returncode"))]
    elif program["result"] == "OK" and not failed and not left_out and passed == 0:
        failed = ["the program ran no case"]
    return passed, failed, left_out, text


def main(path):
    passed = failed = 0
    found = programs(path)
    for program in found:
        good, bad, left_out, text = judge(program)
        passed += good
        failed += len(bad)
        print("%-6s %4d passed  %6.2f s  %s" % ("FAILED" if bad else "ok", good, program["duration"], program["name"]))
        for name in left_out:
            print("    left out: %s" % name)
        for name in bad:
            print("    failed: %s" % name)
        if bad:
            print("".join("    | %s\n" % line for line in NOISE.sub("", text).strip().splitlines()), end="")
    ran = {program["name"].split(" / ")[-1] for program in found}
    lacking = [name for name in wanted() if name not in ran]
    for name in lacking:
        print("FAILED %s was not built and run" % name)
    failed += len(lacking)
    if not found or not wanted():
        print("FAILED no test was built and run")
        failed += 1
    print("%d passed, %d failed" % (passed, failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
