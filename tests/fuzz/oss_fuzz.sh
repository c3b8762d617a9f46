#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Runs fuzz/oss-fuzz/build.sh with the environment that OSS-Fuzz and ClusterFuzzLite set, through both of its names, and what it made
# for a moment: each harness has options, a dictionary that libFuzzer takes, and starts from its seeds.
set -euo pipefail

root=$(cd -P "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/out" "$work/work"
ln -s "$root" "$work/xenvet"
export SRC=$work OUT=$work/out WORK=$work/work CC=clang CXX=clang++ LIB_FUZZING_ENGINE=-fsanitize=fuzzer FUZZING_ENGINE=libfuzzer
export SANITIZER=address ARCHITECTURE=x86_64 FUZZING_LANGUAGE=c
export CFLAGS="-O1 -gline-tables-only -DFUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION -fsanitize=address -fsanitize=fuzzer-no-link"
"$root/.clusterfuzzlite/build.sh" > "$work/log" 2>&1 || { tail -n 30 "$work/log" && exit 1; }
passed=0
failed=0
for harness in "$OUT"/*_fuzz; do
    mkdir "$work/seeds"
    if [ -f "${harness}_seed_corpus.zip" ]; then unzip -q -o "${harness}_seed_corpus.zip" -d "$work/seeds"; fi
    mapfile -t options < <(sed -nE 's/^([a-z_]+) = ([0-9]+)$/-\1=\2/p' "$harness.options")
    if [ ${#options[@]} -ge 4 ] && [ -n "$(ls "$work/seeds")" ] &&
        (cd "$work" && "$harness" -runs=200 "${options[@]}" "-dict=$harness.dict" "$work/seeds" > "$work/log" 2>&1); then
        passed=$((passed + 1))
    else
        echo "FAIL $(basename "$harness")"
        tail -n 5 "$work/log"
        failed=$((failed + 1))
    fi
    rm -rf "$work/seeds"
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
