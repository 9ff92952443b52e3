#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""sqlite.py - examples/sqlite/cxm_sqlite.c inside SQLite: figures are those of the command line, bytes those of the library,
windows those of counting anew, and damaged bytes are an error of SQL.

    sqlite.py ROOT LIBRARY CXM EXTENSION

SQLite itself is called through ctypes, as Python's own module often may not load extensions. Prints a line a case.
"""
import csv
import ctypes
import ctypes.util
import datetime
import json
import math
import os
import random
import subprocess
import sys
import traceback

ROOT, LIBRARY, CXM, EXTENSION = sys.argv[1:5]
sys.path.insert(0, os.path.join(ROOT, "examples/python"))
sys.dont_write_bytecode = True
os.environ["CXM_LIBRARY"] = LIBRARY
import cxm                                                              # noqa: E402

ROW, DONE, NOMEM = 100, 101, 7
INTEGER, FLOAT, TEXT, BLOB, NULL = 1, 2, 3, 4, 5
TRANSIENT = ctypes.c_void_p(-1)


def load_sqlite():
    for name in (ctypes.util.find_library("sqlite3"), "libsqlite3.so.0", "libsqlite3.dylib"):
        try:
            lib = ctypes.CDLL(name) if name else None
        except OSError:
            lib = None
        if lib:
            break
    else:
        return None
    pointer, number = ctypes.c_void_p, ctypes.c_int
    for name, returns, takes in (
            ("column_text", pointer, [pointer, number]), ("column_blob", pointer, [pointer, number]),
            ("column_bytes", number, [pointer, number]), ("column_type", number, [pointer, number]),
            ("column_double", ctypes.c_double, [pointer, number]), ("column_int64", ctypes.c_int64, [pointer, number]),
            ("column_count", number, [pointer]), ("errmsg", ctypes.c_char_p, [pointer]),
            ("bind_double", number, [pointer, number, ctypes.c_double]), ("bind_int64", number, [pointer, number, ctypes.c_int64]),
            ("bind_null", number, [pointer, number]), ("bind_text", number, [pointer, number, ctypes.c_char_p, number, pointer]),
            ("bind_blob", number, [pointer, number, ctypes.c_char_p, number, pointer]), ("step", number, [pointer]),
            ("finalize", number, [pointer]), ("close", number, [pointer]), ("memory_used", ctypes.c_int64, []),
            ("hard_heap_limit64", ctypes.c_int64, [ctypes.c_int64]), ("enable_load_extension", number, [pointer, number]),
            ("open", number, [ctypes.c_char_p, ctypes.POINTER(pointer)]),
            ("load_extension", number, [pointer, ctypes.c_char_p, ctypes.c_char_p, ctypes.POINTER(ctypes.c_char_p)]),
            ("prepare_v2", number, [pointer, ctypes.c_char_p, number, ctypes.POINTER(pointer), pointer])):
        function = getattr(lib, "sqlite3_" + name)
        function.restype, function.argtypes = returns, takes
    return lib


LIB = load_sqlite()


class SqlError(Exception):
    def __init__(self, code, text):
        super().__init__(text)
        self.code = code


class Database:
    """A database in memory with the extension loaded."""

    def __init__(self):
        self.handle = ctypes.c_void_p()
        assert LIB.sqlite3_open(b":memory:", ctypes.byref(self.handle)) == 0
        assert LIB.sqlite3_enable_load_extension(self.handle, 1) == 0
        error = ctypes.c_char_p()
        code = LIB.sqlite3_load_extension(self.handle, EXTENSION.encode(), None, ctypes.byref(error))
        assert code == 0, error.value

    def __enter__(self):
        return self

    def __exit__(self, *_):
        assert LIB.sqlite3_close(self.handle) == 0

    def __call__(self, sql, *values):
        """All rows of one statement."""
        statement, rows = ctypes.c_void_p(), []
        self.check(LIB.sqlite3_prepare_v2(self.handle, sql.encode(), -1, ctypes.byref(statement), None))
        try:
            for i, value in enumerate(values, 1):
                self.check(bind(statement, i, value))
            while (code := LIB.sqlite3_step(statement)) == ROW:
                rows.append(tuple(column(statement, i) for i in range(LIB.sqlite3_column_count(statement))))
            if code != DONE:
                raise SqlError(code, LIB.sqlite3_errmsg(self.handle).decode())
        finally:
            LIB.sqlite3_finalize(statement)
        return rows

    def one(self, sql, *values):
        return self(sql, *values)[0][0]

    def check(self, code):
        if code:
            raise SqlError(code, LIB.sqlite3_errmsg(self.handle).decode())

    def fill(self, answers):
        self("CREATE TABLE IF NOT EXISTS answers(id INTEGER PRIMARY KEY, part TEXT, score)")
        self("DELETE FROM answers")
        self("BEGIN")
        for i, answer in enumerate(answers):
            self("INSERT INTO answers(part, score) VALUES(?, ?)", "abc"[i % 3], answer)
        self("COMMIT")
        return self


def bind(statement, i, value):
    if value is None:
        return LIB.sqlite3_bind_null(statement, i)
    if isinstance(value, bytes):
        return LIB.sqlite3_bind_blob(statement, i, value, len(value), TRANSIENT)
    if isinstance(value, str):
        return LIB.sqlite3_bind_text(statement, i, value.encode(), len(value.encode()), TRANSIENT)
    return (LIB.sqlite3_bind_int64 if isinstance(value, int) else LIB.sqlite3_bind_double)(statement, i, value)


def column(statement, i):
    kind = LIB.sqlite3_column_type(statement, i)
    if kind == NULL:
        return None
    if kind == INTEGER:
        return LIB.sqlite3_column_int64(statement, i)
    if kind == FLOAT:
        return LIB.sqlite3_column_double(statement, i)
    at = LIB.sqlite3_column_text(statement, i) if kind == TEXT else LIB.sqlite3_column_blob(statement, i)
    data = ctypes.string_at(at, LIB.sqlite3_column_bytes(statement, i)) if at else b""
    return data.decode() if kind == TEXT else data


def durations(seed, rows):
    """Seconds as a column of SQLite may hold them, whole microseconds, with what is none among them."""
    rng = random.Random(seed)
    odd = [None, "", "NA", "ten", -4, "1e400", -math.inf, math.inf, " 5 ", "0.25", 0, 3]
    return [rng.choice(odd) if rng.random() < 0.3 else round(math.exp(rng.gauss(0, 3)), 6) for _ in range(rows)]


def values_of(answers):
    """What of `durations` is a value, rising."""
    told = [float(answer) for answer in answers if answer not in (None, "", "NA", "ten")]
    return sorted(value for value in told if 0 <= value < math.inf)


def type7(values, q):
    """By hand: between the values around rank (n - 1) q + 1; None of none."""
    if not values:
        return None
    rank = (len(values) - 1) * q
    below = math.floor(rank)
    return values[below] + (rank - below) * (values[min(below + 1, len(values) - 1)] - values[below])


def near(told, want, error=1 / 129):
    """Both are none, or they are as near as quantiles are."""
    return told is want if want is None else math.isclose(told, want, rel_tol=error * (1 + 1e-9))


def fails(db, text, sql, *values):
    """The statement is an error that says so; the database goes on working."""
    try:
        rows = db(sql, *values)
    except SqlError as error:
        assert text in str(error), (sql, str(error))
    else:
        raise AssertionError("%s gave %r" % (sql, rows))
    assert db.one("SELECT 1") == 1


def command(*args, text=""):
    ran = subprocess.run([CXM] + list(args), input=text.encode(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


def mixed(seed, rows, most):
    """Scores as a column of SQLite may hold them: numbers of both types, texts, blanks, NULL and nonsense."""
    rng = random.Random(seed)
    odd = [None, "", "NA", "7 - good", "ten", 3.5, -4, 1e300, "1e400", " 5 "]
    return [rng.choice(odd) if rng.random() < 0.3 else rng.choice((int, float))(rng.randint(0, most)) for _ in range(rows)]


FUNCTIONS = (("cxm_nps", "cxm_nps_state", "score", "nps"), ("cxm_csat", "cxm_csat_state", "score", "csat"),
             ("cxm_csat", "cxm_csat_state", "score, 5", "csat 1..5 top 5..5"), ("cxm_ces", "cxm_ces_state", "score", "ces"),
             ("cxm_metric", "cxm_state", "'ces 1..5 lower', score", "ces 1..5 lower"),
             ("cxm_metric", "cxm_state", "'scale 0..10 value net', score", "scale 0..10 value net"))


# --- cases ---

def figures_are_those_of_the_command_line(db):
    for metric, spec in (("nps", "nps"), ("csat", "csat"), ("ces", "ces")):
        answers = [str(answer) if answer is not None else "" for answer in mixed(metric, 600, 7)]
        db.fill(answers)
        text = "part,score\n" + "".join("%s,%s\n" % ("abc"[i % 3], answer) for i, answer in enumerate(answers))
        said = command("score", "-", "--metric", metric, "--by", "part", "--json", "--max-unparsed", "100", text=text)["results"]
        groups = db("SELECT NULL, cxm_{0}(score), cxm_{0}_state(score) FROM answers UNION ALL SELECT * FROM (SELECT part, "
                    "cxm_{0}(score), cxm_{0}_state(score) FROM answers GROUP BY part ORDER BY part)".format(metric))
        assert len(groups) == len(said) == 4
        for (part, value, state), want in zip(groups, said):
            assert want["segment"] == ({} if part is None else {"part": part})
            assert value == want["value"] == db.one("SELECT cxm_value(?)", state)
            assert db("SELECT cxm_ci_low(?1), cxm_ci_high(?1), cxm_n(?1), cxm_get(?1, 'unparsed')", state) == [
                (want["interval"]["low"], want["interval"]["high"], want["n"], want["unparsed"])]
            got = json.loads(db.one("SELECT cxm_json(?)", state))
            assert got == {**want, "segment": {}} and got["metric"] == spec
            assert db.one("SELECT cxm_json(?, 0.9)", state) == cxm.State.decode(state).json(0.9)


def fill_weighted(db, seed, rows):
    """The scores of `mixed`, each with a weight of either type, as text, NULL, 0, none or negative."""
    rng, scores = random.Random(seed), mixed(seed, rows, 10)
    weights = [rng.choice([0.5, 1, 2.25, "1.5", None, 0, -1, "heavy", 1e-9, 1e9]) for _ in scores]
    db("CREATE TABLE IF NOT EXISTS weighed(id INTEGER PRIMARY KEY, score, weight)")
    db("DELETE FROM weighed")
    for pair in zip(scores, weights):
        db("INSERT INTO weighed(score, weight) VALUES(?, ?)", *pair)
    return scores, [{"1.5": 1.5, "heavy": None}.get(weight, weight) for weight in weights]


def weights_are_those_of_the_library(db):
    for spec in ("nps weighted", "csat 1..5 weighted", "ces weighted", "scale weighted 0..10 top 8..10 value top"):
        scores, weights = fill_weighted(db, spec, 300)
        want = cxm.State(spec, scores, weights=weights)
        call = "'%s', score, weight" % spec
        value, state = db("SELECT cxm_metric({0}), cxm_state({0}) FROM weighed".format(call))[0]
        assert state == want.encode() and value == want.value == db.one("SELECT cxm_value(?, ?)", state, spec)
        got = db("SELECT cxm_ci_low(?1, 0.9, ?2), cxm_get(?1, 'n_eff', NULL, ?2), cxm_get(?1, 'refused', NULL, ?2)", state, spec)
        assert got == [(want.get("low", 0.9), want.n_eff, want.refused)]
        assert db.one("SELECT cxm_json(?, 0.95, ?)", state, spec) == want.json() and want.refused > 0
        assert db.one("SELECT cxm_merge(s) FROM (SELECT cxm_state(%s) AS s FROM weighed GROUP BY id %% 7)" % call) == state
        rows = db("SELECT cxm_metric({0}) OVER w, cxm_state({0}) OVER w FROM weighed "
                  "WINDOW w AS (ORDER BY id ROWS BETWEEN 9 PRECEDING AND 3 FOLLOWING)".format(call))
        for i, (got, state) in enumerate(rows):
            part = slice(max(0, i - 9), i + 4)
            want = cxm.State(spec, scores[part], weights=weights[part])
            assert state == want.encode() and got == want.results()["value"], (spec, i)
    scores, _ = fill_weighted(db, "ones", 50)
    assert db.one("SELECT cxm_state('nps weighted', score) FROM weighed") == cxm.State("nps weighted", scores).encode()
    fails(db, "CXM_E_METHOD: this metric takes no weights", "SELECT cxm_metric('nps', score, weight) FROM weighed")
    fails(db, "CXM_E_METHOD: this metric takes no weights", "SELECT cxm_metric('sum', 1, 1)")
    fails(db, "CXM_E_MISMATCH", "SELECT cxm_merge2(cxm_state('nps', 1), cxm_state('nps weighted', 1, 1))")
    gap = json.loads(db.one("SELECT cxm_compare(cxm_state('nps weighted', score, 1.5), cxm_state('nps weighted', 10 - score)) "
                            "FROM (SELECT 1 AS score UNION ALL SELECT 9 UNION ALL SELECT 10)"))
    assert gap["interval"]["method"] == "design-t" and gap["df"] == 3.0 and gap["metric"] == "nps"


def bytes_are_those_of_the_library(db):
    for _, make, call, spec in FUNCTIONS:
        for rows in (1, 2, 300):
            answers = mixed(rows, rows, 10)
            db.fill(answers)
            state = db.one("SELECT %s(%s) FROM answers" % (make, call))
            assert state == cxm.State(spec, answers).encode(), spec
            assert db.one("SELECT cxm_spec(?)", state) == cxm.State.decode(state).spec


def raw_and_state_forms_agree(db):
    for value, make, call, spec in FUNCTIONS:
        db.fill(mixed(5, 200, 6))
        a, b = db("SELECT {0}({2}), cxm_value({1}({2}), '{3}') FROM answers".format(value, make, call, spec))[0]
        assert a == b == cxm.State(spec, mixed(5, 200, 6)).value, spec


def windows_are_those_of_counting_anew(db):
    answers = mixed(11, 120, 10)
    db.fill(answers)
    for value, make, call, spec in FUNCTIONS:
        for before, behind in ((0, 0), (3, 0), (2, 4), (200, 0)):
            rows = db("SELECT {0}({2}) OVER w, {1}({2}) OVER w FROM answers WINDOW w AS (ORDER BY id ROWS BETWEEN {3} PRECEDING "
                      "AND {4} FOLLOWING)".format(value, make, call, before, behind))
            for i, (got, state) in enumerate(rows):
                want = cxm.State(spec, answers[max(0, i - before):i + behind + 1])
                assert state == want.encode() and got == want.results()["value"], (spec, i)
    parts = db("SELECT part, cxm_nps(score) OVER (PARTITION BY part ORDER BY id ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING) "
               "FROM answers ORDER BY part, id")
    for name in "abc":
        own = [answer for i, answer in enumerate(answers) if "abc"[i % 3] == name]
        assert [got for part, got in parts if part == name] == [cxm.NPS(own[i:]).results()["value"] for i in range(len(own))]


def sums_and_labels_slide(db):
    db("CREATE TABLE IF NOT EXISTS words(id INTEGER PRIMARY KEY, word TEXT, amount REAL)")
    rng = random.Random(2)
    rows = [(rng.choice(["positive", "negative", "late", None]), rng.choice([0.1, 1e300, -1e300, 3.0])) for _ in range(60)]
    for word, amount in rows:
        db("INSERT INTO words(word, amount) VALUES(?, ?)", word, amount)
    got = db("SELECT cxm_state('labels', word) OVER w, cxm_metric('sum', amount) OVER w FROM words "
             "WINDOW w AS (ORDER BY id ROWS 5 PRECEDING)")
    for i, (state, total) in enumerate(got):
        last = rows[max(0, i - 5):i + 1]
        assert state == cxm.Labels([word for word, _ in last]).encode() and total == cxm.Sum([amount for _, amount in last]).value
    fails(db, "CXM_E_UNDEFINED: the last row of a label leaves a frame of more labels than max: raise max",
          "SELECT cxm_metric('labels max 1', word) OVER (ORDER BY id ROWS 2 PRECEDING) FROM words")
    db.fill([1, "1", 2, None, 2.5])
    assert db.one("SELECT cxm_state('labels', score) FROM answers") == cxm.Labels(["1", "1", "2", None, "2.5"]).encode()
    assert db("SELECT cxm_get(cxm_state('labels', score) OVER (ORDER BY id ROWS 1 PRECEDING), 'count:1') FROM answers") == [
        (1.0,), (2.0,), (1.0,), (0.0,), (0.0,)]


def sums_leave_out_null_and_refuse_texts(db):
    db.fill([1, None, 2.5, None])
    value, state = db("SELECT cxm_metric('sum', score), cxm_state('sum', score) FROM answers")[0]
    assert value == 3.5 and state == cxm.Sum([1, None, 2.5]).encode() and db.one("SELECT cxm_get(?, 'nan')", state) == 0.0
    slid = db("SELECT cxm_metric('sum', score) OVER (ORDER BY id ROWS 1 PRECEDING) FROM answers")
    assert slid == [(1.0,), (1.0,), (2.5,), (2.5,)]
    assert db("SELECT cxm_metric('sum', NULL), cxm_n(cxm_state('sum', NULL))") == [(0.0, 0)]
    for text in ("x", "2", "", "NA"):
        fails(db, "CXM_E_FORMAT: a sum takes numbers, no text", "SELECT cxm_metric('sum', ?)", text)
    assert db.one("SELECT cxm_metric('sum', CAST(? AS REAL))", "2") == 2.0
    fails(db, "no BLOB", "SELECT cxm_metric('sum', x'01')")


LINE = "ticket || ',' || at || ',' || event || ',' || actor || ',' || who || ',' || channel || ',' || status"


def tickets_are_those_of_the_command(db):
    """The bundled log of events by preset and channel: figures of `cxm response`; groups merge to the whole, repeated rows count once."""
    path = os.path.join(ROOT, "examples", "data", "events.csv")
    with open(path, encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    db("CREATE TABLE events (ticket, at, event, actor, who, channel, status)")
    db("BEGIN")
    for row in rows:
        db("INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?)", *[row[key] for key in ("ticket", "at", "event", "actor", "who", "channel", "status")])
    db("COMMIT")
    for preset in ("zendesk", "intercom", "freshdesk", "callcentre"):
        spec = "tickets " + preset
        told = json.loads(subprocess.check_output([CXM, "response", path, "--preset", preset, "--json"]))["results"]
        want = {result["metric"]: result for result in told}
        state = db.one("SELECT cxm_state('%s', %s) FROM events" % (spec, LINE))
        assert db.one("SELECT cxm_metric('%s', %s) FROM events" % (spec, LINE)) == want["first_reply"]["value"]
        parts = "(SELECT cxm_state('%s', %s) AS s FROM events GROUP BY rowid %% 7)" % (spec, LINE)
        assert db.one("SELECT cxm_merge(s) FROM " + parts) == state
        got = json.loads(db.one("SELECT cxm_json(?, 0.95, ?)", state, spec))
        for name, time in got["times"].items():
            result = want[name]
            assert [time[key] for key in ("n", "value", "mean", "never", "open")] == [result[key] for key in ("n", "value", "mean", "never", "open")], name
        for name, rate in got["rates"].items():
            result = want[name]
            if name not in ("fcr_no_repeat", "channel_change_rate"):       # there by the column of customers
                assert (rate["n"], rate["count"], rate["value"]) == (result["n"], result["count"], result["value"]), name
    assert db.one("SELECT cxm_get(?, 'received')", state) == 520
    doubled = "SELECT cxm_state('tickets', %s) FROM (SELECT * FROM events UNION ALL SELECT * FROM events ORDER BY 1 DESC)" % LINE
    assert db.one("SELECT cxm_get((%s), 'reopen_rate')" % doubled) == want["reopen_rate"]["value"]
    assert db.one("SELECT cxm_metric('tickets', NULL)") is None
    for text in ("x", "t1,2026-06-01T08:00:00Z,created", 3):
        fails(db, "CXM_E_FORMAT: no event", "SELECT cxm_metric('tickets', ?)", text)
    fails(db, "not taken back", "SELECT cxm_metric('tickets', %s) OVER (ORDER BY rowid ROWS 1 PRECEDING) FROM events" % LINE)
    fails(db, "CXM_E_FORMAT: no event", "SELECT cxm_metric('tickets', x'01')")


def tenures_are_those_of_their_curve(db):
    """2, 3, 3 left, one is there at 5; groups merge to the whole; what leaves a frame never was there."""
    db("CREATE TABLE stays (tenure, churned)")
    for tenure, churned in ((2, "yes"), (3, "yes"), (3, 1), (5, "no"), (None, "no"), (4, None), (-1, 1)):
        db("INSERT INTO stays VALUES (?, ?)", tenure, churned)
    line = "tenure || ',' || churned"
    state = db.one("SELECT cxm_state('survival', %s) FROM stays" % line)
    assert db.one("SELECT cxm_metric('survival', %s) FROM stays" % line) == 3
    asked = ("n", "events", "missing", "out_of_range", "survival:2", "mean:5", "last")
    assert [db.one("SELECT cxm_get(?, ?)", state, name) for name in asked] == [4, 3, 2, 1, 0.75, 3.25, 5]
    assert db.one("SELECT cxm_merge(s) FROM (SELECT cxm_state('survival', %s) AS s FROM stays GROUP BY rowid %% 3)" % line) == state
    told = json.loads(db.one("SELECT cxm_json(?)", state))
    assert [point["survival"] for point in told["curve"]] == [0.75, 0.25, 0.25] and told["rmst"]["value"] == 3.25
    slid = "SELECT cxm_state('survival', %s) OVER (ORDER BY rowid ROWS 1 PRECEDING) FROM stays" % line
    frames = "SELECT cxm_state('survival', %s) FROM stays WHERE rowid IN (?, ?)" % line
    assert [row[0] for row in db(slid)] == [db.one(frames, i, i + 1) for i in range(7)]
    assert db.one("SELECT cxm_metric('survival', NULL)") is None
    for text in ("x", "3,maybe", "1,2,1,0", 3):
        fails(db, "CXM_E_FORMAT: no tenure: [entry,]exit,event", "SELECT cxm_metric('survival', ?)", text)
    fails(db, "CXM_E_METHOD: this metric takes no weights", "SELECT cxm_metric('survival', '3,yes', 2)")
    fails(db, "CXM_E_METHOD", "SELECT cxm_compare(?, ?)", state, state)


def churn_is_that_of_the_command(db):
    """The bundled log of subscriptions: every rate of `cxm churn` over a month; groups merge to the whole, repeated rows count once."""
    path = os.path.join(ROOT, "examples", "data", "subscriptions.csv")
    columns = ("customer", "time", "event", "amount", "subscription", "end", "currency")
    with open(path, encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["customer"] and not set(row["amount"]) - set("0123456789.")]
    assert len(rows) == 4674                            # three tell no customer or no amount
    db("CREATE TABLE subscriptions (line)")
    db("BEGIN")
    for row in rows:
        db("INSERT INTO subscriptions VALUES (?)", ",".join(row[key] for key in columns))
    db("COMMIT")
    month = ("2026-03-01", "2026-03-31")        # 30 days, as vendors look at
    spec = "customers EUR from %s to %s" % month
    told = json.loads(subprocess.check_output([CXM, "churn", path, "--since", month[0], "--until", month[1], "--json"]))
    state = db.one("SELECT cxm_state(?, line) FROM subscriptions", spec)
    assert db.one("SELECT cxm_merge(s) FROM (SELECT cxm_state('customers EUR', line) AS s FROM subscriptions GROUP BY rowid % 7)") == state
    got = json.loads(db.one("SELECT cxm_json(?, 0.95, ?)", state, spec))
    want = {result["metric"]: result for result in told["results"]}
    keys = ("n", "value", "interval", "numerator", "denominator", "se", "monthly", "annual", "n_eff", "few_customers", "biased_low", "definition", "why")
    for rate in got["rates"]:
        assert {key: rate.get(key) for key in keys} == {key: want[rate["metric"]].get(key) for key in keys}, rate["metric"]
    assert len(got["rates"]) == len(want) - 1           # baremetrics_365 is of another period
    assert got["movements"] == [{key: row[key] for key in ("movement", "count", "amount")} for row in told["movements"]]
    assert db.one("SELECT cxm_metric(?, line) FROM subscriptions", spec) == want["logo_endpoint"]["value"] == got["value"]
    assert db.one("SELECT cxm_get(?, 'nrr', 0.95, ?)", state, spec) == want["nrr"]["value"]
    doubled = "SELECT cxm_state('customers EUR', line) FROM (SELECT * FROM subscriptions UNION ALL SELECT * FROM subscriptions ORDER BY 1 DESC)"
    assert json.loads(db.one("SELECT cxm_json((%s), 0.95, ?)" % doubled, spec))["rates"] == got["rates"]
    assert db.one("SELECT cxm_metric('customers', NULL)") is None
    for text in ("x", "a,2026-06-01", "a,2026-06-01,signup,-1", 3):
        fails(db, "CXM_E_FORMAT: no event: customer,time,event", "SELECT cxm_metric('customers', ?)", text)
    fails(db, "CXM_E_MISMATCH: the event is in another currency", "SELECT cxm_metric('customers EUR', 'a,2026-06-01,signup,1,,,USD')")
    fails(db, "not taken back", "SELECT cxm_metric('customers EUR', line) OVER (ORDER BY rowid ROWS 1 PRECEDING) FROM subscriptions")
    fails(db, "CXM_E_METHOD", "SELECT cxm_compare(?, ?)", state, state)


def groups_merge_to_the_whole(db):
    db.fill(mixed(3, 500, 10))
    for _, make, call, _ in FUNCTIONS:
        whole = db.one("SELECT %s(%s) FROM answers" % (make, call))
        parts = "(SELECT %s(%s) AS s FROM answers GROUP BY id %% 37)" % (make, call)
        assert db.one("SELECT cxm_merge(s) FROM " + parts) == whole
        assert db.one("SELECT cxm_merge(s) FROM (SELECT s FROM %s UNION ALL SELECT NULL)" % parts) == whole
        halves = [row[0] for row in db("SELECT %s(%s) FROM answers GROUP BY id %% 2" % (make, call))]
        assert db.one("SELECT cxm_merge2(?, ?)", *halves) == db.one("SELECT cxm_merge2(?2, ?1)", *halves) == whole
        assert db.one("SELECT cxm_merge2(?, NULL)", whole) == db.one("SELECT cxm_merge2(NULL, ?)", whole) == whole
    nps, csat = db("SELECT cxm_nps_state(score), cxm_csat_state(score) FROM answers")[0]
    assert db("SELECT cxm_merge2(NULL, NULL), cxm_merge(NULL)") == [(None, None)]
    fails(db, "CXM_E_MISMATCH", "SELECT cxm_merge2(?, ?)", nps, csat)
    fails(db, "CXM_E_MISMATCH", "SELECT cxm_merge(s) FROM (SELECT ? AS s UNION ALL SELECT ?)", nps, csat)
    fails(db, "CXM_E_FORMAT: a state is a BLOB", "SELECT cxm_merge(s) FROM (SELECT ? AS s UNION ALL SELECT 5)", nps)
    fails(db, "CXM_E_FORMAT", "SELECT cxm_merge2(?, ?)", nps, nps[:-1])
    fails(db, "CXM_E_FORMAT", "SELECT cxm_merge2(?, ?)", b"", nps)


def what_is_not_there_is_null(db):
    db.fill([])
    assert db("SELECT cxm_nps(score), cxm_nps_state(score), cxm_metric('sum', score), cxm_merge(score) FROM answers") == [(None,) * 4]
    db.fill([None, "n/a", "what", 99])
    value, state = db("SELECT cxm_nps(score), cxm_nps_state(score) FROM answers")[0]
    assert value is None and state == cxm.NPS([None, None, "what", 99]).encode()
    assert db("SELECT cxm_value(?1), cxm_ci_low(?1), cxm_n(?1), cxm_get(?1, 'missing')", state) == [(None, None, 0, 2.0)]
    one = cxm.CES([4]).encode()
    assert db("SELECT cxm_value(?1), cxm_ci_low(?1), cxm_ci_high(?1), cxm_get(?1, 'sd')", one) == [(4.0, None, None, None)]
    assert db("SELECT cxm_value(NULL), cxm_n(NULL), cxm_spec(NULL), cxm_ci_low(NULL), cxm_ci_high(NULL), cxm_json(NULL), "
              "cxm_get(NULL, 'n'), cxm_compare(NULL, NULL), cxm_score(NULL, '0..10')") == [(None,) * 9]


READERS = ("cxm_value(?1)", "cxm_n(?1)", "cxm_spec(?1)", "cxm_ci_low(?1)", "cxm_ci_high(?1)", "cxm_json(?1)", "cxm_get(?1, 'n')",
           "cxm_compare(?1, ?1)", "cxm_merge2(?1, ?1)", "cxm_merge2(NULL, ?1)", "cxm_merge(?1)", "cxm_value(?1, 'nps')",
           "cxm_quantile(?1, 0.5)", "cxm_quantile_low(?1, 0.5)", "cxm_quantile_high(?1, 0.5, 0.9)", "cxm_within(?1, 2)")


def counts_are_whole(db):
    """2^53 + 1 answers are not 2^53; past SQLite's integers they are a double."""
    one = state = cxm.NPS([9]).encode()
    for power in range(1, 64):
        state = db.one("SELECT cxm_merge2(?1, ?1)", state)
        more = db.one("SELECT cxm_n(cxm_merge2(?, ?))", state, one)
        assert more == 2 ** power + 1 and type(more) is int if power < 63 else more == 2.0 ** 63 and type(more) is float


