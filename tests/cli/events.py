#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""cxm response of a file of events against figures worked out here from the rows, without the library.

usage: events.py ROOT CXM

Tickets are measured by the definitions in cxm/ticket.h: of ROOT/examples/data/events.csv, and of small logs drawn at random with
all that exports do: ties, rows twice and out of order, creations missing and repeated, bots, queues, reopenings, replies that
stand before the creation. Opening hours are cut into stretches of UTC by this file's own rule for summer time. Counts, extremes
and shares have to be the same, means and limits to 1e-12, a median within its relative error. Then what must not matter does
not: the order of rows, rows that come twice, threads, and the cut of a file into states.
"""
import bisect
import csv
import datetime
import json
import math
import os
import random
import statistics
import subprocess
import sys
import tempfile
from collections import Counter, namedtuple
from fractions import Fraction

SECOND = 10 ** 6
HOUR, DAY = 3600 * SECOND, 86400 * SECOND
WEEK = 7 * DAY
ERROR = 1.0 / 1025.0
EXACT = 1e-12
TARGET = 4 * HOUR
Z = statistics.NormalDist().inv_cdf(0.975)
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)


def micros(text):
    at = datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
    at = at if at.tzinfo else at.replace(tzinfo=datetime.timezone.utc)
    return (at - EPOCH) // datetime.timedelta(microseconds=1)


def written(at):
    return (EPOCH + datetime.timedelta(microseconds=at)).isoformat().replace("+00:00", "Z")


# --- events ---

KINDS = ("created", "answered", "reply_public", "reply_private", "assigned", "transferred", "status", "reopened", "solved",
         "abandoned", "confirmed", "denied")                # of one instant they count in this order
(CREATED, ANSWERED, PUBLIC, PRIVATE, ASSIGNED, TRANSFERRED, STATUS, REOPENED, SOLVED, ABANDONED, CONFIRMED, DENIED) = range(12)
ACTORS = ("customer", "human", "bot", "auto")
CUSTOMER, HUMAN, BOT, AUTO = range(4)
STATES = ("", "new", "open", "pending", "hold", "solved", "closed")
NOTHING, NEW, OPEN, PENDING, HOLD, IS_SOLVED, IS_CLOSED = range(7)
DONE = (IS_SOLVED, IS_CLOSED)

Event = namedtuple("Event", "at kind actor status tier who channel")
Rules = namedtuple("Rules", "from_customer answers with_first queues waits", defaults=(False, (PUBLIC, ANSWERED), False, False, (NEW, OPEN, HOLD)))
RULES = {"zendesk": Rules(), "intercom": Rules(from_customer=True), "freshdesk": Rules(with_first=True),
         "callcentre": Rules(answers=(ANSWERED,), queues=True, waits=(NEW,))}


def event_of(row):
    kind = "transferred" if row["event"] == "escalated" else row["event"]
    status = STATES.index(row["status"]) if kind == "status" else NOTHING
    return Event(micros(row["at"]), KINDS.index(kind), ACTORS.index(row["actor"]), status, int(row["event"] == "escalated"),
                 row["who"], row["channel"])


# --- opening hours: examples/data/desk.calendar ---

class Hours:
    """Open stretches of 2026, in UTC microseconds, with how much was open before each."""

    def __init__(self, path):
        week, dated, closed = {}, {}, set()
        days = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
        with open(path, encoding="utf-8") as file:
            for line in file:
                word, _, rest = line.split("#")[0].strip().partition(" ")
                if word == "weekly":
                    for part in rest.split(";"):
                        day, _, hours = part.partition("=")
                        week[days.index(day)] = [self.stretch(h) for h in hours.split(",")]
                elif word == "dated":
                    day, _, hours = rest.partition("=")
                    dated[datetime.date.fromisoformat(day)] = [self.stretch(h) for h in hours.split(",")]
                elif word == "holiday":
                    closed.add(datetime.date.fromisoformat(rest))
        self.starts, self.ends, self.before = [], [], []
        total, day = 0, datetime.date(2026, 1, 1)
        while day.year == 2026:
            for start, end in [] if day in closed else dated.get(day, week.get(day.weekday(), [])):
                self.starts.append(self.utc(day, start))
                self.ends.append(self.utc(day, end))
                self.before.append(total)
                total += self.ends[-1] - self.starts[-1]
            day += datetime.timedelta(days=1)

    @staticmethod
    def stretch(text):
        return tuple(int(t[:2]) * HOUR + int(t[3:]) * HOUR // 60 for t in text.split("-"))

    @staticmethod
    def utc(day, local):
        """Two hours ahead from the last Sunday of March to that of October, else one; no hours are open on a Sunday night."""
        def last_sunday(month):
            return max(d for d in (datetime.date(2026, month, n) for n in range(25, 32)) if d.weekday() == 6)
        summer = last_sunday(3) <= day < last_sunday(10)
        return (day - datetime.date(1970, 1, 1)).days * DAY + local - (2 if summer else 1) * HOUR

    def until(self, at):
        i = bisect.bisect_right(self.starts, at) - 1
        return self.before[i] + min(at, self.ends[i]) - self.starts[i] if i >= 0 else 0

    def between(self, start, end):
        """What ends before it began is no open time: by any clock it is below 0."""
        return self.until(end) - self.until(start) if end > start else end - start


def calendar_time(start, end):
    return end - start


# --- one ticket ---

STOPPED, RUNNING, NEVER = "stopped", "open", "never"
CLOCKS = ("first_reply", "first_bot_reply", "next_reply", "wait", "agent_wait", "on_hold", "first_resolution", "resolution")


class Life:
    """What became of one ticket by an instant, of events in order; `creation` is None where none is known."""

    def __init__(self, events, rules, as_of, measure):
        self.rules, self.as_of, self.measure = rules, as_of, measure
        self.creation = next((e for e in events if e.kind == CREATED), None)
        if not self.creation:
            return
        self.created = self.creation.at
        self.events = [e for e in events if e.kind != CREATED and not self.is_first_message(e)]
        self.stands()
        self.counts()
        self.clocks = {"first_reply": [self.first(HUMAN)], "first_bot_reply": [self.first(BOT)], "next_reply": self.next_replies(),
                       "wait": [self.states(rules.waits)], "agent_wait": [self.states((PENDING,))], "on_hold": [self.states((HOLD,))],
                       "first_resolution": [self.span(self.created, self.solves[0].at if self.solves else None)],
                       "resolution": [self.span(self.created, self.ended if self.is_solved else None)]}

    def is_first_message(self, e):
        """The message that the creation carries, told once more."""
        return e.kind == PUBLIC and (e.at, e.actor) == (self.created, self.creation.actor)

    @staticmethod
    def solves_then(later, e):
        return later.at == e.at and (later.kind == SOLVED or later.kind == STATUS and later.status in DONE)

    def stands(self):
        """`stretches` of (state, from, to) while it is open; which events solved it; how it ends."""
        state, since, over = NEW, self.created, None
        self.stretches, self.solves, self.reopens, self.ends = [], [], 0, [(None, None)]
        served, todo, held = False, list(self.events), None
        while todo or held:
            e = held if held and (not todo or todo[0].at != held.at) else todo.pop(0)
            if e is not held and e.kind == REOPENED and not over and any(self.solves_then(later, e) for later in todo):
                held = e                                    # it was solved at that instant, and opened after
                continue
            held = None if e is held else held
            before, was = over, state
            served = not (e.kind == TRANSFERRED and self.rules.queues) and (served or e.actor == HUMAN and e.kind in self.rules.answers)
            if e.kind == SOLVED or e.kind == STATUS and e.status in DONE:
                over = over if over == ABANDONED and e.actor == AUTO else SOLVED
            elif e.kind in (STATUS, REOPENED):
                over = None
            elif e.kind == ABANDONED:
                over = over or (SOLVED if served else ABANDONED)
            if e.kind in (STATUS, REOPENED):
                state = e.status if e.kind == STATUS else OPEN
            elif self.rules.queues and (e.kind == TRANSFERRED or e.kind == ANSWERED and e.actor == HUMAN):
                state = NEW if e.kind == TRANSFERRED else OPEN
            if (over, state) != (before, was):
                self.stretches.append((was if not before else NOTHING, since, e.at))
                since = max(since, e.at)
            if over != before:
                self.ends.append((over, e))
                self.solves += [e] if over == SOLVED else []
                self.reopens += before == SOLVED
        self.stretches.append((state if not over else NOTHING, since, self.as_of))
        self.is_open, self.is_solved, self.ended = not over, over == SOLVED, self.ends[-1][1] and self.ends[-1][1].at

    def counts(self):
        def said(actor, kinds):
            return [e for e in self.events if e.actor == actor and e.kind in kinds]
        self.replies, self.bot_replies = said(HUMAN, (PUBLIC, ANSWERED)), said(BOT, (PUBLIC, ANSWERED))
        self.messages = [e for e in said(CUSTOMER, (PUBLIC,)) if e.at >= self.created]
        writes = [self.creation] * (self.creation.actor == CUSTOMER) + said(CUSTOMER, (PUBLIC,))
        self.customer = next((e.who for e in writes if e.who), "")
        self.begins = self.created if not self.rules.from_customer else writes[0].at if writes else None
        works = said(HUMAN, (PUBLIC, PRIVATE, ANSWERED)) + [e for e in self.solves if e.actor == HUMAN]
        self.handled, self.teammates = bool(works), len({e.who for e in works})
        self.transfers = [e for e in self.events if e.kind == TRANSFERRED]
        self.handed_over = bool(self.bot_replies) and (any(e > self.bot_replies[0] for e in works) or any(e.actor == BOT for e in self.transfers))
        answers = [e.kind for e in self.events if e.kind in (CONFIRMED, DENIED)]
        self.said = answers[-1] if answers else None

    def span(self, start, end):
        if start is None:
            return NEVER, 0
        if end is not None:
            return STOPPED, self.measure(start, end)
        return (RUNNING, self.measure(start, self.as_of)) if self.is_open else (NEVER, 0)

    def answers(self, actor):
        """Those that answer somebody: of intercom, what a desk wrote before the customer did is none."""
        kinds = self.rules.answers if actor == HUMAN else (PUBLIC, ANSWERED)
        found = [e for e in self.events if e.actor == actor and e.kind in kinds]
        if not self.rules.from_customer or self.creation.actor == CUSTOMER:
            return found
        first = next((e for e in self.events if e.actor == CUSTOMER and e.kind == PUBLIC), None)
        return [e for e in found if first and e > first]

    def first(self, actor):
        """Nobody promised a bot: its clock stops, or never began."""
        answers = self.answers(actor)
        if actor == BOT and not answers:
            return NEVER, 0
        return self.span(self.begins, answers[0].at if answers else None)

    def next_replies(self):
        """Each answer ends the wait of the oldest message before it. Only of freshdesk is the first reply one of them. A message to a
        ticket that is over wants no answer, unless it gets one or opens it."""
        found, answers, oldest = [], self.answers(HUMAN), self.creation if self.creation.actor == CUSTOMER else None
        first = answers[0] if answers else None
        for e in self.events:
            asks = e.actor == CUSTOMER and e.kind == PUBLIC or self.rules.queues and e.kind == TRANSFERRED
            if asks:
                oldest = oldest or e
            elif e.actor == HUMAN and e.kind in self.rules.answers:
                if oldest and (self.rules.with_first or first and e > first):
                    found.append(self.span(oldest.at, e.at))
                oldest = None
        if oldest and (first or self.rules.with_first) and not self.came_after_end(oldest):
            found.append(self.span(oldest.at, None))
        return found

    def came_after_end(self, message):
        """It was over when that came, and has not been open since."""
        befores = [over for over, e in self.ends if e is None or e < message]
        return message is not self.creation and befores[-1] is not None and all(over for over, e in self.ends[len(befores):])

    def states(self, which):
        us = sum(self.measure(a, b) for state, a, b in self.stretches if state in which and b > a)
        return (RUNNING if self.is_open else STOPPED), us


# --- many tickets ---

class Log:
    """Rows as cxm response reads them with `preset`: tickets created in [since, until), known as of `until` or the latest time."""

    def __init__(self, rows, preset="zendesk", since=None, until=None, hours=None, within=7 * DAY):
        self.rules, self.within, self.hours = RULES[preset], within, hours
        keyed = [(row["ticket"], event_of(row)) for row in rows]
        self.rows, self.duplicates = len(rows), len(rows) - len(set(keyed))
        self.known = until - 1 if until is not None else max((e.at for _, e in keyed), default=0)
        self.as_of = until if until is not None else self.known
        self.places = {}
        for row, key in zip(rows, keyed):
            self.places.setdefault(key, []).append(row)
        self.events = {}
        for ticket, event in sorted(self.places):
            self.events.setdefault(ticket, []).append(event)
        self.lives = self.measured(calendar_time, self.events)
        self.follow()
        self.open_lives = self.measured(hours.between, self.lives) if hours else {}
        self.counted = [t for t, life in self.lives.items()
                        if (since is None or life.created >= since) and (until is None or life.created < until)]

    def measured(self, measure, tickets):
        lives = ((t, Life([e for e in self.events[t] if e.at <= self.known], self.rules, self.as_of, measure)) for t in tickets)
        return {ticket: life for ticket, life in lives if life.creation}

    def place(self, ticket, column):
        """What the creation's row says; of rows that tell it in two ways, one that knows the customer, and then what sorts first."""
        return min((not row["customer"], row[column]) for row in self.places[ticket, self.lives[ticket].creation])[1]

    def follow(self):
        """`repeat` and `change` of each life: None not known, else whether."""
        for ticket, life in self.lives.items():
            life.customer = self.place(ticket, "customer") or life.customer
        of = {}
        for ticket, life in self.lives.items():
            of.setdefault(life.customer, []).append((life.created, ticket))
        for ticket, life in self.lives.items():
            after = [self.lives[t] for at, t in of[life.customer] if (at, t) > (life.created, ticket)]
            channel = life.creation.channel
            life.repeat = life.change = None
            if life.customer and life.is_solved and life.ended + self.within <= self.known:
                life.repeat = any(o.created <= life.ended + self.within for o in after)
            if life.customer and channel and life.created + self.within <= self.known:
                life.change = any(o.created <= life.created + self.within and o.creation.channel not in ("", channel) for o in after)

    def at(self, by, place, start):
        """Tickets of a segment and a week."""
        return [t for t in self.counted if (place is None or self.place(t, by) == place) and (start is None or monday(self.lives[t].created) == start)]

    def clock(self, name, tickets, opening):
        lives = self.open_lives if opening else self.lives
        return [span for ticket in tickets for span in lives[ticket].clocks[name]]

    def rates(self, tickets, end=None):
        lives = [self.lives[t] for t in tickets]
        solved = [a for a in lives if a.is_solved]
        ever, handled = [a for a in lives if a.solves], [a for a in lives if a.handled]
        bots = [a for a in lives if a.bot_replies]
        over = [a for a in bots if not a.is_open]
        told, known = [a for a in solved if a.repeat is not None], [a for a in lives if a.change is not None]
        asked = [a for a in lives if a.said is not None]
        def of(whole, fits):
            return sum(map(bool, map(fits, whole))), len(whole)
        return {
            "response_rate": (sum(self.replied_by(t, end) for t in tickets), len(tickets)),
            "solve_rate": (len(solved), len(lives)),
            "abandonment_rate": of(lives, lambda a: not a.is_open and not a.is_solved),
            "reopen_rate": of(ever, lambda a: a.reopens),
            "transfer_rate": of(handled, lambda a: a.transfers),
            "escalation_rate": of(handled, lambda a: any(e.tier for e in a.transfers)),
            "containment_rate": of(over, lambda a: a.is_solved and not a.handled and not a.handed_over),
            "handover_rate": of(bots, lambda a: a.handed_over),
            "fcr_no_message": of(solved, lambda a: not a.messages),
            "fcr_one_reply": of(solved, lambda a: len(a.replies) == 1),
            "fcr_one_teammate": of(solved, lambda a: len(a.solves) == 1 and not a.reopens and a.teammates == 1),
            "fcr_no_repeat": of(told, lambda a: not a.repeat),
            "fcr_confirmed": of(asked, lambda a: a.said == CONFIRMED),
            "channel_change_rate": of(known, lambda a: a.change),
            "replies_per_solve": (sum(len(a.replies) for a in solved), len(solved)),
        }

    def replied_by(self, ticket, end):
        """Within the period: in windows, by what is known at the end of its own."""
        last = min(end - 1, self.known) if end is not None else self.known
        life = Life([e for e in self.events[ticket] if e.at <= last], self.rules, self.as_of, calendar_time)
        return life.clocks["first_reply"][0][0] == STOPPED

    def service_levels(self, tickets):
        """Calls by the three published switches, within the target; five seconds are a short abandon."""
        lives = [self.lives[t] for t in tickets]
        waits = [(a, a.clocks["first_reply"][0]) for a in lives]
        answered = [us for _, (state, us) in waits if state == STOPPED]
        left = [a.clocks["wait"][0][1] for a, (state, _) in waits if state == NEVER and not a.is_open and not a.is_solved]
        gone = sum(state == NEVER and a.is_solved for a, (state, _) in waits)
        in_time = sum(us <= TARGET for us in answered)
        return {"service_level_answered": (in_time, len(answered)),
                "service_level_offered": (in_time, len(answered) + sum(us > 5 * SECOND for us in left)),
                "service_level_all": (in_time, len(answered) + len(left) + gone)}

    def backlog(self, by, place, end):
        """Of all tickets, those open before `end`, by what is known then."""
        last = min(end - 1, self.known) if end is not None else self.known
        born = [t for t, life in self.lives.items() if life.created <= last and (place is None or self.place(t, by) == place)]
        return sum(Life([e for e in self.events[t] if e.at <= last], self.rules, last, calendar_time).is_open for t in born)


