/* SPDX-License-Identifier: MIT */
/*
 * Types of PV page frames, as Xen's mm.c keeps them: a frame has one type at a time, a reference count,
 * and becomes a page table only after every entry was checked.  Preemption is not modelled.
 */
#include <string.h>

#include "sim_internal.h"

#define ENTRIES 512u
#define PTE_P   0x1u
#define PTE_RW  0x2u
/* Flags of an entry: bits 0-11 and, above them, bits 52-63, as get_pte_flags(). */
#define PTE_FLAGS(e) ((uint32_t)((e) >> 40 & ~0xfffull) | (uint32_t)((e)&0xfff))
#define PTE_MFN(e)   ((e) >> 12 & ((1ull << 40) - 1))
/* base_disallow_mask: all but P, RW, US, A, D, AVAIL, AVAIL_HIGH, NX */
#define DISALLOW         0x000198u
#define DISALLOW_L1      ((DISALLOW | 1u << 22) & ~0x100u) /* no _PAGE_GNTTAB; global is fine */
#define DISALLOW_L3_32   0xfff198u
#define L4_XEN_FIRST     256u /* ROOT_PAGETABLE_FIRST_XEN_SLOT .. LAST */
#define L4_XEN_LAST      271u
#define PAE_L2_XEN_FIRST 428u /* HYPERVISOR_COMPAT_VIRT_START 0xf5800000 */

static int validate(struct domain *d, uint64_t mfn, enum sim_type type, bool pae_xen_l2);
static void invalidate(struct domain *d, uint64_t mfn, enum sim_type type, unsigned int up_to);

static bool is_table(enum sim_type t) {
    return t >= T_L1 && t <= T_L4;
}

/* _get_page_type() */
int type_get(struct domain *d, uint64_t mfn, enum sim_type type, bool pae_xen_l2) {
    struct frame *f;
    bool had_pae;
    int rc;

    if (!frame_owned(d, mfn))
        return refuse(-EINVAL, "get_page: mfn %#lx does not belong to domain %u", (unsigned long)mfn, d->domid);
    f = &frames[mfn];
    had_pae = f->flags & F_PAE_XEN_L2;
    if (f->count) {
        if (sim_relaxed(SIM_RELAX_GDT) &&
            ((f->type == T_WRITABLE && type == T_SEGDESC) || (f->type == T_SEGDESC && type == T_WRITABLE)))
            return 0; /* not counted: see the places that put these types */
        if (f->type == T_L2 && type == T_L2 && sim_relaxed(SIM_RELAX_PAE_L2))
            had_pae = pae_xen_l2;
        if (f->type != type || had_pae != pae_xen_l2 || !(f->flags & F_VALIDATED))
            return refuse(-EINVAL, "get_page_type: mfn %#lx has type %u, wanted %u", (unsigned long)mfn, f->type, type);
        f->count++;
        return 0;
    }
    f->type = (uint8_t)type;
    f->count = 1;
    f->linear = 0;
    f->flags = (uint8_t)((f->flags & F_XENHEAP) | (pae_xen_l2 ? F_PAE_XEN_L2 : 0));
    rc = type == T_WRITABLE ? 0 : validate(d, mfn, type, pae_xen_l2);
    if (rc) {
        f->count = 0;
        f->type = T_NONE;
        f->flags &= F_XENHEAP;
        return rc;
    }
    f->flags |= F_VALIDATED;
    return 0;
}

void type_put(struct domain *d, uint64_t mfn) {
    struct frame *f = &frames[mfn];
    enum sim_type type = f->type;

    if (!f->count || --f->count)
        return;
    if (is_table(type))
        invalidate(d, mfn, type, ENTRIES);
    f->flags &= F_XENHEAP;
    f->type = T_NONE;
}

/* check_descriptor(): code, data and call gates only. */
static bool descriptor_ok(const struct domain *d, uint32_t a, uint32_t b) {
    const uint32_t present = 1u << 15, code_or_data = 1u << 12, l_bit = 1u << 21;
    uint32_t cs = a >> 16;

    if (!(b & present))
        return true;
    if (b & code_or_data)
        return !(d->is_32bit && (b & l_bit));
    if ((b & 0xf00) == 0)
        return true;
    if ((b & 0xf00) != 0xc00)
        return false;
    /* guest_gate_selector_okay(): the guest's own GDT part, Xen's flat kernel segment, or the LDT */
    if ((cs >> 3) >= 7168 && cs != (d->is_32bit ? 0xe019u : 0xe033u) && !(cs & 4))
        return false;
    return !(b & (d->is_32bit ? 0xe0u : 0xffu));
}

