/* SPDX-License-Identifier: MIT */
/*
 * The libvirt header and its XML, up to where the libxl stream begins. The first octet chooses the policy. Oracles:
 * pieces do not matter (the parser asks for what it wants, so the same twice); what is allowed more never refuses more;
 * what was accepted ends in a NUL, and has no other.
 *
 * Target: xv_libvirt_domain
 */
#include "drive.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct xv_parser *begin(uint32_t tolerate, uint32_t allow) {
    static uint8_t memory[1u << 17] __attribute__((aligned(16))), arena[1u << 18];
    struct xv_policy policy;

    xv_policy_strict(&policy);
    policy.max_guest_pages = 64;
    policy.formats = XV_FORMAT_LIBVIRT;
    policy.tolerate = tolerate;
    policy.allow = allow;
    if (xv_parser_size() > sizeof(memory))
        abort();
    return xv_parser_init(memory, &policy, (struct xv_arena){arena, sizeof(arena)},
                          (struct xv_observer){NULL, NULL, 0});
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const uint32_t most = XV_TOLERATE_UNKNOWN_CONFIG_FIELD;
    struct drive_verdict first, again;
    uint32_t allow;
    size_t n;

    if (size < 3)
        return 0;
    n = size - 2;
    allow = (data[0] | (uint32_t)data[1] << 8) & 0xfff;
    first = drive(begin(data[1] & 0x10 ? most : 0, allow), data + 2, n, 0);
    again = drive(begin(data[1] & 0x10 ? most : 0, allow), data + 2, n, 1);
    if (!drive_same(&first, &again))
        abort();
    again = drive(begin(most, 0xfff), data + 2, n, 0);
    if (again.committed < first.committed)
        abort();
    if (first.committed > 8 && (n < first.committed || data[2 + first.committed - 1] != 0))
        abort(); /* the first item is header and XML */
    if (first.committed > 64 && memchr(data + 2 + 64, 0, (size_t)first.committed - 65))
        abort();
    return 0;
}
