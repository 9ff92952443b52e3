#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""python.py - examples/python/cxm.py: the examples in its docstrings run, and it says what the command line says.

    python.py ROOT LIBRARY CXM

Prints a line a case: each docstring, then each test below.
"""
import array
import ctypes
import copy
import doctest
import json
import math
import os
import pathlib
import pickle
import random
import subprocess
import sys
import tempfile
import threading
import traceback
import weakref

ROOT, LIBRARY, CXM = sys.argv[1:4]
sys.path.insert(0, os.path.join(ROOT, "examples/python"))
sys.dont_write_bytecode = True
os.environ["CXM_LIBRARY"] = LIBRARY
import cxm                                                              # noqa: E402

ANSWERS = {"nps": range(-1, 12), "csat": range(0, 7), "ces": range(0, 9)}


def status_of(call, *args):
    try:
        call(*args)
    except cxm.Error as error:
        return error.name
    return "CXM_OK"


def raised(kind, call, *args):
    """What the exception of this kind says."""
    try:
        got = call(*args)
    except kind as error:
        return str(error)
    raise AssertionError("%r%r gave %r" % (call, args, got))


def command(*args, text=""):
    ran = subprocess.run([CXM] + list(args), input=text.encode(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def cells(seed, metric, rows):
    """Answers as a file holds them: numbers, blanks, words and nonsense (few enough for the command line)."""
    rng = random.Random(seed)
    odd = ["", "NA", " - ", "4 - good", "n/a"]
    return [rng.choice(odd) if rng.random() < 0.2 else str(rng.choice(ANSWERS[metric])) for _ in range(rows)]


def states_are_read_by_the_command_line():
    """A state in a file scores as its rows do, and merging such files gives the bytes of one pass over all rows."""
    with tempfile.TemporaryDirectory() as folder:
        def path(name):
            return os.path.join(folder, name)
        rows = [cells(seed, "nps", 50) for seed in (1, 2)]
        for name, answers in zip("ab", rows):
            state = cxm.NPS()
            for cell in answers:
                state.add(cell)
            pathlib.Path(path(name)).write_bytes(state.encode())
        pathlib.Path(path("rows")).write_text("score\n" + "".join('"%s"\n' % cell for cell in rows[0] + rows[1]))
        asked = ["--metric", "nps", "--csv", "-q", "--max-unparsed", "100"]
        command("merge", "-q", "-o", path("sum"), path("b"), path("a"))
        counted = command("score", path("rows"), "--state-out", path("whole"), *asked)
        assert command("score", path("sum"), *asked) == counted
        assert pathlib.Path(path("sum")).read_bytes() == pathlib.Path(path("whole")).read_bytes()
        labels = cxm.Labels(["late", "late", "rude"])
        pathlib.Path(path("labels")).write_bytes(labels.encode())
        assert b'"late",0,2,' in command("score", path("labels"), "--metric", "labels", "--csv", "-q")


def json_is_that_of_the_command_line():
    """Byte for byte: the one result of `score --json` is what the binding's json() gives."""
    for metric, made in (("nps", cxm.NPS), ("csat", cxm.CSAT), ("ces", cxm.CES)):
        for seed, rows in enumerate((0, 1, 2, 40, 700)):
            answers = cells(seed, metric, rows)
            text = "score\n" + "".join('"%s"\n' % cell for cell in answers)
            out = command("score", "-", "--metric", metric, "--json", "--max-unparsed", "100", text=text).decode()
            line = out.split('"results":[\n', 1)[1].rsplit("\n]}", 1)[0]
            state = made(answers)
            assert state.json() == line, (state.json(), line)
            assert json.loads(out)["definition"] == state.definition


def weights_are_those_of_the_command_line():
    """Byte for byte too; refused weights are no rows of the result."""
    for metric in ("nps", "csat", "ces"):
        for seed, rows in enumerate((0, 1, 2, 40, 700)):
            rng, answers = random.Random(seed), cells(seed, metric, rows)
            weights = [rng.choice((0.5, 1, 1.25, 3, 1e-5, 0, -1)) for _ in answers]
            text = "score,w\n" + "".join('"%s",%s\n' % pair for pair in zip(answers, weights))
            out = command("score", "-", "--metric", metric, "--weight", "w", "--json", "--max-unparsed", "100",
                          text=text).decode()
            line = out.split('"results":[\n', 1)[1].rsplit("\n]}", 1)[0]
            state = cxm.State(metric + " weighted", answers, weights=weights)
            assert state.json() == line, (state.json(), line)
            assert json.loads(out)["definition"].rsplit(";", 1)[0] == state.definition.rsplit(";", 1)[0]
            assert json.loads(out)["definition"].rsplit(", ", 1)[1] == state.definition.rsplit(", ", 1)[1]


