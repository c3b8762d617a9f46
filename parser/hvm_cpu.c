/* SPDX-License-Identifier: MIT */
/* The vCPU registers of an HVM context: CPU, CPU_XSAVE, CPU_MSR (blobs 9, 9.1). */
#include "hvm_entries.h"
#include "state.h"
#include "xsave.h"

#define BIT(n) ((uint64_t)1 << (n))
#define U32    0xffffffffu

/* Offsets of the CPU entry. */
#define CR0              656
#define CR3              672
#define CR4              680
#define DR6              720
#define DR7              728
#define EFER             992
#define TSC_AUX          1000
#define PENDING_EVENT    1016
#define FLAGS            1024
#define PAD0             1028
#define CPU_WITH_TSC_AUX 1024 /* in shorter entries the fields from TSC_AUX on lie elsewhere */

#define CR0_PE   BIT(0)
#define CR0_ET   BIT(4)
#define CR0_PG   BIT(31)
#define CR0_BITS (BIT(0) | BIT(1) | BIT(2) | BIT(3) | BIT(4) | BIT(5) | BIT(16) | BIT(18) | BIT(29) | BIT(30) | BIT(31))
#define CR3_BITS (BIT(52) - 1) /* no processor has more physical address bits */
#define CR4_PAE  BIT(5)
/* what some release lets a guest have: up to UMIP, VMXE, FSGSBASE, PCIDE, OSXSAVE, SMEP, SMAP, PKE, CET, PKS */
#define CR4_BITS (0xfffu | BIT(13) | BIT(16) | BIT(17) | BIT(18) | BIT(20) | BIT(21) | BIT(22) | BIT(23) | BIT(24))
#define EFER_LME BIT(8)
#define EFER_LMA BIT(10)
/* SCE, LME, LMA, NXE, SVME, FFXSE, AIBRSE */
#define EFER_BITS (BIT(0) | EFER_LME | EFER_LMA | BIT(11) | BIT(12) | BIT(14) | BIT(21))

/* (blobs 9.1) */
static const struct xv_hvm_fields cpu_fields = {{
    XV_HVM_BITS(CR0, 8, HVM_CPU, CR0_BITS),
    XV_HVM_BITS(CR3, 8, HVM_CPU, CR3_BITS),
    XV_HVM_BITS(CR4, 8, HVM_CPU, CR4_BITS),
    XV_HVM_BITS(DR6, 8, HVM_CPU, U32),
    XV_HVM_BITS(DR7, 8, HVM_CPU, U32),
    XV_HVM_BITS(EFER, 8, HVM_CPU, EFER_BITS),
}};
static const struct xv_hvm_fields cpu_tail_fields = {{
    XV_HVM_BITS(TSC_AUX, 8, HVM_CPU, U32),
    XV_HVM_BITS(FLAGS, 4, HVM_VALUE, 1),
    XV_HVM_BITS(PAD0, 4, HVM_RESERVED, 0),
}};

/* Modes that no processor reaches: paging without protection, long mode without paging, PAE or LME (blobs 9.1). */
static bool check_modes(struct xv_parser *p, const struct xv_cursor *body) {
    uint64_t cr0 = xv_hvm_get(body, CR0, 8), cr4 = xv_hvm_get(body, CR4, 8), efer = xv_hvm_get(body, EFER, 8);

    if (!(cr0 & CR0_ET) || ((cr0 & CR0_PG) && !(cr0 & CR0_PE)))
        return xv_reject_value(p, XV_HVM_CPU, xv_at(body) + CR0, cr0);
    if ((efer & EFER_LMA) && (!(efer & EFER_LME) || !(cr0 & CR0_PG) || !(cr4 & CR4_PAE)))
        return xv_reject_value(p, XV_HVM_CPU, xv_at(body) + EFER, efer);
    return true;
}

/* An event to inject: vector 0-7, type 8-10, has error code 11, reserved 12-30, valid 31. Xen refuses types 1 and 7. */
static bool check_pending_event(struct xv_parser *p, const struct xv_cursor *body) {
    uint64_t event = xv_hvm_get(body, PENDING_EVENT, 4), type = event >> 8 & 7, reserved = event & 0x7ffff000u;

    if ((event & BIT(31)) && (type == 1 || type == 7 || reserved != 0))
        return xv_reject_value(p, XV_HVM_CPU, xv_at(body) + PENDING_EVENT, event);
    return true;
}