def damaged_states_are_errors(db):
    for state in (cxm.NPS([1, 9, 10, None]).encode(), cxm.Labels(["positive", "b"]).encode(), cxm.Sum([2.5, 1e300]).encode(),
                  cxm.State("nps weighted", [1, 9, None], weights=[0.5, 2, 1]).encode(),
                  cxm.Quantile([0, 1, 2.5, None, -1], targets=[2]).encode(), cxm.Quantile([7] * 99, decimals=1).encode()):
        for i in range(len(state)):
            changed = state[:i] + bytes([state[i] ^ 1 << i % 8]) + state[i + 1:]
            for reader in READERS if i % 9 == 0 else READERS[:2]:
                fails(db, "CXM_E_", "SELECT " + reader, state[:i])
                fails(db, "CXM_E_", "SELECT " + reader, changed)
        fails(db, "CXM_E_FORMAT", "SELECT cxm_n(?)", state + b"\0")
    for wrong in (5, 2.5, "text"):
        for reader in READERS:
            fails(db, "CXM_E_FORMAT: a state is a BLOB", "SELECT " + reader, wrong)


def states_say_what_is_asked(db):
    strict = cxm.CSAT([5, 4, 1], top="5..5").encode()
    for reader in ("cxm_value(?)", "cxm_ci_low(?)", "cxm_json(?)", "cxm_get(?, 'value')"):
        fails(db, "CXM_E_AMBIGUOUS", "SELECT " + reader, strict)
    assert db.one("SELECT cxm_n(?)", strict) == 3 and db.one("SELECT cxm_spec(?)", strict) == "scale 1..5"
    assert db.one("SELECT cxm_value(?, 'csat 1..5 top 5..5')", strict) == 1 / 3
    assert db.one("SELECT cxm_value(?, 'scale 1..5')", strict) == 10 / 3
    assert db.one("SELECT cxm_ci_low(?, 0.9, 'csat top 5..5')", strict) == cxm.CSAT([5, 4, 1], top="5..5").interval(0.9)[0]
    assert db.one("SELECT cxm_ci_low(?, NULL, 'csat top 5..5')", strict) == cxm.CSAT([5, 4, 1], top="5..5").low
    fails(db, "CXM_E_MISMATCH", "SELECT cxm_value(?, 'csat')", strict)
    fails(db, "CXM_E_FORMAT", "SELECT cxm_value(?, 'what')", strict)


