#!/bin/bash
# SPDX-License-Identifier: MIT
# live migration with and without the gate: the guest goes on, downtime of both
# limit: 240
. /in/dom0/lib.sh

round() { # NAME VCPUS WHAT
    if guest_start "$1" pvh "$2" && migrate "$1" && stop_mark "$1" && went_on "$1" "$1--incoming"; then
        away=$(downtime_of "$1--incoming")
        evidence "migrated in $took s, guest away for $away"
        ok "$3"
    else
        away='?'
        tail -n 8 "$OUT/$1.receiver.log" | evidence_of
        not_ok "$3"
    fi
    guest_destroy "$1"
}

round plain-1 1 "live migration without the gate, 1 vCPU"
plain_1=$away
round plain-2 2 "live migration without the gate, 2 vCPUs"
plain_2=$away
needs_xenvet gate
export LINK_GATE="xenvet gate --"
round gate-1 1 "live migration through the gate, 1 vCPU"
evidence "downtime, 1 vCPU: without gate $plain_1, with gate $away"
round gate-2 2 "live migration through the gate, 2 vCPUs"
evidence "downtime, 2 vCPUs: without gate $plain_2, with gate $away"

# One bit changed on the way: refused, and the sender's guest goes on at home.
name=flipped
if guest_start $name pvh 1; then
    share_uuid $name
    settled_state "$OUT/before"
    ticks=$(tick_count $name)
    LINK_STATUS=$OUT/$name.status LINK_MANGLE=/in/dom0/flip LINK_LOG=$OUT/$name.receiver.log \
        timeout $((120 * SLOW)) xl migrate -s /in/dom0/link $name localhost >"$OUT/$name.sender.log" 2>&1
    evidence "the gate's status: $(cat "$OUT/$name.status")"
    tail -n 3 "$OUT/$name.receiver.log" | evidence_of
    if [ "$(cat "$OUT/$name.status")" = 1 ] && more_ticks $name 3 30 &&
        [ "$(ticks_of $name | sed -n "$((ticks + 1))p" | grep -c 'mem=ok')" -eq 1 ]; then
        ticks_of $name | tail -n 2 | evidence_of
        ok "a migration with one bit changed is refused, the sender's guest goes on"
    else
        not_ok "a migration with one bit changed is refused, the sender's guest goes on"
    fi
    check "nothing is left of the refused migration" same_state "$OUT/before" "$OUT/now"
fi
guest_destroy $name
