#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What inspect shows.
# shellcheck disable=SC2016,SC2030,SC2031,SC2154 # for bash -c; bats sets output and stderr

load helpers

setup_file() {
    make_streams
}

setup() {
    in_images
}

@test "an xl image: layers, configuration, records, memory, HVM state" {
    run -0 xenvet inspect pvh.xl
    for part in layers "embedded configuration" records pages "guest memory" "HVM context" "HVM parameters" processor \
        "name          golden" "LIBXC_CONTEXT" "STORE_PFN" "instances 0..1"; do
        [[ $output == *"$part"* ]] || { echo "no $part"; false; }
    done
}

@test "a libvirt image: layers, and what its XML asks" {
    run -0 xenvet inspect pvh.libvirt
    for part in "libvirt, version 2" "embedded XML" "not interpreted" "LIBXC_CONTEXT" "os.kernel" "devices.console"; do
        [[ $output == *"$part"* ]] || { echo "no $part"; false; }
    done
    xenvet inspect --json pvh.libvirt | json xenvet.inspect/1 "d['stream']['format'] == 'libvirt'" \
        "'os.kernel' in d['config_fields']['items']" "d['layers']['items'][0]['name'] == 'libvirt'"
    xenvet check --json --format libvirt pvh.libvirt | json xenvet.check/1 "d['brings'] == ['other-devices']"
    run -1 xenvet check --format xl pvh.libvirt
}

@test "a xenopsd image: its records" {
    run -0 xenvet inspect hvm.xenopsd
    for part in "xenopsd, version 2" "xenopsd Xenops" "xenopsd Qemu_trad" "xenopsd End_of_image" "libxc PAGE_DATA"; do
        [[ $(tr -s ' ' <<< "$output") == *"$part"* ]] || { echo "no $part"; false; }
    done
    xenvet inspect --json hvm.xenopsd | json xenvet.inspect/1 "d['stream']['format'] == 'xenopsd'" \
        "[r['name'] for r in d['records']['items'] if r['layer'] == 'xenopsd'] == ['Xenops', 'Libxc', 'Qemu_trad', 'End_of_image']"
}

@test "a PV stream: vCPUs and page tables" {
    run -0 xenvet inspect pv64.libxc
    [[ $output == *"vCPUs"*"0: VCPU_BASIC 5168 octets"* ]]
    [[ $output == *"page-tables"* ]]
    [[ $output == *"L4 page table"* ]]
    [[ $output != *", sent again"* ]]
    run -0 xenvet inspect pv64-live.libxc
    [[ $output == *", sent again"* ]]
}

@test "a rejected stream is shown up to the rejection, and said so" {
    run -1 xenvet inspect pte.libxc
    [[ ${lines[0]} == "pte.libxc: rejected: PTE_RANGE"* ]]
    [[ $output == *"up to there"* ]]
    [[ $output == *"X86_PV_P2M_FRAMES"* ]]
    run -1 xenvet inspect empty
    [ "${#lines[@]}" -eq 1 ]
}

@test "JSON of each kind" {
    for image in pvh.xl pv64.libxc pv64-live.libxc hvm.libxl big.libxc; do
        xenvet inspect --json "$image" | json xenvet.inspect/1 "d['complete'] is True" "d['records']['items']" \
            "d['memory']['items']" "sum(r['count'] for r in d['records']['items']) == d['stream']['records']"
    done
    xenvet inspect --json pv64-live.libxc | json xenvet.inspect/1 "any(r['resent'] for r in d['memory']['items'])"
    xenvet inspect --json hvm.libxl | json xenvet.inspect/1 "d['emulators']['items']" "d['hvm_params']['items']"
    xenvet inspect --json hvm.libxl | json xenvet.inspect/1 "[(k['key'], k['value']) for k in d['emulator_keys']['items']] == [
        ('physmap/f0000000/start_addr', '0xf0000000'), ('physmap/f0000000/size', '0x800000'), ('physmap/f0000000/name', '0x0')]"
    run -1 xenvet inspect --json pte.libxc
    json xenvet.inspect/1 "d['complete'] is False" "d['verdict'] == 'PTE_RANGE'" <<<"$output"
}

@test "a xenstore state: connections, domains, quotas, watches, nodes" {
    run -0 xenvet inspect new.xenstore
    [[ ${lines[0]} == "new.xenstore: accepted: xenstore state, version 2, 3 connections, 2 domains, 14 nodes, 5 watches" ]]
    for part in "xenstore, version 2" "socket 14" "control/shutdown" "@introduceDomain" "soft-memory" "features 0x5"; do
        [[ $output == *"$part"* ]] || { echo "no $part"; false; }
    done
    xenvet inspect --json new.xenstore | json xenvet.inspect/1 "len(d['xenstore']['nodes']['items']) == 14" \
        "d['stream']['xenstore']['quotas'] == 12" "d['xenstore']['connections']['items'][1]['request_octets'] == 50"
    run -0 xenvet inspect proposed.xenstore
    [[ $output == *"in transaction 5 of 1"* ]]
    xenvet inspect --json proposed.xenstore | json xenvet.inspect/1 "d['stream']['format'] == 'xenstore-2020'" \
        "len(d['xenstore']['transactions']['items']) == 1" "d['xenstore']['nodes']['items'][-1]['transaction'] == 5"
}

@test "inspect and check agree" {
    for image in pvh.xl pte.libxc truncated.libxc verify.libxc photo.jpg; do
        run xenvet check "$image"
        want=$status:${lines[0]}
        run xenvet inspect "$image"
        [ "$want" = "$status:${lines[0]}" ]
    done
}