/* validate_segdesc_page() */
static int validate_segdesc(const struct domain *d, const uint32_t *page) {
    for (unsigned int i = 0; i < 512; i++)
        if (!descriptor_ok(d, page[2 * i], page[2 * i + 1]))
            return refuse(-EINVAL, "check_descriptor: entry %u is %08x:%08x", i, page[2 * i + 1], page[2 * i]);
    return 0;
}

/* get_page_from_l1e() for a domain without devices */
static int get_l1e(struct domain *d, uint64_t e) {
    uint64_t mfn = PTE_MFN(e);

    if (PTE_FLAGS(e) & DISALLOW_L1)
        return refuse(-EINVAL, "get_page_from_l1e: flags %#x", PTE_FLAGS(e) & DISALLOW_L1);
    if (mfn >= host->nr_frames)
        return refuse(mfn == (1ull << 40) - 1 ? -EINVAL : -EPERM, "get_page_from_l1e: mfn %#lx is not memory",
                      (unsigned long)mfn);
    if (!frame_owned(d, mfn))
        return refuse(-EBUSY, "get_page_from_l1e: mfn %#lx is not the domain's", (unsigned long)mfn);
    if ((e & PTE_RW) && type_get(d, mfn, T_WRITABLE, false))
        return -EBUSY;
    return 0;
}

/* get_lN_linear_pagetable(): a read-only entry for a validated table of the same level. */
static bool get_linear(struct domain *d, uint64_t e, uint64_t table, enum sim_type level) {
    struct frame *f, *t = &frames[table];
    uint64_t mfn = PTE_MFN(e);

    if ((e & PTE_RW) || !frame_owned(d, mfn))
        return false;
    if (mfn == table)
        return true;
    f = &frames[mfn];
    if (t->linear < 0 || f->linear > 0 || f->type != level || !f->count || !(f->flags & F_VALIDATED))
        return false;
    t->linear++;
    f->linear--;
    f->count++;
    return true;
}

/* get_page_from_l2e(), _l3e(), _l4e() */
static int get_entry(struct domain *d, uint64_t e, uint64_t table, enum sim_type level, unsigned int slot) {
    uint32_t bad = PTE_FLAGS(e) & (level == T_L3 && d->is_32bit ? DISALLOW_L3_32 : DISALLOW);
    bool xen_l2 = level == T_L3 && d->is_32bit && slot == 3;
    int rc;

    if (bad)
        return refuse(-EINVAL, "get_page_from_l%ue: slot %u has flags %#x", level, slot, bad);
    rc = type_get(d, PTE_MFN(e), (enum sim_type)(level - 1), xen_l2);
    if (rc == -EINVAL && !(level == T_L3 && d->is_32bit) && get_linear(d, e, table, level))
        rc = 0;
    return rc;
}

/* is_guest_l2_slot(), is_guest_l4_slot(); a PAE L3 has four entries. */
static bool guest_slot(const struct domain *d, enum sim_type level, bool pae_xen_l2, unsigned int slot) {
    if (level == T_L4)
        return slot < L4_XEN_FIRST || slot > L4_XEN_LAST;
    if (level == T_L3 && d->is_32bit)
        return slot < 4;
    return !(level == T_L2 && pae_xen_l2) || slot < PAE_L2_XEN_FIRST;
}

/* promote_l3_table(): slot 3 of a PAE guest must be present, pae_xen_mappings_check(): and not shared. */
static int check_pae_slot3(uint64_t e) {
    if (!(e & PTE_P))
        return refuse(-EINVAL, "promote_l3_table: PAE slot 3 not present");
    if (frames[PTE_MFN(e)].count != 1 && !sim_relaxed(SIM_RELAX_PAE_L2))
        return refuse(-EINVAL, "pae_xen_mappings_check: the slot 3 table is shared");
    return 0;
}

