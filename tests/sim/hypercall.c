/* SPDX-License-Identifier: MIT */
/* The door to the simulated hypervisor: counting, failing on demand, dispatching. */
#include <stdio.h>

#include "sim_internal.h"

/* An unknown hypercall is a hole in the simulator: never let it pass silently. */
void sim_unknown(const char *what, unsigned int nr) {
    host->stats.unknown++;
    snprintf(host->refusal, sizeof(host->refusal), "unknown %s %u", what, nr);
    fprintf(stderr, "xensim: unknown %s %u, answered ENOSYS\n", what, nr);
}

static long dispatch(unsigned int op, const uint64_t a[5]) {
    void *p0 = (void *)(uintptr_t)a[0], *p1 = (void *)(uintptr_t)a[1];

    switch (op) {
    case __HYPERVISOR_domctl:
        return do_domctl(p0);
    case __HYPERVISOR_sysctl:
        return do_sysctl(p0);
    case __HYPERVISOR_memory_op:
        return do_memory_op((unsigned int)a[0], p1);
    case __HYPERVISOR_mmuext_op:
        return do_mmuext_op(p0, (uint32_t)a[1], (uint16_t)a[3]);
    case __HYPERVISOR_hvm_op:
        return do_hvm_op((unsigned int)a[0], p1);
    case __HYPERVISOR_xen_version:
        return do_xen_version((unsigned int)a[0], p1);
    case __HYPERVISOR_event_channel_op:
        return do_event_channel_op((unsigned int)a[0], p1);
    case __HYPERVISOR_grant_table_op:
        return do_grant_table_op((unsigned int)a[0], p1, (unsigned int)a[2]);
    default:
        sim_unknown("hypercall", op);
        return -ENOSYS;
    }
}

static long counted(unsigned int op, const uint64_t a[5]) {
    int err = 0;
    long rc;

    host->stats.hypercalls++;
    host->stats.by_op[op & 63]++;
    rc = sim_injected(&err) ? err : dispatch(op, a);
    if (rc < 0)
        host->stats.refused++;
    return rc;
}

/* libxenctrl sends each memory_op through a multicall of one on LP64: the inner call is the one that counts. */
static long multicall(multicall_entry_t *m, uint64_t n) {
    if (!m)
        return -EFAULT;
    for (uint64_t i = 0; i < n; i++) {
        const uint64_t a[5] = {m[i].args[0], m[i].args[1], m[i].args[2], m[i].args[3], m[i].args[4]};

        m[i].result = (unsigned long)counted((unsigned int)m[i].op, a);
    }
    return 0;
}

long sim_hypercall(unsigned int op, const uint64_t a[5]) {
    long rc;

    sim_host();
    sim_lock();
    rc = op == __HYPERVISOR_multicall ? multicall((void *)(uintptr_t)a[0], a[1]) : counted(op, a);
    sim_unlock();
    return rc;
}

/* Mapping foreign memory is a hypercall under the kernel's privcmd driver. */
int sim_count_map(uint64_t pages) {
    int err = 0;

    host->stats.hypercalls++;
    host->stats.by_op[__HYPERVISOR_mmu_update]++;
    host->stats.map_calls++;
    host->stats.map_pages += pages;
    if (!sim_injected(&err))
        return 0;
    host->stats.refused++;
    return err;
}
