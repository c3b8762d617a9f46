/* SPDX-License-Identifier: MIT */
#include "hvm_entries.h"

#include "state.h"
#include "xsave.h"

#define V(minor) XV_XEN(4, minor)
#define NOW      UINT32_MAX

/* A length that no release since 4.0 writes; the legacy converter hands on what older ones wrote. */
#define BEFORE_4_0 1, 0

#define DOM       XV_PER_DOMAIN
#define PIC       XV_PER_PIC
#define VCPU      XV_PER_VCPU
#define FIXED     0, 0
#define XSAVE_MAX (24 + XV_XSAVE_MAX)
#define MSR_MAX   (8 + 16 * XV_HVM_MSRS)

/* clang-format off */
static const struct xv_hvm_entry entries[XV_HVM_CODES] = {
    /*    name, instances, device, lengths with the releases that write them, largest length and step, contents */
    [1]  = {"HEADER", DOM, false, {{24, V(0), NOW}}, FIXED, xv_hvm_check_header},
    [2]  = {"CPU", VCPU, false, {{1016, BEFORE_4_0}, {1024, V(0), V(6)}, {1032, V(7), NOW}}, FIXED, xv_hvm_check_cpu},
    [3]  = {"PIC", PIC, true, {{8, V(0), NOW}}, FIXED, xv_hvm_check_pic},
    [4]  = {"IOAPIC", DOM, true, {{400, V(0), NOW}}, FIXED, NULL},
    [5]  = {"LAPIC", VCPU, false, {{16, V(0), V(0)}, {24, V(1), V(17)}, {32, V(18), NOW}}, FIXED, xv_hvm_check_lapic},
    [6]  = {"LAPIC_REGS", VCPU, false, {{1024, V(0), NOW}}, FIXED, NULL},
    [7]  = {"PCI_IRQ", DOM, false, {{16, V(0), NOW}}, FIXED, NULL},
    [8]  = {"ISA_IRQ", DOM, false, {{8, V(0), NOW}}, FIXED, NULL},
    [9]  = {"PCI_LINK", DOM, false, {{8, V(0), NOW}}, FIXED, xv_hvm_check_pci_link},
    [10] = {"PIT", DOM, true, {{56, V(0), NOW}}, FIXED, xv_hvm_check_pit},
    [11] = {"RTC", DOM, true, {{16, V(0), V(13)}, {24, V(14), NOW}}, FIXED, xv_hvm_check_rtc},
    [12] = {"HPET", DOM, true, {{1048, V(0), NOW}}, FIXED, NULL},
    [13] = {"PMTIMER", DOM, true, {{8, V(0), NOW}}, FIXED, NULL},
    [14] = {"MTRR", VCPU, false, {{240, V(0), NOW}}, FIXED, xv_hvm_check_mtrr},
    [15] = {"VIRIDIAN_DOMAIN", DOM, false, {{16, V(0), V(4)}, {24, V(5), V(5)}, {32, V(6), NOW}}, FIXED, NULL},
    [16] = {"CPU_XSAVE", VCPU, false, {{XV_HVM_XSAVE_HEAD, V(1), NOW}}, XSAVE_MAX, 1, xv_hvm_check_xsave},
    [17] = {"VIRIDIAN_VCPU", VCPU, false, {{8, V(2), V(6)}, {16, V(7), V(12)}, {216, V(13), NOW}}, FIXED,
            xv_hvm_check_viridian_vcpu},
    [18] = {"VMCE_VCPU", VCPU, false, {{8, V(2), V(2)}, {24, V(3), V(9)}, {32, V(10), NOW}}, FIXED, xv_hvm_check_vmce},
    [19] = {"TSC_ADJUST", VCPU, false, {{8, V(3), NOW}}, FIXED, NULL},
    [20] = {"CPU_MSR", VCPU, false, {{24, V(5), NOW}}, MSR_MAX, 16, xv_hvm_check_msrs},
};
/* clang-format on */

const struct xv_hvm_entry *xv_hvm_entry(uint32_t code) {
    return code < XV_HVM_CODES && entries[code].name[0] ? &entries[code] : NULL;
}

/* The row of a length, or NULL (blobs 9). */
static const struct xv_hvm_length *find_length(const struct xv_hvm_entry *entry, uint32_t length) {
    if (entry->step != 0) {
        uint32_t min = entry->lengths[0].octets;
        bool fits = length >= min && length <= entry->max && (length - min) % entry->step == 0;

        return fits ? &entry->lengths[0] : NULL;
    }
    for (uint32_t i = 0; i < 3; i++)
        if (length != 0 && entry->lengths[i].octets == length)
            return &entry->lengths[i];
    return NULL;
}

bool xv_hvm_length_fits(struct xv_parser *p, const struct xv_hvm_entry *entry, uint32_t length, uint64_t at) {
    const struct xv_hvm_length *row = find_length(entry, length);
    uint32_t major = p->sum.xen_major & 0xffff, minor = p->sum.xen_minor & 0xffff;
    uint32_t saver = XV_XEN(major, minor), target = p->policy.target_xen;

    if (!row)
        return xv_reject_value(p, XV_HVM_LENGTH, at, length);
    /* the legacy converter, major 0, hands on entries of any release (libxc 2) */
    if (major != 0 && (saver < row->since || saver > row->until) &&
        !xv_tolerates(p, XV_TOLERATE_HVM_CONTEXT_RELEASE, at))
        return xv_reject_value(p, XV_COMPAT_SAVER_HVM, at, length); /* (compat 3) */
    /* Xen extends a shorter entry with zeros but refuses a longer one (compat 3) */
    if (target != 0 && target < row->since)
        return xv_reject_value(p, XV_COMPAT_TARGET_HVM, at, length);
    return true;
}

uint64_t xv_hvm_get(const struct xv_cursor *body, uint32_t offset, uint32_t octets) {
    struct xv_cursor c = *body;
    uint8_t u8 = 0;
    uint16_t u16 = 0;
    uint32_t u32 = 0;
    uint64_t u64 = 0;

    if (!xv_skip(&c, offset))
        return 0;
    switch (octets) {
    case 1:
        return xv_get_u8(&c, &u8) ? u8 : 0;
    case 2:
        return xv_get_u16(&c, &u16) ? u16 : 0;
    case 4:
        return xv_get_u32(&c, &u32) ? u32 : 0;
    default:
        return xv_get_u64(&c, &u64) ? u64 : 0;
    }
}

static bool field_fits(struct xv_parser *p, const struct xv_cursor *body, const struct xv_hvm_field *field) {
    uint64_t value = xv_hvm_get(body, field->offset, field->octets);

    if (value & ~field->bits)
        return xv_reject_value(p, field->code, xv_at(body) + field->offset, value);
    if (value > field->max)
        return xv_reject_range(p, field->code, xv_at(body) + field->offset, value, 0, field->max);
    return true;
}

bool xv_hvm_fields_fit(struct xv_parser *p, const struct xv_cursor *body, const struct xv_hvm_fields *fields) {
    for (uint32_t i = 0; i < XV_HVM_FIELDS_MAX && fields->list[i].octets != 0; i++)
        if (!field_fits(p, body, &fields->list[i]))
            return false;
    return true;
}
