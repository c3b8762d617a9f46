/* SPDX-License-Identifier: MIT */
/* domctl: finds the domain and hands the operation to its subsystem. */
#include <string.h>

#include "sim_internal.h"

#define PAUSE_MAX 255u

long sim_getdomaininfo(const struct domain *d, struct xen_domctl_getdomaininfo *i);

long sim_getdomaininfo(const struct domain *d, struct xen_domctl_getdomaininfo *i) {
    uint32_t online = 0, max_id = XEN_INVALID_MAX_VCPU_ID;

    for (uint32_t v = 0; v < d->max_vcpus; v++) {
        if (!d->vcpus[v].created)
            continue;
        max_id = v;
        online += !d->vcpus[v].down;
    }
    memset(i, 0, sizeof(*i));
    i->domain = d->domid;
    i->flags = (d->hvm ? XEN_DOMINF_hvm_guest : 0) | (d->hap ? XEN_DOMINF_hap : 0) |
               (d->pause_count ? XEN_DOMINF_paused : XEN_DOMINF_running);
    i->tot_pages = d->tot_pages;
    i->max_pages = d->max_pages;
    i->shared_info_frame = d->hvm ? UINT64_MAX : d->shared_info_mfn;
    i->nr_online_vcpus = online;
    i->max_vcpu_id = max_id;
    memcpy(i->handle, d->handle, sizeof(d->handle));
    i->gpaddr_bits = d->hvm ? SIM_GFN_BITS + 12 : 0;
    i->arch_config.emulation_flags = d->emulation_flags;
    return 0;
}

/* The domain, or the next one above it. */
static long getdomaininfo(struct xen_domctl *op) {
    for (uint32_t id = op->domain; id < DOMID_FIRST_RESERVED; id++) {
        const struct domain *d = domain_find((uint16_t)id);

        if (!d)
            continue;
        op->domain = d->domid;
        return sim_getdomaininfo(d, &op->u.getdomaininfo);
    }
    return -ESRCH;
}

static long pause_domain(struct domain *d) {
    if (d->pause_count >= PAUSE_MAX)
        return refuse(-EOVERFLOW, "pausedomain: %u times", d->pause_count);
    d->pause_count++;
    return 0;
}

/* domain_unpause_by_systemcontroller() */
static long unpause_domain(struct domain *d) {
    if (!d->pause_count)
        return refuse(-EINVAL, "unpausedomain: domain %u is not paused", d->domid);
    if (!--d->pause_count)
        d->started = 1;
    return 0;
}

/* tsc_set_info() */
static long settscinfo(struct domain *d, const struct xen_domctl_tsc_info *t) {
    if (t->tsc_mode > 2)
        return refuse(-EINVAL, "tsc_set_info: mode %u", t->tsc_mode);
    d->tsc_set = 1;
    d->tsc_mode = t->tsc_mode;
    d->tsc_khz = t->gtsc_khz;
    d->tsc_nsec = t->elapsed_nsec;
    d->tsc_incarnation = t->incarnation + 1;
    return 0;
}

static long gettscinfo(const struct domain *d, struct xen_domctl_tsc_info *t) {
    t->tsc_mode = d->tsc_mode;
    t->gtsc_khz = d->tsc_khz ? d->tsc_khz : 2000000;
    t->elapsed_nsec = d->tsc_nsec;
    t->incarnation = d->tsc_incarnation;
    return 0;
}

/* paging_domctl(): the allocation and log-dirty mode; nothing is shadowed here. */
static long shadow_op(struct domain *d, struct xen_domctl_shadow_op *s) {
    switch (s->op) {
    case XEN_DOMCTL_SHADOW_OP_GET_ALLOCATION:
        s->mb = d->paging_mb;
        return 0;
    case XEN_DOMCTL_SHADOW_OP_SET_ALLOCATION:
        if (!d->hvm && s->mb)
            sim_trace("shadow_op: %u MB for a PV domain", s->mb);
        d->paging_mb = s->mb;
        return 0;
    case XEN_DOMCTL_SHADOW_OP_OFF:
    case XEN_DOMCTL_SHADOW_OP_ENABLE_LOGDIRTY:
        return 0;
    case XEN_DOMCTL_SHADOW_OP_CLEAN:
    case XEN_DOMCTL_SHADOW_OP_PEEK:
        if (s->dirty_bitmap.p)
            memset(s->dirty_bitmap.p, 0, (s->pages + 7) / 8);
        memset(&s->stats, 0, sizeof(s->stats));
        return 0;
    default:
        sim_unknown("shadow op", s->op);
        return -ENOSYS;
    }
}

static long setvcpucontext(struct domain *d, const struct xen_domctl_vcpucontext *c) {
    struct vcpu *v = vcpu_find(d, c->vcpu);

    if (!v)
        return refuse(-EINVAL, "setvcpucontext: no vCPU %u", c->vcpu);
    if (!c->ctxt.p)
        return 0; /* vcpu_reset() */
    return do_set_vcpu_context(d, v, c->vcpu, c->ctxt.p);
}

