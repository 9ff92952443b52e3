#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""peers_quantile.py - percentiles by cxm and by its peers, where their Python packages are installed.

    pip install numpy hdrhistogram ddsketch protobuf datasketches fastdigest pytdigest duckdb     what of them is wanted
    peers_quantile.py LIBRARY [--values 4000000] [--singles 200000] [--rounds 5] [--json]

LIBRARY is the shared library of a release build. All ways see the same durations in one process and on one thread, in turn
within each round; medians of the rounds. Durations are lognormal, median 250 ms, sigma 1, to the microsecond. What a
package takes (a column, a list, whole microseconds, a table) is made beforehand and not counted.

    add ns    a value, of a state made from all values by one call; with `each` in `how`: by one call a value from
              Python, which is mostly Python's time, over `singles` values. cxm stands there once more in the same
              way. A `query` has its answers in it
    / cxm     that time over the one of `cxm 1 %` in the same way; of a query, over the one in bulk
    merge us  of a state of 4,000 values into another; Python's call is part of it, an empty one is told above
    4k B, B   bytes of a state of 4,000, and of all values
    worst %   largest relative error of 23 quantiles from 1 % to 99.9 % of all values, and at which, beside type 7 of the
              sorted values. HdrHistogram, DDSketch and cxm bound this error; the others bound, or aim at, that of the rank
    order     what stays the same when values come shuffled, or in two halves of which the second is merged first, of
              `singles` values: `bytes`; `answers` where bytes do not, or there are none; `neither`; `random` when the
              same values in the same order twice differ already

Peers have their defaults but for HdrHistogram (2 digits, 1 us to a day) and DDSketch (1 %). Fails when an error of cxm
is past its bound, or its bytes depend on the order. 77 when no peer is installed.
"""
import argparse
import ctypes
import importlib
import importlib.metadata
import json
import pathlib
import statistics
import sys
import time

SHARES = [0.01] + [i / 20 for i in range(1, 20)] + [0.99, 0.995, 0.999]
STATE_VALUES, MERGES, SEED, MICROSECONDS = 4000, 100, 1, 1e6
BINDING = pathlib.Path(__file__).resolve().parents[2] / "examples" / "python"


class Way:
    """A peer: `prepare` makes of an array what `state_of` counts, `merge` adds the second state to the first and says
    where both are now, `encode` gives bytes. A way without merge or encode leaves them None."""
    package = None          # whose version is told
    how = "bulk"            # "each": one call a value, from Python; "query"
    add_only = False        # stands in the table for its time alone
    merge = encode = None

    def prepare(self, values):
        return values


# --- cxm ---

class Spec(ctypes.Structure):
    """cxm_quantile_spec"""
    _fields_ = [("size", ctypes.c_uint32), ("precision", ctypes.c_int32), ("unit", ctypes.c_int32), ("decimals", ctypes.c_int32),
                ("low", ctypes.c_uint64), ("high", ctypes.c_uint64), ("targets", ctypes.c_uint32), ("reserved", ctypes.c_uint32),
                ("target", ctypes.c_uint64 * 4)]


P, I32, D, Z = ctypes.c_void_p, ctypes.c_int32, ctypes.c_double, ctypes.c_size_t
SIGNATURES = {
    "cxm_quantile_create": (I32, [P, P, P]),
    "cxm_quantile_free": (None, [P]),
    "cxm_quantile_add": (I32, [P, D]),
    "cxm_quantile_add_many": (I32, [P, P]),
    "cxm_quantile_merge": (I32, [P, P]),
    "cxm_quantile_at": (I32, [P, D, I32, P]),
    "cxm_quantile_encode": (I32, [P, P, Z, P]),
}
PRECISION_1, PRECISION_01, TYPE7, SMOOTH = 6, 9, 7, 70


def load(path):
    """The binding, which checks the library's ABI, and the library with the calls that are needed here."""
    sys.path.insert(0, str(BINDING))
    binding = importlib.import_module("cxm")
    library = binding.load(path)
    for name, (returns, takes) in SIGNATURES.items():
        function = getattr(library, name)
        function.restype, function.argtypes = returns, takes
    if library.cxm_sizeof(b"cxm_quantile_spec", len("cxm_quantile_spec")) != ctypes.sizeof(Spec):
        sys.exit("%s: cxm_quantile_spec has another size than here" % path)
    return binding, library


