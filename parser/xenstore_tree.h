/* SPDX-License-Identifier: MIT */
#ifndef XENVET_XENSTORE_TREE_H
#define XENVET_XENSTORE_TREE_H

/*
 * What a xenstore state has named so far, in the arena: a ternary search tree over strings of symbols. It compares
 * octets, never hashes, so nothing collides; a step costs at most as many comparisons as there are symbols, whatever
 * the input. A walk adds the cells it misses: a string is in the tree if its last cell is marked.
 */
#include <stdbool.h>
#include <stdint.h>

struct xv_parser;

/* Octets of a cell: symbol and mark, then three links of 24 bits. */
#define XV_TREE_CELL    10u
#define XV_TREE_SYMBOLS 128u

/* What a string is about: its first symbol. */
enum xv_tree_kind {
    XV_TREE_NODE = 1,         /* a path */
    XV_TREE_CONNECTION,       /* an id */
    XV_TREE_DESCRIPTOR,       /* a number */
    XV_TREE_RING,             /* a domain */
    XV_TREE_DOMAIN,           /* a domain that a reader knows by then */
    XV_TREE_DOMAIN_DATA,      /* a domain */
    XV_TREE_WATCH,            /* connection, path, NUL, token */
    XV_TREE_TRANSACTION,      /* connection, id */
    XV_TREE_TRANSACTION_NODE, /* connection, transaction, path */
    XV_TREE_QUOTA,            /* domain, or XV_XENSTORE_ALL, and name */
};

struct xv_tree {
    uint32_t cells; /* in use */
    uint32_t root;  /* cell of the first symbol; 0: none */
    uint32_t at;    /* the cell that the walk has reached, 0 before its first step */
};

/* Each of these rejects and returns false when the policy's max_xenstore_names is used up. */
bool xv_tree_begin(struct xv_parser *p, enum xv_tree_kind kind, uint64_t at);
bool xv_tree_octet(struct xv_parser *p, uint8_t octet, uint64_t at);
bool xv_tree_number(struct xv_parser *p, uint32_t number, uint64_t at);

/* The string walked so far: whether it was marked before, and a mark for it. */
bool xv_tree_marked(const struct xv_parser *p);
void xv_tree_mark(struct xv_parser *p);

#endif
