/* SPDX-License-Identifier: MIT */
#include "order.h"

#define BIT(type) (1u << (type))

enum {
    END,
    PAGE_DATA,
    PV_INFO,
    P2M_FRAMES,
    BASIC,
    EXTENDED,
    XSAVE,
    SHARED_INFO,
    TSC_INFO,
    CONTEXT,
    PARAMS,
    TOOLSTACK,
    MSRS,
    VERIFY,
    CHECKPOINT,
    DIRTY_PFNS,
    STATIC_END,
    CPUID_POLICY,
    MSR_POLICY,
    TYPES
};

#define VCPU   (BIT(BASIC) | BIT(EXTENDED) | BIT(XSAVE) | BIT(MSRS))
#define TAIL   (VCPU | BIT(SHARED_INFO) | BIT(CONTEXT) | BIT(PARAMS))
#define MEMORY (BIT(PAGE_DATA) | BIT(P2M_FRAMES) | BIT(VERIFY))
#define STATIC (BIT(PV_INFO) | BIT(CPUID_POLICY) | BIT(MSR_POLICY))

/* Sets of types: a record of `later` must not come before one of `sooner`, if both are there. */
static const struct {
    uint32_t sooner, later;
    const char *fault;
} orders[] = {
    {BIT(PV_INFO), ~(BIT(PV_INFO) | BIT(TSC_INFO)), "X86_PV_INFO is not first"},
    {STATIC | BIT(STATIC_END), MEMORY | TAIL, "static data after memory or state"},
    {STATIC, BIT(STATIC_END), "static data after its end"},
    {MEMORY, TAIL, "memory after state"},
};

static size_t last_of(const uint8_t *types, size_t n, uint32_t set) {
    size_t last = n;

    for (size_t i = 0; i < n; i++)
        if (BIT(types[i]) & set)
            last = i;
    return last;
}

static size_t first_of(const uint8_t *types, size_t n, uint32_t set) {
    for (size_t i = 0; i < n; i++)
        if (BIT(types[i]) & set)
            return i;
    return n;
}

/* What must be there, may not, and may be there once. */
static const char *presence_fault(const uint8_t *types, size_t n, bool hvm, unsigned version) {
    uint32_t pv_only = VCPU | BIT(SHARED_INFO) | BIT(PV_INFO) | BIT(P2M_FRAMES), hvm_only = BIT(CONTEXT) | BIT(PARAMS);
    uint32_t only_v3 = BIT(STATIC_END) | BIT(CPUID_POLICY) | BIT(MSR_POLICY), never = BIT(TOOLSTACK) | BIT(DIRTY_PFNS);
    uint32_t once = ~(BIT(PAGE_DATA) | BIT(P2M_FRAMES) | BIT(PARAMS) | VCPU), seen = 0, twice = 0, must;

    for (size_t i = 0; i < n; i++) {
        twice |= seen & BIT(types[i]);
        seen |= BIT(types[i]);
    }
    must = BIT(END) | BIT(PAGE_DATA) | (version == 3 ? BIT(STATIC_END) : 0);
    must |= hvm ? BIT(CONTEXT) : BIT(PV_INFO) | BIT(P2M_FRAMES) | BIT(SHARED_INFO);
    if (must & ~seen)
        return "a record is missing";
    if (seen & (never | (hvm ? pv_only : hvm_only) | (version == 3 ? 0 : only_v3)))
        return "a record of another guest or version";
    return twice & once ? "a record came twice" : NULL;
}

const char *order_fault(const uint8_t *types, size_t n, bool hvm, unsigned version) {
    const char *fault = presence_fault(types, n, hvm, version);

    for (size_t i = 0; !fault && i < sizeof(orders) / sizeof(orders[0]); i++) {
        size_t last = last_of(types, n, orders[i].sooner), first = first_of(types, n, orders[i].later);

        if (last < n && first < n && first < last)
            fault = orders[i].fault;
    }
    if (!fault && !hvm && first_of(types, n, BIT(PAGE_DATA)) < first_of(types, n, BIT(P2M_FRAMES)))
        fault = "PAGE_DATA before X86_PV_P2M_FRAMES";
    if (!fault && (types[n - 1] != END || first_of(types, n, BIT(END)) != n - 1))
        fault = "records after END";
    return fault;
}
