#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""layers.py - the floors of the house, checked: who includes whom, and what leaves the library.

    layers.py ROOT [--library libcxm.so] [--cc COMPILER...] [--cxx COMPILER...]

Prints one line a check, as tests/tally.py counts them. Standard library only.
"""
import argparse
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

# What a room of src may include besides itself. Rooms on one floor do not see each other.
METRICS = {"score", "retention", "value", "response"}
MAY = {
    "base": set(),
    "inference": {"base"},
    "score": {"base", "inference"},
    "retention": {"base", "inference"},
    "value": {"base", "inference"},
    "response": {"base", "inference"},
    "record": {"status"},                                       # cxm/record.h: pure data between readers and engine
    "stream": {"base", "inference", "record"} | METRICS,
    "io": {"base", "record"},
    "abi": {"all", "base"},                                     # cxm/abi.h: sizes and constants of every public header
}
# Public headers without a source of their own name; every other belongs to the room of src/ROOM/NAME[_*].[ch].
ROOM_OF = {"status": "base", "alloc": "base", "error": "base", "version": "base", "column": "base",
           "record": "record", "cxm": "all"}

# The library has no locale, no clock, no streams and no errno, so only these of C11 serve it.
LIBRARY_MAY = {"assert", "float", "inttypes", "limits", "math", "stdalign", "stdbool", "stddef", "stdint", "stdlib",
               "stdnoreturn", "string"}
SIMD_MAY = {"immintrin", "arm_neon", "arm_sve"}
PUBLIC_MAY = {"stddef", "stdint"}
C11 = {"assert", "complex", "ctype", "errno", "fenv", "float", "inttypes", "iso646", "limits", "locale", "math", "setjmp",
       "signal", "stdalign", "stdarg", "stdatomic", "stdbool", "stddef", "stdint", "stdio", "stdlib", "stdnoreturn",
       "string", "tgmath", "threads", "time", "uchar", "wchar", "wctype"}

TOP = {"include", "src", "tests", "examples", "bench", "meson.build", "README.md", "LICENSE"}
WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Werror", "-fsyntax-only"]
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.M)
COMMENT = re.compile(r'/\*.*?\*/|//[^\n]*', re.S)


def without_comments(text):
    return COMMENT.sub(lambda hit: re.sub(r"[^\n]", " ", hit.group()), text)


def read(path):
    return path.read_text(encoding="utf-8")


class Tree:
    def __init__(self, root):
        self.root = root
        self.tracked = self.list_tracked()
        self.public = {file.stem: file for file in sorted((root / "include/cxm").glob("*.h"))}
        self.sources = sorted((root / "src").rglob("*.[ch]"))
        self.rooms = {name: self.find_room(name) for name in self.public}

    def list_tracked(self):
        """Names of all files: git's, else every file outside build folders."""
        try:
            out = subprocess.run(["git", "-c", "safe.directory=*", "-C", str(self.root), "ls-files", "-z"],
                                 capture_output=True, check=True).stdout.decode()
            names = [name for name in out.split("\0") if name and (self.root / name).exists()]
        except (OSError, subprocess.CalledProcessError):
            names = []
        return names or [str(file.relative_to(self.root)) for file in self.root.rglob("*")
                         if file.is_file() and not re.match(r"build|\.git/", str(file.relative_to(self.root)))
                         and "__pycache__" not in file.parts]

    def find_room(self, name):
        if name in ROOM_OF:
            return ROOM_OF[name]
        own = re.compile(re.escape(name) + r"(_\w+)?\.[ch]$")
        files = [file for file in self.sources if file.name == name + ".c"] or [file for file in self.sources if own.match(file.name)]
        rooms = {file.relative_to(self.root / "src").parts[0] for file in files}
        return rooms.pop() if len(rooms) == 1 else None

    def includes(self, path):
        for hit in INCLUDE.finditer(without_comments(read(path))):
            yield hit.group(1) == "<", hit.group(2)

    def under(self, folder, *endings):
        return [self.root / name for name in self.tracked
                if name.startswith(folder + "/") and name.endswith(endings)]


# --- each check yields one line of fault at a time ---

def room_fault(tree, room, target):
    """Why a file of `room` may not include `target`, "cxm/x.h" or "room/x.h"; None when it may."""
    parts = target.split("/")
    if parts[0] == "cxm":
        name = parts[-1][:-2]
        if name not in tree.public:
            return "there is no such public header"
        there = tree.rooms[name]
        if name == "status" or there == room:
            return None
    else:
        there = parts[0]
        if not (tree.root / "src" / target).exists():
            return "there is no such header"
    return None if there == room or there in MAY.get(room, set()) else "%s may not include %s" % (room, there)


