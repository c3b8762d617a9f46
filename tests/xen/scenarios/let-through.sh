#!/bin/bash
# SPDX-License-Identifier: MIT
# varied real images that xenvet accepts (tests/xen/vary), given to plain xl: a guest or a refusal, never a fault
# limit: 1500
. /in/dom0/lib.sh
if [ ! -e /in/attached/varied/changes ]; then
    skip "varied images" "none attached: tests/xen/vary makes them, --attach brings them"
    exit 0
fi
needs_xenvet check

# restored FILE : status of xl in $status; what it said in $OUT/xl.log
restored() {
    status=0
    timeout --kill-after=5 $((60 * SLOW)) xl restore -e "$1" >"$OUT/xl.log" 2>&1 || status=$?
}

while read -r image; do
    restored "/in/attached/varied/$image"
    if [ "$status" -eq 0 ]; then
        ok "$image runs, unchanged"
    else
        tail -n 3 "$OUT/xl.log" | evidence_of
        not_ok "$image runs, unchanged"
    fi
    destroy_guests
done < <(cut -d' ' -f1 /in/attached/varied/changes | sort -u)
sleep 2
settled_state "$OUT/before"

while read -r image offset octets what; do
    cp "/in/attached/varied/$image" /run/varied.save
    for ((i = 0; i < ${#octets}; i += 2)); do printf %b "\\x${octets:i:2}"; done |
        dd of=/run/varied.save bs=1 seek="$offset" conv=notrunc status=none
    good=yes
    xenvet_says 0 60 check /run/varied.save || good=''
    restored /run/varied.save
    {
        echo "== $image $offset $octets $what: status $status"
        cat "$OUT/xl.log"
    } >>"$OUT/commands.log"
    if [ "$status" -eq 0 ]; then
        sleep 0.5 # let the guest run into it
        result="a guest, $(xl list | awk 'NR > 2 { print $5 }')"
    else
        result="refused: $(grep -a 'error\|Failed\|failed' "$OUT/xl.log" | head -n 1 | cut -c 1-130)"
    fi
    # 124: it hangs; above 128: a signal. An assertion is a signal too.
    if [ "$status" -ge 124 ] || grep -aq 'Assert\|double free\|corrupt' "$OUT/xl.log"; then
        tail -n 4 "$OUT/xl.log" | evidence_of
        good=''
    fi
    destroy_guests
    rm -f /run/varied.save
    same_state "$OUT/before" "$OUT/now" || good=''
    evidence "$image: $octets at $offset, $what"
    if [ -n "$good" ]; then ok "$result"; else not_ok "status $status, $result"; fi
done </in/attached/varied/changes
