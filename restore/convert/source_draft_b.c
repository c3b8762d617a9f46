/* SPDX-License-Identifier: MIT */
/*
 * Draft B lacks two things that version 3 needs (draft-b 6). Which pages hold the guest's p2m is found by their
 * contents: they have the machine frames that the P2M records have, because the saver wrote both at one time. Version 3
 * wants to know them before any page, so the image is read twice: first to find them, then to convert. SHARED_INFO is
 * made up.
 */
#include <string.h>

#include "convert.h"

enum { END, D_PAGE_DATA, D_VCPU_INFO, D_VCPU_CONTEXT, D_PV_INFO, D_P2M };
enum { PAGE_DATA = 0x1, PV_INFO = 0x2, P2M_FRAMES = 0x3, VCPU_BASIC = 0x4, SHARED_INFO = 0x7, STATIC_DATA_END = 0x10 };

#define HEADERS   32u
#define RECORD    16u
#define FOOTER    8u
#define PAGE      4096u
#define SUM_START 0xcbf29ce484222325u
#define SUM_PRIME 0x100000001b3u
#define NO_SLOT   0u    /* slots hold the frame's number + 1 */
#define MAX_PFN64 3088u /* arch.max_pfn of shared_info */
#define MAX_PFN32 2316u
#define VCPU_INFO 64u /* octets of shared_info for each of the first 32 vCPUs */
#define UPCALL    1u  /* evtchn_upcall_mask */

static uint64_t add(uint64_t sum, uint64_t value) {
    sum = (sum ^ value) * SUM_PRIME;
    return sum ^ sum >> 29;
}

static uint32_t per_frame(const struct xv_convert *c) {
    return c->width == 4 ? 1024 : 512;
}

static uint64_t pfns(const struct xv_convert *c) {
    return c->p2m_end;
}

/* One more machine frame: the sum of a frame of the p2m is complete with its last one. */
static bool add_entry(struct xv_convert *c, uint64_t mfn) {
    uint64_t at = c->p2m_end++;

    if (at % per_frame(c) == 0) {
        if (c->frame_count >= c->frames_max)
            return xv_convert_refuse(c, XV_CONVERT_P2M);
        c->frame_count++;
        c->frames[c->frame_count - 1] = (struct xv_convert_frame){SUM_START, 0, 0};
    }
    c->frames[c->frame_count - 1].sum = add(c->frames[c->frame_count - 1].sum, mfn);
    return true;
}

static bool read_p2m(struct xv_convert *c, const uint8_t *body, size_t n) {
    for (size_t at = 16; n - at >= 8; at += 8)
        if (!add_entry(c, xv_read_u64(body + at)))
            return false;
    return true;
}

/* A word of the guest's p2m as the P2M record has it. */
static uint64_t p2m_word(const struct xv_convert *c, const uint8_t *page, uint32_t i) {
    uint32_t narrow;

    if (c->width == 8)
        return xv_read_u64(page + (size_t)8 * i);
    narrow = xv_read_u32(page + (size_t)4 * i);
    return narrow == UINT32_MAX ? UINT64_MAX : narrow;
}

static uint32_t slot_count(const struct xv_convert *c) {
    return 2 * c->frames_max;
}

/* Puts the frames where their sums are looked for. */
static void index_frames(struct xv_convert *c) {
    for (uint32_t i = 0; i < c->frame_count; i++) {
        uint32_t at = (uint32_t)(c->frames[i].sum % slot_count(c));

        while (c->slots[at] != NO_SLOT)
            at = (at + 1) % slot_count(c);
        c->slots[at] = i + 1;
    }
    c->indexed = true;
}

/* Notes that a page has the contents of each frame with this sum: `last` that of the last one, which may be shorter. */
static void note_page(struct xv_convert *c, uint32_t pfn, uint64_t sum, bool last) {
    uint32_t at = (uint32_t)(sum % slot_count(c));

    for (; c->slots[at] != NO_SLOT; at = (at + 1) % slot_count(c)) {
        struct xv_convert_frame *frame = &c->frames[c->slots[at] - 1];

        if (frame->sum != sum || (c->slots[at] == c->frame_count) != last)
            continue;
        frame->pfn = pfn;
        frame->found++;
    }
}

static void look_at(struct xv_convert *c, uint32_t pfn, const uint8_t *page) {
    uint32_t full = per_frame(c), rest = (uint32_t)((pfns(c) - 1) % full) + 1;
    uint64_t sum = SUM_START;

    for (uint32_t i = 0; i < full; i++) {
        sum = add(sum, p2m_word(c, page, i));
        if (i + 1 == rest)
            note_page(c, pfn, sum, true);
    }
    note_page(c, pfn, sum, false);
}

