/* SPDX-License-Identifier: MIT */
/* The libxc layer of verifier.h. */
#include <string.h>

#include "verifier.h"

enum { END, PAGE_DATA, PV_INFO, P2M_FRAMES, BASIC, EXTENDED, XSAVE, SHARED_INFO, TSC_INFO, CONTEXT, PARAMS, TOOLSTACK };
enum { MSRS = 0xc, VERIFY, CHECKPOINT, DIRTY_PFNS, STATIC_END, CPUID_POLICY, MSR_POLICY, TYPES };

static uint64_t u64(const uint8_t *p) {
    return verifier_u32(p) | (uint64_t)verifier_u32(p + 4) << 32;
}

/* count, reserved, entries, and 4096 octets for each entry whose type (without its pin bit) is 0 to 4. */
static const char *page_data(const uint8_t *p, uint32_t n) {
    uint64_t count, size;

    if (n <= 8)
        return "PAGE_DATA: too short";
    count = verifier_u32(p);
    if (verifier_u32(p + 4))
        return "PAGE_DATA: reserved field";
    if (n - 8 < count * 8)
        return "PAGE_DATA: fewer entries than its count";
    size = 8 + count * 8;
    for (uint64_t i = 0; i < count; i++) {
        uint64_t entry = u64(p + 8 + 8 * i), type = entry >> 60;

        if (entry >> 52 & 0xff)
            return "PAGE_DATA: reserved bits of an entry";
        if (type >= 5 && type <= 8)
            return "PAGE_DATA: type of an entry";
        if ((type & 7) <= 4)
            size += 4096;
    }
    return size == n ? NULL : "PAGE_DATA: length";
}

static const char *pv_info(const uint8_t *p, uint32_t n) {
    if (n != 8)
        return "X86_PV_INFO: length";
    if (p[0] != 4 && p[0] != 8)
        return "X86_PV_INFO: width";
    if (p[1] != 3 && p[1] != 4)
        return "X86_PV_INFO: levels";
    return p[2] || p[3] || verifier_u32(p + 4) ? "X86_PV_INFO: reserved fields" : NULL;
}

static const char *vcpu(const uint8_t *p, uint32_t n) {
    if (n < 8)
        return "X86_PV_VCPU: too short";
    return verifier_u32(p + 4) ? "X86_PV_VCPU: reserved field" : NULL;
}

static const char *tsc_info(const uint8_t *p, uint32_t n) {
    if (n != 24)
        return "X86_TSC_INFO: length";
    return verifier_u32(p + 20) ? "X86_TSC_INFO: reserved field" : NULL;
}

static const char *params(const uint8_t *p, uint32_t n) {
    if (n < 8)
        return "HVM_PARAMS: too short";
    if (verifier_u32(p + 4))
        return "HVM_PARAMS: reserved field";
    return n == 8 + (uint64_t)verifier_u32(p) * 16 ? NULL : "HVM_PARAMS: length";
}

/* Records of version 3 only, of a size that is a positive multiple of `unit`; STATIC_DATA_END is empty. */
static const char *version3(uint32_t version, uint32_t n, uint32_t unit) {
    if (version < 3)
        return "a record of version 3";
    if (unit == 0)
        return n ? "STATIC_DATA_END: length" : NULL;
    return n < unit || n % unit ? "a policy: length" : NULL;
}

static const char *body_fault(uint32_t type, const uint8_t *p, uint32_t n, uint32_t version) {
    switch (type) {
    case PAGE_DATA:
        return page_data(p, n);
    case PV_INFO:
        return pv_info(p, n);
    case P2M_FRAMES:
        return n < 8 || n % 8 ? "X86_PV_P2M_FRAMES: length" : NULL;
    case BASIC:
    case EXTENDED:
    case XSAVE:
    case MSRS:
        return vcpu(p, n);
    case SHARED_INFO:
        return n == 4096 ? NULL : "SHARED_INFO: length";
    case TSC_INFO:
        return tsc_info(p, n);
    case CONTEXT:
        return n ? NULL : "HVM_CONTEXT: empty";
    case PARAMS:
        return params(p, n);
    case END:
    case VERIFY:
    case CHECKPOINT:
        return n ? "END, VERIFY, CHECKPOINT: not empty" : NULL;
    case STATIC_END:
        return version3(version, n, 0);
    case CPUID_POLICY:
        return version3(version, n, 24);
    case MSR_POLICY:
        return version3(version, n, 16);
    default: /* TOOLSTACK, CHECKPOINT_DIRTY_PFN_LIST */
        return "a record that no saver writes";
    }
}

static bool headers(struct verifier_input *in, uint32_t *version) {
    static const uint8_t marker[8] = {255, 255, 255, 255, 255, 255, 255, 255};
    const uint8_t *h = verifier_take(in, 24), *d;

    if (!h)
        return false;
    *version = verifier_be32(h + 12);
    if (memcmp(h, marker, 8) != 0 || memcmp(h + 8, "XENF", 4) != 0)
        return verifier_fault(in, "image header: marker or id");
    if (*version < 2 || *version > 3)
        return verifier_fault(in, "image header: version");
    if (h[16] || h[17] & 0xfe || h[18] || h[19] || verifier_be32(h + 20)) /* it asks for bit 0 with a mask of 0 */
        return verifier_fault(in, "image header: options or reserved fields");
    d = verifier_take(in, 16);
    if (!d)
        return false;
    if (verifier_u32(d) < 1 || verifier_u32(d) > 2 || d[4] != 12 || d[5] || d[6] || d[7])
        return verifier_fault(in, "domain header");
    return true;
}

bool verifier_libxc(struct verifier_input *in) {
    uint32_t version, type, length;
    const uint8_t *body;
    const char *fault;

    if (!headers(in, &version))
        return false;
    do {
        if (!verifier_record(in, &type, &body, &length))
            return false;
        fault = type < TYPES ? body_fault(type, body, length, version) : "libxc: unknown type of record";
        if (fault)
            return verifier_fault(in, fault);
    } while (type != END);
    return true;
}
