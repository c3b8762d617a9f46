/* SPDX-License-Identifier: MIT */
/*
 * The file header of xl and the configuration that it embeds. The first two octets choose the policy, the rest follows
 * the magic. Oracle: what the gate writes in place of an accepted configuration is accepted, and is what it writes in
 * its own place.
 *
 * Target: xv_xl_header xv_xl_config_len xv_xl_config xv_canonical_finish
 * Links: restore/canonical_config.c
 */
#include <stdlib.h>
#include <string.h>

#include "../restore/canonical_config.h"
#include "drive.h"
#include "state.h"

#define MAGIC   "Xen saved domain, xl format\n \0 \r"
#define LONGEST 65536u

/* Octets of the header and configuration that the gate would write; 0 if they were refused. */
static size_t judge(const uint8_t *switches, const uint8_t *image, size_t n, uint8_t *out) {
    static struct xv_parser parser;
    static uint8_t arena[1u << 18];
    struct xv_canonical canonical = {.out = out, .capacity = LONGEST + XV_XL_HEADER + 1, .held = image};
    struct xv_policy policy;
    struct xv_parser *p;
    size_t off = 0;

    if (switches[0] & 1)
        xv_policy_lenient(&policy);
    else
        xv_policy_strict(&policy);
    policy.max_guest_pages = 1u << 18;
    policy.formats &= ~XV_FORMATS_XENSTORE; /* their arena is larger */
    policy.allow |= (uint32_t)switches[1] << 3 & ((uint32_t)XV_ALLOW_PRIVILEGE * 2 - 1);
    p = xv_parser_init(&parser, &policy, (struct xv_arena){arena, sizeof(arena)}, (struct xv_observer){NULL, NULL, 0});
    xv_parser_keep_config(p, xv_canonical_token, &canonical);
    while (p->await != XV_AWAIT_LIBXL_IDENT) {
        if (!drive_one(p, image, n, &off))
            return 0;
    }
    return xv_canonical_finish(&canonical, image, off);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static uint8_t image[LONGEST + 32], first[LONGEST + 64], again[LONGEST + 64];
    size_t n;

    if (size < 2 || size > LONGEST)
        return 0;
    memcpy(image, MAGIC, 32);
    memcpy(image + 32, data + 2, size - 2);
    n = judge(data, image, size + 30, first);
    if (n && (judge(data, first, n, again) != n || memcmp(first, again, n) != 0))
        abort();
    return 0;
}
