/* SPDX-License-Identifier: MIT */
#ifndef XENVET_PAGE_DATA_H
#define XENVET_PAGE_DATA_H

/* The PAGE_DATA record (libxc 4.1). */
#include <stdbool.h>
#include <stdint.h>

#include "record.h"

/* For formats whose entries look otherwise: begins a batch of so many entries, ... */
void xv_page_begin(struct xv_parser *p, uint32_t count);
/* ... takes one, made to look like one of PAGE_DATA, ... */
bool xv_page_take(struct xv_parser *p, uint64_t entry, uint64_t at);
/* ... and, when rec.left is what the contents have in octets and not 0, lets xv_page_data_body() read those. */
bool xv_page_contents(struct xv_parser *p);

xv_body xv_page_data_body; /* first piece: 8 octets, or with the first entry 16 */

#endif
