#!/bin/bash
# SPDX-License-Identifier: MIT
# PV guests configured in every way: what xl saves is accepted, or refused for the stated reason
# limit: 900
. /in/dom0/lib.sh
. /in/dom0/survey.sh
needs_xenvet check
survey_host

survey_case pv-3 pv 3 ACCEPTED 'tsc_mode = "native"' 'localtime = 1' 'rtc_timeoffset = 7200'
survey_case pv-8 pv 8 ACCEPTED 'maxvcpus = 12' 'tsc_mode = "always_emulate"' 'on_poweroff = "preserve"' \
    'on_reboot = "coredump-restart"' 'on_watchdog = "destroy"' 'on_soft_reset = "soft-reset"'
survey_case 'pv.name_with-all+of@them' pv 1 ACCEPTED 'memory = 8' 'maxmem = 64' \
    'uuid = "12345678-9abc-def0-1234-56789abcdef0"' 'suspend_cancel = 1'
survey_case pv-cmdline pv 2 ACCEPTED 'ramdisk = "/guests/initrd"' 'memory = 16' \
    'extra = "root=/dev/xvda1 ro quiet \"x y\" a=%b"' 'cpus = [ "0", "1" ]' 'cpus_soft = "all"' 'cpu_weight = 300' 'cap = 90'
survey_case pv-cpuid pv 1 ACCEPTED 'cpuid = "host,tm=0,sse3=0,x2apic=0"' 'max_grant_frames = 48' 'max_maptrack_frames = 512' \
    'event_channels = 100' 'max_grant_version = 1'
survey_case pv-cpuid-list pv 1 ACCEPTED 'cpuid = [ "1:ecx=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx0", "7,0:ebx=xxxxxxxxxxxxxxxxxxxxxxxxxxxx0xxx" ]'
survey_case pv-nic pv 1 ACCEPTED 'vif = [ "mac=00:16:3e:11:22:33,bridge=xenbr0,rate=10Mb/s", "vifname=eth.7" ]' \
    'vfb = [ "vnc=1,vncunused=1,vnclisten=127.0.0.1,keymap=de" ]' 'channel = [ "connection=pty,name=org.example.0" ]'
survey_case pv-disk-qdisk pv 1 CONFIG_HOST_PATH \
    'disk = [ "format=raw,vdev=xvda,access=rw,backendtype=qdisk,target=/run/disk.img" ]'