def sources_keep_to_their_floor(tree):
    for path in tree.sources:
        where = path.relative_to(tree.root / "src")
        room = where.parts[0]
        if room not in MAY or room == "record":
            yield "src/%s: no such room" % where
            continue
        for system, target in tree.includes(path):
            if "/" in target and (target.startswith("cxm/") == system):
                fault = room_fault(tree, room, target)
            elif system:
                fault = system_fault(where, target)
            else:
                fault = "write <cxm/x.h> or \"room/x.h\""
            if fault:
                yield "src/%s: %s: %s" % (where, target, fault)


def system_fault(where, target):
    stem = target[:-2]
    if target.endswith(".h") and stem in LIBRARY_MAY or str(where) == "base/port.h":
        return None
    if stem in SIMD_MAY and "simd" in where.parts:
        return None
    return "the library does without it" if stem in C11 else "systems differ only in base/port.h"


def sources_start_with_port(tree):
    for path in tree.sources:
        first = next(iter(tree.includes(path)), None)
        if path.suffix == ".c" and first != (False, "base/port.h"):
            yield "%s: the first include is not \"base/port.h\"" % path.relative_to(tree.root)


def memory_comes_through_the_hook(tree):
    """Only then is every allocation counted, bounded, and made to fail by the tests."""
    call = re.compile(r"(?<![\w>.])(malloc|calloc|realloc|free|aligned_alloc|strdup|qsort)\s*\(")
    for path in tree.sources:
        name = str(path.relative_to(tree.root))
        for hit in call.finditer(without_comments(read(path))) if name != "src/base/alloc.c" else ():
            yield "%s: %s: memory comes through base/alloc.h" % (name, hit.group(1))


def public_headers_include_public_headers(tree):
    for name, path in tree.public.items():
        room = tree.rooms[name]
        if room is None:
            yield "cxm/%s.h: no source of that name tells its room" % name
            continue
        for system, target in tree.includes(path):
            fault = None
            if not system or ("/" in target and not target.startswith("cxm/")):
                fault = "a public header includes public headers only"
            elif "/" not in target:
                fault = None if target[:-2] in PUBLIC_MAY else "only stddef.h and stdint.h of C serve here"
            elif room != "all":
                fault = room_fault(tree, room, target)
            if fault:
                yield "cxm/%s.h: %s: %s" % (name, target, fault)


def door_uses_public_headers_only(tree):
    for path in tree.under("examples", ".c", ".h") + tree.under("bench", ".c", ".h"):
        for system, target in tree.includes(path):
            if system and target.startswith("cxm/"):
                fault = None if target[4:-2] in tree.public else "there is no such public header"
            elif system:
                fault = None
            else:
                shared = ((target == "bench.h" and path in tree.under("bench", ".c"))     # of all bench programs, and of the
                          or (target == "../zone_file.h" and path in tree.under("examples", ".c")))       # rooms that read zones
                fault = None if shared or ("/" not in target and (path.parent / target).exists()) else "not of its own folder"
            if fault:
                yield "%s: %s: %s" % (path.relative_to(tree.root), target, fault)


def tests_see_public_headers_and_their_mirror(tree):
    for path in tree.under("tests", ".c", ".h"):
        where = path.relative_to(tree.root / "tests")
        private = set()
        for system, target in tree.includes(path):
            if system or target.startswith("support/") or (path.parent / target).exists():
                if target.endswith(".c"):
                    yield "tests/%s: %s: tests do not see each other" % (where, target)
                continue
            private.add(target)
        stem = re.sub(r"^(test|fuzz)_", "", path.stem)
        for target in sorted(private):
            mirror = target.rsplit("/", 1)[-1][:-2]
            same_room = where.parts[0] in ("fuzz", "abi", target.split("/")[0])
            if not same_room or not (stem == mirror or stem.startswith(mirror + "_")):
                yield "tests/%s: %s: not the private header it mirrors" % (where, target)


def umbrella_is_complete(tree):
    held = {target for _, target in tree.includes(tree.public["cxm"])} if "cxm" in tree.public else set()
    for name in tree.public:
        if name != "cxm" and "cxm/%s.h" % name not in held:
            yield "cxm/cxm.h does not include cxm/%s.h" % name


def build_lists_every_file(tree):
    build = re.sub(r"#[^\n]*", "", read(tree.root / "meson.build"))
    listed = set(re.findall(r"'((?:include|src|examples|tests|bench)/[^'\s]+\.[ch])'", build))
    for name in sorted(listed):
        if not (tree.root / name).exists():
            yield "meson.build lists %s, which is not there" % name
    must = [file for file in tree.sources if file.suffix == ".c"] + list(tree.public.values())
    must += tree.under("examples/cli", ".c")
    for path in must:
        if str(path.relative_to(tree.root)) not in listed:
            yield "meson.build does not list %s" % path.relative_to(tree.root)
    for path in sorted((tree.root / "tests").glob("*/test_*.c")) + sorted((tree.root / "bench").glob("*/bench_*.c")):
        name = "%s/%s" % (path.parent.name, path.stem.split("_", 1)[1])
        if "'%s'" % name not in build:
            yield "meson.build does not list %s" % path.relative_to(tree.root)
    for path in sorted((tree.root / "tests/cli").glob("*.txt")):
        if "'%s'" % path.stem not in build:
            yield "meson.build does not list %s" % path.relative_to(tree.root)
    for path in sorted((tree.root / "tests/fuzz").glob("fuzz_*.c")):
        if "'%s'" % path.stem[5:] not in build or not any((tree.root / "tests/fuzz/corpus" / path.stem[5:]).glob("*")):
            yield "%s is not listed in meson.build, or keeps no corpus" % path.relative_to(tree.root)


