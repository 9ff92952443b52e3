#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# release.sh - the release programme: a line of output for each row of it, with what was reached.
#   $ bash tests/release.sh FOLDER
#    1 reached      coverage of src/: lines: 100.0% (6012 out of 6012); branches: 98.1% (...)
#    ...
#
# FOLDER keeps what was done, so that it can be stopped and started again: rows done for the same commit are not done
# twice, fuzzing and seeds go on where they stopped, and their counts add up over all runs and commits.
#   reached      the row's pass line holds       so far    what exists of it passes; what lacks is named
#   FAILED       its log is FOLDER/row-N.log     not built yet
# CXM_FUZZ_HOURS (24) for each target, in slices of CXM_FUZZ_SLICE (600) seconds; CXM_SEEDS (100) in all; CXM_ROWS: only these.
set -u
[ $# = 1 ] || { echo 'usage: bash tests/release.sh FOLDER' >&2; exit 2; }
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
mkdir -p "$1" || exit 1
keep=$(CDPATH='' cd -- "$1" && pwd)
work=$keep/work found=$keep/found
cd "$root" || exit 1
. examples/setup.sh
. .ci/steps.sh
commit=$(git -c safe.directory='*' rev-parse --short=12 HEAD)
[ -z "$(git -c safe.directory='*' status --porcelain)" ] || commit=changed      # of which nothing is kept
if [ "$commit" = changed ] || [ "$(cat "$work/made-for" 2>/dev/null)" != "$commit" ]; then rm -rf "$work"; fi
mkdir -p "$work" "$found"
echo "$commit" >"$work/made-for"
failures=0

# row N COMMAND...: code 0 reached, 3 so far, else FAILED; what its lines "=> ..." say stands behind, on one line.
row()
{
    local number=$1 log=$keep/row-$1.log line=$keep/row-$1.line verdict code
    shift
    case " ${CXM_ROWS:-$number} " in *" $number "*) ;; *) return ;; esac
    if [ "$commit" = changed ] || [ "$(sed -n 1p "$line" 2>/dev/null)" != "$commit" ]; then
        rm -f "$work/more" "$line"
        (set -euo pipefail; "$@") >"$log" 2>&1
        code=$?
        case $code in 0) verdict=reached ;; 3) verdict='so far' ;; *) verdict=FAILED failures=$((failures + 1)) ;; esac
        printf '%s\n%2d %-12s %s\n' "$commit" "$number" "$verdict" "$(sed -n 's/^=> //p' "$log" | paste -sd ';' | sed 's/;/; /g')" >"$line.new"
        # A row that has more to do, or failed, is run again next time.
        if [ "$code" = 0 ] || { [ "$code" = 3 ] && [ ! -e "$work/more" ]; }; then mv "$line.new" "$line"; else sed 1d "$line.new"; rm "$line.new"; return; fi
    fi
    sed 1d "$line"
}

not_built() { case " ${CXM_ROWS:-$1} " in *" $1 "*) printf '%2d %-12s %s\n' "$1" 'not built' "yet: $2" ;; esac; }

# A ledger holds lines "COMMIT NAME AMOUNT COUNT"; sum LEDGER NAME-PATTERN FIELD adds one field up.
sum() { awk -v name="^($2)\$" -v field="$3" '$2 ~ name { s += $field } END { printf "%.0f", s }' "$keep/$1" 2>/dev/null || echo 0; }

plain() { [ -e "$work/plain/build.ninja" ] || build plain --buildtype=debugoptimized; }

# --- the rows ---

line_and_branch_coverage()              # 100 % and 98 %
{
    local code
    rm -rf "$work/covered" "$work/coverage.log"
    set +e                                          # the verdict on the per cent is the last of it
    (set -e; coverage 100 98) >"$work/said" 2>&1
    code=$?
    set -e
    sed 's/^=> /   /' "$work/said"
    sed -n 's/^\(lines\|branches\): /=> \1 /p' "$work/coverage.log"
    if [ "$code" != 0 ]; then return 3; fi
}

allocation_faults()
{
    plain
    CXM_TEST_ROOT=tests "$work/plain/test_faults_alloc_faults" >"$work/said" || { cat "$work/said"; false; }
    sed -n 's/^\([0-9].* injected\)/=> library: \1/p' "$work/said"
    command_faults
}

command_faults()
{
    plain
    python3 tests/faults/cli_faults.py "$work/plain/cxm" --shim "$work/plain/libfault_shim.so" >"$work/said" || { cat "$work/said"; false; }
    sed -n 's/^\([0-9].* injected in the command\).*/=> \1 (memory, input and output)/p' "$work/said"
}

hostile_states()                        # every truncation, flip and splice, and 10^8 mutations of the targets
{
    local test runs
    plain
    for test in score_scale_codec score_label_codec stream_engine_state; do
        CXM_TEST_ROOT=tests "$work/plain/test_$test"
    done
    runs=$(sum fuzz.ledger 'state_.*' 4)
    echo "=> truncations, flips and splices of scale, label, container: passed"
    echo "=> $runs of 100000000 mutations (see row 5)"
    [ "$runs" -ge 100000000 ] || { touch "$work/more"; return 3; }
}

