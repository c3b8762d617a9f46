/* SPDX-License-Identifier: MIT */
/*
 * Which container the input is. The first octet chooses the formats that the policy takes. Oracles: the same twice;
 * what is taken for a container begins as one; a refused format is not read.
 *
 * Target: xv_detect
 */
#include "drive.h"
#include "state.h"

static const struct {
    enum xv_format format;
    const char *begins;
} containers[] = {{XV_FORMAT_XL, "Xen save"},
                  {XV_FORMAT_LIBXL, "LibxlFmt"},
                  {XV_FORMAT_LIBXC, "\xff\xff\xff\xff\xff\xff\xff\xff"},
                  {XV_FORMAT_XENSTORE, "xenstore"}};

static struct drive_verdict judge(struct xv_policy *policy, const uint8_t *bytes, size_t n, enum xv_format *format) {
    static struct xv_parser parser;
    static uint8_t arena[1u << 18];
    struct xv_parser *p;
    struct drive_verdict v;

    memset(arena, 0, (size_t)xv_policy_arena_bytes(policy));
    p = xv_parser_init(&parser, policy, (struct xv_arena){arena, sizeof(arena)}, (struct xv_observer){0});
    v = drive(p, bytes, n, 0);
    *format = p->sum.format;
    return v;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    enum xv_format format, again;
    struct drive_verdict first, second;
    struct xv_policy policy;

    if (size < 1 || size > 64) /* nothing as short as this is a whole image */
        return 0;
    xv_policy_strict(&policy);
    policy.max_guest_pages = 64;
    policy.max_xenstore_names = 1024;
    policy.formats &= data[0] ? data[0] : policy.formats;
    policy.formats &= ~(uint32_t)(XV_FORMAT_DRAFT_B_STREAM | XV_FORMAT_XENSTORE_2020); /* begin as libxc and libxl do */
    policy.formats |= policy.formats ? 0 : (uint32_t)XV_FORMAT_XL;
    first = judge(&policy, data + 1, size - 1, &format);
    second = judge(&policy, data + 1, size - 1, &again);
    if (!drive_same(&first, &second) || format != again || first.code == XV_ACCEPTED ||
        (format != XV_FORMAT_NONE && !(policy.formats & (uint32_t)format)))
        abort();
    for (size_t i = 0; i < sizeof(containers) / sizeof(containers[0]); i++) {
        bool is = size > 8 && memcmp(data + 1, containers[i].begins, 8) == 0;

        if (format == containers[i].format && !is)
            abort();
        if (is && (policy.formats & (uint32_t)containers[i].format) && format != containers[i].format)
            abort();
    }
    return 0;
}
