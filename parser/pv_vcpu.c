/* SPDX-License-Identifier: MIT */
#include "pv_vcpu.h"

#include "pv_context.h"
#include "state.h"
#include "xsave.h"

#define HEADER  8u
#define EXT_MAX 128u
/* Bank count, MCG_CTL, threshold status, recovery, local MCE. */
#define VMCE_CAPS ((uint64_t)(0xffu | 1u << 8 | 1u << 11 | 1u << 24 | 1u << 27))
#define MSRS_MAX  112u /* 7 entries of 16 octets (blobs 4) */

/* rec.phase */
enum { HEAD, BLOB, REST };

static bool seen(const struct xv_parser *p, enum xv_vcpu_kind kind, uint32_t vcpu) {
    uint32_t octet = vcpu / 8;

    return octet < XV_MAX_VCPUS_PV / 8 && (p->pv.seen[kind][octet] >> vcpu % 8 & 1);
}

static void mark_seen(struct xv_parser *p, enum xv_vcpu_kind kind, uint32_t vcpu) {
    uint32_t octet = vcpu / 8;

    if (octet < XV_MAX_VCPUS_PV / 8)
        p->pv.seen[kind][octet] = (uint8_t)(p->pv.seen[kind][octet] | 1u << vcpu % 8);
}

/* How many vCPUs the domain has, by its configuration; 0 if that does not say. */
static uint32_t config_vcpus(const struct xv_parser *p) {
    return p->config.present ? p->sum.config_max_vcpus : 0;
}

/* vcpu_id is a vCPU of the domain: the configuration knows how many there are, else the policy does (libxc 4.4). */
static bool check_id(struct xv_parser *p, uint32_t vcpu, uint64_t at) {
    uint32_t vcpus = config_vcpus(p), most = p->policy.max_vcpus;

    if (vcpu >= most || vcpu >= XV_MAX_VCPUS_PV)
        return xv_reject_range(p, XV_VCPU_ID, at, vcpu, 0, most ? most - 1 : 0);
    if (vcpus != 0 && vcpu >= vcpus) /* (hazards xl) */
        return xv_reject_range(p, XV_CONFIG_VCPUS, at, vcpu, 0, vcpus - 1);
    return true;
}

/* VCPU_BASIC comes in ascending order; without a configuration a gap is a vCPU that the domain may not have. */
static bool check_order(struct xv_parser *p, uint32_t vcpu, uint64_t at) {
    uint32_t next = p->pv.next_vcpu;

    if (vcpu < next || (vcpu > next && !config_vcpus(p) && !xv_tolerates(p, XV_TOLERATE_SPARSE_VCPUS, at)))
        return xv_reject_range(p, XV_VCPU_ORDER, at, vcpu, next, next);
    p->pv.next_vcpu = vcpu + 1;
    return true;
}

/* A second record of one kind would replace the first (libxc 4.4). */
static bool check_new(struct xv_parser *p, enum xv_vcpu_kind kind, uint32_t vcpu, uint64_t at) {
    if (seen(p, kind, vcpu))
        return xv_reject_value(p, XV_VCPU_REPEATED, at, vcpu);
    if (kind == XV_VCPU_BASIC && !check_order(p, vcpu, at))
        return false;
    mark_seen(p, kind, vcpu);
    return true;
}

/* All records of a vCPU rest on its VCPU_BASIC. */
static bool check_multiplicity(struct xv_parser *p, enum xv_vcpu_kind kind, uint32_t vcpu, uint64_t at) {
    if (kind != XV_VCPU_BASIC && !seen(p, XV_VCPU_BASIC, vcpu))
        return xv_reject_value(p, XV_VCPU_NO_BASIC, at, vcpu);
    if (p->rec.left == 0) {
        if (kind != XV_VCPU_BASIC && xv_tolerates(p, XV_TOLERATE_EMPTY_VCPU, at))
            return true;
        return xv_reject_value(p, XV_VCPU_EMPTY, at, vcpu);
    }
    return check_new(p, kind, vcpu, at);
}

bool xv_vcpu_begin(struct xv_parser *p, enum xv_vcpu_kind kind, uint32_t vcpu, uint64_t at) {
    p->pv.vcpu = vcpu;
    return check_id(p, vcpu, at) && check_new(p, kind, vcpu, at);
}