/* promote_l1_table() .. promote_l4_table() */
static int validate(struct domain *d, uint64_t mfn, enum sim_type type, bool pae_xen_l2) {
    uint64_t *e = frame_data(mfn);
    unsigned int i = 0;
    int rc = 0;

    if (type == T_SEGDESC)
        return validate_segdesc(d, frame_data(mfn));
    if (type == T_L4 && d->is_32bit)
        return refuse(-EINVAL, "validate_page: L4 in a 32-bit domain");
    if (type == T_L3 && d->is_32bit) /* as Xen does: the rest of the page is visible to the MMU */
        memset(e + 4, 0, (ENTRIES - 4) * sizeof(*e));
    for (; i < ENTRIES && !rc; i++) {
        if (!(e[i] & PTE_P) || !guest_slot(d, type, pae_xen_l2, i))
            continue;
        rc = type == T_L1 ? get_l1e(d, e[i]) : get_entry(d, e[i], mfn, type, i);
    }
    if (rc)
        i--; /* the entry that failed took no reference */
    else if (type == T_L3 && d->is_32bit)
        rc = check_pae_slot3(e[3]);
    if (rc) {
        frames[mfn].flags |= pae_xen_l2 ? F_PAE_XEN_L2 : 0;
        invalidate(d, mfn, type, i);
    }
    return rc;
}

/* Drops what validate() took for the first UP_TO entries. */
static void invalidate(struct domain *d, uint64_t mfn, enum sim_type type, unsigned int up_to) {
    const uint64_t *e = frame_data(mfn);
    bool pae_xen_l2 = frames[mfn].flags & F_PAE_XEN_L2;

    for (unsigned int i = 0; i < up_to; i++) {
        uint64_t to = PTE_MFN(e[i]);

        if (!(e[i] & PTE_P) || !guest_slot(d, type, pae_xen_l2, i) || to == mfn || !frame_owned(d, to))
            continue;
        if (type == T_L1) {
            if ((e[i] & PTE_RW) && frames[to].type == T_WRITABLE)
                type_put(d, to);
            continue;
        }
        if (frames[to].type == type) { /* put_pt_page(): a linear entry */
            frames[mfn].linear--;
            frames[to].linear++;
        }
        type_put(d, to);
    }
}

static int pin(struct domain *d, uint64_t mfn, enum sim_type type) {
    int rc;

    if (type == T_L4 && d->is_32bit)
        return 0; /* do_mmuext_op(): ignored, and so without effect */
    rc = type_get(d, mfn, type, false);
    if (rc)
        return rc;
    if (frames[mfn].flags & F_PINNED) {
        type_put(d, mfn);
        return refuse(-EINVAL, "pin: mfn %#lx is pinned already", (unsigned long)mfn);
    }
    frames[mfn].flags |= F_PINNED;
    return 0;
}

static int unpin(struct domain *d, uint64_t mfn) {
    if (!frame_owned(d, mfn) || !(frames[mfn].flags & F_PINNED))
        return refuse(-EINVAL, "unpin: mfn %#lx is not pinned", (unsigned long)mfn);
    frames[mfn].flags &= (uint8_t)~F_PINNED;
    type_put(d, mfn);
    return 0;
}

int do_mmuext_op(struct mmuext_op *ops, uint32_t n, uint16_t domid) {
    struct domain *d = domain_find(domid);

    if (!d)
        return refuse(-ESRCH, "mmuext_op: no domain %u", domid);
    if (d->hvm)
        return refuse(-EINVAL, "mmuext_op: domain %u is not PV", domid);
    for (uint32_t i = 0; i < n; i++) {
        int rc;

        if (ops[i].cmd <= MMUEXT_PIN_L4_TABLE)
            rc = pin(d, ops[i].arg1.mfn, (enum sim_type)(ops[i].cmd - MMUEXT_PIN_L1_TABLE + T_L1));
        else if (ops[i].cmd == MMUEXT_UNPIN_TABLE)
            rc = unpin(d, ops[i].arg1.mfn);
        else {
            sim_unknown("mmuext op", ops[i].cmd);
            rc = -ENOSYS;
        }
        sim_trace("mmuext op %u mfn %#lx: %d", ops[i].cmd, (unsigned long)ops[i].arg1.mfn, rc);
        if (rc)
            return rc;
    }
    return 0;
}

const char *sim_frame_type(uint64_t mfn, bool *pinned, uint32_t *count) {
    static const char *const names[] = {"none", "l1", "l2", "l3", "l4", "segdesc", "writable"};

    if (mfn >= sim_host()->next_mfn)
        return "none";
    if (pinned)
        *pinned = frames[mfn].flags & F_PINNED;
    if (count)
        *count = frames[mfn].count;
    return names[frames[mfn].type];
}
