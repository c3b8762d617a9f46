/* SPDX-License-Identifier: MIT */
#ifndef XENVET_LIBXL_H
#define XENVET_LIBXL_H

/* The libxl stream, version 2 (libxl 1-5). */
#include <stdbool.h>
#include <stdint.h>

#include <xenvet/rules.h>

#include "emulator.h"
#include "record.h"

struct xv_parser;

/* Where a libxl stream stands (libxl 3-5). */
enum xv_libxl_state {
    XV_L_START = 1 << 0,      /* nothing yet: LIBXC_CONTEXT must come */
    XV_L_EMULATOR = 1 << 1,   /* after the libxc END */
    XV_L_CHECKPOINT = 1 << 2, /* after a libxc CHECKPOINT, until CHECKPOINT_END */
    XV_L_FINISH = 1 << 3,     /* after the libxc END of a checkpointed stream: only END */
    XV_L_RUNNING = 1 << 4,    /* libxc records are being read */
    XV_L_STATE = 1 << 5,      /* libxc records may go on, or a COLO CHECKPOINT_STATE may come */
};

struct xv_libxl {
    bool present; /* the libxc stream is inside a libxl one */
    bool legacy;  /* the LEGACY option bit */
    enum xv_libxl_state state;
    uint32_t seen; /* bit n: record of type n came, in this checkpoint */
    struct xv_emulator emulator;
};

bool xv_libxl_header(struct xv_parser *p, struct xv_cursor *c);
bool xv_libxl_record(struct xv_parser *p, struct xv_cursor *c);
/* The body function of a record type, NULL if it has none. */
xv_body *xv_libxl_body(uint32_t type);

/* The record is complete, its padding was zero. */
bool xv_libxl_record_done(struct xv_parser *p);

/* The libxc stream hands over: at its END, or at one of its CHECKPOINTs. */
void xv_libxl_resume(struct xv_parser *p, enum xv_libxl_state state);

#define XV_LIBXL_TYPES 6u

/* Row `type` of the table of records, for documentation; false past the end. */
bool xv_libxl_rule_at(uint32_t type, struct xv_record_rule *out);

/* CHECKPOINT_STATE: four octets. */
xv_body xv_checkpoint_state_body;

/* In place of a libxc record after CHECKPOINT_END: a COLO CHECKPOINT_STATE. */
bool xv_libxl_checkpoint_state(struct xv_parser *p, uint32_t length, uint64_t at);

#endif