/* vcpu_id and reserved; then asks for the first `piece` octets of a blob of min to max octets, in steps. */
static bool header(struct xv_parser *p, struct xv_cursor *c, enum xv_vcpu_kind kind, uint32_t min, uint32_t max,
                   uint32_t step) {
    uint64_t at = xv_at(c);
    uint32_t vcpu = 0, reserved = 0, length = p->rec.left;

    if (!xv_field_u32(p, c, &vcpu) || !xv_field_u32(p, c, &reserved))
        return xv_reject_range(p, XV_VCPU_LENGTH, p->rec.offset + 4, p->rec.length, HEADER + min, HEADER + max);
    if (!check_id(p, vcpu, at))
        return false;
    if (reserved)
        return xv_reject_range(p, XV_VCPU_RESERVED, at + 4, reserved, 0, 0);
    if (!check_multiplicity(p, kind, vcpu, at))
        return false;
    if (length == 0)
        return true; /* tolerated */
    if (length < min || length > max || (length - min) % step)
        return xv_reject_range(p, XV_VCPU_LENGTH, p->rec.offset + 4, p->rec.length, HEADER + min, HEADER + max);
    p->pv.vcpu = vcpu;
    p->rec.phase = BLOB;
    xv_tell(p, XV_FACT_VCPU, p->rec.offset, vcpu, p->rec.type, length, NULL);
    return true;
}

bool xv_vcpu_context(struct xv_parser *p, struct xv_cursor *c) {
    p->sum.vcpus = ++p->pv.vcpus;
    return xv_context(p, c, p->pv.vcpu);
}

bool xv_vcpu_basic_body(struct xv_parser *p, struct xv_cursor *c) {
    uint32_t size = xv_context_size(p->pv.width);

    if (p->rec.phase == BLOB)
        return xv_vcpu_context(p, c);
    if (!header(p, c, XV_VCPU_BASIC, size, size, 1))
        return false;
    xv_want_bytes(p, size);
    return true;
}

static bool is_canonical(uint64_t address) {
    return address >> 47 == 0 || address >> 47 == 0x1ffff;
}

/* The callbacks: two addresses, two selectors, two flags (blobs 4). */
static bool check_callbacks(struct xv_parser *p, struct xv_cursor *c) {
    for (unsigned i = 0; i < 2; i++) {
        uint64_t at = xv_at(c), eip = 0;

        (void)xv_get_u64(c, &eip);
        if (!is_canonical(eip))
            return xv_reject_value(p, XV_EXT_EIP, at, eip);
    }
    (void)xv_skip(c, 4); /* selectors: Xen makes them the guest's own */
    for (unsigned i = 0; i < 2; i++) {
        uint64_t at = xv_at(c);
        uint8_t flag = 0;

        (void)xv_get_u8(c, &flag);
        if (flag > 1)
            return xv_reject_range(p, XV_EXT_FLAG, at, flag, 0, 1);
    }
    return true;
}

/* vMCE, which contexts of 32 octets lack: Xen refuses capabilities that it gives to no guest (blobs 4). */
static bool check_vmce(struct xv_parser *p, struct xv_cursor *c) {
    uint64_t at, caps = 0;

    (void)xv_skip(c, 2); /* alignment, never read */
    at = xv_at(c);
    (void)xv_get_u64(c, &caps);
    return !(caps & ~VMCE_CAPS) || xv_reject_range(p, XV_EXT_VMCE, at, caps, 0, VMCE_CAPS);
}

/* xen_domctl_ext_vcpucontext (blobs 4). Xen applies it to the vCPU that the blob names, not to that of the record. */
bool xv_vcpu_extended(struct xv_parser *p, struct xv_cursor *c) {
    uint64_t at = xv_at(c);
    size_t length = xv_left(c);
    struct xv_cursor known;
    uint32_t vcpu = 0, size = 0;

    (void)xv_get_u32(c, &vcpu);
    (void)xv_get_u32(c, &size);
    if (vcpu != p->pv.vcpu)
        return xv_reject_range(p, XV_EXT_ID, at, vcpu, p->pv.vcpu, p->pv.vcpu);
    if ((size != 32 && size != 40 && size != 56 && size != 64) || size > length)
        return xv_reject_range(p, XV_EXT_SIZE, at + 4, size, 32, length < 64 ? length : 64);
    if (!xv_take(c, size - 8, &known))
        return xv_reject(p, XV_MISUSE, at);
    if (!check_callbacks(p, &known) || !check_vmce(p, &known))
        return false;
    (void)xv_skip_zero(c);
    return xv_left(c) == 0 || xv_reject(p, XV_EXT_TAIL, xv_at(c));
}

