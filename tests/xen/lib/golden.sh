# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# Takes the images that scenarios/golden.sh made out of the results, compresses
# them, and writes lines for corpus/MANIFEST beside them, in its columns.

what_it_is() {
    case $1 in
        *.xl) echo "xl save -c of the tiny guest, ${1%.xl}" ;;
        migrate-*.fwd) echo "xl migrate, what the receiver read" ;;
        migrate-*.back) echo "xl migrate, what the receiver wrote" ;;
        remus-*.fwd) echo "xl remus, what the receiver read until the sender was killed" ;;
        remus-*.back) echo "xl remus, what the receiver wrote" ;;
        *.state) echo "state file of a live-updating xenstored with one guest" ;;
    esac
}

# Verdict and options of its line.
verdict_of() {
    case $1 in
        *.xl | *.state) printf 'ACCEPTED\t-\t-\t-' ;;
        migrate-verify-*.fwd) printf 'ACCEPTED\t-\t--tolerate trailing-go-ahead --allow verify\t-' ;;
        migrate-*.fwd) printf 'ACCEPTED\t-\t--tolerate trailing-go-ahead\t-' ;;
        remus-*.fwd) printf 'ACCEPTED\t-\t--allow checkpointed\t-' ;;
        *.back) printf 'HANDSHAKE\t-\t-\t-' ;;
    esac
}

# What a receiver wrote is kept as it is: it is short, and no image.
place_of() {
    case $1 in
        *.back) echo "golden/handshake/xen-$1" ;;
        *) echo "golden/accept/xen-$1.zst" ;;
    esac
}

# golden DIR
golden() {
    local to=$1 file name place hash origin
    mkdir -p "$to"
    to=$(cd "$to" && pwd)
    run_lanes golden
    origin=$(cat "$results/golden/images/origin")
    printf 'path\torigin\tlicence\tsha256\tverdict\toffset\toptions\tpair\n' >"$to/MANIFEST"
    for file in "$results"/golden/images/*.{xl,fwd,back,state}; do
        name=$(basename "$file") place=$(place_of "$(basename "$file")")
        mkdir -p "$(dirname "$to/$place")"
        case $place in
            *.zst) zstd -19 -q -f "$file" -o "$to/$place" ;;
            *) cp "$file" "$to/$place" ;;
        esac
        chmod 644 "$to/$place"
        # The sum is of the image, not of its compressed form.
        hash=$(sha256sum "$file" | cut -d' ' -f1)
        printf '%s\t%s\tMIT\t%s\t%s\n' "$place" "tests/xen golden: $(what_it_is "$name"); $origin" "$hash" \
            "$(verdict_of "$name")" >>"$to/MANIFEST"
    done
    say "$(($(wc -l <"$to/MANIFEST") - 1)) files, $(du -sh "$to" | cut -f1): $to"
}