class Times:
    """What becomes of the spans of one clock."""

    def __init__(self, spans):
        ended = [us for state, us in spans if state == STOPPED]
        self.sorted = sorted(us for us in ended if us >= 0)
        self.n, self.running = len(self.sorted), [us for state, us in spans if state == RUNNING]
        self.counts = {"never": sum(state == NEVER for state, _ in spans), "open": len(self.running), "zero": self.sorted.count(0),
                       "missing": 0, "unparsed": 0, "out_of_range": len(ended) - self.n}

    def median(self):
        """Type 7."""
        return statistics.median(map(Fraction, self.sorted))

    def within(self):
        met = bisect.bisect_right(self.sorted, TARGET)
        late = sum(us > TARGET for us in self.running)
        return {"met": met, "breached": self.n - met, "running": len(self.running) - late, "running_late": late}


def wilson(hits, n):
    p, zz = hits / n, Z * Z
    middle, half = (p + zz / (2 * n)) / (1 + zz / n), Z * math.sqrt(p * (1 - p) / n + zz / (4 * n * n)) / (1 + zz / n)
    return max(0.0, middle - half), min(1.0, middle + half)


# --- the command ---

class Bench:
    def __init__(self, root, cxm, folder):
        self.cxm, self.folder, self.failed = cxm, folder, False
        self.data = os.path.join(root, "examples", "data", "events.csv")
        self.calendar = os.path.join(root, "examples", "data", "desk.calendar")
        self.hours = Hours(self.calendar)
        with open(self.data, newline="", encoding="utf-8") as file:
            self.rows = list(csv.DictReader(file))

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, rows):
        with open(self.path(name), "w", newline="", encoding="utf-8") as file:
            out = csv.DictWriter(file, COLUMNS, extrasaction="ignore", lineterminator="\n")
            out.writeheader()
            out.writerows(rows)
        return file.name

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

    def told(self, name, faults):
        """A line of one case: all that is not as it should be."""
        print("[  FAILED  ] %s: %s" % (name, "; ".join(faults)) if faults else "[       OK ] " + name)
        self.failed |= bool(faults)


