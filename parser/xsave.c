/* SPDX-License-Identifier: MIT */
#include "xsave.h"

#include "state.h"

#define BIT(n) ((uint64_t)1 << (n))

enum {
    X87 = 0,
    SSE = 1,
    YMM = 2,
    BNDREGS = 3,
    BNDCSR = 4,
    OPMASK = 5,
    ZMM_HI256 = 6,
    HI16_ZMM = 7,
    PKRU = 9,
    TILE_CFG = 17,
    TILE_DATA = 18,
    APX = 19,
    LWP = 62,
};

/* Everything else in XCR0 is a supervisor component or not defined. */
#define XCR0_KNOWN \
    (BIT(X87) | BIT(SSE) | BIT(YMM) | BIT(BNDREGS) | BIT(BNDCSR) | BIT(OPMASK) | BIT(ZMM_HI256) | BIT(HI16_ZMM) | \
     BIT(PKRU) | BIT(TILE_CFG) | BIT(TILE_DATA) | BIT(APX) | BIT(LWP))
#define AVX512 (BIT(OPMASK) | BIT(ZMM_HI256) | BIT(HI16_ZMM))
#define LEGACY (BIT(X87) | BIT(SSE))

/* Where components lie when the stream has no policy to say so (blobs 4). */
struct component {
    uint32_t bit, size, offset;
};
static const struct component architecture[] = {
    {YMM, 256, 576},        {BNDREGS, 64, 960}, {BNDCSR, 64, 1024},   {OPMASK, 64, 1088},      {ZMM_HI256, 512, 1152},
    {HI16_ZMM, 1024, 1664}, {PKRU, 8, 2688},    {TILE_CFG, 64, 2752}, {TILE_DATA, 8192, 2816}, {LWP, 128, 832},
};
#define COMPONENTS (sizeof architecture / sizeof architecture[0])

/* AMD processors without AVX-512 have PKRU straight behind the AVX state. */
#define AMD_PKRU_END 840u

bool xv_xcr0_valid(uint64_t xcr0) {
    uint64_t avx512 = xcr0 & AVX512;

    if (!(xcr0 & BIT(X87)) || (xcr0 & ~XCR0_KNOWN))
        return false;
    if ((xcr0 & BIT(YMM)) && !(xcr0 & BIT(SSE)))
        return false;
    if (!(xcr0 & BIT(BNDREGS)) != !(xcr0 & BIT(BNDCSR)))
        return false;
    if (avx512 && (avx512 != AVX512 || !(xcr0 & BIT(YMM))))
        return false;
    return !(xcr0 & BIT(TILE_CFG)) == !(xcr0 & BIT(TILE_DATA));
}

/* The end of component n, or 0 if it is not known. */
static uint32_t component_end(const struct xv_cpu_policy *cpu, uint32_t n) {
    if (cpu->xstate_told) {
        uint32_t size = n < XV_XSTATE_COMPONENTS ? cpu->xstate_size[n] : 0;
        uint32_t offset = n < XV_XSTATE_COMPONENTS ? cpu->xstate_offset[n] : 0;

        if (size == 0 || size > XV_XSAVE_MAX || offset < XV_XSAVE_MIN || offset > XV_XSAVE_MAX - size)
            return 0;
        return offset + size;
    }
    for (uint32_t i = 0; i < COMPONENTS; i++)
        if (architecture[i].bit == n)
            return architecture[i].offset + architecture[i].size;
    return 0;
}

bool xv_xsave_area_size(const struct xv_cpu_policy *cpu, uint64_t accum, uint32_t *out) {
    uint32_t size = XV_XSAVE_MIN;

    *out = 0;
    for (uint32_t n = YMM; n < XV_XSTATE_COMPONENTS; n++) {
        if (!(accum >> n & 1))
            continue;
        uint32_t end = component_end(cpu, n);
        if (end == 0)
            return false;
        if (end > size)
            size = end;
    }
    *out = size;
    return true;
}

/* The image's length fits its features: exactly, or with room to spare if the rule allows it. */
static bool size_fits(const struct xv_cpu_policy *cpu, uint64_t accum, uint32_t image, bool longer, uint32_t *used) {
    uint32_t size = 0;

    *used = 0;
    if (!xv_xsave_area_size(cpu, accum, &size))
        return false;
    if (image < size && !cpu->xstate_told && (accum & ~(LEGACY | BIT(YMM))) == BIT(PKRU))
        size = AMD_PKRU_END;
    *used = size;
    return longer ? image >= size : image == size;
}

/* The XSAVE header behind the FXSAVE image: standard form, known features, reserved octets 0 (blobs 4). */
static bool check_header(struct xv_parser *p, struct xv_cursor *c, uint64_t accum, enum xv_code code) {
    struct xv_cursor reserved;
    uint64_t xstate_bv = 0, xcomp_bv = 0, at = 0;

    if (!xv_skip(c, 512))
        return xv_reject(p, XV_MISUSE, xv_at(c));
    at = xv_at(c);
    if (!xv_get_u64(c, &xstate_bv) || !xv_get_u64(c, &xcomp_bv) || !xv_take(c, 48, &reserved))
        return xv_reject(p, XV_MISUSE, at);
    if (xstate_bv & ~accum)
        return xv_reject_value(p, code, at, xstate_bv);
    if (xcomp_bv != 0)
        return xv_reject_value(p, code, at + 8, xcomp_bv);
    if (!xv_rest_is_zero(&reserved))
        return xv_reject(p, code, at + 16);
    return true;
}

bool xv_xsave_check(struct xv_parser *p, struct xv_cursor *c, uint32_t image, const struct xv_xsave_rule *rule,
                    uint32_t *used) {
    uint64_t xcr0 = 0, accum = 0, at = xv_at(c);

    *used = 0;
    if (!xv_get_u64(c, &xcr0) || !xv_get_u64(c, &accum))
        return xv_reject(p, XV_MISUSE, at);
    /* a vCPU that never used XSAVE has neither values nor an image; Xen then has nothing to load */
    if (image == 0 && xcr0 == 0 && accum == 0)
        return true;
    if (!xv_xcr0_valid(xcr0))
        return xv_reject_value(p, rule->xcr0, at, xcr0);
    if (!xv_xcr0_valid(accum))
        return xv_reject_value(p, rule->xcr0, at + 8, accum);
    if (xcr0 & ~accum)
        return xv_reject_value(p, rule->accum, at, xcr0);
    if (image == 0)
        return true;
    if (!size_fits(&p->cpu_policy, accum, image, rule->longer, used))
        return xv_reject_range(p, rule->size, at, image, *used, rule->longer ? XV_XSAVE_MAX : *used);
    return check_header(p, c, accum, rule->header);
}