static void read_pages(struct xv_convert *c, const uint8_t *body) {
    uint32_t count = xv_read_u32(body);
    const uint8_t *page = body + 8 + (size_t)8 * count;

    if (!c->indexed)
        index_frames(c);
    for (uint32_t i = 0; i < count; i++) {
        uint64_t entry = xv_read_u64(body + 8 + (size_t)8 * i);

        if (entry >> 60 == 0)
            look_at(c, (uint32_t)entry, page);
        page += entry >> 60 < 13 ? PAGE : 0;
    }
}

/* The first reading. */
static bool scan(struct xv_convert *c, uint32_t type, const uint8_t *body, size_t n) {
    switch (type) {
    case D_PV_INFO:
        c->width = body[0];
        return true;
    case D_P2M:
        return read_p2m(c, body, n);
    case D_PAGE_DATA:
        read_pages(c, body);
        return true;
    default:
        return true;
    }
}

/* Each frame was found in exactly one page, which was sent once. */
bool xv_source_draft_b_ready(struct xv_convert *c) {
    if (!c->positioned)
        return xv_convert_refuse(c, XV_CONVERT_PIPE);
    if (xv_parser_summary(c->source)->resent)
        return xv_convert_refuse(c, XV_CONVERT_P2M);
    for (uint32_t i = 0; i < c->frame_count; i++)
        if (c->frames[i].found != 1)
            return xv_convert_refuse(c, XV_CONVERT_P2M);
    return true;
}

static bool put_frames(struct xv_convert *c) {
    if (c->frames_sent)
        return true;
    c->frames_sent = true;
    xv_make_begin(c, P2M_FRAMES);
    xv_make_u32(c, 0);
    xv_make_u32(c, (uint32_t)(pfns(c) - 1));
    for (uint32_t i = 0; i < c->frame_count; i++)
        xv_make_u64(c, c->frames[i].pfn);
    return xv_make_end(c);
}

/* A page as a guest finds it when it resumes: events masked, the size of its memory; the kernel sets its clock anew. */
static bool put_shared_info(struct xv_convert *c) {
    uint8_t page[PAGE];

    memset(page, 0, sizeof page);
    for (uint32_t i = 0; i < c->vcpus && i < 32; i++)
        page[(size_t)VCPU_INFO * i + UPCALL] = 1;
    if (c->width == 8)
        xv_write_u64(page + MAX_PFN64, pfns(c));
    else
        xv_write_u32(page + MAX_PFN32, (uint32_t)pfns(c));
    return xv_convert_record(c, SHARED_INFO, page, sizeof page, NULL, 0);
}

/* The second reading. */
static bool convert(struct xv_convert *c, uint32_t type, const uint8_t *body, size_t n) {
    uint8_t info[8] = {0};

    switch (type) {
    case D_PV_INFO:
        memcpy(info, body, 2);
        return xv_convert_record(c, PV_INFO, info, sizeof info, NULL, 0) &&
               xv_convert_record(c, STATIC_DATA_END, NULL, 0, NULL, 0);
    case D_PAGE_DATA:
        return put_frames(c) && xv_convert_record(c, PAGE_DATA, body, n, NULL, 0);
    case D_VCPU_INFO:
        c->vcpus = xv_read_u32(body) + 1;
        return true;
    case D_VCPU_CONTEXT:
        return xv_convert_record(c, VCPU_BASIC, body, n, NULL, 0);
    case END:
        return put_shared_info(c) && xv_convert_record(c, END, NULL, 0, NULL, 0);
    default:
        return true;
    }
}

static bool headers(struct xv_convert *c, const uint8_t *item) {
    if (!c->lossy)
        return xv_convert_refuse(c, XV_CONVERT_LOSSY);
    if (item[17] & 1)
        return xv_convert_refuse(c, XV_CONVERT_BIG_ENDIAN);
    c->hvm = false;
    return !c->again || xv_convert_begin(c, NULL);
}

bool xv_source_draft_b(struct xv_convert *c, const uint8_t *item, size_t n) {
    if (n == HEADERS && memcmp(item + 8, "XENF", 4) == 0)
        return headers(c, item);
    if (n < RECORD + FOOTER)
        return xv_convert_refuse(c, XV_MISUSE);
    n = xv_read_u32(item + 4);
    return c->again ? convert(c, xv_read_u32(item), item + RECORD, n) : scan(c, xv_read_u32(item), item + RECORD, n);
}