ACCOUNT = ("rows", "scored", "missing", "unparsed", "out_of_range", "duplicates", "late", "excluded")
COLUMNS = ("ticket", "at", "event", "actor", "who", "channel", "status", "priority", "customer")


def apart(faults, what, got, want):
    if got != want:
        faults.append("%s: got %r, wanted %r" % (what, got, want))


def far(faults, what, got, want, off):
    if got is None or want is None or abs(got - want) > off:
        faults.append("%s: got %r, wanted %r, off by at most %r" % (what, got, float(want), off))


def share_of(faults, what, got, hits, n):
    """A share with Wilson's limits, or none of it."""
    if not n:
        apart(faults, what, got, None)
        return
    got = got or dict.fromkeys(("share", "low", "high"))
    for key, value in zip(("share", "low", "high"), (hits / n,) + wilson(hits, n)):
        far(faults, what + " " + key, got[key], value, EXACT)


def faults_of_times(got, times):
    """One result of JSON of a clock, in seconds."""
    faults = []
    apart(faults, "n", got["n"], times.n)
    for key, count in times.counts.items():
        apart(faults, key, got[key], count)
    if times.n and got["n"] == times.n:
        apart(faults, "min", got["min"], times.sorted[0] / SECOND)
        apart(faults, "max", got["max"], times.sorted[-1] / SECOND)
        mean, median = Fraction(sum(times.sorted), times.n * SECOND), times.median() / SECOND
        far(faults, "mean", got["mean"], mean, EXACT * float(mean))
        far(faults, "median", got["value"], median, ERROR * float(median))
    elif not times.n:
        apart(faults, "figures of none", [got[key] for key in ("value", "interval", "mean", "min", "max")], [None] * 5)
    within, want = got["within"], times.within()
    apart(faults, "within", {key: within[key] for key in want}, want)
    met, late, every = want["met"], want["running_late"], times.n + len(times.running)
    share_of(faults, "ended", {key: within[key] for key in ("share", "low", "high")} if times.n else within["share"], met, times.n)
    share_of(faults, "due", within["due"], met, times.n + late)
    for key, hits in (("lowest", met), ("highest", met + want["running"])):
        apart(faults, key, within[key], hits / every if every else None)
    return faults