fuzz_slice()                            # fuzz_slice NAME SECONDS: and an entry in the ledger, whatever came of it
{
    local name=$1 code=0 runs begun=$SECONDS
    fuzz_one "$name" "$2" >"$work/fuzz-$name.log" 2>&1 || code=$?
    runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$work/fuzz-$name.log")
    [ "$code" = 0 ] || tail -n 60 "$work/fuzz-$name.log"
    echo "$commit $name $((SECONDS - begun)) ${runs:-0}" >>"$keep/fuzz.ledger"
}

old_finds()                             # what broke a target before joins its corpus once it passes
{
    local find name
    for find in "$found"/*-*; do
        [ -f "$find" ] || continue
        name=${find##*/} name=${name%%-*}
        if "$work/fuzz_$name" "$find"; then mkdir -p "$found/$name"; mv "$find" "$found/$name/"; fi
    done
}

fuzzing()
{
    local target name goal lacking=1 slice=${CXM_FUZZ_SLICE:-600} names=()
    goal=$(awk -v hours="${CXM_FUZZ_HOURS:-24}" 'BEGIN { printf "%.0f", hours * 3600 }')
    fuzz_build
    old_finds
    for target in tests/fuzz/fuzz_*.c; do name=${target##*/fuzz_}; names+=("${name%.c}"); done
    while [ "$lacking" = 1 ] && ! ls "$found"/*-* >/dev/null 2>&1; do
        lacking=0
        for name in "${names[@]}"; do
            [ "$(sum fuzz.ledger "$name" 3)" -lt "$goal" ] || continue
            lacking=1
            while [ "$(jobs -pr | wc -l)" -ge 2 ]; do wait -n; done
            fuzz_slice "$name" "$slice" &
        done
        wait
    done
    for name in "${names[@]}"; do
        echo "=> $name $(sum fuzz.ledger "$name" 4) runs in $(sum fuzz.ledger "$name" 3) s"
    done
    ls "$found"/*-* >/dev/null 2>&1 && { echo "=> FINDS in $found"; return 1; }
    echo "=> not built yet: ndjson, tz file, calendar, argv, arrow import"
    [ "$goal" -ge 86400 ] || touch "$work/more"
    return 3
}

under_sanitizers()
{
    sanitizers
    CXM_TEST_EVERY=1 under_valgrind
    echo "=> address, undefined and valgrind; not built yet: integer, memory, thread"
    return 3
}

platforms()
{
    local compiler level
    fast_math_is_refused
    for compiler in gcc clang; do
        for level in 0 2 3 s; do
            CC=$compiler build "$compiler-$level" -Doptimization="$level" -Ddebug=false
            run_tests "$compiler-$level" --timeout-multiplier 4 | sed -n "s/^=> \([0-9]* passed\)/=> $compiler -O$level: \1/p"
            rm -rf "${work:?}/$compiler-$level"
        done
    done
    echo "=> not built yet: other processors, mingw, wasm"
    return 3
}

bit_identity()                          # the committed hashes of tests/cli/states.txt, by every compiler
{
    local compiler level count=0
    for compiler in gcc clang tcc musl-gcc; do
        for level in 0 2 3; do
            "$compiler" -std=c11 "-O$level" -ffp-contract=off -Iinclude -Isrc src/*/*.c examples/cli/*.c -lm -o "$work/cxm"
            python3 tests/cli/run.py "$root" "$work/cxm" tests/cli/states.txt
            count=$((count + 1))
        done
    done
    echo "=> hashes of states the same in $count builds of gcc, clang, tcc, musl; not built yet: other processors, threads"
    return 3
}

other_seeds()                           # all unit tests with CXM_TEST_SEED 1, 2, ...
{
    local seed test
    plain
    for ((seed = $(sum seeds.ledger all 4) + 1; seed <= ${CXM_SEEDS:-100}; ++seed)); do
        for test in "$work"/plain/test_*; do
            if [ ! -f "$test" ]; then continue; fi
            CXM_TEST_ROOT=tests CXM_TEST_SEED=$seed "$test" || { echo "=> CXM_TEST_SEED=$seed ${test##*/}"; return 1; }
        done
        echo "$commit all $seed 1" >>"$keep/seeds.ledger"
    done
    echo "=> split, merge and order properties of all unit tests with $(sum seeds.ledger all 4) seeds; not built yet: relations of the command"
    [ "$(sum seeds.ledger all 4)" -ge 100 ] || touch "$work/more"
    return 3
}

(tools) || exit 1
row 1 line_and_branch_coverage
row 2 allocation_faults
row 3 command_faults
row 5 fuzzing
row 4 hostile_states
row 6 under_sanitizers
row 7 platforms
row 8 bit_identity
not_built 9 'kills of watch and merge'
row 10 other_seeds
not_built 11 'differential runs (references of tests/reference are part of the unit tests)'
not_built 12 'the table of extremes'
not_built 13 'a previous release to compare with'
not_built 14 'soak'
not_built 15 'mutants'
[ "$failures" = 0 ]
