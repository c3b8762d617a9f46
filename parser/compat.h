/* SPDX-License-Identifier: MIT */
#ifndef XENVET_COMPAT_H
#define XENVET_COMPAT_H

/* Which release writes and reads what (compat 1): image version, libxl mark, saver's release and target release
 * together. */
#include <stdbool.h>
#include <stdint.h>

struct xv_parser;

/* After the domain header, whose xen_major is at offset `at`. */
bool xv_compat_image(struct xv_parser *p, uint64_t at);

/* A record header: the target's limit on record lengths (libxc 3). */
bool xv_compat_length(struct xv_parser *p, uint32_t length, uint64_t at);

#endif
