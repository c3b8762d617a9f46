#!/bin/bash
# SPDX-License-Identifier: MIT
# what plain xl makes of the hostile images: to be compared with the simulated hypervisor (tests/sim)
# limit: 900
. /in/dom0/lib.sh
. /in/dom0/originals.sh

if ! originals /run/originals pv pvh; then
    not_ok "images to spoil"
    exit 0
fi
mkdir -p "$OUT/images"
for kind in pv pvh; do
    zstd -q -3 "/run/originals/$kind.save" -o "$OUT/images/$kind.save.zst"
done
# One line for each: name, kind, status of xl, whether a domain was left.
while read -r name kind text; do
    if [[ $kind != pv* || $name == config-* ]]; then continue; fi
    /in/dom0/mutate "$name" "/run/originals/$kind.save" /run/hostile.save >>"$OUT/commands.log" 2>&1 || continue
    rc=0
    (ulimit -v 700000 && exec timeout --kill-after=5 $((30 * SLOW)) xl restore -e /run/hostile.save) >"$OUT/plain.log" 2>&1 || rc=$?
    left=no
    ! guest_exists "original-$kind" || left=yes
    {
        echo "== $name"
        cat "$OUT/plain.log"
    } >>"$OUT/commands.log"
    echo "$name $kind $rc $left" >>"$OUT/results"
    evidence "$name: status $rc, domain $left ($text)"
    guest_destroy "original-$kind"
    rm -f /run/hostile.save
done < <(/in/dom0/mutate --list)
ok "$(wc -l <"$OUT/results") hostile images were given to plain xl"
