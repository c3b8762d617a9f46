/* SPDX-License-Identifier: MIT */
/* What a CPU policy allows in control registers and MSRs. */
#include "sim_internal.h"

/* Feature words by where CPUID reports them. */
#define L1C(p)    ((p)->basic[1][2])
#define L1D(p)    ((p)->basic[1][3])
#define L7B(p)    ((p)->feat[0][1])
#define L7C(p)    ((p)->feat[0][2])
#define L7D(p)    ((p)->feat[0][3])
#define E1C(p)    ((p)->extd[1][2])
#define E1D(p)    ((p)->extd[1][3])
#define E8A(p)    ((p)->extd[8][0])
#define E8B(p)    ((p)->extd[8][1])
#define BIT(w, n) ((w) >> (n)&1)

bool rule_canonical(uint64_t addr) {
    return (int64_t)(addr << 16) >> 16 == (int64_t)addr;
}

/* recalculate_xstate() */
uint64_t rule_xcr0_max(const struct policy *p) {
    uint64_t x = 3;

    if (!BIT(L1C(p), 26) || p->basic[0][0] < 0xd)
        return 0;
    x |= BIT(L1C(p), 28) ? 4 : 0;
    x |= BIT(L7B(p), 14) ? 0x18 : 0;
    x |= BIT(L7B(p), 16) ? 0xe0 : 0;
    x |= BIT(L7C(p), 3) ? 1u << 9 : 0;
    return x;
}

/* hvm_cr4_guest_valid_bits() */
uint64_t rule_cr4_valid(const struct policy *p, bool nested) {
    uint64_t cr4 = 1u << 8; /* PCE */

    cr4 |= BIT(L1D(p), 1) ? 3u : 0;                          /* VME, PVI */
    cr4 |= BIT(L1D(p), 4) ? 1u << 2 : 0;                     /* TSD */
    cr4 |= BIT(L1D(p), 2) ? 1u << 3 : 0;                     /* DE */
    cr4 |= BIT(L1D(p), 3) ? 1u << 4 : 0;                     /* PSE */
    cr4 |= BIT(L1D(p), 6) ? 1u << 5 : 0;                     /* PAE */
    cr4 |= BIT(L1D(p), 7) || BIT(L1D(p), 14) ? 1u << 6 : 0;  /* MCE */
    cr4 |= BIT(L1D(p), 13) ? 1u << 7 : 0;                    /* PGE */
    cr4 |= BIT(L1D(p), 24) ? 1u << 9 : 0;                    /* OSFXSR */
    cr4 |= BIT(L1D(p), 25) ? 1u << 10 : 0;                   /* OSXMMEXCPT */
    cr4 |= BIT(L7C(p), 2) ? 1u << 11 : 0;                    /* UMIP */
    cr4 |= BIT(L1C(p), 5) && nested ? 1u << 13 : 0;          /* VMXE */
    cr4 |= BIT(L7B(p), 0) ? 1u << 16 : 0;                    /* FSGSBASE */
    cr4 |= BIT(L1C(p), 17) ? 1u << 17 : 0;                   /* PCIDE */
    cr4 |= BIT(L1C(p), 26) ? 1u << 18 : 0;                   /* OSXSAVE */
    cr4 |= BIT(L7B(p), 7) ? 1u << 20 : 0;                    /* SMEP */
    cr4 |= BIT(L7B(p), 20) ? 1u << 21 : 0;                   /* SMAP */
    cr4 |= BIT(L7C(p), 3) ? 1u << 22 : 0;                    /* PKE */
    cr4 |= BIT(L7C(p), 7) || BIT(L7D(p), 20) ? 1u << 23 : 0; /* CET */
    return cr4;
}

/* hvm_efer_valid() */
const char *rule_efer(const struct policy *p, bool nested, uint64_t efer, bool paging) {
    const uint64_t sce = 1, lme = 1u << 8, lma = 1u << 10, nxe = 1u << 11, svme = 1u << 12, ffxse = 1u << 14;

    if (efer & ~(sce | lme | lma | nxe | svme | ffxse))
        return "unknown bits";
    if ((efer & sce) && !BIT(E1D(p), 11))
        return "SCE without feature";
    if ((efer & (lme | lma)) && !BIT(E1D(p), 29))
        return "LME/LMA without feature";
    if ((efer & lma) && (!(efer & lme) || !paging))
        return "LMA/LME/CR0.PG inconsistency";
    if ((efer & nxe) && !BIT(E1D(p), 20))
        return "NXE without feature";
    if ((efer & svme) && (!BIT(E1C(p), 2) || !nested))
        return "SVME without nested virtualisation";
    if ((efer & ffxse) && !BIT(E1D(p), 25))
        return "FFXSE without feature";
    return NULL;
}

/* recalculate_cpuid_policy(): clamped to the host, and at least what paging implies. */
unsigned int rule_maxphysaddr(const struct policy *p) {
    unsigned int bits = E8A(p) & 0xff, least = BIT(L1D(p), 6) || BIT(L1D(p), 17) ? 36 : 32;

    if (bits > 48)
        bits = 48;
    return bits < least ? least : bits;
}

/* guest_wrmsr(), for the MSRs a save image carries */
int rule_wrmsr(const struct policy *p, uint32_t index, uint64_t value) {
    bool ok = false;

    switch (index) {
    case 0x48: /* SPEC_CTRL, as of 4.17.4: all bits but 9; what lies behind bits 3 to 8 and 10 the host is taken to have
                */
        ok = (BIT(L7D(p), 26) || BIT(E8B(p), 14)) && !(value & ~0x5ffull);
        break;
    case 0x140: /* MISC_FEATURES_ENABLES: CPUID faulting */
        ok = !(value & ~(p->platform_info >> 31 & 1));
        break;
    case 0xd90: /* BNDCFGS */
        ok = BIT(L7B(p), 14) && rule_canonical(value) && !(value & 0xffc);
        break;
    case 0xda0: /* XSS */
        ok = BIT(p->xstate[1][0], 3) && !value;
        break;
    case 0xc0000103: /* TSC_AUX */
        ok = (BIT(E1D(p), 27) || BIT(L7C(p), 22)) && value == (uint32_t)value;
        break;
    case 0xc001011f: /* VIRT_SPEC_CTRL */
        ok = BIT(E8B(p), 25);
        break;
    case 0xc0011027:
    case 0xc0011019:
    case 0xc001101a:
    case 0xc001101b: /* DRn_ADDRESS_MASK */
        ok = BIT(E1C(p), 26) && value == (uint32_t)value;
        break;
    default:
        break;
    }
    return ok ? 0 : refuse(-EINVAL, "guest_wrmsr: MSR %#x value %#lx", index, (unsigned long)value);
}

/* vmce_restore_vcpu(): INTEL_GUEST_MCG_CAP and LMCE; the bank count and CTL_P are free. */
int rule_vmce(const struct hvm_vmce_vcpu *v) {
    const uint64_t known = 1u << 24 | 1u << 11 | 1u << 27 | 0xff | 1u << 8;

    if (v->caps & ~known)
        return refuse(-EINVAL, "vmce_restore_vcpu: capabilities %#lx", (unsigned long)v->caps);
    return 0;
}
