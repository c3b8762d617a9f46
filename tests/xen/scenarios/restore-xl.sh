#!/bin/bash
# SPDX-License-Identifier: MIT
# xl save, xenvet restore through the xl back end, HVM with device model included
# limit: 300
. /in/dom0/lib.sh
needs_xenvet restore

round() { # KIND VCPUS
    local kind=$1 vcpus=$2 name=$1-$2 options=()
    # The kernel of an HVM guest is a path in the sender's configuration, which
    # nobody should believe: the operator's own is given.
    [ "$kind" != hvm ] || options=(--config "$OUT/$name.cfg")
    if guest_start "$name" "$kind" "$vcpus" && save "$name" "/tmp/$name.save" &&
        xenvet_says 0 120 restore --backend xl ${options[@]+"${options[@]}"} "/tmp/$name.save" &&
        went_on "$name" "$name" "$(slack_of "$kind")"; then
        ok "$name restored by xl behind xenvet goes on"
    else
        xl list | evidence_of
        not_ok "$name restored by xl behind xenvet goes on"
    fi
    guest_destroy "$name"
    rm -f "/tmp/$name.save"
}

round pv 1
round pv 2
round pvh 1
round pvh 2
round hvm 1
round hvm 2
round linux-pvh 1
