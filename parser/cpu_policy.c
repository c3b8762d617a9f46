/* SPDX-License-Identifier: MIT */
#include "cpu_policy.h"

#include "state.h"
#include "xsave.h"

#define CPUID_ENTRY       24u
#define CPUID_MAX         120u /* leaves that Xen takes, E2BIG above (blobs 5) */
#define MSR_ENTRY         16u
#define NO_SUBLEAF        0xffffffffu
#define XSTATE_LEAF       0xdu
#define XSTATE_SUPERVISOR 1u /* in ecx of leaf 0xd: not part of an uncompressed image */

/* Leaves and the subleaves they have, in ascending order (blobs 5). Leaves 0-0xd: what is not named has none. */
static const struct leaves {
    uint32_t first, last, subleaf_first, subleaf_last;
} known[] = {
    {0x0, 0x3, NO_SUBLEAF, NO_SUBLEAF},
    {0x4, 0x4, 0, 5},
    {0x5, 0x6, NO_SUBLEAF, NO_SUBLEAF},
    {0x7, 0x7, 0, 2},
    {0x8, 0xa, NO_SUBLEAF, NO_SUBLEAF},
    {0xb, 0xb, 0, 1},
    {0xc, 0xc, NO_SUBLEAF, NO_SUBLEAF},
    {0xd, 0xd, 0, 62},
    {0x40000000, 0x40000000, NO_SUBLEAF, NO_SUBLEAF},
    {0x40000100, 0x40000100, NO_SUBLEAF, NO_SUBLEAF},
    {0x80000000, 0x80000021, NO_SUBLEAF, NO_SUBLEAF},
};

/* The first releases of 4.14 and 4.15 end at leaf 0x8000001c and at subleaf 1 of leaf 7 (blobs 5). */
static bool target_knows(const struct xv_parser *p, uint32_t leaf, uint32_t subleaf) {
    if (p->policy.target_xen == 0 || p->policy.target_xen >= XV_XEN(4, 16))
        return true;
    return leaf <= 0x8000001c && !(leaf == 0x7 && subleaf == 2);
}

