/* SPDX-License-Identifier: MIT */
#ifndef XENVET_DETECT_H
#define XENVET_DETECT_H

/* Which container the input is, by its first eight octets (xl 6). */
#include <stdbool.h>

#include "cursor.h"

struct xv_parser;

/* At the start of the input; inside an xl file, where a libxl stream must begin; inside a libxl stream, where a libxc
 * one must. */
bool xv_detect(struct xv_parser *p, struct xv_cursor *c);
bool xv_detect_libxl(struct xv_parser *p, struct xv_cursor *c);
bool xv_detect_libxc(struct xv_parser *p, struct xv_cursor *c);

#endif
