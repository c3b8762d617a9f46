#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Plants a bug in a copy of the parser, one at a time, and requires the fuzzer to find each within a bounded number of executions;
# without a bug it must find nothing in as many. This is the proof that fuzzing works.
#
#     canary.sh BUILD    BUILD holds libxensim and libfuzz_restore_oracle of a build without sanitizers
set -euo pipefail

root=$(cd -P "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
build=$(cd "$1" && pwd)
cc=${CLANG:-clang}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0
failed=0

flags=(-std=gnu11 -O1 -g1 -fsanitize=fuzzer-no-link -w "-I$work/parser/include" "-I$work/parser" "-I$root/fuzz" "-I$root/restore" "-I$root/tests/sim")
wraps=-Wl,--wrap=read_exact,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=free
consumer=-Wl,--wrap=write,--wrap=poll # of gate_fuzz
xen=$(pkg-config --variable=libdir xencontrol)
libraries=("$build/lib/libfuzz_restore_oracle.a" "$build/lib/libxensim_inprocess.a" "$xen/libxenguest.a" "$xen/libxenctrl.a"
    "$xen/libxentoollog.a" "$xen/libxentoolcore.a" "$build/lib/libxensim.a" -lz -ldl -lpthread)

# what gate_fuzz.c says that it links; a directory is all of its files
linked=()
read -ra links < <(sed -n 's/^ \* Links: //p' "$root/fuzz/gate_fuzz.c")
for link in "${links[@]}"; do
    if [ -d "$root/$link" ]; then linked+=("$root/$link"/*.c); else linked+=("$root/$link"); fi
done

# compile DIR FLAG...: everything but harnesses, two at a time
# shellcheck disable=SC2016 # the inner shell expands
compile() {
    local dir=$1
    shift
    mkdir -p "$work/$dir"
    printf '%s\n' "$work"/parser/*.c "$root"/fuzz/{mutator*,oracle_*,verifier*,order,consumer,forget,gate_feed,image_policy}.c \
        "${linked[@]}" "$root"/fuzz/{worthwhile,gate_fuzz,restore_fuzz}.c |
        xargs -P 2 -I{} sh -c 'o=$1/$(basename "$2" .c).o; shift 2; exec "$@" -c "$0" -o "$o"' {} "$work/$dir" {} "$cc" "${flags[@]}" "$@"
}

# fuzz DIR HARNESS SANITIZERS RUNS: true if something was found
fuzz() {
    local dir=$work/$1 harness=$2 sanitizers=$3 runs=$4 objects=() object libs=()
    for object in "$dir"/*.o; do
        case $object in *_fuzz.o | */worthwhile.o) ;; *) objects+=("$object") ;; esac
    done
    libs=("$consumer")
    if [ "$harness" = restore_fuzz ]; then libs=("$dir/worthwhile.o" "$consumer" "$wraps" "${libraries[@]}"); fi
    "$cc" "-fsanitize=$sanitizers" -o "$dir/$harness" "$dir/$harness.o" "${objects[@]}" "${libs[@]}"
    ! "$dir/$harness" -seed=1 -runs="$runs" -max_len=65536 -len_control=0 "-artifact_prefix=$work/" "$work/seeds" \
        > "$work/log" 2>&1
}

# canary NAME FILE SED HARNESS RUNS DIR FLAG...: plants, compiles the one file again, fuzzes, repairs
canary() {
    local name=$1 file=$work/parser/$2 edit=$3 harness=$4 runs=$5 dir=$6 sanitizers=fuzzer
    shift 6
    [ $# -eq 0 ] || sanitizers=fuzzer,address
    cp "$file" "$work/whole.c"
    sed -i "$edit" "$file"
    if cmp -s "$file" "$work/whole.c"; then
        echo "FAIL $name: the edit does not fit the source any more"
        failed=$((failed + 1))
        return
    fi
    "$cc" "${flags[@]}" "$@" -c "$file" -o "$work/$dir/$(basename "$file" .c).o"
    if fuzz "$dir" "$harness" "$sanitizers" "$runs"; then
        echo "ok   $name: $(grep -aoE 'stat::number_of_executed_units: +[0-9]+|oracle.*|AddressSanitizer: [a-z-]+|Assertion.*|deadly signal' "$work/log" | head -n 1)"
        passed=$((passed + 1))
    else
        echo "FAIL $name: not found in $runs executions"
        tail -n 3 "$work/log"
        failed=$((failed + 1))
    fi
    cp "$work/whole.c" "$file"
    "$cc" "${flags[@]}" "$@" -c "$file" -o "$work/$dir/$(basename "$file" .c).o"
}

# healthy HARNESS DIR SANITIZERS RUNS
healthy() {
    if fuzz "$2" "$1" "$3" "$4"; then
        echo "FAIL $1 without a planted bug:"
        tail -n 12 "$work/log"
        failed=$((failed + 1))
    else
        echo "ok   $1 without a planted bug"
        passed=$((passed + 1))
    fi
}

cp -r "$root/parser" "$work/parser"
/usr/bin/python3 "$root/tests/fuzz/make_seeds.py" "$work/seeds" > /dev/null
compile plain
compile asan -fsanitize=address

healthy gate_fuzz asan fuzzer,address 300
healthy restore_fuzz plain fuzzer 2000
canary "memory bug: one octet too many" cursor.c 's/while (i < c->end \&\&/while (i <= c->end \&\&/' \
    gate_fuzz 5000 asan -fsanitize=address
canary "missing bound: page-table frames" page_table.c 's/return xv_reject_range(p, XV_PTE_RANGE.*/return true;/' \
    restore_fuzz 100000 plain
canary "missing order rule: an end without HVM_CONTEXT" libxc_rules.c \
    's/^#define HVM_ALL .*/#define HVM_ALL HVM_MEMORY/' restore_fuzz 50000 plain
canary "gate leak: records go out before they are whole" parser.c 's/if (await_rows\[p->await\].boundary)/if (true)/' gate_fuzz 5000 plain
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
