#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""cxm churn and cxm cohort against figures worked out here from events of customers, by the definitions alone, without the library.

usage: subscriptions.py ROOT [CXM]

Each customer is replayed to what it pays a month from when on, by the rules in cxm/customers.h; counts, rates and intervals of a
period are those of cxm/churn.h. Money is whole minor units and every rate a fraction; limits come from this file's own Student's t
and Poisson tails. Without CXM the figures themselves are checked: against the tables of tests/reference (also of two ways to tell
the same customers, events and periods, where the data are beside the project), and against what must hold between them. With CXM
the command has to say the same: of ROOT/examples/data/subscriptions.csv, and of small logs drawn at random with ties, rows twice
and out of order, requests taken back and subscriptions side by side.

Triangles and repeat purchases of cxm cohort are compared in the same way, cell by cell.

As a module: customers_of(rows), Period(customers, since, until).counts(), .rates(), .bridge(), and triangle(), repeat_purchases().
"""
import bisect
import csv
import datetime
import functools
import json
import math
import os
import random
import statistics
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict, namedtuple
from fractions import Fraction

DAY = 86400 * 10 ** 6
MONTH = 30 * DAY
NEVER = math.inf
LEVEL = 0.95
EXACT = 1e-12
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)


def micros(text):
    """UTC microseconds of a time, or of a day's first instant."""
    at = datetime.datetime.fromisoformat(text.strip().replace("Z", "+00:00"))
    at = at if at.tzinfo else at.replace(tzinfo=datetime.timezone.utc)
    return (at - EPOCH) // datetime.timedelta(microseconds=1)


def written(at):
    return (EPOCH + datetime.timedelta(microseconds=at)).isoformat().replace("+00:00", "Z")


def minor(text, digits=2):
    """Whole minor units; ValueError where the text is no amount or has a part of one."""
    if not text.strip() or text.strip()[-1] not in "0123456789.":
        raise ValueError(text)
    units = Fraction(text.strip()) * 10 ** digits
    if units.denominator != 1 or "/" in text or "_" in text:
        raise ValueError(text)
    return int(units)


# --- events ---

KINDS = ("signup", "reactivate", "change", "renewal", "cancel", "period", "purchase")
SIGNUP, REACTIVATE, CHANGE, RENEWAL, CANCEL, PERIOD, PURCHASE = KINDS
ORDER = (CHANGE, RENEWAL, CANCEL, SIGNUP, REACTIVATE)       # of one instant; but see replay() for signups
TELLING = (SIGNUP, REACTIVATE, CHANGE, RENEWAL)             # kinds that tell an amount a month

Event = namedtuple("Event", "at kind amount end part")
Customer = namedtuple("Customer", "name steps purchases events")

# Where the rules may be read in two ways: the first is what is taken here, OTHERWISE what else they may mean.
Readings = namedtuple("Readings", "requested dead_renewal_tells change_at_end_starts cancel_tells dead_cancel_moves_end signup_at_end_is_new "
                      "greater_wins requested_never_was requested_holds", defaults=(False, True, True, True, False, True, True, False, False))
PLAIN = Readings()
OTHERWISE = {
    "dead_renewal_tells": False,        # a renewal behind the end tells its amount, so that a later one is no change
    "change_at_end_starts": False,      # a change in the instant of the end starts anew
    "cancel_tells": False,              # a cancellation of what was never told of: a renewal behind it is no start
    "dead_cancel_moves_end": True,      # a request behind the end replaces the one before, and moves the end
    "signup_at_end_is_new": False,      # what ends in this instant does not run, so a signup comes first of all
    "greater_wins": False,              # of one kind in one instant the greater amount, or later end, counts
}
OTHERWISE_REQUESTED = {
    "requested_never_was": True,        # a request that was taken back counts as churn, and the return as reactivation
    "requested_holds": True,            # a change between request and end starts anew
}


class Rows:
    """Rows of a file as events: what was read, and what became of the rest."""

    def __init__(self, rows, **columns):
        self.events, self.account, seen = defaultdict(set), Counter(rows=0, scored=0, unread=0, nobody=0, duplicates=0), set()
        names = {field: field for field in ("time", "customer", "subscription", "event", "amount", "start", "end")}
        names.update(columns)
        for row in rows:
            told = {field: (row.get(name) or "").strip() for field, name in names.items()}
            self.account["rows"] += 1
            try:
                event = period_of(told) if told["start"] else event_of(told)
            except ValueError:
                self.account["unread"] += 1
                continue
            kind = "nobody" if not told["customer"] else "duplicates" if (told["customer"], event) in seen else "scored"
            self.account[kind] += 1
            if kind == "scored":
                seen.add((told["customer"], event))
                self.events[told["customer"]].add(event)

    def customers(self, readings=PLAIN):
        return [Customer(name, steps_of(events, readings), sorted(e for e in events if e.kind == PURCHASE), events)
                for name, events in sorted(self.events.items())]


def event_of(told):
    at, kind = micros(told["time"]), told["event"].lower()
    if kind not in KINDS:
        raise ValueError(kind)
    ends = kind in (CANCEL, PERIOD)
    end = (micros(told["end"]) if told["end"] else at if kind == CANCEL else NEVER) if ends else 0
    return Event(at, kind, 0 if kind == CANCEL else minor(told["amount"]), end, told["subscription"])


def period_of(told):
    return Event(micros(told["start"]), PERIOD, minor(told["amount"]), micros(told["end"]) if told["end"] else NEVER, told["subscription"])


