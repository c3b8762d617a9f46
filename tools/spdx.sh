#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Every text file that can hold a comment says its licence in its first lines.
set -euo pipefail
cd "$(dirname "$0")/.."
fails=0
while read -r file; do
    case $file in
    LICENSE | *.md | *.json | *.tsv | *.zst | *.map | *.txt | *.cfg | *.options | .gitignore | corpus/*) continue ;;
    esac
    [ -f "$file" ] || continue
    [ -s "$file" ] || continue
    grep -qI . "$file" || continue # not text
    if ! head -n 5 "$file" | grep -q 'SPDX-License-Identifier: MIT'; then
        echo "$file: no SPDX-License-Identifier line"
        fails=$((fails + 1))
    fi
done < <(git ls-files --cached --others --exclude-standard)
[ "$fails" -eq 0 ]
