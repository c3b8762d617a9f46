# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# Runs scenarios: several boots at once where there is memory for them, a second try where the emulation, not xenvet, is
# to blame, one summary.

# What one emulated machine takes, MiB.
machine_memory=3500

available_memory() { awk '/^MemAvailable:/ { print int($2 / 1024) }' /proc/meminfo; }

# Ends with status 77 where the tests cannot run at all, and says why.
can_run() {
    local why=''
    if [ "$(uname -sm)" != "Linux x86_64" ]; then
        why="this is no Linux on x86-64"
    elif [ "$(id -u)" -ne 0 ]; then
        why="only root can make the dom0 image"
    elif ! command -v apt-get >/dev/null; then
        why="dom0 is made from Debian packages, and there is no apt-get"
    elif [ "$(available_memory)" -lt "$machine_memory" ]; then
        why="the emulated machine takes $machine_memory MiB of memory, $(available_memory) are available"
    fi
    [ -n "$why" ] || return 0
    say "cannot run here: $why"
    exit 77
}

lane_pids=()
end_lanes() {
    local pid
    for pid in ${lane_pids[@]+"${lane_pids[@]}"}; do kill -TERM "$pid" 2>/dev/null; done
    wait
}

# lane NUMBER SCENARIO... : one boot, whose scenarios' folders go to $results
lane() {
    local number=$1 rc=0 name
    shift
    trap 'exit 143' TERM
    boot "$results/boot-$number" "$@" || rc=$?
    for name in "$@"; do
        if [ -e "$results/boot-$number/$name" ]; then mv "$results/boot-$number/$name" "$results/$name"; fi
    done
    return "$rc"
}

# lanes_at_once "SCENARIO..."... : as many at once as there is memory for
boots=0
lanes_at_once() {
    local room names list
    room=$(($(available_memory) / machine_memory))
    lane_pids=()
    for list in "$@"; do
        boots=$((boots + 1))
        read -ra names <<<"$list"
        lane "$boots" "${names[@]}" &
        lane_pids+=($!)
        [ ${#lane_pids[@]} -lt "$room" ] || wait "${lane_pids[-1]}" || true
    done
    wait "${lane_pids[@]}" || true
    lane_pids=()
}

# Why a scenario's failure may be the emulation's: nothing, when it is not.
excuse_of() {
    if [ -e "$results/$1/fault" ]; then
        echo "a program of dom0 was ended by a fault, as happens under emulation: $(head -n 1 "$results/$1/fault")"
    elif [ ! -e "$results/$1/rc" ]; then
        echo "dom0 did not come to its end"
    fi
}

has_failed() { [ ! -e "$results/$1/rc" ] || grep -aq '^not ok' "$results/$1/log"; }

# Once, with all that is excused; what the first try left is kept, and the summary says so.
try_again() {
    local name again=()
    for name in "$@"; do
        if ! has_failed "$name" || [ -z "$(excuse_of "$name")" ]; then continue; fi
        again+=("$name")
    done
    [ ${#again[@]} -gt 0 ] || return 0
    if [ $((limit - SECONDS)) -lt 60 ]; then
        say "no time is left for a second try of: ${again[*]}"
        return 0
    fi
    say "second try of: ${again[*]}"
    mkdir -p "$results/first-try"
    for name in "${again[@]}"; do
        excuse_of "$name" >"$results/first-try/$name.why"
        [ ! -e "$results/$name" ] || mv "$results/$name" "$results/first-try/$name"
    done
    lanes_at_once "${again[*]}"
}

# run_lanes "SCENARIO..."... : all of it; fails when a scenario does
run_lanes() {
    local name list names all=()
    for list in "$@"; do
        read -ra names <<<"$list"
        all+=("${names[@]}")
    done
    for name in "${all[@]}"; do
        [ -e "$here/scenarios/$name.sh" ] || die "no scenario $name (tests/xen/run list)"
    done
    # What is there is removed, so it must be what an earlier run left.
    if [ -n "$(ls -A "$results")" ] && [ ! -e "$results/boot-1" ]; then
        die "$results is neither empty nor a folder of results"
    fi
    rm -rf "$results"
    mkdir -p "$results/boot-1"
    build_all
    trap end_lanes EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM
    lanes_at_once "$@"
    try_again "${all[@]}"
    trap - EXIT
    report "${all[@]}"
}
