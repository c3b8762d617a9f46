/* SPDX-License-Identifier: MIT */
#ifndef XENVET_LIBXL_H
#define XENVET_LIBXL_H

/* The libxl stream, version 2 (libxl 1-5). */
#include <stdbool.h>
#include <stdint.h>

#include "cursor.h"

struct xv_parser;

/* Where a libxl stream stands (libxl 3-5). */
enum xv_libxl_state {
    XV_L_START = 1 << 0,      /* nothing yet: LIBXC_CONTEXT must come */
    XV_L_EMULATOR = 1 << 1,   /* after the libxc END */
    XV_L_CHECKPOINT = 1 << 2, /* after a libxc CHECKPOINT, until CHECKPOINT_END */
};

struct xv_libxl {
    bool present;  /* the libxc stream is inside a libxl one */
    bool legacy;   /* the LEGACY option bit */
    enum xv_libxl_state state;
    uint32_t seen; /* bit n: record of type n came, in this checkpoint */
    uint32_t emulator_id;
    uint32_t keys; /* pairs of EMULATOR_XENSTORE_DATA so far */
};

bool xv_libxl_header(struct xv_parser *p, struct xv_cursor *c);
bool xv_libxl_record(struct xv_parser *p, struct xv_cursor *c);
bool xv_libxl_record_done(struct xv_parser *p);

#endif
