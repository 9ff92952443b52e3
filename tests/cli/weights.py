#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The command line under weights and designs, against figures that R's survey package computed.

usage: weights.py CXM FOLDER

FOLDER is tests/reference: weighted_microdata.csv is scored under each design of weighted_expected.csv (1e-9),
weighted_ciprop_expected.csv (1e-7, by likelihood 1e-4) and calibration_expected.csv (1e-7 relative, its standard errors too), and its segments
are compared as in weighted_ttest_expected.csv (1e-9). By weights alone
a segment is its own sample, so the two domains of weights_only are those of the library's tests.
"""
import csv
import json
import os
import subprocess
import sys
import tempfile

MEASURES = {
    "nps_score": ["--metric", "nps", "--map", "score=nps"],
    "ltr_mean": ["--metric", "nps", "--map", "score=nps", "--value", "mean"],
    "csat_top2": ["--metric", "csat", "--map", "score=csat"],
    "csat_mean": ["--metric", "csat", "--map", "score=csat", "--value", "mean"],
    "ces_mean": ["--metric", "ces", "--map", "score=ces"],
    "ces_5to7": ["--metric", "ces", "--map", "score=ces", "--value", "top"],
}
DESIGNS = {
    "weights_only": ["--weight", "weight"],
    "strata": ["--weight", "weight", "--strata", "stratum"],
    "strata_fpc": ["--weight", "weight", "--strata", "stratum", "--fpc", "fpc_stratum_size"],
    "cluster": ["--weight", "weight", "--cluster", "psu"],
    "strata_cluster": ["--weight", "weight", "--strata", "stratum", "--cluster", "psu"],
    "strata_cluster_fpc": ["--weight", "weight", "--strata", "stratum", "--cluster", "psu", "--fpc", "fpc_n_psu"],
}
METHODS = {"logit": "logit", "asin": "arcsine", "beta": "korn-graubard", "likelihood": "likelihood"}
TARGETS = {
    "poststratify_segment": [("segment", "new", 1300), ("segment", "loyal", 1500)],
    "rake_segment_channel": [("segment", "new", 1300), ("segment", "loyal", 1500), ("channel", "email", 1200),
                             ("channel", "web", 1000), ("channel", "phone", 600)],
}


class Bench:
    def __init__(self, cxm, folder):
        self.cxm, self.folder, self.failed = cxm, folder, False
        self.data = os.path.join(folder, "weighted_microdata.csv")

    def rows(self, name):
        with open(os.path.join(self.folder, name), newline="") as file:
            return list(csv.DictReader(file))

    def score(self, options, command="score"):
        run = subprocess.run([self.cxm, command, self.data, "--json"] + options, stdout=subprocess.PIPE, check=True)
        return json.loads(run.stdout)

    def close(self, name, got, want, tolerance):
        if want == "NA":
            return
        want = float(want)
        fine = got is not None and abs(got - want) <= tolerance * max(1.0, abs(want))
        print("[       OK ] " + name if fine else "[  FAILED  ] %s: got %r, wanted %r" % (name, got, want))
        self.failed |= not fine

    def estimates(self):
        for row in self.rows("weighted_expected.csv"):
            design, measure, domain = row["design"], row["measure"], row["domain"]
            if design not in DESIGNS or (design == "weights_only" and domain != "all"):
                continue
            by = [] if domain == "all" else ["--by", "segment"]
            for method, low, high in (("t", "t_lower95", "t_upper95"), ("wald", "z_lower95", "z_upper95")):
                results = self.score(MEASURES[measure] + DESIGNS[design] + by + ["--interval", method])["results"]
                got = next(r for r in results if r["segment"].get("segment", "all") == domain)
                unit = 100.0 if measure == "nps_score" else 1.0
                name = "%s %s %s %s " % (design, measure, domain, method)
                self.close(name + "n", got["n"], row["n_valid"], 0.0)
                self.close(name + "estimate", got["value"] / unit, row["estimate"], 1e-9)
                self.close(name + "se", got["se"] / unit, row["se"], 1e-9)
                self.close(name + "df", got["df"], row["degf"], 0.0)
                self.close(name + "n_eff", got["n_eff"], row["kish_neff"], 1e-9)
                self.close(name + "deff", got["deff"], row["deff"], 1e-9)
                # The limits of a table may pass the scale's end; ours are cut there.
                if -1.0 < float(row[low].replace("NA", "0")) and float(row[high].replace("NA", "0")) < 10.0:
                    self.close(name + "low", got["interval"]["low"] / unit, row[low], 1e-9)
                    self.close(name + "high", got["interval"]["high"] / unit, row[high], 1e-9)

    def shares(self):
        for row in self.rows("weighted_ciprop_expected.csv"):
            if row["method"] not in METHODS or row["design"] not in DESIGNS:
                continue
            got = self.score(MEASURES[row["measure"]] + DESIGNS[row["design"]] + ["--interval", METHODS[row["method"]]])["results"][0]
            name = "%(design)s %(measure)s %(method)s" % row
            tolerance = 1e-4 if row["method"] == "likelihood" else 1e-7     # R reads those off a spline
            self.close(name + " low", got["interval"]["low"], row["lower95"], tolerance)
            self.close(name + " high", got["interval"]["high"], row["upper95"], tolerance)

    def calibrations(self):
        for row in self.rows("calibration_expected.csv"):
            with tempfile.NamedTemporaryFile("w", suffix=".csv") as file:
                file.write("column,level,total\n" + "".join("%s,%s,%d\n" % target for target in TARGETS[row["method"]]))
                file.flush()
                said = self.score(MEASURES[row["measure"]] + ["--weight", "weight", "--targets", file.name])
            got, unit = said["results"][0], 100.0 if row["measure"] == "nps_score" else 1.0
            name = "%(method)s %(measure)s" % row
            self.close(name, got["value"] / unit, row["estimate"], 1e-7)
            self.close(name + " se", got["se"] / unit, row["se"], 1e-7)
            self.close(name + " converged", said["calibration"]["converged"], "1", 0.0)

    def differences(self):
        for row in self.rows("weighted_ttest_expected.csv"):
            got = self.score(MEASURES[row["measure"]] + DESIGNS[row["design"]] + ["--by", "segment"], "compare")["results"][0]
            unit = -100.0 if row["measure"] == "nps_score" else -1.0      # loyal stands first
            name = "%(design)s %(measure)s loyal - new " % row
            for field, theirs, scale in (("difference", "diff", unit), ("se", "se", abs(unit)), ("statistic", "statistic", -1.0),
                                         ("df", "df", 1.0), ("p", "p_two_sided", 1.0)):
                self.close(name + field, got[field] / scale, row[theirs], 1e-9)


def main():
    bench = Bench(*sys.argv[1:3])
    bench.estimates()
    bench.shares()
    bench.calibrations()
    bench.differences()
    return 1 if bench.failed else 0


if __name__ == "__main__":
    sys.exit(main())
