/* SPDX-License-Identifier: MIT */
#ifndef XENVET_START_INFO_H
#define XENVET_START_INFO_H

/*
 * start_info names the xenstore and console rings (libxc 8.1, 8.2), but which page it is only vCPU 0 says, long after the page
 * went by. So the first 80 octets of each ordinary page are looked at, and what might be a start_info is remembered in a table of
 * 4096 slots at the end of the arena, slot = pfn modulo 4096, 16 octets each. A page is remembered if it begins with "xen-", as
 * each start_info does, or if both its ring fields hold distinct pfns of the guest. When two such pages want one slot, one with
 * the magic stays before one without, else the later one stays. A page that is sent again is judged anew.
 *
 * The bound: a start_info is missed, and the stream refused, only if another page, sent later, whose pfn differs by a multiple of
 * 4096, also begins with "xen-". A missed one is never accepted.
 */
#include <stdbool.h>
#include <stdint.h>

#include "cursor.h"

struct xv_parser;

#define XV_START_INFO_HEAD  80u /* octets of a page that are looked at */
#define XV_START_INFO_SLOTS 4096u
#define XV_START_INFO_TABLE (16u * XV_START_INFO_SLOTS) /* octets of the arena */

/* Looks at the first octets of an ordinary page. */
void xv_start_info_look(struct xv_parser *p, struct xv_cursor *c, uint64_t pfn);

/* At the end: vCPU 0's start_info and its rings are ordinary populated pages, all different, none of the p2m. */
bool xv_start_info_complete(struct xv_parser *p, uint64_t at);

#endif
