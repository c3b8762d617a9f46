/* SPDX-License-Identifier: MIT */
#include "pv_context.h"

#include "state.h"

/* Where the fields lie, by width (blobs 1). 0: the 32-bit context has no such field. */
struct layout {
    uint32_t size, flags, info, eflags, trap, ldt_base, ldt_ents, gdt_frames, gdt_ents, ctrlreg, debugreg, vm_assist;
};
static const struct layout layout64 = {5168, 512, 616, 664, 720, 4816, 4824, 4832, 4960, 4984, 5048, 5136};
static const struct layout layout32 = {2800, 512, 524, 556, 0, 2632, 2636, 2640, 2704, 2716, 2748, 2796};

/* Addresses that Xen loads into registers of a 64-bit guest: rip, rsp, kernel_sp, callbacks, segment bases. */
static const uint32_t addresses64[] = {648, 672, 4976, 5112, 5120, 5128, 5144, 5152, 5160};

#define TRAPS        256u
#define VGCF_DEFINED 0x3du /* bits 0, 2 to 5 (blobs 1) */
#define VGCF_KERNEL  (1u << 2)
#define EFLAGS_VM    (1u << 17)
#define LDT_ENTS_MAX 8192u
#define GDT_ENTS_MAX 7168u
#define GDT_PER_PAGE 512u
#define ASSIST32     0x3full                        /* VMASST types 0 to 5 */
#define ASSIST64     (ASSIST32 | (uint64_t)1 << 32) /* and m2p_strict */
#define XEN_START    0xffff800000000000ull          /* addresses of Xen itself */
#define XEN_END      0xffff880000000000ull

struct context {
    const struct layout *at;
    struct xv_cursor bytes;
    bool wide;
};

uint32_t xv_context_size(uint32_t width) {
    return width == 8 ? layout64.size : layout32.size;
}

/* The 64-bit field at this offset. */
static uint64_t field64(const struct context *x, uint32_t offset) {
    struct xv_cursor c = x->bytes;
    uint64_t value = 0;

    (void)(xv_skip(&c, offset) && xv_get_u64(&c, &value));
    return value;
}

/* Field number i of an array of words of the guest's width. */
static uint64_t word(const struct context *x, uint32_t offset, uint32_t i) {
    struct xv_cursor c = x->bytes;
    uint32_t value = 0;

    if (x->wide)
        return field64(x, offset + 8 * i);
    (void)(xv_skip(&c, offset + 4 * i) && xv_get_u32(&c, &value));
    return value;
}

static uint64_t word_at(const struct context *x, uint32_t offset, uint32_t i) {
    return xv_at(&x->bytes) + offset + (x->wide ? 8 : 4) * (uint64_t)i;
}

static bool is_canonical(uint64_t address) {
    return address >> 47 == 0 || address >> 47 == 0x1ffff;
}

static bool in_xen(uint64_t address) {
    return address >= XEN_START && address < XEN_END;
}

/* Xen refuses a context with an address that is not canonical (blobs 1; arch_set_info_guest). */
static bool check_addresses(struct xv_parser *p, const struct context *x) {
    for (uint32_t i = 0; i < sizeof addresses64 / sizeof addresses64[0]; i++) {
        uint64_t address = field64(x, addresses64[i]);

        if (!is_canonical(address))
            return xv_reject_value(p, XV_VCPU_CONTEXT, xv_at(&x->bytes) + addresses64[i], address);
    }
    for (uint32_t i = 0; i < TRAPS; i++) {
        uint32_t offset = x->at->trap + 16 * i + 8;
        uint64_t address = field64(x, offset);

        if (!is_canonical(address))
            return xv_reject_value(p, XV_VCPU_CONTEXT, xv_at(&x->bytes) + offset, address);
    }
    return true;
}

/* Xen refuses an LDT that is too large, not page-aligned, or not the guest's to address, even one without entries. */
static bool check_ldt(struct xv_parser *p, const struct context *x) {
    uint64_t base = word(x, x->at->ldt_base, 0), ents = word(x, x->at->ldt_ents, 0);
    uint64_t at = word_at(x, x->at->ldt_base, 0);

    if (ents > LDT_ENTS_MAX)
        return xv_reject_range(p, XV_VCPU_CONTEXT, word_at(x, x->at->ldt_ents, 0), ents, 0, LDT_ENTS_MAX);
    if (base % 4096)
        return xv_reject_value(p, XV_VCPU_CONTEXT, at, base);
    if (x->wide && (in_xen(base) || !is_canonical(base)))
        return xv_reject_value(p, XV_VCPU_CONTEXT, at, base);
    return true;
}

