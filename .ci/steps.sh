# SPDX-License-Identifier: MIT
# steps.sh - what the gate (.ci/run) and the release programme (tests/release.sh) share. To be sourced by bash, behind
# examples/setup.sh, in the project's folder, with `root` set to it and `work` to a folder for builds and logs. Lines
# "=> ..." of a step are what it has to say.

export LC_ALL=C.UTF-8 TZ=UTC
export ASAN_OPTIONS=detect_leaks=1:halt_on_error=1:detect_stack_use_after_return=1:strict_string_checks=1
export UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
unset CC CXX CFLAGS LDFLAGS
found=${found:-$work/found}             # inputs that a fuzz target kept or broke on

copy_tree()                             # the project's files, and only these, to folder $1
{
    mkdir -p "$1"
    git -c safe.directory='*' ls-files -z | tar c --null -T - | tar x -C "$1"
}

tools()
{
    setup_need compiler gcc c++ clang libfuzzer meson ninja pkg-config cmocka python3 sqlite3ext.h locales tzdata git tcc musl-gcc valgrind gcovr
}

build()                                 # build NAME ARGS...
{
    local name=$1
    shift
    meson setup "$work/$name" "$root" -Dauto_features=enabled "$@"
    ninja -C "$work/$name"
}

run_tests()                             # run_tests NAME ARGS...: all tests of a build, counted case by case
{
    local name=$1
    shift
    setup_locale "$work"
    meson test -C "$work/$name" --no-rebuild "$@" >"$work/meson.log" 2>&1 || true
    python3 tests/tally.py "$(ls "$work/$name"/meson-logs/testlog*.json)" >"$work/tally.log" || { cat "$work/tally.log"; false; }
    echo "=> $(tail -n 1 "$work/tally.log")"
    sed -n 's/^.*\b\([0-9][0-9]* .*faults injected.*\)$/=> \1/p' "$work/$name"/meson-logs/testlog*.txt
}

sanitizers()
{
    CC=clang build sanitized --buildtype=debugoptimized -Db_sanitize=address,undefined -Db_lundef=false \
        -Dc_args='-fno-sanitize-recover=all -fno-omit-frame-pointer'
    run_tests sanitized --timeout-multiplier 6
}

under_valgrind()                        # one in 11 of what tests repeat, unless told: nothing that loops do by turns has that factor
{
    build plain --buildtype=debugoptimized
    CXM_TEST_EVERY=${CXM_TEST_EVERY:-11} run_tests plain --suite unit --suite fuzz --timeout-multiplier 30 \
        --wrapper 'valgrind -q --error-exitcode=1 --leak-check=full --show-leak-kinds=all --errors-for-leak-kinds=all'
}

coverage()                              # coverage [LINES BRANCHES]: the least per cent of each
{
    build covered --buildtype=debug -Db_coverage=true -Dc_args=-fprofile-update=atomic
    run_tests covered --timeout-multiplier 3
    gcovr -r . -f src/ "$work/covered" --print-summary --fail-under-line "${1:-97}" --fail-under-branch "${2:-95}" >"$work/coverage.log" 2>&1 ||
        { cat "$work/coverage.log"; false; }
    gcovr -r . -f src/ "$work/covered" | sed 's/^/=> /'
    sed -n 's/^\(lines\|branches\): /=> \1: /p' "$work/coverage.log"
}

fuzz_build()                            # the library once, then each target onto it; two at a time
{
    local target compile
    compile="clang -std=c11 -g -O1 -ffp-contract=off -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all -Iinclude -Isrc -Itests/fuzz"
    ls tests/fuzz/fuzz_*.c
    rm -rf "$work/fuzzed"
    mkdir "$work/fuzzed"
    for target in src/*/*.c; do echo "-c $target -o $work/fuzzed/$(echo "$target" | tr / _).o"; done |
        tr '\n' '\0' | xargs -0 -P 2 -I ARGS sh -c "$compile ARGS"
    for target in tests/fuzz/fuzz_*.c; do echo "$target $work/fuzzed/*.o -lm -o $work/$(basename "$target" .c)"; done |
        tr '\n' '\0' | xargs -0 -P 2 -I ARGS sh -c "$compile ARGS"
}

fuzz_one()                              # fuzz_one NAME SECONDS: from its kept corpus; what is found stays out of the tree
{
    local name=$1
    mkdir -p "$found/$name"
    "$work/fuzz_$name" -max_total_time="$2" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 -verbosity=0 \
        -artifact_prefix="$found/$name-" "$found/$name" "tests/fuzz/corpus/$name"
}

fast_math_is_refused()
{
    local compiler flag source
    for compiler in gcc clang; do
        for flag in -ffast-math -Ofast -ffinite-math-only; do
            for source in src/*/*.c; do
                if "$compiler" -std=c11 "$flag" -Iinclude -Isrc -fsyntax-only "$source" 2>"$work/refusal"; then
                    echo "$compiler $flag compiles $source"
                    return 1
                fi
                grep -q 'cxm needs IEEE 754 arithmetic' "$work/refusal"
            done
        done
    done
}
