/* SPDX-License-Identifier: MIT */
#include "draft_b_rules.h"

#include <xenvet/policy.h>

#include "draft_b_body.h"
#include "page_data.h"

#define PAGES_MAX (8u + 8u * XV_MAX_PAGE_COUNT + 4096u * XV_MAX_PAGE_COUNT)
#define P2M_MAX   ((128u << 20) - 8) /* the largest multiple of the entry behind the range within 128 MiB */

#define BIT(name) XV_DRAFT_BIT(XV_DREC_##name)

/* clang-format off */
static const struct xv_draft_b_rule rules[XV_DREC_TYPES] = {
    /*                        name            after                                  min  max        step first body */
    [XV_DREC_END] =          {"END",          BIT(VCPU_CONTEXT),                     0,   0,         1,   0,    NULL},
    [XV_DREC_PAGE_DATA] =    {"PAGE_DATA",    BIT(P2M) | BIT(PAGE_DATA),             16,  PAGES_MAX, 8,   16,   xv_page_data_body},
    [XV_DREC_VCPU_INFO] =    {"VCPU_INFO",    BIT(PAGE_DATA),                        8,   8,         1,   8,    xv_draft_b_vcpu_info_body},
    [XV_DREC_VCPU_CONTEXT] = {"VCPU_CONTEXT", BIT(VCPU_INFO) | BIT(VCPU_CONTEXT),    8,   8 + 5168,  1,   8,    xv_draft_b_vcpu_context_body},
    [XV_DREC_PV_INFO] =      {"X86_PV_INFO",  XV_DRAFT_START,                        8,   8,         1,   8,    xv_draft_b_pv_info_body},
    [XV_DREC_P2M] =          {"P2M",          BIT(PV_INFO) | BIT(P2M),               24,  P2M_MAX,   8,   16,   xv_draft_b_p2m_body},
};
/* clang-format on */

const struct xv_draft_b_rule *xv_draft_b_rule(uint32_t type) {
    return type < XV_DREC_TYPES ? &rules[type] : NULL;
}

static const char *place(uint32_t type) {
    static const char *const texts[XV_DREC_TYPES] = {
        [XV_DREC_END] = "last, after VCPU_CONTEXT",
        [XV_DREC_PAGE_DATA] = "after P2M or PAGE_DATA",
        [XV_DREC_VCPU_INFO] = "after PAGE_DATA",
        [XV_DREC_VCPU_CONTEXT] = "after VCPU_INFO or VCPU_CONTEXT",
        [XV_DREC_PV_INFO] = "first",
        [XV_DREC_P2M] = "after X86_PV_INFO or P2M",
    };

    return type < XV_DREC_TYPES ? texts[type] : "";
}

bool xv_draft_b_rule_at(uint32_t type, struct xv_record_rule *out) {
    const struct xv_draft_b_rule *rule = xv_draft_b_rule(type);

    if (!rule)
        return false;
    *out = (struct xv_record_rule){
        .layer = "draft-b",
        .name = rule->name,
        .type = type,
        .guests = "PV",
        .versions = "1",
        .states = place(type),
        .often = rule->after & XV_DRAFT_BIT(type) ? "many times" : "once",
        .min = rule->min,
        .max = rule->max,
        .step = rule->step,
        .needs = 0,
    };
    return true;
}
