/* SPDX-License-Identifier: MIT */
#ifndef XENVET_XENOPSD_H
#define XENVET_XENOPSD_H

/* The suspend image of xenopsd, the toolstack below XAPI: records around a libxc stream (xenopsd 1, 2). */
#include <stdbool.h>
#include <stdint.h>

#include <xenvet/rules.h>

#include "record.h"
#include "xenops.h"

struct xv_parser;

/* Where an image stands; bits, so that a rule can name several (xenopsd 2). */
enum xv_xenopsd_state {
    XV_X_START = 1 << 0,    /* Xenops must come */
    XV_X_METADATA = 1 << 1, /* Libxc must come */
    XV_X_DEVICES = 1 << 2,  /* after the libxc END: state of devices, and the end */
};

struct xv_xenopsd {
    bool present; /* the libxc stream is inside such an image */
    bool legacy;  /* the older kind, without records: a legacy stream is */
    enum xv_xenopsd_state state;
    uint32_t seen; /* bit n: a record of row n came */
    struct xv_xenops xenops;
};

bool xv_xenopsd_signature(struct xv_parser *p, struct xv_cursor *c);
bool xv_xenopsd_record(struct xv_parser *p, struct xv_cursor *c);
/* The body function of a record type, NULL if it has none. */
xv_body *xv_xenopsd_body(uint32_t type);

/* The record is complete; there is no padding. */
bool xv_xenopsd_record_done(struct xv_parser *p);

/* The libxc stream has ended. */
void xv_xenopsd_resume(struct xv_parser *p);

#define XV_XENOPSD_TYPES 11u

/* Row i of the table of records, for documentation; false past the end. */
bool xv_xenopsd_rule_at(uint32_t i, struct xv_record_rule *out);

#endif