def weights_go_with_every_form_of_an_answer():
    answers, weights = [10, 9, None, 3, 12, 7], [0.5, 1.5, 2, None, 1, 0.25]
    one, many = cxm.State("nps weighted"), cxm.State("nps weighted", answers, weights=iter(weights))
    for answer, weight in zip(answers, weights):
        one.add(answer, weight)
    assert one == many and one.refused == 1 and one.missing == 1 and one.out_of_range == 1 and one.n == 3
    texts = cxm.State("nps weighted", ["" if answer is None else str(answer) for answer in answers], weights=weights)
    assert texts == one and pickle.loads(pickle.dumps(one)) == one and cxm.State.decode(one.encode()).spec == one.spec
    shorts = cxm.State("nps weighted", bytes([10, 9, 3]), weights=array.array("f", [0.5, 1.5, 2]))
    assert shorts == cxm.State("nps weighted", [10, 9, 3], weights=[0.5, 1.5, 2.0])
    for answer, weight in zip(answers, weights):
        one.remove(answer, weight)
    assert one == cxm.State("nps weighted") and status_of(one.remove, 3, 2.0) == "CXM_E_UNDERFLOW"
    assert cxm.State("nps weighted", [1, 9]) == cxm.State("nps weighted", [1, 9], weights=[1, 1]) != cxm.NPS([1, 9])
    assert status_of(cxm.NPS().add_many, [1], [2]) == status_of(cxm.Sum().remove, 1, 2) == "CXM_E_METHOD"
    assert status_of(one.merge, cxm.NPS()) == "CXM_E_MISMATCH"
    try:
        one.add_many([1, 2], [1])
    except ValueError as error:
        assert str(error) == "2 answers and 1 weights"
    else:
        raise AssertionError("two lengths were taken")
    a, b = (cxm.State("nps weighted", [10] * n + [3] * 10, weights=[1, 2] * ((n + 10) // 2)) for n in (40, 10))
    gap = a.compare(b)
    assert gap.method == "design-t" and gap.proven and gap.difference == a.value - b.value
    assert math.isclose(gap.se, math.hypot(a.se, b.se), rel_tol=1e-12) and status_of(a.compare, b, 0.9, "welch") == "CXM_E_METHOD"


def labels_are_those_of_the_command_line():
    words = ["positive", "negative", "neutral", "deliv\u00e9ry", 'say "hi"', "", "NA", "x" * 300]
    rng = random.Random(3)
    answers = [rng.choice(words) for _ in range(300)] + ["positive"]
    text = "label\n" + "".join('"%s"\n' % word.replace('"', '""') for word in answers)
    out = command("score", "-", "--metric", "labels", "--json", text=text).decode()
    line = out.split('"results":[\n', 1)[1].rsplit("\n]}", 1)[0]
    assert cxm.Labels(answers).json() == line, (cxm.Labels(answers).json(), line)


def results_are_attributes():
    nps = cxm.NPS([10, 9, 8, 0])
    shown = nps.as_dict()
    for name, value in nps.results().items():
        if name in shown:
            assert shown[name] == value, name
    assert (nps.low, nps.high) == (shown["interval"]["low"], shown["interval"]["high"]) == nps.interval()
    assert isinstance(nps.n, int) and isinstance(nps.value, float) and nps.get("count:8") == 1.0
    assert "promoters" in dir(nps) and not hasattr(nps, "satisfied") and not hasattr(nps, "count:8")
    assert cxm.NPS().results()["value"] is None and cxm.NPS().n == 0
    assert status_of(nps.get, "nothing") == "CXM_E_ARG" and status_of(nps.get, "count:11") == "CXM_E_DOMAIN"
    wide = cxm.NPS([10, 9, 8, 0], level=0.99)
    assert wide.low < nps.low and wide == nps and wide.interval(0.95) == nps.interval()
    assert repr(cxm.CES()) == "<ces 1..7 CXM_E_EMPTY, n 0>"


def any_split_is_one_state():
    rng = random.Random(7)
    for made, values in ((cxm.NPS, list(ANSWERS["nps"]) + [None, "ten"]), (cxm.Sum, [0.1, 1e300, -1e300, 3]),
                         (cxm.Labels, ["a", "b", "positive", None])):
        answers = [rng.choice(values) for _ in range(400)]
        whole, parts = made(answers), [made() for _ in range(7)]
        for answer in answers:
            rng.choice(parts).add(answer)
        rng.shuffle(parts)
        total = sum(parts)
        assert total == whole and total.encode() == whole.encode() and type(total) is made
        parts[0] += parts[1]
        assert all(part != whole for part in parts)


def states_travel():
    for state in (cxm.NPS([1, 9, None]), cxm.CES([1, 5], scale="1..5"), cxm.CSAT([9], scale="1..10", top="9..10"),
                  cxm.Labels(["x"], max_labels=2), cxm.Sum([0.5]), cxm.State("scale 0..4 value net", [4]),
                  cxm.State("ces weighted", [4, 2], weights=[2, 0.3])):
        state.level = 0.9
        for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
            back = pickle.loads(pickle.dumps(state, protocol))
            assert back == state and type(back) is type(state) and back.spec == state.spec and back.level == 0.9
        deep = copy.deepcopy(state)
        deep.add("3")
        assert deep != state
        assert cxm.State.decode(bytearray(bytes(state)), state.spec) == state
    assert type(cxm.State.decode(cxm.NPS().encode())) is cxm.NPS
    assert cxm.State.decode(cxm.CES(scale="1..5").encode()).spec == "csat 1..5"     # as state.h says
    assert cxm.NPS([1]) != 1 and status_of(lambda: cxm.State.decode(cxm.NPS().encode(), "csat")) == "CXM_E_MISMATCH"


def damaged_bytes_are_refused():
    for state in (cxm.NPS([1, 2, 3]), cxm.Labels(["a", "b"]), cxm.Sum([1.5]), cxm.State("nps weighted", [1, 9], weights=[2, 3])):
        data = state.encode()
        for i in range(len(data)):
            assert status_of(cxm.State.decode, data[:i]) == "CXM_E_FORMAT"
            assert status_of(cxm.State.decode, data[:i] + bytes([data[i] ^ 1]) + data[i + 1:]) in ("CXM_E_FORMAT", "CXM_E_VERSION")


def a_file_of_the_command_line_is_no_state_of_one_metric():
    with tempfile.TemporaryDirectory() as folder:
        place = pathlib.Path(folder) / "all.cxm"
        command("score", "-", "--metric", "nps", "--json", "--state-out", str(place), text="score\n9\n")
        assert status_of(cxm.State.decode, place.read_bytes()) == "CXM_E_FORMAT"      # a container of many
        assert cxm.NPS([9]).encode() not in place.read_bytes()


def columns_are_read_where_they_lie():
    want = cxm.NPS([10, 9, 0, 7])
    for values in ([10, 9, 0, 7], (10, 9, 0, 7), iter([10, 9, 0, 7]), bytes([10, 9, 0, 7]), bytearray([10, 9, 0, 7]),
                   memoryview(bytes([7, 0, 9, 10]))[::-1], memoryview(bytes([10, 1, 9, 1, 0, 1, 7, 1]))[::2],
                   (ctypes.c_int8 * 4)(10, 9, 0, 7), (ctypes.c_double * 4)(10, 9, 0, 7)):
        assert cxm.NPS(values) == want
    for code in "bBhHiIlLqQfd":
        assert cxm.NPS(array.array(code, [10, 9, 0, 7])) == want, code
    assert cxm.NPS(array.array("d", [10, math.nan, 3.5])).results()["missing"] == 1
    assert cxm.NPS(b"").n == 0 and cxm.NPS(memoryview(bytes(8))[8:]).n == 0
    grid = memoryview(bytes(range(4))).cast("B", (2, 2))
    assert cxm._view_of(grid) is None
    buffer = bytearray(b"\x09\x0a")
    cxm.NPS(buffer)
    buffer.append(1)                                                    # nothing holds it any more
    assert "one text is one answer" in raised(TypeError, cxm.NPS, "10")
    for numbers in (bytes([1]), [1, 2], [2.5], array.array("d", [1])):
        assert "labels are texts" in raised(TypeError, cxm.Labels, numbers)
    assert cxm.Labels(["1", math.nan, None]).results()["missing"] == 2
    assert status_of(cxm.Sum, ["1", "x"]) == "CXM_E_FORMAT"


class Masked(array.array):
    """A buffer that hides some of its values, as masked arrays of NumPy do."""
    mask = (False, False, True, True)

    def tolist(self):
        return [None if hidden else value for value, hidden in zip(super().tolist(), self.mask)]


class Typed:
    """A value or a column with a dtype of NumPy, here one that lets itself be made a double."""

    def __init__(self, kind):
        self.dtype = type("dtype", (), {"kind": kind, "__str__": lambda _: "datetime64[ns]"})()

    def __float__(self):
        return 9.0

    def __iter__(self):
        return iter([9.0])


def masked_values_are_missing():
    for code in "bBid":
        hidden = cxm.NPS(Masked(code, [9, 9, 0, 0]))
        assert hidden == cxm.NPS([9, 9, None, None]) and (hidden.n, hidden.missing) == (2, 2)
    poll = cxm.State("nps weighted", [9, 9, 9, 0], weights=Masked("d", [1, 2, 1, 1]))
    assert (poll.n, poll.refused, poll.sum_weights) == (2, 2, 3.0)
    assert cxm.Sum(Masked("d", [9, 9, 1, 1])) == cxm.Sum([9, 9])
    one = type("Constant", (), {"shape": (), "mask": True, "__float__": lambda _: 0.0})()
    assert cxm.NPS([9, one]) == cxm.NPS([9, None]) and cxm.Sum([9, one]) == cxm.Sum([9])
    assert cxm.Labels(["a", one]) == cxm.Labels(["a", None]) and cxm.Sum().add(one) is False


def what_is_no_number_is_refused():
    for kind in "mMc":
        assert "not datetime64[ns]" in raised(TypeError, cxm.NPS, Typed(kind)) == raised(TypeError, cxm.NPS().add, Typed(kind))
    assert cxm.NPS(Typed("f")) == cxm.NPS([9])
    for wrong, kind, text in ((b"9", TypeError, "decode it"), (1j, TypeError, "not complex"), ([9], TypeError, "not list"),
                              (10 ** 400, ValueError, "that a double holds")):
        for state in (cxm.NPS(), cxm.Sum(), cxm.Labels()):
            for call in (state.add, state.remove, lambda wrong, state=state: state.add_many([wrong])):
                assert text in raised(kind, call, wrong), (wrong, state)
            assert state.n == 0


def columns_of_numpy():
    try:
        import numpy
    except ImportError:
        return
    hidden = numpy.ma.masked_array([9, 9, 0, 0], mask=[0, 0, 1, 1])
    assert cxm.NPS(hidden) == cxm.NPS(list(hidden)) == cxm.NPS([9, 9, None, None])
    assert cxm.NPS(numpy.ma.masked_array([9, 9])) == cxm.NPS([9, 9]) == cxm.NPS(numpy.array([9, 9], ">i2"))
    for wrong in (numpy.array(["2026-01-01"], "datetime64[ns]"), numpy.array([1], "timedelta64[s]"), numpy.array([1j])):
        assert "not " + str(wrong.dtype) in raised(TypeError, cxm.NPS, wrong) == raised(TypeError, cxm.NPS, list(wrong))


def comparisons():
    a, b = cxm.NPS([10] * 40 + [3] * 10), cxm.NPS([10] * 20 + [3] * 30)
    gap, back = a.compare(b), b.compare(a)
    assert gap.difference == a.value - b.value == -back.difference and gap.p == back.p and gap.proven
    assert gap.low == -back.high and a.compare(b, method="wald").method == "wald" and not a.compare(a).proven
    assert status_of(a.compare, cxm.CSAT([1])) == "CXM_E_MISMATCH" and status_of(a.compare, cxm.NPS()) == "CXM_E_EMPTY"
    try:
        a.compare(b, method="magic")
    except cxm.Error as error:
        assert str(error) == "CXM_E_METHOD: no comparison called 'magic'"
    wide = a.compare(b, level=0.999)
    assert wide.low < gap.low and wide.level == 0.999


def misuse_is_a_type_error():
    nps = cxm.NPS([9, 1])
    for other in (None, 5, b"", "nps"):
        assert "is a state, not " in raised(TypeError, nps.merge, other) == raised(TypeError, nps.compare, other)
    for data in (5, [67, 88], None, "CXM"):
        raised(TypeError, cxm.State.decode, data)
    assert raised(TypeError, cxm.Sum([1]).interval) == "sum has no interval"
    for state in (nps, cxm.State("nps"), cxm.CSAT(), cxm.CES(), cxm.Labels(), cxm.Sum(), cxm.State.decode(nps.encode())):
        for name in ("value", "n", "promoters", "anything"):
            raised(AttributeError, setattr, state, name, 5)
    nps.level = 0.9
    assert nps.interval() == nps.interval(0.9) and weakref.ref(nps)() is nps


def many_that_raise_count_as_said():
    for state in (cxm.NPS([9]), cxm.Sum([9])):
        raised(TypeError, state.add_many, [1, 2, 1j])
        assert state.n == 1
        raised(TypeError, state.add_many, ["1", 2, 1j])
        assert state.n == 3
    labels = cxm.Labels()
    raised(TypeError, labels.add_many, ["a", 1, "b"])
    assert labels.n == 1


def counts_are_whole():
    state = cxm.NPS([9])
    for _ in range(53):
        state += state
    state.add(9)
    assert state.n == state.promoters == state.results()["top"] == 2 ** 53 + 1 and state.get("n") == 2.0 ** 53


def errors_say_what_and_where():
    for spec, text in (("npz", "CXM_E_FORMAT: 'npz' at byte 0: a spec begins with"),
                       ("nps 1..10", "CXM_E_SCALE: 'nps 1..10' at byte 9: no scale of this metric"),
                       ("csat 1..5 topp", "CXM_E_FORMAT: 'csat 1..5 topp' at byte 10: not understood here")):
        try:
            cxm.State(spec)
        except cxm.Error as error:
            assert str(error).startswith(text), str(error)
        else:
            raise AssertionError(spec)


def a_foreign_library_is_refused():
    for path in ("/nowhere/libcxm.so", ctypes.util.find_library("m") or "libm.so.6"):
        ran = subprocess.run([sys.executable, "-B", "-c", "import cxm; cxm.NPS()"], stderr=subprocess.PIPE, check=False,
                             env={**os.environ, "CXM_LIBRARY": path, "PYTHONPATH": os.path.join(ROOT, "examples/python")})
        assert ran.returncode == 1 and b"ImportError" in ran.stderr, ran.stderr


def states_of_many_threads_merge():
    parts = [cxm.NPS() for _ in range(4)]
    threads = [threading.Thread(target=lambda part=part: [part.add(i % 11) for i in range(2000)]) for part in parts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(parts) == cxm.NPS([i % 11 for i in range(2000)] * 4)


def run_together(calls):
    """Each call in a thread of its own, with as many switches between them as there can be."""
    threads, before = [threading.Thread(target=call) for call in calls], sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(before)


def threads_share_a_state():
    """No answer is lost and no memory torn: labels move theirs as they grow, and are read and merged meanwhile."""
    words = [["w%d" % ((i * 7 + k * 131) % 4000) for i in range(20000)] for k in range(4)]
    labels, nps, seen = cxm.Labels(max_labels=4096), cxm.NPS(), []
    run_together([lambda own=own: [labels.add(word) for word in own] for own in words] +
                 [lambda: seen.extend(len(labels.encode()) for _ in range(200))])
    assert labels == cxm.Labels(sum(words, []), max_labels=4096) and labels.n == 80000 and len(seen) == 200
    run_together([lambda k=k: [nps.add((i + k) % 11) for i in range(22000)] for k in range(2)] +
                 [lambda: [nps.add_many(bytes(range(11))) for _ in range(200)],
                  lambda: [nps.merge(cxm.NPS([9])) for _ in range(500)]])
    assert nps == cxm.NPS(list(range(11)) * 4200 + [9] * 500)


def every_metric_describes_itself():
    for metric in cxm.metrics():
        state = cxm.State(metric.name + (" 0..10" if metric.name.startswith("scale") else ""))
        assert metric.mergeable and metric.removable and state.definition and metric.grammar.startswith(metric.name)
        assert {field.name for field in metric.results if ":" not in field.name} == set(state.results())
        assert all(field.meaning and field.unit for field in metric.results + metric.parameters)


TESTS = [json_is_that_of_the_command_line, weights_are_those_of_the_command_line, weights_go_with_every_form_of_an_answer,
         labels_are_those_of_the_command_line, results_are_attributes, any_split_is_one_state, states_travel,
         states_are_read_by_the_command_line, damaged_bytes_are_refused, a_file_of_the_command_line_is_no_state_of_one_metric,
         columns_are_read_where_they_lie, masked_values_are_missing, what_is_no_number_is_refused, columns_of_numpy,
         comparisons, misuse_is_a_type_error, many_that_raise_count_as_said, counts_are_whole, errors_say_what_and_where,
         a_foreign_library_is_refused, states_of_many_threads_merge, threads_share_a_state, every_metric_describes_itself]


def main():
    failed = 0
    runner = doctest.DocTestRunner()
    for example in doctest.DocTestFinder().find(cxm):
        if example.examples:
            bad = runner.run(example).failed
            print("[%s] docstring of %s" % ("  FAILED  " if bad else "       OK ", example.name), flush=True)
            failed += bad > 0
    for test in TESTS:
        try:
            test()
            print("[       OK ] %s" % test.__name__, flush=True)
        except Exception:                                               # pylint: disable=broad-except
            traceback.print_exc()
            print("[  FAILED  ] %s" % test.__name__, flush=True)
            failed += 1
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
