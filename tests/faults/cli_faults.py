#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""cli_faults.py - every k-th call of the command fails, k = 1, 2, ... until none is left to fail.

    cli_faults.py CXM [--shim SHIM.so]

Without --shim, CXM has shim.c linked in. Each command below is run once without a fault; then once for each
kind of fault and each k. What must hold, whatever failed:
    - no signal, no report of a sanitizer, no run without end;
    - the exit code of the faultless run, and then the same bytes on stdout, on stderr and in the file;
    - or exit code 1, with a sentence on stderr, and the beginning of the same bytes on stdout;
    - EINTR and short reads and writes change nothing;
    - under the name told by -o the old content or the new one, whole, with its rights; a link stays a link;
    - no file left over, except where unlink itself failed.
Prints one line a command and kind of fault, and at the end how many faults were injected.
"""
import argparse
import errno
import os
import pathlib
import stat
import subprocess
import sys
import tempfile
import time

TIMEOUT_S = 60
TRACES = (b"Sanitizer", b"runtime error", b"Assertion")

# call: errors, 0 being a short one. Every error strikes once and from then on, but what asks to be tried again
# strikes once and five times: from then on there would be no end.
CALLS = {
    "alloc": [errno.ENOMEM],
    "read": [0, errno.EINTR, errno.EIO],
    "write": [0, errno.EINTR, errno.EIO, errno.ENOSPC, errno.EPIPE],
    "open": [errno.EINTR, errno.EIO, errno.EMFILE, errno.ENOSPC],
    "close": [errno.EINTR, errno.EIO, errno.ENOSPC],
    "fsync": [errno.EINTR, errno.EIO, errno.ENOSPC],
    "rename": [errno.EINTR, errno.EIO, errno.ENOSPC],
    "stat": [errno.EINTR, errno.EIO, errno.ENOMEM],
    "fchmod": [errno.EIO],
    "unlink": [errno.EIO],
    "realpath": [errno.EIO, errno.ENOMEM],
}
SURVIVED = (0, errno.EINTR)
OUT = "out"


def small_input():
    """Ragged, labelled, blank and unreadable rows, quotes and two kinds of line end."""
    rows = ["answered_at,region,plan,nps,note"]
    odd = {0: "", 5: "10 - Extremely likely", 10: "n/a", 15: "seven", 20: "42"}
    for i in range(60):
        answer = odd.get(i, str(i * 7 % 11))
        note = '"said ""%d"",\nand left"' % i if i % 9 == 0 else "fine"
        rows.append("2026-%02d-%02dT08:00:00Z,%s,%s,%s,%s" % (i % 4 + 1, i % 28 + 1, ["emea", "amer", ""][i % 3],
                                                              ["free", "pro"][i % 2], answer, note))
    rows[30] += ",one too many"
    return ("\ufeff" + "\r\n".join(rows) + "\n").encode()


def many_segments():
    return ("who,nps\n" + "".join("respondent %d,%d\n" % (i % 200, i * 7 % 11) for i in range(400))).encode()


def people():
    return ("who,nps\n" + "".join("respondent %d,%d\n" % (i, i * 7 % 11) for i in range(200))).encode()


def wide_input():
    """Many columns and a long row, so that the reader's tables grow."""
    names = ",".join("column %d" % i for i in range(90))
    row = ",".join('"%d"""' % i for i in range(90))
    return ("%s,nps\n%s,9\n%s%s,3\n" % (names, row, "x" * 9000, row)).encode()


def tickets():
    """Ended and open ones, due at instants, after so many seconds, never, and at no time."""
    rows = ["created,first_reply,solved,due,g"]
    for i in range(90):
        day = "2026-06-%02d" % (i % 28 + 1)
        rows.append("%s,%s,%s,%s,%s" % (day, day + "T03:00:00Z" if i % 3 else "", day + "T09:00:00Z" if i % 4 else "",
                                        [day + "T05:00:00Z", "7200", "", "soon"][i % 4], "abc"[i % 3]))
    return ("\n".join(rows) + "\n").encode()


