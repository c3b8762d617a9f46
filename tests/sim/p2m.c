/* SPDX-License-Identifier: MIT */
/* Guest frame to machine frame, both ways. */
#include "sim_internal.h"

extern struct p2m_slot *p2m_table;

static struct p2m_slot *slot_of(uint16_t domid, uint64_t gfn) {
    uint64_t mask = host->p2m_slots - 1;
    uint64_t at = ((gfn ^ ((uint64_t)domid << 52)) * 0x9e3779b97f4a7c15ull) >> 20 & mask;

    /* A slot of an older generation is empty: a reset costs one increment. */
    while (p2m_table[at].generation == host->generation && (p2m_table[at].gfn != gfn || p2m_table[at].domid != domid))
        at = (at + 1) & mask;
    return &p2m_table[at];
}

uint32_t p2m_get(const struct domain *d, uint64_t gfn) {
    const struct p2m_slot *s = slot_of(d->domid, gfn);

    return s->generation == host->generation ? s->mfn : SIM_NO_MFN;
}

/* p2m_set_entry(): a frame beyond what four levels translate is refused. */
int p2m_set(struct domain *d, uint64_t gfn, uint32_t mfn) {
    struct p2m_slot *s;

    if (gfn >> SIM_GFN_BITS)
        return -EINVAL;
    s = slot_of(d->domid, gfn);
    *s = (struct p2m_slot){.gfn = gfn, .mfn = mfn, .domid = d->domid, .generation = host->generation};
    if (gfn > d->max_gpfn)
        d->max_gpfn = gfn;
    return 0;
}

void p2m_remove(struct domain *d, uint64_t gfn) {
    struct p2m_slot *s = slot_of(d->domid, gfn);

    if (s->generation == host->generation)
        s->mfn = SIM_NO_MFN; /* stays as a tombstone: probe chains must not break */
}

bool frame_owned(const struct domain *d, uint64_t mfn) {
    return mfn >= SIM_FIRST_MFN && mfn < host->next_mfn && frames[mfn].owner == d->domid;
}

/* get_page_from_gfn(): a PV guest's frame numbers are machine frame numbers. */
uint32_t sim_gfn_to_mfn(const struct domain *d, uint64_t gfn) {
    if (d->hvm)
        return p2m_get(d, gfn);
    return frame_owned(d, gfn) ? (uint32_t)gfn : SIM_NO_MFN;
}
