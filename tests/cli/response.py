#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""cxm response and cxm compare of response times against figures worked out here from the rows, without the library.

usage: response.py ROOT CXM [LIBRARY]

ROOT/examples/data/tickets.csv is read by Python's csv and datetime; ranks are those of exact binomials, means are fractions.
Counts, extremes and shares have to be the same, means and limits of shares to 1e-12, a percentile within its relative error
and its limits within one bin, outwards, of the order statistic. Then states: parts merge, in any order, to the bytes of one
pass. With LIBRARY the bytes of one state, as the Python binding encodes it, are read as well.
"""
import bisect
import csv
import datetime
import io
import itertools
import json
import math
import os
import statistics
import subprocess
import sys
import tempfile
from fractions import Fraction

TARGET_S = 4 * 3600
SHARES = (("0.5", Fraction(1, 2)), ("0.9", Fraction(9, 10)), ("0.95", Fraction(19, 20)), ("0.99", Fraction(99, 100)))
TAIL = Fraction(1, 40)          # of either side at level 0.95
ERROR = 1.0 / 1025.0
BIN = 1.0 / 512.0
EXACT = 1e-12
BLANK = {"", "na", "n/a", "null", "none", "nan", "-"}
NORMAL = statistics.NormalDist()
Z = NORMAL.inv_cdf(0.975)
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)


# --- the rows, read without the library ---

class Unparsed(Exception):
    pass


def instant(text):
    """Seconds since 1970; None of a blank."""
    if text.strip().lower() in BLANK:
        return None
    try:
        at = datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError as error:
        raise Unparsed(text) from error
    at = at if at.tzinfo else at.replace(tzinfo=datetime.timezone.utc)
    return (at - EPOCH).total_seconds()


def latest(rows):
    found = []
    for row in rows:
        for column in ("created_at", "first_reply_at", "solved_at"):
            try:
                found.append(instant(row[column]))
            except Unparsed:
                pass
    return max(at for at in found if at is not None)


def between(row, to, ends):
    created, reached = instant(row["created_at"]), instant(row[to])
    if created is None:
        return "never"
    if reached is None:
        try:
            over = ends and instant(row[ends]) is not None
        except Unparsed:
            over = True
        return "never" if over else "open"
    return reached - created


def seconds(row):
    text = row["talk_s"]
    if text.strip().lower() in BLANK:
        return "missing"
    try:
        return float(text)
    except ValueError as error:
        raise Unparsed(text) from error


METRICS = {
    "first_reply": lambda row: between(row, "first_reply_at", "solved_at"),
    "resolution": lambda row: between(row, "solved_at", None),
    "talk_s": seconds,
}


class Times:
    """What becomes of rows by one metric: counts, and a sorted list; and what has not ended, by its creation."""
    as_of = 0.0                 # seconds; the latest time of the file unless told

    def __init__(self, metric, rows):
        self.waits = METRICS[metric] is not seconds
        self.started = [] if self.waits else None
        self.counts = dict.fromkeys(("never", "open", "zero", "missing", "unparsed", "out_of_range"), 0)
        self.sorted = []
        for row in rows:
            try:
                value = METRICS[metric](row)
            except Unparsed:
                value = "unparsed"
            if isinstance(value, str):
                self.counts[value] += 1
                if value == "open":
                    self.started.append(instant(row["created_at"]))
            elif value < 0:
                self.counts["out_of_range"] += 1
            else:
                self.counts["zero"] += value == 0
                self.sorted.append(value)
        self.sorted.sort()
        self.n = len(self.sorted)

    def quantile(self, share):
        """Type 7, exactly."""
        place = (self.n - 1) * share
        at = int(place)
        above = self.sorted[min(at + 1, self.n - 1)]
        return float(Fraction(self.sorted[at]) + (place - at) * (Fraction(above) - Fraction(self.sorted[at])))

    def limits(self, share):
        """Order statistics that hold the quantile with probability 0.95 at least; None where n is too small."""
        low = high = None
        for rank, tail in enumerate(below(self.n, share)):          # tail = P(B < rank)
            low = rank if rank and tail <= TAIL else low
            if high is None and rank <= self.n and 1 - tail <= TAIL:
                high = rank
        return [self.sorted[rank - 1] if rank else None for rank in (low, high)]

    def mean(self):
        return float(sum(map(Fraction, self.sorted)) / self.n)

    def within(self):
        hits = bisect.bisect_right(self.sorted, TARGET_S)
        return (hits / self.n,) + wilson(hits, self.n, Z)


    def attainment(self, as_of):
        """What `within` says besides the share of those that have ended."""
        met = bisect.bisect_right(self.sorted, TARGET_S)
        out = {"met": met, "breached": self.n - met}
        if not self.waits:
            return dict(out, running=None, running_late=None, due=None, lowest=None, highest=None)
        late = sum(as_of - start > TARGET_S for start in self.started)
        running, ended, every = len(self.started) - late, self.n, self.n + len(self.started)
        due = ended + late
        out.update(running=running, running_late=late, due=(met / due,) + wilson(met, due, Z) if due else None,
                   lowest=met / every if every else None, highest=(met + running) / every if every else None)
        return out


_below = {}


def below(n, share):
    """P(B < rank) for rank 0..n+1, B binomial (n, share), as fractions."""
    if (n, share) not in _below:
        top, bottom = share.numerator, share.denominator
        terms = (math.comb(n, k) * top ** k * (bottom - top) ** (n - k) for k in range(n + 1))
        _below[n, share] = [Fraction(0)] + [Fraction(t, bottom ** n) for t in itertools.accumulate(terms)]
    return _below[n, share]


def wilson(hits, n, z):
    p, zz = hits / n, z * z
    middle, half = (p + zz / (2 * n)) / (1 + zz / n), z * math.sqrt(p * (1 - p) / n + zz / (4 * n * n)) / (1 + zz / n)
    return max(0.0, middle - half), min(1.0, middle + half)


def median_error(times):
    """Price and Bonett: the standard error of a median, the most by which ours may differ from it."""
    rank = max(1, round(Fraction(times.n + 1, 2) - Fraction(math.sqrt(times.n))))
    tail = 2 * below(times.n, Fraction(1, 2))[rank]
    z = NORMAL.inv_cdf(1 - float(tail) / 2)
    low, high = times.sorted[rank - 1], times.sorted[times.n - rank]
    return (high - low) / (2 * z), (high + low) * ERROR / (2 * z)


def median_difference(a, b):
    """(difference, how far off), (standard error, how far off)"""
    x, y = a.quantile(Fraction(1, 2)), b.quantile(Fraction(1, 2))
    (se_a, off_a), (se_b, off_b) = median_error(a), median_error(b)
    return (x - y, (x + y) * ERROR), (math.hypot(se_a, se_b), math.hypot(off_a, off_b))


def reaches(times):
    """How far the limits of a median lie from it, downwards and upwards, each with how far ours may be off: by order statistics."""
    tails, half = below(times.n, Fraction(1, 2)), Fraction(1, 40)
    rank = max(k for k in range(times.n + 1) if tails[k] <= half)         # the same from either end
    low, high, median = times.sorted[rank - 1], times.sorted[times.n - rank], times.quantile(Fraction(1, 2))
    return ((median - low, 3 * ERROR * (median + low)), (high - median, 3 * ERROR * (high + median)))


def joined(a, b):
    """Limits of the difference of two medians, each with how far off: the two samples' limits joined."""
    difference = a.quantile(Fraction(1, 2)) - b.quantile(Fraction(1, 2))
    (a_low, a_high), (b_low, b_high) = reaches(a), reaches(b)
    return ((difference - math.hypot(a_low[0], b_high[0]), math.hypot(a_low[1], b_high[1]) + ERROR * abs(difference) + a_low[1] + b_high[1]),
            (difference + math.hypot(a_high[0], b_low[0]), math.hypot(a_high[1], b_low[1]) + ERROR * abs(difference) + a_high[1] + b_low[1]))


