# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# Saved images of one guest of each kind, for scenarios that spoil them.
# originals DIR KIND... : DIR/KIND.save and DIR/KIND.cfg; no guest is left
originals() {
    local dir=$1 kind
    shift
    mkdir -p "$dir"
    for kind in "$@"; do
        guest_start "original-$kind" "$kind" 1 &&
            save "original-$kind" "$dir/$kind.save" || return 1
        cp "$OUT/original-$kind.cfg" "$dir/$kind.cfg"
    done
}
