/* SPDX-License-Identifier: MIT */
#ifndef XENVET_XL_H
#define XENVET_XL_H

/* The file header that xl puts before a libxl stream (xl 1). */
#include <stdbool.h>
#include <stdint.h>

#include "cursor.h"

struct xv_parser;

struct xv_xl {
    bool legacy; /* what follows is a legacy stream */
    bool text;   /* the configuration is an xl.cfg, not JSON */
    uint32_t optional_len;
    uint32_t config_left; /* octets of the configuration still to come */
};

bool xv_xl_header(struct xv_parser *p, struct xv_cursor *c);
bool xv_xl_config_len(struct xv_parser *p, struct xv_cursor *c);
bool xv_xl_config(struct xv_parser *p, struct xv_cursor *c);

#endif
