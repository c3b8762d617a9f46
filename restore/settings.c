/* SPDX-License-Identifier: MIT */
#include "settings.h"

#include <string.h>

#include <xenvet/parser.h>

#define IDLE_SECONDS 60 /* a sender that is silent for so long is gone */

#define POLICY(field) offsetof(struct xv_settings, policy.field)

static const struct xv_limit limits[] = {
    {"max_guest_pages", POLICY(max_guest_pages), true, false},
    {"max_vcpus", POLICY(max_vcpus), false, false},
    {"max_records", POLICY(max_records), true, false},
    {"max_stream_bytes", POLICY(max_stream_bytes), true, true},
    {"max_config_bytes", POLICY(max_config_bytes), false, true},
    {"max_emulator_bytes", POLICY(max_emulator_bytes), true, true},
    {"max_emulator_keys", POLICY(max_emulator_keys), false, false},
    {"max_rounds", POLICY(max_rounds), false, false},
    {"max_checkpoint_records", POLICY(max_checkpoint_records), false, false},
    {"max_checkpoint_bytes", POLICY(max_checkpoint_bytes), true, true},
    {"config_slack_pages", POLICY(config_slack_pages), false, false},
    {"timeout_seconds", offsetof(struct xv_settings, timeout_seconds), false, false},
    {"idle_seconds", offsetof(struct xv_settings, idle_seconds), false, false},
    {"max_xenstore_nodes", POLICY(max_xenstore_nodes), false, false},
    {"max_xenstore_names", POLICY(max_xenstore_names), false, true},
    {"max_xenstore_depth", POLICY(max_xenstore_depth), false, false},
    {"max_xenstore_connections", POLICY(max_xenstore_connections), false, false},
    {"max_xenstore_watches", POLICY(max_xenstore_watches), false, false},
    {"max_xenstore_transactions", POLICY(max_xenstore_transactions), false, false},
    {"max_xenstore_buffer", POLICY(max_xenstore_buffer), true, true},
};

static const char *format_name(unsigned bit) {
    static const char *const names[] = {"xl",     "libxl",   "libxc",    "libvirt",      "xenopsd",
                                        "legacy", "draft-b", "xenstore", "xenstore-2020"};
    return bit < sizeof names / sizeof names[0] ? names[bit] : NULL;
}

static const char *guest_name(unsigned bit) {
    static const char *const names[] = {"pv64", "pv32", "hvm", "pvh"};
    return bit < sizeof names / sizeof names[0] ? names[bit] : NULL;
}

static const struct xv_name_set sets[XV_SETS] = {
    [XV_SET_FORMATS] = {"formats", POLICY(formats), format_name, NULL},
    [XV_SET_GUESTS] = {"guests", POLICY(guests), guest_name, NULL},
    [XV_SET_TOLERATE] = {"tolerate", POLICY(tolerate), xv_tolerance_name, xv_tolerance_text},
    [XV_SET_ALLOW] = {"allow", POLICY(allow), xv_allowance_name, xv_allowance_text},
};

static const struct xv_release_field releases[] = {
    {"xen_min", POLICY(xen_min), 0},
    {"xen_max", POLICY(xen_max), UINT32_MAX},
    {"target_xen", POLICY(target_xen), 0},
};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

const struct xv_limit *xv_limit_at(size_t i) {
    return i < COUNT(limits) ? &limits[i] : NULL;
}

const struct xv_name_set *xv_name_set_at(size_t i) {
    return i < COUNT(sets) ? &sets[i] : NULL;
}

const struct xv_release_field *xv_release_field_at(size_t i) {
    return i < COUNT(releases) ? &releases[i] : NULL;
}

uint32_t xv_word_get(const struct xv_settings *s, size_t offset) {
    uint32_t value;
    memcpy(&value, (const char *)s + offset, sizeof value);
    return value;
}

void xv_word_put(struct xv_settings *s, size_t offset, uint32_t value) {
    memcpy((char *)s + offset, &value, sizeof value);
}

uint64_t xv_limit_get(const struct xv_settings *s, const struct xv_limit *limit) {
    uint64_t value;
    if (!limit->wide)
        return xv_word_get(s, limit->offset);
    memcpy(&value, (const char *)s + limit->offset, sizeof value);
    return value;
}

bool xv_limit_put(struct xv_settings *s, const struct xv_limit *limit, uint64_t value) {
    if (limit->wide) {
        memcpy((char *)s + limit->offset, &value, sizeof value);
        return true;
    }
    if (value > UINT32_MAX)
        return false;
    xv_word_put(s, limit->offset, (uint32_t)value);
    return true;
}

uint32_t xv_name_bit(const struct xv_name_set *set, const char *name) {
    for (unsigned bit = 0; bit < 32; bit++) {
        if (set->name(bit) != NULL && strcmp(set->name(bit), name) == 0)
            return (uint32_t)1 << bit;
    }
    return 0;
}

bool xv_settings_preset(struct xv_settings *out, const char *name) {
    memset(out, 0, sizeof *out);
    out->idle_seconds = IDLE_SECONDS;
    if (strcmp(name, "strict") == 0)
        xv_policy_strict(&out->policy);
    else if (strcmp(name, "lenient") == 0)
        xv_policy_lenient(&out->policy);
    else
        return false;
    return true;
}

/* Up to three digits; NULL if there is none. */
static const char *small_number(const char *s, uint32_t *out) {
    uint32_t value = 0;
    int digits = 0;
    while (*s >= '0' && *s <= '9' && digits < 3) {
        value = value * 10 + (uint32_t)(*s - '0');
        digits++;
        s++;
    }
    *out = value;
    return digits > 0 ? s : NULL;
}

bool xv_release_parse(const char *text, uint32_t *out) {
    uint32_t major;
    uint32_t minor;
    const char *s = small_number(text, &major);
    if (s == NULL || *s != '.' || major == 0)
        return false;
    s = small_number(s + 1, &minor);
    if (s == NULL || *s != '\0')
        return false;
    *out = XV_XEN(major, minor);
    return true;
}

/* True if this one word makes the strict preset invalid. */
static bool faulty_word(const struct xv_settings *s, size_t offset) {
    struct xv_settings probe;
    (void)xv_settings_preset(&probe, "strict");
    xv_word_put(&probe, offset, xv_word_get(s, offset));
    return !xv_policy_valid(&probe.policy);
}

const char *xv_settings_fault(const struct xv_settings *s) {
    if (xv_policy_valid(&s->policy))
        return NULL;
    for (size_t i = 0; i < COUNT(limits); i++) {
        struct xv_settings probe;
        (void)xv_settings_preset(&probe, "strict");
        (void)xv_limit_put(&probe, &limits[i], xv_limit_get(s, &limits[i]));
        if (!xv_policy_valid(&probe.policy))
            return limits[i].key;
    }
    for (size_t i = 0; i < COUNT(sets); i++) {
        if (faulty_word(s, sets[i].offset))
            return sets[i].key;
    }
    for (size_t i = 0; i < COUNT(releases); i++) {
        if (faulty_word(s, releases[i].offset))
            return releases[i].key;
    }
    return "xen_min";
}
