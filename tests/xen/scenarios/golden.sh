#!/bin/bash
# SPDX-License-Identifier: MIT
# images and captures for corpus/golden/accept, from the tiny guest (tests/xen/run golden)
# limit: 600
. /in/dom0/lib.sh
. /in/dom0/survey.sh
survey_host
images=$OUT/images
mkdir -p "$images"

# Which hypervisor and tools: becomes the origin in the manifest.
echo "Xen $(xl info xen_version), dom0 $(uname -r), xen-utils $(dpkg-query -W -f '${Version}' xen-utils-4.17)" \
    >"$images/origin"

# verified FILE : Xen's own checker must agree before an image is called good
verified() {
    PYTHONPATH=/usr/lib/xen-4.17/lib/python \
        /usr/lib/xen-4.17/bin/verify-stream-v2 --format xl --in "$1"
}

image() { # NAME KIND VCPUS LINE...
    local name=$1 kind=$2 vcpus=$3
    shift 3
    guest_config "$name" "$kind" "$vcpus"
    printf '%s\n' "$@" >>"$OUT/$name.cfg"
    if timed 200 xl create -e "$OUT/$name.cfg" && more_ticks "$name" 3 90 && save "$name" "$images/$name.xl" -c &&
        went_on "$name" "$name" "$(slack_of "$kind")"; then
        check "$name.xl is what Xen's checker accepts" verified "$images/$name.xl"
    else
        not_ok "$name.xl"
    fi
    guest_destroy "$name"
}

image pv-1vcpu pv 1
image pv-2vcpu pv 2
image pv-offline pv 2 'maxvcpus = 4'
image pv-devices pv 1 'vfb = [ "vnc=1,vncunused=1" ]' 'vif = [ "mac=00:16:3e:11:22:33,bridge=xenbr0" ]' \
    'channel = [ "connection=pty,name=org.example.0" ]'
image pvh-1vcpu pvh 1
image pvh-2vcpu pvh 2
image pvh-4vcpu pvh 4 'maxvcpus = 6'
image hvm-1vcpu hvm 1
image hvm-2vcpu hvm 2
image hvm-viridian hvm 2 'viridian = [ "all" ]'
image hvm-devices hvm 1 'memory = 48' 'vga = "stdvga"' 'videoram = 16' 'nographic = 0' 'vnc = 1' 'usb = 1' 'usbdevice = "tablet"' \
    'soundhw = "hda"' 'serial = "pty"' 'vif = [ "mac=00:16:3e:11:22:33,bridge=xenbr0,model=e1000" ]'

migration() { # NAME KIND VCPUS [OPTION...]
    local name=$1 kind=$2
    if guest_start "$name" "$kind" "$3" && LINK_CAPTURE=$images/$name migrate "$name" "${@:4}" &&
        stop_mark "$name" && went_on "$name" "$name--incoming" "$(slack_of "$kind")" &&
        check "$name.fwd is what Xen's checker accepts" verified "$images/$name.fwd"; then
        ok "$name: captured in both directions, guest away $(downtime_of "$name--incoming")"
    else
        tail -n 5 "$OUT/$name.receiver.log" | evidence_of
        not_ok "$name"
    fi
    guest_destroy "$name"
    guest_destroy "$name--incoming"
}

migration migrate-pvh-2vcpu pvh 2
migration migrate-hvm-1vcpu hvm 1
migration migrate-verify-pvh-1vcpu pvh 1 --debug

name=remus-pvh-2vcpu
if guest_start $name pvh 2 && { LINK_CAPTURE=$images/$name remus_start $name 300; } &&
    remus_checkpoints $name 3 60; then
    kill -KILL "$(remus_sender)"
    stop_mark $name
    if went_on $name $name--incoming 40; then
        ok "$name: captured, sender killed, fail-over from the last checkpoint"
    else
        tail -n 5 "$OUT/$name.receiver.log" | evidence_of
        not_ok "$name"
    fi
else
    not_ok "$name"
fi
destroy_guests

# The new xenstored reads the state file and unlinks it; the program that live
# update starts is therefore one that copies it first. A guest is there so that
# the state has its connection, watches and nodes.
cat >/run/copy-state <<EOF
#!/bin/sh
cp /run/xenstored/state_dump $images/xenstored-live-update.state
exec /usr/lib/xen-4.17/bin/xenstored "\$@"
EOF
chmod +x /run/copy-state
if guest_start live-update pvh 1 && timed 60 xenstore-control live-update /run/copy-state &&
    [ -s "$images/xenstored-live-update.state" ] && more_ticks live-update 3 30; then
    evidence "state file: $(stat -c %s "$images/xenstored-live-update.state") octets"
    ok "xenstored's live-update state is kept, its guest goes on"
else
    find /run/xenstored -ls | evidence_of
    not_ok "xenstored live update"
fi
guest_destroy live-update
chmod 644 "$images"/*