def specs_of_small_scales():
    """Every spec of a few scales, in all the words that make a difference."""
    for lo, hi in ((0, 2), (1, 2), (1, 3), (1, 4), (1, 5), (1, 7), (0, 10)):
        yield from ("%s %d..%d%s" % (name, lo, hi, way) for name in ("nps", "csat", "ces", "scale") for way in ("", " lower"))
        for cut in range(lo, hi):
            tops = (" top %d..%d" % (cut + 1, hi), " lower top %d..%d" % (lo, cut))
            yield from ("%s %d..%d%s" % (name, lo, hi, top) for name in ("csat", "ces") for top in tops)
            for value in ("mean", "top", "net"):
                yield from ("scale %d..%d%s value %s" % (lo, hi, top, value) for top in tops)
                yield from ("scale %d..%d top %d..%d bottom %d..%d value %s" % (lo, hi, cut + 1, hi, lo, low, value)
                            for low in range(lo, cut + 1))


def no_question_is_guessed(db):
    """The value of a state is that of the answers themselves, or an error; with its spec named it always is."""
    db.fill([1, 1, 2, 2, 2, 3, 4, 5, 5, 6, 7, 9, 10])
    ended = {"same": set(), "ambiguous": set(), "no state": set()}
    for spec in [spec.replace(" ", way, 1) for spec in specs_of_small_scales() for way in (" ", " weighted ")]:
        try:
            raw = db.one("SELECT cxm_metric(?, score) FROM answers", spec)
        except SqlError:
            continue                                                    # no such spec: a scale that the metric does not have
        try:
            state = db.one("SELECT cxm_state(?, score) FROM answers", spec)
        except SqlError as error:
            assert str(error).startswith("cxm: CXM_E_AMBIGUOUS: '%s' has the bytes of '" % cxm.State(spec).spec), str(error)
            ended["no state"].add(spec)
            other = str(error).split("'")[3]
            assert db.one("SELECT cxm_value(cxm_state(?, score), ?) FROM answers", other, spec) == raw
            continue
        assert db.one("SELECT cxm_value(?, ?)", state, spec) == raw
        try:
            assert db.one("SELECT cxm_value(?)", state) == raw, spec
            ended["same"].add(spec)
        except SqlError as error:
            assert "CXM_E_AMBIGUOUS: the state does not say" in str(error)
            ended["ambiguous"].add(spec)
    for way in (" ", " weighted "):
        has = {end: {spec.replace(way, " ", 1) for spec in specs if ("weighted" in spec) == ("weighted" in way)}
               for end, specs in ended.items()}
        assert has["same"] == {"nps 0..10", "csat 1..5", "ces 1..7", "csat 1..5 top 4..5", "ces 1..7 top 5..7"}
        assert {"ces 1..5", "csat 1..7 top 5..7", "scale 1..5 top 4..5 value mean"} <= has["no state"]
        assert {"nps 1..4", "ces 1..4 top 4..4", "csat 1..5 lower top 1..2", "csat 1..5 top 5..5", "scale 1..2"} <= has["ambiguous"]
        assert len(has["ambiguous"]) > 400