class State:
    """An owned cxm_quantile."""

    def __init__(self, library, precision):
        self.library, self.handle = library, P()
        spec = Spec(size=ctypes.sizeof(Spec), precision=precision)
        if library.cxm_quantile_create(ctypes.byref(spec), None, ctypes.byref(self.handle)):
            raise MemoryError

    def __del__(self):
        self.library.cxm_quantile_free(self.handle)


class Cxm(Way):
    def __init__(self, binding, library, precision):
        self.binding, self.library, self.precision = binding, library, precision
        self.bound = 1 / (2 ** (precision + 1) + 1)
        self.name = "cxm %s" % ("1 %" if precision == PRECISION_1 else "0.1 %")

    def must(self, status):
        if status:
            raise self.binding.Error(status)

    def state_of(self, values):
        state = State(self.library, self.precision)
        struct = self.binding.STRUCTS["cxm_column"]
        column = struct(size=ctypes.sizeof(struct), type=self.binding.CONSTANTS["CXM_F64"], values=values.ctypes.data,
                        count=len(values))
        self.must(self.library.cxm_quantile_add_many(state.handle, ctypes.byref(column)))
        return state

    def merge(self, into, other):
        self.must(self.library.cxm_quantile_merge(into.handle, other.handle))
        return into

    def encode(self, state):
        need = Z()
        self.library.cxm_quantile_encode(state.handle, None, 0, ctypes.byref(need))
        room = ctypes.create_string_buffer(need.value)
        self.must(self.library.cxm_quantile_encode(state.handle, room, need, ctypes.byref(need)))
        return room.raw

    def answers(self, state, kind=TYPE7):
        out, found = D(), []
        for share in SHARES:
            self.must(self.library.cxm_quantile_at(state.handle, share, kind, ctypes.byref(out)))
            found.append(out.value)
        return found


class CxmEach(Cxm):
    how, add_only = "each", True

    def prepare(self, values):
        return values.tolist()

    def state_of(self, values):
        state = State(self.library, self.precision)
        add, handle = self.library.cxm_quantile_add, state.handle
        for value in values:
            add(handle, value)
        return state


# --- peers: each imports its package when it is made ---

class HdrHistogram(Way):
    name, how, package = "HdrHistogram 2 digits", "each", "hdrhistogram"

    def __init__(self):
        self.module = importlib.import_module("hdrh.histogram")

    def prepare(self, values):
        return [round(value * MICROSECONDS) for value in values.tolist()]

    def state_of(self, steps):
        state = self.module.HdrHistogram(1, 86400 * 10**6, 2, b64_wrap=False)
        record = state.record_value
        for step in steps:
            record(step)
        return state

    def merge(self, into, other):
        into.add(other)
        return into

    def encode(self, state):
        return state.encode()

    def answers(self, state):
        return [state.get_value_at_percentile(100 * share) / MICROSECONDS for share in SHARES]


class DDSketch(Way):
    name, how, package = "DDSketch 1 %", "each", "ddsketch"

    def __init__(self):
        self.module = importlib.import_module("ddsketch")
        try:
            self.proto = importlib.import_module("ddsketch.pb.proto").DDSketchProto
        except ImportError:
            self.encode = None

    def prepare(self, values):
        return values.tolist()

    def state_of(self, values):
        state = self.module.DDSketch(0.01)
        add = state.add
        for value in values:
            add(value)
        return state

    def merge(self, into, other):
        into.merge(other)
        return into

    def encode(self, state):
        return self.proto.to_proto(state).SerializeToString()

    def answers(self, state):
        return [state.get_quantile_value(share) for share in SHARES]


