/* SPDX-License-Identifier: MIT */
#ifndef XENVET_PAGE_TABLE_H
#define XENVET_PAGE_TABLE_H

/* The contents of PV page-table pages (libxc 8.7, blobs 3). */
#include <stdbool.h>
#include <stdint.h>

#include "cursor.h"

struct xv_parser;

/* Checks the 512 entries of one page-table page of level 1..4 and marks the pages that they point to. */
bool xv_page_table(struct xv_parser *p, struct xv_cursor *c, uint32_t level);

#endif
