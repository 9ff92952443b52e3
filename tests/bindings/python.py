#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""python.py - examples/python/cxm.py: the examples in its docstrings run, and it says what the command line says.

    python.py ROOT LIBRARY CXM

Prints a line a case: each docstring, then each test below.
"""
import array
import ctypes
import copy
import datetime
import doctest
import json
import math
import os
import pathlib
import pickle
import random
import statistics
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
                         (cxm.Labels, ["a", "b", "positive", None]), (cxm.Quantile, [0, 0.25, 7, 3600.5, -1, None, 1e300, "odd"])):
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
                  cxm.State("ces weighted", [4, 2], weights=[2, 0.3]), cxm.Quantile([5, 0, -1], unit="ms", targets=[2, 500]),
                  cxm.Quantile([1.25], decimals=2, precision=0.001, range=(0.5, 100))):
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
    for state in (cxm.NPS([1, 2, 3]), cxm.Labels(["a", "b"]), cxm.Sum([1.5]), cxm.State("nps weighted", [1, 9], weights=[2, 3]),
                  cxm.Quantile([0, 1, 2.5, None], targets=[2])):
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
    for state in (nps, cxm.State("nps"), cxm.CSAT(), cxm.CES(), cxm.Labels(), cxm.Sum(), cxm.Quantile(),
                  cxm.State.decode(nps.encode())):
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


def type7(values, q):
    """By hand: between the values around rank (n - 1) q + 1."""
    values, rank = sorted(values), (len(values) - 1) * q
    below = math.floor(rank)
    return values[below] + (rank - below) * (values[min(below + 1, len(values) - 1)] - values[below])


def microseconds(seed, rows):
    """Whole microseconds of many sizes, some of them many times."""
    rng = random.Random(seed)
    return [rng.choice([int(10 ** rng.uniform(0, 12)), rng.randint(1, 300), 250_000]) for _ in range(rows)]


def quantiles_are_within_what_is_guaranteed():
    for precision, error in ((0.01, 1 / 129), (0.001, 1 / 1025)):
        for rows in (1, 2, 3, 10, 1000):
            steps = microseconds(rows, rows)
            for unit, size in (("us", 1), ("ms", 10 ** 3), ("s", 10 ** 6), ("min", 60 * 10 ** 6), ("h", 3600 * 10 ** 6)):
                values = [step / size for step in steps]
                state = cxm.Quantile(values, unit=unit, precision=precision)
                for q in (0, 0.001, 0.25, 1 / 3, 0.5, 0.9, 0.95, 0.999, 1):
                    assert math.isclose(state.quantile(q), type7(values, q), rel_tol=error * (1 + 1e-9)), (rows, unit, q)
                assert (state.n, state.min, state.max) == (rows, min(values), max(values)) and state.relative_error == error
                assert math.isclose(state.mean, sum(steps) / size / rows, rel_tol=1e-15) and state.value == state.quantile(0.5)
                if rows > 1:
                    told = [state.quantile(i / 20) for i in range(1, 20)]
                    for mine, want in zip(told, statistics.quantiles(values, n=20, method="inclusive")):
                        assert math.isclose(mine, want, rel_tol=error * (1 + 1e-9))
    for rows in (1, 7, 100):                                            # up to 128 steps have bins of their own
        values = [random.Random(rows + i).randint(0, 128) / 4 for i in range(rows)]
        state = cxm.Quantile(values, decimals=2)
        for i in range(101):
            assert math.isclose(state.quantile(i / 100), type7(values, i / 100), rel_tol=1 / 129 + 1e-12, abs_tol=1e-12)
        whole = cxm.Quantile([4 * value for value in values], decimals=0)
        assert [whole.quantile(i / 8) for i in range(9)] == [4 * type7(values, i / 8) for i in range(9)]


def limits_of_quantiles_are_order_statistics():
    """Of 1..n each with a bin of its own the limits are their ranks, here from the binomial law in whole numbers."""
    def tail(n, k, q):
        return sum(math.comb(n, i) * q ** i * (1 - q) ** (n - i) for i in range(k, n + 1))      # P(B >= k)
    for n in (1, 5, 6, 20, 100):
        state = cxm.Quantile(range(1, n + 1), decimals=0)
        for q in (0.5, 0.25, 0.9):
            for level in (0.9, 0.95, 0.99):
                side = (1 - level) / 2 * (1 + 1e-12)
                low = max((rank for rank in range(1, n + 1) if 1 - tail(n, rank, q) <= side), default=None)
                high = min((rank for rank in range(1, n + 1) if tail(n, rank, q) <= side), default=None)
                if low and high:
                    assert state.quantile_interval(q, level) == (low, high), (n, q, level)
                else:
                    assert status_of(state.quantile_interval, q, level) == "CXM_E_UNDEFINED"
                    assert high is None or state.get("high:%r" % q, level) == high
        if n >= 6:
            assert state.interval() == state.quantile_interval(0.5) and state.interval(0.9) == state.quantile_interval(0.5, 0.9)


def shares_within_a_target_are_exact():
    steps = microseconds(8, 2000)
    values, n = [step / 1e6 for step in steps] + [0, 1e300, -1, math.inf, None, "soon"], 2002
    targets = [0.0001, 0.25, 17.125, 900]
    state = cxm.Quantile(values, targets=targets)
    assert (state.n, state.zero, state.over, state.out_of_range, state.missing, state.unparsed) == (n, 1, 1, 2, 1, 1)
    for target in targets:
        hits = 1 + sum(step <= round(target * 1e6) for step in steps)
        assert state.within(target) == hits / n == state.within(datetime.timedelta(seconds=target))
    for t in (0, 1e-5, 0.3, 5, 1e4, 1e9, 1e301):
        lies = [1 + sum(step <= t * 1e6 * (1 + way / 64) for step in steps) for way in (-1, 1)]
        assert lies[0] / n <= state.within(t) <= (lies[1] + (t > 1e300)) / n, t
    assert state.within(-1) == 0 and status_of(state.within, math.nan) == "CXM_E_ARG"
    assert status_of(lambda: state.mean) == status_of(state.quantile, 1) == "CXM_E_UNDEFINED"     # 1e300 s lies outside the range
    assert cxm.Quantile(values[:2000]).quantile(1) == max(steps) / 1e6


def durations_are_turned_into_the_unit():
    week = datetime.timedelta(days=7, microseconds=1)
    for unit, size in (("us", 1), ("ms", 10 ** 3), ("s", 10 ** 6), ("min", 60 * 10 ** 6), ("h", 3600 * 10 ** 6)):
        state = cxm.Quantile([datetime.timedelta(seconds=1), "7", None, -week], unit=unit, targets=[week])
        assert state == cxm.Quantile([10 ** 6 / size, 7, math.nan, -1], unit=unit, targets=[(7 * 86400 * 10 ** 6 + 1) / size])
        assert state.add(week) and state.max == (7 * 86400 * 10 ** 6 + 1) / size and state.within(week) == 1.0
        assert state.remove(week) and state.n == 2 and not state.remove(-week) and state.out_of_range == 0
        steps = microseconds(3, 500)
        assert cxm.Quantile((datetime.timedelta(microseconds=step) for step in steps), unit=unit) == cxm.Quantile(steps, unit="us")
    bounds = cxm.Quantile(unit="ms", range=(datetime.timedelta(milliseconds=1), datetime.timedelta(minutes=1)))
    assert bounds.spec == cxm.Quantile(unit="ms", range=(1, 60000)).spec != cxm.Quantile(unit="ms").spec
    numbers = cxm.Quantile(decimals=2)
    for call in (numbers.add, numbers.remove, numbers.within, lambda value: numbers.add_many([1, value])):
        assert "not durations" in raised(TypeError, call, week)
    assert numbers.n == 0 and "not timedelta" in raised(TypeError, cxm.NPS, [week]) == raised(TypeError, cxm.NPS().add, week)
    for wrong in (datetime.datetime(2026, 1, 1), datetime.date(2026, 1, 1)):
        raised(TypeError, bounds.add, wrong)
        raised(TypeError, bounds.add_many, [wrong])
    assert "not datetime64[ns]" in raised(TypeError, bounds.add, Typed("M")) == raised(TypeError, bounds.add_many, Typed("M"))


def durations_of_numpy():
    try:
        import numpy
    except ImportError:
        return
    want = cxm.Quantile([1.5, None, -0.25, 7], unit="min")
    for resolution in ("ms", "us", "ns"):
        column = numpy.array([90000, "NaT", -15000, 420000], "timedelta64[ms]").astype("timedelta64[%s]" % resolution)
        hidden = numpy.ma.masked_array(numpy.where(numpy.isnat(column), column[0], column), mask=numpy.isnat(column))
        for values in (column, list(column), column[::-1], hidden, hidden[::-1]):
            assert cxm.Quantile(values, unit="min") == want, values
        assert "not timedelta64" in raised(TypeError, cxm.Quantile, numpy.array([1], "timedelta64"))
        assert "not timedelta64" in raised(TypeError, lambda column=column: cxm.Quantile(column, decimals=1))
    values = numpy.arange(1, 1001, dtype="f8") / 8
    assert cxm.Quantile(values[::-3]) == cxm.Quantile(values[::-3].tolist())
    assert math.isclose(cxm.Quantile(values).quantile(0.9), numpy.quantile(values, 0.9), rel_tol=1 / 129)
    try:
        import pandas
    except ImportError:
        return
    series = pandas.Series(pandas.to_timedelta([90, None, -15, 420], unit="s"))
    for values in (series, list(series), pandas.TimedeltaIndex(series), series.astype(object)):
        assert cxm.Quantile(values, unit="min") == want, values


def quantiles_forget_extremes_alone():
    """After a removal all but what rests on the least and the greatest value is as if it had never been there."""
    values = [step / 1e6 for step in microseconds(4, 400)]
    want, slid = cxm.Quantile(values, targets=[1]), cxm.Quantile(targets=[1])
    for answer in [5.5, None, -1] + values:
        slid.add(answer)
    for answer in (5.5, None, -1):
        slid.remove(answer)
    assert slid != want and (slid.n, slid.mean, slid.sum, slid.within(1)) == (want.n, want.mean, want.sum, want.within(1))
    assert [slid.quantile(i / 20) for i in range(1, 20)] == [want.quantile(i / 20) for i in range(1, 20)]
    for name in ("min", "max"):
        assert math.isclose(slid.get(name), want.get(name), rel_tol=1 / 129) and slid.interval() == want.interval()
    back = cxm.Quantile.decode(slid.encode(), slid.spec)
    assert back == slid and back.results() == slid.results() and type(back) is cxm.Quantile
    for answer in values:
        slid.remove(answer)
    assert slid == cxm.Quantile(targets=[1]) and status_of(slid.remove, 5.5) == "CXM_E_UNDERFLOW"


def units_are_not_in_the_bytes():
    values = [step / 1000 for step in microseconds(6, 100)]
    state = cxm.Quantile(values, unit="ms", precision=0.001, targets=[500])
    plain = cxm.State.decode(state.encode())
    assert plain.spec == "quantile s 0.001 above 0.5" and plain == state and type(plain) is cxm.Quantile
    assert plain.within(0.5) == state.within(500) and math.isclose(plain.value * 1000, state.value, rel_tol=1e-15)
    assert cxm.State.decode(state.encode(), "quantile min 0.001 above " + repr(0.5 / 60)).sum == plain.sum / 60
    assert (plain + state).n == 200 and (plain + state).spec == plain.spec and (state + plain).spec == state.spec
    assert cxm.State.decode(cxm.Quantile([1.5], decimals=1).encode()).spec == "quantile decimals 1 0.01"
    for other in (cxm.Quantile(precision=0.001), cxm.Quantile(targets=[0.5]), cxm.Quantile(decimals=6, precision=0.001),
                  cxm.Quantile(precision=0.001, targets=[0.5], range=(0.25, 2)), cxm.NPS()):
        assert status_of(state.merge, other) == status_of(state.compare, other) == "CXM_E_MISMATCH", other
        assert status_of(cxm.State.decode, state.encode(), other.spec) == "CXM_E_MISMATCH"


def medians_compare():
    rng = random.Random(5)
    a, b = (cxm.Quantile([math.exp(rng.gauss(mean, 1)) for _ in range(500)]) for mean in (1, 0.3))
    gap, back = a.compare(b), b.compare(a)
    assert gap.difference == a.value - b.value == -back.difference and gap.low == -back.high and gap.proven and gap.p == back.p
    assert gap.low < gap.difference < gap.high and not a.compare(a).proven and a.compare(b, 0.99).low < gap.low
    milli = cxm.State.decode(a.encode(), "quantile ms").compare(b)      # in the unit of the first
    assert math.isclose(milli.difference, 1000 * gap.difference, rel_tol=1e-9) and math.isclose(milli.p, gap.p, rel_tol=1e-9)
    assert status_of(a.compare, cxm.Quantile()) == "CXM_E_EMPTY" and status_of(a.compare, b, 0.9, "welch") == "CXM_E_METHOD"


def misuse_of_quantiles_says_so():
    state = cxm.Quantile([1, 2, 3])
    for q in (-0.1, 1.5, math.nan, None, math.inf):
        assert status_of(state.quantile, q) == status_of(state.quantile_interval, q) == "CXM_E_ARG"
    raised(TypeError, state.quantile, [0.5])
    for level in (1, -1, 2):
        assert status_of(state.quantile_interval, 0.5, level) == "CXM_E_ARG"
    empty = cxm.Quantile([None, -1, "x"])
    for call in (lambda: empty.value, lambda: empty.within(1), lambda: empty.quantile(0.5), lambda: empty.min, empty.interval,
                 lambda: empty.quantile_interval(0.5)):
        assert status_of(call) == "CXM_E_EMPTY"
    one = cxm.Quantile([2.5])
    assert one.value == one.quantile(0) == one.quantile(1) == 2.5 and status_of(one.interval) == "CXM_E_UNDEFINED"
    assert "a unit is one of" in raised(ValueError, lambda: cxm.Quantile(unit="d"))
    for wrong in ({"precision": 0.02}, {"decimals": 10}, {"decimals": -1}, {"targets": [2, 1]}, {"targets": [0]},
                  {"targets": [1, 2, 3, 4, 5]}, {"range": (5, 1)}, {"range": (1, 2), "targets": [3]}, {"range": (0, 1)}):
        assert status_of(lambda wrong=wrong: cxm.Quantile(**wrong)) == "CXM_E_FORMAT", wrong
    assert status_of(state.add, 1, 2.0) == status_of(state.add_many, [1], [2]) == "CXM_E_METHOD"
    assert "one text is one answer" in raised(TypeError, cxm.Quantile, "10") and "decode it" in raised(TypeError, state.add, b"1")
    columns = (bytes([1, 2, 3]), array.array("d", [1, 2, 3]), array.array("q", [1, 2, 3]), iter(["1", " 2 ", 3]), range(1, 4))
    assert all(cxm.Quantile(column) == state for column in columns)


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
        assert metric.mergeable and metric.removable == (metric.name not in ("tickets", "customers")) and state.definition and metric.grammar.startswith(metric.name)
        assert {field.name for field in metric.results if ":" not in field.name} == set(state.results())
        assert all(field.meaning and field.unit for field in metric.results + metric.parameters)


TESTS = [json_is_that_of_the_command_line, weights_are_those_of_the_command_line, weights_go_with_every_form_of_an_answer,
         labels_are_those_of_the_command_line, results_are_attributes, any_split_is_one_state, states_travel,
         states_are_read_by_the_command_line, damaged_bytes_are_refused, a_file_of_the_command_line_is_no_state_of_one_metric,
         columns_are_read_where_they_lie, masked_values_are_missing, what_is_no_number_is_refused, columns_of_numpy,
         quantiles_are_within_what_is_guaranteed, limits_of_quantiles_are_order_statistics, shares_within_a_target_are_exact,
         durations_are_turned_into_the_unit, durations_of_numpy, quantiles_forget_extremes_alone, units_are_not_in_the_bytes,
         medians_compare, misuse_of_quantiles_says_so, comparisons, misuse_is_a_type_error, many_that_raise_count_as_said,
         counts_are_whole, errors_say_what_and_where, a_foreign_library_is_refused, states_of_many_threads_merge,
         threads_share_a_state, every_metric_describes_itself]


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
