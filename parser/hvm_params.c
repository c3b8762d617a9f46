/* SPDX-License-Identifier: MIT */
#include "hvm_params.h"

#include <string.h>

#include "guest_memory.h"
#include "state.h"

#define ENTRY 16u

enum {
    STORE_PFN = 1,
    VIRIDIAN = 9,
    CONSOLE_PFN = 17,
    IOREQ_SERVER_PFN = 32,
    NR_IOREQ_SERVER_PAGES = 33,
    VM86_TSS_SIZED = 37,
};

/* Which savers write a parameter. */
enum saver {
    NOT_SENT = 0,
    ALWAYS,
    UNTIL_4_13, /* version 2 streams only */
    UNTIL_4_8_OR_CONVERTER,
};

#define IOREQ_PAGES_MAX 64u
#define TSS_MIN         104u
#define TSS_MAX         (TSS_MIN + 32u + 8192u + 1u) /* maps of interrupts and I/O; Xen cuts a larger one */
#define VIRIDIAN_MASK   0x1fffu
#define PHYSICAL_MAX    (((uint64_t)1 << 52) - 1)
#define FLOOR_4G        0xfffff000u

/* The parameters of a stream (blobs 7); values are min <= value <= max, with no bits but `bits`. */
static const struct param {
    char name[XV_TEXT];
    enum saver saver;
    bool page; /* the number of a page of its own, which the stream holds */
    uint64_t min, max, bits;
} params[XV_HVM_PARAMS] = {
    [STORE_PFN] = {"STORE_PFN", ALWAYS, true, 1, UINT64_MAX, UINT64_MAX},
    [4] = {"PAE_ENABLED", UNTIL_4_13, false, 0, 1, 1},
    [5] = {"IOREQ_PFN", ALWAYS, true, 1, UINT64_MAX, UINT64_MAX},
    [6] = {"BUFIOREQ_PFN", ALWAYS, true, 1, UINT64_MAX, UINT64_MAX},
    [VIRIDIAN] = {"VIRIDIAN", ALWAYS, false, 1, VIRIDIAN_MASK, VIRIDIAN_MASK},
    [12] = {"IDENT_PT", ALWAYS, false, 0, FLOOR_4G, FLOOR_4G},
    [15] = {"VM86_TSS", UNTIL_4_8_OR_CONVERTER, false, 0, 0xffffffffu, UINT64_MAX},
    [CONSOLE_PFN] = {"CONSOLE_PFN", ALWAYS, true, 1, UINT64_MAX, UINT64_MAX},
    [19] = {"ACPI_IOPORTS_LOCATION", ALWAYS, false, 0, 1, 1},
    [27] = {"PAGING_RING_PFN", ALWAYS, true, 1, UINT64_MAX, UINT64_MAX},
    [28] = {"MONITOR_RING_PFN", ALWAYS, true, 1, UINT64_MAX, UINT64_MAX},
    [29] = {"SHARING_RING_PFN", ALWAYS, true, 1, UINT64_MAX, UINT64_MAX},
    [IOREQ_SERVER_PFN] = {"IOREQ_SERVER_PFN", ALWAYS, false, 1, PHYSICAL_MAX, UINT64_MAX},
    [NR_IOREQ_SERVER_PAGES] = {"NR_IOREQ_SERVER_PAGES", ALWAYS, false, 1, IOREQ_PAGES_MAX, UINT64_MAX},
    [34] = {"VM_GENERATION_ID_ADDR", ALWAYS, false, 0, PHYSICAL_MAX, UINT64_MAX},
    [36] = {"X87_FIP_WIDTH", ALWAYS, false, 0, 8, UINT64_MAX}, /* 0, 4 or 8 */
    [VM86_TSS_SIZED] = {"VM86_TSS_SIZED", ALWAYS, false, 0, UINT64_MAX, UINT64_MAX},
    [38] = {"MCA_CAP", ALWAYS, false, 0, 1, 1},
};
#define X87_FIP_WIDTH 36u

/* HVM_NR_PARAMS of the releases that read libxc streams (blobs 7). */
static uint32_t known_to(uint32_t release) {
    if (release < XV_XEN(4, 9))
        return 37;
    return release < XV_XEN(4, 10) ? 38 : XV_HVM_PARAMS;
}

static bool given(const struct xv_hvm_params *h, uint32_t index) {
    return h->seen >> index & 1;
}

static bool check_index(struct xv_parser *p, uint64_t index, uint64_t at) {
    enum saver saver = index < XV_HVM_PARAMS ? params[index].saver : NOT_SENT;
    bool old = p->libxc.version == 2, converter = p->sum.xen_major == 0;

    if (saver == NOT_SENT || (saver == UNTIL_4_13 && !old) || (saver == UNTIL_4_8_OR_CONVERTER && !old && !converter))
        return xv_reject_value(p, XV_PARAM_INDEX, at, index);
    if (p->policy.target_xen != 0 && index >= known_to(p->policy.target_xen))
        return xv_reject_range(p, XV_COMPAT_TARGET_PARAM, at, index, 0, known_to(p->policy.target_xen) - 1);
    return true;
}

