#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""contracts.py - the docstrings promise what the code returns, no more and no less.

    contracts.py ROOT

Reads `@return CXM_OK | CXM_E_ARG why | ...` above every CXM_API function that returns cxm_status, and the
functions of src/. A promise is kept when the code stands in a function that can be reached from there, through
calls, macros and tables. A code is undeclared when the function returns it by name, itself or through a
function of the same file whose result it returns, and the docstring does not list it. Prints one line a function.
"""
import pathlib
import re
import sys

CODE = re.compile(r"\bCXM_(?:OK|MORE|END|E_[A-Z0-9_]+)\b")
COMPARED = re.compile(r"(?:[=!]=\s*|\bcase\s+)$")
DOC = re.compile(r"/\*\*((?:(?!\*/).)*)\*/\s*CXM_API\s+([^;(]*?)\b(cxm_\w+)\s*\(", re.S)
FUNCTION = re.compile(r"^(?P<type>(?:static\s+|inline\s+)*[A-Za-z_][\w \t]*?[\s*]+)(?P<name>[A-Za-z_]\w*)\s*\("
                      r"(?P<args>[^;{}]*?)\)\s*\{", re.M)
TABLE = re.compile(r"^(?:static\s+)?const\s+[^;{}()=]*?\b(?P<name>\w+)\s*(?:\[[^\]]*\]\s*)*=\s*\{|"
                   r"^(?:static\s+)?const\s+struct\b[^{;]*\{[^}]*\}\s*(?P<name2>\w+)\s*(?:\[[^\]]*\]\s*)*=\s*\{", re.M)
MACRO = re.compile(r"^[ \t]*#[ \t]*define[ \t]+(?P<name>\w+)(?P<body>(?:\\\n|[^\n])*)", re.M)
WORD = re.compile(r"\b[A-Za-z_]\w*\b")


def blank(text):
    """Comments and the insides of strings become blanks; positions stay."""
    out = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)
    return out.sub(lambda hit: re.sub(r"[^\n]", " ", hit.group()), text)


def block(text, brace):
    """The text of the braces that open at `brace`."""
    depth = 0
    for at in range(brace, len(text)):
        depth += (text[at] == "{") - (text[at] == "}")
        if depth == 0:
            return text[brace:at + 1]
    return text[brace:]


class Thing:
    """A function, table or macro of one file."""
    def __init__(self, file, name, body, returns_status=False, private=False):
        self.file, self.name, self.body = file, name, body
        self.returns_status, self.private = returns_status, private
        self.words = set(WORD.findall(body))
        self.codes = {hit.group() for hit in CODE.finditer(body) if not is_compared(body, hit)}


def is_compared(text, hit):
    """Whether the code is only looked at: x == CODE, CODE != x, case CODE."""
    return bool(COMPARED.search(text[:hit.start()]) or re.match(r"\s*[=!]=", text[hit.end():]))


class Library:
    def __init__(self, root):
        self.things = {}                     # name -> things, as static names repeat between files
        for path in sorted((root / "src").rglob("*.[ch]")):
            self.read(path, blank(path.read_text(encoding="utf-8")))

    def add(self, thing):
        self.things.setdefault(thing.name, []).append(thing)

    def read(self, path, text):
        plain = MACRO.sub(lambda hit: re.sub(r"[^\n]", " ", hit.group()), text)
        for hit in MACRO.finditer(text):
            self.add(Thing(path, hit["name"], hit["body"], private=path.suffix == ".c"))
        for hit in FUNCTION.finditer(plain):
            if hit["name"] in ("if", "for", "while", "switch", "return", "sizeof"):
                continue
            status = re.search(r"\bcxm_status\b\s*$", hit["type"]) is not None
            self.add(Thing(path, hit["name"], block(plain, hit.end() - 1), status, "static" in hit["type"]
                           and path.suffix == ".c"))
        for hit in TABLE.finditer(plain):
            self.add(Thing(path, hit["name"] or hit["name2"], block(plain, hit.end() - 1), private=hit.group().startswith("static")))

    def seen_from(self, file, name):
        """What `name` means in `file`: its own static thing, else the shared ones."""
        here = [thing for thing in self.things.get(name, []) if thing.file == file]
        return here or [thing for thing in self.things.get(name, []) if not thing.private]

    def reachable(self, start):
        """Codes in everything that can be reached from `start`."""
        codes, todo, done = set(), [start], set()
        while todo:
            thing = todo.pop()
            if id(thing) in done:
                continue
            done.add(id(thing))
            codes |= thing.codes
            for word in thing.words:
                todo += self.seen_from(thing.file, word)
        return codes

    def returned(self, thing, trail=()):
        """Codes that `thing` returns by name, and those of same-file functions whose result it returns."""
        codes, passed_on = set(), set()
        for value in returned_values(thing.body):
            codes |= {hit.group() for hit in CODE.finditer(value) if not is_compared(value, hit)}
            for name in outermost_calls(value):
                for other in self.seen_from(thing.file, name):
                    if other.file == thing.file and other.returns_status and other.name not in trail:
                        passed_on |= self.returned(other, trail + (thing.name,))
        return codes | (passed_on - set(re.findall(r"==\s*(CXM_\w+)", thing.body)))


def returned_values(body):
    """Expressions behind `return`, and what was given to the status variables that stand in them."""
    values = re.findall(r"\breturn\b([^;]*);", body)
    words = {word for value in values for word in WORD.findall(value)}
    for name in words & set(re.findall(r"\bcxm_status\s+(\w+)\b", body)):
        values += re.findall(r"(?<![\w.>])%s\s*=(?!=)([^;]*);" % name, body)
    return values


def outermost_calls(value):
    """Names called outside any other call's parentheses: in `a ? f(g(x)) : h()` these are f and h."""
    names, depth = [], 0
    for hit in re.finditer(r"([A-Za-z_]\w*)?\s*\(|\)", value):
        if hit.group() == ")":
            depth -= 1
            continue
        compared = re.match(r"\s*[=!]=", rest_behind_call(value, hit.end() - 1))
        if hit.group(1) and depth == 0 and not compared:
            names.append(hit.group(1))
        depth += 1
    return names


