/* SPDX-License-Identifier: MIT */
/* arch_set_info_guest() for PV: what Xen asks of a vCPU context before it takes it. */
#include <string.h>

#include "sim_internal.h"

#define GDT_ENTRIES_MAX 7168u /* FIRST_RESERVED_GDT_ENTRY */
#define VIRT_END_64     0xffff880000000000ull
#define VM_ASSIST_32    0x3full
#define VM_ASSIST_64    (VM_ASSIST_32 | 1ull << 32) /* m2p_strict */

/* The fields both widths have, in one shape. */
struct ctx {
    const vcpu_guest_context_x86_64_t *n; /* NULL for a 32-bit guest */
    const vcpu_guest_context_x86_32_t *c;
    uint64_t flags, ldt_base, ldt_ents, gdt_ents, vm_assist, cr1, cr3_mfn, cr1_mfn;
    uint64_t gdt_frames[16];
};

static void read_ctx(struct ctx *x, bool compat, const void *p) {
    memset(x, 0, sizeof(*x));
    if (compat) {
        const vcpu_guest_context_x86_32_t *c = p;
        uint32_t cr3 = c->ctrlreg[3];

        x->c = c;
        x->flags = c->flags;
        x->ldt_base = c->ldt_base;
        x->ldt_ents = c->ldt_ents;
        x->gdt_ents = c->gdt_ents;
        x->vm_assist = c->vm_assist;
        x->cr3_mfn = cr3 >> 12 | (uint32_t)(cr3 << 20); /* compat_cr3_to_pfn() */
        for (unsigned int i = 0; i < 16; i++)
            x->gdt_frames[i] = c->gdt_frames[i];
    } else {
        const vcpu_guest_context_x86_64_t *n = p;

        x->n = n;
        x->flags = n->flags;
        x->ldt_base = n->ldt_base;
        x->ldt_ents = n->ldt_ents;
        x->gdt_ents = n->gdt_ents;
        x->vm_assist = n->vm_assist;
        x->cr3_mfn = n->ctrlreg[3] >> 12;
        x->cr1 = n->ctrlreg[1];
        x->cr1_mfn = n->ctrlreg[1] >> 12;
        for (unsigned int i = 0; i < 16; i++)
            x->gdt_frames[i] = n->gdt_frames[i];
    }
}

static int check_addresses(const vcpu_guest_context_x86_64_t *n) {
    const uint64_t must[] = {n->user_regs.rip,
                             n->user_regs.rsp,
                             n->kernel_sp,
                             n->fs_base,
                             n->gs_base_kernel,
                             n->gs_base_user,
                             n->event_callback_eip,
                             n->syscall_callback_eip,
                             n->failsafe_callback_eip,
                             n->ldt_ents ? n->ldt_base : 0};

    for (size_t i = 0; i < sizeof(must) / sizeof(must[0]); i++)
        if (!rule_canonical(must[i]))
            return refuse(-EINVAL, "arch_set_info_guest: address %#lx is not canonical", (unsigned long)must[i]);
    for (unsigned int i = 0; i < 256; i++)
        if (!rule_canonical(n->trap_ctxt[i].address))
            return refuse(-EINVAL, "arch_set_info_guest: trap %u is not canonical", i);
    if (n->ldt_base >= 1ull << 47 && n->ldt_base < VIRT_END_64) /* __addr_ok() */
        return refuse(-EINVAL, "arch_set_info_guest: ldt_base %#lx", (unsigned long)n->ldt_base);
    return 0;
}

