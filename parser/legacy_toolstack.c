/* SPDX-License-Identifier: MIT */
/*
 * The TOOLSTACK chunk: where the guest sees its video memory, as libxl of Xen 4.2 to 4.5 keeps it (legacy 5). The
 * entries become the keys of EMULATOR_XENSTORE_DATA, and are bounded by what that may hold.
 */
#include "legacy.h"
#include "state.h"

#define LENGTH_MAX    (1u << 20)
#define HEAD          8u
#define ENTRY         28u
#define KEYS_OF_ENTRY 3u

static uint32_t entries_max(const struct xv_parser *p) {
    uint32_t most = p->policy.max_emulator_keys / KEYS_OF_ENTRY;

    return most < XV_PHYSMAPS_MAX ? most : XV_PHYSMAPS_MAX;
}

/* 64-bit writers leak four octets of padding behind each name. */
static uint32_t surplus(const struct xv_parser *p) {
    return p->legacy.wide ? 4 : 0;
}

bool xv_legacy_toolstack(struct xv_parser *p, uint32_t length, uint64_t at) {
    if (length == 0) {
        xv_legacy_item(p, XV_LG_CHUNK, 4);
        return true;
    }
    if (length < HEAD || length > LENGTH_MAX)
        return xv_reject_range(p, XV_LEGACY_TOOLSTACK_LENGTH, at, length, HEAD, LENGTH_MAX);
    p->legacy.left = length - HEAD;
    xv_legacy_want(p, XV_LG_TOOLSTACK_HEAD, HEAD);
    return true;
}

/* One entry is done: the next, or nothing is left. */
static bool next(struct xv_parser *p, uint64_t at) {
    if (p->legacy.names) {
        if (p->legacy.left < ENTRY)
            return xv_reject_range(p, XV_LEGACY_TOOLSTACK_LENGTH, at, p->legacy.left, ENTRY, LENGTH_MAX);
        xv_legacy_want(p, XV_LG_TOOLSTACK_ENTRY, ENTRY);
        return true;
    }
    if (p->legacy.left)
        return xv_reject_range(p, XV_LEGACY_TOOLSTACK_LENGTH, at, p->legacy.left, 0, 0);
    xv_legacy_item(p, XV_LG_CHUNK, 4);
    return true;
}

bool xv_legacy_toolstack_head(struct xv_parser *p, struct xv_cursor *c) {
    uint64_t at = xv_at(c);
    uint32_t version = 0, count = 0;

    (void)xv_get_u32(c, &version);
    (void)xv_get_u32(c, &count);
    if (version != 1)
        return xv_reject_range(p, XV_LEGACY_TOOLSTACK_DATA, at, version, 1, 1);
    if (count > entries_max(p))
        return xv_reject_range(p, XV_EMULATOR_PAIRS, at + 4, (uint64_t)count * KEYS_OF_ENTRY, 0,
                               (uint64_t)entries_max(p) * KEYS_OF_ENTRY);
    p->legacy.names = count;
    p->libxl.emulator.physmaps = 0;
    return next(p, at + HEAD);
}

/* Each address once. */
static bool note_address(struct xv_parser *p, uint64_t address, uint64_t at) {
    struct xv_emulator *e = &p->libxl.emulator;
    uint32_t n = e->physmaps < XV_PHYSMAPS_MAX ? e->physmaps : XV_PHYSMAPS_MAX;

    for (uint32_t i = 0; i < XV_PHYSMAPS_MAX && i < n; i++)
        if (e->physmap[i].address == address)
            return xv_reject_value(p, XV_EMULATOR_REPEATED, at, address);
    if (n < XV_PHYSMAPS_MAX) {
        e->physmap[n].address = address;
        e->physmaps = n + 1;
    }
    return true;
}

bool xv_legacy_toolstack_entry(struct xv_parser *p, struct xv_cursor *c) {
    uint64_t at = xv_at(c), address = 0;
    uint32_t length = 0, octets;

    (void)xv_get_u64(c, &address);
    (void)xv_skip(c, 16); /* start_addr and size: any number */
    (void)xv_get_u32(c, &length);
    if (!note_address(p, address, at))
        return false;
    if (length < 1 || length > XV_EMULATOR_STRING_MAX + 1) /* its NUL counts */
        return xv_reject_range(p, XV_LEGACY_TOOLSTACK_DATA, at + 24, length, 1, XV_EMULATOR_STRING_MAX + 1);
    p->legacy.left -= p->legacy.left < ENTRY ? p->legacy.left : ENTRY;
    octets = length + surplus(p);
    if (octets > p->legacy.left)
        return xv_reject_range(p, XV_LEGACY_TOOLSTACK_LENGTH, at + 24, length, 1, p->legacy.left);
    xv_legacy_want(p, XV_LG_TOOLSTACK_NAME, octets);
    return true;
}

/* Printable, one NUL at its end; then the stray octets, whatever they are. */
bool xv_legacy_toolstack_name(struct xv_parser *p, struct xv_cursor *c) {
    uint64_t at = xv_at(c);
    size_t octets = xv_left(c);
    uint8_t octet = 0;

    while (xv_left(c) > surplus(p)) {
        uint64_t here = xv_at(c);

        (void)xv_get_u8(c, &octet);
        if (xv_left(c) == surplus(p) ? octet != 0 : octet < 0x20 || octet > 0x7e)
            return xv_reject_value(p, XV_LEGACY_TOOLSTACK_DATA, here, octet);
    }
    p->legacy.left -= p->legacy.left < octets ? p->legacy.left : octets;
    p->legacy.names -= p->legacy.names != 0;
    return next(p, at + octets);
}
