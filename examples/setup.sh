# SPDX-License-Identifier: MIT
# setup.sh - what quickstart.sh, tests/run.sh and the whole gate share: tools that are missing, and a build
# folder. To be sourced by a POSIX shell with `root` set to the project's folder.
#
#     setup_need compiler meson ninja     installs what is missing; no network when nothing is
#     setup_build build-release ARGS...   a configured and built folder below the root, used again while intact
#     setup_locale FOLDER                 a locale with a decimal comma, for the tests

setup_fail() { printf '%s\n' "$*" >&2; exit 1; }

# Whether the tool $1 is here and works.
setup_have()
{
    case $1 in
    compiler)       # with the C library's headers: gcc alone does not bring them
        for setup_cc in ${CC:-cc gcc clang}; do
            printf '#include <math.h>\n' | "$setup_cc" -E -x c - && return 0
        done
        return 1 ;;
    c++)            printf '#include <stdint.h>\n' | "${CXX:-c++}" -E -x c++ - ;;
    gcc)            printf '#include <math.h>\n' | gcc -E -x c - ;;
    clang)          printf '#include <math.h>\n' | clang -E -x c - ;;
    libfuzzer)      setup_probe=$(mktemp) &&
                    printf 'int LLVMFuzzerTestOneInput(const char *d, unsigned long n) { return !d && n; }\n' |
                    clang -fsanitize=fuzzer,address,undefined -x c - -o "$setup_probe"
                    setup_code=$?
                    rm -f "$setup_probe"
                    return "$setup_code" ;;
    ninja)          command -v ninja || command -v ninja-build || command -v samu ;;
    pkg-config)     command -v pkg-config || command -v pkgconf ;;
    cmocka)         pkg-config --exists cmocka ;;
    sqlite3ext.h)   printf '#include <sqlite3ext.h>\n' | "${CC:-cc}" -E -x c - ;;
    tzdata)         [ -e /usr/share/zoneinfo/Europe/Berlin ] ;;
    locales)        locale -a | grep -q '^de_DE' || [ -e /usr/share/i18n/locales/de_DE ] ;;
    *)              command -v "$1" ;;
    esac >/dev/null 2>&1
}

# Debian's names of the packages that bring the tool $1.
setup_packages()
{
    case $1 in
    compiler | gcc) echo gcc libc6-dev ;;
    c++)            echo g++ ;;
    clang)          echo clang libc6-dev ;;
    libfuzzer)      # the runtime belongs to one version of clang
        setup_version=$(clang -dumpversion 2>/dev/null || apt-cache depends clang 2>/dev/null |
                        sed -n 's/.*Depends: clang-\([0-9][0-9]*\).*/\1/p')
        echo "libclang-rt-${setup_version%%.*}-dev" ;;
    ninja)          echo ninja-build ;;
    cmocka)         echo libcmocka-dev ;;
    sqlite3ext.h)   echo libsqlite3-dev ;;
    musl-gcc)       echo musl-tools ;;
    *)              echo "$1" ;;
    esac
}

setup_missing() { for setup_tool; do setup_have "$setup_tool" || printf '%s ' "$setup_tool"; done; }

setup_apt()
{
    set -- env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 "$@"
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

# Makes the tools named available, or says what to do and ends the script.
setup_need()
{
    setup_lacking=$(setup_missing "$@")
    [ -n "$setup_lacking" ] || return 0
    if ! command -v apt-get >/dev/null 2>&1; then
        setup_fail "Missing: ${setup_lacking}- please install them with this system's package manager, then run this again."
    fi
    if [ "$(id -u)" != 0 ] && ! command -v sudo >/dev/null 2>&1; then
        setup_fail "Missing: ${setup_lacking}- installing needs root and there is no sudo; please run this once as root."
    fi
    setup_log=$(mktemp)
    # A list of packages that is out of reach is no reason to stop: what is needed may come from the others.
    setup_apt update >"$setup_log" 2>&1 || true
    setup_wanted=
    for setup_tool in $setup_lacking; do setup_wanted="$setup_wanted$(setup_packages "$setup_tool") "; done
    printf 'Installing %s...\n' "$setup_wanted" >&2
    # One package a word, as the names hold no blanks.
    # shellcheck disable=SC2086
    if ! setup_apt install --no-install-recommends $setup_wanted >>"$setup_log" 2>&1; then
        cat "$setup_log" >&2
        rm -f "$setup_log"
        setup_fail "Could not install: $setup_wanted"
    fi
    rm -f "$setup_log"
    setup_lacking=$(setup_missing "$@")
    [ -z "$setup_lacking" ] || setup_fail "Installed, but still not found: $setup_lacking"
}

# One locale with a decimal comma for the tests, below the folder $1 where the system has none.
setup_locale()
{
    if locale -a 2>/dev/null | grep -q '^de_DE'; then return 0; fi
    mkdir -p "$1/locale"
    [ -e "$1/locale/de_DE.UTF-8" ] || localedef -i de_DE -f UTF-8 "$1/locale/de_DE.UTF-8" >/dev/null 2>&1 || true
    export LOCPATH="$1/locale"
}

# Configures and builds. The folder remembers the root it was made for: Meson writes absolute paths into it, so
# one that was moved, or does not build any more, is made anew, once.
setup_build()
{
    setup_folder=$root/$1
    shift
    setup_key="$root ${CC:-} $*"
    if [ "$(cat "$setup_folder/made-for" 2>/dev/null)" = "$setup_key" ] &&
       meson compile -C "$setup_folder" >"$setup_folder/build.log" 2>&1; then return 0; fi
    rm -rf "$setup_folder"
    mkdir "$setup_folder" || setup_fail "Cannot write into $root"
    if meson setup "$@" "$setup_folder" "$root" >"$setup_folder/build.log" 2>&1 &&
       meson compile -C "$setup_folder" >>"$setup_folder/build.log" 2>&1; then
        printf '%s\n' "$setup_key" >"$setup_folder/made-for"
        return 0
    fi
    cat "$setup_folder/build.log" >&2
    setup_fail "The build failed; its log is above and in $setup_folder/build.log"
}
