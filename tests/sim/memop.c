/* SPDX-License-Identifier: MIT */
/* memory_op: populating a domain, the M2P, and the few others a restore touches. */
#include <string.h>

#include "sim_internal.h"

#define MAX_ORDER    18u
#define MEMOP_CMD(x) ((x)&63u)

/* alloc_domheap_pages(): accounting against max_pages (assign_pages) and the host's size */
static bool alloc_extent(struct domain *d, uint64_t gpfn, unsigned int order, uint32_t *first) {
    uint64_t n = 1ull << order;

    if (d->tot_pages + n > d->max_pages) {
        refuse(-ENOMEM, "assign_pages: over-allocation, %lu + %lu > %lu", (unsigned long)d->tot_pages, (unsigned long)n,
               (unsigned long)d->max_pages);
        return false;
    }
    if (host->next_mfn + n > host->nr_frames && (order || !host->nr_free)) {
        refuse(-ENOMEM, "alloc_domheap_pages: the host is full");
        return false;
    }
    for (uint64_t i = 0; i < n; i++) {
        uint32_t mfn = sim_alloc_frame(d->domid, false);

        if (!i)
            *first = mfn;
        /* guest_physmap_add_page(): its failure is ignored, the page belongs to the domain all the same */
        if (!d->hvm)
            m2p[mfn] = gpfn + i;
        else if (!p2m_set(d, gpfn + i, mfn))
            m2p[mfn] = gpfn + i;
    }
    d->tot_pages += n;
    host->stats.populated += n;
    return true;
}

/* populate_physmap(): answers how many extents were done; the tools notice the shortfall. */
static long populate(struct xen_memory_reservation *r) {
    struct domain *d = domain_find(r->domid);
    xen_pfn_t *list = r->extent_start.p;
    unsigned long i;

    if (!d)
        return refuse(-ESRCH, "populate_physmap: no domain %u", r->domid);
    if (r->extent_order > MAX_ORDER)
        return 0;
    if (!list && r->nr_extents)
        return refuse(-EFAULT, "populate_physmap: no list");
    for (i = 0; i < r->nr_extents; i++) {
        uint32_t mfn = SIM_NO_MFN, old;
        uint64_t gpfn = list[i];

        old = d->hvm ? p2m_get(d, gpfn) : SIM_NO_MFN;
        if (!alloc_extent(d, gpfn, r->extent_order, &mfn))
            break;
        if (old != SIM_NO_MFN)
            m2p[old] = UINT64_MAX; /* replaced in the p2m, yet still the domain's */
        if (!d->hvm)
            list[i] = mfn;
    }
    sim_trace("populate_physmap: domain %u, %lu of %lu extents of order %u", r->domid, i, (unsigned long)r->nr_extents,
              r->extent_order);
    return (long)i;
}

static long decrease(struct xen_memory_reservation *r) {
    struct domain *d = domain_find(r->domid);
    const xen_pfn_t *list = r->extent_start.p;
    unsigned long i;

    if (!d)
        return refuse(-ESRCH, "decrease_reservation: no domain %u", r->domid);
    for (i = 0; i < r->nr_extents && r->extent_order == 0 && list; i++) {
        uint32_t mfn = sim_gfn_to_mfn(d, list[i]);

        if (mfn == SIM_NO_MFN || frames[mfn].count || (frames[mfn].flags & F_XENHEAP))
            break;
        if (d->hvm)
            p2m_remove(d, list[i]);
        sim_free_frame(mfn);
        d->tot_pages--;
    }
    return (long)i;
}

static long mfn_list(struct xen_machphys_mfn_list *x, uint64_t first, uint64_t chunks) {
    xen_pfn_t *to = x->extent_start.p;
    uint32_t i;

    if (!to)
        return -EFAULT;
    for (i = 0; i < x->max_extents && i < chunks; i++)
        to[i] = first + i * 512ull;
    x->nr_extents = i;
    return 0;
}

/* domain_get_maximum_gpfn(); PV: what shared_info.arch.max_pfn says */
static long maximum_gpfn(const domid_t *id) {
    const struct domain *d = domain_find(*id);
    uint64_t max = 0;

    if (!d)
        return refuse(-ESRCH, "maximum_gpfn: no domain %u", *id);
    if (d->hvm)
        return (long)d->max_gpfn;
    if (d->is_32bit)
        memcpy(&max, (uint8_t *)frame_data(d->shared_info_mfn) + 2316, 4);
    else
        memcpy(&max, (uint8_t *)frame_data(d->shared_info_mfn) + 3088, 8);
    return max ? (long)(max - 1) : 0;
}

static long add_to_physmap(const struct xen_add_to_physmap *x) {
    struct domain *d = domain_find(x->domid);
    uint32_t mfn;

    if (!d)
        return refuse(-ESRCH, "add_to_physmap: no domain %u", x->domid);
    if (!d->hvm)
        return refuse(-EACCES, "add_to_physmap: domain %u is not translated", x->domid);
    if (x->space == XENMAPSPACE_shared_info && x->idx == 0)
        mfn = d->shared_info_mfn;
    else if (x->space == XENMAPSPACE_grant_table && x->idx == 0)
        mfn = d->grant_mfn;
    else
        return refuse(-EINVAL, "add_to_physmap: space %u", x->space);
    return p2m_set(d, x->gpfn, mfn);
}

static long pages_of(const domid_t *id, bool max) {
    const struct domain *d = domain_find(*id);

    return d ? (long)(max ? d->max_pages : d->tot_pages) : -ESRCH;
}

long do_memory_op(unsigned int cmd, void *arg) {
    struct xen_remove_from_physmap *rm = arg;
    struct domain *d;

    host->stats.by_memory_op[MEMOP_CMD(cmd)]++;
    if (!arg && MEMOP_CMD(cmd) != XENMEM_maximum_ram_page)
        return -EFAULT;
    switch (MEMOP_CMD(cmd)) {
    case XENMEM_maximum_ram_page:
        return (long)host->nr_frames - 1;
    case XENMEM_maximum_gpfn:
        return maximum_gpfn(arg);
    case XENMEM_machphys_mfn_list:
        return mfn_list(arg, SIM_M2P_BASE, sim_m2p_bytes() >> 21);
    case XENMEM_machphys_compat_mfn_list:
        return mfn_list(arg, SIM_M2P_BASE, 1);
    case XENMEM_populate_physmap:
        return populate(arg);
    case XENMEM_decrease_reservation:
        return decrease(arg);
    case XENMEM_current_reservation:
        return pages_of(arg, false);
    case XENMEM_maximum_reservation:
        return pages_of(arg, true);
    case XENMEM_add_to_physmap:
        return add_to_physmap(arg);
    case XENMEM_remove_from_physmap:
        d = domain_find(rm->domid);
        if (d && d->hvm)
            p2m_remove(d, rm->gpfn);
        return d ? 0 : -ESRCH;
    case XENMEM_claim_pages:
    case XENMEM_set_memory_map:
        return 0;
    default:
        sim_unknown("memory op", MEMOP_CMD(cmd));
        return -ENOSYS;
    }
}