def rest_behind_call(value, paren):
    depth = 0
    for at in range(paren, len(value)):
        depth += (value[at] == "(") - (value[at] == ")")
        if depth == 0:
            return value[at + 1:]
    return ""


def promises(comment):
    """Codes that lead an alternative behind @return; None when there is no @return."""
    found = re.search(r"@return\b(.*?)(?=\n\s*\*?\s*@|\Z)", comment, re.S)
    if not found:
        return None
    words = re.sub(r"\n\s*\*?", " ", found.group(1))
    return {hit.group() for part in words.split("|") if (hit := CODE.match(part.strip()))}


def faults_of(library, name, comment):
    promised = promises(comment)
    if promised is None:
        return ["there is no @return"]
    things = [thing for thing in library.things.get(name, []) if not thing.private and thing.returns_status]
    if not things:
        return ["no function of that name returns cxm_status in src/"]
    faults = ["promises %s, which it cannot return" % code for code in sorted(promised - library.reachable(things[0]))]
    return faults + ["returns %s, which it does not promise" % code
                     for code in sorted(library.returned(things[0]) - promised)]


def main(root):
    library = Library(root)
    passed = failed = 0
    for path in sorted((root / "include/cxm").glob("*.h")):
        text = path.read_text(encoding="utf-8")
        documented = {hit[3]: hit for hit in DOC.finditer(text)}
        for hit in re.finditer(r"\bCXM_API\s+([^;(]*?)\b(cxm_\w+)\s*\(", blank(re.sub(r"(?m)^#.*$", "", text))):
            if hit[1].strip() != "cxm_status" and hit[2] in documented:
                continue
            comment = documented.get(hit[2])
            faults = faults_of(library, hit[2], comment[1]) if comment else ["there is no doc comment"]
            for fault in faults:
                print("%s: %s %s" % (path.relative_to(root), hit[2], fault))
            print("[%s] %s" % ("  FAILED  " if faults else "       OK ", hit[2]))
            passed, failed = passed + (not faults), failed + bool(faults)
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1]).resolve()))
