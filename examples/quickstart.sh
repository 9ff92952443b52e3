#!/bin/sh
# SPDX-License-Identifier: MIT
# quickstart.sh - from a fresh machine to NPS, CSAT, CES, response times and tickets by channel, churn and tenure by plan: installs what the build needs, builds, runs.
#   $ sh examples/quickstart.sh
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
. "$root/examples/setup.sh"

setup_need compiler meson ninja
setup_build build-release --buildtype=release

cd "$root"
for metric in nps csat ces; do
    printf '$ cxm score examples/data/survey.csv --metric %s --by channel\n' "$metric"
    build-release/cxm score examples/data/survey.csv --metric "$metric" --by channel
    echo
done
printf '$ cxm response examples/data/tickets.csv --target 4h --by channel\n'
build-release/cxm response examples/data/tickets.csv --target 4h --by channel
printf '\n$ cxm compare examples/data/tickets.csv --metric first_reply --at 2026-06-16 --by channel\n'
build-release/cxm compare examples/data/tickets.csv --metric first_reply --at 2026-06-16 --by channel
printf '\n$ cxm response examples/data/events.csv --calendar examples/data/desk.calendar --metric first_reply --target 4h\n'
build-release/cxm response examples/data/events.csv --calendar examples/data/desk.calendar --metric first_reply --target 4h
printf '\n$ cxm compare examples/data/events.csv --metric resolution --at 2026-06-01 --by channel\n'
build-release/cxm compare examples/data/events.csv --metric resolution --at 2026-06-01 --by channel
printf '\n$ cxm churn examples/data/subscriptions.csv --since 2026-03-01 --until 2026-04-01 --by plan\n'
build-release/cxm churn examples/data/subscriptions.csv --since 2026-03-01 --until 2026-04-01 --by plan
printf '\n$ cxm cohort examples/data/subscriptions.csv\n'
build-release/cxm cohort examples/data/subscriptions.csv
printf '\n$ cxm survival examples/data/subscriptions.csv --by plan\n'
build-release/cxm survival examples/data/subscriptions.csv --by plan
echo
printf 'The command is %s/build-release/cxm; try: cxm score --help\n' "$root"