class DataSketches(Way):
    package = "datasketches"

    def __init__(self, name, make, dtype="float64"):
        self.name, self.dtype = name, dtype
        self.make = getattr(importlib.import_module("datasketches"), make)

    def prepare(self, values):
        return values.astype(self.dtype)

    def state_of(self, values):
        state = self.make()
        state.update(values)
        return state

    def merge(self, into, other):
        into.merge(other)
        return into

    def encode(self, state):
        return bytes(state.serialize())

    def answers(self, state):
        return [state.get_quantile(share) for share in SHARES]


class FastDigest(Way):
    name, package = "fastdigest 1000", "fastdigest"

    def __init__(self):
        self.make = importlib.import_module("fastdigest").TDigest

    def prepare(self, values):
        return values.tolist()      # which it takes in less time than an array

    def state_of(self, values):
        state = self.make()
        state.batch_update(values)
        return state

    def merge(self, into, other):
        into.merge_inplace(other)
        return into

    def encode(self, state):
        return state.to_bytes()

    def answers(self, state):
        return [state.quantile(share) for share in SHARES]


class PyTDigest(Way):
    name, package = "pytdigest 100", "pytdigest"

    def __init__(self):
        self.make = importlib.import_module("pytdigest").TDigest

    def state_of(self, values):
        state = self.make()
        state.update(values)
        return state

    def merge(self, into, other):
        into += other
        return into

    def encode(self, state):
        return state.get_centroids().tobytes()      # what its documentation says to keep

    def answers(self, state):
        return [state.inverse_cdf(share) for share in SHARES]


class DuckDB(Way):
    """A query over a table of doubles in memory: the answers are the state."""
    how, package = "query", "duckdb"

    def __init__(self, function):
        self.module = importlib.import_module("duckdb")
        self.name = "DuckDB " + function
        self.query = "select %s(value, %r) from durations" % (function, SHARES)

    def prepare(self, values):
        connection = self.module.connect(config={"threads": 1})
        connection.register("given", {"value": values})
        connection.execute("create table durations as select value from given")
        return connection

    def state_of(self, connection):
        return connection.execute(self.query).fetchone()[0]

    def answers(self, state):
        return state


class NumPy(Way):
    """All values, sorted: exact, and what everything else is held against."""
    name, package = "NumPy sort, exact", "numpy"

    def __init__(self):
        self.numpy = importlib.import_module("numpy")

    def state_of(self, values):
        return self.numpy.sort(values)

    def merge(self, into, other):
        both = self.numpy.concatenate((into, other))
        both.sort(kind="stable")
        return both

    def encode(self, state):
        return state.tobytes()

    def answers(self, state):
        return self.numpy.quantile(state, SHARES).tolist()


PEERS = [       # the package to install, what makes the way
    ("hdrhistogram", HdrHistogram),
    ("ddsketch", DDSketch),
    ("datasketches", lambda: DataSketches("DataSketches KLL 200", "kll_doubles_sketch")),
    ("datasketches", lambda: DataSketches("DataSketches REQ 12", "req_floats_sketch", "float32")),
    ("datasketches", lambda: DataSketches("DataSketches t-digest 200", "tdigest_double")),
    ("fastdigest", FastDigest),
    ("pytdigest", PyTDigest),
    ("duckdb", lambda: DuckDB("approx_quantile")),
    ("duckdb", lambda: DuckDB("quantile_cont")),
]


def peers():
    """Those that are installed, and a line for each package that is not."""
    found, skipped = [], {}
    for package, make in PEERS:
        try:
            found.append(make())
        except ImportError as error:
            skipped[package] = "skipped: %s: %s" % (package, error)
    if any(isinstance(way, DDSketch) and not way.encode for way in found):
        skipped["protobuf"] = "skipped: bytes of DDSketch, which need the package protobuf"
    return found, list(skipped.values())


def versions(ways):
    names = dict.fromkeys(way.package for way in ways if way.package)
    return {name: importlib.metadata.version(name) for name in names}


# --- measures ---

