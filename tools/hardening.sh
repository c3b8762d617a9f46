#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The finished programs and the library are position independent, have stack protectors and fortified calls, and are linked with
# read-only relocations and immediate binding. usage: tools/hardening.sh FILE...
set -euo pipefail
[ $# -gt 0 ]
fails=0
for file in "$@"; do
    if [ ! -f "$file" ]; then
        echo "$file: missing"
        fails=$((fails + 1))
        continue
    fi
    # --nocfprotection: Debian 12's C runtime objects lack the mark, so the linker drops it. --nofortify: the parser core calls
    # nothing that has a fortified form; the flag itself is checked in the build.
    options=(--nocfprotection --nofortify)
    case $file in *.so | *.so.*) options+=(--nopie) ;; esac
    headers=$(readelf -hldW "$file")
    symbols=$(nm "$file" 2> /dev/null || true)
    if [[ $headers != *INTERP* && $headers != *SONAME* ]]; then
        # a static program: hardening-check looks for dynamic symbols, so what it cannot see is looked for here
        options+=(--nopie --nostackprotector)
        if [[ $headers != *'DYN (Position-Independent Executable'* || $symbols != *' __stack_chk_fail'* ]]; then
            echo "$file: not position independent, or without stack protector"
            fails=$((fails + 1))
        fi
    fi
    if ! report=$(hardening-check "${options[@]}" "$file" 2>&1); then
        echo "$report"
        fails=$((fails + 1))
    fi
    if readelf -lW "$file" | awk '$1 == "GNU_STACK" && /E/ && $7 ~ /E/ {bad = 1} END {exit !bad}'; then
        echo "$file: executable stack"
        fails=$((fails + 1))
    fi
done
[ "$fails" -eq 0 ]