def faults_of_rate(got, hits, n):
    faults = []
    apart(faults, "n, count", (got["n"], got["count"]), (n, hits))
    if got["metric"] == "backlog":
        apart(faults, "value", (got["value"], got["interval"]), (hits, None))
    elif not n:
        apart(faults, "of nothing", (got["value"], got["interval"]), (None, None))
    else:
        far(faults, "value", got["value"], hits / n, EXACT)
        share = got["metric"] != "replies_per_solve"
        apart(faults, "method", got["interval"] and got["interval"]["method"], "wilson" if share else None)
        if share and got["interval"]:
            share_of(faults, "interval", dict(got["interval"], share=got["value"]), hits, n)
    return faults


def faults_of_growth(got, now, log, by):
    """Against the week before of the same segment, where both are complete; its limits hold it."""
    faults, start = [], micros(got["window"]["from"])
    before = len(log.at(by, got["segment"].get(by), start - WEEK))
    apart(faults, "count", got["count"], now)
    if got["value"] is None:
        apart(faults, "interval", got["interval"], None)
    else:
        apart(faults, "n, complete", (got["n"], got["window"]["complete"]), (before, True))
        far(faults, "value", got["value"], now / before - 1, EXACT)
        apart(faults, "order", got["interval"]["low"] <= got["value"] <= got["interval"]["high"], True)
    return faults


