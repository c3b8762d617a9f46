#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Runs fuzz/oss-fuzz/build.sh with the environment that OSS-Fuzz sets, and what it made for a moment.
set -euo pipefail

root=$(cd -P "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/out" "$work/work"
export SRC=$work XENVET_SOURCE=$root OUT=$work/out WORK=$work/work CC=clang LIB_FUZZING_ENGINE=-fsanitize=fuzzer
export CFLAGS="-O1 -gline-tables-only -DFUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION -fsanitize=address -fsanitize=fuzzer-no-link"
"$root/fuzz/oss-fuzz/build.sh" > "$work/log" 2>&1 || { tail -n 30 "$work/log" && exit 1; }
passed=0
failed=0
for harness in "$OUT"/*_fuzz; do
    mkdir "$work/seeds"
    if [ -f "${harness}_seed_corpus.zip" ]; then unzip -q -o "${harness}_seed_corpus.zip" -d "$work/seeds"; fi
    if [ -f "$harness.options" ] && (cd "$work" && "$harness" -runs=200 "$work/seeds" > "$work/log" 2>&1); then
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
