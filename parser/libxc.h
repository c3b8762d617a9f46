/* SPDX-License-Identifier: MIT */
#ifndef XENVET_LIBXC_H
#define XENVET_LIBXC_H

/* The libxc stream, versions 2 and 3: headers, record framing, order (libxc 1-5). */
#include <stdbool.h>
#include <stdint.h>

#include "record.h"

struct xv_parser;

/* Where a libxc stream stands; bits, so that a rule can name several (libxc 5.3). */
enum xv_libxc_state {
    XV_S_STATIC = 1 << 0, /* before the end of static data */
    XV_S_MEMORY = 1 << 1, /* guest memory */
    XV_S_VERIFY = 1 << 2, /* the VERIFY pass */
    XV_S_TAIL = 1 << 3,   /* after the first record of vCPU, HVM or shared-info state */
    XV_S_AGAIN = 1 << 5,  /* guest memory of a later checkpoint: what is fixed by then may not come again (libxc 7) */
    XV_S_STATIC_V2 = 1 << 4, /* in rules only: before the end of static data too, which it ends, if the version is 2 */
};

struct xv_libxc {
    uint32_t version; /* 2 or 3 */
    bool hvm;         /* domain type 2 */
    enum xv_libxc_state state;
    uint32_t seen;               /* bit n: a record of type n came, static ones ever, others in this checkpoint */
    uint64_t checkpoint_records; /* records and octets since the last checkpoint, from the second one on */
    uint64_t checkpoint_start;
};

bool xv_libxc_header(struct xv_parser *p, struct xv_cursor *c);
bool xv_libxc_domain_header(struct xv_parser *p, struct xv_cursor *c);
bool xv_libxc_record(struct xv_parser *p, struct xv_cursor *c);

/* The body function of a record type, NULL if it has none. */
xv_body *xv_libxc_body(uint32_t type);

/* The record is complete, its padding was zero. */
bool xv_libxc_record_done(struct xv_parser *p);

/* The next checkpoint begins: what may appear once in each may appear again. */
void xv_libxc_next_checkpoint(struct xv_parser *p);

#endif
