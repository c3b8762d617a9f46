# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# One boot of Xen and dom0 under QEMU's software emulation. The scenarios go in
# on one disk, the results come back on another, the console is a file.

# Why these processor features are off, each found by a crash or a hang under
# emulation: SMAP (dom0 dies at its first iretq), RDTSCP (PVH guests hang), AVX
# (an image saved with it restores only where it is emulated the same way).
cpu_model=max,-smap,-rdtscp,-avx,-avx2,-f16c,-fma
# One processor: two boots run at once on two cores, and processors that wait for each other's interrupts cost more than
# a second one brings.
# eager-fpu=1: spec-ctrl=no alone turns lazy FPU switching on, which loses
# registers under emulation.
xen_args="dom0_mem=1024M,max:1024M dom0_max_vcpus=1 console=com1 com1=115200,8n1 \
loglvel=all guest_loglvl=all spec-ctrl=no,eager-fpu=1 cpufreq=none iommu=0"
dom0_args="console=hvc0 mitigations=off nokaslr audit=0 panic=5 loglevel=5 net.ifnames=0"

last_console_lines() {
    say "last lines of the console ($1):"
    tail -n "${2:-30}" "$1" | tr -d '\r' | sed 's/^/    | /' >&2
}

# stage_input DIR SCENARIO... : what dom0 finds under /in
stage_input() {
    local dir=$1 name
    shift
    mkdir -p "$dir"
    cp -r "$here/dom0" "$here/scenarios" "$dir/"
    cp -r "$build/guests" "$dir/guests"
    chmod 755 "$dir/dom0/init"
    printf '%s\n' "$@" >"$dir/order"
    echo "$slow" >"$dir/slow"
    # -L: a payload may be a folder of links into a build tree.
    if [ -n "$payload" ]; then cp -rL "$payload" "$dir/payload"; fi
    for name in ${attachments[@]+"${attachments[@]}"}; do
        mkdir -p "$dir/attached"
        cp -rL "$name" "$dir/attached/"
    done
}

# Seconds until dom0 must be up.
boot_limit=600

# boot OUTDIR SCENARIO... : runs the scenarios, leaves everything in OUTDIR; what is not done when the time of the whole
# run is over is left undone
boot() {
    local out=$1 work pid begin=$SECONDS rc=0 ready=''
    shift
    rm -rf "$out"
    mkdir -p "$out"
    work=$(mktemp -d "$build/boot.XXXXXX")
    stage_input "$work/in" "$@"
    step input-disk 120 mke2fs -q -t ext4 -d "$work/in" -O ^has_journal "$work/in.img" \
        "$(($(du -sm "$work/in" | cut -f1) * 11 / 10 + 24))M"
    step output-disk 60 mke2fs -q -t ext4 -O ^has_journal -E lazy_itable_init=1 "$work/out.img" 2G
    rm -rf "$work/in"

    local machine=(qemu-system-x86_64 -accel "tcg,thread=multi,tb-size=512" -machine pc
        -cpu "$cpu_model" -smp 1 -m 3072
        -nodefaults -no-user-config -display none -monitor none -nic none -no-reboot
        -serial "file:$out/console.log"
        -kernel "$build/xen.elf" -append "$xen_args"
        # QEMU's list of modules uses the comma: double those in the arguments.
        -initrd "$build/vmlinuz ${dom0_args//,/,,},$build/stage1.img"
        -drive "file=$build/root.img,if=virtio,format=raw,snapshot=on"
        -drive "file=$work/in.img,if=virtio,format=raw,readonly=on"
        -drive "file=$work/out.img,if=virtio,format=raw,cache=unsafe")
    printf '%q ' "${machine[@]}" >"$out/qemu.command"
    : >"$out/console.log"
    "${machine[@]}" >"$out/qemu.log" 2>&1 </dev/null &
    pid=$!
    # Nothing else ends the machine when this script is interrupted.
    trap 'kill -KILL '"$pid"' 2>/dev/null; rm -rf '"$(printf %q "$work")" EXIT
    while kill -0 "$pid" 2>/dev/null; do
        if [ -z "$ready" ] && grep -aq 'dom0: ready' "$out/console.log"; then
            ready=$((SECONDS - begin))
            say "dom0 is up after $ready s, running: $*"
        elif [ -z "$ready" ] && [ $((SECONDS - begin)) -gt $boot_limit ]; then
            say "dom0 is not up after $boot_limit s"
            kill -KILL "$pid"
            rc=125
        elif [ "$SECONDS" -gt "$limit" ]; then
            say "the $limit s of --limit are over"
            kill -KILL "$pid"
            rc=124
        fi
        sleep 0.5
    done
    wait "$pid" 2>/dev/null || true
    [ -n "$ready" ] || rc=125
    # After a kill the file system was not unmounted.
    e2fsck -fy "$work/out.img" >"$out/fsck.log" 2>&1 || true
    debugfs -R "rdump / $out" "$work/out.img" >/dev/null 2>&1 || say "no results could be read"
    rm -rf "$work" "$out/lost+found"
    trap - EXIT
    if [ "$rc" -ne 0 ]; then
        [ -s "$out/qemu.log" ] && sed 's/^/    | /' "$out/qemu.log" >&2
        last_console_lines "$out/console.log" 40
    fi
    say "boot of $*: $((SECONDS - begin)) s"
    return "$rc"
}
