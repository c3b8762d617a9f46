/* SPDX-License-Identifier: MIT */
#ifndef XENVET_PV_INFO_H
#define XENVET_PV_INFO_H

/* The X86_PV_INFO record (libxc 4.2). */
#include "record.h"

/* Guest width and page-table levels, from wherever a format has them. */
bool xv_pv_info_take(struct xv_parser *p, uint8_t width, uint8_t levels, uint64_t at);

xv_body xv_pv_info_body; /* first piece: the whole record, 8 octets */

#endif
