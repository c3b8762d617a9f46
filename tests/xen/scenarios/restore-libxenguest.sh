#!/bin/bash
# SPDX-License-Identifier: MIT
# xl save, xenvet check, xenvet restore through libxenguest; the guest goes on
# limit: 300
. /in/dom0/lib.sh
needs_xenvet check restore

round() { # KIND VCPUS [OPTION...]
    local kind=$1 vcpus=$2 name=$1-$2 what
    shift 2
    what="$name${1:+ $1} restored by libxenguest behind xenvet goes on"
    if guest_start "$name" "$kind" "$vcpus" && save "$name" "/tmp/$name.save" &&
        xenvet_says 0 60 check "/tmp/$name.save" &&
        xenvet_says 0 120 restore --backend libxenguest --name "$name" "$@" "/tmp/$name.save" &&
        released "$name" "$@" && went_on "$name" "$name" "$(slack_of "$kind")"; then
        ok "$what"
    else
        xl list | evidence_of
        not_ok "$what"
    fi
    guest_destroy "$name"
    rm -f "/tmp/$name.save"
}

# released NAME [--paused] : a guest restored paused must stand still until it is
# let go
released() {
    [ "${2:-}" = --paused ] || return 0
    local ticks state
    ticks=$(tick_count "$1")
    sleep 2
    state=$(xl list "$1" | awk 'NR == 2 { print $5 }')
    evidence "paused: state $state, $(($(tick_count "$1") - ticks)) ticks in 2 s"
    [[ $state == *p* ]] && [ "$(tick_count "$1")" -eq "$ticks" ] && timed 30 xl unpause "$1"
}

round pv 1
round pv 2
round pvh 1
round pvh 2
round pv 1 --paused
round pvh 1 --paused
round linux-pv 1
round linux-pvh 1