static bool is_known(uint32_t leaf, uint32_t subleaf) {
    for (uint32_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (leaf >= known[i].first && leaf <= known[i].last)
            return subleaf >= known[i].subleaf_first && subleaf <= known[i].subleaf_last;
    return false;
}

/* Keeps where XSAVE component n lies: eax octets at offset ebx. Nonsense is kept as "the guest has none". */
static void keep_xstate(struct xv_cpu_policy *cpu, uint32_t n, uint32_t size, uint32_t offset, uint32_t flags) {
    cpu->xstate_told = true;
    if (n < 2 || n >= XV_XSTATE_COMPONENTS || (flags & XSTATE_SUPERVISOR))
        return;
    if (size > XV_XSAVE_MAX || offset < XV_XSAVE_MIN || offset > XV_XSAVE_MAX - size)
        return;
    cpu->xstate_size[n] = size;
    cpu->xstate_offset[n] = offset;
}

/* Largest leaf or subleaf that a leaf names in eax: no host has a larger one, and Xen refuses what its host has not. */
static bool check_largest(struct xv_parser *p, uint64_t key, uint32_t eax, uint64_t at) {
    static const struct largest {
        uint64_t key;
        uint32_t most;
    } rows[] = {
        {0x00000000ffffffffu, 0xd},
        {0x0000000700000000u, 2},
        {0x80000000ffffffffu, 0x80000021},
    };

    for (uint32_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (key == rows[i].key && eax > rows[i].most)
            return xv_reject_range(p, XV_CPUID_LARGEST, at + 8, eax, 0, rows[i].most);
    return true;
}

/* One leaf; *last is the key of the one before, 0 if there is none: no known leaf has that key. */
static bool cpuid_entry(struct xv_parser *p, struct xv_cursor *c, uint64_t *last) {
    uint32_t leaf = 0, subleaf = 0, eax = 0, ebx = 0, ecx = 0, edx = 0;
    uint64_t at = xv_at(c), key = 0;

    if (!xv_get_u32(c, &leaf) || !xv_get_u32(c, &subleaf) || !xv_get_u32(c, &eax) || !xv_get_u32(c, &ebx) ||
        !xv_get_u32(c, &ecx) || !xv_get_u32(c, &edx))
        return xv_reject(p, XV_RECORD_LENGTH, at);
    key = (uint64_t)leaf << 32 | subleaf;
    if (!is_known(leaf, subleaf))
        return xv_reject_value(p, XV_CPUID_LEAF, at, key);
    if (key <= *last)
        return xv_reject_value(p, XV_CPUID_ORDER, at, key);
    if (!target_knows(p, leaf, subleaf))
        return xv_reject_value(p, XV_COMPAT_TARGET_POLICY, at, key);
    if (!check_largest(p, key, eax, at))
        return false;
    *last = key;
    if (leaf == XSTATE_LEAF)
        keep_xstate(&p->cpu_policy, subleaf, eax, ebx, ecx);
    xv_tell(p, XV_FACT_CPUID_LEAF, at, key, (uint64_t)eax << 32 | ebx, (uint64_t)ecx << 32 | edx, NULL);
    return true;
}

bool xv_cpuid_policy_body(struct xv_parser *p, struct xv_cursor *c) {
    uint32_t count = p->rec.length / CPUID_ENTRY;
    uint64_t at = xv_at(c), last = 0;

    if (count > CPUID_MAX) /* (blobs 5) */
        return xv_reject_range(p, XV_CPUID_COUNT, at, count, 1, CPUID_MAX);
    if (count == 0 || p->rec.left != 0 || xv_left(c) != (size_t)count * CPUID_ENTRY)
        return xv_reject_value(p, XV_RECORD_LENGTH, at, p->rec.length);
    for (uint32_t i = 0; i < CPUID_MAX && i < count; i++)
        if (!cpuid_entry(p, c, &last))
            return false;
    return true;
}

/* The MSRs of a policy, in the order that savers write, and the bits they can have (blobs 6). */
#define PLATFORM_INFO     0xceu
#define ARCH_CAPABILITIES 0x10au
#define MSRS_MAX          2u
#define CPUID_FAULTING    ((uint64_t)1 << 31) /* of PLATFORM_INFO: all that a host can have there */

static bool msr_entry(struct xv_parser *p, struct xv_cursor *c, uint64_t *last) {
    uint32_t index = 0, flags = 0;
    uint64_t at = xv_at(c), value = 0;

    if (!xv_get_u32(c, &index) || !xv_get_u32(c, &flags) || !xv_get_u64(c, &value))
        return xv_reject(p, XV_RECORD_LENGTH, at);
    if (index != PLATFORM_INFO && index != ARCH_CAPABILITIES)
        return xv_reject_value(p, XV_MSRP_INDEX, at, index);
    if (flags != 0)
        return xv_reject_value(p, XV_MSRP_FLAGS, at + 4, flags);
    if (index <= *last)
        return xv_reject_value(p, XV_MSRP_ORDER, at, index);
    *last = index;
    if (index == PLATFORM_INFO && (value & ~CPUID_FAULTING))
        return xv_reject_value(p, XV_MSRP_VALUE, at + 8, value);
    xv_tell(p, XV_FACT_MSR, at, index, value, 1, NULL);
    return true;
}

bool xv_msr_policy_body(struct xv_parser *p, struct xv_cursor *c) {
    uint32_t count = p->rec.length / MSR_ENTRY;
    uint64_t at = xv_at(c), last = 0;

    if (count == 0 || p->rec.left != 0 || xv_left(c) != (size_t)count * MSR_ENTRY)
        return xv_reject_value(p, XV_RECORD_LENGTH, at, p->rec.length);
    /* a third entry is unknown, repeated or out of order */
    for (uint32_t i = 0; i < MSRS_MAX + 1 && i < count; i++)
        if (!msr_entry(p, c, &last))
            return false;
    return true;
}
