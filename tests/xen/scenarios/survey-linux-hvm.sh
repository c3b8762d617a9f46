#!/bin/bash
# SPDX-License-Identifier: MIT
# Debian's kernel as an HVM guest, from the disk that lib/hvm-disk makes: what xl saves is accepted
# limit: 1200
. /in/dom0/lib.sh
. /in/dom0/survey.sh
needs_xenvet check
survey_host
if [ ! -e /in/attached/hvm-disk.img ]; then
    skip "$SCENARIO" "no /in/attached/hvm-disk.img (tests/xen/lib/hvm-disk FILE, then --attach FILE)"
    exit 0
fi
cp /in/attached/hvm-disk.img /run/hvm-disk.img
# Through virtio: the firmware reads an IDE disk port by port.
disk='device_model_args_hvm = [ "-drive", "file=/run/hvm-disk.img,if=virtio,format=raw" ]'

linux_hvm() { # NAME VCPUS VERDICT LINE...
    local name=$1 vcpus=$2 verdict=$3
    shift 3
    survey_case "$name" linux-hvm "$vcpus" "$verdict" "$disk" 'memory = 192' "$@"
}

linux_hvm linux-hvm-1 1 CONFIG_DM_ARGS
linux_hvm linux-hvm-2 2 CONFIG_DM_ARGS 'vif = [ "bridge=xenbr0" ]' 'usb = 1' 'usbdevice = "tablet"' 'vga = "stdvga"' \
    'videoram = 16' 'nographic = 0' 'vnc = 1'
linux_hvm linux-hvm-ballooned 1 CONFIG_DM_ARGS 'maxmem = 256'
linux_hvm linux-hvm-viridian 1 CONFIG_DM_ARGS 'viridian = [ "all" ]'
