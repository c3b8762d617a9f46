#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Builds the release preset from two copies of the tree, in places of different depth, at different times of day as far as the
# environment tells, with different locales, masks and numbers of jobs. All that is installed must be equal octet for octet.
set -euo pipefail
cd "$(dirname "$0")/../.."
top=$(mktemp -d)
trap 'rm -rf "$top"' EXIT
export SOURCE_DATE_EPOCH
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct 2> /dev/null || echo 1700000000)

# copy_build PLACE JOBS: what git knows or would add, built (but for the tests) and installed into PLACE.installed
copy_build() {
    mkdir -p "$1"
    git ls-files -z --cached --others --exclude-standard | while IFS= read -r -d '' file; do
        [ ! -e "$file" ] || printf '%s\0' "$file"
    done | tar --null -T - -cf - | tar -C "$1" -xf -
    if ! (cd "$1" && cmake --preset release && cmake --build build/release -j "$2" --target parser/all restore/all docs/all &&
        DESTDIR=$1.installed cmake --install build/release --prefix /usr) > "$top/log" 2>&1; then
        tail -n 40 "$top/log"
        return 1
    fi
}

(umask 022 && LC_ALL=C TZ=UTC copy_build "$top/a" 2)
(umask 027 && LC_ALL=C.UTF-8 TZ=Asia/Kathmandu copy_build "$top/a/longer/place/for/the/same/tree" 3)

sums() { (cd "$1" && find . -type f | LC_ALL=C sort | xargs sha256sum); }
sums "$top/a.installed" > "$top/one"
sums "$top/a/longer/place/for/the/same/tree.installed" > "$top/two"
if ! diff "$top/one" "$top/two"; then
    echo "the two builds differ"
    echo "0 passed, 1 failed"
    exit 1
fi
echo "$(wc -l < "$top/one") installed files are equal"
echo "1 passed, 0 failed"