static int check_ctx(const struct ctx *x, const struct vcpu *v, uint32_t id) {
    int rc = x->n ? check_addresses(x->n) : 0;

    if (rc)
        return rc;
    if (x->ldt_base & (SIM_PAGE_SIZE - 1) || x->ldt_ents > 8192)
        return refuse(-EINVAL, "arch_set_info_guest: LDT %#lx, %lu entries", (unsigned long)x->ldt_base,
                      (unsigned long)x->ldt_ents);
    if (id == 0 && (x->vm_assist & ~(x->n ? VM_ASSIST_64 : VM_ASSIST_32)))
        return refuse(-EINVAL, "arch_set_info_guest: vm_assist %#lx", (unsigned long)x->vm_assist);
    /* nr_gdt_frames is an unsigned int, DIV_ROUND_UP(gdt_ents, 512) an unsigned long: the cut is Xen's */
    if ((uint32_t)((x->gdt_ents + 511) / 512) > 16)
        return refuse(-EINVAL, "arch_set_info_guest: %lu GDT entries", (unsigned long)x->gdt_ents);
    if (!v->initialised && x->n && !(x->flags & VGCF_in_kernel) && !x->cr1)
        return refuse(-EINVAL, "arch_set_info_guest: user mode without a user page table");
    return 0;
}

/* pv_set_gdt() */
static int set_gdt(struct domain *d, struct vcpu *v, const struct ctx *x) {
    uint32_t ents = (uint32_t)x->gdt_ents, n = (ents + 511) / 512, i;

    if (ents > GDT_ENTRIES_MAX)
        return refuse(-EINVAL, "pv_set_gdt: %u entries", ents);
    for (i = 0; i < n; i++)
        if (type_get(d, x->gdt_frames[i], T_SEGDESC, false))
            break;
    if (i < n) {
        while (i-- > 0)
            type_put(d, x->gdt_frames[i]);
        return -EINVAL;
    }
    v->gdt_ents = ents;
    v->nr_gdt_frames = n;
    memcpy(v->gdt_frames, x->gdt_frames, sizeof(v->gdt_frames));
    return 0;
}

static void put_gdt(struct domain *d, struct vcpu *v) {
    for (uint32_t i = 0; i < v->nr_gdt_frames; i++)
        if (frames[v->gdt_frames[i]].type == T_SEGDESC)
            type_put(d, v->gdt_frames[i]);
    v->nr_gdt_frames = v->gdt_ents = 0;
}

static int set_tables(struct domain *d, struct vcpu *v, const struct ctx *x) {
    enum sim_type root = d->is_32bit ? T_L3 : T_L4;
    int rc = type_get(d, x->cr3_mfn, root, false);

    if (rc)
        return rc;
    if (x->cr1) {
        rc = type_get(d, x->cr1_mfn, root, false);
        if (rc) {
            type_put(d, x->cr3_mfn);
            return rc;
        }
    }
    v->cr3_mfn = x->cr3_mfn;
    v->cr1_mfn = x->cr1 ? x->cr1_mfn : 0;
    return 0;
}

/* A vCPU that has state already takes only the same tables again. */
static int check_same(const struct vcpu *v, const struct ctx *x) {
    bool same = v->cr3_mfn == x->cr3_mfn && v->cr1_mfn == (x->cr1 ? x->cr1_mfn : 0) && v->gdt_ents == x->gdt_ents;

    for (uint32_t i = 0; same && i < v->nr_gdt_frames; i++)
        same = v->gdt_frames[i] == x->gdt_frames[i];
    return same ? 0 : refuse(-EOPNOTSUPP, "arch_set_info_guest: the vCPU is initialised with other tables");
}

int do_set_vcpu_context(struct domain *d, struct vcpu *v, uint32_t id, const void *ctxt) {
    uint32_t len = d->is_32bit ? sizeof(vcpu_guest_context_x86_32_t) : sizeof(vcpu_guest_context_x86_64_t);
    struct ctx x;
    int rc;

    if (d->hvm)
        return refuse(-EINVAL, "setvcpucontext: not simulated for HVM");
    memcpy(v->context, ctxt, len);
    read_ctx(&x, d->is_32bit, v->context);
    rc = check_ctx(&x, v, id);
    if (!rc && v->initialised)
        rc = check_same(v, &x);
    if (!rc && !v->initialised) {
        rc = set_gdt(d, v, &x);
        if (!rc) {
            rc = set_tables(d, v, &x);
            if (rc)
                put_gdt(d, v);
        }
    }
    v->context_len = rc ? 0 : len;
    if (rc)
        return rc;
    if (id == 0)
        d->vm_assist = x.vm_assist;
    v->initialised = 1;
    v->down = !(x.flags & (1u << 5)); /* VGCF_online */
    return 0;
}
