#!/bin/sh
# SPDX-License-Identifier: MIT
# run.sh - every test on this machine: installs what they need, builds them, runs them, counts their cases.
#   $ sh tests/run.sh
#   ...
#   214 passed, 0 failed
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
. "$root/examples/setup.sh"

setup_need compiler c++ meson ninja pkg-config cmocka python3 locales tzdata
setup_build build-tests -Dauto_features=enabled
setup_locale "$root/build-tests"

log=$root/build-tests/meson-logs/testlog
rm -f "$log.json" "$log.txt"
meson test -C "$root/build-tests" --no-rebuild >"$root/build-tests/test.log" 2>&1 || true      # the tally judges
exec python3 "$root/tests/tally.py" "$log.json"
