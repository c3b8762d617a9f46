#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What check says, as text and as JSON.
# shellcheck disable=SC2016,SC2030,SC2031,SC2154 # for bash -c; bats sets output and stderr

load helpers

setup_file() {
    make_streams
}

setup() {
    in_images
}

@test "accepted: one line that says what it is" {
    run -0 xenvet check pvh.xl
    line='^pvh\.xl: accepted: xl image, PVH guest "golden", 2 vCPUs, .* pages, saved by Xen 4\.17, libxc v3$'
    [[ ${lines[0]} =~ $line ]]
    [[ $output == *"note: the configuration sets b_info.kernel"* ]]
    run -0 xenvet check pv64.libxc
    [ "${#lines[@]}" -eq 1 ]
}

@test "rejected: one line with what, where, found, allowed and the rule" {
    run -1 xenvet check pte.libxc
    [ "${#lines[@]}" -eq 1 ]
    hex='0x[0-9a-f]+'
    line="^pte\\.libxc: rejected: PTE_RANGE at offset $hex \\(record [0-9]+, PAGE_DATA\\): .*: found $hex, allowed 0x0\\.\\.$hex"
    [[ $output =~ $line\ \[libxc\ 8\.7\]$ ]]
}

@test "quiet: the exit status only" {
    run --separate-stderr -0 xenvet check -q pvh.xl
    [ -z "$output$stderr" ]
    run --separate-stderr -1 xenvet check --quiet pte.libxc
    [ -z "$output$stderr" ]
}

# hinted FILE CODE OPTION...: refused with the code and a hint at the option, which admits it
hinted() {
    local file=$1 code=$2
    shift 2
    run -1 xenvet check "$file"
    [[ $output == *"rejected: $code "* ]]
    [[ $output == *"hint: $* admits this"* ]]
    run -0 xenvet check "$@" "$file"
    [[ $output == *"note: "* ]]
}

@test "hints name the option that admits the image" {
    hinted verify.libxc VERIFY_REFUSED --allow verify
    hinted script.xl CONFIG_DEVICE_MODEL --allow device-model
    run -1 xenvet check --max-memory 16K pv64.libxc
    [[ $output == *"hint: --max-memory SIZE "* ]]
    run -1 xenvet check --guests hvm pv64.libxc
    [[ $output == *"rejected: DOMAIN_REFUSED"*"hint: --guests admits this"* ]]
    run -1 xenvet check --format xl pv64.libxc
    [[ $output == *"rejected: FORMAT_REFUSED"* ]]
}

@test "releases read as releases" {
    run -1 xenvet check --xen-max 4.16 pv64.libxc
    [[ $output == *"found 4.17, allowed 4.6..4.16 "* ]]
    run -1 xenvet check --target-xen 4.13 pv64.libxc
    [[ $output == *COMPAT_TARGET_VERSION* ]]
}

@test "JSON of an acceptance and of a rejection" {
    xenvet check --json pvh.xl | json xenvet.check/1 "d['status'] == 'accepted'" "d['code'] == 0" \
        "d['stream']['guest'] == 'pvh'" "d['stream']['config']['name'] == 'golden'" "d['stream']['format'] == 'xl'" \
        "d['notes'][0]['field'] == 'b_info.kernel'" "d['stream']['vcpus'] == 2"
    run -1 xenvet check --json pte.libxc
    json xenvet.check/1 "d['status'] == 'rejected'" "d['verdict'] == 'PTE_RANGE'" "d['code'] == 460" \
        "d['layer'] == 'memory'" "d['record']['name'] == 'PAGE_DATA'" "d['rule'] == 'libxc 8.7'" <<<"$output"
    run -1 xenvet check --json verify.libxc
    json xenvet.check/1 "d['hints'] == ['--allow verify']" <<<"$output"
}

@test "JSON of a failure: one document, and nothing on standard error" {
    run --separate-stderr -3 xenvet check --json missing
    [ -z "$stderr" ]
    json xenvet.check/1 "d['status'] == 'error'" "d['message'] == 'No such file or directory'" <<<"$output"
    run --separate-stderr -3 xenvet inspect --json missing
    json xenvet.inspect/1 "d['status'] == 'error'" <<<"$output"
}

@test "names from the image and of files are harmless in text and JSON" {
    for preset in strict lenient; do
        run xenvet check --preset "$preset" name.xl
        [ "$status" -le 1 ]
        LC_ALL=C run ! grep -q '[^[:print:]]' <<<"$output"
        run xenvet check --preset "$preset" --json name.xl
        json xenvet.check/1 <<<"$output"
    done
    odd=$(printf 'a"\\\377\303\274')
    cp pvh.xl "$odd"
    xenvet check --json "$odd" | json xenvet.check/1 "d['input'] == 'a\"\\\\\\\\\\\\xff\u00fc'" ||
        xenvet check --json "$odd" | json xenvet.check/1 "'xff' in d['input']"
}

@test "the table of verdicts, and its copy in the documentation" {
    xenvet verdicts --json | json xenvet.verdicts/1 "len(d['verdicts']) > 150" \
        "[v['code'] for v in d['verdicts']] == sorted({v['code'] for v in d['verdicts']})" \
        "len({v['name'] for v in d['verdicts']}) == len(d['verdicts'])"
    run -0 xenvet verdicts
    [[ $output == *"460 PTE_RANGE"* ]]
    xenvet verdicts --markdown | diff - "$root/docs/verdicts.md" ||
        { echo "run: xenvet verdicts --markdown > docs/verdicts.md"; false; }
}