def newcombe(a, b, z):
    (hits_a, n_a), (hits_b, n_b) = a, b
    low_a, high_a = wilson(hits_a, n_a, z)
    low_b, high_b = wilson(hits_b, n_b, z)
    p_a, p_b = hits_a / n_a, hits_b / n_b
    return (p_a - p_b, p_a - p_b - math.hypot(p_a - low_a, high_b - p_b), p_a - p_b + math.hypot(high_a - p_a, p_b - low_b))


# --- the command ---

class Bench:
    def __init__(self, root, cxm, folder):
        self.cxm, self.folder, self.failed = cxm, folder, False
        self.root, self.data = root, os.path.join(root, "examples", "data", "tickets.csv")
        with open(self.data, newline="", encoding="utf-8") as file:
            self.rows = list(csv.DictReader(file))
        Times.as_of = latest(self.rows)

    def path(self, name):
        return os.path.join(self.folder, name)

    def run(self, *words):
        done = subprocess.run([self.cxm] + list(words), stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
        return done.returncode, done.stdout, done.stderr.decode()

    def text(self, *words):
        code, out, err = self.run(*words)
        if code:
            sys.exit("[  FAILED  ] %s: exit code %d: %s" % (" ".join(words), code, err))
        return out

    def json(self, *words):
        return json.loads(self.text(*words, "--json"))

    def require(self, name, fine, told=""):
        print("[       OK ] " + name if fine else "[  FAILED  ] %s: %s" % (name, told))
        self.failed |= not fine

    def same(self, name, got, want):
        self.require(name, got == want, "got %r, wanted %r" % (got, want))

    def near(self, name, got, want, off):
        fine = got is not None and abs(got - want) <= off
        self.require(name, fine, "got %r, wanted %r, off by at most %r" % (got, want, off))

    def limit(self, name, got, want, side):
        """`side` -1: at or below the order statistic, +1: at or above; by a bin at the most."""
        if want is None:
            self.same(name, got, None)
            return
        apart = None if got is None else side * (got - want)
        self.require(name, apart is not None and 0 <= apart <= want * BIN, "got %r, of the order statistic %r" % (got, want))


def check_due(bench, name, got, times, as_of):
    """What has not ended counts as far as it has run."""
    want = times.attainment(as_of)
    due, share = want.pop("due"), got["due"]
    bench.same(name + " attainment", {key: got[key] for key in want}, want)
    if due is None:
        bench.same(name + " due", share, None)
        return
    for key, value in zip(("share", "low", "high"), due):
        bench.near("%s due %s" % (name, key), share[key], value, EXACT)


def check_result(bench, name, got, times, as_of=None):
    """One result of JSON."""
    check_due(bench, name, got["within"], times, Times.as_of if as_of is None else as_of)
    bench.same(name + " n", got["n"], times.n)
    for key, count in times.counts.items():
        bench.same("%s %s" % (name, key), got[key], count)
    bench.same(name + " unit", (got["unit"], got["clock"]), ("s", "calendar"))
    bench.require(name + " relative_error", got["relative_error"] <= ERROR, repr(got["relative_error"]))
    bench.same(name + " quantiles", [row["q"] for row in got["quantiles"]], [float(text) for text, _ in SHARES])
    if times.n == 0:
        bench.same(name + " empty", (got["value"], got["interval"], got["mean"], got["min"], got["max"]), (None,) * 5)
        return
    mean = times.mean()
    bench.near(name + " mean", got["mean"], mean, EXACT * mean)
    bench.same(name + " min, max", (got["min"], got["max"]), (times.sorted[0], times.sorted[-1]))
    for (text, share), row in zip(SHARES, got["quantiles"]):
        exact, (low, high) = times.quantile(share), times.limits(share)
        bench.near("%s q%s" % (name, text), row["value"], exact, exact * ERROR)
        bench.limit("%s q%s low" % (name, text), row["low"], low, -1)
        bench.limit("%s q%s high" % (name, text), row["high"], high, +1)
    bench.same(name + " value", got["value"], got["quantiles"][0]["value"])
    limits = got["interval"] or {"low": None, "high": None}
    if got["interval"]:
        bench.same(name + " interval", (limits["low"], limits["high"]), tuple(got["quantiles"][0][k] for k in ("low", "high")))
    share, low, high = times.within()
    bench.same(name + " within", (got["within"]["target_s"], got["within"]["share"]), (TARGET_S, share))
    bench.near(name + " within low", got["within"]["low"], low, EXACT)
    bench.near(name + " within high", got["within"]["high"], high, EXACT)


CELLS = {"n": "n", "value": "value", "mean": "mean", "min": "min", "max": "max", "never": "never", "open": "open", "zero": "zero",
         "missing": "missing", "unparsed": "unparsed", "out_of_range": "out_of_range"}


def check_table(bench, name, table, results, by):
    """CSV tells what JSON tells."""
    rows = list(csv.DictReader(io.StringIO(table.decode())))
    bench.same(name + " csv rows", len(rows), len(results))
    for row, result in zip(rows, results):
        start = (result["window"] or {}).get("from", "")
        place = "%s csv %s %s %s" % (name, result["metric"], "".join(result["segment"].values()), start)
        want = {"metric": result["metric"], "is_total": "0" if result["segment"] else "1"}
        want.update((column, result["segment"].get(column, "")) for column in by)
        bench.same(place, {key: row[key] for key in want}, want)
        figures = {cell: result[key] for cell, key in CELLS.items()}
        for quantile in result["quantiles"]:
            for part in ("value", "low", "high"):
                figures["p%g" % (100 * quantile["q"]) + ("" if part == "value" else "_" + part)] = quantile[part]
        figures.update(zip(("within", "within_low", "within_high", "target_s"),
                           (result["within"][key] for key in ("share", "low", "high", "target_s"))))
        figures.update({key: (result["interval"] or {}).get(key) for key in ("low", "high", "level")})
        figures.update({key: result["within"][key] for key in ("met", "breached", "running", "running_late", "lowest", "highest")})
        figures.update(zip(("due", "due_low", "due_high"),
                           ((result["within"]["due"] or {}).get(key) for key in ("share", "low", "high"))))
        bench.same(place + " figures", {key: row[key] and float(row[key]) for key in figures},
                   {key: "" if value is None else float(value) for key, value in figures.items()})


def week_of(row):
    monday = datetime.datetime.fromtimestamp(instant(row["created_at"]), datetime.timezone.utc).date()
    return (monday - datetime.timedelta(days=monday.weekday())).isoformat() + "T00:00:00Z"


QUESTIONS = (("times", []), ("talk", ["--map", "duration=talk_s"]))
NAMES = {"times": ("first_reply", "resolution"), "talk": ("talk_s",)}


def check_places(bench, name, options, by):
    """Totals and segments against the rows; the account; totals are sums."""
    options = ["--target", "4h"] + options + [word for column in by for word in ("--by", column)]
    said = bench.json("response", bench.data, *options)
    results = said["results"]
    places = sorted({tuple(row[column] for column in by) for row in bench.rows}) if by else []
    wanted = [(metric, place) for metric in NAMES[name] for place in [()] + places]
    bench.same("%s by %s: order" % (name, by), [(r["metric"], tuple(r["segment"].values())) for r in results], wanted)
    for result, (metric, place) in zip(results, wanted):
        rows = [row for row in bench.rows if not place or tuple(row[column] for column in by) == place]
        check_result(bench, "%s %s" % (metric, "-".join(place) or "all"), result, Times(metric, rows))
    for metric in NAMES[name] if by else ():
        total, *parts = [r for r in results if r["metric"] == metric]
        for key in ("n", "never", "open", "zero", "missing", "unparsed", "out_of_range"):
            bench.same("%s by %s: sum of %s" % (metric, by, key), sum(part[key] for part in parts), total[key])
    check_account(bench, "%s by %s" % (name, by), said["input"], NAMES[name])
    check_table(bench, "%s by %s" % (name, by), bench.text("response", bench.data, "--csv", *options), results, by)


def check_account(bench, name, got, metrics):
    """Each row once, by the best that it tells."""
    order = {"scored": 0, "out_of_range": 1, "unparsed": 2, "missing": 3}
    want = dict.fromkeys(order, 0)
    for row in bench.rows:
        found = []
        for metric in metrics:
            times = Times(metric, [row])
            found.append("scored" if times.n else next((k for k in ("out_of_range", "unparsed") if times.counts[k]), "missing"))
        want[min(found, key=order.get)] += 1
    want.update(rows=len(bench.rows), duplicates=0, late=0, excluded=0)
    bench.same(name + ": account", {key: got[key] for key in want}, want)


def check_windows(bench):
    results = bench.json("response", bench.data, "--target", "4h", "--every", "week", "--by", "channel")["results"]
    groups = {}
    for row in bench.rows:
        groups.setdefault(week_of(row), []).append(row)
    last, before = max(groups), None
    for result in results:
        start, place = result["window"]["from"], result["segment"].get("channel")
        rows = [row for row in groups[start] if place in (None, row["channel"])]
        times = Times(result["metric"], rows)
        name = "%s %s %s" % (result["metric"], place or "all", start)
        check_result(bench, name, result, times)
        bench.same(name + " complete", result["window"]["complete"], start != last and start != min(groups))
        same = before and before[0]["metric"] == result["metric"] and before[0]["segment"] == result["segment"]
        if same and before[0]["window"]["complete"] and result["window"]["complete"]:
            check_difference(bench, name + " change", result["change"], times, before[1])
        else:
            bench.same(name + " change", result["change"], None)
        before = (result, times)
    for metric in NAMES["times"]:
        bench.same(metric + " windows", [r["window"]["from"] for r in results if r["metric"] == metric and not r["segment"]], sorted(groups))
    check_table(bench, "weeks", bench.text("response", bench.data, "--target", "4h", "--every", "week", "--by", "channel", "--csv"),
                results, ["channel"])


def check_until(bench):
    """What is open runs to the end of the range where one is told."""
    for until in ("2026-06-09", "2026-06-20T12:00:00Z", "2026-08-01"):
        results = bench.json("response", bench.data, "--target", "4h", "--by", "team", "--until", until)["results"]
        rows = [row for row in bench.rows if instant(row["created_at"]) < instant(until)]
        for result in results:
            place = result["segment"].get("team")
            times = Times(result["metric"], [row for row in rows if place in (None, row["team"])])
            check_result(bench, "until %s %s %s" % (until, result["metric"], place or "all"), result, times, instant(until))


# --- targets by row ---

TARGETS = {"urgent": 3600, "high": 4 * 3600, "normal": 8 * 3600}
BY_PRIORITY = "priority:urgent=1h,high=4h,normal=8h"


def due_cell(i, start):
    """What row `i` is promised, in turn by an instant, seconds and a clock; now and then nothing, or nonsense."""
    kind, hours = i * 7 % 23, 1 + i * 5 % 37
    if start is None or kind == 0:
        return ""
    if kind == 1:
        return "tomorrow"
    if kind == 2:
        return (EPOCH + datetime.timedelta(seconds=start - 60)).isoformat()
    if kind < 10:
        return (EPOCH + datetime.timedelta(seconds=start + 3600 * hours)).isoformat().replace("+00:00", "Z")
    return str(hours * 3600) if kind < 17 else "%d:30:00" % hours


def promised(row):
    """Seconds from the creation on; None of nothing, or what is wrong with the cell."""
    if "due_at" not in row:
        return TARGETS.get(row["priority"])
    text = row["due_at"]
    if not text:
        return None
    if text.isdigit():
        return float(text)
    if text.count(":") == 2 and "-" not in text:
        hours, minutes, rest = map(int, text.split(":"))
        return hours * 3600.0 + minutes * 60 + rest
    try:
        after = instant(text) - instant(row["created_at"])
    except Unparsed:
        return "due_unparsed"
    return after if after >= 0 else "due_out_of_range"


def promises(metric, rows, as_of):
    """What `within` says of targets by row."""
    out = dict.fromkeys(("met", "breached", "running", "running_late", "no_promise", "due_unparsed", "due_out_of_range"), 0)
    for row in rows:
        try:
            value = METRICS[metric](row)
        except Unparsed:
            continue
        ended = not isinstance(value, str)
        if value != "open" and not (ended and value >= 0):
            continue
        due = promised(row)
        if due is None or isinstance(due, str):
            out[due or "no_promise"] += 1
        elif ended:
            out["met" if value <= due else "breached"] += 1
        else:
            out["running_late" if as_of - instant(row["created_at"]) > due else "running"] += 1
    return out


def check_promise(bench, name, got, want):
    bench.same(name, {key: got[key] for key in want}, want)
    ended, met = want["met"] + want["breached"], want["met"]
    due, every = ended + want["running_late"], ended + want["running_late"] + want["running"]
    bench.same(name + " share", got["share"], met / ended if ended else None)
    bench.same(name + " due", got["due"] and got["due"]["share"], met / due if due else None)
    bench.same(name + " all", (got["lowest"], got["highest"]), (met / every, (met + want["running"]) / every) if every else (None, None))
    for low, high, hits, n in ((got["low"], got["high"], met, ended),) + (((got["due"]["low"], got["due"]["high"], met, due),) if due else ()):
        for side, limit in zip((low, high), wilson(hits, n, Z) if n else (None, None)):
            bench.require(name + " limit", side == limit or abs(side - limit) <= EXACT, "got %r, wanted %r" % (side, limit))


def check_promises(bench):
    """By a column of due times, which the bundled tickets have none of, and by priority: segments, windows, ranges, threads, parts."""
    with open(bench.data, encoding="utf-8") as file:
        lines = file.read().splitlines()
    rows, late = [dict(row) for row in bench.rows], []
    for i, row in enumerate(rows):
        row["due_at"] = due_cell(i, instant(row["created_at"]))
        late.append(lines[i + 1] + "," + row["due_at"] + "\n")
    def write(name, which):
        with open(bench.path(name), "w", encoding="utf-8") as file:
            file.write(lines[0] + ",due_at\n" + "".join(which))
        return file.name
    data, halves = write("due.csv", late), [write("half%d.csv" % i, late[i::2]) for i in range(2)]
    for target, of in (("due_at", rows), (BY_PRIORITY, bench.rows)):
        for by, more in (("channel", []), ("team", ["--until", "2026-06-20"]), ("priority", ["--every", "week", "--until", "2026-07-01"])):
            way = ["--target", target, "--max-unparsed", "100", "--by", by] + more
            until = instant(more[-1]) if more else Times.as_of
            check_promise_places(bench, data, way, by, [row for row in of if not more or instant(row["created_at"]) < until], until)
            if more:
                check_promise_parts(bench, data, halves, way, target)


def check_promise_places(bench, data, way, by, rows, until):
    said = bench.json("response", data, *way)
    table = list(csv.DictReader(io.StringIO(bench.text("response", data, "--csv", *way).decode())))
    for result, cells in zip(said["results"], table):
        window, place = result["window"], result["segment"].get(by)
        these = [row for row in rows if place in (None, row[by]) and (not window or week_of(row) == window["from"])]
        want = promises(result["metric"], these, until)
        name = "%s %s %s %s" % (" ".join(way), result["metric"], place or "all", window and window["from"])
        check_promise(bench, name, result["within"], want)
        bench.same(name + " csv", {key: int(cells[key]) for key in want}, want)
        bench.same(name + " target", (result["within"]["target_s"], result["within"]["target"], cells["target"], cells["target_s"]),
                   (None, way[1], way[1], ""))
    bench.same(" ".join(way) + " rows", said["input"]["rows"], len(bench.rows))


def check_promise_parts(bench, data, halves, way, target):
    """One pass by one thread, by three, and two halves merged: one state, and what it tells."""
    name, paths = "promise " + " ".join(way), [bench.path("%s.cxm" % part) for part in ("one", "three", "first", "second", "both")]
    table = bench.text("response", data, "-q", "--csv", "--state-out", paths[0], *way)
    bench.same(name + " threads", bench.text("response", data, "-q", "--csv", "--threads", "3", "--state-out", paths[1], *way), table)
    for half, path in zip(halves, paths[2:4]):
        bench.text("response", half, "-q", "--csv", "--state-out", path, *way)
    bench.text("merge", "-q", "-o", paths[4], paths[3], paths[2])
    one, three, both = (open(path, "rb").read() for path in (paths[0], paths[1], paths[4]))
    bench.require(name + " states", one == three == both, "other bytes than by one pass")
    for more in ([], ["--target", target]):
        bench.same(name + " of the state", bench.text("response", paths[4], "-q", "--max-unparsed", "100", "--csv", *more), table)
    rows, state = bench.json("response", data, *way)["input"], bench.json("response", paths[4], "--max-unparsed", "100")["input"]
    bench.same(name + " account", {k: v for k, v in state.items() if k not in ("file", "format")},
               {k: v for k, v in rows.items() if k not in ("file", "format")})


def messy(seed, count):
    """Rows in which any cell may be blank, nonsense, early or late."""
    def draw(choices):
        nonlocal seed
        seed = (seed * 6364136223846793005 + 1442695040888963407) % 2 ** 64
        return choices[(seed >> 33) % len(choices)]
    def moment():
        return "2026-06-%02dT%02d:00:00Z" % (1 + draw(range(28)), draw(range(24)))
    for _ in range(count):
        cells = [draw((moment(),) * 9 + ("", "x", "NA")) for _ in range(3)]
        yield ",".join(cells + [draw(("5", "", "x", "-1", "1:00:00")), draw(("", "x", "3600", "-5", moment(), moment())), draw("abc")])
        if draw(range(40)) == 0:
            yield "ragged"


def check_accounts(bench):
    """No target changes what becomes of rows, whatever they hold; nor do states, parts and threads."""
    lines = list(messy(11, 600))
    def write(name, which):
        with open(bench.path(name), "w", encoding="utf-8") as file:
            file.write("created,first_reply,solved,talk,due,g\n" + "\n".join(which) + "\n")
        return file.name
    data, halves = write("messy.csv", lines), [write("messy%d.csv" % i, lines[i::2]) for i in range(2)]
    def account(*words):
        said = bench.json("response", *words, "--max-unparsed", "100", "-q")["input"]
        return {key: value for key, value in said.items() if key not in ("file", "format")}
    maps = ["--map", "duration=talk", "--map", "created=created", "--map", "first_reply=first_reply", "--map", "solved=solved"]
    for way in ([], ["--by", "g"], ["--every", "week", "--until", "2026-06-20"], ["--metric", "resolution", "--until", "2026-06-20"],
                maps, maps + ["--since", "2026-06-09", "--by", "g"], ["--metric", "talk", "--by", "g"]):
        want = account(data, *way)
        for target in ("4h", "due", "g:a=2d,b=1h"):
            name, asked = "account %s --target %s" % (" ".join(way), target), way + ["--target", target]
            bench.same(name, account(data, *asked, "--state-out", bench.path("whole.cxm")), want)
            bench.same(name + " threads", account(data, *asked, "--threads", "2"), want)
            for i, half in enumerate(halves):
                account(half, *asked, "--state-out", bench.path("messy%d.cxm" % i))
            bench.text("merge", "-q", "-o", bench.path("both.cxm"), bench.path("messy0.cxm"), bench.path("messy1.cxm"))
            for state in ("whole.cxm", "both.cxm"):
                bench.same(name + " of " + state, account(bench.path(state)), want)


def check_difference(bench, name, got, a, b):
    """By order statistics, which is the default."""
    (difference, off), _ = median_difference(a, b)
    low, high = joined(a, b)
    bench.near(name + " difference", got["difference"], difference, off)
    bench.near(name + " low", got["low"], *low)
    bench.near(name + " high", got["high"], *high)
    bench.same(name + " p inverts the limits", got["p"] < 0.05, got["low"] > 0 or got["high"] < 0)


def check_standard_errors(bench, name, got, a, b):
    (difference, off), (se, off_se) = median_difference(a, b)
    bench.near(name + " difference", got["difference"], difference, off)
    bench.near(name + " low", got["low"], difference - Z * se, off + Z * off_se)
    bench.near(name + " high", got["high"], difference + Z * se, off + Z * off_se)
    half = (got["high"] - got["low"]) / (2 * Z)
    bench.near(name + " p", got["p"], 2 * NORMAL.cdf(-abs(got["difference"]) / half), 1e-9)


def check_compare(bench):
    """Before and after the assistant came, and channels with one another."""
    at = instant("2026-06-16")
    sides = [[row for row in bench.rows if (instant(row["created_at"]) >= at) == after] for after in (True, False)]
    for metric in NAMES["times"]:
        a, b = (Times(metric, rows) for rows in sides)
        got = bench.json("compare", bench.data, "--metric", metric, "--at", "2026-06-16")["results"][0]
        check_difference(bench, "compare " + metric, dict(got, **{k: got["interval"][k] for k in ("low", "high")}), a, b)
        by = bench.json("compare", bench.data, "--metric", metric, "--at", "2026-06-16", "--interval", "price-bonett")["results"][0]
        check_standard_errors(bench, "compare %s by price-bonett" % metric, dict(by, **{k: by["interval"][k] for k in ("low", "high")}), a, b)
        bench.same("compare %s n" % metric, (got["n"], got["a"]["n"], got["b"]["n"]), (a.n + b.n, a.n, b.n))
        got = bench.json("compare", bench.data, "--metric", metric, "--at", "2026-06-16", "--target", "4h")["results"][0]
        check_shares(bench, "compare %s within" % metric, got, a, b)
    results = bench.json("compare", bench.data, "--metric", "first_reply", "--by", "channel", "--target", "4h")["results"]
    channels = {row["channel"] for row in bench.rows}
    by = {c: Times("first_reply", [row for row in bench.rows if row["channel"] == c]) for c in channels}
    pairs = [r for r in results if r["a"]["segment"] and r["b"]["segment"]]
    bench.same("compare by channel: pairs", [(r["a"]["segment"]["channel"], r["b"]["segment"]["channel"]) for r in pairs],
               list(itertools.combinations(sorted(by), 2)))
    for r in pairs:
        a, b = r["a"]["segment"]["channel"], r["b"]["segment"]["channel"]
        check_shares(bench, "compare %s - %s" % (a, b), r, by[a], by[b])


def check_shares(bench, name, got, a, b):
    counts = [(bisect.bisect_right(t.sorted, TARGET_S), t.n) for t in (a, b)]
    difference, low, high = newcombe(*counts, Z)
    bench.near(name + " difference", got["difference"], difference, EXACT)
    bench.near(name + " low", got["interval"]["low"], low, EXACT)
    bench.near(name + " high", got["interval"]["high"], high, EXACT)
    if 1e-12 < got["p"] < 1:        # p is where a limit reaches 0
        nearest = newcombe(*counts, NORMAL.inv_cdf(1 - got["p"] / 2))[1 if difference > 0 else 2]
        bench.near(name + " p", nearest, 0.0, 1e-9)


# --- states and threads ---

WAYS = (["--target", "4h", "--until", "2026-07-01"], ["--by", "channel", "--target", "90min", "--until", "2026-06-20", "--every", "week"], ["--every", "week", "--by", "channel", "--by", "team"],
        ["--map", "duration=talk_s", "--by", "channel"], ["--metric", "resolution", "--every", "month", "--since", "2026-06-01"])
OF_ROWS = ("--map", "--metric", "--every", "--since", "--until", "--by")          # settled in a state


def questions_of_state(way):
    pairs = [way[i:i + 2] for i in range(0, len(way), 2)]
    return [word for pair in pairs if pair[0] not in OF_ROWS for word in pair]


def check_states(bench, number, way):
    name = "state " + " ".join(way)
    with open(bench.data, encoding="utf-8") as file:
        head, *lines = file.read().splitlines(keepends=True)
    parts = []
    for i in range(3):
        with open(bench.path("part%d.csv" % i), "w", encoding="utf-8") as file:
            file.write(head + "".join(lines[i::3]))
        parts.append(bench.path("part%d.cxm" % i))
        bench.text("response", file.name, "--max-unparsed", "100", "-q", "--json", "--state-out", parts[-1], *way)
    whole, a, ab, b = (bench.path("%s%d.cxm" % (n, number)) for n in ("whole", "a", "ab", "b"))
    table = bench.text("response", bench.data, "-q", "--csv", "--state-out", whole, *way)
    bench.text("merge", "-q", "-o", b, parts[2], parts[0], parts[1])
    bench.text("merge", "-q", "-o", a, parts[1], parts[2])
    bench.text("merge", "-q", "-o", ab, a, parts[0])
    data = [open(path, "rb").read() for path in (whole, b, ab)]
    bench.require(name + ": merged bytes", data[0] == data[1] == data[2], "not those of one pass")
    asked = questions_of_state(way)
    bench.require(name + ": the table", bench.text("response", b, "-q", "--csv", *asked) == table, "not that of the rows")
    rows, state = bench.json("response", bench.data, *way), bench.json("response", whole, *asked)
    bench.same(name + ": results", state["results"], rows["results"])
    bench.same(name + ": account", {k: v for k, v in state["input"].items() if k not in ("file", "format")},
               {k: v for k, v in rows["input"].items() if k not in ("file", "format")})
    check_threads(bench, name, way, data[0])


def check_threads(bench, name, way, state):
    for form in ("--json", "--csv", "--plain"):
        once = bench.run("response", bench.data, form, *way)
        for count in ("2", "5"):
            more = bench.run("response", bench.data, form, "--threads", count, "--state-out", bench.path("t.cxm"), *way)
            bench.require("%s: %s by %s threads" % (name, form, count), more == once, "other bytes than by one")
            with open(bench.path("t.cxm"), "rb") as file:
                bench.require("%s: state by %s threads" % (name, count), file.read() == state, "other bytes than by one")


def check_refusals(bench):
    """States that do not count the same thing do not merge, and nothing is written."""
    def made(name, *way):
        bench.text("response", bench.data, "-q", "--json", "--state-out", bench.path(name), *way)
        return bench.path(name)
    first = made("first.cxm", "--metric", "first_reply")
    for name, way in (("metric", ["--metric", "resolution"]), ("both", []), ("target", ["--metric", "first_reply", "--target", "4h"]),
                      ("by", ["--metric", "first_reply", "--by", "channel"]), ("every", ["--metric", "first_reply", "--every", "week"]),
                      ("duration", ["--map", "duration=talk_s"])):
        code, _, err = bench.run("merge", "-o", bench.path("none.cxm"), first, made("other.cxm", *way))
        bench.require("merge refuses another " + name, code == 3 and err and not os.path.exists(bench.path("none.cxm")),
                      "exit code %d: %s" % (code, err))


def check_single_states(bench, library):
    """Bytes of one state, as the binding encodes it: a total by the name of duration."""
    os.environ["CXM_LIBRARY"] = library
    sys.path.insert(0, os.path.join(bench.root, "examples", "python"))
    import cxm
    times = Times("talk_s", bench.rows)
    def write(name, words):
        state = cxm.State(words)
        state.add_many(times.sorted)
        with open(bench.path(name), "wb") as file:
            file.write(state.encode())
        return file.name
    single = write("single.cxm", "quantile s 0.001 above 14400")
    got = bench.json("response", single)["results"]
    bench.same("single: one result", [(r["metric"], r["segment"], r["window"]) for r in got], [("duration", {}, None)])
    rows = bench.json("response", bench.data, "--map", "duration=talk_s", "--target", "4h")["results"][0]
    differs = ("metric", "missing", "unparsed", "out_of_range")
    bench.same("single: figures of the rows", {k: v for k, v in got[0].items() if k not in differs},
               {k: v for k, v in rows.items() if k not in differs})
    rough = bench.json("response", write("rough.cxm", "quantile s 0.01"))["results"][0]
    bench.require("single: the precision travels", ERROR < rough["relative_error"] <= 1 / 129, repr(rough["relative_error"]))
    for text, share in SHARES:
        want = times.quantile(share)
        at = next(r for r in rough["quantiles"] if r["q"] == float(text))
        bench.near("single rough q" + text, at["value"], want, want / 129)
    for name, words in (("precision", "quantile s 0.01"), ("target", "quantile s 0.001")):
        code, _, err = bench.run("merge", "-o", bench.path("none.cxm"), single, write("other.cxm", words))
        bench.require("merge refuses another " + name, code == 3 and bool(err), "exit code %d: %s" % (code, err))
    code, _, err = bench.run("response", write("numbers.cxm", "quantile decimals 2 0.001"))
    bench.require("numbers are no durations", code == 3 and "durations" in err, "exit code %d: %s" % (code, err))


def main():
    root, cxm = sys.argv[1:3]
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(root, cxm, folder)
        for name, options in QUESTIONS:
            for by in ([], ["channel"], ["channel", "priority"]):
                check_places(bench, name, options, by)
        check_windows(bench)
        check_until(bench)
        check_promises(bench)
        check_accounts(bench)
        check_compare(bench)
        for number, way in enumerate(WAYS):
            check_states(bench, number, way)
        check_refusals(bench)
        if len(sys.argv) > 3:
            check_single_states(bench, sys.argv[3])
    return 1 if bench.failed else 0


if __name__ == "__main__":
    sys.exit(main())
