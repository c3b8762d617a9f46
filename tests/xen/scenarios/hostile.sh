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
# never removes; so does a refused one, of the back end of xl.
if xenvet_says 0 120 restore --backend libxenguest --name original-pv /run/originals/pv.save; then
    ok "the image itself is accepted"
else
    not_ok "the image itself is accepted"
fi
guest_destroy original-pv
xenvet_says 1 60 restore --backend xl --name hostile /dev/null || not_ok "nothing is no image"
coproc MUTATE { exec /in/dom0/mutate 2>>"$OUT/commands.log"; }
sleep 2
settled_state "$OUT/before"

while read -r name kind text; do
    backend=libxenguest options=()
    if [ "$kind" = hvm ]; then
        backend=xl
        # With the operator's configuration nothing of the sender's is left to refuse.
        [[ $name == config-* ]] || options=(--config /run/originals/hvm.cfg)
    fi
    echo "$name /run/originals/$kind.save /run/hostile.save" >&"${MUTATE[1]}"
    read -r answer <&"${MUTATE[0]}"
    if [ "$answer" != "done" ]; then
        not_ok "$name: could not be made: $answer"
        continue
    fi
    good=yes
    xenvet_says 1 60 restore --backend $backend --name hostile ${options[@]+"${options[@]}"} \
        /run/hostile.save || good=''
    xenvet_said
    if [[ $name == remus-* ]]; then
        xenvet_says 1 60 check --allow checkpointed /run/hostile.save || good=''
        xenvet_said
    fi
    rm -f /run/hostile.save
    same_state "$OUT/before" "$OUT/now" || good=''
    if [ -n "$good" ]; then
        ok "$name refused, nothing left: $text"
    else
        not_ok "$name refused, nothing left: $text"
        guest_destroy hostile
    fi
done < <(/in/dom0/mutate --list)
