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

/* Parts of it, for a xenstore state: nothing, and null, for anything else. */
void xv_inspect_xenstore_text(FILE *out, const struct xv_inspection *inspection);
json_t *xv_inspect_xenstore_json(const struct xv_outcome *outcome, const struct xv_inspection *inspection);

/* A list with its offsets, and with the number of items that did not fit; `fill` adds the rest of an item. */
typedef void xv_put_item(json_t *object, const struct xv_item *item);
json_t *xv_inspect_list(const struct xv_list *list, xv_put_item *fill);

/* A new reference, or NULL without memory. */
json_t *xv_inspect_json(const char *input, const struct xv_outcome *outcome, const struct xv_inspection *inspection,
                        const struct xv_policy *policy);

#endif
