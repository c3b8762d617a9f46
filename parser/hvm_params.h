/* SPDX-License-Identifier: MIT */
#ifndef XENVET_HVM_PARAMS_H
#define XENVET_HVM_PARAMS_H

/* The HVM_PARAMS record (libxc 4.8, blobs 7). */
#include <stdbool.h>
#include <stdint.h>

#include "record.h"

#define XV_HVM_PARAMS 39u /* HVM_NR_PARAMS since 4.10 */

struct xv_hvm_params {
    uint64_t seen; /* bit n: parameter n was given in this checkpoint */
    uint64_t value[XV_HVM_PARAMS];
};

/* One parameter, of any format; the index stands at `at`, the value at `value_at`. */
bool xv_hvm_param(struct xv_parser *p, uint64_t index, uint64_t value, uint64_t at, uint64_t value_at);

xv_body xv_hvm_params_body; /* first piece: the whole record, which the framing has bounded */

/* At END or CHECKPOINT: the rings are named, the ioreq server pages are there. */
bool xv_hvm_params_complete(struct xv_parser *p, uint64_t at);
void xv_hvm_params_reset(struct xv_parser *p);

#endif
