#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The proof: Eva over the whole parser with arbitrary input (no alarm, every function reached), WP over the cursor (every goal),
# and the same two over copies with a planted bug, which must fail: a proof that cannot fail proves nothing.
#
# usage: tests/proof/run.sh [OUTDIR]
set -euo pipefail
cd "$(dirname "$0")/../.."
root=$PWD
out=${1:-build/proof}
mkdir -p "$out"

# WP asks Why3 for its provers, and Why3 knows those that were looked for once; a configuration of our own leaves the user's alone.
export WHY3CONFIG=$root/$out/why3.conf
case $out in /*) WHY3CONFIG=$out/why3.conf ;; esac
why3 config detect > "$out/why3.log" 2>&1 || { cat "$out/why3.log"; exit 1; }

libc_include=$(frama-c -print-share-path)/libc
eva_options=(-eva -eva-precision 1 -eva-warn-key experimental=inactive -machdep gcc_x86_64 -main main
             -eva-no-alloc-returns-null -warn-unsigned-downcast -warn-signed-downcast)
fails=0
passes=0

ok() { echo "ok - $1"; passes=$((passes + 1)); }
not_ok() { echo "not ok - $1"; fails=$((fails + 1)); }

# eva NAME PARSERDIR: leaves NAME.log; the analysis itself must not fail. Eva sees cursor.c without its contracts, which relate
# variables and are WP's to prove: what Eva finds out, it finds from the code.
eva() {
    local copy=$out/$1-src
    rm -rf "$copy"
    cp -r "$2" "$copy"
    sed -i '\|^ */\*@|,\|\*/|d' "$copy/cursor.c"
    frama-c "${eva_options[@]}" -cpp-extra-args="-I$copy/include -I$copy -I$libc_include" \
        tests/proof/driver.c "$copy"/*.c > "$out/$1.log" 2>&1
}

alarms() { grep -c '^\[eva:alarm\]' "$out/$1.log" || true; }

# wp NAME FILE PARSERDIR: prints "PROVED TOTAL"
wp() {
    frama-c -wp -wp-rte -wp-prover z3,cvc4 -wp-timeout 20 -machdep gcc_x86_64 -cpp-extra-args="-I$3/include -I$3" "$2" \
        > "$out/$1.log" 2>&1
    sed -n 's/.*Proved goals: *\([0-9]*\) \/ \([0-9]*\).*/\1 \2/p' "$out/$1.log" | tail -n 1
}

prove_parser() {
    if ! eva eva parser; then
        tail -n 20 "$out/eva.log"
        not_ok "Eva analyses the parser"
        return
    fi
    local found
    found=$(alarms eva)
    if [ "$found" -eq 0 ]; then ok "Eva: no alarm in parser/"; else
        grep -A2 '^\[eva:alarm\]' "$out/eva.log" | head -n 60
        not_ok "Eva: $found alarms"
    fi
    if grep -E 'preconditions? .*(unknown|invalid)|assertion.*(unknown|invalid)' "$out/eva.log"; then
        not_ok "Eva: every precondition holds"
    else
        ok "Eva: every precondition holds"
    fi
    # "N functions analyzed (out of M): C% coverage"
    sed -n '/====== ANALYSIS SUMMARY/,$p' "$out/eva.log" | head -n 20
    local unreached
    unreached=$(unreached_functions)
    if [ -z "$unreached" ]; then ok "Eva: every function of parser/ is reached"; else
        echo "$unreached"
        not_ok "Eva: functions not reached"
    fi
}

# Functions defined in parser/*.c that Eva did not analyse. Where two files use one name, Frama-C numbers it: entries_0.
unreached_functions() {
    sed -n 's/^\[eva:final-states\] Values at end of function \(.*\):$/\1/p' "$out/eva.log" |
        sed -E 'p; s/_[0-9]+$//' | sort -u > "$out/reached"
    rm -rf "$out/objects"
    mkdir "$out/objects"
    (cd "$out/objects" && gcc -std=c11 -O0 -I"$root/parser/include" -I"$root/parser" -c "$root"/parser/*.c)
    nm "$out"/objects/*.o | awk '$2 ~ /^[tT]$/ {print $3}' | sort -u > "$out/defined"
    comm -23 "$out/defined" "$out/reached"
}

prove_cursor() {
    local proved total
    read -r proved total < <(wp wp parser/cursor.c parser)
    if [ -n "${total:-}" ] && [ "$proved" = "$total" ]; then ok "WP: cursor.c, $proved of $total goals"; else
        grep -A1 -E '\[(Failed|Timeout|Unknown)\]' "$out/wp.log" | head -n 20
        not_ok "WP: cursor.c, ${proved:-0} of ${total:-?} goals"
    fi
}

# A bound taken away must be noticed by both.
planted() {
    # the first alarm is enough
    eva_options+=(-eva-stop-at-nth-alarm 1)
    local copy=$out/planted proved total
    rm -rf "$copy"
    cp -r parser "$copy"
    sed -i -e 's/ || off > XV_WANT_MAX - 4)/)/' -e 's/return c->off <= c->end && n <= c->end - c->off.*/return n <= c->end;/' \
        "$copy/cursor.c"
    if cmp -s parser/cursor.c "$copy/cursor.c"; then not_ok "planted bug: not planted"; return; fi
    read -r proved total < <(wp wp-planted "$copy/cursor.c" "$copy")
    if [ "$proved" != "$total" ]; then ok "WP notices a bound taken away ($proved of $total goals)"; else
        not_ok "WP does not notice a bound taken away"
    fi
    eva eva-planted "$copy" || true # it stops at the alarm
    if [ "$(alarms eva-planted)" -gt 0 ]; then
        ok "Eva notices a bound taken away"
    else
        not_ok "Eva does not notice a bound taken away"
    fi
}

prove_cursor
prove_parser
planted
echo "$passes passed, $fails failed"
[ "$fails" -eq 0 ]
