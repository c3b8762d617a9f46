#!/bin/bash
# SPDX-License-Identifier: MIT
# every kind of guest, saved and restored by plain xl: the ground the rest stands on
# limit: 420
. /in/dom0/lib.sh

xl info | grep -E '^(xen_version|xen_caps|release|free_memory)' | sed 's/^/# /'

round() { # KIND VCPUS
    local kind=$1 vcpus=$2 name=$1-$2
    if ! guest_start "$name" "$kind" "$vcpus"; then
        xl dmesg | tail -n 15 | evidence_of
        not_ok "$name starts"
        guest_destroy "$name"
        return
    fi
    if save "$name" "/tmp/$name.save" && timed 200 xl restore "/tmp/$name.save" &&
        went_on "$name" "$name" "$(slack_of "$kind")"; then
        ok "$name goes on after xl save and xl restore ($took s)"
    else
        xl dmesg | tail -n 15 | evidence_of
        not_ok "$name goes on after xl save and xl restore"
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
round linux-pv 1
round linux-pvh 1