bool xv_vcpu_extended_body(struct xv_parser *p, struct xv_cursor *c) {
    if (p->rec.phase == BLOB)
        return xv_vcpu_extended(p, c);
    if (!header(p, c, XV_VCPU_EXTENDED, 32, EXT_MAX, 1))
        return false;
    xv_want_bytes(p, EXT_MAX);
    return true;
}

/* XCR0 and the head of the image are checked; the registers themselves are the guest's business (blobs 4). */
bool xv_vcpu_xsave(struct xv_parser *p, struct xv_cursor *c, uint32_t image) {
    static const struct xv_xsave_rule rule = {XV_XSAVE_XCR0, XV_XSAVE_ACCUM, XV_XSAVE_SIZE, XV_XSAVE_HEADER, false};
    uint32_t used = 0;

    return xv_xsave_check(p, c, image, &rule, &used);
}

static bool xsave(struct xv_parser *p, struct xv_cursor *c) {
    if (!xv_vcpu_xsave(p, c, p->rec.length > HEADER + 16 ? p->rec.length - HEADER - 16 : 0))
        return false;
    p->rec.phase = REST;
    if (p->rec.left)
        xv_want_opaque(p, p->rec.left);
    return true;
}

bool xv_vcpu_xsave_body(struct xv_parser *p, struct xv_cursor *c) {
    uint32_t blob = p->rec.left;

    if (p->rec.phase == BLOB)
        return xsave(p, c);
    if (p->rec.phase == REST)
        return true;
    if (!header(p, c, XV_VCPU_XSAVE, 16, 16 + XV_XSAVE_MAX, 1))
        return false;
    if (blob > 16 && blob < XV_XSAVE_HEAD)
        return xv_reject_range(p, XV_XSAVE_SIZE, p->rec.offset + 4, p->rec.length, HEADER + XV_XSAVE_HEAD,
                               HEADER + 16 + XV_XSAVE_MAX);
    xv_want_bytes(p, blob == 16 ? 16 : XV_XSAVE_HEAD);
    return true;
}

/* MSRs that Xen saves for a PV vCPU, in its order, and the bits that each can have (blobs 4). */
static const struct msr {
    uint32_t index;
    uint64_t bits;
} msrs_known[] = {
    {0x48, 0x5ff},            /* SPEC_CTRL: every bit that a processor defines */
    {0x140, 1},               /* MISC_FEATURES_ENABLES: CPUID faulting */
    {0xc0000103, UINT32_MAX}, /* TSC_AUX */
    {0xc0011027, UINT32_MAX}, /* DR0_MASK */
    {0xc0011019, UINT32_MAX}, /* DR1_MASK .. DR3_MASK */
    {0xc001101a, UINT32_MAX},
    {0xc001101b, UINT32_MAX},
};
#define MSRS_KNOWN (sizeof msrs_known / sizeof msrs_known[0])

/* The row of an MSR, MSRS_KNOWN if it has none. */
static uint32_t msr_row(uint32_t index) {
    uint32_t row = 0;

    while (row < MSRS_KNOWN && msrs_known[row].index != index)
        row++;
    return row;
}

static bool msrs(struct xv_parser *p, struct xv_cursor *c) {
    uint32_t next = 0; /* the first row that may come */

    while (xv_left(c) >= 16) {
        uint64_t at = xv_at(c), value = 0;
        uint32_t index = 0, reserved = 0, row;

        (void)xv_get_u32(c, &index);
        (void)xv_get_u32(c, &reserved);
        (void)xv_get_u64(c, &value);
        row = msr_row(index);
        if (row >= MSRS_KNOWN)
            return xv_reject_value(p, XV_VCPU_MSR_INDEX, at, index);
        if (reserved)
            return xv_reject_range(p, XV_VCPU_MSR_RESERVED, at + 4, reserved, 0, 0);
        if (row < next)
            return xv_reject_value(p, XV_VCPU_MSR_REPEATED, at, index);
        if (value & ~msrs_known[row].bits)
            return xv_reject_range(p, XV_VCPU_MSR_VALUE, at + 8, value, 0, msrs_known[row].bits);
        next = row + 1;
        xv_tell(p, XV_FACT_MSR, at, index, value, 0, NULL);
    }
    return true;
}

bool xv_vcpu_msrs_body(struct xv_parser *p, struct xv_cursor *c) {
    if (p->rec.phase == BLOB)
        return msrs(p, c);
    if (!header(p, c, XV_VCPU_MSRS, 16, MSRS_MAX, 16))
        return false;
    xv_want_bytes(p, MSRS_MAX);
    return true;
}