def events():
    """Tickets of two channels, most of them answered and solved."""
    rows = ["ticket,at,event,actor,channel,status,customer"]
    for i in range(30):
        day, channel, customer = "2026-06-%02d" % (i % 28 + 1), ["chat", "phone"][i % 2], "c%d" % (i % 7)
        for hour, event, actor, status in ((8, "created", "customer", ""), (8, "reply", "bot", ""), (9, "reply", "agent", ""), (9, "status", "agent", "hold"),
                                           (10, "message", "customer", ""), (11, "reply", "agent", ""), (12, "solved", "agent", ""))[:3 + i % 5]:
            rows.append("t%d,%sT%02d:00:00Z,%s,%s,%s,%s,%s" % (i, day, hour, event, actor, channel, status, customer))
    return ("\n".join(rows) + "\n").encode()


def tenures():
    """Whole ones first, so that histograms become records on the way; late entries, weights and dates beside them."""
    rows = ["tenure,churn,from,w,start,end,plan"]
    for i in range(120):
        start, end = "2025-%02d-01" % (i % 12 + 1), "2026-%02d-15" % (i % 6 + 1) if i % 3 else ""
        rows.append("%s,%d,%d,%.1f,%s,%s,%s" % (i * 7 % 40 + (3 if i < 100 else 3.5), i % 3 > 0, i % 3, 0.5 + i % 4, start, end, "abc"[i % 3]))
    return ("\n".join(rows) + "\n").encode()