def rows_of(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def customers_of(rows, readings=PLAIN, **columns):
    return Rows(rows, **columns).customers(readings)


# --- a customer's steps ---

class Subscription:
    """One subscription in the order of time. `sets` are (at, amount a month) as they come; 0 where it does not run."""

    def __init__(self, readings):
        self.readings, self.sets, self.told, self.any_told = readings, [], set(), False
        self.running, self.end, self.before, self.asked_for = False, None, None, 0

    def set(self, at, amount, running=True):
        self.running = running
        self.sets.append((at, amount))

    def run_out(self, at):
        """What was cancelled has ended by `at`."""
        if self.running and self.end is not None and self.end <= at:
            self.before = self.sets[-1][1]
            self.set(self.end, 0, running=False)

    def start(self, at, amount):
        self.end = None
        self.set(at, amount)

    def take(self, e):
        known = e.amount in self.told
        dropped = e.kind == RENEWAL and not known and not self.running and self.any_told
        if e.kind in (SIGNUP, REACTIVATE):
            self.start(e.at, e.amount)
        elif e.kind == CHANGE and not (self.readings.requested_holds and not self.running and e.at < self.asked_for):
            if self.running:
                self.set(e.at, e.amount)
            else:
                self.start(e.at, e.amount)
        elif e.kind == RENEWAL and not known:
            if self.running:
                self.set(e.at, e.amount)
            elif not self.any_told:
                self.start(e.at, e.amount)
        elif e.kind == CANCEL:
            self.cancel(e)
        if e.kind in TELLING and (self.readings.dead_renewal_tells or not dropped):
            self.told.add(e.amount)
        self.any_told |= e.kind in TELLING or self.readings.cancel_tells

    def cancel(self, e):
        """Until its end it runs on; one request replaces another."""
        end, self.asked_for = e.at if self.readings.requested else e.end, e.end
        if self.running:
            self.end = end
        elif self.readings.dead_cancel_moves_end and self.end is not None and end > self.end:
            self.sets.append((self.end, self.before))       # it had not ended, then
            self.running, self.end = True, end


def replay(events, readings):
    """The (at, amount) that one subscription sets."""
    one, instants = Subscription(readings), defaultdict(list)
    for e in events:
        instants[e.at].append(e)
    for at, here in sorted(instants.items()):
        ends_here = one.running and one.end == at
        late = ends_here and not readings.change_at_end_starts
        if not late:
            one.run_out(at)
        runs = one.running or ends_here and not readings.signup_at_end_is_new
        def rank(e, runs=runs):
            sign = 1 if readings.greater_wins else -1
            return not (e.kind == SIGNUP and not runs), ORDER.index(e.kind), sign * e.end, sign * e.amount
        for e in sorted(here, key=rank):
            if late and e.kind not in (CHANGE, RENEWAL):
                one.run_out(at)
                late = False
            one.take(e)
        one.run_out(at)
    one.run_out(NEVER)
    return one.sets


def steps_of(events, readings=PLAIN):
    """[(at, amount a month)]: neighbours differ, and the first is above 0."""
    parts, changes = defaultdict(set), Counter()
    for e in events:
        if e.kind == PERIOD and e.end > e.at:
            changes[e.at] += e.amount
            changes[e.end] -= e.amount
        elif e.kind not in (PERIOD, PURCHASE):
            parts[e.part].add(e)
    for part in parts.values():
        if readings.requested and readings.requested_never_was:
            part = {c for c in part if c.kind != CANCEL or not any(r.kind in (SIGNUP, REACTIVATE) and c.at <= r.at < c.end for r in part)}
        now = 0
        for at, amount in replay(part, readings):
            changes[at] += amount - now
            now = amount
    steps, now = [], 0
    for at in sorted(changes):
        if changes[at] and at != NEVER:
            now += changes[at]
            steps.append((at, now))
    return steps


def amount_at(steps, at):
    """What is paid a month at an instant: a step counts from its own instant on."""
    i = bisect.bisect_right(steps, (at, NEVER))
    return steps[i - 1][1] if i else 0


# --- a period ---

FLOWS = ("fresh", "reactivation", "expansion", "contraction", "churn")
COUNTS = ("days customers refused start end churned returned joined joined_churned back back_churned repeated day_churned active_before "
          "active_after active_both").split() + [flow + part for flow in FLOWS for part in ("_count", "_amount")] + \
    "start_amount end_amount kept_amount later_amount lost_amount exposure_days".split()


class Life:
    """One customer in a period."""

    def __init__(self, customer, period):
        since, until = period.since, period.until
        steps = customer.steps
        self.m0, self.m1 = amount_at(steps, since), amount_at(steps, until)
        self.first = steps[0][0] if steps else NEVER
        self.joined = since < self.first <= until
        self.count, self.money = Counter(), Counter()
        for i, (at, amount) in enumerate(steps):
            if since < at <= until:
                was = steps[i - 1][1] if i else 0
                flow = "fresh" if not i else "reactivation" if not was else "churn" if not amount else "expansion" if amount > was else "contraction"
                self.count[flow] += 1
                self.money[flow] += abs(amount - was)
        ends = [at for at, _ in steps[1:]] + [NEVER]
        self.time = sum(max(0, min(end, until) - max(at, since)) for (at, amount), end in zip(steps, ends) if amount)
        self.at_days = [amount_at(steps, at) for at in period.bounds] if self.time or self.m1 else None
        self.before = any(since - period.within < e.at <= since for e in customer.purchases)
        self.after = any(until - period.within < e.at <= until for e in customer.purchases)

    def ever(self, bounds):
        """The day, from 0 on, in which it became a customer."""
        return bisect.bisect_left(bounds, self.first) - 1


class Period:
    """[since, until) of customers; N of `inactive` is `within`."""

    def __init__(self, customers, since, until, within=MONTH):
        self.customers, self.since, self.until, self.within = customers, since, until, within
        self.bounds = list(range(since, until, DAY)) + [until]
        self.lives = [Life(c, self) for c in customers]
        self.counted = self.count()

    def count(self):
        lives, c = self.lives, dict.fromkeys(COUNTS, 0)
        start = [a for a in lives if a.m0]
        joined = [a for a in lives if a.joined]
        back = [a for a in lives if not a.m0 and not a.joined and a.count["reactivation"]]
        c.update(days=len(self.bounds) - 1, customers=len(lives), start=len(start), end=sum(a.m1 > 0 for a in lives),
                 churned=sum(not a.m1 for a in start), returned=sum(a.m1 > 0 and a.count["churn"] > 0 for a in start),
                 joined=len(joined), joined_churned=sum(a.count["churn"] > 0 for a in joined),
                 back=len(back), back_churned=sum(a.count["churn"] > 0 for a in back),
                 repeated=sum(max(0, a.count["churn"] - 1) for a in lives),
                 day_churned=sum(x > 0 and not y for a in lives if a.at_days for x, y in zip(a.at_days, a.at_days[1:])),
                 active_before=sum(a.before for a in lives), active_after=sum(a.after for a in lives),
                 active_both=sum(a.before and a.after for a in lives),
                 start_amount=sum(a.m0 for a in start), end_amount=sum(a.m1 for a in lives),
                 kept_amount=sum(min(a.m0, a.m1) for a in start), later_amount=sum(a.m1 for a in start),
                 lost_amount=sum(a.m0 for a in start if not a.m1), exposure_days=Fraction(sum(a.time for a in lives), DAY))
        for flow in FLOWS:
            c[flow + "_count"] = sum(a.count[flow] for a in lives)
            c[flow + "_amount"] = sum(a.money[flow] for a in lives)
        return c

    def counts(self):
        return dict(self.counted)

    def by_day(self, lost):
        """Sum over days of lost / there, of those days on which somebody is: (lost in all, rate or None)."""
        total, rate, any_day = 0, Fraction(0), False
        for day in range(len(self.bounds) - 1):
            pairs = [(a, a.at_days[day], a.at_days[day + 1]) for a in self.lives if a.at_days]
            below, above = lost(pairs, day)
            if below:
                total, rate, any_day = total + above, rate + Fraction(above, below), True
        return total, rate if any_day else None

    def rates(self, level=LEVEL, names=None):
        """Rates by name; every one where none is named."""
        c, lives = self.counted, self.lives
        m0 = c["start_amount"]
        start, new, churns = c["start"], c["joined"], c["churn_count"]
        left = c["churned"] + c["returned"]
        money = {flow: c[flow + "_amount"] for flow in FLOWS}
        loss, gain = money["churn"] + money["contraction"], money["fresh"] + money["expansion"]
        def churned_day(pairs, _):
            return sum(x > 0 for _, x, _ in pairs), sum(x > 0 and not y for _, x, y in pairs)
        def gross_day(pairs, _):
            return sum(x for _, x, _ in pairs), sum(max(0, x - y) for _, x, y in pairs)
        def net_day(pairs, day):
            return sum(x for _, x, _ in pairs), sum(x - y + (y if a.ever(self.bounds) == day else 0) for a, x, y in pairs)
        active_gone = c["active_before"] - c["active_both"]
        rates = {
            "logo_endpoint": lambda: share(c["churned"], start, level),
            "retention": lambda: share(start - c["churned"], start, level),
            "logo_average": lambda: ratio(c["churned"], Fraction(start + c["end"], 2)),
            "stripe": lambda: ratio(churns, start + new),
            "chartmogul": lambda: share(c["churned"], start, level),
            "chartmogul_b2c": lambda: daily(*self.by_day(churned_day)),
            "baremetrics": lambda: ratio(left + c["joined_churned"] + c["back_churned"], start),
            "profitwell": lambda: share(left, start, level),
            "shopify_daily": lambda: daily(*self.by_day(churned_day)),
            "exposure": lambda: poisson(churns, c["exposure_days"] / 30, level),
            "inactive": lambda: share(active_gone, c["active_before"], level),
            "gross_mrr": lambda: linearised(lives, lambda a: max(0, a.m0 - a.m1) if a.m0 else 0, level, 0.0, 1.0),
            "gross_mrr_flow": lambda: linearised(lives, lambda a: a.money["churn"] + a.money["contraction"], level, 0.0),
            "gross_mrr_daily": lambda: daily(*self.by_day(gross_day)),
            "net_mrr": lambda: linearised(lives, lambda a: a.money["churn"] + a.money["contraction"] - a.money["expansion"] - a.money["reactivation"], level),
            "net_mrr_baremetrics": lambda: linearised(lives, lambda a: a.money["churn"] + a.money["contraction"] - a.money["expansion"], level),
            "net_mrr_daily": lambda: daily(*self.by_day(net_day)),
            "grr": lambda: linearised(lives, lambda a: min(a.m0, a.m1), level, 0.0, 1.0),
            "nrr": lambda: linearised(lives, lambda a: a.m1 if a.m0 else 0, level, 0.0),
            "quick_ratio": lambda: ratio(gain, loss),
            "quick_ratio_reactivation": lambda: ratio(gain + money["reactivation"], loss),
            "mrr_growth": lambda: ratio(gain + money["reactivation"] - loss, m0),
        }
        short = self.until - self.since < self.within
        return {name: rates[name]()._replace(biased=name == "inactive" and short) for name in names or rates}

    def bridge(self):
        """{(from, to): (numerator change, denominator change)}, those of one pair together."""
        rates, walk = self.rates(names=WALK), WALK
        return {(a, b): tuple(None if None in (x, y) else y - x for x, y in zip(rates[a][:2], rates[b][:2])) for a, b in zip(walk, walk[1:])}


WALK = ("logo_average", "logo_endpoint", "chartmogul", "profitwell", "baremetrics", "stripe", "exposure", "shopify_daily", "chartmogul_b2c")
NAMES = ("logo_endpoint retention logo_average stripe chartmogul chartmogul_b2c baremetrics profitwell shopify_daily exposure inactive gross_mrr "
         "gross_mrr_flow gross_mrr_daily net_mrr net_mrr_baremetrics net_mrr_daily grr nrr quick_ratio quick_ratio_reactivation mrr_growth").split()
BY_DAY = ("shopify_daily", "chartmogul_b2c", "gross_mrr_daily", "net_mrr_daily")
MONEY = NAMES[NAMES.index("gross_mrr"):]


# --- rates and their limits ---

Rate = namedtuple("Rate", "numerator denominator value method low high se n n_eff few biased", defaults=(None,) * 5 + (None, None, False, False))


def ratio(numerator, denominator):
    return Rate(numerator, denominator, Fraction(numerator) / denominator if denominator else None)


def daily(total, rate):
    """A sum over days: below the line stands what gives the rate, where anything does."""
    return Rate(total, Fraction(total) / rate if rate and total * rate > 0 else None, rate)


def share(hits, n, level):
    rate = ratio(hits, n)
    if not n:
        return rate._replace(n=0)
    return rate._replace(method="wilson", n=n, low=wilson(hits, n, level)[0], high=wilson(hits, n, level)[1])


def wilson(hits, n, level=LEVEL):
    z = statistics.NormalDist().inv_cdf(0.5 + level / 2)
    p, zz = hits / n, z * z
    middle, half = (p + zz / (2 * n)) / (1 + zz / n), z * math.sqrt(p * (n - hits) / n / n + zz / (4 * n * n)) / (1 + zz / n)
    return 0.0 if hits == 0 else middle - half, 1.0 if hits == n else middle + half


def bisected(low, high, is_below):
    """Where `is_below` turns false."""
    for _ in range(300):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        low, high = (middle, high) if is_below(middle) else (low, middle)
    return (low + high) / 2


def poisson_tails(x, mean):
    """P(X <= x) and P(X >= x): the terms from x on, away from the mean."""
    if mean == 0:
        return 1.0, float(x == 0)
    here = math.exp(x * math.log(mean) - mean - math.lgamma(x + 1))
    down, term, k = [here], here, x
    while k > 0 and term > here * 1e-20:
        term *= k / mean
        k -= 1
        down.append(term)
        if len(down) > 2 and term > down[-2] and math.fsum(down) > 1:
            break
    up, term, k = [here], here, x
    while term > here * 1e-20 or k < mean:
        k += 1
        term *= mean / k
        up.append(term)
    return math.fsum(down), math.fsum(up)


def garwood(x, level=LEVEL):
    """Limits of a mean of which x came."""
    tail = (1 - level) / 2
    top = x + 20 * math.sqrt(x + 1) + 40
    low = bisected(0.0, float(x), lambda mean: poisson_tails(x, mean)[1] < tail) if x else 0.0
    return low, bisected(float(x), top, lambda mean: poisson_tails(x, mean)[0] > tail)


def poisson(events, exposure, level):
    rate = ratio(events, exposure)
    if not exposure:
        return rate
    low, high = (Fraction(limit) / exposure for limit in garwood(events, level))
    return rate._replace(method="garwood", low=float(low), high=float(high))


def within_t(t, df):
    """P(|T| <= t) of Student's t with whole degrees of freedom: Abramowitz & Stegun 26.7.3 and 26.7.4."""
    angle = math.atan2(t, math.sqrt(df))
    sine, cosine = math.sin(angle), math.cos(angle)
    odd = df % 2
    terms, term = [], cosine if odd else 1.0
    for k in range(1, df // 2 + 1):
        terms.append(term)
        term *= cosine * cosine * ((2 * k) / (2 * k + 1) if odd else (2 * k - 1) / (2 * k))
        if term < 1e-19:
            break
    total = sine * math.fsum(terms)
    return 2 / math.pi * (angle + total) if odd else total


@functools.lru_cache(None)
def quantile_t(level, df):
    """Half the width, in standard errors, of what holds `level`."""
    top = 1.0
    while within_t(top, df) < level:
        top *= 2
    return bisected(0.0, top, lambda t: within_t(t, df) < level)


def linearised(lives, x_of, level, low=-math.inf, high=math.inf):
    """sum x / sum m0 with limits from how customers differ in x - R m0, cut to low .. high; none where they do not differ."""
    pairs = [(x_of(a), a.m0) for a in lives]
    pairs = [(x, m0) for x, m0 in pairs if x or m0]
    n, x, m0 = len(pairs), sum(x for x, _ in pairs), sum(m0 for _, m0 in pairs)
    rate = ratio(x, m0)._replace(n=n)
    if not m0:
        return rate
    n_eff = Fraction(m0 * m0, sum(m0 * m0 for _, m0 in pairs))
    rate = rate._replace(n_eff=float(n_eff), few=n_eff < 30)
    if n < 2:
        return rate
    xx, xm, mm = sum(x * x for x, _ in pairs), sum(x * m0 for x, m0 in pairs), sum(m0 * m0 for _, m0 in pairs)
    squares = xx - 2 * rate.value * xm + rate.value ** 2 * mm
    se = root(Fraction(n, n - 1) * squares / m0 ** 2)
    if not squares:
        return rate
    half = quantile_t(level, n - 1) * se
    return rate._replace(method="linearised", se=se, low=max(low, float(rate.value) - half), high=min(high, float(rate.value) + half))


def root(square):
    """A square root of a fraction, whatever its size."""
    return math.isqrt(int(square * 4 ** 80)) / 2 ** 80


def rescaled(rate, days, to_days):
    return 1 - (1 - rate) ** (to_days / days)


# --- cohorts and repeat purchases ---

def period_start(at, every):
    """The month, quarter or ISO week that holds an instant."""
    if every == "week":
        return (at + 3 * DAY) // (7 * DAY) * 7 * DAY - 3 * DAY         # 1970-01-01 was a Thursday
    when = EPOCH + datetime.timedelta(microseconds=at)
    month = when.month if every == "month" else (when.month - 1) // 3 * 3 + 1
    return (when.replace(month=month, day=1, hour=0, minute=0, second=0, microsecond=0) - EPOCH) // datetime.timedelta(microseconds=1)


def next_start(start, every):
    return period_start(start + {"week": 7, "month": 31, "quarter": 92}[every] * DAY, every)


# By age from 0 on, of whole periods alone: who pays at the end, who does at any time or buys, of the first those who did not at age 0, and
# what is paid a month at the end, and bought.
Cohort = namedtuple("Cohort", "start size at_end any_activity outside paid bought")
BASES = ("subscription", "purchase", "first")


def triangle(customers, every, until, basis="subscription", since=-NEVER):
    """Customers by the period of their first monthly payment, first purchase, or first of both. Age k is the k-th period behind that
    one; what has not passed by `until` is not there."""
    cohorts = defaultdict(list)
    for c in customers:
        firsts = [at for at, _ in c.steps[:1] if basis != "purchase"] + [e.at for e in c.purchases[:1] if basis != "subscription"]
        if firsts and since <= min(firsts) < until:
            cohorts[period_start(min(firsts), every)].append((c, spans_of(c)))
    found = []
    for start, members in sorted(cohorts.items()):
        one, low, there = Cohort(start, len(members), [], [], [], [], []), start, None
        while next_start(low, every) <= until:
            high = next_start(low, every)
            now = {c.name for c, spans in members if any(a <= high < b for a, b in spans)}
            there = now if there is None else there
            orders = {c.name: [e.amount for e in c.purchases if low <= e.at < high] for c, _ in members}
            one.at_end.append(len(now))
            one.outside.append(len(now - there))
            one.any_activity.append(sum(bool(orders[c.name]) or any(a < high and b > low for a, b in spans) for c, spans in members))
            one.paid.append(sum(amount_at(c.steps, high) for c, _ in members))
            one.bought.append(sum(map(sum, orders.values())))
            low = high
        found.append(one)
    return found


def spans_of(customer):
    """[start, end) of what is paid for."""
    ends = [at for at, _ in customer.steps[1:]] + [NEVER]
    return [(at, end) for (at, amount), end in zip(customer.steps, ends) if amount]


Repeats = namedtuple("Repeats", "buyers two_orders two_days had_before later_within")


def repeat_purchases(customers, since, until, within=90 * DAY):
    """Buyers in [since, until); of these with a second order in it, with orders on two days of it, with an order before it, and
    with an order within `within` behind the first in it, whenever that is."""
    counts = Counter()
    for c in customers:
        at = [e.at for e in c.purchases]
        here = [t for t in at if since <= t < until]
        if here:
            counts.update(buyers=1, two_orders=len(here) > 1, two_days=len({t // DAY for t in here}) > 1, had_before=at[0] < since,
                          later_within=any(here[0] < t <= here[0] + within for t in at))
    return Repeats(*(counts[name] for name in Repeats._fields))


# --- the figures by themselves ---

class Told:
    """Lines of cases, and whether any failed."""

    def __init__(self):
        self.failed = False

    def case(self, name, faults):
        print("[  FAILED  ] %s: %s" % (name, "; ".join(faults[:12])) if faults else "[       OK ] " + name)
        self.failed |= bool(faults)


def apart(faults, what, got, want):
    if got != want:
        faults.append("%s: got %r, wanted %r" % (what, got, want))


def far(faults, what, got, want, off):
    """Off by more than a part of `off`; of numbers below 1, by more than `off`."""
    if got is None or want is None:
        apart(faults, what, got, want)
    elif not abs(got - want) <= off * max(1, abs(want)):
        faults.append("%s: got %r, wanted %r, off by at most %r" % (what, float(got), float(want), off))


def reference(root, name):
    return rows_of(os.path.join(root, "tests", "reference", name))


def check_limits(told, root):
    faults, seen = [], 0
    for row in reference(root, "rate_interval.csv"):
        if row["method"] == "garwood" and int(row["events"]) <= 10000:
            low, high = garwood(int(row["events"]), float(row["level"]))
            for what, got in (("low", low), ("high", high)):
                want = float(row[what]) * float(row["exposure"])
                far(faults, "%s of %s" % (what, row["events"]), got / max(1.0, want), want / max(1.0, want), 1e-11)
            seen += 1
    apart(faults, "rows", seen > 20, True)
    told.case("Garwood's limits", faults)
    faults, seen = [], 0
    for row in reference(root, "special_functions.csv"):
        if row["fn"] == "qt" and float(row["arg1"]) > 0.5 and float(row["arg2"]) == int(float(row["arg2"])) and float(row["arg2"]) < 1e6:
            want = float(row["value"])
            far(faults, "t %s %s" % (row["arg1"], row["arg2"]), quantile_t(2 * float(row["arg1"]) - 1, int(float(row["arg2"]))) / want, 1, 1e-9)
            seen += 1
    apart(faults, "rows", seen > 20, True)
    told.case("quantiles of Student's t", faults)
    faults, seen = [], 0
    for row in reference(root, "proportion_interval.csv"):
        if row["method"] == "wilson" and int(row["n"]) < 10 ** 9:
            low, high = wilson(int(row["x"]), int(row["n"]), float(row["conf"]))
            far(faults, "low of %(x)s %(n)s" % row, low, float(row["lower"]), EXACT)
            far(faults, "high of %(x)s %(n)s" % row, high, float(row["upper"]), EXACT)
            seen += 1
    apart(faults, "rows", seen > 20, True)
    told.case("Wilson's limits", faults)


def figures_of(period):
    """The quantities of listings 2.1 to 2.8, by the names that the table has."""
    c, rates = period.counts(), period.rates(names=("logo_endpoint", "retention", "gross_mrr", "nrr"))
    churn, gross, nrr = (rates[name].value for name in ("logo_endpoint", "gross_mrr", "nrr"))
    days = (period.until - period.since) // DAY
    start, later = Fraction(c["start_amount"], 100), Fraction(c["later_amount"], 100)
    return {
        "n_start": c["start"], "n_churn": c["churned"], "churn_rate": churn, "measured_churn": churn, "retention_rate": rates["retention"].value,
        "period_days": days, "start_mrr": start, "retained_mrr": later, "churn_mrr": Fraction(c["lost_amount"], 100),
        "downsell_mrr": Fraction(c["start_amount"] - c["kept_amount"] - c["lost_amount"], 100),
        "gross_mrr_churn_rate": gross, "net_mrr_retention_rate": nrr, "net_retention_rate": nrr, "net_mrr_churn_rate_floorless": 1 - nrr,
        "annual_churn_365": rescaled(float(churn), days, 365), "monthly_churn_365_12": rescaled(float(churn), days, 365 / 12),
        "annual_churn_pow12": rescaled(float(churn), 1, 12), "annual_gross_mrr_churn_pow12": rescaled(float(gross), 1, 12),
        "annual_net_retention_pow12": float(nrr) ** 12,
    }


NOT_OURS = ("extension_mrr", "mrr_extension_rate", "annual_extension_pow12")       # renewals of contracts: 0 in all rows


def check_listings(told, root, shared):
    """Counts exact, money and rates to 1e-9, as floats were summed there."""
    rows = [row for row in reference(root, "period_metrics_fightchurn_sql.csv") if row["quantity"] not in NOT_OURS]
    sources = {"subs_synth as periods": ("subs_synth", customers_of(rows_of(os.path.join(shared, "subs_synth", "periods.csv")),
                                         customer="account_id", start="start_date", end="end_date", amount="mrr")),
               "subs_synth as events": ("subs_synth", customers_of(rows_of(os.path.join(shared, "subs_synth", "events.csv")),
                                        customer="customer_id", time="date", amount="mrr"))}
    by_periods, by_events = (sources[name][1] for name in sources)
    faults = []
    apart(faults, "customers", len(by_periods), 1500)
    for a, b in zip(by_periods, by_events):
        apart(faults, "steps of " + a.name, (b.name, b.steps), (a.name, a.steps))
    told.case("subs_synth: events and periods say the same", faults)
    for name, (dataset, customers) in sources.items():
        here, periods, faults = [row for row in rows if row["dataset"] == dataset], {}, []
        for row in here:
            key = row["from"], row["to"]
            if key not in periods:
                periods[key] = figures_of(Period(customers, *map(micros, key)))
            exact = row["quantity"] in ("n_start", "n_churn", "period_days")
            far(faults, " ".join(key + (row["quantity"],)), periods[key][row["quantity"]], float(row["value"]), 0 if exact else 1e-9)
        told.case("%s: %d rows of %d periods" % (name, len(here), len(periods)), faults if here else ["no rows"])
    customers, faults = customers_of(cdnow(os.path.join(shared, "cdnow", "CDNOW_master.txt"))), []
    here, periods = [row for row in rows if row["dataset"] == "cdnow_master_events"], {}
    for row in here:
        key = row["from"], row["to"], int(row["definition"].split("_")[-2])
        if key not in periods:
            rate = Period(customers, micros(key[0]), micros(key[1]), key[2] * DAY).rates(names=("inactive",))["inactive"]
            periods[key] = {"n_start": rate.denominator, "n_churn": rate.numerator, "churn_rate": rate.value, "retention_rate": 1 - rate.value}
        far(faults, " ".join(map(str, key + (row["quantity"],))), periods[key][row["quantity"]], float(row["value"]), EXACT)
    told.case("cdnow: %d rows of %d periods" % (len(here), len(periods)), faults if here else ["no rows"])


def cdnow(path):
    with open(path, encoding="ascii") as file:
        words = [line.split() for line in file][1:]
    return [{"customer": w[0], "time": "%s-%s-%s" % (w[1][:4], w[1][4:6], w[1][6:]), "event": PURCHASE, "amount": w[3]} for w in words]


def by_hand(*lines):
    """Customers of "name event day amount" lines of 2026-03; what is not told otherwise began in 2025."""
    return customers_of([dict(zip(("customer", "event", "time", "amount"), line.split())) for line in lines])


def check_published(told, root):
    """Each row of worked examples as customers of one period."""
    march = micros("2026-03-01"), micros("2026-04-01")
    one_day = micros("2026-03-10"), micros("2026-03-11")
    standard = ("a signup 2025-01-01 10", "a cancel 2026-03-09 0", "b signup 2025-01-01 20", "b change 2026-03-09 10",
                "c signup 2025-01-01 10", "c change 2026-03-09 20", "d signup 2025-01-01 60")
    half = ["k%d signup 2025-01-01 1" % i for i in range(500)] + ["k%d cancel 2026-03-09 0" % i for i in range(50)]
    cases = {
        "gross_mrr_churn_chartmogul_standard": ("gross_mrr_flow", march, standard),
        "net_mrr_churn_chartmogul_standard": ("net_mrr", march, standard),
        "gross_mrr_churn_chartmogul_shopify_one_day": ("gross_mrr_daily", one_day, ("a signup 2025-01-01 100", "a change 2026-03-10T12:00:00Z 95")),
        "net_mrr_churn_chartmogul_shopify_one_day": ("net_mrr_daily", one_day, ("a signup 2025-01-01 100", "a change 2026-03-10T12:00:00Z 110", "b signup 2026-03-10T12:00:00Z 10")),
        "logo_churn_start_denominator": ("logo_endpoint", march, half),
        "quick_ratio": ("quick_ratio", march, None),
    }
    rows = reference(root, "saas_worked_examples.csv")
    apart(faults := [], "rows", len(rows), 7)
    for row in rows:
        name, (since, until), lines = cases[row["definition"]]
        if not lines:
            lines = quick(**{key: int(value) for key, value in (pair.split("=") for pair in row["inputs"].split(";"))})
        got = Period(by_hand(*lines), since, until).rates()[name].value
        far(faults, row["definition"] + " " + row["inputs"], got, Fraction(row["value"]), 0)
    told.case("worked examples", faults)


def quick(new, expansion, churn, contraction):
    return ("n signup 2026-03-09 %d" % new, "e signup 2025-01-01 1", "e change 2026-03-09 %d" % (1 + expansion), "c signup 2025-01-01 %d" % churn,
            "c cancel 2026-03-09 0", "d signup 2025-01-01 %d" % (1 + contraction), "d change 2026-03-09 1")


def check_rules(told):
    """The sentences of cxm/customers.h, one by one: what is paid a month from which day of March on."""
    for name, want, lines in (
            ("a trial, converted", [(15, 9)], ("a signup 2026-03-01 0", "a change 2026-03-15 9")),
            ("a trial that ends", [], ("a signup 2026-03-01 0", "a cancel 2026-03-15 0")),
            ("renewals alone", [(1, 9)], ("a renewal 2026-03-01 9", "a renewal 2026-03-20 9")),
            ("a renewal that tells a price", [(1, 9), (20, 10)], ("a signup 2026-03-01 9", "a renewal 2026-03-20 10")),
            ("a return to an earlier price needs a change", [(1, 9), (5, 20)],
             ("a signup 2026-03-01 9", "a change 2026-03-05 20", "a renewal 2026-03-09 9")),
            ("and has it", [(1, 9), (5, 20), (9, 9)], ("a signup 2026-03-01 9", "a change 2026-03-05 20", "a change 2026-03-09 9")),
            ("a renewal never starts what has ended", [(1, 9), (9, 0)],
             ("a signup 2026-03-01 9", "a cancel 2026-03-09 0", "a renewal 2026-03-10 9", "a renewal 2026-03-11 12")),
            ("a change starts", [(1, 9), (9, 0), (12, 7)], ("a signup 2026-03-01 9", "a cancel 2026-03-09 0", "a change 2026-03-12 7")),
            ("never told of", [(12, 7)], ("a change 2026-03-12 7",)),
            ("one instant: change, then cancel", [(1, 9), (9, 0)], ("a signup 2026-03-01 9", "a cancel 2026-03-09 0", "a change 2026-03-09 7")),
            ("begins and ends at once", [], ("a signup 2026-03-01 9", "a cancel 2026-03-01 0")),
            ("runs, ends and is signed up at once", [(1, 9), (5, 8)], ("a signup 2026-03-01 9", "a cancel 2026-03-05 0", "a signup 2026-03-05 8")),
            ("ends and returns at once", [(1, 9)], ("a signup 2026-03-01 9", "a cancel 2026-03-05 0", "a reactivate 2026-03-05 9")),
            ("twice", [(1, 9)], ("a signup 2026-03-01 9", "a signup 2026-03-01 9"))):
        customers, faults = by_hand(*lines), []
        apart(faults, "steps", customers[0].steps, [(micros("2026-03-%02d" % day), 100 * amount) for day, amount in want])
        told.case(name, faults)
    for name, want, lines in (
            ("what was paid for ends then", [(1, 9), (20, 0)], ("s signup 1 9", "s cancel 5 0 20")),
            ("taken back", [(1, 9)], ("s signup 1 9", "s cancel 5 0 20", "s reactivate 8 9")),
            ("taken back at another price", [(1, 9), (8, 7)], ("s signup 1 9", "s cancel 5 0 20", "s signup 8 7")),
            ("a later request", [(1, 9), (12, 0)], ("s signup 1 9", "s cancel 5 0 20", "s cancel 12 0 12")),
            ("changed before its end", [(1, 9), (8, 7), (20, 0)], ("s signup 1 9", "s cancel 5 0 20", "s change 8 7")),
            ("two: the end of one is a contraction", [(1, 9), (3, 15), (20, 6), (25, 0)],
             ("s signup 1 9", "t signup 3 6", "s cancel 20 0 20", "t cancel 25 0 25")),
            ("from one to another at once", [(1, 9)], ("s signup 1 9", "t signup 20 9", "s cancel 20 0 20")),
            ("periods that touch", [(1, 9), (20, 0)], ("s period 1 9 12", "s period 12 9 20")),
            ("periods beside others", [(1, 9), (10, 13), (12, 4), (20, 0)], ("s period 1 9 12", "s period 10 4 20"))):
        rows = []
        for line in lines:
            part, event, at, amount, end = (line.split() + [""])[:5]
            rows.append({"customer": "a", "subscription": part, "event": event, "time": "2026-03-%02d" % int(at), "amount": amount,
                         "end": end and "2026-03-%02d" % int(end)})
        apart(faults := [], "steps", customers_of(rows)[0].steps, [(micros("2026-03-%02d" % day), 100 * amount) for day, amount in want])
        told.case(name, faults)
    # What is at `from` was before; what is at `to` is in the period.
    period = Period(by_hand("a signup 2026-03-01 9", "b signup 2026-04-01 9", "c signup 2025-01-01 9", "c cancel 2026-03-01 0", "d signup 2025-01-01 9",
                            "d cancel 2026-04-01 0", "e signup 2025-01-01 9", "e cancel 2025-02-01 0", "e reactivate 2026-04-01 9",
                            "f purchase 2026-03-01 1", "f purchase 2026-04-01 1", "g purchase 2026-01-30 1", "g purchase 2026-03-02 1"), *map(micros, WINDOW))
    want = {"start": 2, "end": 3, "churned": 1, "joined": 1, "back": 1, "fresh_count": 1, "reactivation_count": 1, "churn_count": 1, "day_churned": 1,
            "customers": 7, "active_before": 1, "active_after": 1, "active_both": 1, "exposure_days": 62}
    told.case("edges of a period", [] if want == {name: period.counts()[name] for name in want} else [repr(period.counts())])


WINDOW = "2026-03-01", "2026-04-01"


def number(value):
    """A cell: fractions by the nearest double, with all its digits."""
    return "NA" if value is None else str(int(value)) if value == int(value) else repr(float(value))


def table_of_counts(period):
    return ["quantity,value"] + ["%s,%s" % (name, number(value)) for name, value in period.counts().items()]


def table_of_rates(period):
    lines = ["rate," + ",".join(RATE_COLUMNS)]
    for name, rate in period.rates().items():
        cells = [rate.method or "none" if c == "method" else number(getattr(rate, c)) for c in RATE_COLUMNS]
        lines.append(",".join([name] + cells))
    return lines


RATE_COLUMNS = ("n", "numerator", "denominator", "value", "method", "low", "high", "se", "n_eff")


def check_bundled(told, root):
    customers = Rows(rows_of(os.path.join(root, "examples", "data", "subscriptions.csv"))).customers()
    for start in range(1, 18):
        since = micros("%d-%02d-01" % (2025 + start // 12, start % 12 + 1))
        for until in (next_start(since, "month"), since + MONTH, since + 12345678901):
            period, faults = Period(customers, since, until), []
            c, rates = period.counts(), period.rates()
            apart(faults, "money", c["start_amount"] + sum(c[f + "_amount"] * (-1) ** (f in ("contraction", "churn")) for f in FLOWS), c["end_amount"])
            apart(faults, "heads", c["start"] + c["fresh_count"] + c["reactivation_count"] - c["churn_count"], c["end"])
            apart(faults, "churns", c["churned"] + c["returned"] + c["joined_churned"] + c["back_churned"] + c["repeated"], c["churn_count"])
            apart(faults, "grr", rates["grr"].value + rates["gross_mrr"].value, 1)
            apart(faults, "retention", rates["retention"].value + rates["logo_endpoint"].value, 1)
            for name, rate in rates.items():
                if rate.low is not None:
                    apart(faults, name, rate.low <= rate.value <= rate.high, True)
            told.case("%s .. %s" % (written(since), written(until)), faults)
    period, faults = Period(customers, *map(micros, WINDOW)), []
    for name, lines in (("subscriptions_churn.csv", table_of_counts(period)), ("subscriptions_rates.csv", table_of_rates(period))):
        with open(os.path.join(root, "tests", "reference", name), encoding="ascii") as file:
            apart(faults, name, file.read().split("\n")[:-1], lines)
    told.case("tables", faults)
    for every in ("week", "month", "quarter"):
        faults = []
        for cohort in triangle(customers, every, micros("2026-07-01")):
            apart(faults, "size of " + written(cohort.start), cohort.any_activity[:1] or [cohort.size], [cohort.size])
            apart(faults, "ends of " + written(cohort.start), all(a <= b for a, b in zip(cohort.at_end, cohort.any_activity)), True)
        told.case("triangle by " + every, faults)


def shared_folder(root):
    return os.path.join(os.environ.get("CXM_SHARED", os.path.join(os.path.dirname(os.path.abspath(root)), "shared")), "data")


def check_figures(told, root):
    check_rules(told)
    check_limits(told, root)
    check_published(told, root)
    check_bundled(told, root)
    if os.path.isdir(shared_folder(root)):
        check_listings(told, root, shared_folder(root))
    elif os.environ.get("CI") == "true":
        told.case("listings", ["the data are not beside the project"])
    else:
        print("left out: listings: the data are not beside the project")


# --- the command ---

ACCOUNT = ("rows", "scored", "missing", "unparsed", "out_of_range", "duplicates", "late", "excluded")
COLUMNS = ("time", "customer", "subscription", "event", "amount", "end")
COLUMNS_OF_PERIODS = ("customer", "start", "end", "amount")


class Bench(Told):
    def __init__(self, root, cxm, folder):
        super().__init__()
        self.cxm, self.folder = cxm, folder
        self.data = os.path.join(root, "examples", "data", "subscriptions.csv")
        self.rows = rows_of(self.data)

    def write(self, name, rows, columns=COLUMNS):
        path = os.path.join(self.folder, name)
        with open(path, "w", newline="", encoding="utf-8") as file:
            out = csv.DictWriter(file, columns, extrasaction="ignore", lineterminator="\n")
            out.writeheader()
            out.writerows(rows)
        return path

    def text(self, *words):
        done = subprocess.run([self.cxm] + list(words), stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
        if done.returncode:
            sys.exit("[  FAILED  ] %s: exit code %d: %s" % (" ".join(words), done.returncode, done.stderr.decode()))
        return done.stdout

    def churn(self, path, since, until, *words):
        return json.loads(self.text("churn", path, "--since", written(since), "--until", written(until), "--json", *words))


def faults_of_rate(got, want):
    faults = []
    if want.n is not None:
        apart(faults, "n", got["n"], want.n)
    far(faults, "numerator", got["numerator"], want.numerator, EXACT)
    if want.denominator is not None:
        far(faults, "denominator", got["denominator"], want.denominator, EXACT)
    far(faults, "value", got["value"], want.value, EXACT)
    limits = got["interval"] if want.low is not None else None
    apart(faults, "interval", got["interval"] is not None, want.low is not None)
    if limits:
        apart(faults, "method", limits["method"], want.method)
        far(faults, "level", limits["level"], LEVEL, 0)
        off = 1e-10 if want.method == "linearised" else EXACT
        far(faults, "low", limits["low"], want.low, off)
        far(faults, "high", limits["high"], want.high, off)
    apart(faults, "why", bool(got.get("why")), want.value is None or want.low is None)
    return [got["metric"] + " " + fault for fault in faults]


REACH = {"stripe": 30, "baremetrics": 30, "net_mrr_baremetrics": 30, "baremetrics_365": 365}      # days before the end, whatever the period


def rates_by_reach(period):
    """All rates, those of vendors over the days that they look at; and from when each looks."""
    want, since = period.rates(), {}
    for name, days in REACH.items():
        reach = Period(period.customers, period.until - days * DAY, period.until)
        known = name.replace("_365", "")
        want[name], since[name] = reach.rates(names=(known,))[known], reach.since
    return want, since


def faults_of(said, period):
    """All rates that the input allows, each once, in one window; what lies between them; and movements."""
    faults, (want, since) = [], rates_by_reach(period)
    bought = any(customer.purchases for customer in period.customers)
    subscribed = any(set(event.kind for event in customer.events) != {PURCHASE} for customer in period.customers)
    allowed = [name for name in want if (bought if name == "inactive" else subscribed) or not period.customers]
    apart(faults, "schema", said["schema"], "cxm.churn/1")
    apart(faults, "metrics", sorted(got["metric"] for got in said["results"]), sorted(allowed))
    for got in said["results"]:
        window = got["window"]
        apart(faults, "segment", got["segment"], {})
        apart(faults, "window", (micros(window["from"]), micros(window["to"])), (since.get(got["metric"], period.since), period.until))
        if got["metric"] in want:
            faults += faults_of_rate(got, want[got["metric"]])
    steps = defaultdict(lambda: [0, 0])
    for row in said["bridge"]:
        steps[row["from"], row["to"]][0] += row["numerator_change"]
        steps[row["from"], row["to"]][1] += row["denominator_change"]
        apart(faults, "reason", bool(row["reason"]), True)
    for a, b in zip(WALK, WALK[1:]) if subscribed else ():
        for what, got, start, end in zip(("numerator", "denominator"), steps[a, b], want[a][:2], want[b][:2]):
            if None not in (start, end):
                far(faults, "%s of %s to %s" % (what, a, b), got, end - start, 1e-9)
    c, flows = period.counts(), {row["movement"]: row for row in said["movements"]}
    for flow in FLOWS if subscribed else ():
        got = flows.get("new" if flow == "fresh" else flow, {})
        apart(faults, flow, (got.get("count"), got.get("amount")), (c[flow + "_count"], c[flow + "_amount"]))
    return faults


def faults_of_account(said, rows):
    faults, told, account = [], said["input"], rows.account
    apart(faults, "rows", told["rows"], account["rows"])
    apart(faults, "the account", sum(told[key] for key in ACCOUNT[1:]), account["rows"])
    apart(faults, "duplicates", told["duplicates"], account["duplicates"])
    apart(faults, "read", told["scored"] + told["late"], account["scored"])
    return faults


def check_command(bench):
    rows = Rows(bench.rows)
    customers = rows.customers()
    for since, until in (WINDOW, ("2025-01-01", "2025-02-01"), ("2026-06-01", "2026-07-01"), ("2025-07-01", "2026-07-01"), ("2026-02-10", "2026-02-11"),
                         ("2026-02-10T07:00:00Z", "2026-04-11T12:34:56Z"), ("2024-01-01", "2024-02-01"), ("2027-08-01", "2027-09-01")):
        said = bench.churn(bench.data, micros(since), micros(until))
        faults = faults_of(said, Period(customers, micros(since), micros(until)))
        bench.case("subscriptions.csv %s .. %s" % (since, until), faults + faults_of_account(said, rows))


def settled(rows):
    """Rows of customers of whom no reading says anything else."""
    of = defaultdict(list)
    for row in rows:
        of[row["customer"]].append(row)
    return [row for name, here in of.items() if len({str(customers_of(here, PLAIN._replace(**{field: value}))[0].steps)
                                                     for field, value in [("requested", False)] + list(OTHERWISE.items())}) == 1 for row in here]


def drawn(seed):
    """Rows of a small file of events, and times to ask about."""
    draw, rows = random.Random(seed), []
    start, grid = micros("2026-03-01"), draw.choice((3600, 6 * 3600, 86400)) * 10 ** 6
    for number in range(draw.randint(1, 12)):
        parts = draw.choice((("",), ("s",), ("s",), ("s", "t"), ("s", "t", "u")))
        for _ in range(draw.choice((1, 2, 4, 8))):
            at = start + draw.randrange(60) * DAY + draw.choice((0, draw.randrange(DAY // grid))) * grid
            kind = draw.choices((SIGNUP, REACTIVATE, CHANGE, RENEWAL, CANCEL, PURCHASE, PERIOD), (4, 2, 3, 3, 4, 1, 0.5))[0]
            end = at + draw.choice((0, 0, 1, 5, 20, 40)) * DAY
            rows.append({"customer": "c%02d" % number, "time": written(at), "event": kind, "subscription": draw.choice(parts),
                         "amount": "" if kind == CANCEL else draw.choice(("9.90", "9.9", "29.00", "0", "100", "0.01", "49.50")),
                         "end": written(end) if kind == PERIOD or kind == CANCEL and draw.random() < 0.7 else ""})
    rows += [dict(draw.choice(rows)) for _ in range(len(rows) // 8)]
    draw.shuffle(rows)
    since = start + draw.randrange(-2, 30) * DAY + draw.choice((0, draw.randrange(DAY // grid))) * grid
    return rows, since, since + draw.choice((DAY, 7 * DAY, 30 * DAY, 31 * DAY, 31 * DAY + 1, DAY // 2))


def drawn_periods(seed):
    draw, rows = random.Random(seed), []
    start = micros("2026-03-01")
    for number in range(draw.randint(1, 12)):
        for _ in range(draw.choice((1, 1, 2, 4))):
            at = start + draw.randrange(50) * DAY
            rows.append({"customer": "c%02d" % number, "start": written(at)[:10], "amount": draw.choice(("9.90", "29", "0.5")),
                         "end": draw.choice(("", written(at + draw.randint(1, 30) * DAY)[:10]))})
    since = start + draw.randrange(40) * DAY
    return rows, since, since + draw.choice((1, 7, 30, 31)) * DAY


def check_drawn(bench, count):
    for seed in range(count):
        if seed % 4:
            rows, since, until = drawn(seed)
            rows, columns = settled(rows), COLUMNS
        else:
            (rows, since, until), columns = drawn_periods(seed), COLUMNS_OF_PERIODS
        said = bench.churn(bench.write("drawn.csv", rows, columns), since, until)
        read = Rows(rows)
        faults = faults_of(said, Period(read.customers(), since, until)) + faults_of_account(said, read)
        again = rows + rows
        random.Random(seed).shuffle(again)
        for name, which in (("shuffled", random.Random(seed).sample(rows, len(rows))), ("doubled", again)):
            other = bench.churn(bench.write(name + ".csv", which, columns), since, until)
            apart(faults, name, [other[key] for key in ("results", "bridge", "movements")], [said[key] for key in ("results", "bridge", "movements")])
        bench.case("drawn %d: %s .. %s" % (seed, written(since), written(until)), faults)


# --- cohorts ---

TIERS = (5000, 20000, 100000)
LOYAL_DAYS = (30, 60, 90)


def faults_of_share(got, hits, n):
    faults = []
    apart(faults, "counts", (got["hits"], got["n"]), (hits, n))
    far(faults, "share", got["value"], Fraction(hits, n) if n else None, EXACT)
    for name, want in zip(("low", "high"), wilson(hits, n) if n else ()):
        far(faults, name, (got["interval"] or {}).get(name), want, EXACT)
    return faults


def faults_of_cell(got, want, reading, age, every):
    """`want` is a cohort; an age that it does not know is missing."""
    faults, start = [], want.start
    counts, money = (want.at_end, want.paid) if reading == "at_end" else (want.any_activity, want.bought)
    for _ in range(age):
        start = next_start(start, every)
    known = age < len(counts)
    n0, n = counts[0] if counts else None, counts[age] if known else None
    outside = None if not known else want.outside[age] if reading == "at_end" else 0
    apart(faults, "window", (micros(got["window"]["from"]), micros(got["window"]["to"])), (start, next_start(start, every)))
    apart(faults, "counts", [got[key] for key in ("age", "reading", "customers", "n0", "n", "outside")], [age, reading, want.size, n0, n, outside])
    far(faults, "value", got["value"], Fraction(n, n0) if known and n0 else None, EXACT)
    apart(faults, "revenue", got["revenue"], money[age] if known else None)
    far(faults, "revenue retention", got["revenue_retention"], Fraction(money[age], money[0]) if known and money[0] else None, EXACT)
    apart(faults, "interval", got["interval"] is not None, bool(known and n0 and not outside))
    for name, limit in zip(("low", "high"), wilson(n, n0)) if got["interval"] and n0 else ():
        far(faults, name, got["interval"][name], limit, EXACT)
    apart(faults, "why", "why" in got, got["interval"] is None or got["revenue_retention"] is None)
    return ["%s %s %d: %s" % (got["cohort"], reading, age, fault) for fault in faults]


def faults_of_loyalty(told, customers, since, until):
    """How customers buy again: counts of each, from the orders in [since, until)."""
    known = [c for c in customers if (c.steps and c.steps[0][0] < until) or (c.purchases and c.purchases[0].at < until)]
    orders = [own for own in ([e for e in c.purchases if since <= e.at < until] for c in known) if own]
    faults, buyers, spent = [], len(orders), [sum(e.amount for e in own) for own in orders]
    repeats = repeat_purchases(customers, since, until)
    apart(faults, "sums", [told[key] for key in ("customers", "buyers", "purchases", "money")], [len(known), buyers, sum(map(len, orders)), sum(spent)])
    faults += faults_of_share(told["repeat"], repeats.two_orders, repeats.buyers) + faults_of_share(told["without"], len(known) - buyers, len(known))
    for row in told["times"]:
        faults += faults_of_share(row, sum(len(own) == row["purchases"] for own in orders), buyers)
    days = sorted((until - own[-1].at - 1) // DAY for own in orders)
    apart(faults, "median", told["days_since_last"]["median"], days[(buyers + 1) // 2 - 1] if buyers else None)
    for row, within in zip(told["days_since_last"]["within"], LOYAL_DAYS):
        faults += faults_of_share(row, sum(until - own[-1].at <= within * DAY for own in orders), buyers)
    for row, low, high in zip(told["tiers"], (0,) + TIERS, TIERS + (NEVER,)):
        faults += faults_of_share(row, sum(low <= amount < high for amount in spent), buyers)
        apart(faults, "money of a tier", row["money"], sum(amount for amount in spent if low <= amount < high))
    return ["loyalty: " + fault for fault in faults]


def check_cohorts(bench, path, customers, every, basis, since, until):
    """All cells of both readings, each once and in order; and loyalty."""
    bought, subscribed = any(c.purchases for c in customers), any({e.kind for e in c.events} != {PURCHASE} for c in customers)
    words = ["--until", written(until), "--every", every, "--basis", basis] + (["--since", written(since)] if since != -NEVER else [])
    words += ["--tiers", ",".join(str(tier // 100) for tier in TIERS)] if bought else []
    said, faults, at = json.loads(bench.text("cohort", path, "--json", *words)), [], 0
    for reading in (("at_end",) if subscribed or not customers else ()) + ("any",):
        cells = []
        for cohort in triangle(customers, every, until, basis, since):
            low, age = cohort.start, 0
            while low < until:
                cells.append((cohort, age))
                low, age = next_start(low, every), age + 1
        for cohort, age in cells:
            got = said["results"][at]
            apart(faults, "cohort", micros(got["cohort"] or "0001-01-01"), cohort.start)
            faults += faults_of_cell(got, cohort, reading, age, every) if got["cohort"] else ["too few cells"]
            at += 1
        at += not cells
    apart(faults, "cells", len(said["results"]), at)
    apart(faults, "loyalty", len(said["loyalty"]), int(bought))
    return faults + (faults_of_loyalty(said["loyalty"][0], customers, since, until) if bought and said["loyalty"] else [])


def check_triangles(bench, count):
    customers = Rows(bench.rows).customers()
    for every in ("week", "month", "quarter"):
        for basis in BASES:
            for since, until in ((-NEVER, "2026-07-01"), ("2025-08-13T12:00:00Z", "2026-06-15T07:00:00Z"), ("2025-01-01", "2026-03-30")):
                since = since if since == -NEVER else micros(since)
                bench.case("triangle of subscriptions.csv by %s from %s to %s" % (every, basis, until), check_cohorts(bench, bench.data, customers, every, basis, since, micros(until)))
    for seed in range(count):
        rows, since, until = drawn(seed) if seed % 4 else drawn_periods(seed)
        rows, columns = (settled(rows), COLUMNS) if seed % 4 else (rows, COLUMNS_OF_PERIODS)
        path, customers, faults = bench.write("drawn.csv", rows, columns), Rows(rows).customers(), []
        for every in ("week", "month", "quarter"):
            faults += check_cohorts(bench, path, customers, every, BASES[seed % 3], -NEVER if seed % 2 else since, until)
        bench.case("triangles drawn %d to %s" % (seed, written(until)), faults)


def main():
    root = os.path.abspath(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(root, sys.argv[2] if len(sys.argv) > 2 else None, folder)
        check_figures(bench, root)
        if bench.cxm:
            check_command(bench)
            check_drawn(bench, 200)
            check_triangles(bench, 100)
    return 1 if bench.failed else 0


if __name__ == "__main__":
    sys.exit(main())
