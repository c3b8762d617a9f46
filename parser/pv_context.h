/* SPDX-License-Identifier: MIT */
#ifndef XENVET_PV_CONTEXT_H
#define XENVET_PV_CONTEXT_H

/* The vcpu_guest_context inside X86_PV_VCPU_BASIC (blobs 1): what libxenguest and Xen read of it. */
#include <stdbool.h>
#include <stdint.h>

#include "cursor.h"

struct xv_parser;

/* Octets of a context for a guest of this width (libxc 4.4). */
uint32_t xv_context_size(uint32_t width);

/* Checks a whole context; for vCPU 0 it keeps where start_info is. */
bool xv_context(struct xv_parser *p, struct xv_cursor *c, uint32_t vcpu);

#endif
