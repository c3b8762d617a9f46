/* SPDX-License-Identifier: MIT */
/* Changes of whole records and of single fields. */
#include <string.h>

#include "mutator.h"

#define RECORD 8u
#define TYPES  0x14u /* one more than there are */
#define PIECE  ((size_t)1 << 18)

static uint8_t held[PIECE];

static bool drop(struct mut_image *m, size_t i) {
    return mut_splice(m, m->items[i].at, m->items[i].n, NULL, 0);
}

/* Puts a copy of record i before record j. */
static bool copy_to(struct mut_image *m, size_t i, size_t j) {
    struct mut_item r = m->items[i];

    if (r.n > sizeof(held))
        return false;
    memcpy(held, m->p + r.at, r.n);
    return mut_splice(m, m->items[j].at, 0, held, r.n);
}

static bool move_to(struct mut_image *m, size_t i, size_t j) {
    struct mut_item r = m->items[i], to = m->items[j];

    if (i == j || !copy_to(m, i, j))
        return false;
    return mut_splice(m, r.at + (to.at <= r.at ? r.n : 0), r.n, NULL, 0);
}

static bool insert_new(struct mut_image *m, size_t i) {
    uint8_t record[RECORD + 64] = {0};
    size_t n = 8 * mut_below(9);

    mut_put32(record, (uint32_t)mut_below(TYPES));
    mut_put32(record + 4, (uint32_t)n);
    for (size_t k = 0; k < n; k += 8)
        mut_put64(record + RECORD + k, mut_below(2) ? 0 : mut_number());
    return mut_splice(m, m->items[i].at, 0, record, RECORD + n);
}

static bool retag(struct mut_image *m, size_t i) {
    uint32_t type = (uint32_t)mut_below(TYPES);

    if (mut_below(8) == 0)
        type |= 0x80000000u;
    mut_put32(m->p + m->items[i].at, type);
    return true;
}

static bool resize(struct mut_image *m, size_t i) {
    static const size_t steps[] = {1, 4, 8, 16, 24, 64, 4096};
    size_t n = steps[mut_below(sizeof(steps) / sizeof(steps[0]))], length = m->items[i].body_len;

    if (mut_below(2))
        return mut_splice_body(m, i, mut_below(2) ? length : mut_below(length + 1), 0, NULL, n);
    n = n < length ? n : length;
    return mut_splice_body(m, i, mut_below(2) ? length - n : mut_below(length - n + 1), n, NULL, 0);
}

/* A length that is not that of the body. */
static bool lie(struct mut_image *m, size_t i) {
    uint32_t length = (uint32_t)m->items[i].body_len;

    mut_put32(m->p + m->items[i].at + 4, mut_below(2) ? (uint32_t)mut_number() : length + (uint32_t)mut_below(17) - 8);
    return true;
}

bool mut_change_record(struct mut_image *m) {
    size_t i = mut_pick(m, UINT32_MAX), j = mut_pick(m, UINT32_MAX);
    bool done;

    if (i == m->count)
        return false;
    switch (mut_below(m->fix ? 7 : 8)) {
    case 0:
        done = drop(m, i);
        break;
    case 1:
        done = copy_to(m, i, j);
        break;
    case 2:
        done = copy_to(m, i, i); /* twice in a row */
        break;
    case 3:
        done = move_to(m, i, j);
        break;
    case 4:
        done = retag(m, i);
        break;
    case 5:
        return resize(m, i);
    case 6:
        done = insert_new(m, i);
        break;
    default:
        done = lie(m, i);
        break;
    }
    mut_parse(m);
    return done;
}

/* Where fields are likely: near the beginning of an item more often than deep inside. */
static size_t somewhere(size_t n, size_t width) {
    size_t most = n - width, at = mut_below(mut_below(2) ? most + 1 : (most < 128 ? most + 1 : 129));

    return mut_below(4) ? at - at % width : at;
}

bool mut_change_field(struct mut_image *m) {
    size_t width = (size_t)1 << mut_below(4), i = mut_below(m->count), at;
    uint8_t value[8];
    struct mut_item *r = &m->items[i];
    size_t head = r->kind == MUT_LIBXL || r->kind == MUT_LIBXC ? RECORD : 0;

    if (i >= m->count || r->n < head + width)
        return false;
    at = r->at + head + somewhere(r->n - head, width);
    switch (mut_below(4)) {
    case 0:
        m->p[at] ^= (uint8_t)(1u << mut_below(8));
        break;
    case 1:
        m->p[at] = (uint8_t)(m->p[at] + mut_below(35) - 17);
        break;
    default:
        mut_put64(value, mut_number());
        memcpy(m->p + at, value, width);
        break;
    }
    mut_parse(m);
    return true;
}

bool mut_cross(struct mut_image *m, const struct mut_image *other) {
    size_t from = mut_pick(other, UINT32_MAX), to = mut_pick(m, UINT32_MAX);
    const struct mut_item *r = &other->items[from];
    bool done;

    if (from == other->count || to == m->count)
        return false;
    if (mut_below(2)) { /* in place of one of its kind */
        size_t same = mut_pick(m, r->type);

        if (same < m->count && r->kind == MUT_LIBXC)
            to = same;
        done = mut_splice(m, m->items[to].at, m->items[to].n, other->p + r->at, r->n);
    } else {
        done = mut_splice(m, m->items[to].at, 0, other->p + r->at, r->n);
    }
    mut_parse(m);
    return done;
}