def monday(at):
    """The week of an instant: 1970-01-01 was a Thursday."""
    return (at + 3 * DAY) // WEEK * WEEK - 3 * DAY


def faults_of(said, log, by=None, weeks=False):
    """All results of one answer: each is there that should be, and none else."""
    faults, seen, of_rates = [], Counter(), {}
    for got in said["results"]:
        window, place = got["window"], got["segment"].get(by)
        start = micros(window["from"]) if window else None
        these = log.at(by, place, start)
        name, opening = got["metric"], got.get("clock") == "business"
        what = " ".join(str(word) for word in (name, got.get("clock", ""), place, start and written(start)) if word not in (None, ""))
        seen[name, opening, place, start] += 1
        if name in CLOCKS:
            found = faults_of_times(got, Times(log.clock(name, these, opening)))
        elif name == "backlog":
            found = faults_of_rate(got, log.backlog(by, place, start + WEEK if window else None), len(these))
        else:
            if (place, start) not in of_rates:
                of_rates[place, start] = {**log.rates(these, start + WEEK if window else None), **log.service_levels(these), "contact_share": (len(these), len(log.at(by, None, start)))}
            found = faults_of_growth(got, len(these), log, by) if name == "contact_growth" else faults_of_rate(got, *of_rates[place, start][name])
        faults += [what + " " + text for text in found]
    rates = list(log.rates([])) + ["backlog"] + ["contact_share"] * bool(by) + ["contact_growth"] * weeks
    rates += list(log.service_levels([])) if log.rules.queues else []
    for opening in (False, True):                       # next replies: any number; where there are none at all, that is said once
        if not log.clock("next_reply", log.counted, False):
            seen.pop(("next_reply", opening, None, None), None)
    places = places_of(log, by, weeks)
    for place, start in sorted(places, key=repr):
        these = log.at(by, place, start)
        for name in CLOCKS:
            for opening in (False, True) if log.hours else (False,):
                key = name, opening, place, start
                apart(faults, "results", (key, seen.pop(key, 0)), (key, int(bool(log.clock(name, these, opening)))))
    for place, start in sorted(rate_places_of(places, weeks), key=repr):
        for name in rates:
            apart(faults, "results", (name, place, start, seen.pop((name, False, place, start), 0)), (name, place, start, 1))
    apart(faults, "further results", {key: n for key, n in seen.items() if n and log.counted}, {})
    return faults


