#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Each program of examples/c says in its header what it prints; this runs it and compares.

usage: examples.py SOURCE.c PROGRAM [SOURCE.c PROGRAM ...]

In the header ` *   $ command` is run by sh with the program's folder on PATH, and the ` *   ` lines that follow
are its output. A source without such a line fails: an example shows what it does.
"""
import os
import subprocess
import sys

MARK = " *   "


def shown(source):
    """The command of the header and the lines it prints."""
    with open(source, encoding="utf-8") as file:
        lines = [line.rstrip() for line in file]
    at = next((i for i, line in enumerate(lines) if line.startswith(MARK + "$ ")), None)
    if at is None:
        return None, []
    output = []
    for line in lines[at + 1:]:
        if not line.startswith(MARK):
            break
        last = line.endswith("*/")
        output.append(line[len(MARK):].removesuffix("*/").rstrip())
        if last:
            break
    return lines[at][len(MARK) + 2:], output


def main():
    failed = False
    for source, program in zip(sys.argv[1::2], sys.argv[2::2]):
        command, want = shown(source)
        path = os.path.dirname(os.path.abspath(program)) + os.pathsep + os.environ["PATH"]
        run = subprocess.run(["sh", "-c", command or "false"], env={**os.environ, "PATH": path}, stdout=subprocess.PIPE,
                             encoding="utf-8", check=False)
        good = command and run.returncode == 0 and run.stdout.splitlines() == want
        print(("[       OK ] %s" if good else "[  FAILED  ] %s") % os.path.basename(source))
        if not good:
            print("  ran: %s\n  wanted: %r\n  got: %r" % (command, want, run.stdout.splitlines()))
        failed |= not good
    return 1 if failed or len(sys.argv) < 3 else 0


if __name__ == "__main__":
    sys.exit(main())
