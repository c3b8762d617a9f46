/* SPDX-License-Identifier: MIT */
#ifndef XENVET_XENSTORE_H
#define XENVET_XENSTORE_H

/* The state stream of xenstored, versions 1 and 2: header, framing, order (xenstore 2-5). */
#include <stdbool.h>
#include <stdint.h>

#include <xenvet/rules.h>

#include "record.h"
#include "xenstore_2020.h"
#include "xenstore_path.h"
#include "xenstore_tree.h"

/* Domains below this are domains (DOMID_FIRST_RESERVED). */
#define XV_DOMID_FIRST_RESERVED 0x7ff0u
#define XV_DOMID_INVALID        0x7ff4u

/* The CONNECTION_DATA record being read. */
struct xv_xenstore_connection {
    uint32_t id;
    uint32_t type, fields;
    uint32_t in_left, response_left, out_left; /* buffered octets that were not read yet */
    uint32_t pad;                              /* octets between them and the unique id */
};

/* The WATCH_DATA or WATCH_DATA_EXTENDED record being read. */
struct xv_xenstore_watch {
    uint32_t connection;
    uint32_t path_length, total; /* of the path, and of path and token; NULs included */
    uint32_t at;                 /* octets of them that were read */
    uint64_t depth;
};

/* The NODE_DATA record being read. */
struct xv_xenstore_node {
    uint32_t connection, transaction; /* 0: a committed node */
    uint32_t path_length, value_length, permissions;
    uint32_t owner;
};

struct xv_xenstore {
    bool big_endian;
    bool one_domain; /* for migration: no GLOBAL_DATA, and nodes elsewhere may be parents */
    uint32_t seen;   /* bit n: a record of type n came */
    struct xv_tree tree;
    struct xv_xenstore_path path;
    struct xv_xenstore_connection connection;
    struct xv_xenstore_watch watch;
    struct xv_xenstore_node node;
    struct xv_xenstore_2020 proposal;
};

#define XV_XENSTORE_TYPES 9u

bool xv_xenstore_header(struct xv_parser *p, struct xv_cursor *c);
bool xv_xenstore_record(struct xv_parser *p, struct xv_cursor *c);
bool xv_xenstore_record_done(struct xv_parser *p);

/* The body function of a record type, NULL if it has none. */
xv_body *xv_xenstore_body(uint32_t type);

/* Row `type` of the table of records, for documentation; false past the end. */
bool xv_xenstore_rule_at(uint32_t type, struct xv_record_rule *out);

/* Fields in the byte order of the stream. */
uint16_t xv_xenstore_u16(const struct xv_parser *p, struct xv_cursor *c);
uint32_t xv_xenstore_u32(const struct xv_parser *p, struct xv_cursor *c);

/* The record is as long as its contents, rounded up to a multiple of 8. */
bool xv_xenstore_fits(struct xv_parser *p, uint64_t contents);

/* What is left of the record is padding, and zero. */
bool xv_xenstore_padding(struct xv_parser *p, const struct xv_cursor *c);

/* The connection that a record names came before. */
bool xv_xenstore_known_connection(struct xv_parser *p, uint32_t id, uint64_t at);

/* One more of what the policy limits. */
bool xv_xenstore_count(struct xv_parser *p, uint32_t *count, uint32_t limit, uint64_t at);

/* One permission; the first one is the owner's. */
bool xv_xenstore_permission(struct xv_parser *p, struct xv_cursor *c, bool owner);

/* A node, committed or in a transaction: its path begins, and is whole. */
bool xv_xenstore_node_begin(struct xv_parser *p, uint64_t at);
bool xv_xenstore_node_end(struct xv_parser *p, uint64_t at);

/* All of it is known but its value: counts that, and tells the observer. */
void xv_xenstore_node_tell(struct xv_parser *p);

/* A watch of xenstore.watch.connection: its path begins, its path ended and its token begins, it is whole. */
bool xv_xenstore_watch_begin(struct xv_parser *p, uint64_t at);
bool xv_xenstore_watch_path_end(struct xv_parser *p, uint64_t at);
bool xv_xenstore_watch_end(struct xv_parser *p, uint64_t at);

/* A transaction of a connection. */
bool xv_xenstore_transaction(struct xv_parser *p, uint32_t connection, uint32_t id, uint64_t at);

xv_body xv_xenstore_connection_body;
xv_body xv_xenstore_watch_body; /* both kinds of watches */
xv_body xv_xenstore_transaction_body;
xv_body xv_xenstore_node_body;
xv_body xv_xenstore_quota_body;
xv_body xv_xenstore_domain_body;

#endif
