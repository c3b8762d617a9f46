/* SPDX-License-Identifier: MIT */
#ifndef XENVET_INSPECT_REPORT_H
#define XENVET_INSPECT_REPORT_H

/* The reports of `inspect`: made from the outcome and the inspection alone. */
#include <jansson.h>
#include <stdio.h>

#include "inspection.h"
#include "outcome.h"

#define XV_INSPECT_SCHEMA "xenvet.inspect/1"

void xv_inspect_text(FILE *out, const struct xv_outcome *outcome, const struct xv_inspection *inspection);

/* A new reference, or NULL without memory. */
json_t *xv_inspect_json(const char *input, const struct xv_outcome *outcome, const struct xv_inspection *inspection,
                        const struct xv_policy *policy);

#endif