def percentiles_are_within_what_is_guaranteed(db):
    for rows in (1, 2, 40, 700):
        answers = durations(rows, rows)
        values = values_of(answers)
        db.fill(answers)
        for q in (0, 0.25, "0.5", 1 / 3, 0.95, 1.0):
            coarse, fine, milli, number = db(
                "SELECT cxm_percentile(score, ?1), cxm_percentile(score, ?1, 0.001), cxm_percentile(score, ?1, "
                "'quantile ms 0.001'), cxm_percentile(score, ?1, 'quantile decimals 6') FROM answers", q)[0]
            want = type7(values, float(q))
            assert near(coarse, want) and near(fine, want, 1 / 1025) and near(number, want), (rows, q)
            assert coarse == number == db.one("SELECT cxm_quantile(cxm_latency_state(score), ?) FROM answers", q)
            if values:
                assert coarse == cxm.Quantile(answers).quantile(q) and milli == cxm.Quantile(answers, "ms", 0.001).quantile(q)
        for part, got in db("SELECT part, cxm_percentile(score, 0.9) FROM answers GROUP BY part"):
            own = values_of([answer for i, answer in enumerate(answers) if "abc"[i % 3] == part])
            assert near(got, type7(own, 0.9)), part


def shares_within_a_target_are_exact(db):
    answers = durations(3, 900)
    values = values_of(answers)
    db.fill(answers)
    for target in (1e-6, 0.25, 3, "5", 17.5, values[400], 3155760000):
        want = sum(value <= float(target) for value in values) / len(values)
        assert db.one("SELECT cxm_sla(score, ?) FROM answers", target) == want, target
        state = db.one("SELECT cxm_latency_state(score, 'quantile s 0.01 above ' || ?) FROM answers", target)
        assert db("SELECT cxm_within(?1, ?2), cxm_get(?1, 'within:' || ?2)", state, target) == [(want, want)], target
    plain = db.one("SELECT cxm_latency_state(score) FROM answers")
    for t in (-1, 0, "0.001", 2.5, 1e12, 1e300):
        lies = [sum(value <= float(t) * (1 + way / 64) for value in values) / len(values) for way in (-1, 1)]
        assert lies[0] <= db.one("SELECT cxm_within(?, ?)", plain, t) <= lies[1], t
    assert db.one("SELECT cxm_within(?, 2500, 'quantile ms')", plain) == db.one("SELECT cxm_within(?, 2.5)", plain)


