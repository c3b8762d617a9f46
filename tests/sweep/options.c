/* SPDX-License-Identifier: MIT */
/* The options of `xenvet check` that make a policy, as far as corpus/MANIFEST uses them. */
#include <stdlib.h>
#include <string.h>

#include "sweep.h"

static const struct {
    const char *option;
    size_t offset;
    bool wide;
} numbers[] = {
    {"--max-guest-pages", offsetof(struct xv_policy, max_guest_pages), true},
    {"--max-stream-bytes", offsetof(struct xv_policy, max_stream_bytes), true},
    {"--max-emulator-bytes", offsetof(struct xv_policy, max_emulator_bytes), true},
    {"--max-checkpoint-bytes", offsetof(struct xv_policy, max_checkpoint_bytes), true},
    {"--max-checkpoint-records", offsetof(struct xv_policy, max_checkpoint_records), false},
    {"--max-records", offsetof(struct xv_policy, max_records), true},
    {"--max-vcpus", offsetof(struct xv_policy, max_vcpus), false},
    {"--max-config-bytes", offsetof(struct xv_policy, max_config_bytes), false},
    {"--max-emulator-keys", offsetof(struct xv_policy, max_emulator_keys), false},
    {"--max-rounds", offsetof(struct xv_policy, max_rounds), false},
    {"--config-slack-pages", offsetof(struct xv_policy, config_slack_pages), false},
    {"--max-xenstore-nodes", offsetof(struct xv_policy, max_xenstore_nodes), false},
    {"--max-xenstore-names", offsetof(struct xv_policy, max_xenstore_names), false},
    {"--max-xenstore-depth", offsetof(struct xv_policy, max_xenstore_depth), false},
    {"--max-xenstore-connections", offsetof(struct xv_policy, max_xenstore_connections), false},
    {"--max-xenstore-watches", offsetof(struct xv_policy, max_xenstore_watches), false},
    {"--max-xenstore-transactions", offsetof(struct xv_policy, max_xenstore_transactions), false},
    {"--max-xenstore-buffer", offsetof(struct xv_policy, max_xenstore_buffer), true},
};

static bool number(const char *text, uint64_t *out) {
    char *end;

    *out = strtoull(text, &end, 10);
    return *text && !*end;
}

static bool set_number(struct xv_policy *policy, const char *option, const char *text, bool *known) {
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        char *field = (char *)policy + numbers[i].offset;
        uint64_t value = 0;
        uint32_t narrow;

        if (strcmp(option, numbers[i].option) != 0)
            continue;
        *known = true;
        if (!number(text, &value))
            return false;
        narrow = (uint32_t)value;
        memcpy(field, numbers[i].wide ? (const void *)&value : (const void *)&narrow, numbers[i].wide ? 8 : 4);
        return true;
    }
    return false;
}

static bool set_release(uint32_t *field, const char *text) {
    char *end;
    unsigned long major = strtoul(text, &end, 10), minor;

    if (*end != '.')
        return false;
    minor = strtoul(end + 1, &end, 10);
    *field = XV_XEN(major, minor);
    return !*end;
}

static const char *const format_names[] = {"xl",     "libxl",   "libxc",    "libvirt",      "xenopsd",
                                           "legacy", "draft-b", "xenstore", "xenstore-2020"};
static const char *const guest_names[] = {"pv64", "pv32", "hvm", "pvh"};

static const char *format_name(unsigned bit) {
    return bit < sizeof(format_names) / sizeof(format_names[0]) ? format_names[bit] : NULL;
}

static const char *guest_name(unsigned bit) {
    return bit < 4 ? guest_names[bit] : NULL;
}

/* The bits of "a,b,c". */
static bool bits_of(const char *text, const char *(*name)(unsigned bit), uint32_t *out) {
    *out = 0;
    while (*text) {
        size_t n = strcspn(text, ",");
        unsigned bit = 0;

        while (bit < 32 && (!name(bit) || strncmp(name(bit), text, n) != 0 || name(bit)[n]))
            bit++;
        if (bit == 32)
            return false;
        *out |= (uint32_t)1 << bit;
        text += n + (text[n] == ',');
    }
    return true;
}

static bool set_names(struct xv_policy *policy, const char *option, const char *text, bool *known) {
    uint32_t bits = 0;
    bool good;

    *known = true;
    if (strcmp(option, "--format") == 0)
        return strcmp(text, "auto") == 0 || bits_of(text, format_name, &policy->formats);
    if (strcmp(option, "--guests") == 0)
        return bits_of(text, guest_name, &policy->guests);
    if (strcmp(option, "--allow") == 0 || strcmp(option, "--refuse") == 0) {
        good = bits_of(text, xv_allowance_name, &bits);
        policy->allow = option[2] == 'a' ? policy->allow | bits : policy->allow & ~bits;
        return good;
    }
    if (strcmp(option, "--tolerate") == 0 || strcmp(option, "--no-tolerate") == 0) {
        good = bits_of(text, xv_tolerance_name, &bits);
        policy->tolerate = option[2] == 't' ? policy->tolerate | bits : policy->tolerate & ~bits;
        return good;
    }
    *known = false;
    return false;
}

int policy_option(struct xv_policy *policy, int argc, char **argv, int *i) {
    const char *option = argv[*i], *text = *i + 1 < argc ? argv[*i + 1] : "";
    bool known = false, good = set_number(policy, option, text, &known);

    if (!known)
        good = set_names(policy, option, text, &known);
    if (!known && strcmp(option, "--target-xen") == 0)
        known = true, good = set_release(&policy->target_xen, text);
    if (!known && strcmp(option, "--xen-min") == 0)
        known = true, good = set_release(&policy->xen_min, text);
    if (!known && strcmp(option, "--xen-max") == 0)
        known = true, good = set_release(&policy->xen_max, text);
    if (!known)
        return 0;
    ++*i;
    return good ? 1 : -1;
}
