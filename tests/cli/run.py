#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""run.py - command tests written as text: what is typed, and all that must come back.

    run.py ROOT CXM FILE.txt... [--instrumented]

    # A comment stands between cases. "$" opens a case; the rest of its line goes to sh -c.
    $ cxm score $DATA/survey.csv --metric npz
    ! cxm: --metric 'npz': did you mean 'nps'?
    ? 2

    $ printf 'nps\\n9\\n' | cxm score - --metric nps --json
    {"schema":"cxm.score/1",...}

    line        expected on stdout, exactly; blank lines count, but not those before the next "$" or "#"
    | line      the same for a line that begins with $ ! ? # or |
    ! line      expected on stderr
    ? 3         expected exit code, 0 unless said
    ...         alone on a line: any lines, or none; inside a line: any text
    > line      goes on the case's command, as a further line of the shell text

Every case runs in a fresh empty folder with cxm on PATH, LC_ALL=C, TZ=UTC and little else in its
environment: $DATA is examples/data, $ROOT the project, $SHARED the folder of real data beside the project
(CXM_SHARED names another). A case that needs $SHARED is left out, and says so, where there is none; with
CI=true that is a failure. `peak KB COMMAND...` runs a command and fails when its memory passed KB kilobytes,
except where --instrumented says that the binary carries a sanitizer. Prints one line a case.
"""
import argparse
import difflib
import os
import pathlib
import re
import subprocess
import sys
import tempfile

TIMEOUT_S = 60
PEAK = """#!{python}
import os, sys
pid = os.posix_spawnp(sys.argv[2], sys.argv[2:], os.environ)
_, status, usage = os.wait4(pid, 0)
most = usage.ru_maxrss // (1024 if sys.platform == "darwin" else 1)
if {bounded} and most > int(sys.argv[1]):
    sys.stderr.write("peak: %d KB, more than %s KB\\n" % (most, sys.argv[1]))
    sys.exit(97)
sys.exit(os.waitstatus_to_exitcode(status) % 256)
"""


class Case:
    def __init__(self, place, command):
        self.place, self.command = place, command
        self.out, self.err, self.code = [], [], 0

    def name(self):
        return "%s: %s" % (self.place, self.command.splitlines()[0][:100])


def cases_of(path):
    found, case = [], None
    lines = path.read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(lines, 1):
        if line.startswith("$ "):
            case = Case("%s:%d" % (path.name, number), line[2:])
            found.append(case)
        elif line.startswith("#"):
            case = None
        elif case is None:
            if line:
                sys.exit("%s:%d: a line outside a case" % (path, number))
        elif line.startswith("> "):
            case.command += "\n" + line[2:]
        elif line == "!" or line.startswith("! "):
            case.err.append(line[2:])
        elif line.startswith("? "):
            case.code = int(line[2:])
        else:
            case.out.append(line[2:] if line.startswith("| ") else line)
    return found


def without_last_blanks(lines):
    end = len(lines)
    while end and not lines[end - 1]:
        end -= 1
    return lines[:end]


def pattern_of(lines):
    parts = []
    for line in lines:
        if line == "...":
            parts.append(r"(?:[^\n]*\n)*?")
        else:
            parts.append("[^\n]*?".join(re.escape(piece) for piece in line.split("...")) + r"\n")
    return re.compile("".join(parts) + r"\Z")


def compare(what, wanted, got):
    """Lines that tell the difference; none when `got` is as `wanted`."""
    wanted = without_last_blanks(wanted)
    text = got.decode("utf-8", "backslashreplace")
    if text and not text.endswith("\n"):
        return ["%s does not end with a line end: %r" % (what, text[-80:])]
    lines = without_last_blanks(text.split("\n"))
    if pattern_of(wanted).match("".join(line + "\n" for line in lines)):
        return []
    return [line[:400] for line in difflib.unified_diff(wanted, lines, "wanted on " + what, "got", lineterm="", n=1)]


def environment(root, shared, tools):
    """Folders are named through links, so that $DATA needs no quotes where the project's path holds a blank."""
    links = {"ROOT": root, "DATA": root / "examples/data"}
    if shared:
        links["SHARED"] = shared
    values = {"PATH": os.pathsep.join([tools, os.environ.get("PATH", "/usr/bin:/bin")]), "LC_ALL": "C", "TZ": "UTC",
              "TERM": "dumb", "HOME": "/nonexistent"}
    for name, folder in links.items():
        values[name] = os.path.join(tools, name.lower())
        os.symlink(folder, values[name])
    for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "LD_LIBRARY_PATH"):
        if name in os.environ:
            values[name] = os.environ[name]
    return values


def run(case, values):
    with tempfile.TemporaryDirectory() as folder:
        try:
            ran = subprocess.run(["sh", "-c", case.command], cwd=folder, env=values, stdin=subprocess.DEVNULL,
                                 capture_output=True, timeout=TIMEOUT_S)
        except subprocess.TimeoutExpired:
            return ["no end after %d s" % TIMEOUT_S]
    faults = compare("stdout", case.out, ran.stdout) + compare("stderr", case.err, ran.stderr)
    if ran.returncode != case.code:
        faults.append("exit code %d, wanted %d" % (ran.returncode, case.code))
    return faults


def shared_folder(root):
    folder = pathlib.Path(os.environ.get("CXM_SHARED") or root / "../shared").resolve()
    return folder if folder.is_dir() else None


def make_tools(folder, cxm, instrumented):
    os.symlink(os.path.abspath(cxm), os.path.join(folder, "cxm"))
    peak = os.path.join(folder, "peak")
    with open(peak, "w", encoding="utf-8") as file:
        file.write(PEAK.format(python=sys.executable, bounded=not instrumented))
    os.chmod(peak, 0o755)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("root", type=pathlib.Path)
    parser.add_argument("cxm")
    parser.add_argument("files", nargs="+", type=pathlib.Path)
    parser.add_argument("--instrumented", action="store_true")
    args = parser.parse_args()
    root = args.root.resolve()
    shared = shared_folder(root)
    must_share = os.environ.get("CI") == "true"
    passed = failed = 0
    with tempfile.TemporaryDirectory() as tools:
        make_tools(tools, args.cxm, args.instrumented)
        values = environment(root, shared, tools)
        for case in (case for file in args.files for case in cases_of(file)):
            if "$SHARED" in case.command and not shared and not must_share:
                print("left out: %s: there is no shared folder" % case.name())
                continue
            faults = run(case, values)
            for fault in faults:
                print(fault)
            print("[%s] %s" % ("  FAILED  " if faults else "       OK ", case.name()))
            passed, failed = passed + (not faults), failed + bool(faults)
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
