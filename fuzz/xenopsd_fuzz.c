/* SPDX-License-Identifier: MIT */
/*
 * A xenopsd image whose libxc stream is left out: where it would be, the parser is told that it ended. The first octet
 * chooses the guest and the policy. Oracles: pieces do not matter; a cut image is refused; what is allowed more never
 * refuses more; what was accepted ends in End_of_image.
 *
 * Target: xv_xenopsd_record
 */
#include "drive.h"
#include "state.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* As after a libxc END, for 4 in `switches`; else at the very beginning. */
static struct xv_parser *begin(uint8_t switches) {
    static struct xv_parser parser;
    static uint8_t arena[1u << 18];
    struct xv_policy policy;
    struct xv_parser *p;

    xv_policy_strict(&policy);
    policy.max_guest_pages = 64;
    policy.formats &= ~XV_FORMATS_XENSTORE; /* their arena is larger */
    policy.max_emulator_bytes = 4096;
    if (switches & 1)
        policy.tolerate |= XV_TOLERATE_TRAILING_DEVICE;
    if (switches & 2)
        policy.allow = 0;
    p = xv_parser_init(&parser, &policy, (struct xv_arena){arena, sizeof(arena)}, (struct xv_observer){NULL, NULL, 0});
    if (switches & 4) {
        p->sum.format = XV_FORMAT_XENOPSD;
        p->sum.guest = switches & 8 ? XV_GUEST_HVM : XV_GUEST_PVH;
        p->libxc.hvm = !(switches & 16);
        p->xenopsd.seen = 3; /* Xenops and Libxc */
        xv_xenopsd_resume(p);
    }
    return p;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct drive_verdict first, again;
    size_t n;

    if (size < 2)
        return 0;
    n = size - 1;
    first = drive(begin(data[0]), data + 1, n, 0);
    again = drive(begin(data[0]), data + 1, n, 1 + data[0] % 7u);
    if (!drive_same(&first, &again) || (first.code == XV_ACCEPTED && !first.at_end && !(data[0] & 1)))
        abort();
    again = drive(begin((uint8_t)((data[0] & ~2u) | 1u)), data + 1, n, 0);
    if (again.committed < first.committed || (first.code == XV_ACCEPTED && again.code != XV_ACCEPTED))
        abort();
    again = drive(begin(data[0]), data + 1, (size_t)first.committed - (first.committed > 0), 0);
    if (first.code == XV_ACCEPTED && again.code != XV_TRUNCATED)
        abort();
    return 0;
}
