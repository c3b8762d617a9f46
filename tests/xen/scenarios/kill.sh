#!/bin/bash
# SPDX-License-Identifier: MIT
# kill -9 of each xenvet process at each stage of a restore: nothing left, or reaped
# limit: 420
. /in/dom0/lib.sh
. /in/dom0/originals.sh
needs_xenvet restore

if ! originals /run/originals pv; then
    not_ok "an image to restore"
    exit 0
fi
image=/run/originals/pv.save
size=$(stat -c %s "$image")

# Number and name of each process of xenvet, and what time each has used.
xenvets() {
    local stat words
    for stat in /proc/[0-9]*/stat; do
        read -r -a words 2>/dev/null <"$stat" || continue
        if [[ ${words[1]-} == "(xenvet"* ]]; then echo "${words[0]} ${words[1]//[()]/} ${words[13]} ${words[14]}"; fi
    done
}

# Until everybody waits: two looks in a row find that nobody has worked.
settle() {
    local before='' now i
    for ((i = 0; i < 20 * SLOW; i++)); do
        sleep 0.7
        now=$(xenvets)
        [ -n "$now" ] && [ "$now" = "$before" ] && return
        before=$now
    done
}

# begin BACKEND OCTETS : a restore that has been given so many octets and waits for more
begin() {
    mkfifo /run/feed
    xenvet restore --backend "$1" --name victim - </run/feed >>"$OUT/commands.log" 2>&1 &
    restore=$!
    { head -c "$2" "$image"; exec sleep 600; } >/run/feed &
    feeder=$!
    settle
}

finish() {
    kill $feeder 2>/dev/null
    wait $feeder 2>/dev/null
    for ((i = 0; i < 20 * SLOW; i++)); do
        [ -z "$(xenvets)" ] && break
        sleep 0.5
    done
    wait $restore 2>/dev/null
    rm -f /run/feed
}

attempt() { # BACKEND KIND OCTETS WHERE
    local what="$1: $2 killed $4" victims
    begin "$1" "$3"
    victims=$(xenvets | awk -v k="$2" '$2 == k { print $1 }')
    if [ -z "$victims" ]; then
        # Not every process lives at every stage.
        evidence "$1: no $2 $4"
        finish
        guest_destroy victim
        return
    fi
    # shellcheck disable=SC2086 # one word for each process
    kill -KILL $victims
    finish
    if same_state "$OUT/before" "$OUT/now" >"$OUT/difference"; then
        ok "$what: nothing left"
    else
        cat "$OUT/difference"
        xenvet restore --reap >>"$OUT/commands.log" 2>&1
        if same_state "$OUT/before" "$OUT/now"; then
            ok "$what: found and removed by --reap"
        else
            not_ok "$what: left behind and not reaped"
        fi
    fi
    guest_destroy victim
    guest_destroy original-pv
}

# One undisturbed restore first: its domain and its folders are then known.
xenvet_says 0 120 restore --backend xl --name victim "$image"
guest_destroy victim
xenvet_says 0 120 restore --backend libxenguest --name victim "$image"
guest_destroy victim
sleep 2
settled_state "$OUT/before"

# Which processes there are is asked, not assumed.
begin libxenguest $((size / 2))
mapfile -t kinds < <(xenvets | awk '{ print $2 }' | sort -u)
evidence "processes of a restore: ${kinds[*]}"
finish
xenvet restore --reap >>"$OUT/commands.log" 2>&1
[ ${#kinds[@]} -gt 0 ] || not_ok "a restore waits for its image"

stages=("0 before the first octet" "40 inside the file header"
    "$((size / 4)) among the pages" "$((size * 3 / 4)) among the last pages"
    "$((size - 8)) before the last record" "$size before end of file")
for stage in "${stages[@]}"; do
    read -r octets where <<<"$stage"
    for kind in ${kinds[@]+"${kinds[@]}"}; do attempt libxenguest "$kind" "$octets" "$where"; done
done
for kind in xenvet xenvet-worker; do
    attempt xl $kind $((size / 4)) "among the pages"
    attempt xl $kind "$size" "before end of file"
done