def places_of(log, by, weeks):
    """Segments, all of them and each, and windows in which tickets are."""
    found = {(None, None)} if log.counted and not weeks else set()
    for ticket in log.counted:
        start = monday(log.lives[ticket].created) if weeks else None
        found |= {(None, start), (log.place(ticket, by) if by else None, start)}
    return found


def rate_places_of(places, weeks):
    """Rates are told of each segment in every window between the first and the last that has a ticket of any: backlogs go on there."""
    starts = [start for _, start in places]
    if not weeks or not starts:
        return places
    return {(place, start) for place, _ in places for start in range(min(starts), max(starts) + 1, WEEK)}


def faults_of_account(said, log):
    faults, told = [], said["input"]
    apart(faults, "rows", told["rows"], log.rows)
    apart(faults, "duplicates", told["duplicates"], log.duplicates)
    apart(faults, "the account", sum(told[key] for key in ("scored", "missing", "unparsed", "duplicates", "excluded")), log.rows)
    return faults


# --- the bundled log ---

def check_bundled(bench):
    until = micros("2026-06-15T00:00:00Z")
    for preset in RULES:
        for words, more, by, weeks in (
                ([], {}, None, False),
                (["--by", "channel"], {}, "channel", False),
                (["--by", "priority"], {}, "priority", False),
                (["--every", "week"], {}, None, True),
                (["--every", "week", "--by", "channel"], {}, "channel", True),
                (["--until", "2026-06-15"], {"until": until}, None, False),
                (["--until", "2026-06-01", "--by", "priority"], {"until": micros("2026-06-01")}, "priority", False),
                (["--since", "2026-05-25", "--until", "2026-06-08T12:34:56Z", "--every", "week"],
                 {"since": micros("2026-05-25"), "until": micros("2026-06-08T12:34:56Z")}, None, True),
                (["--calendar", bench.calendar, "--by", "channel"], {"hours": bench.hours}, "channel", False),
                (["--calendar", bench.calendar, "--until", "2026-06-05T09:30:00Z", "--every", "week"],
                 {"hours": bench.hours, "until": micros("2026-06-05T09:30:00Z")}, None, True),
                (["--repeat-within", "3d"], {"within": 3 * DAY}, None, False),
                (["--repeat-within", "3d", "--until", "2026-06-09T13:00:00Z", "--by", "channel"],
                 {"within": 3 * DAY, "until": micros("2026-06-09T13:00:00Z")}, "channel", False)):
            said = bench.json("response", bench.data, "--preset", preset, "--target", "4h", *words)
            log = Log(bench.rows, preset, **more)
            bench.told(" ".join(["events.csv", preset] + [os.path.basename(w) for w in words]), faults_of(said, log, by, weeks) + faults_of_account(said, log))


