/* SPDX-License-Identifier: MIT */
#ifndef XENVET_DRAFT_B_RULES_H
#define XENVET_DRAFT_B_RULES_H

/* The table of draft B's records: what each may follow, how long it is (draft-b 4, 5). */
#include <stdint.h>

#include <xenvet/rules.h>

#include "record.h"

/* Other numbers than those of versions 2 and 3. */
enum xv_draft_b_type {
    XV_DREC_END,
    XV_DREC_PAGE_DATA,
    XV_DREC_VCPU_INFO,
    XV_DREC_VCPU_CONTEXT,
    XV_DREC_PV_INFO,
    XV_DREC_P2M,
    XV_DREC_TYPES,
};

#define XV_DRAFT_BIT(type) ((uint32_t)1 << (type))
#define XV_DRAFT_START     XV_DRAFT_BIT(31)

struct xv_draft_b_rule {
    char name[XV_TEXT];
    uint32_t after;          /* bits of the types that it may follow directly, or XV_DRAFT_START */
    uint32_t min, max, step; /* body length: min + k * step, at most max */
    uint32_t first;          /* octets of the first piece of the body */
    xv_body *body;           /* NULL: the body is empty */
};

/* The rule of a type, NULL if it is unknown. */
const struct xv_draft_b_rule *xv_draft_b_rule(uint32_t type);

/* Row `type` of the table, for documentation; false past the end. */
bool xv_draft_b_rule_at(uint32_t type, struct xv_record_rule *out);

#endif