def seconds(work):
    """How long it takes, and what it makes."""
    begun = time.perf_counter()
    made = work()
    return time.perf_counter() - begun, made


def in_turn(rounds, ways, measure):
    """The median of what `measure` says of each way."""
    said = {way: [] for way in ways}
    for _ in range(rounds):
        for way in ways:
            said[way].append(measure(way))
    return {way: statistics.median(numbers) for way, numbers in said.items()}


def add_ns(ways, values, singles, rounds):
    """ns a value, and the state of all values of each way."""
    prepared = {way: way.prepare(singles if way.how == "each" else values) for way in ways}
    states = {}

    def measure(way):
        states[way] = None
        took, states[way] = seconds(lambda: way.state_of(prepared[way]))
        return took * 1e9 / len(singles if way.how == "each" else values)

    medians = in_turn(rounds, ways, measure)
    for way in ways:
        if way.how == "each" and not way.add_only:
            states[way] = way.state_of(way.prepare(values))
    return medians, states


def merge_us(ways, values, rounds):
    """us a merge of two states of STATE_VALUES each."""
    first, second = values[:STATE_VALUES], values[STATE_VALUES:2 * STATE_VALUES]
    prepared = {way: (way.prepare(first), way.prepare(second)) for way in ways}

    def measure(way):
        ours, theirs = prepared[way]
        into, other = [way.state_of(ours) for _ in range(MERGES)], way.state_of(theirs)
        took, _ = seconds(lambda: [way.merge(state, other) for state in into])
        return took * 1e6 / MERGES

    return in_turn(rounds, ways, measure)


def empty_call_us(library):
    took, _ = seconds(lambda: [library.cxm_abi() for _ in range(100000)])
    return took * 1e6 / 100000


def in_other_orders(way, values, numpy):
    """States of the same values: again, shuffled, and in two halves."""
    shuffled, half = numpy.random.default_rng(SEED + 1).permutation(values), len(values) // 2
    again, other = way.state_of(way.prepare(values)), way.state_of(way.prepare(shuffled))
    if way.merge:
        parts = way.state_of(way.prepare(values[half:])), way.state_of(way.prepare(values[:half]))
        return again, other, way.merge(*parts)
    return again, other, way.state_of(way.prepare(numpy.concatenate((values[half:], values[:half]))))


def order(way, values, numpy):
    """What does not change with the order of the values."""
    whole = way.state_of(way.prepare(values))
    others = in_other_orders(way, values, numpy)
    if way.encode and all(way.encode(state) == way.encode(whole) for state in others):
        return "bytes"
    answers = way.answers(whole)
    if all(way.answers(state) == answers for state in others):
        return "answers"
    return "neither" if way.answers(others[0]) == answers else "random"


def worst(answers, exact):
    """The largest relative error, and the share where it is."""
    return max((abs(answer / true - 1), share) for answer, true, share in zip(answers, exact, SHARES))


def durations(numpy, count):
    """Seconds, in whole microseconds."""
    values = numpy.random.default_rng(SEED).lognormal(numpy.log(0.25), 1.0, count)
    return numpy.maximum(numpy.rint(values * MICROSECONDS), 1.0) / MICROSECONDS


def row_of(way, ns, merges, state, small, exact, same):
    """A line of the table."""
    row = {"way": way.name, "how": way.how, "add_ns": ns}
    if way.add_only:
        return row
    row["merge_us"] = merges.get(way)
    row["bytes_small"] = len(way.encode(small)) if way.encode else None
    row["bytes"] = len(way.encode(state)) if way.encode else None
    row["worst"], row["worst_at"] = worst(way.answers(state), exact)
    row["order"] = same
    return row