def latency_states_are_those_of_the_library(db):
    for rows in (1, 2, 300):
        answers = durations(rows + 1, rows)
        db.fill(answers)
        for told, state in ((None, cxm.Quantile()), ("0.01", cxm.Quantile()), (0.01, cxm.Quantile()), ("quantile", cxm.Quantile()),
                            (0.001, cxm.Quantile(precision=0.001)), ("0.001", cxm.Quantile(precision=0.001)),
                            ("quantile ms 0.001 above 500", cxm.Quantile(unit="ms", precision=0.001, targets=[500])),
                            ("quantile decimals 2 range 1..900", cxm.Quantile(decimals=2, range=(1, 900)))):
            state.add_many(answers)
            made = db.one("SELECT cxm_latency_state(score%s) FROM answers" % (", ?" if told else ""), *[told] * bool(told))
            assert made == state.encode(), told
            if isinstance(told, str) and " " in told:
                assert made == db.one("SELECT cxm_state(?, score) FROM answers", told)
            assert db.one("SELECT cxm_n(?)", made) == state.n and db.one("SELECT cxm_spec(?)", made) == cxm.State.decode(made).spec
            got = db("SELECT cxm_value(?1, ?2), cxm_ci_low(?1, 0.9, ?2), cxm_get(?1, 'out_of_range', NULL, ?2), "
                     "cxm_json(?1, 0.9, ?2), cxm_quantile(?1, 0.2, ?2), cxm_quantile_low(?1, 0.2, 0.8, ?2), "
                     "cxm_quantile_high(?1, 0.7, NULL, ?2), cxm_within(?1, 2.5, ?2)", made, state.spec)[0]
            want = [lambda: state.value, lambda: state.interval(0.9)[0], lambda: state.out_of_range, lambda: state.json(0.9),
                    lambda: state.quantile(0.2), lambda: state.get("low:0.2", 0.8), lambda: state.get("high:0.7"),
                    lambda: state.within(2.5)]
            for mine, call in zip(got, want):
                try:
                    assert mine == call(), told
                except cxm.Error as error:
                    assert mine is None and error.name in ("CXM_E_UNDEFINED", "CXM_E_EMPTY"), (told, error)
    low, high = db("SELECT cxm_quantile_low(s, 0.5), cxm_quantile_high(s, 0.5) FROM (SELECT cxm_latency_state(score) AS s "
                   "FROM answers)")[0]
    assert low < type7(values_of(answers), 0.5) < high and (low, high) == cxm.Quantile(answers).interval()


