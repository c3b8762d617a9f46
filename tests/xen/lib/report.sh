# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# Turns the scenarios' logs into one summary: every ok / not ok line with the
# evidence lines ("# ...") that stand above it.

# report OUTDIR SCENARIO... : prints the summary, fails when anything did
report() {
    local out=$1 name rc took passed skipped failed
    shift
    {
        for name in "$@"; do
            echo "## $name"
            if [ ! -e "$out/$name/rc" ]; then
                [ -e "$out/$name/log" ] && grep -aE '^(ok|not ok|#) ?' "$out/$name/log"
                echo "not ok - $name: did not end"
                continue
            fi
            read -r rc took <"$out/$name/rc"
            grep -aE '^(ok|not ok|#)( |$)' "$out/$name/log" ||
                echo "not ok - $name: printed no result"
            echo "# $name: status $rc, $took s"
        done
    } | tr -d '\r' | tee "$out/summary.tap"
    passed=$(grep -c '^ok' "$out/summary.tap")
    skipped=$(grep -c '^ok .*# SKIP' "$out/summary.tap")
    failed=$(grep -c '^not ok' "$out/summary.tap")
    say "$((passed - skipped)) passed, $skipped skipped, $failed failed: $out/summary.tap"
    if [ "$failed" -ne 0 ]; then
        for name in "$@"; do
            if [ ! -e "$out/$name/log" ] || grep -aq '^not ok' "$out/$name/log"; then
                say "end of $name:"
                tail -n 25 "$out/$name/log" 2>/dev/null | tr -d '\r' | sed 's/^/    | /' >&2
            fi
        done
    fi
    # The last line is what ./dev and CI read; a skip is no failure.
    echo "$passed passed, $failed failed"
    [ "$failed" -eq 0 ]
}