/* Rules of a single parameter that min, max and bits do not say (blobs 7). */
static bool value_possible(uint32_t index, uint64_t value) {
    uint64_t size = value >> 32;

    switch (index) {
    case VIRIDIAN:
        return value & 1; /* the base set comes with any other */
    case VM86_TSS_SIZED:
        return size >= TSS_MIN && size <= TSS_MAX;
    case X87_FIP_WIDTH:
        return value == 0 || value == 4 || value == 8;
    default:
        return true;
    }
}

/* libxenguest and the toolstack clear these pages or hand them out: each must be there, and be no other's (hazards). */
static bool check_page(struct xv_parser *p, uint64_t pfn, uint64_t at) {
    const struct xv_hvm_params *h = &p->hvm_params;

    if (!xv_memory_populated(p, pfn))
        return xv_reject_value(p, XV_PARAM_UNPOPULATED, at, pfn);
    for (uint32_t i = 0; i < XV_HVM_PARAMS; i++)
        if (params[i].page && given(h, i) && h->value[i] == pfn)
            return xv_reject_value(p, XV_PARAM_SHARED, at, pfn);
    return true;
}

static bool param_entry(struct xv_parser *p, struct xv_cursor *c) {
    uint64_t at = xv_at(c), index = 0, value = 0;

    if (!xv_get_u64(c, &index) || !xv_get_u64(c, &value))
        return xv_reject(p, XV_PARAM_COUNT, at);
    return xv_hvm_param(p, index, value, at, at + 8);
}

bool xv_hvm_param(struct xv_parser *p, uint64_t wide, uint64_t value, uint64_t at, uint64_t value_at) {
    struct xv_hvm_params *h = &p->hvm_params;

    if (!check_index(p, wide, at))
        return false;
    if (wide >= XV_HVM_PARAMS) /* check_index said so already */
        return xv_reject_value(p, XV_PARAM_INDEX, at, wide);
    uint32_t index = (uint32_t)wide;
    if (given(h, index))
        return xv_reject_value(p, XV_PARAM_REPEATED, at, index);
    if (value < params[index].min || value > params[index].max || (value & ~params[index].bits) ||
        !value_possible(index, value))
        return xv_reject_range(p, XV_PARAM_VALUE, value_at, value, params[index].min, params[index].max);
    if (params[index].page && !check_page(p, value, value_at))
        return false;
    h->seen |= (uint64_t)1 << index;
    h->value[index] = value;
    xv_tell(p, XV_FACT_HVM_PARAM, at, index, value, 0, params[index].name);
    return true;
}

bool xv_hvm_params_body(struct xv_parser *p, struct xv_cursor *c) {
    uint32_t count = 0, reserved = 0;
    uint64_t at = xv_at(c);

    if (p->rec.left != 0 || !xv_get_u32(c, &count) || !xv_get_u32(c, &reserved))
        return xv_reject_value(p, XV_RECORD_LENGTH, at, p->rec.length);
    if (count > XV_HVM_PARAMS || xv_left(c) != (size_t)count * ENTRY) /* (libxc 4.8) */
        return xv_reject_range(p, XV_PARAM_COUNT, at, count, xv_left(c) / ENTRY, xv_left(c) / ENTRY);
    if (reserved != 0)
        return xv_reject_value(p, XV_PARAM_RESERVED, at + 4, reserved);
    if (count == 0 && !xv_tolerates(p, XV_TOLERATE_EMPTY_PARAMS, at))
        return xv_reject(p, XV_PARAM_EMPTY, at);
    for (uint32_t i = 0; i < XV_HVM_PARAMS && i < count; i++)
        if (!param_entry(p, c))
            return false;
    return true;
}

/* Both or none; the pages are there; none of them has another use (blobs 7). */
static bool check_ioreq_server(struct xv_parser *p, uint64_t at) {
    const struct xv_hvm_params *h = &p->hvm_params;
    uint64_t first = h->value[IOREQ_SERVER_PFN], pages = h->value[NR_IOREQ_SERVER_PAGES];

    if (given(h, IOREQ_SERVER_PFN) != given(h, NR_IOREQ_SERVER_PAGES))
        return xv_reject_value(p, XV_PARAM_VALUE, at, given(h, IOREQ_SERVER_PFN) ? first : pages);
    if (!given(h, IOREQ_SERVER_PFN))
        return true;
    for (uint64_t i = 0; i < pages && i < IOREQ_PAGES_MAX; i++)
        if (!xv_memory_populated(p, first + i))
            return xv_reject_value(p, XV_PARAM_UNPOPULATED, at, first + i);
    for (uint32_t i = 0; i < XV_HVM_PARAMS; i++)
        if (params[i].page && given(h, i) && h->value[i] >= first && h->value[i] - first < pages)
            return xv_reject_value(p, XV_PARAM_SHARED, at, h->value[i]);
    return true;
}

bool xv_hvm_params_complete(struct xv_parser *p, uint64_t at) {
    const struct xv_hvm_params *h = &p->hvm_params;

    if ((!given(h, STORE_PFN) || !given(h, CONSOLE_PFN)) && !xv_tolerates(p, XV_TOLERATE_MISSING_RINGS, at))
        return xv_reject_value(p, XV_PARAM_MISSING, at, given(h, STORE_PFN) ? CONSOLE_PFN : STORE_PFN);
    return check_ioreq_server(p, at);
}

void xv_hvm_params_reset(struct xv_parser *p) {
    memset(&p->hvm_params, 0, sizeof(p->hvm_params));
}
