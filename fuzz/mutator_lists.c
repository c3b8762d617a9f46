/* SPDX-License-Identifier: MIT */
/* Changes inside records that hold lists: their elements, counts, pages and page-table entries. */
#include <string.h>

#include "mutator.h"

#define RECORD 8u
#define PAGE   ((size_t)4096)
#define COUNT  UINT32_MAX

/* Lists of elements of one size: head octets, then elements; whether the head begins with a count. */
static const struct list {
    uint32_t type;
    size_t head, unit;
    bool counted;
} lists[] = {{0x3, 8, 8, false}, {0xa, 8, 16, true}, {0xc, 8, 16, false}, {0x11, 0, 24, false}, {0x12, 0, 16, false}};

static void count_up(struct mut_image *m, size_t item, const struct list *l, uint32_t by) {
    uint8_t *count = m->p + m->items[item].at + RECORD;

    if (m->fix && l->counted && m->items[item].body_len >= 4)
        mut_put32(count, mut_get32(count) + by);
}

/* Swaps two pieces of equal size. */
static void exchange(uint8_t *a, uint8_t *b, size_t n) {
    for (size_t i = 0; i < n; i++) {
        uint8_t octet = a[i];

        a[i] = b[i];
        b[i] = octet;
    }
}

bool mut_change_list(struct mut_image *m) {
    const struct list *l = &lists[mut_below(sizeof(lists) / sizeof(lists[0]))];
    size_t i = mut_pick(m, l->type), n, k;
    uint8_t element[24], *first;

    if (i == m->count || m->items[i].body_len < l->head + l->unit)
        return false;
    n = (m->items[i].body_len - l->head) / l->unit;
    k = mut_below(n);
    first = m->p + m->items[i].at + RECORD + l->head;
    memcpy(element, first + k * l->unit, l->unit);
    switch (mut_below(4)) {
    case 0:
        count_up(m, i, l, COUNT);
        return mut_splice_body(m, i, l->head + k * l->unit, l->unit, NULL, 0);
    case 1:
        mut_put64(element, mut_below(3) ? (uint64_t)mut_get32(element) + 1 : mut_number());
        count_up(m, i, l, 1);
        return mut_splice_body(m, i, l->head + mut_below(n + 1) * l->unit, 0, element, l->unit);
    case 2:
        exchange(first + k * l->unit, first + mut_below(n) * l->unit, l->unit);
        return true;
    default:
        mut_put64(element, mut_number());
        memcpy(first + k * l->unit + 8 * mut_below(l->unit / 8), element, 8);
        return true;
    }
}

static bool has_contents(uint64_t entry) {
    return entry >> 60 < 13;
}

static uint64_t entry_at(const struct mut_image *m, size_t item, size_t k) {
    const uint8_t *p = m->p + m->items[item].at + RECORD + 8 + 8 * k;

    return mut_get32(p) | (uint64_t)mut_get32(p + 4) << 32;
}

/* Entries that the record has room for, by its count and its length. */
static size_t entries_of(const struct mut_image *m, size_t item) {
    size_t length = m->items[item].body_len, n = length < 8 ? 0 : mut_get32(m->p + m->items[item].at + RECORD);

    return n <= (length < 8 ? 0 : (length - 8) / 8) ? n : 0;
}

/* Offset in the body of the contents of entry k. */
static size_t contents_at(const struct mut_image *m, size_t item, size_t k) {
    size_t at = 8 + 8 * entries_of(m, item);

    for (size_t i = 0; i < k; i++)
        at += has_contents(entry_at(m, item, i)) ? PAGE : 0;
    return at;
}

/* Takes entry k out, or puts one in at k, with its contents; lengths and counts follow. */
static bool take_out(struct mut_image *m, size_t item, size_t k) {
    size_t at = contents_at(m, item, k), n = entries_of(m, item);

    if (has_contents(entry_at(m, item, k)) && !mut_splice_body(m, item, at, PAGE, NULL, 0))
        return false;
    if (m->fix)
        mut_put32(m->p + m->items[item].at + RECORD, (uint32_t)n - 1);
    return mut_splice_body(m, item, 8 + 8 * k, 8, NULL, 0);
}

static bool put_in(struct mut_image *m, size_t item, size_t k, uint64_t entry) {
    size_t at = contents_at(m, item, k), n = entries_of(m, item);
    uint8_t octets[8];

    mut_put64(octets, entry);
    if (has_contents(entry) && !mut_splice_body(m, item, at, 0, NULL, PAGE))
        return false;
    if (m->fix)
        mut_put32(m->p + m->items[item].at + RECORD, (uint32_t)n + 1);
    return mut_splice_body(m, item, 8 + 8 * k, 0, octets, 8);
}

static uint64_t new_entry(uint64_t near) {
    static const uint64_t types[] = {0, 0, 1, 2, 3, 4, 9, 12, 13, 14, 14, 15, 15, 5, 8};
    uint64_t pfn = mut_below(3) ? (near & 0xffffffffffffful) + mut_below(3) : mut_number() & 0xffffffffffffful;

    return pfn | types[mut_below(sizeof(types) / sizeof(types[0]))] << 60;
}

bool mut_change_pages(struct mut_image *m) {
    size_t item = mut_pick(m, 1), n = item < m->count ? entries_of(m, item) : 0, k = mut_below(n);
    uint64_t entry;

    if (!n || (m->fix && contents_at(m, item, n) != m->items[item].body_len))
        return false;
    entry = entry_at(m, item, k);
    switch (mut_below(4)) {
    case 0:
        return take_out(m, item, k);
    case 1:
        return put_in(m, item, k + 1, new_entry(entry));
    case 2: /* another type; contents come or go */
        return n < 1024 && take_out(m, item, k) && item < m->count &&
               put_in(m, item, k, (entry & 0xffffffffffffful) | (new_entry(0) & ~0xffffffffffffful));
    default:
        mut_put64(m->p + m->items[item].at + RECORD + 8 + 8 * k,
                  mut_below(2) ? new_entry(entry) : entry + mut_below(5) - 2);
        return true;
    }
}

bool mut_change_table(struct mut_image *m) {
    static const uint64_t flags[] = {0x67, 0x65, 0x63, 0x1, 0x0, 0xe7, 0x167, 1ull << 63 | 0x67};
    size_t item = mut_pick(m, 1), n = item < m->count ? entries_of(m, item) : 0, k = mut_below(n), at, slot;
    uint64_t value;

    for (size_t tries = 0; n && tries < n && (entry_at(m, item, k) >> 60 & 7) - 1 > 3; tries++)
        k = (k + 1) % n;
    if (!n || !has_contents(entry_at(m, item, k)))
        return false;
    at = contents_at(m, item, k);
    if (m->items[item].body_len < PAGE || at > m->items[item].body_len - PAGE)
        return false;
    slot = mut_below(2) ? mut_below(16) : mut_below(512);
    value = mut_below(4) ? mut_below(16) : mut_number() & 0xffffffffffull;
    mut_put64(m->p + m->items[item].at + RECORD + at + 8 * slot,
              value << 12 | flags[mut_below(sizeof(flags) / sizeof(flags[0]))]);
    return true;
}
