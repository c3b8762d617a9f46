/* SPDX-License-Identifier: MIT */
#ifndef XENVET_START_INFO_H
#define XENVET_START_INFO_H

/*
 * start_info names the xenstore and console rings (libxc 8.1, 8.2), but which page it is only vCPU 0 says, long after
 * the page went by. So the first 80 octets of each ordinary page are looked at, and what might be a start_info is
 * remembered in a table of 4096 slots at the end of the arena, slot = pfn modulo 4096, 16 octets each. A page is
 * remembered if it begins with "xen-", as what the domain builder writes does, or if its two ring fields hold
 * distinct pfns of the guest, not 0. When two such pages want one slot, one with "xen-" stays before one without,
 * else the later one stays. A page that is sent again is judged anew.
 *
 * The bound: the rings are those of the last contents that were sent for start_info, or the stream is refused. It is
 * refused wrongly only if a page that was sent later, with a pfn that differs by a multiple of 4096 (16 MiB), also
 * begins with "xen-"; for a start_info without "xen-", which no builder makes, it is enough that two of the other
 * page's fields look like pfns.
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

/* At the end, after xv_p2m_complete(): start_info and its rings are ordinary pages, all different, none of the p2m. */
bool xv_start_info_complete(struct xv_parser *p);

#endif
