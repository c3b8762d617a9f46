#!/bin/bash
# SPDX-License-Identifier: MIT
# PVH guests configured in every way: what xl saves is accepted, or refused for the stated reason
# limit: 900
. /in/dom0/lib.sh
. /in/dom0/survey.sh
needs_xenvet check
survey_host

survey_case pvh-3 pvh 3 ACCEPTED 'maxvcpus = 6' 'tsc_mode = "native"' \
    'timer_mode = "delay_for_missed_ticks"'
survey_case pvh-16 pvh 16 ACCEPTED 'tsc_mode = "always_emulate"' 'timer_mode = "no_missed_ticks_pending"' 'acpi = 0'
survey_case pvh-nested pvh 1 ACCEPTED 'nestedhvm = 1' 'timer_mode = "one_missed_tick_pending"' 'apic = 0'
survey_case pvh-cmdline pvh 1 ACCEPTED 'ramdisk = "/guests/initrd"' 'memory = 16' 'cmdline = "console=hvc0 x"' \
    'cpuid = "host,tm=0,sse3=0"' 'msr_relaxed = 1' 'mca_caps = [ "lmce" ]' 'shadow_memory = 24' 'altp2m = "external"'
survey_case pvh-devices pvh 1 ACCEPTED 'vfb = [ "vnc=1,vncunused=1" ]' 'vif = [ "mac=00:16:3e:11:22:33,bridge=xenbr0" ]'