static long gethvmcontext(const struct domain *d, struct xen_domctl_hvmcontext *c) {
    if (!d->hvm)
        return -EINVAL;
    if (c->buffer.p) {
        if (c->size < d->hvm_context_full)
            return -ENOSPC;
        memcpy(c->buffer.p, d->hvm_context, d->hvm_context_full);
    }
    c->size = (uint32_t)d->hvm_context_full;
    return 0;
}

/* State of the machine: what a restore sets. */
static long domctl_state(struct domain *d, struct xen_domctl *op) {
    switch (op->cmd) {
    case XEN_DOMCTL_setvcpucontext:
        return setvcpucontext(d, &op->u.vcpucontext);
    case XEN_DOMCTL_set_ext_vcpucontext:
        return do_set_ext_context(d, &op->u.ext_vcpucontext);
    case XEN_DOMCTL_setvcpuextstate:
        return do_set_xstate(d, &op->u.vcpuextstate);
    case XEN_DOMCTL_set_vcpu_msrs:
        return do_set_msrs(d, &op->u.vcpu_msrs);
    case XEN_DOMCTL_sethvmcontext:
        return hvm_load(d, op->u.hvmcontext.buffer.p, op->u.hvmcontext.size);
    case XEN_DOMCTL_gethvmcontext:
        return gethvmcontext(d, &op->u.hvmcontext);
    case XEN_DOMCTL_settscinfo:
        return settscinfo(d, &op->u.tsc_info);
    case XEN_DOMCTL_gettscinfo:
        return gettscinfo(d, &op->u.tsc_info);
    case XEN_DOMCTL_set_cpu_policy:
        return policy_set(d, &op->u.cpu_policy);
    case XEN_DOMCTL_get_cpu_policy:
        return policy_get(&d->policy, op->u.cpu_policy.leaves.p, &op->u.cpu_policy.nr_leaves, op->u.cpu_policy.msrs.p,
                          &op->u.cpu_policy.nr_msrs);
    default:
        sim_unknown("domctl", op->cmd);
        return -ENOSYS;
    }
}

/* Life cycle and resources. */
static long domctl_life(struct domain *d, struct xen_domctl *op) {
    switch (op->cmd) {
    case XEN_DOMCTL_destroydomain:
        domain_destroy(d);
        return 0;
    case XEN_DOMCTL_pausedomain:
        return pause_domain(d);
    case XEN_DOMCTL_unpausedomain:
        return unpause_domain(d);
    case XEN_DOMCTL_max_mem:
        d->max_pages = op->u.max_mem.max_memkb >> 2;
        return 0;
    case XEN_DOMCTL_max_vcpus:
        return domain_add_vcpus(d, op->u.max_vcpus.max);
    case XEN_DOMCTL_set_address_size:
        return domain_set_address_size(d, op->u.address_size.size);
    case XEN_DOMCTL_get_address_size:
        op->u.address_size.size = d->is_32bit ? 32 : 64;
        return 0;
    case XEN_DOMCTL_shadow_op:
        return shadow_op(d, &op->u.shadow_op);
    case XEN_DOMCTL_set_paging_mempool_size:
        d->paging_mb = (uint32_t)((op->u.paging_mempool.size + (1u << 20) - 1) >> 20);
        return 0;
    case XEN_DOMCTL_get_paging_mempool_size:
        op->u.paging_mempool.size = (uint64_t)d->paging_mb << 20;
        return 0;
    case XEN_DOMCTL_setdomainhandle:
        memcpy(d->handle, op->u.setdomainhandle.handle, sizeof(d->handle));
        return 0;
    case XEN_DOMCTL_cacheflush:
    case XEN_DOMCTL_settimeoffset:
    case XEN_DOMCTL_hypercall_init:
    case XEN_DOMCTL_resumedomain:
    case XEN_DOMCTL_setdebugging:
    case XEN_DOMCTL_setnodeaffinity:
    case XEN_DOMCTL_setvcpuaffinity:
        return 0;
    default:
        return domctl_state(d, op);
    }
}

long do_domctl(struct xen_domctl *op) {
    struct domain *d;

    if (!op)
        return -EFAULT;
    if (op->interface_version != XEN_DOMCTL_INTERFACE_VERSION)
        return refuse(-EACCES, "domctl: interface version %u", op->interface_version);
    host->stats.by_domctl[op->cmd & 127]++;
    if (op->cmd == XEN_DOMCTL_getdomaininfo)
        return getdomaininfo(op);
    if (op->cmd == XEN_DOMCTL_createdomain) {
        uint16_t domid = 0;
        int rc = domain_create(op->domain, &op->u.createdomain, &domid);

        if (!rc)
            op->domain = domid;
        return rc;
    }
    d = domain_find(op->domain);
    if (!d)
        return refuse(-ESRCH, "domctl %u: no domain %u", op->cmd, op->domain);
    return domctl_life(d, op);
}