bool xv_hvm_check_cpu(struct xv_parser *p, const struct xv_cursor *body, uint32_t instance) {
    (void)instance;
    if (xv_rest_is_zero(body) && xv_tolerates(p, XV_TOLERATE_BLANK_CPU, xv_at(body)))
        return true;
    if (!xv_hvm_fields_fit(p, body, &cpu_fields) || !check_modes(p, body))
        return false;
    if (xv_left(body) < CPU_WITH_TSC_AUX)
        return true;
    return xv_hvm_fields_fit(p, body, &cpu_tail_fields) && check_pending_event(p, body);
}

bool xv_hvm_check_xsave(struct xv_parser *p, const struct xv_cursor *body, uint32_t instance) {
    /* Xen until 4.3.0 wrote images longer than needed (blobs 9) */
    static const struct xv_xsave_rule rule = {XV_HVM_XSAVE, XV_HVM_XSAVE, XV_HVM_XSAVE, XV_HVM_XSAVE, true};
    struct xv_cursor c = *body;
    uint32_t length = p->hvm_context.length, used = 0;

    (void)instance;
    if (length < XV_HVM_XSAVE_HEAD || !xv_skip(&c, 8))
        return xv_reject(p, XV_HVM_LENGTH, xv_at(body));
    if (!xv_xsave_check(p, &c, length - 24, &rule, &used))
        return false;
    p->hvm_context.in_use = used > XV_XSAVE_MIN ? used - XV_XSAVE_MIN : 0;
    return true;
}

/* MSRs that savers put into CPU_MSR, the first release that loads them, and the bits they can have (blobs 9). */
static const struct msr {
    uint32_t index, since;
    uint64_t bits;
} msrs[] = {
    {0x48, 0, 0x5ff},                        /* SPEC_CTRL; in point releases of 4.6 and later */
    {0x140, XV_XEN(4, 10), 1},               /* MISC_FEATURES_ENABLES: CPUID faulting */
    {0x6e1, XV_XEN(4, 18), U32},             /* PKRS */
    {0xd90, XV_XEN(4, 5), ~(uint64_t)0xffc}, /* BNDCFGS */
    {0xda0, XV_XEN(4, 5), 0},                /* XSS: no release gives its features to guests */
    {0xc001011f, XV_XEN(4, 17), UINT64_MAX}, /* VIRT_SPEC_CTRL */
    {0xc0011019, XV_XEN(4, 5), U32},         /* DR1_ADDRESS_MASK */
    {0xc001101a, XV_XEN(4, 5), U32},         /* DR2_ADDRESS_MASK */
    {0xc001101b, XV_XEN(4, 5), U32},         /* DR3_ADDRESS_MASK */
    {0xc0011027, XV_XEN(4, 5), U32},         /* DR0_ADDRESS_MASK */
};
#define MSRS (sizeof msrs / sizeof msrs[0])

/* One entry of the list; *seen collects the rows of `msrs` that came. */
static bool check_msr(struct xv_parser *p, struct xv_cursor *c, uint32_t *seen) {
    uint64_t at = xv_at(c), value = 0;
    uint32_t index = 0, reserved = 0, target = p->policy.target_xen;

    if (!xv_get_u32(c, &index) || !xv_get_u32(c, &reserved) || !xv_get_u64(c, &value))
        return xv_reject(p, XV_HVM_LENGTH, at);
    for (uint32_t i = 0; i < MSRS; i++) {
        if (msrs[i].index != index)
            continue;
        if (reserved != 0)
            return xv_reject_value(p, XV_HVM_RESERVED, at + 4, reserved);
        if ((*seen >> i & 1) || (value & ~msrs[i].bits))
            return xv_reject_value(p, XV_HVM_MSR, at, *seen >> i & 1 ? index : value);
        if (target != 0 && target < msrs[i].since)
            return xv_reject_value(p, XV_COMPAT_TARGET_HVM, at, index);
        *seen |= (uint32_t)1 << i;
        xv_tell(p, XV_FACT_MSR, at, index, value, 0, NULL);
        return true;
    }
    return xv_reject_value(p, XV_HVM_MSR, at, index);
}

bool xv_hvm_check_msrs(struct xv_parser *p, const struct xv_cursor *body, uint32_t instance) {
    struct xv_cursor c = *body;
    uint64_t at = xv_at(body), count = (xv_left(body) - 8) / 16;
    uint32_t told = 0, pad = 0, seen = 0;

    (void)instance;
    if (!xv_get_u32(&c, &told) || !xv_get_u32(&c, &pad) || told != count || count > XV_HVM_MSRS)
        return xv_reject_range(p, XV_HVM_LENGTH, at, told, count, count);
    if (pad != 0)
        return xv_reject_value(p, XV_HVM_RESERVED, at + 4, pad);
    for (uint32_t i = 0; i < XV_HVM_MSRS && i < told; i++)
        if (!check_msr(p, &c, &seen))
            return false;
    return true;
}
