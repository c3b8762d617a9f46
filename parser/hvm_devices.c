/* SPDX-License-Identifier: MIT */
/*
 * The entries of an HVM context that are not vCPU registers (blobs 9, 9.1). Most fields are registers that a guest may
 * set as it likes; what is refused here is what Xen's own loaders refuse, reserved fields, and the header.
 */
#include "hvm_entries.h"
#include "state.h"
#include "tsc.h"

#define HVM_MAGIC 0x54381286u

/* magic, version, changeset (8), cpuid, gtsc_khz */
bool xv_hvm_check_header(struct xv_parser *p, const struct xv_cursor *body, uint32_t instance) {
    uint64_t magic = xv_hvm_get(body, 0, 4), version = xv_hvm_get(body, 4, 4), khz = xv_hvm_get(body, 20, 4);

    (void)instance;
    if (magic != HVM_MAGIC)
        return xv_reject_range(p, XV_HVM_HEADER, xv_at(body), magic, HVM_MAGIC, HVM_MAGIC);
    if (version != 1)
        return xv_reject_range(p, XV_HVM_HEADER, xv_at(body) + 4, version, 1, 1);
    /* Xen takes over a frequency other than 0 as the domain's (blobs 9.1) */
    if (!xv_tsc_khz_valid((uint32_t)khz))
        return xv_reject_range(p, XV_HVM_VALUE, xv_at(body) + 20, khz, XV_TSC_KHZ_MIN, XV_TSC_KHZ_MAX);
    return true;
}

/* Only states that the device reaches: Xen's check since 4.20. */
bool xv_hvm_check_pic(struct xv_parser *p, const struct xv_cursor *body, uint32_t instance) {
    uint64_t init_state = xv_hvm_get(body, 4, 1) & 0xf, is_master = xv_hvm_get(body, 5, 1) >> 6 & 1;
    uint64_t elcr = xv_hvm_get(body, 6, 1), int_output = xv_hvm_get(body, 7, 1);
    uint64_t elcr_bits = is_master ? 0xfc : 0xde; /* IRQs that can be level triggered, and the cascade */

    if (is_master != (instance == 0 ? 1u : 0u))
        return xv_reject_value(p, XV_HVM_VALUE, xv_at(body) + 5, xv_hvm_get(body, 5, 1));
    if (elcr & ~elcr_bits)
        return xv_reject_value(p, XV_HVM_VALUE, xv_at(body) + 6, elcr);
    if (int_output > 1 || (int_output != 0 && init_state != 0))
        return xv_reject_value(p, XV_HVM_VALUE, xv_at(body) + 7, int_output);
    return true;
}

/* x2APIC mode (bit 10) of a disabled APIC (bit 11 clear) does not exist. */
bool xv_hvm_check_lapic(struct xv_parser *p, const struct xv_cursor *body, uint32_t instance) {
    uint64_t base = xv_hvm_get(body, 0, 8);

    (void)instance;
    if ((base >> 10 & 1) && !(base >> 11 & 1))
        return xv_reject_value(p, XV_HVM_VALUE, xv_at(body), base);
    if (xv_left(body) >= 32 && xv_hvm_get(body, 28, 4) != 0) /* the end of the struct since 4.18, unused */
        return xv_reject_value(p, XV_HVM_RESERVED, xv_at(body) + 28, xv_hvm_get(body, 28, 4));
    return true;
}

bool xv_hvm_check_pci_link(struct xv_parser *p, const struct xv_cursor *body, uint32_t instance) {
    static const struct xv_hvm_fields fields = {{
        XV_HVM_MAX(0, 1, HVM_VALUE, 15),
        XV_HVM_MAX(1, 1, HVM_VALUE, 15),
        XV_HVM_MAX(2, 1, HVM_VALUE, 15),
        XV_HVM_MAX(3, 1, HVM_VALUE, 15),
        XV_HVM_MAX(4, 4, HVM_RESERVED, 0),
    }};

    (void)instance;
    return xv_hvm_fields_fit(p, body, &fields);
}

/* count, states, rw_mode, bcd, gate of one PIT channel; mode stays unchecked, Xen before 4.19 may save 0xff */
#define PIT_CHANNEL(at) \
    XV_HVM_MAX((at), 4, HVM_VALUE, 0x10000), XV_HVM_MAX((at) + 6, 1, HVM_VALUE, 4), \
        XV_HVM_MAX((at) + 9, 1, HVM_VALUE, 4), XV_HVM_MAX((at) + 10, 1, HVM_VALUE, 4), \
        XV_HVM_MAX((at) + 12, 1, HVM_VALUE, 3), XV_HVM_MAX((at) + 14, 1, HVM_VALUE, 1), \
        XV_HVM_MAX((at) + 15, 1, HVM_VALUE, 1)

bool xv_hvm_check_pit(struct xv_parser *p, const struct xv_cursor *body, uint32_t instance) {
    static const struct xv_hvm_fields fields = {{
        PIT_CHANNEL(0),
        PIT_CHANNEL(16),
        PIT_CHANNEL(32),
        XV_HVM_MAX(48, 4, HVM_VALUE, 1),
        XV_HVM_MAX(52, 4, HVM_RESERVED, 0),
    }};

    (void)instance;
    if (!xv_hvm_fields_fit(p, body, &fields))
        return false;
    /* the gates of channels 0 and 1 are wired to 1 */
    if (xv_hvm_get(body, 15, 1) == 0 || xv_hvm_get(body, 31, 1) == 0)
        return xv_reject_range(p, XV_HVM_VALUE, xv_at(body) + (xv_hvm_get(body, 15, 1) == 0 ? 15 : 31), 0, 1, 1);
    return true;
}

bool xv_hvm_check_rtc(struct xv_parser *p, const struct xv_cursor *body, uint32_t instance) {
    static const struct xv_hvm_fields pad0 = {{XV_HVM_MAX(15, 1, HVM_RESERVED, 0)}};

    (void)instance;
    return xv_hvm_fields_fit(p, body, &pad0);
}

bool xv_hvm_check_mtrr(struct xv_parser *p, const struct xv_cursor *body, uint32_t instance) {
    static const struct xv_hvm_fields vcnt = {{XV_HVM_MAX(224, 1, HVM_VALUE, 8)}};

    (void)instance;
    return xv_hvm_fields_fit(p, body, &vcnt);
}

bool xv_hvm_check_viridian_vcpu(struct xv_parser *p, const struct xv_cursor *body, uint32_t instance) {
    static const struct xv_hvm_fields pads = {{
        XV_HVM_MAX(9, 1, HVM_RESERVED, 0),
        XV_HVM_MAX(10, 2, HVM_RESERVED, 0),
        XV_HVM_MAX(12, 4, HVM_RESERVED, 0),
    }};

    (void)instance;
    return xv_hvm_fields_fit(p, body, &pads);
}

/* Machine-check capabilities that some release gives: bank count, MCG_CTL, threshold status, recovery, local MCE. */
bool xv_hvm_check_vmce(struct xv_parser *p, const struct xv_cursor *body, uint32_t instance) {
    static const struct xv_hvm_fields caps = {
        {XV_HVM_BITS(0, 8, HVM_VALUE, 0xffu | 1u << 8 | 1u << 11 | 1u << 24 | 1u << 27)}};

    (void)instance;
    return xv_hvm_fields_fit(p, body, &caps);
}
