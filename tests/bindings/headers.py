#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""headers.py - what bindings wrote down a second time, and what the library says of itself, held against the headers.

    headers.py ROOT LIBRARY COMPILER...

Sizes, offsets and values come from a probe that the compiler builds from include/cxm; calls are read from the headers'
declarations. Checked are cxm_sizeof, cxm_abi_struct and cxm_constant of LIBRARY, and every struct, constant and signature of
examples/python/cxm.py. Prints a line a check.
"""
import ctypes
import pathlib
import re
import subprocess
import sys
import tempfile

TYPES = {                                   # a C type as ctypes has it; a pointer to anything opaque is a void pointer
    "uint32_t": ctypes.c_uint32, "int32_t": ctypes.c_int32, "cxm_status": ctypes.c_int32, "size_t": ctypes.c_size_t,
    "double": ctypes.c_double, "void": None, "int64_t": ctypes.c_int64, "uint64_t": ctypes.c_uint64,
}
BYTES = ("char", "void")                    # a pointer to these is text or bytes: c_char_p, which bytes objects fit


def read_headers(root):
    texts = [path.read_text(encoding="utf-8") for path in sorted((root / "include/cxm").glob("*.h"))]
    return re.sub(r"/\*.*?\*/", " ", "\n".join(texts), flags=re.S)


def probe(root, compiler, wanted):
    """The values of C expressions, by a program that prints them."""
    lines = ['    printf("%%lld\\n", (long long)(%s));' % expression for expression in wanted]
    source = "#include <cxm/cxm.h>\n#include <stdio.h>\nint main(void)\n{\n%s\n    return 0;\n}\n" % "\n".join(lines)
    with tempfile.TemporaryDirectory() as folder:
        place = pathlib.Path(folder)
        (place / "probe.c").write_text(source, encoding="utf-8")
        subprocess.run(compiler + ["-std=c11", "-I%s" % (root / "include"), str(place / "probe.c"), "-o", str(place / "probe")],
                       check=True)
        out = subprocess.run([str(place / "probe")], stdout=subprocess.PIPE, check=True).stdout.split()
    return dict(zip(wanted, map(int, out)))


# --- the library about itself ---

def own_structs(root, compiler, lib, headers):
    names = set(re.findall(r"\btypedef struct (cxm_\w+)\s*\{", headers))
    sizes = probe(root, compiler, ["sizeof(%s)" % name for name in sorted(names)])
    listed, i, name, size = {}, 0, ctypes.c_char_p(), ctypes.c_uint32()
    while lib.cxm_abi_struct(i, ctypes.byref(name), ctypes.byref(size)) == 0:
        listed[name.value.decode()] = size.value
        i += 1
    for missing in sorted(names - set(listed)):
        yield "%s is not in src/abi/abi.c" % missing
    for name in sorted(names & set(listed)):
        said = lib.cxm_sizeof(name.encode(), len(name))
        if not sizes["sizeof(%s)" % name] == listed[name] == said:
            yield "%s: %d bytes, listed with %d, cxm_sizeof says %d" % (name, sizes["sizeof(%s)" % name], listed[name], said)
    if len(names) < 30:
        yield "only %d structs were found in the headers" % len(names)


def own_constants(root, compiler, lib, headers):
    names = sorted(set(re.findall(r"^[ \t]*#[ \t]*define[ \t]+(CXM_\w+)[ \t]+\(?-?\d", headers, re.M)))
    values = probe(root, compiler, names)
    for name in names:
        value = ctypes.c_int64()
        if lib.cxm_constant(name.encode(), len(name), ctypes.byref(value)) != 0:
            yield "%s is not in src/abi/abi.c" % name
        elif value.value != values[name]:
            yield "%s is %d, cxm_constant says %d" % (name, values[name], value.value)
    if len(names) < 10:
        yield "only %d constants were found in the headers" % len(names)


# --- the binding ---

def binding_structs(root, compiler, cxm, headers):
    wanted = {}
    for name, struct in cxm.STRUCTS.items():
        body = re.search(r"typedef struct %s\s*\{(.*?)\}\s*%s;" % (name, name), headers, re.S).group(1)
        fields = [field.strip(" *").split("[")[0] for line in body.split(";") if line.strip()
                  for field in re.sub(r"^\s*(?:const\s+)?\w+\b", "", line, count=1).split(",")]
        mine = [field[0] for field in struct._fields_]
        if fields != mine:
            yield "%s has the fields %s, cxm.py says %s" % (name, fields, mine)
            continue
        wanted["sizeof(%s)" % name] = ctypes.sizeof(struct)
        for field in mine:
            wanted["offsetof(%s, %s)" % (name, field)] = getattr(struct, field).offset
            wanted["sizeof(((%s *)0)->%s)" % (name, field)] = getattr(struct, field).size
    found = probe(root, compiler, sorted(wanted))
    for expression in sorted(wanted):
        if found[expression] != wanted[expression]:
            yield "%s is %d, cxm.py has %d" % (expression, found[expression], wanted[expression])


def binding_constants(root, compiler, cxm, _):
    found = probe(root, compiler, sorted(cxm.CONSTANTS))
    for name, value in cxm.CONSTANTS.items():
        if found[name] != value:
            yield "%s is %d, cxm.py has %d" % (name, found[name], value)


def as_ctypes(cxm, declared):
    """What cxm.py may write for a declared type: one thing or several."""
    words = declared.replace("const", " ").replace("*", " * ").split()
    base, stars = words[0], words.count("*")
    if stars == 0:
        return [TYPES[base]]
    if stars == 1 and base in BYTES:
        return [ctypes.c_char_p]
    if stars == 1 and base in cxm.STRUCTS:
        return [ctypes.POINTER(cxm.STRUCTS[base])]
    if stars == 1 and base in TYPES:
        return [ctypes.POINTER(TYPES[base])]
    if stars == 1 and base.startswith("cxm_"):
        return [ctypes.c_void_p]
    if stars == 2 and base.startswith("cxm_"):
        return [ctypes.POINTER(ctypes.c_void_p)]
    return []


def binding_signatures(root, compiler, cxm, headers):
    del root, compiler
    calls = {hit[2]: hit for hit in re.finditer(r"\bCXM_API\s+([^;()]*?)(\bcxm_\w+)\s*\(([^;]*?)\)\s*;", headers)}
    for name, (returns, takes) in cxm.SIGNATURES.items():
        if name not in calls:
            yield "%s is in no header" % name
            continue
        if returns not in as_ctypes(cxm, calls[name][1]):
            yield "%s returns %s" % (name, calls[name][1].strip())
        declared = [part.strip() for part in calls[name][3].split(",") if part.strip() != "void"]
        declared = [re.sub(r"\w+$", "", part).strip() for part in declared]
        if len(declared) != len(takes):
            yield "%s takes %d arguments, cxm.py says %d" % (name, len(declared), len(takes))
            continue
        for i, (kind, mine) in enumerate(zip(declared, takes)):
            if mine not in as_ctypes(cxm, kind):
                yield "%s: argument %d is %s, cxm.py says %s" % (name, i + 1, kind, mine.__name__)


def main(root, library, compiler):
    root = pathlib.Path(root)
    sys.path.insert(0, str(root / "examples/python"))
    sys.dont_write_bytecode = True
    import cxm
    cxm.load(library)
    lib, headers, good = ctypes.CDLL(library), read_headers(root), True
    for check, about in ((own_structs, lib), (own_constants, lib), (binding_structs, cxm), (binding_constants, cxm),
                         (binding_signatures, cxm)):
        faults = list(check(root, compiler, about, headers))
        for fault in faults:
            print(fault)
        print("[%s] %s" % ("  FAILED  " if faults else "       OK ", check.__name__), flush=True)
        good &= not faults
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], sys.argv[3:]))
