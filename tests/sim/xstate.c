/* SPDX-License-Identifier: MIT */
/* Extended processor state: sizes and validate_xstate(). */
#include <string.h>

#include "sim_internal.h"

/* Standard-format size and offset of each component the simulated host has. */
static const struct {
    uint32_t size, offset;
} component[] = {
    [2] = {256, 576},  [3] = {64, 960},    [4] = {64, 1024}, [5] = {64, 1088},
    [6] = {512, 1152}, [7] = {1024, 1664}, [9] = {8, 2688},
};

#define FP     1u
#define SSE    2u
#define YMM    4u
#define BND    0x18u
#define AVX512 0xe0u
#define NR     (sizeof(component) / sizeof(component[0]))

uint64_t xstate_host_mask(void) {
    return FP | SSE | YMM | AVX512 | 1u << 9;
}

void xstate_component(unsigned int i, uint32_t *size, uint32_t *offset) {
    *size = i < NR ? component[i].size : 0;
    *offset = i < NR ? component[i].offset : 0;
}

/* xstate_uncompressed_size() */
uint32_t xstate_size(uint64_t xcr0) {
    uint32_t size = XSTATE_MIN;

    for (unsigned int i = 2; i < NR; i++)
        if (xcr0 >> i & 1 && component[i].offset + component[i].size > size)
            size = component[i].offset + component[i].size;
    return size;
}

/* valid_xcr0() */
static bool valid_xcr0(uint64_t x) {
    if (!(x & FP) || ((x & YMM) && !(x & SSE)))
        return false;
    if ((x & AVX512) && (!(x & YMM) || (~x & AVX512)))
        return false;
    return !(x & 8) == !(x & 16);
}

int xstate_validate(const struct policy *p, uint64_t xcr0, uint64_t accum, const uint8_t *header) {
    static const uint8_t zero[48];
    uint64_t bv, comp;

    memcpy(&bv, header, 8);
    memcpy(&comp, header + 8, 8);
    if ((bv & ~accum) || (xcr0 & ~accum) || (accum & ~rule_xcr0_max(p)) || !valid_xcr0(xcr0) || !valid_xcr0(accum))
        return refuse(-EINVAL, "validate_xstate: xcr0 %#lx accum %#lx bv %#lx max %#lx", (unsigned long)xcr0,
                      (unsigned long)accum, (unsigned long)bv, (unsigned long)rule_xcr0_max(p));
    if ((accum & ~xstate_host_mask()) || comp)
        return refuse(-EOPNOTSUPP, "validate_xstate: accum %#lx xcomp_bv %#lx", (unsigned long)accum,
                      (unsigned long)comp);
    if (memcmp(header + 16, zero, sizeof(zero)))
        return refuse(-EIO, "validate_xstate: reserved header octets");
    return 0;
}
