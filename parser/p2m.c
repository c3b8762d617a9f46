/* SPDX-License-Identifier: MIT */
#include "p2m.h"

#include "state.h"

/* rec.phase */
enum { RANGE, FRAMES };

/* Pages that one frame of the p2m describes (libxc 4.3). */
static uint64_t pages_per_frame(const struct xv_parser *p) {
    return p->pv.width == 4 ? 1024 : 512;
}

static uint64_t cell(const struct xv_parser *p, uint64_t index) {
    return p->memory.p2m_at + XV_P2M_CELL * index;
}

/* A record after the first one: the guest grows, and nothing is left out (hazards libxenguest). */
static bool check_growth(struct xv_parser *p, uint64_t start, uint64_t end, uint64_t at) {
    if (p->pv.p2m_growths >= XV_P2M_GROWTHS_MAX)
        return xv_reject_range(p, XV_P2M_GROWTH, at, (uint64_t)p->pv.p2m_growths + 1, 0, XV_P2M_GROWTHS_MAX);
    if (start / pages_per_frame(p) > p->pv.p2m_frames)
        return xv_reject_range(p, XV_P2M_START, at, start, 0, p->sum.max_pfn + 1);
    if (end <= p->sum.max_pfn)
        return xv_reject_range(p, XV_P2M_GROWTH, at + 4, end, p->sum.max_pfn + 1, p->memory.limit_pfn);
    p->pv.p2m_growths++;
    return true;
}

/* start_pfn and end_pfn (libxc 4.3). */
static bool range(struct xv_parser *p, struct xv_cursor *c) {
    uint64_t at = xv_at(c), limit = p->memory.limit_pfn, want;
    uint32_t start = 0, end = 0;

    if (!xv_get_u32(c, &start) || !xv_get_u32(c, &end))
        return xv_reject_range(p, XV_RECORD_LENGTH, p->rec.offset + 4, p->rec.length, 16, UINT32_MAX);
    if (end < 1 || end < start) /* (hazards libxenguest: a NULL write) */
        return xv_reject_range(p, XV_P2M_END, at + 4, end, start > 1 ? start : 1, limit);
    if (end > limit)
        return xv_reject_range(p, XV_P2M_LIMIT, at + 4, end, 1, limit);
    if (!p->pv.p2m && start != 0)
        return xv_reject_range(p, XV_P2M_START, at, start, 0, 0);
    if (p->pv.p2m && !check_growth(p, start, end, at))
        return false;
    want = end / pages_per_frame(p) - start / pages_per_frame(p) + 1;
    if (p->rec.left != 8 * want)
        return xv_reject_range(p, XV_RECORD_LENGTH, p->rec.offset + 4, p->rec.length, 8 + 8 * want, 8 + 8 * want);
    p->pv.p2m = true;
    p->pv.p2m_next = start / pages_per_frame(p);
    p->sum.max_pfn = end;
    p->rec.phase = FRAMES;
    xv_want_bytes(p, p->rec.left);
    return true;
}

/* One frame of the list: within the guest, and the same as before where an earlier record gave it already. */
bool xv_p2m_frame(struct xv_parser *p, uint64_t index, uint64_t pfn, uint64_t at) {
    if (pfn > p->sum.max_pfn)
        return xv_reject_range(p, XV_P2M_FRAME_RANGE, at, pfn, 0, p->sum.max_pfn);
    if (index < p->pv.p2m_frames) {
        uint32_t before = xv_arena_get_u32(p, cell(p, index));

        if (before != pfn)
            return xv_reject_range(p, XV_P2M_FRAME_CHANGED, at, pfn, before, before);
        return true;
    }
    xv_arena_put_u32(p, cell(p, index), (uint32_t)(pfn & UINT32_MAX));
    return true;
}

static bool frames(struct xv_parser *p, struct xv_cursor *c) {
    uint64_t pfn = 0;

    while (xv_left(c) >= 8) {
        uint64_t at = xv_at(c), index = p->pv.p2m_next;

        (void)xv_get_u64(c, &pfn);
        if (!xv_p2m_frame(p, index, pfn, at))
            return false;
        p->pv.p2m_next = index + 1;
    }
    if (p->rec.left)
        xv_want_bytes(p, p->rec.left);
    else
        p->pv.p2m_frames = p->pv.p2m_next;
    return true;
}

bool xv_p2m_frames_body(struct xv_parser *p, struct xv_cursor *c) {
    return p->rec.phase == RANGE ? range(p, c) : frames(p, c);
}

bool xv_p2m_is_frame(const struct xv_parser *p, uint64_t pfn) {
    return xv_memory_state(p, pfn) == XV_PAGE_NOTAB_P2M;
}

/*
 * True if memory has none of the pages that this frame of the list describes. Linux lets all such frames be one page:
 * what it ballooned out, or never had, is missing alike everywhere.
 */
static bool describes_nothing(const struct xv_parser *p, uint64_t index) {
    uint64_t per_frame = pages_per_frame(p);

    for (uint64_t i = 0; i < per_frame; i++) {
        if (xv_memory_populated(p, index * per_frame + i))
            return false;
    }
    return true;
}

/* Frames that describe pages are each listed once: the restorer writes there where these pages are. */
static bool mark_described(struct xv_parser *p, uint64_t at) {
    for (uint64_t index = p->pv.p2m_marked; index < p->pv.p2m_frames; index++) {
        uint32_t pfn = xv_arena_get_u32(p, cell(p, index));

        if (describes_nothing(p, index))
            continue;
        if (xv_p2m_is_frame(p, pfn)) /* (hazards libxenguest) */
            return xv_reject_value(p, XV_P2M_FRAME_DUPLICATE, at, pfn);
        if (!xv_memory_mark_p2m(p, pfn)) /* (libxc 8.5) */
            return xv_reject_value(p, XV_P2M_FRAME_TYPE, at, pfn);
    }
    return true;
}

/* The others may be one page, but none of those. */
static bool check_shared(struct xv_parser *p, uint64_t at) {
    for (uint64_t index = p->pv.p2m_marked; index < p->pv.p2m_frames; index++) {
        uint32_t pfn = xv_arena_get_u32(p, cell(p, index));

        if (!describes_nothing(p, index))
            continue;
        if (xv_p2m_is_frame(p, pfn))
            return xv_reject_value(p, XV_P2M_FRAME_DUPLICATE, at, pfn);
        if (!xv_memory_is_notab(p, pfn))
            return xv_reject_value(p, XV_P2M_FRAME_TYPE, at, pfn);
    }
    return true;
}

static void mark_shared(struct xv_parser *p) {
    for (; p->pv.p2m_marked < p->pv.p2m_frames; p->pv.p2m_marked++)
        (void)xv_memory_mark_p2m(p, xv_arena_get_u32(p, cell(p, p->pv.p2m_marked)));
}

/*
 * Frames that an earlier checkpoint proved stay proved: guest_memory.c refuses to retype them. So the whole list is
 * walked once in a stream, however many checkpoints it has. A list longer than memory has pages would make the restorer
 * spend more on the p2m than on the guest (hazards libxenguest).
 */
bool xv_p2m_complete(struct xv_parser *p, uint64_t at) {
    if (!mark_described(p, at) || !check_shared(p, at))
        return false;
    if (p->pv.p2m_frames > p->sum.populated)
        return xv_reject_range(p, XV_P2M_SPARSE, at, p->pv.p2m_frames, 1, p->sum.populated);
    mark_shared(p);
    return true;
}