def top_level_is_exact(tree):
    top = {name.split("/")[0] for name in tree.tracked}
    for name in sorted(top - TOP):
        if not name.startswith("."):
            yield "%s does not belong at the top" % name
    for name in sorted(TOP - top):
        yield "%s is missing" % name


def files_open_with_their_licence(tree):
    for name in tree.tracked:
        path = tree.root / name
        if not (name.endswith((".c", ".h", ".py", ".sh", "meson.build")) or name == ".ci/run"):
            continue
        lines = read(path).splitlines()[:2] + ["", ""]
        line = lines[1] if lines[0].startswith("#!") else lines[0]
        if not re.match(r"(/\* SPDX-License-Identifier: MIT \*/|# SPDX-License-Identifier: MIT)$", line):
            yield "%s does not open with its SPDX line" % name


def compile_faults(tree, compiler, standard, language):
    if not compiler:
        yield "no compiler for %s" % language
        return
    with tempfile.TemporaryDirectory() as folder:
        for name in tree.public:
            unit = pathlib.Path(folder) / (name + (".c" if language == "C" else ".cpp"))
            unit.write_text("#include <cxm/%s.h>\ntypedef int unit_not_empty;\n" % name)
            ran = subprocess.run(compiler + [standard] + WARNINGS + ["-I%s" % (tree.root / "include"), str(unit)],
                                 capture_output=True, text=True)
            if ran.returncode:
                yield "cxm/%s.h as %s: %s" % (name, language, "\n".join(ran.stderr.splitlines()[:6]))


def declared(tree):
    """Names of the functions that the public headers declare CXM_API."""
    names = set()
    for path in tree.public.values():
        text = re.sub(r"^[ \t]*#.*(\\\n.*)*$", "", without_comments(read(path)), flags=re.M)
        names |= set(re.findall(r"\bCXM_API\b[^;{]*?\b(\w+)\s*\(", text))
    return names


def exported(library):
    nm = shutil.which("nm")
    if not nm:
        return None
    out = subprocess.run([nm, "-D", "--defined-only", library], capture_output=True, text=True, check=True).stdout
    names = {line.split()[-1].split("@")[0] for line in out.splitlines() if line.strip()}
    return {name for name in names if not name.startswith("_")}        # what the toolchain itself adds


def library_exports_cxm_names_only(library):
    names = exported(library)
    if names is None:
        yield "nm is missing"
        return
    for name in sorted(names):
        if not name.startswith("cxm_"):
            yield "%s is exported" % name


def library_exports_what_is_declared(tree, library):
    names, wanted = exported(library), declared(tree)
    if names is None:
        yield "nm is missing"
        return
    for name in sorted(wanted - names):
        yield "%s is declared, not exported" % name
    for name in sorted(names - wanted):
        yield "%s is exported, not declared" % name


def report(name, faults):
    faults = list(faults)
    for fault in faults:
        print(fault)
    print("[%s] %s" % ("  FAILED  " if faults else "       OK ", name), flush=True)
    return not faults


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("root", type=pathlib.Path)
    parser.add_argument("--library")
    parser.add_argument("--cc", nargs="+")
    parser.add_argument("--cxx", nargs="+")
    args = parser.parse_args()
    tree = Tree(args.root.resolve())
    cc = args.cc or next(([name] for name in ("cc", "gcc", "clang") if shutil.which(name)), None)
    cxx = args.cxx or next(([name] for name in ("c++", "g++", "clang++") if shutil.which(name)), None)
    good = [report(check.__name__, check(tree)) for check in (
        sources_keep_to_their_floor, sources_start_with_port, memory_comes_through_the_hook, public_headers_include_public_headers,
        door_uses_public_headers_only, tests_see_public_headers_and_their_mirror, umbrella_is_complete,
        build_lists_every_file, top_level_is_exact, files_open_with_their_licence)]
    good.append(report("public_headers_compile_alone_as_c11", compile_faults(tree, cc, "-std=c11", "C")))
    good.append(report("public_headers_compile_alone_as_cxx11", compile_faults(tree, cxx, "-std=c++11", "C++")))
    if args.library:
        good.append(report("library_exports_cxm_names_only", library_exports_cxm_names_only(args.library)))
        good.append(report("library_exports_what_is_declared", library_exports_what_is_declared(tree, args.library)))
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
