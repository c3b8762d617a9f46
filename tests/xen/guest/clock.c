/* SPDX-License-Identifier: MIT */
/* Time from the record Xen keeps for each vCPU in shared info. */
#include "guest.h"

/* Shared info that is not mapped yet reads as 0, and as all ones when it is gone after a restore that the guest was not
 * asked about. Asking for it each time would unmap it under the other vCPU, whose read then is the device model's. */
static bool is_there(const volatile struct vcpu_time_info *t) {
    return t->tsc_to_system_mul != 0 && t->tsc_to_system_mul != UINT32_MAX;
}

uint64_t clock_ns(unsigned int cpu) {
    volatile struct vcpu_time_info *t = &shared_info()->vcpu_info[cpu].time;
    uint32_t version;
    uint64_t delta, result;

    do {
        if (!is_there(t))
            platform_refresh();
        version = t->version;
        barrier();
        delta = tsc() - t->tsc_timestamp;
        if (t->tsc_shift < 0)
            delta >>= -t->tsc_shift & 63;
        else
            delta <<= t->tsc_shift & 63;
        result = t->system_time + (((delta & 0xffffffff) * t->tsc_to_system_mul) >> 32) +
                 (delta >> 32) * t->tsc_to_system_mul;
        barrier();
    } while ((version & 1) || version != t->version);
    return result;
}

/* Sleeps, and never much longer than asked: a restored guest may find its
 * clock before the deadline's origin. */
void sleep_ms(unsigned int cpu, uint32_t ms) {
    uint64_t span = (uint64_t)ms * 1000000, end = clock_ns(cpu) + span;

    for (;;) {
        uint64_t left = end - clock_ns(cpu);
        struct sched_poll poll = {.nr_ports = 0, .timeout = end};

        if (left == 0 || left > span)
            return;
        if (hypercall(__HYPERVISOR_sched_op, SCHEDOP_poll, (unsigned long)&poll, 0, 0))
            yield();
    }
}