# --- logs drawn at random ---

STARTS = [micros(text) for text in ("2026-03-23", "2026-05-18", "2026-10-19", "2026-06-01")]     # around what is special in the calendar
MOST = (CREATED, ANSWERED, PUBLIC, PUBLIC, PUBLIC, PUBLIC, PRIVATE, ASSIGNED, TRANSFERRED, STATUS, STATUS, REOPENED, SOLVED, SOLVED,
        ABANDONED, CONFIRMED, DENIED)


def drawn(seed):
    """Rows of a small log."""
    draw = random.Random(seed)
    start, rows = draw.choice(STARTS), []
    grid = draw.choice((60, 900, 3600, 6 * 3600)) * SECOND
    for number in range(draw.randint(1, 14)):
        ticket, channel, customer, agents = "t%02d" % number, draw.choice(("chat", "email", "phone", "")), draw.choice(("c1", "c2", "c3", "c4", "")), ("a1", "a2", "")
        at = start + draw.randrange(21) * DAY + draw.choice((0, draw.randrange(DAY // grid))) * grid     # often to the day, as --repeat-within
        def row(kind, actor, at):
            who = customer if actor == CUSTOMER else draw.choice(agents) if kind != CREATED else "a1"
            word = "escalated" if kind == TRANSFERRED and draw.random() < 0.3 else KINDS[kind]
            return {"ticket": ticket, "at": written(at), "event": word, "actor": ACTORS[actor], "who": who, "channel": channel, "customer": customer,
                    "status": STATES[draw.randint(NEW, IS_CLOSED)] if kind == STATUS else "", "priority": draw.choice(("low", "high"))}
        if draw.random() < 0.95:
            rows.append(row(CREATED, draw.choices((CUSTOMER, HUMAN, BOT, AUTO), (8, 3, 1, 1))[0], at))
        humans = draw.choice((6, 6, 6, 0))
        for _ in range(draw.choice((0, 1, 3, 6, 12))):
            at += draw.choice((-1, 0, 0, 1, 1, 2, 5, 40)) * grid + draw.choice((0, 0, 0, 250001, -1))
            kind = draw.choice(MOST)
            actor = draw.choices((CUSTOMER, HUMAN, BOT, AUTO), (5, humans, 3, 1))[0]
            rows.append(row(kind, actor, at))
    for _ in range(len(rows) // 8):
        more = dict(draw.choice(rows), priority=draw.choice(("low", "high")))
        rows.append(dict(more, customer=draw.choice((more["customer"], ""))))
    draw.shuffle(rows)
    return rows


def question(seed, bench, rows):
    """Options of a random question, and what they mean here."""
    draw = random.Random(~seed)
    words, more, by, weeks = ["--target", "4h"], {}, None, draw.random() < 0.3
    if weeks:
        words += ["--every", "week"]
    if draw.random() < 0.5:
        by = draw.choice(("channel", "priority"))
        words += ["--by", by]
    if draw.random() < 0.4:
        words += ["--calendar", bench.calendar]
        more["hours"] = bench.hours
    if draw.random() < 0.6:
        more["within"] = draw.choice((3, 7)) * DAY
        words += ["--repeat-within", "%dd" % (more["within"] // DAY)]
    times = sorted(micros(row["at"]) for row in rows)
    if times and draw.random() < 0.5:
        more["until"] = draw.choice(times) + draw.choice((0, 1, -1, HOUR, TARGET, TARGET + 1, 3 * DAY, 3 * DAY + 1))
        words += ["--until", written(more["until"])]
    if times and draw.random() < 0.3:
        more["since"] = draw.choice(times) + draw.choice((0, 1))
        if more["since"] < more.get("until", more["since"] + 1):
            words += ["--since", written(more["since"])]
        else:
            del more["since"]
    return words, more, by, weeks


def check_drawn(bench, count):
    for seed in range(count):
        rows = drawn(seed)
        preset = list(RULES)[seed % 4]
        words, more, by, weeks = question(seed, bench, rows)
        words = ["--preset", preset] + words
        path = bench.write("drawn.csv", rows)
        log = Log(rows, preset, **more)
        said = bench.json("response", path, *words)
        faults = faults_of(said, log, by, weeks) + faults_of_account(said, log)
        if seed % 5 == 0:
            faults += faults_of_order(bench, rows, words, seed)
        bench.told("drawn %d: %s" % (seed, " ".join(os.path.basename(word) for word in words)), faults)


def results_of(text):
    """All but the account."""
    return text.split(b"\n", 1)[1]


def faults_of_order(bench, rows, words, seed):
    """Rows in another order, and all of them twice: the same results; two threads: the same bytes."""
    once, faults = bench.text("response", bench.path("drawn.csv"), *words, "--json"), []
    again = list(rows) + list(rows)
    random.Random(seed).shuffle(again)
    for name, which in (("shuffled", random.Random(seed).sample(rows, len(rows))), ("doubled", again)):
        text = bench.text("response", bench.write(name + ".csv", which), *words, "--json")
        apart(faults, name, results_of(text) == results_of(once), True)
        told, first = json.loads(text)["input"], json.loads(once)["input"]
        apart(faults, name + " scored", told["scored"], first["scored"])
        apart(faults, name + " duplicates", told["duplicates"] - first["duplicates"], len(which) - len(rows))
    apart(faults, "threads", bench.text("response", bench.path("drawn.csv"), *words, "--json", "--threads", "2") == once, True)
    return faults


# --- states and sides ---

def check_states(bench):
    """Halves of the file by ticket, known as of one instant: together they are the file."""
    halves = [bench.write("half%d.csv" % i, [row for row in bench.rows if int(row["ticket"][1:]) % 2 == i]) for i in range(2)]
    made = {}
    for preset in RULES:
        for number, way in enumerate((["--until", "2026-06-15"], ["--until", "2026-06-08T09:00:00Z", "--target", "4h", "--by", "channel", "--every", "week"],
                                      ["--until", "2026-06-20", "--calendar", bench.calendar, "--target", "8h", "--since", "2026-05-20"],
                                      ["--until", "2026-06-10", "--metric", "next_reply", "--by", "priority"])):
            way = ["--preset", preset] + way
            paths = [bench.path("%s%d.cxm" % (name, number)) for name in ("one", "two", "a", "b", "ab")]
            whole = bench.json("response", bench.data, "-q", "--state-out", paths[0], *way)
            bench.text("response", bench.data, "-q", "--csv", "--threads", "2", "--state-out", paths[1], *way)
            for half, path in zip(halves, paths[2:]):
                bench.text("response", half, "-q", "--csv", "--state-out", path, *way)
            bench.text("merge", "-q", "-o", paths[4], paths[3], paths[2])
            one, two, both = (open(path, "rb").read() for path in (paths[0], paths[1], paths[4]))
            faults = []
            apart(faults, "two threads", two == one, True)
            apart(faults, "merged bytes", both == one, True)
            state = bench.json("response", paths[4])
            apart(faults, "results", state["results"], [got for got in whole["results"] if got["metric"] in CLOCKS])
            log = Log(bench.rows, preset, since=told(way, "--since"), until=told(way, "--until"))
            tickets, counted = len(log.lives), len(log.counted)         # a state knows of tickets alone
            apart(faults, "account", [state["input"][key] for key in ACCOUNT], [tickets, counted, 0, 0, 0, 0, 0, tickets - counted])
            bench.told("state " + " ".join(os.path.basename(word) for word in way), faults)
            made[preset, number] = bench.path("%s%d.cxm" % (preset, number))
            os.replace(paths[0], made[preset, number])
    for preset in list(RULES)[1:]:
        code, _, err = bench.run("merge", "-o", bench.path("none.cxm"), made["zendesk", 0], made[preset, 0])
        fine = code == 3 and err and not os.path.exists(bench.path("none.cxm"))
        bench.told("zendesk and %s do not merge" % preset, [] if fine else ["exit code %d: %s" % (code, err)])


def told(way, option):
    return micros(way[way.index(option) + 1]) if option in way else None


def check_compare(bench):
    """After less before, by creation."""
    for preset in RULES:
        for metric in CLOCKS:
            log, at, faults = Log(bench.rows, preset), micros("2026-06-01"), []
            got = bench.json("compare", bench.data, "--preset", preset, "--metric", metric, "--at", "2026-06-01")["results"][0]
            for side, after in (("a", True), ("b", False)):
                times = Times(log.clock(metric, [t for t in log.counted if (log.lives[t].created >= at) == after], False))
                apart(faults, side + " n", got[side]["n"], times.n)
                if times.n:
                    far(faults, side + " median", got[side]["value"], times.median() / SECOND, ERROR * float(times.median() / SECOND))
                for key in ("never", "open", "zero", "out_of_range"):
                    apart(faults, side + " " + key, got[side][key], times.counts[key])
            bench.told("compare %s %s" % (preset, metric), faults)


def main():
    root, cxm = sys.argv[1:3]
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(root, cxm, folder)
        check_bundled(bench)
        check_drawn(bench, 400)
        check_states(bench)
        check_compare(bench)
    return 1 if bench.failed else 0


if __name__ == "__main__":
    sys.exit(main())
