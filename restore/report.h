/* SPDX-License-Identifier: MIT */
#ifndef XENVET_REPORT_H
#define XENVET_REPORT_H

/* The reports of `check`: made from the outcome and the notes alone. */
#include <jansson.h>
#include <stdio.h>

#include <xenvet/policy.h>

#include "notes.h"
#include "outcome.h"

#define XV_CHECK_SCHEMA "xenvet.check/1"

/* The verdict as sentences. Nothing for a run that ended in an error: see xv_report_error(). */
void xv_report_text(FILE *out, const char *input, const struct xv_outcome *outcome, const struct xv_notes *notes,
                    const struct xv_policy *policy);

/* The one sentence about a run without a verdict. */
void xv_report_error(FILE *out, const char *input, const struct xv_outcome *outcome);

/* The whole document; a new reference, or NULL without memory. */
json_t *xv_report_json(const char *input, const struct xv_outcome *outcome, const struct xv_notes *notes,
                       const struct xv_policy *policy);

/* Parts of it, for `inspect`: adds the members that say what the run came to, and makes the "stream" member. */
void xv_json_outcome(json_t *root, const char *input, const struct xv_outcome *outcome, const struct xv_policy *policy);
json_t *xv_json_summary(const struct xv_summary *summary);

/* A value of the stream, as "0x18". */
json_t *xv_json_hex(uint64_t value);
/* A count, an offset or a size: always below 2^53. */
json_t *xv_json_count(uint64_t value);

#endif
