#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Policies: presets, files, options, and that what is printed reads back.
# shellcheck disable=SC2016,SC2030,SC2031,SC2154 # for bash -c; bats sets output and stderr

load helpers

setup_file() {
    make_streams
}

setup() {
    in_images
}

# refused TEXT POLICY: exit status 2 and a message with the position and the text
refused() {
    printf '%s' "$2" >policy.json
    run --separate-stderr -2 xenvet check --policy policy.json pvh.xl
    [ -z "$output" ]
    [[ $stderr == "xenvet check: policy.json:"*"$1"* ]]
}

@test "a printed policy reads back as itself" {
    for options in "" "--preset lenient" "--max-memory 3G --allow colo,disks --refuse nics --guests pvh --target-xen 4.16" \
        "--preset lenient --format libxl --no-tolerate stale-pte --xen-min 4.7 --xen-max 4.20 --timeout 7 --idle 0"; do
        # shellcheck disable=SC2086 # the words of a command
        xenvet policy $options >one.json
        json xenvet.policy/1 <one.json
        xenvet policy --policy one.json >two.json
        cmp one.json two.json
    done
}

@test "a file decides, and options change it" {
    echo '{"guests": ["hvm"], "max_vcpus": 3}' >policy.json
    run -1 xenvet check --policy policy.json pvh.xl
    [[ $output == *DOMAIN_REFUSED* ]]
    run -0 xenvet check --guests pvh --policy policy.json pvh.xl
    xenvet policy --policy policy.json | json xenvet.policy/1 "d['max_vcpus'] == 3" "d['guests'] == ['hvm']"
    echo '{"base": "lenient"}' >policy.json
    diff <(xenvet policy --policy policy.json) <(xenvet policy --preset lenient)
    echo '{}' >policy.json
    diff <(xenvet policy --policy policy.json) <(xenvet policy)
}

@test "mistakes in a file name their line and column" {
    refused "1:2: unknown key 'max_page'" '{"max_page": 1}'
    refused "3:1: unknown key 'oops'" "$(printf '{"guests": ["oops", "hvm"],\n\n"oops": 1}' | sed 's/"oops", //')"
    refused "guests: unknown name 'arm'" '{"guests": ["hvm", "arm"]}'
    refused "guests: item 2 is not a name" '{"guests": ["hvm", 1]}'
    refused "guests: a list of names" '{"guests": "hvm"}'
    refused "max_vcpus: a number" '{"max_vcpus": "3"}'
    refused "max_vcpus: a number" '{"max_vcpus": -1}'
    refused "max_vcpus: a number" '{"max_vcpus": 1.5}'
    refused "max_vcpus: out of range" '{"max_vcpus": 4294967296}'
    refused "max_vcpus: out of range" '{"max_vcpus": 0}'
    refused "max_guest_pages: out of range" '{"max_guest_pages": 4294967297}'
    refused "xen_max: a release" '{"xen_max": "4"}'
    refused "xen_min: a release" '{"xen_min": 4.17}'
    refused "base:" '{"base": "paranoid"}'
    refused "schema:" '{"schema": "xenvet.policy/2"}'
    refused "one JSON object" '[]'
    refused "duplicate" '{"max_vcpus": 1, "max_vcpus": 2}'
    refused "" '{"max_vcpus": 1} x'
    refused "" ''
}

@test "a file that cannot be read is exit status 3" {
    run --separate-stderr -3 xenvet check --policy missing.json pvh.xl
    [[ $stderr == *"missing.json: No such file"* ]]
    run --separate-stderr -3 xenvet policy --policy .
    truncate -s 2M long.json
    run --separate-stderr -3 xenvet policy --policy long.json
    [[ $stderr == *"too large"* ]]
}

@test "a preset and a file exclude each other" {
    echo '{}' >policy.json
    run --separate-stderr -2 xenvet policy --policy policy.json --preset strict
    [[ $stderr == *"exclude each other"* ]]
}

@test "the example of the man page is a policy" {
    awk '/^```/ { on = !on; next } on' "$root/docs/man/xenvet-policy.5.scd" >example.json
    [ -s example.json ]
    xenvet policy --policy example.json | json xenvet.policy/1 "d['guests'] == ['pvh']"
}