/* Breakpoints outside Xen; DR6 and DR7 have 32 bits. DR4 and DR5 carry what old releases emulate. */
static bool check_debug(struct xv_parser *p, const struct context *x) {
    for (uint32_t i = 0; x->wide && i < 8; i++) {
        uint64_t value = word(x, x->at->debugreg, i);

        if ((i < 4 && in_xen(value)) || (i >= 6 && value > UINT32_MAX))
            return xv_reject_value(p, XV_VCPU_CONTEXT, word_at(x, x->at->debugreg, i), value);
    }
    return true;
}

static bool check_flags(struct xv_parser *p, const struct context *x) {
    uint64_t flags = word(x, x->at->flags, 0), assist = word(x, x->at->vm_assist, 0);
    uint64_t eflags = word(x, x->at->eflags, 0);

    if (flags & ~(uint64_t)VGCF_DEFINED) /* (blobs 1) */
        return xv_reject_range(p, XV_VCPU_FLAGS, word_at(x, x->at->flags, 0), flags, 0, VGCF_DEFINED);
    if (assist & ~(x->wide ? ASSIST64 : ASSIST32))
        return xv_reject_value(p, XV_VCPU_CONTEXT, word_at(x, x->at->vm_assist, 0), assist);
    if (!x->wide && (eflags & EFLAGS_VM)) /* a 64-bit Xen has no virtual 8086 mode to offer */
        return xv_reject_value(p, XV_VCPU_CONTEXT, word_at(x, x->at->eflags, 0), eflags);
    return true;
}

/* gdt_ents is a 64-bit field that libxenguest cuts to 32 bits (libxc 8.3, hazards libxenguest). */
static bool check_gdt(struct xv_parser *p, const struct context *x) {
    uint64_t ents = word(x, x->at->gdt_ents, 0), frames;

    if (ents > GDT_ENTS_MAX)
        return xv_reject_range(p, XV_GDT_ENTS, word_at(x, x->at->gdt_ents, 0), ents, 0, GDT_ENTS_MAX);
    frames = (ents + GDT_PER_PAGE - 1) / GDT_PER_PAGE;
    for (uint32_t i = 0; i < frames; i++) {
        uint64_t pfn = word(x, x->at->gdt_frames, i);

        if (!xv_memory_is_notab(p, pfn))
            return xv_reject_range(p, XV_GDT_FRAME, word_at(x, x->at->gdt_frames, i), pfn, 0, p->sum.max_pfn);
    }
    return true;
}

/* cr3 names a table of the top level (libxc 8.4): pfn << 12, for 32-bit guests rotated by 12 bits. */
static bool check_cr3(struct xv_parser *p, const struct context *x) {
    uint64_t cr3 = word(x, x->at->ctrlreg, 3), pfn = cr3 >> 12;

    if (!x->wide)
        pfn |= (cr3 & 0xfffu) << 20;
    if ((x->wide && cr3 & 0xfffu) || xv_memory_level(p, pfn) != p->pv.levels)
        return xv_reject_value(p, XV_CR3, word_at(x, x->at->ctrlreg, 3), cr3);
    return true;
}

/*
 * cr1 of a 64-bit guest is its user page table: pfn << 12 | 1, or 0 (libxc 8.4). Without bit 0 libxenguest would pass
 * it on as a machine address, and Xen wants one when the guest is not in its kernel.
 */
static bool check_cr1(struct xv_parser *p, const struct context *x) {
    uint64_t cr1 = word(x, x->at->ctrlreg, 1), at = word_at(x, x->at->ctrlreg, 1);

    if (cr1 == 0 && (word(x, x->at->flags, 0) & VGCF_KERNEL))
        return true;
    if ((cr1 & 0xfffu) != 1 || xv_memory_level(p, cr1 >> 12) != p->pv.levels)
        return xv_reject_value(p, XV_CR1, at, cr1);
    return true;
}

bool xv_context(struct xv_parser *p, struct xv_cursor *c, uint32_t vcpu) {
    struct context x = {p->pv.width == 8 ? &layout64 : &layout32, *c, p->pv.width == 8};

    if (vcpu == 0) {
        p->pv.start_info = word(&x, x.at->info, 0);
        p->pv.start_info_field = word_at(&x, x.at->info, 0);
    }
    if (!check_flags(p, &x) || !check_gdt(p, &x) || !check_cr3(p, &x) || !check_ldt(p, &x) || !check_debug(p, &x))
        return false;
    return !x.wide || (check_cr1(p, &x) && check_addresses(p, &x));
}
