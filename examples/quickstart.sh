#!/bin/sh
# SPDX-License-Identifier: MIT
# quickstart.sh - from a fresh machine to NPS, CSAT and CES by channel: installs what the build needs, builds, runs.
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
printf 'The command is %s/build-release/cxm; try: cxm score --help\n' "$root"
