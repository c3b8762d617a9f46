#!/bin/bash
# SPDX-License-Identifier: MIT
#
# What the parser core may not contain, by text: calls that allocate, print or reach the system; headers beyond a few; state of
# its own; and arithmetic on pointers outside cursor.[ch]. Compilers and the proof look at meaning; this is the fence around them.
set -euo pipefail
cd "$(dirname "$0")/.."
fails=0

# Source without comments, strings and character constants, line numbers kept.
strip() {
    awk '
        BEGIN { block = 0 }
        {
            line = $0; out = ""
            for (i = 1; i <= length(line); i++) {
                two = substr(line, i, 2); one = substr(line, i, 1)
                if (block) { if (two == "*/") { block = 0; i++ } continue }
                if (two == "/*") { block = 1; i++; out = out " "; continue }
                if (two == "//") break
                if (one == "\"" || one == "\x27") {
                    quote = one
                    for (i++; i <= length(line) && substr(line, i, 1) != quote; i++)
                        if (substr(line, i, 1) == "\\") i++
                    out = out "Q"; continue
                }
                out = out one
            }
            print out
        }' "$1"
}

# refuse WHAT PATTERN FILE...: no line of the stripped files may match
refuse() {
    local what=$1 pattern=$2 file hits
    shift 2
    for file in "$@"; do
        hits=$(strip "$file" | grep -nE "$pattern" || true)
        [ -n "$hits" ] || continue
        echo "$file:${hits//$'\n'/$'\n'$file:}"
        echo "$file: $what"
        fails=$((fails + 1))
    done
}

sources=(parser/*.c)
headers=(parser/*.h parser/include/xenvet/*.h)
elsewhere=()
for file in "${sources[@]}" "${headers[@]}"; do
    case $file in parser/cursor.[ch]) ;; *) elsewhere+=("$file") ;; esac
done

refuse "allocation, input, output or another call out of the core" \
    '\b(malloc|calloc|realloc|free|alloca|aligned_alloc|[vsnf]*printf|puts|putchar|str[a-z]+|wcs[a-z]+|mem(move|chr|ccpy|mem)|ato[il]+|qsort|bsearch|setjmp|longjmp|signal|raise|abort|exit|assert|open|read|write|close|mmap|ioctl|time|clock_gettime|getenv|system|errno)[[:space:]]*\(' \
    "${sources[@]}" "${headers[@]}"
refuse "assembly, goto, variable arguments, attributes that hide warnings, or thread state" \
    '\b(asm|__asm__|goto|va_(start|arg|list)|_Thread_local|__thread|volatile|setjmp)\b' "${sources[@]}" "${headers[@]}"
refuse "a union" '\bunion\b' "${sources[@]}" "${headers[@]}"
refuse "an object of its own that is not a constant (state belongs into struct xv_parser)" \
    '^(static[[:space:]]+)?(struct [a-z_0-9]+|u?int[0-9]+_t|size_t|bool|int|unsigned|char|enum [a-z_0-9]+)[[:space:]*]+[a-z_0-9]+(\[[^]]*\])*[[:space:]]*(=|;)' "${sources[@]}"
refuse "a function-local static object that is not a constant" \
    '^[[:space:]]+static[[:space:]]+(struct|u?int[0-9]+_t|size_t|bool|int|unsigned|char|enum)\b' "${sources[@]}"
refuse "a pointer to octets is indexed, moved or dereferenced outside cursor.[ch]" \
    '\b(bytes|base|buf|body|arena\.bytes)[[:space:]]*(\[|\+[+=]?|-[-=]?[^>])|\*[[:space:]]*\(?(bytes|base|buf)\b[[:space:]]*(\+|-[^>]|\))' "${elsewhere[@]}"
refuse "a pointer parameter is walked (p++, p += n, *p++)" '(\*[a-z_]+\+\+|\*\+\+[a-z_]+|\b[a-z_]+->[a-z_]+\+\+\[)' "${elsewhere[@]}"
refuse "a cast to a pointer type" '\((const )?(struct [a-z_0-9]+|u?int[0-9]+_t|char|void) ?\*+\)[a-z_(&]' "${sources[@]}"

for file in "${sources[@]}" "${headers[@]}"; do
    hits=$(grep -nE '^[[:space:]]*#[[:space:]]*include[[:space:]]*<' "$file" |
        grep -vE '<(stdbool|stddef|stdint|string)\.h>|<xenvet/[a-z]+\.h>' || true)
    if [ -n "$hits" ]; then
        echo "$file: includes more than stdbool, stddef, stdint, string and xenvet/*: $hits"
        fails=$((fails + 1))
    fi
done

# The finished object files may ask for nothing but memcpy, memset, memcmp, what the compiler's checks call, and each other.
if [ $# -eq 1 ]; then
    defined=$(nm --defined-only "$1" 2> /dev/null | awk 'NF == 3 {print $3}' | sort -u)
    wanted=$(nm --undefined-only "$1" 2> /dev/null | awk '$1 == "U" {print $2}' | sort -u)
    foreign=$(comm -23 <(echo "$wanted") <(echo "$defined") |
        grep -vxE '(__)?mem(cpy|set|cmp)(_chk)?|__stack_chk_fail|_GLOBAL_OFFSET_TABLE_' || true)
    if [ -n "$foreign" ]; then
        echo "$1 calls: $foreign"
        fails=$((fails + 1))
    fi
    state=$(size -A "$1" | awk '$1 ~ /^\.(data|bss|tdata|tbss)$/ {sum += $2} END {print sum + 0}')
    if [ "$state" -ne 0 ]; then
        echo "$1 has $state octets of writable objects"
        fails=$((fails + 1))
    fi
fi
[ "$fails" -eq 0 ]
