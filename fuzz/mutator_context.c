/* SPDX-License-Identifier: MIT */
/* Changes inside HVM_CONTEXT: a list of entries, each with a type, an instance and a length of its own. */
#include <string.h>

#include "mutator.h"

#define RECORD  8u
#define CONTEXT 0x9u
#define ENTRIES 512u
#define LONGEST 4096u

struct entry {
    size_t at, n; /* in the body, with the descriptor */
};

static struct entry entries[ENTRIES];
static uint8_t held[LONGEST];

static size_t list(const struct mut_image *m, size_t item) {
    const uint8_t *p = m->p + m->items[item].at + RECORD;
    size_t length = m->items[item].body_len, at = 0, n = 0;

    while (n < ENTRIES && length - at >= 8) {
        size_t size = 8 + (size_t)mut_get32(p + at + 4);

        if (size > length - at)
            break;
        entries[n++] = (struct entry){at, size};
        at += size;
    }
    return n;
}

/* The length of an entry follows what is put in or taken out at its end. */
static bool resize(struct mut_image *m, size_t item, const struct entry *e) {
    uint8_t *length = m->p + m->items[item].at + RECORD + e->at + 4;
    size_t by = (size_t)1 << mut_below(6), have = e->n - 8;

    if (mut_below(2)) {
        if (m->fix)
            mut_put32(length, (uint32_t)(have + by));
        return mut_splice_body(m, item, e->at + e->n, 0, NULL, by);
    }
    by = by < have ? by : have;
    if (m->fix)
        mut_put32(length, (uint32_t)(have - by));
    return mut_splice_body(m, item, e->at + e->n - by, by, NULL, 0);
}

static void change_octets(uint8_t *p, size_t n) {
    uint8_t value[8];
    size_t width = (size_t)1 << mut_below(4), at;

    if (n < width)
        return;
    at = mut_below(n - width + 1);
    at -= mut_below(8) ? at % width : 0;
    mut_put64(value, mut_number());
    if (mut_below(2))
        p[at] ^= (uint8_t)(1u << mut_below(8));
    else
        memcpy(p + at, value, width);
}

bool mut_change_context(struct mut_image *m) {
    size_t item = mut_pick(m, CONTEXT), n = item < m->count ? list(m, item) : 0, i = mut_below(n);
    const struct entry *e = &entries[i], *to = &entries[mut_below(n)];
    uint8_t *p;

    if (!n || e->n > LONGEST)
        return false;
    p = m->p + m->items[item].at + RECORD + e->at;
    memcpy(held, p, e->n);
    switch (mut_below(8)) {
    case 0:
        return mut_splice_body(m, item, e->at, e->n, NULL, 0);
    case 1: /* once more, as the next instance */
        held[2] = (uint8_t)(held[2] + mut_below(2));
        return mut_splice_body(m, item, mut_below(2) ? e->at + e->n : to->at, 0, held, e->n);
    case 2:
        return resize(m, item, e);
    case 3: /* typecode or instance */
        p[2 * mut_below(2)] = (uint8_t)mut_below(24);
        return true;
    default:
        change_octets(p + 8, e->n - 8);
        return true;
    }
}