def measure_all(ours, ways, args, numpy):
    values = durations(numpy, args.values)
    singles = values[:args.singles]
    exact = numpy.quantile(values, SHARES).tolist()
    ns, states = add_ns(ways, values, singles, args.rounds)
    merges = merge_us([way for way in ways if way.merge and not way.add_only], values, args.rounds)
    rows = []
    for way in ways:
        small = None if way.add_only else way.state_of(way.prepare(values[:STATE_VALUES]))
        same = None if way.add_only else order(way, singles, numpy)
        rows.append(row_of(way, ns[way], merges, states[way], small, exact, same))
    smooth = {way.name: worst(way.answers(states[way], SMOOTH), exact)[0] for way in ours}
    set_ratios(rows)
    return rows, smooth


def set_ratios(rows):
    """Of the times to add: over that of the first row, which is cxm's, of the same kind."""
    firsts = {}
    for row in rows:
        first = firsts.setdefault("each" if row["how"] == "each" else "bulk", row["add_ns"])
        row["add_ratio"] = row["add_ns"] / first


# --- telling ---

def cell(form, value):
    return "-" if value is None else form % value


def show(rows):
    lines = [("", "how", "add ns", "/ cxm", "merge us", "4k B", "B", "worst %", "at", "order")]
    for row in rows:
        error = row.get("worst")
        lines.append((row["way"], row["how"], cell("%.2f", row["add_ns"]), cell("%.2f", row["add_ratio"]),
                      cell("%.2f", row.get("merge_us")), cell("%d", row.get("bytes_small")), cell("%d", row.get("bytes")),
                      cell("%.4f", None if error is None else 100 * error), cell("p%g", 100 * row["worst_at"] if error else None),
                      row.get("order") or "-"))
    widths = [max(map(len, column)) for column in zip(*lines)]
    for line in lines:
        cells = [text.ljust(width) if i in (0, 1, 9) else text.rjust(width) for i, (text, width) in enumerate(zip(line, widths))]
        print("  ".join(cells).rstrip())


def failures(ours, rows):
    """What cxm promises and did not keep."""
    bounds = {way.name: way.bound for way in ours}
    for row in rows:
        if row["way"] not in bounds or "worst" not in row:
            continue
        if row["worst"] > bounds[row["way"]] * (1 + 1e-12):
            yield "%s: an error of %.4f %%, past %.4f %%" % (row["way"], 100 * row["worst"], 100 * bounds[row["way"]])
        if row["order"] != "bytes":
            yield "%s: its bytes depend on the order" % row["way"]


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("library", help="the shared library of a release build")
    parser.add_argument("--values", type=int, default=4000000)
    parser.add_argument("--singles", type=int, default=200000, help="values of one call each")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", action="store_true", help="JSON instead of a table")
    args = parser.parse_args()
    if not 2 * STATE_VALUES <= args.singles <= args.values or args.rounds < 1:
        parser.error("needs %d <= singles <= values, and a round" % (2 * STATE_VALUES))
    return args


def main():
    args = arguments()
    try:
        import numpy
    except ImportError:
        print("skipped: the package numpy, which the values come from, is not installed")
        return 77
    found, skipped = peers()
    for line in skipped:
        print(line, file=sys.stderr if args.json else sys.stdout)
    if not found:
        return 77
    binding, library = load(args.library)
    ours = [Cxm(binding, library, PRECISION_1), Cxm(binding, library, PRECISION_01)]
    ways = ours + [CxmEach(binding, library, PRECISION_1)] + found + [NumPy()]
    rows, smooth = measure_all(ours, ways, args, numpy)
    about = {"values": args.values, "singles": args.singles, "rounds": args.rounds, "versions": versions(ways),
             "empty_call_us": empty_call_us(library), "smooth_worst": smooth}
    if args.json:
        print(json.dumps(dict(about, rows=rows), indent=1))
    else:
        print(", ".join("%s %s" % pair for pair in about["versions"].items()))
        print("%d values, %d by one call each, medians of %d rounds; an empty call from Python %.2f us"
              % (args.values, args.singles, args.rounds, about["empty_call_us"]))
        show(rows)
        for name, error in smooth.items():
            print("%s, smooth quantiles: worst %.4f %%" % (name, 100 * error))
    broken = list(failures(ours, rows))
    for line in broken:
        print(line, file=sys.stderr)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
