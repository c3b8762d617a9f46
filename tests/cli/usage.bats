#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The command line itself: messages, help, exit statuses.
# shellcheck disable=SC2016,SC2030,SC2031,SC2154 # for bash -c; bats sets output and stderr

load helpers

setup_file() {
    make_streams
}

setup() {
    in_images
}

# usage_error ARG...: exit status 2, nothing on standard output, one sentence that starts with the program's name
usage_error() {
    run --separate-stderr -2 xenvet "$@"
    [ -z "$output" ]
    [[ $stderr == xenvet* ]]
}

@test "no command, and an unknown one" {
    run --separate-stderr -2 xenvet
    [ -z "$output" ]
    [[ $stderr == *"commands:"* ]]
    usage_error frobnicate
    [[ $stderr == *"unknown command 'frobnicate'"*"check, convert, gate, inspect,"* ]]
}

@test "version" {
    run -0 xenvet --version
    [[ $output =~ ^xenvet\ [0-9]+\.[0-9]+\.[0-9]+$ ]]
}

@test "each help has a usage line, examples, and every option that the man page names" {
    run -0 xenvet --help
    [[ $output == usage:*examples:* ]]
    for command in check convert gate inspect policy restore seal verdicts; do
        run -0 xenvet "$command" --help
        [[ $output == "usage: xenvet $command"*example* ]]
    done
    for command in records sandbox; do # nothing to give an example of
        run -0 xenvet "$command" --help
        [[ $output == "usage: xenvet $command"* ]]
    done
    help=$(xenvet check --help)
    while read -r option; do
        [[ $help == *"$option"* ]] || { echo "no $option in the help"; false; }
    done < <(grep -oE '^\*--?[a-z-]+\*.*' "$root/docs/man/xenvet-check.1.scd" | grep -oE -- '--[a-z-]+')
}

@test "every name that the help lists is accepted as an argument" {
    help=$(xenvet check --help)
    allow=$(sed -n '/^for --allow/,/^$/s/^  \([a-z0-9-]*\) .*/\1/p' <<<"$help")
    tolerate=$(sed -n '/^for --tolerate/,/^$/s/^  \([a-z0-9-]*\) .*/\1/p' <<<"$help")
    [ "$(wc -w <<<"$allow")" -ge 12 ]
    [ "$(wc -w <<<"$tolerate")" -ge 14 ]
    for name in $allow; do
        xenvet policy --allow "$name" | json xenvet.policy/1 "'$name' in d['allow']"
        xenvet policy --preset lenient --refuse "$name" | json xenvet.policy/1 "'$name' not in d['allow']"
    done
    for name in $tolerate; do
        xenvet policy --tolerate "$name" | json xenvet.policy/1 "'$name' in d['tolerate']"
        xenvet policy --preset lenient --no-tolerate "$name" | json xenvet.policy/1 "'$name' not in d['tolerate']"
    done
}

@test "unknown names list what exists" {
    usage_error check --allow nonsense pvh.xl
    [[ $stderr == *"'nonsense'"*"known: checkpointed, colo,"* ]]
    usage_error check --tolerate blank-hvm-cpu,nonsense pvh.xl
    [[ $stderr == *"'nonsense'"*"known: optional-record,"* ]]
    usage_error check --guests arm pvh.xl
    [[ $stderr == *"known: pv64, pv32, hvm, pvh"* ]]
    usage_error check --format tar pvh.xl
    [[ $stderr == *"known: xl, libxl, libxc"* ]]
    usage_error check --preset paranoid pvh.xl
    [[ $stderr == *"known: strict, lenient"* ]]
}

@test "options that are unknown, of another command, or lack their argument" {
    usage_error check --nonsense pvh.xl
    usage_error inspect -q pvh.xl
    usage_error policy --json
    usage_error check --markdown pvh.xl
    usage_error verdicts --allow colo
    usage_error check pvh.xl --max-vcpus
}

@test "operands" {
    usage_error check
    usage_error inspect
    usage_error check pvh.xl pv64.libxc
    usage_error policy pvh.xl
    usage_error verdicts all
    run -0 xenvet check -- pvh.xl
}

@test "numbers" {
    for wrong in "" x -1 0x10 1.5 99999999999999999999 4294967296 10K; do
        usage_error check --max-vcpus "$wrong" pvh.xl
    done
    for wrong in "" x 4 1Q 1KB 99999999999T; do
        usage_error check --max-memory "$wrong" pvh.xl
    done
    for wrong in 4 4. .17 4.x 4.17.1 0.1 4.9999 -4.1; do
        usage_error check --target-xen "$wrong" pvh.xl
    done
    usage_error check --max-vcpus 0 pvh.xl
    usage_error check --max-vcpus 8193 pvh.xl
    usage_error check --xen-min 4.18 --xen-max 4.17 pvh.xl
    xenvet policy --max-memory 4G | json xenvet.policy/1 "d['max_guest_pages'] == 1 << 20"
    xenvet policy --max-stream-bytes 3T | json xenvet.policy/1 "d['max_stream_bytes'] == 3 << 40"
}

@test "a name on the command line cannot drive the terminal" {
    run --separate-stderr -3 xenvet check "$(printf 'no\033[31m\nsuch')"
    [[ $stderr == *'no\x1b[31m\x0asuch'* ]]
}

@test "standard output that cannot be written is exit status 3, whatever the verdict" {
    for command in "check pvh.xl" "check pte.libxc" "check --json pvh.xl" "inspect pvh.xl" policy verdicts --help --version; do
        # shellcheck disable=SC2086 # the words of a command
        run -3 bash -c 'timeout 20 "$XENVET" "$@" >/dev/full' - $command
        [[ $output == *"No space left"* ]]
        # shellcheck disable=SC2086
        run -3 bash -c 'timeout 20 "$XENVET" "$@" >&-' - $command
        [[ $output == *"Bad file descriptor"* ]]
    done
    run -0 bash -c '"$XENVET" check -q pvh.xl >&-'
    run -1 bash -c '"$XENVET" check -q pte.libxc >&-'
}

@test "a reader that went away is exit status 3, not a death by signal" {
    { sleep 0.3; status=0; "$XENVET" verdicts 2>err || status=$?; echo "$status" >status; } | true
    [ "$(cat status)" = 3 ]
    grep -q "Broken pipe" err
}

@test "closed standard input and standard error" {
    run -3 bash -c 'timeout 20 "$XENVET" check - <&-'
    [[ $output == *"Bad file descriptor"* ]]
    run -1 bash -c 'timeout 20 "$XENVET" check pte.libxc 2>&-'
    [[ $output == *PTE_RANGE* ]]
}
