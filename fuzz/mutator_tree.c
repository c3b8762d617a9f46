/* SPDX-License-Identifier: MIT */
/* Where the records are. What does not parse becomes one item of kind MUT_REST. */
#include <string.h>

#include "mutator.h"

#define RECORD 8u

enum {
    LIBXC_END = 0,
    LIBXC_CHECKPOINT = 0xe,
    LIBXL_END = 0,
    LIBXL_CONTEXT = 1,
    LIBXL_CHECKPOINT_END = 4,
    LIBXL_STATE = 5
};

uint32_t mut_get32(const uint8_t *p) {
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

void mut_put32(uint8_t *p, uint32_t v) {
    for (unsigned i = 0; i < 4; i++)
        p[i] = (uint8_t)(v >> 8 * i);
}

void mut_put64(uint8_t *p, uint64_t v) {
    mut_put32(p, (uint32_t)v);
    mut_put32(p + 4, (uint32_t)(v >> 32));
}

static size_t add(struct mut_image *m, enum mut_kind kind, size_t at, size_t n) {
    if (n && m->count < MUT_ITEMS)
        m->items[m->count++] = (struct mut_item){.kind = kind, .at = at, .n = n};
    return at + n;
}

/* One record; false if there is none. */
static bool add_record(struct mut_image *m, enum mut_kind kind, size_t *at) {
    size_t left = m->n - *at, length, whole;

    if (left < RECORD || m->count >= MUT_ITEMS)
        return false;
    length = mut_get32(m->p + *at + 4);
    whole = RECORD + ((length + 7) & ~(size_t)7);
    if (whole > left)
        return false;
    m->items[m->count++] =
        (struct mut_item){.kind = kind, .type = mut_get32(m->p + *at), .at = *at, .n = whole, .body_len = length};
    *at += whole;
    return true;
}

static size_t headers(struct mut_image *m, bool *libxl) {
    size_t at = add(m, MUT_HEADER, 0, m->n < MUT_SWITCHES ? m->n : MUT_SWITCHES), n;

    if (m->n - at >= 48 && !memcmp(m->p + at, "Xen saved domain", 16)) {
        n = mut_get32(m->p + at + 44);
        if (n > m->n - at - 48)
            return at;
        at = add(m, MUT_HEADER, at, 48 + n);
    }
    *libxl = m->n - at >= 16 && !memcmp(m->p + at, "LibxlFmt", 8);
    return *libxl ? add(m, MUT_HEADER, at, 16) : at;
}

/* The records of a libxc stream, up to the one that gives the turn back to libxl. */
static bool libxc_records(struct mut_image *m, size_t *at, bool in_libxl) {
    while (add_record(m, MUT_LIBXC, at)) {
        uint32_t type = m->items[m->count - 1].type;

        if (in_libxl && (type == LIBXC_END || type == LIBXC_CHECKPOINT))
            return true;
    }
    return false;
}

void mut_parse(struct mut_image *m) {
    bool in_libxl = false, begun = false;
    size_t at;

    m->count = 0;
    at = headers(m, &in_libxl);
    if (!in_libxl && m->n - at >= 40) {
        at = add(m, MUT_HEADER, at, 40);
        (void)libxc_records(m, &at, false);
    }
    while (in_libxl && add_record(m, MUT_LIBXL, &at)) {
        uint32_t type = m->items[m->count - 1].type;

        if (type == LIBXL_CONTEXT && m->n - at >= 40) {
            at = add(m, MUT_HEADER, at, 40);
            begun = libxc_records(m, &at, true);
        } else if (begun && type == LIBXL_CHECKPOINT_END) {
            begun = libxc_records(m, &at, true);
        }
    }
    (void)add(m, MUT_REST, at, m->n - at);
}

bool mut_splice(struct mut_image *m, size_t at, size_t gone, const uint8_t *with, size_t n) {
    if (at > m->n || gone > m->n - at || n > m->max - (m->n - gone))
        return false;
    memmove(m->p + at + n, m->p + at + gone, m->n - at - gone);
    if (with)
        memcpy(m->p + at, with, n);
    else
        memset(m->p + at, 0, n);
    m->n = m->n - gone + n;
    return true;
}

bool mut_splice_body(struct mut_image *m, size_t item, size_t at, size_t gone, const uint8_t *with, size_t n) {
    struct mut_item r = m->items[item];
    size_t length = r.body_len - gone + n, end = r.at + RECORD + length;

    if (at > r.body_len || gone > r.body_len - at || length > UINT32_MAX)
        return false;
    if (!mut_splice(m, r.at + RECORD + at, gone, with, n))
        return false;
    if (m->fix) {
        mut_put32(m->p + r.at + 4, (uint32_t)length);
        (void)mut_splice(m, end, (r.n - RECORD) - r.body_len, NULL, -length & 7);
    }
    mut_parse(m);
    return true;
}

size_t mut_pick(const struct mut_image *m, uint32_t type) {
    size_t found = m->count, seen = 0;

    for (size_t i = 0; i < m->count; i++) {
        const struct mut_item *r = &m->items[i];

        if (type == UINT32_MAX ? r->kind != MUT_LIBXL && r->kind != MUT_LIBXC : r->kind != MUT_LIBXC || r->type != type)
            continue;
        if (mut_below(++seen) == 0)
            found = i;
    }
    return found;
}
