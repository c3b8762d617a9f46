# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# Bounded steps: every command that can hang or fail runs through step, which
# keeps its output in a log and shows the end of that log when it goes wrong.

say() { printf '[xen %(%T)T] %s\n' -1 "$*" >&2; }
die() { say "error: $*"; exit 1; }

# step LABEL SECONDS COMMAND...
step() {
    local label=$1 limit=$2 log begin=$SECONDS rc=0
    shift 2
    mkdir -p "$build/log"
    log=$build/log/$label.log
    timeout --kill-after=10 "$limit" "$@" >"$log" 2>&1 </dev/null || rc=$?
    if [ "$rc" -ne 0 ]; then
        if [ "$rc" -eq 124 ] || [ "$rc" -eq 137 ]; then
            say "$label: no end after $limit s; last lines of $log:"
        else
            say "$label: exit status $rc; last lines of $log:"
        fi
        tail -n 30 "$log" | sed 's/^/    | /' >&2
        return "$rc"
    fi
    say "$label: $((SECONDS - begin)) s"
}
