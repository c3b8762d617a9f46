/* SPDX-License-Identifier: MIT */
/* The reading side of sim.h. */
#include <stdlib.h>
#include <string.h>

#include "sim_internal.h"

static int by_id(const void *a, const void *b) {
    return *(const uint16_t *)a - *(const uint16_t *)b;
}

unsigned int sim_domain_list(uint16_t ids[SIM_MAX_DOMAINS]) {
    unsigned int n = 0;

    sim_host();
    for (unsigned int i = 0; i < SIM_MAX_DOMAINS; i++)
        if (host->domains[i].used)
            ids[n++] = host->domains[i].domid;
    qsort(ids, n, sizeof(*ids), by_id);
    return n;
}

static struct domain *find(uint16_t domid) {
    sim_host();
    return domain_find(domid);
}

bool sim_domain_get(uint16_t domid, struct sim_domain *out) {
    const struct domain *d = find(domid);

    if (!d)
        return false;
    *out = (struct sim_domain){
        .domid = domid,
        .hvm = d->hvm,
        .hap = d->hap,
        .paused = d->pause_count != 0,
        .started = d->started,
        .introduced = d->introduced,
        .width = d->is_32bit ? 4 : 8,
        .max_vcpus = d->max_vcpus,
        .tot_pages = d->tot_pages,
        .max_pages = d->max_pages,
        .max_gpfn = d->max_gpfn,
        .shared_info_mfn = d->shared_info_mfn,
        .paging_mb = d->paging_mb,
        .tsc_set = d->tsc_set,
        .tsc_mode = d->tsc_mode,
        .tsc_khz = d->tsc_khz,
        .tsc_nsec = d->tsc_nsec,
        .tsc_incarnation = d->tsc_incarnation,
        .policy_set = d->policy_set,
        .policy_leaves = d->policy_leaves,
        .policy_msrs = d->policy_msrs,
        .store_gfn = d->store_gfn,
        .store_port = d->store_port,
    };
    return true;
}

uint64_t sim_domain_mfn(uint16_t domid, uint64_t pfn) {
    const struct domain *d = find(domid);

    if (!d)
        return UINT64_MAX;
    if (d->hvm) {
        uint32_t mfn = p2m_get(d, pfn);

        return mfn == SIM_NO_MFN ? UINT64_MAX : mfn;
    }
    for (uint64_t mfn = SIM_FIRST_MFN; mfn < host->next_mfn; mfn++)
        if (frames[mfn].owner == domid && m2p[mfn] == pfn)
            return mfn;
    return UINT64_MAX;
}

const void *sim_domain_page(uint16_t domid, uint64_t pfn) {
    uint64_t mfn = sim_domain_mfn(domid, pfn);

    return mfn == UINT64_MAX ? NULL : frame_data(mfn);
}

const void *sim_domain_frame(uint16_t domid, uint64_t mfn) {
    const struct domain *d = find(domid);

    return d && frame_owned(d, mfn) ? frame_data(mfn) : NULL;
}

struct page_ref {
    uint64_t pfn, mfn;
};

static int by_pfn(const void *a, const void *b) {
    const struct page_ref *x = a, *y = b;

    return x->pfn < y->pfn ? -1 : x->pfn > y->pfn;
}

void sim_domain_pages(uint16_t domid, void (*fn)(void *arg, uint64_t pfn, uint64_t mfn, const void *page), void *arg) {
    const struct domain *d = find(domid);
    struct page_ref *all = d ? malloc((d->tot_pages + 1) * sizeof(*all)) : NULL;
    size_t n = 0;

    if (!all)
        return;
    for (uint64_t mfn = SIM_FIRST_MFN; mfn < host->next_mfn && n < d->tot_pages; mfn++)
        if (frames[mfn].owner == domid && !(frames[mfn].flags & F_XENHEAP) && m2p[mfn] != UINT64_MAX)
            all[n++] = (struct page_ref){m2p[mfn], mfn};
    qsort(all, n, sizeof(*all), by_pfn);
    for (size_t i = 0; i < n; i++)
        fn(arg, all[i].pfn, all[i].mfn, frame_data(all[i].mfn));
    free(all);
}

bool sim_domain_vcpu(uint16_t domid, unsigned int vcpu, struct sim_vcpu *out) {
    struct domain *d = find(domid);
    const struct vcpu *v = d ? vcpu_find(d, vcpu) : NULL;

    if (!v)
        return false;
    *out = (struct sim_vcpu){
        .online = !v->down,
        .initialised = v->initialised,
        .context = v->context,
        .context_len = v->context_len,
        .extended = v->extended,
        .extended_len = v->extended_len,
        .xsave = v->xsave,
        .xsave_len = v->xsave_len,
        .msrs = v->msrs,
        .msrs_len = v->nr_msrs * sizeof(v->msrs[0]),
    };
    return true;
}

bool sim_domain_param(uint16_t domid, unsigned int index, uint64_t *value) {
    const struct domain *d = find(domid);

    if (!d || !d->hvm || index >= HVM_NR_PARAMS)
        return false;
    *value = d->params[index];
    return true;
}

const void *sim_domain_hvm_context(uint16_t domid, size_t *kept, size_t *full) {
    const struct domain *d = find(domid);

    if (!d || !d->hvm_context_full)
        return NULL;
    *full = d->hvm_context_full;
    *kept = *full < SIM_HVM_CONTEXT_KEPT ? *full : SIM_HVM_CONTEXT_KEPT;
    return d->hvm_context;
}

void sim_stats(struct sim_stats *out) {
    *out = sim_host()->stats;
}
