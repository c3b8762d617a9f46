# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# Takes the images that scenarios/golden.sh made out of the results, compresses
# them, and writes the lines corpus/golden/MANIFEST needs.

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

# golden DIR
golden() {
    local to=$1 file name hash
    mkdir -p "$to"
    to=$(cd "$to" && pwd)
    run_scenarios golden
    origin=$(cat "$results/golden/images/origin")
    printf '# file\tsha256\tsha256 uncompressed\toctets uncompressed\tlicence\torigin\n' >"$to/MANIFEST"
    for file in "$results"/golden/images/*.{xl,fwd,back,state}; do
        name=$(basename "$file")
        zstd -19 -q -f "$file" -o "$to/$name.zst"
        hash=$(sha256sum "$to/$name.zst" | cut -d' ' -f1)
        printf '%s\t%s\t%s\t%s\tMIT\t%s\n' "$name.zst" "$hash" \
            "$(sha256sum "$file" | cut -d' ' -f1)" "$(stat -c %s "$file")" \
            "$(what_it_is "$name"); own guest (tests/xen/guest) under $origin" >>"$to/MANIFEST"
    done
    say "$(grep -vc '^#' "$to/MANIFEST") files, $(du -sh "$to" | cut -f1): $to"
}
