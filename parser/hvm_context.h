/* SPDX-License-Identifier: MIT */
#ifndef XENVET_HVM_CONTEXT_H
#define XENVET_HVM_CONTEXT_H

/* The HVM_CONTEXT record: a chain of descriptors (blobs 9). */
#include <stdbool.h>
#include <stdint.h>

#include "record.h"

struct xv_hvm_context {
    uint32_t vcpus; /* CPU entries */
    bool emulated;  /* the guest has emulated devices (a PIC entry), so a device model serves it */
};

xv_body xv_hvm_context_body; /* first piece: 8 octets */

/* Forgets everything: a new checkpoint brings a new context. */
void xv_hvm_context_reset(struct xv_parser *p);

#endif
