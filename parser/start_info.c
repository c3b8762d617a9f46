/* SPDX-License-Identifier: MIT */
#include "start_info.h"

#include "p2m.h"
#include "state.h"

#define MAGIC 0x2d6e6578u /* "xen-" */

/* A slot: tag, store, console, flags, 32 bits each. Tag 0: empty. All of a pfn but its slot number is in the tag. */
enum { TAG = 0, STORE = 4, CONSOLE = 8, FLAGS = 12, SLOT = 16 };
#define HAS_MAGIC   1u
#define BAD_STORE   2u /* zero, or no pfn at all */
#define BAD_CONSOLE 4u

static uint64_t slot_of(const struct xv_parser *p, uint64_t pfn) {
    return p->memory.start_info_at + SLOT * (pfn % XV_START_INFO_SLOTS);
}

static uint32_t tag_of(uint64_t pfn) {
    return (uint32_t)(pfn / XV_START_INFO_SLOTS & 0xfffffu) + 1; /* pfns have 32 bits */
}

/* The two ring fields (libxc 8.2): 64-bit store at 56, console at 72; 32-bit store at 44, console at 52. */
static void get_rings(const struct xv_parser *p, const struct xv_cursor *page, uint64_t *store, uint64_t *console) {
    struct xv_cursor c = *page;
    uint32_t store32 = 0, console32 = 0;

    *store = 0;
    *console = 0;
    if (p->pv.width == 8) {
        (void)xv_skip(&c, 56);
        (void)xv_get_u64(&c, store);
        (void)xv_skip(&c, 8);
        (void)xv_get_u64(&c, console);
        return;
    }
    (void)xv_skip(&c, 44);
    (void)xv_get_u32(&c, &store32);
    (void)xv_skip(&c, 4);
    (void)xv_get_u32(&c, &console32);
    *store = store32;
    *console = console32;
}

static bool is_pfn(uint64_t value, uint64_t last) {
    return value >= 1 && value <= last;
}

void xv_start_info_look(struct xv_parser *p, struct xv_cursor *c, uint64_t pfn) {
    uint64_t store = 0, console = 0, slot = slot_of(p, pfn), last = p->sum.max_pfn;
    struct xv_cursor head = *c;
    uint32_t magic = 0, flags, tag = xv_arena_get_u32(p, slot + TAG);

    get_rings(p, c, &store, &console);
    (void)xv_get_u32(&head, &magic);
    flags = magic == MAGIC ? HAS_MAGIC : 0;
    if (!flags && !(is_pfn(store, last) && is_pfn(console, last) && store != console)) {
        if (tag == tag_of(pfn)) /* sent again, as something else */
            xv_arena_put_u32(p, slot + TAG, 0);
        return;
    }
    if (tag != 0 && tag != tag_of(pfn) && !flags && (xv_arena_get_u32(p, slot + FLAGS) & HAS_MAGIC))
        return;
    if (!is_pfn(store, p->memory.limit_pfn))
        flags |= BAD_STORE;
    if (!is_pfn(console, p->memory.limit_pfn))
        flags |= BAD_CONSOLE;
    xv_arena_put_u32(p, slot + TAG, tag_of(pfn));
    xv_arena_put_u32(p, slot + STORE, (uint32_t)(store & UINT32_MAX));
    xv_arena_put_u32(p, slot + CONSOLE, (uint32_t)(console & UINT32_MAX));
    xv_arena_put_u32(p, slot + FLAGS, flags);
}

/* Pages that the toolstack and the backends write to must not be one another (hazards libxenguest). */
static bool check_apart(struct xv_parser *p, uint64_t info, uint64_t store, uint64_t console, uint64_t at) {
    if (store == console || store == info || xv_p2m_is_frame(p, store))
        return xv_reject_value(p, XV_START_INFO_RINGS, at, store);
    if (console == info || xv_p2m_is_frame(p, console))
        return xv_reject_value(p, XV_START_INFO_RINGS, at, console);
    if (xv_p2m_is_frame(p, info))
        return xv_reject_value(p, XV_START_INFO_RINGS, at, info);
    return true;
}

bool xv_start_info_complete(struct xv_parser *p) {
    uint64_t pfn = p->pv.start_info, at = p->pv.start_info_field, slot = slot_of(p, pfn);
    uint32_t store = xv_arena_get_u32(p, slot + STORE), console = xv_arena_get_u32(p, slot + CONSOLE);
    uint32_t flags = xv_arena_get_u32(p, slot + FLAGS);

    if (!xv_memory_is_notab(p, pfn)) /* (libxc 8.1) */
        return xv_reject_range(p, XV_START_INFO, at, pfn, 0, p->sum.max_pfn);
    if (xv_arena_get_u32(p, slot + TAG) != tag_of(pfn))
        return xv_reject_value(p, XV_START_INFO_STORE, at, pfn);
    if ((flags & BAD_STORE) || !xv_memory_is_notab(p, store)) /* (libxc 8.2) */
        return xv_reject_range(p, XV_START_INFO_STORE, at, store, 1, p->sum.max_pfn);
    if ((flags & BAD_CONSOLE) || !xv_memory_is_notab(p, console))
        return xv_reject_range(p, XV_START_INFO_CONSOLE, at, console, 1, p->sum.max_pfn);
    return check_apart(p, pfn, store, console, at);
}
