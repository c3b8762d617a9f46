# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# The survey: guests configured in every way xl knows, each saved by xl, each image judged by xenvet. What a real saver
# writes must be accepted, or refused for the reason that the table says.

# survey_case NAME KIND VCPUS VERDICT LINE... : saves a guest whose configuration has these lines too. VERDICT is what
# the strict preset says: ACCEPTED, or why not. With what the configuration may then bring it accepts, and so does the
# lenient one. DURING names a function that gets the running guest's name.
survey_case() {
    local name=$1 kind=$2 vcpus=$3 verdict=$4 file=$OUT/images/$1.save
    shift 4
    mkdir -p "$OUT/images"
    guest_config "$name" "$kind" "$vcpus"
    printf '%s\n' "$@" >>"$OUT/$name.cfg"
    if ! timed 200 xl create -e ${CREATE:+"$CREATE"} "$OUT/$name.cfg" || ! survey_ready "$name" "$kind" ||
        ! ${DURING:-true} "$name" || ! timed 200 xl save ${SAVE:+"$SAVE"} "$name" "$file"; then
        xl dmesg | tail -n 4 | evidence_of
        not_ok "$name: an image is saved"
    else
        survey_judge "$name" "$file" "$verdict"
    fi
    guest_destroy "$name"
    rm -f "$file"
}

# A guest that was created paused, and one that only runs its firmware, say nothing.
survey_ready() {
    if [ -n "${CREATE:-}" ]; then return 0; fi
    if [ -n "${SILENT:-}" ]; then
        sleep $((SILENT * SLOW))
        return 0
    fi
    case $2 in
        linux-*) more_ticks "$1" 3 200 ;;
        *) more_ticks "$1" 2 90 ;;
    esac
}

# The verdict of an image as xenvet names it: ACCEPTED, or the name of the reason.
verdict_of() { xenvet check --json "$@" 2>/dev/null | sed -n 's/^ *"verdict": "\([A-Z0-9_]*\)".*/\1/p' | head -n 1; }

# All that --allow can allow of a configuration.
allowances=disks,nics,other-devices,host-paths,pass-through,scripts,bootloader,device-model,privilege

survey_judge() {
    local name=$1 file=$2 wanted=$3 strict allowed lenient good=''
    strict=$(verdict_of "$file")
    allowed=$(verdict_of --allow $allowances "$file")
    lenient=$(verdict_of --preset lenient "$file")
    evidence "$name: $(stat -c %s "$file") octets, strict ${strict:-nothing}, with all allowed ${allowed:-nothing}, lenient ${lenient:-nothing}"
    if [ "$strict" = "$wanted" ] && [ "$allowed $lenient" = "ACCEPTED ACCEPTED" ]; then
        good=yes
        ok "$name: $wanted"
    else
        xenvet check --allow $allowances "$file" 2>&1 | head -n 3 | cut -c 1-200 | evidence_of
        not_ok "$name: $wanted, and ACCEPTED with all allowed"
    fi
    # Small images leave dom0, and those that are to be looked at again.
    if [ "$(stat -c %s "$file")" -lt 50000000 ] || [ -z "$good" ]; then zstd -q -3 -f "$file" -o "$file.zst"; fi
}

# Back ends for disks and network interfaces.
survey_host() {
    modprobe -a bridge xen-blkback xen-netback loop tun >>"$OUT/commands.log" 2>&1
    mkdir -p /var/run/xen-hotplug
    ip link add xenbr0 type bridge 2>/dev/null
    ip link set xenbr0 up
    truncate -s 8M /run/disk.img /run/second.img
}
