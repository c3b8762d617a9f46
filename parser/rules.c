/* SPDX-License-Identifier: MIT */
#include <xenvet/rules.h>

#include "draft_b_rules.h"
#include "legacy_rules.h"
#include "libxc_rules.h"
#include "libxl.h"
#include "xenopsd.h"
#include "xenstore.h"

static const char *guests_text(uint32_t guests) {
    static const char *const texts[] = {"", "PV", "HVM", "PV HVM"};

    return texts[guests & 3u];
}

static const char *versions_text(uint32_t versions) {
    static const char *const texts[] = {"", "2", "3", "2 3"};

    return texts[versions >> 2 & 3u];
}

static const char *libxc_states_text(uint32_t states) {
    static const struct {
        uint32_t states;
        const char *text;
    } texts[] = {
        {XV_S_STATIC, "static data"},
        {XV_S_MEMORY, "guest memory of the first pass"},
        {XV_S_STATIC_V2 | XV_S_MEMORY, "guest memory of the first pass; ends static data in version 2"},
        {XV_S_STATIC_V2 | XV_S_MEMORY | XV_S_VERIFY | XV_S_AGAIN, "guest memory; ends static data in version 2"},
        {XV_S_MEMORY | XV_S_VERIFY | XV_S_AGAIN | XV_S_TAIL, "guest memory, which most of these end, and after it"},
        {XV_S_STATIC | XV_S_MEMORY | XV_S_VERIFY | XV_S_AGAIN | XV_S_TAIL, "anywhere"},
        {0, "nowhere"},
    };

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        if (texts[i].states == states)
            return texts[i].text;
    }
    return "?";
}

static const char *often_text(enum xv_multiplicity often) {
    switch (often) {
    case XV_ONCE:
        return "once";
    case XV_ONCE_EACH:
        return "once in each checkpoint";
    case XV_MANY:
    default:
        return "many times";
    }
}

static bool libxc_rule_at(uint32_t type, struct xv_record_rule *out) {
    const struct xv_libxc_rule *rule = xv_libxc_rule(type);

    if (!rule)
        return false;
    *out = (struct xv_record_rule){
        .layer = "libxc",
        .name = rule->name,
        .type = type,
        .guests = guests_text(rule->guests),
        .versions = versions_text(rule->versions),
        .states = libxc_states_text(rule->states),
        .often = often_text(rule->often),
        .min = rule->min,
        .max = rule->max,
        .step = rule->step,
        .needs = rule->needs_pv | rule->needs_hvm,
    };
    return true;
}

bool xv_record_rule_at(size_t i, struct xv_record_rule *out) {
    static const struct {
        uint32_t first, types;
        bool (*rule_at)(uint32_t type, struct xv_record_rule *out);
    } tables[] = {
        {0, XV_LIBXL_TYPES, xv_libxl_rule_at},
        {0, XV_LIBXC_TYPES, libxc_rule_at},
        {0, XV_XENOPSD_TYPES, xv_xenopsd_rule_at},
        {0, XV_DREC_TYPES, xv_draft_b_rule_at},
        {0, XV_LEGACY_CHUNKS, xv_legacy_rule_at},
        {0, XV_XENSTORE_TYPES, xv_xenstore_rule_at},
        {1, XV_XENSTORE_2020_KINDS - 1, xv_xenstore_2020_rule_at},
    };

    for (size_t t = 0; t < sizeof(tables) / sizeof(tables[0]); t++) {
        if (i < tables[t].types)
            return tables[t].rule_at(tables[t].first + (uint32_t)i, out);
        i -= tables[t].types;
    }
    return false;
}
