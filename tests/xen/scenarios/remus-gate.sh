#!/bin/bash
# SPDX-License-Identifier: MIT
# Remus: fail-over through a gate that allows it, refusal by one that does not
# limit: 240
. /in/dom0/lib.sh

# fail_over NAME WHAT : checkpoints, kills the sender, expects the copy to go on
# from the last checkpoint, which is a little behind what the original reached
fail_over() {
    if guest_start "$1" pvh 2 && remus_start "$1" 300 && remus_checkpoints "$1" 3 90; then
        kill -KILL "$(remus_sender)"
        stop_mark "$1"
        if went_on "$1" "$1--incoming" 40; then
            ok "$2"
        else
            tail -n 8 "$OUT/$1.receiver.log" | evidence_of
            not_ok "$2"
        fi
    else
        tail -n 8 "$OUT/$1.receiver.log" | evidence_of
        not_ok "$2"
    fi
    wait
    destroy_guests
}

fail_over plain "Remus without the gate: fail-over when the sender dies"
needs_xenvet gate
LINK_GATE="xenvet gate --protocol remus --allow checkpointed --" \
    fail_over gate "Remus through a gate that allows it: fail-over when the sender dies"

name=refused
if guest_start $name pvh 2; then
    share_uuid $name
    settled_state "$OUT/before"
    LINK_GATE="xenvet gate --" remus_start $name 300
    for ((i = 0; i < 60 * SLOW; i++)); do
        [ -e "$OUT/$name.receiver.status" ] && break
        sleep 1
    done
    wait
    evidence "the gate's status: $(cat "$OUT/$name.receiver.status" 2>/dev/null)"
    tail -n 3 "$OUT/$name.receiver.log" | evidence_of
    if [ "$(cat "$OUT/$name.receiver.status" 2>/dev/null)" = 1 ] && more_ticks $name 3 60; then
        ticks_of $name | tail -n 2 | evidence_of
        ok "Remus is refused by the default policy, the sender's guest goes on"
    else
        not_ok "Remus is refused by the default policy, the sender's guest goes on"
    fi
    check "nothing is left of the refused Remus stream" same_state "$OUT/before" "$OUT/now"
fi
guest_destroy $name
