#!/bin/bash
# SPDX-License-Identifier: MIT
# Debian's kernel configured in every way: what xl saves is accepted, or refused for the stated reason
# limit: 1500
. /in/dom0/lib.sh
. /in/dom0/survey.sh
needs_xenvet check
survey_host

shrink() { timed 60 xl mem-set "$1" 100 && more_ticks "$1" 8 60; }
grow() { timed 60 xl mem-set "$1" 160 && more_ticks "$1" 8 60; }
unplug() { timed 60 xl vcpu-set "$1" 1 && more_ticks "$1" 8 60; }
unplug_replug() { unplug "$1" && timed 60 xl vcpu-set "$1" 2 && more_ticks "$1" 8 60; }

survey_case linux-pv-maxmem linux-pv 1 ACCEPTED 'maxmem = 256'
DURING=grow survey_case linux-pv-grown linux-pv 1 ACCEPTED 'maxmem = 256'
DURING=shrink survey_case linux-pv-shrunk linux-pv 1 ACCEPTED
survey_case linux-pv-3 linux-pv 3 ACCEPTED
DURING=unplug survey_case linux-pv-unplugged linux-pv 3 ACCEPTED
DURING=unplug_replug survey_case linux-pv-replugged linux-pv 3 ACCEPTED
survey_case linux-pv-offline linux-pv 1 ACCEPTED 'maxvcpus = 3'
survey_case linux-pv-e820 linux-pv 1 CONFIG_PASSTHROUGH 'e820_host = 1'
survey_case linux-pv-devices linux-pv 2 CONFIG_HOST_PATH 'vif = [ "bridge=xenbr0" ]' 'vfb = [ "vnc=1" ]' \
    'disk = [ "format=raw,vdev=xvda,access=rw,backendtype=qdisk,target=/run/disk.img" ]'
SAVE=-c survey_case linux-pv-checkpoint linux-pv 1 ACCEPTED
survey_case linux-pv-tsc linux-pv 1 ACCEPTED 'tsc_mode = "always_emulate"'
survey_case linux-pvh-maxmem linux-pvh 1 ACCEPTED 'maxmem = 256'
DURING=grow survey_case linux-pvh-grown linux-pvh 1 ACCEPTED 'maxmem = 256'
DURING=shrink survey_case linux-pvh-shrunk linux-pvh 1 ACCEPTED
survey_case linux-pvh-2 linux-pvh 2 ACCEPTED
DURING=unplug survey_case linux-pvh-unplugged linux-pvh 2 ACCEPTED
survey_case linux-pvh-devices linux-pvh 1 CONFIG_HOST_PATH 'vif = [ "bridge=xenbr0" ]' \
    'disk = [ "format=raw,vdev=xvda,access=rw,backendtype=qdisk,target=/run/disk.img" ]'
SAVE=-c survey_case linux-pvh-checkpoint linux-pvh 1 ACCEPTED
