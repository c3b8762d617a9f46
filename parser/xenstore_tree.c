/* SPDX-License-Identifier: MIT */
#include "xenstore_tree.h"

#include "state.h"

#define MARK 0x80u
#define LAST (XV_TREE_SYMBOLS - 1) /* the symbol that begins an octet of 127 or more */

enum link { NEXT, LESS, MORE };

static uint64_t place(uint32_t cell, enum link link) {
    return (uint64_t)XV_TREE_CELL * cell + 1 + 3 * (uint64_t)link;
}

static uint8_t symbol_of(const struct xv_parser *p, uint32_t cell) {
    return xv_byte_get(p->arena.bytes, p->arena.size, (uint64_t)XV_TREE_CELL * cell);
}

static void set_symbol(struct xv_parser *p, uint32_t cell, uint8_t symbol) {
    xv_byte_put(p->arena.bytes, p->arena.size, (uint64_t)XV_TREE_CELL * cell, symbol);
}

/* The link of cell 0 is the root's. */
static uint32_t get_link(const struct xv_parser *p, uint32_t cell, enum link link) {
    uint32_t value = 0;

    if (cell == 0)
        return p->xenstore.tree.root;
    for (unsigned i = 3; i > 0; i--)
        value = value << 8 | xv_byte_get(p->arena.bytes, p->arena.size, place(cell, link) + i - 1);
    return value;
}

static void set_link(struct xv_parser *p, uint32_t cell, enum link link, uint32_t value) {
    if (cell == 0)
        p->xenstore.tree.root = value;
    for (unsigned i = 0; cell != 0 && i < 3; i++)
        xv_byte_put(p->arena.bytes, p->arena.size, place(cell, link) + i, (uint8_t)(value >> 8 * i & 0xffu));
}

static bool add_cell(struct xv_parser *p, uint32_t from, enum link link, uint8_t symbol, uint64_t at) {
    struct xv_tree *t = &p->xenstore.tree;

    if (t->cells >= p->policy.max_xenstore_names || t->cells >= XV_MAX_XENSTORE_NAMES)
        return xv_reject_range(p, XV_XENSTORE_LIMIT_NAMES, at, (uint64_t)t->cells + 1, 0, p->policy.max_xenstore_names);
    t->at = ++t->cells;
    set_symbol(p, t->at, symbol);
    set_link(p, from, link, t->at);
    return true;
}

/* One symbol on; siblings are a binary tree of distinct symbols, so it is at most that deep. */
static bool step(struct xv_parser *p, uint8_t symbol, uint64_t at) {
    struct xv_tree *t = &p->xenstore.tree;
    uint32_t from = t->at;
    enum link link = NEXT;

    for (unsigned i = 0; i <= XV_TREE_SYMBOLS; i++) {
        uint32_t cell = get_link(p, from, link);
        uint8_t there;

        if (cell == 0)
            return add_cell(p, from, link, symbol, at);
        there = symbol_of(p, cell) & (uint8_t)(MARK - 1);
        if (there == symbol) {
            t->at = cell;
            return true;
        }
        from = cell;
        link = symbol < there ? LESS : MORE;
    }
    return xv_reject(p, XV_MISUSE, at); /* the arena was meddled with */
}

bool xv_tree_begin(struct xv_parser *p, enum xv_tree_kind kind, uint64_t at) {
    p->xenstore.tree.at = 0;
    return step(p, (uint8_t)kind, at);
}

bool xv_tree_octet(struct xv_parser *p, uint8_t octet, uint64_t at) {
    if (octet < LAST)
        return step(p, octet, at);
    return step(p, LAST, at) && step(p, octet >> 4, at) && step(p, octet & 15u, at);
}

bool xv_tree_number(struct xv_parser *p, uint32_t number, uint64_t at) {
    for (unsigned i = 0; i < 8; i++) {
        if (!step(p, number >> (28 - 4 * i) & 15u, at))
            return false;
    }
    return true;
}

bool xv_tree_marked(const struct xv_parser *p) {
    return symbol_of(p, p->xenstore.tree.at) & MARK;
}

void xv_tree_mark(struct xv_parser *p) {
    set_symbol(p, p->xenstore.tree.at, symbol_of(p, p->xenstore.tree.at) | MARK);
}
