#!/bin/bash
# SPDX-License-Identifier: MIT
# a guest rebuilt from the vetted copy is the guest rebuilt from the original
# limit: 240
. /in/dom0/lib.sh
needs_xenvet gate restore

# memory_of NAME KIND FILE : a line with number and sum for each page of a paused
# guest; for PVH the guest's 4 MiB and the special pages below 4 GiB
memory_of() {
    if [ "$2" = pv ]; then
        timed 120 xl dump-core "$1" /run/core && /in/dom0/core-pages /run/core >"$3"
        rm -f /run/core
    else
        /guests/pages "$(guest_id "$1")" 0 0x500 >"$3" &&
            /guests/pages "$(guest_id "$1")" 0xfef00 0x100 >>"$3"
    fi
}

round() { # KIND VCPUS
    local kind=$1 vcpus=$2 name=$1-$2 file copy
    file=/tmp/$name.save copy=/tmp/$name.vetted
    if ! guest_start "$name" "$kind" "$vcpus" || ! save "$name" "$file" ||
        ! xenvet_says 0 60 gate --in "$file" --out "$copy"; then
        not_ok "$name: a vetted copy is made"
        guest_destroy "$name"
        return
    fi
    ok "$name: a vetted copy is made"
    # The configuration before it may be rewritten; a real saver's stream is
    # canonical already.
    if cmp <(stream_of "$file") <(stream_of "$copy") >>"$OUT/commands.log"; then
        ok "$name: the copy's stream is the original's, octet for octet"
    else
        not_ok "$name: the copy's stream is the original's, octet for octet"
    fi

    local from
    for from in "$file" "$copy"; do
        another_life "$name"
        xenvet_says 0 120 restore --backend libxenguest --paused --name "$name" "$from"
        [ "$kind" = pv ] || memory_of "$name" "$kind" "$from.pages"
        timed 30 xl unpause "$name"
        if went_on "$name"; then
            ok "$name: restored from the ${from##*.} image it goes on"
        else
            not_ok "$name: restored from the ${from##*.} image it goes on"
        fi
        # xl finds the pages of a PV guest through what the guest writes when
        # it goes on.
        if [ "$kind" = pv ]; then
            timed 30 xl pause "$name"
            memory_of "$name" "$kind" "$from.pages"
        fi
        guest_destroy "$name"
    done
    if [ ! -s "$file.pages" ] || [ ! -s "$copy.pages" ]; then
        not_ok "$name: its memory can be read"
    elif [ "$kind" = pv ]; then
        # It ran, and machine frames differ between any two PV domains and
        # stand in their pages: numbers are compared, contents counted.
        evidence "$(wc -l <"$file.pages") pages, $(comm -12 <(sort "$file.pages") <(sort "$copy.pages") | wc -l) with the same contents"
        check "$name: both have the same pages" \
            cmp <(cut -d' ' -f1 "$file.pages") <(cut -d' ' -f1 "$copy.pages")
    else
        evidence "$(wc -l <"$file.pages") pages compared before the guest ran"
        check "$name: all pages are the same" cmp "$file.pages" "$copy.pages"
    fi
    rm -f "$file"* "$copy"*
}

stream_of() { tail -c +"$(($(grep -abo LibxlFmt "$1" | head -n 1 | cut -d: -f1) + 1))" "$1"; }

round pv 1
round pvh 2