def windows_of_quantiles_slide(db):
    """A frame that values have left has the bytes of one that had a value more, and told it back: extremes are forgotten."""
    answers = durations(12, 150)
    db.fill(answers)
    for spec, call in (("quantile s 0.01", ""), ("quantile min 0.001 above 0.25 3", ", 'quantile min 0.001 above 0.25 3'")):
        for before, behind in ((0, 0), (3, 0), (2, 4), (30, 0), (200, 0)):
            rows = db("SELECT cxm_percentile(score, 0.8%s) OVER w, cxm_latency_state(score%s) OVER w, cxm_sla(score, 0.25) OVER w, "
                      "cxm_metric('%s', score) OVER w FROM answers WINDOW w AS (ORDER BY id ROWS BETWEEN %d PRECEDING AND %d "
                      "FOLLOWING)" % (call, call, spec, before, behind))
            for i, (quantile, state, sla, median) in enumerate(rows):
                frame = answers[max(0, i - before):i + behind + 1]
                values, anew, slid = values_of(frame), cxm.State(spec, frame), cxm.State(spec, frame + [7.25])
                slid.remove(7.25)
                assert state in (anew.encode(), slid.encode()) and (i > before or state == anew.encode()), (spec, i)
                got = cxm.State.decode(state, spec)
                assert near(quantile, type7(values, 0.8)) and near(median, type7(values, 0.5)), (spec, before, behind, i)
                assert (quantile, median) == ((got.quantile(0.8), got.value) if values else (None, None))
                assert sla == (sum(value <= 0.25 for value in values) / len(values) if values else None)
                for name, want in anew.results().items():
                    if name not in ("value", "low", "high", "min", "max"):
                        assert got.results()[name] == want, (spec, i, name)
                    elif want is not None:
                        assert near(got.results()[name], want, 1 / 64), (spec, i, name)     # limits: the ends of a bin
                if len(values) > 20 and values[2] < values[-3] / 2:
                    assert anew.get("quantile:0.5") == got.value and anew.get("quantile:0.75") == got.quantile(0.75)
    whole = db("SELECT cxm_percentile(score, 0.5, 'quantile decimals 0') OVER (ORDER BY id ROWS 8 PRECEDING) FROM "
               "(SELECT id, id * 37 % 101 AS score FROM answers)")             # up to 128 steps each bin is one value
    assert whole == [(type7(sorted(i * 37 % 101 for i in range(max(1, last - 8), last + 1)), 0.5),) for last in range(1, 151)]


def states_of_quantiles_merge_where_they_fit(db):
    db.fill(durations(5, 300))
    whole = db.one("SELECT cxm_latency_state(score) FROM answers")
    parts = "SELECT cxm_latency_state(score) AS s FROM answers GROUP BY id %% %d"
    assert db.one("SELECT cxm_merge(s) FROM (%s)" % parts % 37) == whole
    halves = [row[0] for row in db(parts % 2)]
    assert db.one("SELECT cxm_merge2(?, ?)", *halves) == whole == db.one("SELECT cxm_merge2(?2, ?1)", *halves)
    milli = cxm.Quantile([1500, 20], unit="ms").encode()                # the same bytes whatever the unit
    assert db.one("SELECT cxm_merge2(?, ?)", milli, cxm.Quantile([3]).encode()) == cxm.Quantile([0.02, 1.5, 3]).encode()
    assert db("SELECT cxm_value(?1), cxm_value(?1, 'quantile ms'), cxm_spec(?1)", cxm.Quantile([1.5]).encode()) == [
        (1.5, 1500.0, "quantile s 0.01")]
    for other, spec in ((cxm.Quantile(precision=0.001), "quantile s 0.001"), (cxm.Quantile(decimals=2), "quantile decimals 2 0.01"),
                        (cxm.Quantile(targets=[2]), "quantile s 0.01 above 2"), (cxm.NPS(), "nps 0..10")):
        said = "cxm: CXM_E_MISMATCH: a state of 'quantile s 0.01' and one of '%s' do not go together" % spec
        fails(db, said, "SELECT cxm_merge2(?, ?)", whole, other.encode())
        fails(db, said, "SELECT cxm_merge(s) FROM (SELECT ? AS s UNION ALL SELECT ?)", whole, other.encode())
        fails(db, said, "SELECT cxm_compare(?, ?)", whole, other.encode())
        fails(db, "CXM_E_MISMATCH", "SELECT cxm_quantile(?, 0.5, ?)", whole, spec)
    full = whole                                                        # n past its type is no state any more
    with_overflow = 0
    for _ in range(64):
        try:
            full = db.one("SELECT cxm_merge2(?1, ?1)", full)
        except SqlError as error:
            assert "CXM_E_OVERFLOW" in str(error)
            with_overflow += 1
    assert with_overflow > 0 and db.one("SELECT cxm_n(?)", full) > 2.0 ** 62
    a, b = cxm.Quantile([i / 7 for i in range(1, 200)]), cxm.Quantile([i / 9 for i in range(1, 200)])
    got, gap = json.loads(db.one("SELECT cxm_compare(?, ?)", a.encode(), b.encode())), a.compare(b)
    assert (got["difference"], got["p"], got["interval"]["low"]) == (gap.difference, gap.p, gap.low) and got["a"] == a.as_dict()


def quantiles_of_nothing_are_null(db):
    db.fill([])
    calls = "cxm_percentile(score, 0.5), cxm_percentile(score, 0.5, 'quantile ms'), cxm_sla(score, 2), cxm_latency_state(score{0})"
    assert db("SELECT " + calls.format("") + " FROM answers") == [(None,) * 4]
    for answers in ([None], ["x", "", -1, math.inf, None]):
        db.fill(answers)
        *none, state = db("SELECT " + calls.format(", 0.01") + " FROM answers")[0]
        assert none == [None] * 3 and state == cxm.Quantile(answers).encode()
        assert db("SELECT cxm_value(?1), cxm_quantile(?1, 0), cxm_quantile_low(?1, 0.5), cxm_quantile_high(?1, 0.5), "
                  "cxm_within(?1, 2), cxm_ci_low(?1), cxm_get(?1, 'min'), cxm_n(?1)", state) == [(None,) * 7 + (0,)]
    assert db("SELECT cxm_get(?1, 'missing'), cxm_get(?1, 'unparsed'), cxm_get(?1, 'out_of_range')", state) == [(2.0, 1.0, 2.0)]
    db.fill([2.5])
    one = db.one("SELECT cxm_latency_state(score) FROM answers")
    assert db("SELECT cxm_percentile(score, 0), cxm_percentile(score, 1), cxm_sla(score, 2), cxm_sla(score, 2.5) FROM answers") == [
        (2.5, 2.5, 0.0, 1.0)]
    assert db("SELECT cxm_quantile(?1, 0.1), cxm_quantile_low(?1, 0.5), cxm_quantile_high(?1, 0.5)", one) == [(2.5, None, None)]
    assert db("SELECT cxm_quantile(NULL, 0.5), cxm_quantile_low(NULL, 0.5), cxm_quantile_high(NULL, 0.5, 0.9, 'quantile'), "
              "cxm_within(NULL, 1), cxm_quantile(NULL, 2)") == [(None,) * 5]
    db.fill([1, 2, 3e9, 4e9])                                           # the last two lie outside the range
    assert db("SELECT cxm_percentile(score, 0), cxm_percentile(score, 1), cxm_sla(score, 2) FROM answers") == [(1.0, None, 0.5)]


