#!/bin/bash
# SPDX-License-Identifier: MIT
#
# All linters, one line each; what a failing one says is shown. The tools are there: `./dev lint` sees to that.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
out=build/lint
mkdir -p "$out"
passed=0
failed=0

# step NAME COMMAND...
step() {
    local name=$1 log
    shift
    log=$out/${name//[^a-z0-9]/-}.log
    if "$@" > "$log" 2>&1; then
        echo "ok - $name"
        passed=$((passed + 1))
    else
        head -n 80 "$log"
        echo "not ok - $name (all of it: $log)"
        failed=$((failed + 1))
    fi
}

mapfile -t c_files < <(tools/c_files.sh)
mapfile -t shell_files < <(git ls-files --cached --others --exclude-standard | while read -r file; do
    [ -f "$file" ] && head -c 64 "$file" | head -n 1 | grep -qE '^#!.*\b(ba|da)?sh\b' && echo "$file"
done)
shipped=(parser/*.c restore/*.c)

layout() { # which files, and how to see the lines
    local file bad=0
    for file in "${c_files[@]}"; do
        if ! clang-format --dry-run -Werror "$file" 2> /dev/null; then
            echo "$file: ./dev format would change it"
            bad=1
        fi
    done
    return "$bad"
}

# tree NAME PRESET: builds all of it; shows only what a compiler says
tree() {
    cmake --preset "$2" -B "$out/$1" -DXENVET_WERROR=ON -DXENVET_TESTS=ON > "$out/$1.log" 2>&1 &&
        cmake --build "$out/$1" -j 2 -- -k 0 >> "$out/$1.log" 2>&1 && return 0
    grep -E -A 4 '(error|warning):|CMake Error' "$out/$1.log"
    return 1
}

warnings() {
    local bad=0
    tree gcc release || bad=1
    tree clang asan || bad=1
    return "$bad"
}

tidy() { # with the commands of the clang build; one process each, as its analyser mixes up files that it gets together
    printf '%s\n' "${shipped[@]}" | xargs -P 2 -n 1 clang-tidy --quiet -p "$out/clang"
}

check() {
    cppcheck --quiet --std=c11 --language=c --platform=unix64 --inline-suppr --error-exitcode=1 -j 2 \
        --enable=warning,performance,portability \
        -Iparser/include -Iparser -Irestore "${shipped[@]}"
}

analyze() { # gcc's own analyser
    printf '%s\n' parser/*.c | xargs -P 2 -n 1 gcc -std=c11 -O2 -fanalyzer -Werror -Iparser/include -Iparser -c -o /dev/null
}

length_limits() { # (functions at most 60 lines are clang-tidy's; files at most 500)
    local file lines bad=0
    for file in "${c_files[@]}"; do
        lines=$(wc -l < "$file")
        if [ "$lines" -gt 500 ]; then
            echo "$file: $lines lines, at most 500"
            bad=1
        fi
    done
    return "$bad"
}

man_pages() {
    local page bad=0 found
    for page in docs/man/*.scd; do
        scdoc < "$page" > "$out/page" || bad=1
        # paragraph macros that mandoc skips are scdoc's habit
        found=$(mandoc -Tlint -Wwarning "$out/page" 2>&1 | grep -v 'skipping paragraph macro' || true)
        if [ -n "$found" ]; then
            echo "$page: $found"
            bad=1
        fi
    done
    return "$bad"
}

operators_files() { # the profile compiles, the units are understood; without xenvet being installed where they name it
    local unit
    apparmor_parser --skip-kernel-load --skip-cache --quiet packaging/apparmor/usr.bin.xenvet || return 1
    rm -rf "$out/units"
    mkdir "$out/units"
    for unit in packaging/systemd/*; do
        sed 's,/usr/bin/xenvet ,/bin/true ,' "$unit" > "$out/units/${unit##*/}"
    done
    systemd-analyze verify --man=no "$out"/units/*
}

fuzz_macro() { # what only fuzzing builds may do is not in the shipped ones
    ! grep -rn FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION parser restore
}

hardening() { tools/hardening.sh "$out"/gcc/bin/xenvet* "$out"/gcc/lib/libxenvet.so; }

step "licence lines" tools/spdx.sh
step "shellcheck" shellcheck --exclude=SC2187 "${shell_files[@]}" # 2187: busybox sh is checked as dash
step "clang-format" layout
step "file length" length_limits
step "man pages" man_pages
step "AppArmor profile and systemd units" operators_files
step "gcc and clang without a warning" warnings
step "parser gate" tools/parser_gate.sh "$out/gcc/lib/libxenvet.a"
step "hardening" hardening
step "no fuzzing mode in shipped code" fuzz_macro
step "clang-tidy" tidy
step "cppcheck" check
step "gcc -fanalyzer" analyze

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
