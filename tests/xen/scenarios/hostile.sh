#!/bin/bash
# SPDX-License-Identifier: MIT
# real images spoiled in each known way: refused by xenvet, dom0 is as it was
# limit: 600
. /in/dom0/lib.sh
. /in/dom0/originals.sh
needs_xenvet restore

if ! originals /run/originals pv pvh hvm; then
    not_ok "images to spoil"
    exit 0
fi
# A first, good restore warms up caches and makes the folders that the toolstack
# never removes.
if xenvet_says 0 120 restore --backend libxenguest --name original-pv /run/originals/pv.save; then
    ok "the image itself is accepted"
else
    not_ok "the image itself is accepted"
fi
guest_destroy original-pv
sleep 2
settled_state "$OUT/before"

while read -r name kind text; do
    backend=libxenguest options=()
    if [ "$kind" = hvm ]; then
        backend=xl
        # With the operator's configuration nothing of the sender's is left to refuse.
        [[ $name == config-* ]] || options=(--config /run/originals/hvm.cfg)
    fi
    if ! /in/dom0/mutate "$name" "/run/originals/$kind.save" /run/hostile.save >>"$OUT/commands.log" 2>&1; then
        not_ok "$name: could not be made"
        continue
    fi
    good=yes
    xenvet_says 1 60 restore --backend $backend --name hostile ${options[@]+"${options[@]}"} \
        /run/hostile.save || good=''
    evidence "$(grep -v '^+ ' "$OUT/xenvet.log" | head -n 1 | cut -c 1-160)"
    if [[ $name == remus-* ]]; then
        xenvet_says 1 60 check --allow checkpointed /run/hostile.save || good=''
        evidence "$(grep -v '^+ ' "$OUT/xenvet.log" | head -n 1 | cut -c 1-160)"
    fi
    rm -f /run/hostile.save
    same_state "$OUT/before" "$OUT/now" || good=''
    guest_destroy hostile
    if [ -n "$good" ]; then
        ok "$name refused, nothing left: $text"
    else
        not_ok "$name refused, nothing left: $text"
    fi
done < <(/in/dom0/mutate --list)