def subscriptions():
    """Customers of two plans who sign up, pay more, cancel, come back and buy; more of one than fit into its first array."""
    rows = ["time,customer,event,amount,currency,subscription,plan,end", "2025-12-30,c0,trial,,,s0,a,", "2025-12-31,c1,trial,,,s0,b,"]
    for i in range(60):
        who, plan = "c%d" % (i % 40), "ab"[i % 2]
        for day, event, amount, end in ((1, "signup", "9.90", ""), (8, "change", "19.90", ""), (12, "purchase", "5", ""), (15, "cancel", "", "2026-01-20"),
                                        (25, "reactivate", "9.90", ""), (26, "purchase", "7", ""))[:1 + i % 6]:
            rows.append("2026-%02d-%02d,%s,%s,%s,EUR,s%d,%s,%s" % (1 + i // 40, day, who, event, amount, i // 40, plan, end))
    rows += ["2026-02-02,odd,signup,x,EUR,,a,", "2026-02-02,,signup,1,EUR,,a,", "short"]
    return ("\n".join(rows) + "\n").encode()


def orders():
    rows = ["customer,date,value,shop"] + ["c%d,2025-%02d-%02d,%d.50,%s" % (i % 17, i % 12 + 1, i % 28 + 1, i, "xyz"[i % 3]) for i in range(90)]
    return ("\n".join(rows) + "\n").encode()


INPUTS = {"orders.csv": orders(), "subscriptions.csv": subscriptions(), "tenures.csv": tenures(), "events.csv": events(), "hours.txt": b"zone +02:00\nweekly mon=09:00-17:00;tue=09:00-17:00\n", "tickets.csv": tickets(), "small.csv": small_input(), "many.csv": many_segments(), "people.csv": people(), "wide.csv": wide_input(),
          "semi.csv": b"nps;csat\n9;4,5\n3;2\n", "quote.csv": b'nps\n9\n"8\n', "targets.csv": b"column,level,total\nnps,9,4\nnps,3,1\n"}
SCORE = ["score", "small.csv", "--metric", "nps", "--max-unparsed", "9"]

# name, exit code, arguments, what is fed to stdin, what stands at OUT before: None, "file" or "link"
COMMANDS = [
    ("score", 0, SCORE, None, None),
    ("score --json by plan and month", 0, SCORE + ["--by", "plan", "--every", "month", "--json"], None, None),
    ("score --csv of crossed segments", 0, SCORE + ["--by", "plan", "--by", "region", "--csv", "-v"], None, None),
    ("score of standard input", 0, ["score", "-", "--metric", "nps", "--max-unparsed", "9", "--json"], "small.csv", None),
    ("score of semicolons", 0, ["score", "semi.csv", "--metric", "csat", "--top", "4..5", "--plain"], None, None),
    ("score of many segments", 0, ["score", "many.csv", "--metric", "nps", "--by", "who", "--csv"], None, None),
    ("score of long rows", 0, ["score", "wide.csv", "--metric", "nps", "--json"], None, None),
    ("score of counts", 0, ["score", "--counts", "0:12,7:30,9:58", "--metric", "nps", "--json"], None, None),
    ("score of labels", 0, ["score", "small.csv", "--metric", "labels", "--map", "label=plan", "--by", "region", "--every", "month",
                            "--positive", "pro", "--negative", "free", "--json"], None, None),
    ("score refused: a limit", 4, ["score", "small.csv", "--metric", "nps", "--strict"], None, None),
    ("score refused: an open quote", 3, ["score", "quote.csv", "--metric", "nps", "-o", OUT], None, "file"),
    ("score -o a new file", 0, SCORE + ["--json", "-o", OUT], None, None),
    ("score -o an old file", 0, SCORE + ["--every", "week", "--csv", "-o", OUT], None, "file"),
    ("score -o through a link", 0, SCORE + ["-o", OUT], None, "link"),
    ("score -o of many segments", 0, ["score", "many.csv", "--metric", "nps", "--by", "who", "--json", "-o", OUT], None, "file"),
    ("score of counts -o", 0, ["score", "--counts", "1:3,5:9", "--metric", "csat", "--csv", "-o", OUT], None, "file"),
    ("score --dedupe", 0, SCORE + ["--dedupe", "latest", "--key", "note", "--max-unparsed", "50", "--by", "plan", "--json"], None, None),
    ("score --state-out an old file", 0, SCORE + ["--by", "plan", "--json", "--state-out", OUT], None, "file"),
    ("score by two threads", 0, SCORE + ["--by", "plan", "--every", "month", "--json", "--threads", "2"], None, None),
    ("score of many segments by two threads", 0, ["score", "many.csv", "--metric", "nps", "--by", "who", "--csv", "--threads", "2"],
     None, None),
    ("score of a state", 0, ["score", "small.cxm", "--metric", "nps", "--max-unparsed", "9", "--csv"], None, None),
    ("response to a target by row", 0, ["response", "tickets.csv", "--target", "due", "--max-unparsed", "50", "--by", "g", "--json", "--state-out", OUT],
     None, "file"),
    ("response to a target by two threads", 0, ["response", "tickets.csv", "--target", "4h", "--every", "week", "--csv", "--threads", "2"], None, None),
    ("response of events", 0, ["response", "events.csv", "--by", "channel", "--every", "week", "--target", "1h", "--calendar", "hours.txt",
                               "--active-customers", "90", "--json", "--state-out", OUT], None, "file"),
    ("compare of events", 0, ["compare", "events.csv", "--metric", "wait", "--at", "2026-06-14", "--json"], None, None),
    ("response refused: due at no time", 4, ["response", "tickets.csv", "--target", "due"], None, None),
    ("survival by plan", 0, ["survival", "tenures.csv", "--map", "duration=tenure", "--map", "event=churn", "--map", "entry=from", "--by", "plan",
                             "--json", "-o", OUT], None, "file"),
    ("survival of weights", 0, ["survival", "tenures.csv", "--map", "duration=tenure", "--map", "event=churn", "--weight", "w", "--csv"], None, None),
    ("survival of dates", 0, ["survival", "tenures.csv", "--map", "start=start", "--map", "end=end", "--by", "plan"], None, None),
    ("survival refused: neither left nor stayed", 4, ["survival", "tenures.csv", "--map", "duration=tenure", "--map", "event=plan"], None, None),
    ("cohort of orders", 0, ["cohort", "orders.csv", "--tiers", "50,200", "--json", "-o", OUT], None, "file"),
    ("cohort with tickets", 0, ["cohort", "subscriptions.csv", "--with", "events.csv", "--by", "plan", "--json"], None, None),
    ("cohort of periods", 0, ["cohort", "tenures.csv", "--map", "customer=tenure", "--every", "week"], None, None),
    ("cohort refused: too many weeks", 4, ["cohort", "orders.csv", "--every", "week", "--since", "1900-01-01"], None, None),
    ("churn by plan --state-out an old file", 0, ["churn", "subscriptions.csv", "--by", "plan", "--json", "--state-out", OUT], None, "file"),
    ("churn of a state by month", 0, ["churn", "customers.cxm", "--every", "month", "--csv", "-o", OUT], None, "file"),
    ("churn refused: two currencies", 3, ["churn", "subscriptions.csv", "--currency", "USD"], None, None),
    ("compare of two files within a column", 0, ["compare", "small.csv", "small.csv", "--metric", "nps", "--max-unparsed", "9", "--by", "plan",
                                                 "--within", "region", "--detect", "5", "--json"], None, None),
    ("compare of all pairs -o", 0, ["compare", "small.csv", "--metric", "nps", "--max-unparsed", "9", "--by", "plan", "--by", "region", "--csv",
                                    "-o", OUT], None, "file"),
    ("compare before and after", 0, ["compare", "small.csv", "--metric", "nps", "--max-unparsed", "9", "--at", "2026-03-01", "--by", "plan"],
     None, None),
    ("compare of the same people", 0, ["compare", "people.csv", "people.csv", "--metric", "nps", "--key", "who", "--customers", OUT], None, "file"),
    ("compare of counts", 0, ["compare", "--counts", "0:12,9:58", "--counts", "0:3,9:9", "--metric", "nps", "--json"], None, None),
    ("compare refused: the second input", 3, ["compare", "small.csv", "quote.csv", "--metric", "nps", "--max-unparsed", "9", "-o", OUT],
     None, "file"),
    ("score under a design", 0, ["score", "small.csv", "--metric", "nps", "--max-unparsed", "9", "--strata", "plan", "--key", "region", "--by", "plan",
                                 "--every", "month", "--json"], None, None),
    ("compare segments under a design", 0, ["compare", "small.csv", "--metric", "nps", "--max-unparsed", "9", "--strata", "plan", "--by", "region",
                                            "--json"], None, None),
    ("score with targets", 0, ["score", "semi.csv", "--metric", "csat", "--weight", "nps", "--targets", "targets.csv", "--top", "4..5", "--csv",
                               "-o", OUT], None, "file"),
    ("score refused: a target that nobody meets", 3, ["score", "small.csv", "--metric", "nps", "--max-unparsed", "9", "--targets", "targets.csv"],
     None, None),
    ("churn", 0, ["churn", "subscriptions.csv", "--since", "2026-01-10", "--until", "2026-02-10"], None, None),
    ("churn by segments and windows -o", 0, ["churn", "subscriptions.csv", "--every", "week", "--by", "plan", "--json", "-o", OUT], None, "file"),
    ("churn refused: a limit", 4, ["churn", "subscriptions.csv", "--strict", "-o", OUT], None, "file"),
    ("compare of churn", 0, ["compare", "subscriptions.csv", "--metric", "logo_endpoint", "--at", "2026-01-18", "--by", "plan", "--csv"], None, None),
    ("compare of churn in two files", 0, ["compare", "subscriptions.csv", "subscriptions.csv", "--metric", "exposure", "--json", "-o", OUT], None, "file"),
    ("compare of tenures by plan", 0, ["compare", "tenures.csv", "--metric", "survival", "--map", "duration=tenure", "--map", "event=churn", "--map", "entry=from",
                                       "--by", "plan", "--csv", "-o", OUT], None, "file"),
    ("compare of tenures in two files", 0, ["compare", "tenures.csv", "tenures.csv", "--metric", "survival", "--map", "start=start", "--map", "end=end", "--by", "plan",
                                            "--json"], None, None),
    ("compare of customers' tenures", 0, ["compare", "subscriptions.csv", "subscriptions.csv", "--metric", "survival", "--by", "plan"], None, None),
    ("survival of customers", 0, ["survival", "subscriptions.csv", "--by", "plan", "--json", "-o", OUT], None, "file"),
    ("plan", 0, ["plan", "nps", "--margin", "3", "--counts", "0:12,7:30,9:58", "--json"], None, None),
    ("merge -o an old file", 0, ["merge", "-o", OUT, "small.cxm", "small.cxm"], None, "file"),
    ("merge of customers -o an old file", 0, ["merge", "-o", OUT, "customers.cxm", "customers.cxm", "--json"], None, "file"),
    ("merge refused: a state of another kind", 3, ["merge", "-o", OUT, "customers.cxm", "small.cxm"], None, "link"),
    ("merge refused: a state cut short", 3, ["merge", "-o", OUT, "small.cxm", "cut.cxm"], None, "link"),
    ("inspect", 0, ["inspect", "small.csv"], None, None),
    ("inspect of a state of customers", 0, ["inspect", "customers.cxm"], None, None),
    ("inspect --json of two files", 0, ["inspect", "small.csv", "wide.csv", "--json"], None, None),
    ("inspect --csv of standard input", 0, ["inspect", "-", "--csv"], "small.csv", None),
    ("inspect -o an old file", 0, ["inspect", "small.csv", "many.csv", "--json", "-o", OUT], None, "file"),
    ("inspect refused: an open quote", 3, ["inspect", "small.csv", "quote.csv", "-v", "-o", OUT], None, "file"),
    ("--help", 0, ["--help"], None, None),
]


class Ran:
    """What one run left behind."""
    def __init__(self, process, folder, report):
        self.code, self.out, self.err = process.returncode, process.stdout, process.stderr
        names = set(os.listdir(folder)) - set(INPUTS)
        path = os.path.join(folder, OUT)
        self.file = pathlib.Path(path).read_bytes() if os.path.exists(path) else None
        self.rights = stat.S_IMODE(os.stat(path).st_mode) if self.file is not None else None
        self.is_link = os.path.islink(path)
        self.left_over = sorted(names - {OUT, "behind"})
        text = pathlib.Path(report).read_text(encoding="ascii") if os.path.exists(report) else "0 0"
        self.calls, self.failed = map(int, text.split())


class Bench:
    def __init__(self, folder, cxm, shim):
        self.folder, self.cxm = os.path.join(folder, "work"), os.path.abspath(cxm)
        self.report = os.path.join(folder, "report")
        self.environment = {"LC_ALL": "C", "TZ": "UTC", "PATH": "/usr/bin:/bin", "CXM_FAULT_REPORT": self.report}
        for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "LD_LIBRARY_PATH"):
            if name in os.environ:
                self.environment[name] = os.environ[name]
        if shim:
            # LD_PRELOAD is split at blanks, and the project's path may hold some: a name without, beside the folder.
            os.symlink(os.path.abspath(shim), os.path.join(folder, "shim.so"))
            self.environment["LD_PRELOAD"] = "../shim.so"
        os.mkdir(self.folder)
        for name, content in INPUTS.items():
            pathlib.Path(self.folder, name).write_bytes(content)
        self.make_states()

    def make_states(self):
        """A state as the command writes it, and one that was cut short; inputs like the others from here on."""
        state = pathlib.Path(self.folder, "small.cxm")
        subprocess.run([self.cxm] + SCORE + ["--by", "plan", "--state-out", state.name], cwd=self.folder, check=True,
                       env=self.environment, capture_output=True, timeout=TIMEOUT_S)
        customers = pathlib.Path(self.folder, "customers.cxm")
        subprocess.run([self.cxm, "churn", "subscriptions.csv", "--state-out", customers.name], cwd=self.folder, check=True,
                       env=self.environment, capture_output=True, timeout=TIMEOUT_S)
        INPUTS["customers.cxm"] = customers.read_bytes()
        INPUTS["small.cxm"] = state.read_bytes()
        INPUTS["cut.cxm"] = INPUTS["small.cxm"][:-9]
        pathlib.Path(self.folder, "cut.cxm").write_bytes(INPUTS["cut.cxm"])

    def lay_out(self, before):
        """Nothing but the inputs, and what stands at OUT."""
        for name in set(os.listdir(self.folder)) - set(INPUTS):
            os.unlink(os.path.join(self.folder, name))
        if before:
            path = os.path.join(self.folder, "behind" if before == "link" else OUT)
            pathlib.Path(path).write_bytes(b"old\n")
            os.chmod(path, 0o640)
        if before == "link":
            os.symlink("behind", os.path.join(self.folder, OUT))
        if os.path.exists(self.report):
            os.unlink(self.report)

    def run(self, command, call, at, times, error):
        _, _, arguments, feed, before = command
        self.lay_out(before)
        told = {"CXM_FAULT_CALL": call, "CXM_FAULT_AT": str(at), "CXM_FAULT_TIMES": str(times),
                "CXM_FAULT_ERROR": str(error)}
        with open(os.path.join(self.folder, feed) if feed else os.devnull, "rb") as stdin:
            process = subprocess.run([self.cxm] + arguments, cwd=self.folder, env={**self.environment, **told},
                                     stdin=stdin, capture_output=True, timeout=TIMEOUT_S, check=False)
        return Ran(process, self.folder, self.report)


def whole(got, want, before):
    """Whether OUT holds the old or the new content, as it must, with the rights of the old."""
    if before is None:
        return got.file is None or got.file == want.file
    return got.is_link == want.is_link and (got.file == b"old\n" or got.file == want.file)


def faults_of(got, want, call, error, before):
    if got.code < 0:
        yield "ended by signal %d" % -got.code
    if any(trace in got.err for trace in TRACES):
        yield "a report: %r" % got.err[:2000]
    same = (got.out, got.err, got.file, got.code) == (want.out, want.err, want.file, want.code)
    if got.code != 1 and not same:
        yield "code %d, and not what the faultless run gives" % got.code
    if got.code == 1 and want.code != 1 and error in SURVIVED:
        yield "not survived: %r" % got.err
    if got.code == 1 and b"cxm: " not in got.err:
        yield "code 1 without a word"
    if not want.out.startswith(got.out):
        yield "other bytes on stdout"
    if not whole(got, want, before):
        yield "%r under the final name" % (got.file[:80] if got.file is not None else None)
    # Where fchmod fails the file stays private.
    if before and got.rights not in ((0o640, 0o600) if call == "fchmod" else (0o640,)):
        yield "rights %o" % (got.rights or 0)
    if got.left_over and call != "unlink":
        yield "left over: %s" % got.left_over


def strike(bench, command, want, call, error, times):
    """Every k of one kind of fault: faults found and points injected."""
    found, points = [], 0
    while True:
        try:
            got = bench.run(command, call, points + 1, times, error)
        except subprocess.TimeoutExpired:
            return found + ["call %d: no end" % (points + 1)], points + 1
        if got.failed == 0 and got.code >= 0:
            return found, points
        points += 1
        found += ["call %d: %s" % (points, fault) for fault in faults_of(got, want, call, error, command[4])]


def kinds_of(call):
    for error in CALLS[call]:
        if error == 0:
            yield error, 1
            yield error, 0
        else:
            yield error, 1
            yield error, 5 if error == errno.EINTR else 0


def name_of(error, times):
    return "%s, %s" % (errno.errorcode.get(error, "short"), {0: "from then on", 1: "once"}.get(times, "%d times" % times))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("cxm")
    parser.add_argument("--shim")
    args = parser.parse_args()
    points, struck, failed, begun = 0, {}, False, time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        os.umask(0o022)
        bench = Bench(folder, args.cxm, args.shim)
        for command in COMMANDS:
            for call in CALLS:
                want = bench.run(command, call, 0, 1, 0)
                if want.code != command[1]:
                    sys.exit("%s: code %d without any fault: %r" % (command[0], want.code, want.err))
                here, found = 0, []
                for error, times in kinds_of(call) if want.calls else ():
                    faults, count = strike(bench, command, want, call, error, times)
                    found += ["%s: %s" % (name_of(error, times), fault) for fault in faults]
                    here += count
                if not here:
                    continue
                for fault in found[:20]:
                    print(fault)
                print("[%s] %s: %s fails, %d points" % ("  FAILED  " if found else "       OK ", command[0], call, here))
                struck[call] = struck.get(call, 0) + here
                failed |= bool(found)
    print("by call: %s" % ", ".join("%s %d" % pair for pair in struck.items()))
    for call in CALLS:
        if call not in struck:
            print("[  FAILED  ] no %s was reached: the shim is not where it should be" % call)
            failed = True
    print("%d faults injected in the command in %.0f s" % (sum(struck.values()), time.monotonic() - begun))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