def misuse_of_quantiles_is_an_error(db):
    db.fill([1, 2, 3])
    for q in (-0.1, 1.0001, 95, None, "much", "", b"0.5", math.inf):
        for call in ("cxm_percentile(score, ?)", "cxm_percentile(score, ?, 0.01)", "cxm_percentile(score, ?) OVER (ORDER BY id)",
                     "cxm_quantile(cxm_latency_state(score), ?)", "cxm_quantile_low(cxm_latency_state(score), ?)"):
            fails(db, "CXM_E_ARG: the share of a quantile is a number, 0..1", "SELECT %s FROM answers" % call, q)
    for target in (0, -1, 1e-7, 4e9, None, "soon", math.inf):
        fails(db, "CXM_E_ARG: a target is a number of seconds", "SELECT cxm_sla(score, ?) FROM answers", target)
    for t in (None, "x", math.inf, -math.inf):
        fails(db, "CXM_E_ARG: the share of values at or below", "SELECT cxm_within(cxm_latency_state(score), ?) FROM answers", t)
    for call in ("cxm_percentile(score, 0.1 * id)", "cxm_percentile(score, id / 4.0) OVER (ORDER BY id)", "cxm_sla(score, id)"):
        fails(db, "CXM_E_MISMATCH: the share or the target changes within a group", "SELECT %s FROM answers" % call)
    fails(db, "CXM_E_ARG", "SELECT cxm_percentile(score, CASE id WHEN 3 THEN NULL ELSE 0.5 END) FROM answers")
    fails(db, "CXM_E_MISMATCH: the spec changes", "SELECT cxm_percentile(score, 0.5, 'quantile ms above ' || id) FROM answers")
    fails(db, "CXM_E_MISMATCH: the spec changes", "SELECT cxm_latency_state(score, 'quantile decimals ' || id) FROM answers")
    for spec in ("nps", "0.1", 0.02, None, "", "ms 0.001", "quantiles", b"", "quantile" + " " * 300):
        fails(db, "CXM_E_FORMAT: a spec of quantiles", "SELECT cxm_latency_state(score, ?) FROM answers", spec)
        fails(db, "CXM_E_FORMAT: a spec of quantiles", "SELECT cxm_percentile(score, 0.5, ?) FROM answers", spec)
    fails(db, "not understood here", "SELECT cxm_latency_state(score, 'quantile days') FROM answers")
    fails(db, "no BLOB", "SELECT cxm_percentile(x'01', 0.5)")
    fails(db, "takes no weights", "SELECT cxm_metric('quantile', score, 1) FROM answers")
    for call in ("cxm_quantile(?, 0.5)", "cxm_within(?, 1)", "cxm_quantile_high(?, 0.5)"):
        fails(db, "CXM_E_MISMATCH: a state of quantiles has it, not one of 'nps 0..10'", "SELECT " + call, cxm.NPS([9]).encode())
    fails(db, "CXM_E_ARG", "SELECT cxm_quantile_low(cxm_latency_state(score), 0.5, 1) FROM answers")
    for call in ("cxm_percentile(1)", "cxm_sla(1)", "cxm_quantile(x'')", "cxm_within(x'')", "cxm_latency_state(1, 2, 3)"):
        fails(db, "wrong number of arguments", "SELECT " + call)
    assert db("SELECT cxm_percentile(score, 0.5) FROM answers") == [(cxm.Quantile([1, 2, 3]).value,)]


def comparisons(db):
    a, b = cxm.NPS([10] * 40 + [3] * 10), cxm.NPS([10] * 20 + [3] * 30)
    got, gap = json.loads(db.one("SELECT cxm_compare(?, ?)", a.encode(), b.encode())), a.compare(b)
    assert (got["difference"], got["p"], got["interval"]["low"]) == (gap.difference, gap.p, gap.low)
    assert got["verdict"] == "a is above b" and got["a"] == a.as_dict() and got["b"] == b.as_dict()
    wide = json.loads(db.one("SELECT cxm_compare(?, ?, 0.99)", a.encode(), b.encode()))
    assert wide["interval"] == {"method": "mover", "level": 0.99, "low": a.compare(b, 0.99).low, "high": a.compare(b, 0.99).high}
    assert json.loads(db.one("SELECT cxm_compare(?, ?)", a.encode(), cxm.NPS().encode()))["difference"] is None
    fails(db, "CXM_E_MISMATCH", "SELECT cxm_compare(?, ?)", a.encode(), cxm.CSAT([1]).encode())
    fails(db, "CXM_E_METHOD", "SELECT cxm_compare(?1, ?1)", cxm.Sum([1]).encode())
    fails(db, "CXM_E_ARG", "SELECT cxm_compare(?1, ?1, 7)", a.encode())


def answers_are_read_as_cells(db):
    for text, want in (("9", 9), ("9 - likely", 9), (" 3\t", 3), ("ten", None), ("11", None), ("3.5", None), ("", None), (7, 7),
                       (7.0, 7), ("-1", None)):
        assert db.one("SELECT cxm_score(?, '0..10')", text) == want, text
    assert db.one("SELECT cxm_score('-2', '-5..5')") == -2
    db.fill(["1", "5", "6", "x"])
    assert [row[0] for row in db("SELECT cxm_score(score, '1..5') FROM answers ORDER BY id")] == [1, 5, None, None]
    assert [row[0] for row in db("SELECT cxm_score('4', '1..' || id) FROM answers WHERE id > 1 ORDER BY id")] == [None, None, 4]
    fails(db, "CXM_E_FORMAT", "SELECT cxm_score('4', '1..')")
    fails(db, "CXM_E_SCALE", "SELECT cxm_score('4', '5..1')")
    fails(db, "no BLOB", "SELECT cxm_score(x'39', '0..10')")
    assert db.one("SELECT cxm_score('4', ?)", "0..10" + " " * 59) == 4
    for scale in ("0..10" + " " * 60, "0..10" + " " * 100 + "lower", None, 5, b"0..10"):
        fails(db, "CXM_E_FORMAT: a scale is a text", "SELECT cxm_score('4', ?)", scale)


