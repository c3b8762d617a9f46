# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# Turns the scenarios' logs into one summary: every ok / not ok line with the
# evidence lines ("# ...") that stand above it, then one line for each scenario.

what_it_shows() { sed -n '3s/^# //p' "$here/scenarios/$1.sh"; }

evidence_and_results() { # SCENARIO
    local dir=$results/$1 rc took
    echo "## $1: $(what_it_shows "$1")"
    if [ -e "$results/first-try/$1.why" ]; then
        echo "# second try: in the first one $(cat "$results/first-try/$1.why")"
        sed -n 's/^not ok/#     first try: not ok/p' "$results/first-try/$1/log" 2>/dev/null || true
    fi
    if [ ! -e "$dir/rc" ]; then
        [ ! -e "$dir/log" ] || grep -aE '^(ok|not ok|#)( |$)' "$dir/log"
        echo "not ok - $1: did not end"
        return
    fi
    read -r rc took <"$dir/rc"
    grep -aE '^(ok|not ok|#)( |$)' "$dir/log" || echo "not ok - $1: printed no result"
    echo "# $1: status $rc, $took s"
}

overview_of() { # SCENARIO : its results in one line
    local log=$results/$1/log took='?' second=''
    [ ! -e "$results/$1/rc" ] || took=$(cut -d' ' -f2 "$results/$1/rc")
    [ ! -e "$results/first-try/$1.why" ] || second=', second try'
    printf '# %-20s %3d passed, %d failed, %4s s%s: %s\n' "$1" "$(grep -ac '^ok' "$log" 2>/dev/null)" \
        "$(grep -ac '^not ok' "$log" 2>/dev/null)" "$took" "$second" "$(what_it_shows "$1")"
}

end_of() { # SCENARIO : for the person who has to find out
    say "end of $1:"
    tail -n 25 "$results/$1/log" 2>/dev/null | tr -d '\r' | sed 's/^/    | /' >&2
}

# grep's own status says whether there were any, and would end the script.
count_of() { grep -c "$1" "$results/summary.tap" || true; }

# report SCENARIO... : prints the summary, fails when anything did
report() {
    local name passed skipped failed
    {
        for name in "$@"; do evidence_and_results "$name"; done
        echo "## overview"
        for name in "$@"; do overview_of "$name"; done
    } | tr -d '\r' | tee "$results/summary.tap"
    passed=$(count_of '^ok')
    skipped=$(count_of '^ok .*# SKIP')
    failed=$(count_of '^not ok')
    say "$((passed - skipped)) passed, $skipped skipped, $failed failed, $SECONDS s: $results/summary.tap"
    for name in "$@"; do
        if [ ! -e "$results/$name/log" ] || grep -aq '^not ok' "$results/$name/log"; then end_of "$name"; fi
    done
    # The last line is what ./dev and CI read; a skip is no failure.
    echo "$passed passed, $failed failed"
    [ "$failed" -eq 0 ]
}
