/* SPDX-License-Identifier: MIT */
#ifndef XENVET_XENSTORE_2020_H
#define XENVET_XENSTORE_2020_H

/*
 * The proposal of April 2020: DOMAIN_XENSTORE_DATA records in a libxl stream of their own (xenstore-2020 7). What it
 * left open is decided in docs/formats/xenstore-2020.md.
 */
#include <stdbool.h>
#include <stdint.h>

#include <xenvet/rules.h>

#include "record.h"

struct xv_xenstore_2020 {
    uint32_t kind;  /* of the record being read */
    uint32_t domid; /* of the last DOMAIN_START */
    bool domains;   /* a DOMAIN_START came */
    bool ring;      /* GUEST_RING_DATA came for this domain */
    uint32_t pad;   /* octets of padding behind the string being read */
};

#define XV_XENSTORE_2020_KINDS 7u

/* A record header of a libxl stream that has none but these; the first one makes it such a stream. */
bool xv_xenstore_2020_record(struct xv_parser *p, struct xv_cursor *c);
bool xv_xenstore_2020_first(struct xv_parser *p, uint32_t length, uint64_t at);
bool xv_xenstore_2020_record_done(struct xv_parser *p);
xv_body *xv_xenstore_2020_body(uint32_t type);

/* Row `kind` of the table of DOMAIN_XENSTORE_DATA, for documentation; false past the end. */
bool xv_xenstore_2020_rule_at(uint32_t kind, struct xv_record_rule *out);

#endif