def reference(name):
    with open(os.path.join(ROOT, "tests/reference", name), encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def calendar(row):
    """The text of a calendar from a row of the reference tables."""
    lines = ["zone " + row["zone"]]
    for column, word in (("weekly", "weekly"), ("holidays", "holiday"), ("dated", "dated"), ("breaks", "break")):
        text = row.get(column, "").replace("|", ",")
        lines += [word + " " + part for part in (text.split(";") if word != "weekly" else [text]) if part]
    return "\n".join(lines)


def has_zones():
    return os.path.exists("/usr/share/zoneinfo/Europe/Berlin") or os.environ.get("CI") == "true"


def business_hours_are_those_of_the_reference(db):
    rows = reference("business_hours.csv")
    assert len(rows) == 54
    for row in rows:
        if row["zone"] != "Etc/UTC" and not has_zones():
            continue
        zoned = dict(row, zone="UTC0") if row["zone"] == "Etc/UTC" else row
        told = db.one("SELECT cxm_business_seconds(?, ?, ?)", row["start"], row["end"], calendar(zoned))
        backwards = min(0, instant(row["end"]) - instant(row["start"]))             # told as it is, where the tables have 0
        assert told == (backwards or int(row["business_seconds"])), (row["case"], told)
    for row in reference("business_due.csv"):
        if row["zone"] != "Etc/UTC" and not has_zones():
            continue
        zoned = dict(row, zone="UTC0") if row["zone"] == "Etc/UTC" else row
        ask = (calendar(zoned), int(row["business_seconds"]))
        due = db.one("SELECT cxm_business_due(?, ?, ?)", row["start"], ask[1], ask[0])
        assert instant(due) == instant(row["due"]) and due.endswith("Z"), (row["case"], due)
        assert db.one("SELECT cxm_business_due(?, ?, ?)", instant(row["start"]), str(ask[1]), ask[0]) == instant(row["due"])


def instant(text):
    return int(datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp())


def opening_hours_in_queries(db):
    nine_to_five = "zone CET-1CEST,M3.5.0,M10.5.0/3\nweekly " + ";".join(d + "=09:00-17:00" for d in ("mon", "tue", "wed", "thu", "fri"))
    db("CREATE TABLE tickets(created, replied)")
    for created, replied in (("2026-11-20T15:00:00Z", "2026-11-23T09:00:00Z"), ("2026-11-20 15:59:59.5", "2026-11-20T18:00:00+01:00"),
                             (1763977200, 1763977260.25), ("2026-11-20T15:00:00Z", None), ("2026-11-20T15:00:10Z", "2026-11-20T15:00:00Z")):
        db("INSERT INTO tickets VALUES(?, ?)", created, replied)
    told = [row[0] for row in db("SELECT cxm_business_seconds(created, replied, ?) FROM tickets ORDER BY rowid", nine_to_five)]
    assert told == [7200, 0.5, 60.25, None, -10], told
    whole = "SELECT cxm_get(cxm_latency_state(cxm_business_seconds(created, replied, ?)), ?) FROM tickets"
    counts = [db.one(whole, nine_to_five, name) for name in ("n", "missing", "out_of_range")]
    assert counts == [3, 1, 1], counts
    assert db.one("SELECT cxm_business_due('2026-11-20T15:30:00Z', 3600, ?)", nine_to_five) == "2026-11-23T08:30:00Z"
    assert db.one("SELECT cxm_business_due(1763977200, 0.5, ?)", nine_to_five) == 1763977200.5
    assert db.one("SELECT cxm_business_due(0, 1, 'zone UTC0\ndated 1969-12-31=09:00-17:00')") is None      # never again
    for nothing in ((None, 1, nine_to_five), (1, None, nine_to_five), (1, 1, None)):
        assert db("SELECT cxm_business_seconds(?, ?, ?), cxm_business_due(?, ?, ?)", *nothing, *nothing) == [(None, None)]


def misuse_of_opening_hours_is_an_error(db):
    ask = "SELECT cxm_business_seconds(?, ?, ?)"
    for text, start, end, told in (("a time is a text", "yesterday", 1, "zone UTC0"), ("a time is a text", 1, b"x", "zone UTC0"),
                                   ("years 1 to 9999", 1e300, 1, "zone UTC0"), ("years 1 to 9999", 1, -99999999999, "zone UTC0"),
                                   ("years 1 to 9999", 1, float("inf"), "zone UTC0"),
                                   ("tells its zone", 1, 2, "weekly mon=09:00-17:00"), ("tells its zone", 1, 2, ""), ("tells its zone", 1, 2, 7),
                                   ("told twice", 1, 2, "zone UTC0\nzone UTC0"), ("Mars/Base", 1, 2, "zone Mars/Base"),
                                   ("zone '/etc/passwd'", 1, 2, "zone /etc/passwd"), ("zone '../x'", 1, 2, "zone ../x"),
                                   ("the calendar's line 2: ", 1, 2, "zone UTC0\nweekly mon=17:00-09:00")):
        fails(db, text, ask, start, end, told)
    for seconds in (-1, float("inf"), "1h", b"1"):
        fails(db, "number of open seconds", "SELECT cxm_business_due(0, ?, 'zone UTC0')", seconds)
    fails(db, "a time is a text", "SELECT cxm_business_due('soon', 1, 'zone UTC0')")
    fails(db, "years 1 to 9999", "SELECT cxm_business_due(1e12, 1, 'zone UTC0')")
    assert db.one("SELECT cxm_business_seconds(?, ?, ?)", 0, 10, "zone +05:30\nweekly thu=05:30-24:00") == 10


def misuse_is_an_error(db):
    db.fill([1, 2, 3])
    fails(db, "CXM_E_MISMATCH: the spec changes", "SELECT cxm_metric('csat 1..' || (3 + id), score) FROM answers")
    fails(db, "CXM_E_MISMATCH: the spec changes", "SELECT cxm_csat(score, 2 + id) FROM answers")
    fails(db, "begins with the name of a metric", "SELECT cxm_metric('npz', score) FROM answers")
    fails(db, "CXM_E_FORMAT: a spec is a text", "SELECT cxm_metric(NULL, score) FROM answers")
    fails(db, "CXM_E_FORMAT: a spec is a text", "SELECT cxm_metric(?, score) FROM answers", "nps " + " " * 300)
    fails(db, "top boxes", "SELECT cxm_csat(score, 9) FROM answers")
    fails(db, "no BLOB", "SELECT cxm_nps(x'09')")
    fails(db, "wrong number of arguments", "SELECT cxm_nps(1, 2)")
    fails(db, "CXM_E_ARG", "SELECT cxm_get(?, 'nothing')", cxm.NPS([1]).encode())
    fails(db, "CXM_E_ARG", "SELECT cxm_ci_low(?, 1.5)", cxm.NPS([1]).encode())
    assert db("SELECT cxm_nps(score) FROM answers") == [(-100.0,)]


def functions_are_deterministic_and_innocuous(db):
    db.fill(["9 - likely", "1"])
    db("PRAGMA trusted_schema = OFF")
    db("CREATE INDEX by_score ON answers(cxm_score(score, '0..10'))")       # deterministic functions only
    db("CREATE VIEW summary AS SELECT cxm_nps(score) AS nps, cxm_json(cxm_nps_state(score)) AS j FROM answers")
    db("CREATE TABLE kept(state BLOB, nps REAL GENERATED ALWAYS AS (cxm_value(state)) STORED)")
    assert db.one("SELECT nps FROM summary") == 0.0                        # innocuous functions only
    db("INSERT INTO kept(state) SELECT cxm_nps_state(score) FROM answers")
    assert db.one("SELECT nps FROM kept") == 0.0
    fails(db, "CXM_E_FORMAT", "INSERT INTO kept(state) VALUES(x'00')")
    names = {name for name, in db("SELECT DISTINCT name FROM pragma_function_list WHERE name LIKE 'cxm_%' AND flags & 0x200800 = "
                                  "0x200800")}
    assert len(names) == 26, sorted(names)
    hours = {name for name, in db("SELECT name FROM pragma_function_list WHERE name LIKE 'cxm_%' AND flags & 0x200800 = 0x800")}
    assert hours == {"cxm_business_seconds", "cxm_business_due"}                # they read the files of zones


def memory_is_sqlites_and_all_given_back():
    """Every limit on SQLite's memory gives the answer or "out of memory", and nothing is left behind."""
    before, ended, went_well = LIB.sqlite3_memory_used(), 0, 0
    query = ("SELECT cxm_json(cxm_merge(s)) || cxm_nps(0) || cxm_value(cxm_nps_state(9)) || cxm_json(cxm_merge(t)) || max(p) "
             "|| max(w) FROM (SELECT cxm_state('labels', id || '-' || score) AS s, cxm_latency_state(id * id) AS t, "
             "cxm_percentile(id, 0.9, 0.001) AS p, cxm_sla(id * id, 7) AS w FROM answers "
             "WHERE cxm_business_seconds(0, id, 'zone UTC0\nweekly thu=00:00-24:00') = id AND "
             "cxm_business_due(id, 1, 'zone +05:30\nweekly thu=00:00-24:00') = id + 1 GROUP BY id % 5)")
    with Database() as db:
        db.fill(mixed(1, 60, 10))
        want, start = db(query), LIB.sqlite3_memory_used()
        for more in range(0, 200000, 1500):
            LIB.sqlite3_hard_heap_limit64(start + more)
            try:
                assert db(query) == want
                went_well += 1
            except SqlError as error:
                assert error.code == NOMEM, str(error)
                ended += 1
            finally:
                LIB.sqlite3_hard_heap_limit64(0)
        assert db(query) == want and ended > 5 and went_well > 5, (ended, went_well)
    assert LIB.sqlite3_memory_used() == before


TESTS = [figures_are_those_of_the_command_line, weights_are_those_of_the_library, bytes_are_those_of_the_library,
         raw_and_state_forms_agree, windows_are_those_of_counting_anew, sums_and_labels_slide,
         sums_leave_out_null_and_refuse_texts, tickets_are_those_of_the_command, tenures_are_those_of_their_curve, churn_is_that_of_the_command, groups_merge_to_the_whole, what_is_not_there_is_null, counts_are_whole,
         damaged_states_are_errors, states_say_what_is_asked, no_question_is_guessed,
         percentiles_are_within_what_is_guaranteed, shares_within_a_target_are_exact, latency_states_are_those_of_the_library,
         windows_of_quantiles_slide, states_of_quantiles_merge_where_they_fit, quantiles_of_nothing_are_null,
         misuse_of_quantiles_is_an_error, comparisons, answers_are_read_as_cells,
         business_hours_are_those_of_the_reference, opening_hours_in_queries, misuse_of_opening_hours_is_an_error,
         misuse_is_an_error, functions_are_deterministic_and_innocuous, memory_is_sqlites_and_all_given_back]


def main():
    if LIB is None:
        print("left out: the extension of SQLite, as there is no libsqlite3 to load it")
        return 0
    failed = 0
    for test in TESTS:
        try:
            if test.__code__.co_argcount:
                with Database() as db:
                    test(db)
            else:
                test()
            print("[       OK ] %s" % test.__name__, flush=True)
        except Exception:                                               # pylint: disable=broad-except
            traceback.print_exc()
            print("[  FAILED  ] %s" % test.__name__, flush=True)
            failed += 1
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
