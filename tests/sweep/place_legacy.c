/* SPDX-License-Identifier: MIT */
/* The walk of a legacy stream, whose words are as wide as the toolstack and whose chunks have no length. */
#include "place_legacy.h"

#define ALL_ONES 0xffffffffu
#define PAGE     4096u

/* The octets that follow a chunk's id. */
static size_t chunk_octets(const struct walk *w, uint32_t n, bool wide) {
    switch (n) {
    case 2:
        return 4 + 8 * (walk_get(w->s, w->off + 4, 4) / 64 + 1);
    case 7:
        return 20;
    case 18:
        return 4 + walk_get(w->s, w->off + 4, 4);
    case 0:
    case 1:
    case 9:
        return 0;
    default:
        return wide ? 12 : 12;
    }
}

static void batch(struct walk *w, size_t word) {
    size_t count = walk_get(w->s, w->off, 4), entries = w->off + 4;

    if (walk_past(w, 4, PLACE_LEGACY, 0))
        return;
    for (size_t i = 0; i < count; i++) {
        if (walk_past(w, word, w->hvm ? PLACE_PFN_HVM : PLACE_PFN_PV, 0))
            return;
    }
    for (size_t i = 0; i < count; i++) {
        uint32_t entry = (uint32_t)walk_get(w->s, entries + word * i, 4), type = entry >> 28;

        if (entry != 0xf0000000 && type < 13 && walk_past(w, PAGE, type ? PLACE_PTE : PLACE_PAGE_HEAD, type & 7)) {
            w->place.offset = type ? w->place.offset % 8 : w->place.offset;
            return;
        }
    }
}

static void chunks(struct walk *w, size_t word) {
    uint32_t n;

    do {
        uint32_t id = (uint32_t)walk_get(w->s, w->off, 4);

        n = 0u - id;
        w->place.record = w->off;
        if (id != 0 && id <= INT32_MAX)
            batch(w, word);
        else
            (void)walk_past(w, 4 + chunk_octets(w, n, word == 8), PLACE_LEGACY, n);
    } while (!w->done && n != 0 && w->off < w->s->size);
}

/* Extended information says what each vCPU has in the tail. */
struct parts {
    size_t context, extended, xsave;
};

static void info(struct walk *w, size_t word, struct parts *parts) {
    size_t total = walk_get(w->s, w->off + word, 4), end = w->off + word + 4 + total, at = w->off + word + 4;

    while (at < end) {
        uint32_t name = (uint32_t)walk_get(w->s, at, 4), size = (uint32_t)walk_get(w->s, at + 4, 4);

        if (name == 0x75706376u)
            parts->context = size;
        else if (name == 0x76747865u)
            parts->extended = 128;
        else
            parts->xsave = walk_get(w->s, at + 8, 4);
        at += 8 + size;
    }
    if (walk_past(w, end - w->off, PLACE_LEGACY_INFO, 0)) {
        w->place.type = w->place.offset >= word + 12 && w->place.offset < word + 12 + parts->context;
        return;
    }
}

/* Parts of a vCPU are those of later records, behind the eight octets of their head. */
static void vcpus(struct walk *w, const struct parts *parts) {
    size_t each = parts->context + parts->extended + parts->xsave;

    while (!w->done && w->s->size - w->off >= each + PAGE) {
        if (walk_past(w, parts->context, PLACE_LIBXC_BODY, 4) || walk_past(w, parts->extended, PLACE_LIBXC_BODY, 5))
            w->place.offset += 8;
        else if (parts->xsave && !walk_past(w, 16, PLACE_LEGACY, 0x200) &&
                 walk_past(w, parts->xsave - 16, PLACE_LIBXC_BODY, 6))
            w->place.offset += 8;
    }
    (void)walk_past(w, PAGE, PLACE_LEGACY, 0x201);
}

static void pv_tail(struct walk *w, size_t word, const struct parts *parts) {
    if (!walk_past(w, 4, PLACE_LEGACY, 0x202) &&
        !walk_past(w, word * walk_get(w->s, w->off - 4, 4), PLACE_LEGACY, 0x203))
        vcpus(w, parts);
}

static void hvm_tail(struct walk *w) {
    for (int i = 0; i < 3; i++) {
        if (walk_past(w, 8, PLACE_PARAM, 0)) {
            w->place.offset += 8;
            return;
        }
    }
    size_t length = walk_get(w->s, w->off, 4);

    if (walk_past(w, 4, PLACE_LEGACY, 0x204))
        return;
    walk_hvm_context(w, w->off + length);
    if (w->done || walk_past(w, w->xenopsd ? 26 : 21, PLACE_LEGACY, 0x205))
        return;
    if (!w->xenopsd && w->s->bytes[w->off - 1] == '2' && walk_past(w, 4, PLACE_LEGACY, 0x206))
        return;
    if (walk_past(w, w->s->size - w->off, PLACE_LIBXL_BODY, 3))
        w->place.offset += 8;
}

void walk_legacy(struct walk *w) {
    uint32_t second = (uint32_t)walk_get(w->s, w->off + 4, 4);
    size_t word = second == 0 ? 8 : 4;
    struct parts parts = {0, 0, 0};

    w->hvm = walk_get(w->s, w->off + word, 4) != ALL_ONES;
    if (walk_past(w, word, PLACE_LEGACY, 0x207))
        return;
    if (!w->hvm) {
        size_t pages = walk_get(w->s, w->off - word, 4);

        info(w, word, &parts);
        if (!w->done &&
            walk_past(w, ((pages - 1) / (PAGE / (parts.context == 5168 ? 8 : 4)) + 1) * word, PLACE_LIBXC_BODY, 3))
            w->place.offset += 8;
    }
    if (!w->done)
        chunks(w, word);
    if (w->done)
        return;
    if (w->hvm)
        hvm_tail(w);
    else
        pv_tail(w, word, &parts);
}
