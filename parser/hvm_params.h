/* SPDX-License-Identifier: MIT */
#ifndef XENVET_HVM_PARAMS_H
#define XENVET_HVM_PARAMS_H

/* The HVM_PARAMS record (libxc 4.8, blobs 7). */
#include <stdint.h>

#include "record.h"

struct xv_hvm_params {
    uint64_t seen; /* bit n: parameter n was given in this checkpoint */
};

xv_body xv_hvm_params_body; /* first piece: the whole record, which the framing has bounded */

/* At END or CHECKPOINT: the rings are named. */
bool xv_hvm_params_complete(struct xv_parser *p, uint64_t at);
void xv_hvm_params_reset(struct xv_parser *p);

#endif
