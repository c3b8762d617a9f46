#!/bin/bash
# SPDX-License-Identifier: MIT
# HVM guests configured in every way: what xl saves is accepted, or refused for the stated reason
# limit: 1500
. /in/dom0/lib.sh
. /in/dom0/survey.sh
needs_xenvet check
survey_host

# What guest_config leaves out, so that a guest gets a screen.
screen='nographic = 0' vnc='vnc = 1'

survey_case hvm-viridian hvm 3 ACCEPTED 'viridian = [ "all" ]' 'maxvcpus = 5'
CREATE=-p survey_case hvm-never-ran hvm 2 ACCEPTED 'viridian = 1'
survey_case hvm-devices hvm 1 ACCEPTED 'memory = 48' 'vga = "stdvga"' 'videoram = 16' "$screen" "$vnc" 'usb = 1' \
    'usbdevice = [ "tablet", "keyboard" ]' 'soundhw = "hda"' 'serial = "pty"' \
    'vif = [ "mac=00:16:3e:11:22:33,bridge=xenbr0,model=e1000" ]' 'boot = "ncd"'
survey_case hvm-cirrus hvm 1 ACCEPTED 'memory = 32' 'vga = "cirrus"' 'videoram = 8' "$screen" "$vnc" 'usbversion = 3' \
    'vif = [ "mac=00:16:3e:11:22:33,bridge=xenbr0,type=vif" ]' 'vnclisten = "127.0.0.1"' \
    'disk = [ "format=raw,vdev=hdc,access=ro,devtype=cdrom,target=" ]'
SILENT=15 survey_case hvm-firmware linux-hvm 2 ACCEPTED 'vga = "stdvga"' 'videoram = 16' "$screen" "$vnc"
survey_case hvm-pod hvm 1 ACCEPTED 'memory = 16' 'maxmem = 32'
survey_case hvm-nested hvm 1 CONFIG_PRIVILEGE 'nestedhvm = 1' 'tsc_mode = "native"' \
    'timer_mode = "delay_for_missed_ticks"' 'ms_vm_genid = "generate"'
survey_case hvm-minimal hvm 1 ACCEPTED 'acpi = 0' 'acpi_s3 = 0' 'acpi_s4 = 0' 'apic = 0' 'hpet = 0' 'pae = 0' 'nx = 0' \
    'vpt_align = 0' 'tsc_mode = "always_emulate"' 'timer_mode = "no_missed_ticks_pending"' 'xen_platform_pci = 0'
survey_case hvm-odd hvm 1 ACCEPTED 'vendor_device = "xenserver"' 'localtime = 1' 'rtc_timeoffset = 3600' 'mmio_hole = 1024' \
    'rdm = "strategy=host,policy=relaxed"' 'cpuid = "host,tm=0,sse3=0"' 'shadow_memory = 24' 'altp2m = "mixed"' \
    'bios = "seabios"' 'msr_relaxed = 1' 'timer_mode = "one_missed_tick_pending"' 'channel = [ "connection=pty,name=org.example.0" ]'
survey_case hvm-viridian-some hvm 1 ACCEPTED 'viridian = [ "base", "freq", "time_ref_count", "reference_tsc", "hcall_remote_tlb_flush", "apic_assist", "crash_ctl", "synic", "stimer", "hcall_ipi" ]' 'hdtype = "ahci"'
survey_case hvm-disks hvm 1 CONFIG_HOST_PATH 'disk = [ "format=raw,vdev=hda,access=rw,backendtype=qdisk,target=/run/disk.img", "format=raw,vdev=sda,access=rw,backendtype=qdisk,target=/run/second.img", "format=raw,vdev=hdc,access=ro,devtype=cdrom,target=/in/guests/initrd" ]'
