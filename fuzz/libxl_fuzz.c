/* SPDX-License-Identifier: MIT */
/*
 * Records of a libxl stream after the libxc part. The first octet chooses guest, container and tolerances. Oracles:
 * pieces do not matter; a cut stream is refused; what was accepted ends in an END record.
 *
 * Target: xv_libxl_record
 */
#include "drive.h"
#include "state.h"

static struct xv_parser *begin(uint8_t switches) {
    static struct xv_parser parser;
    static uint8_t arena[1u << 18];
    struct xv_policy policy;
    struct xv_parser *p;

    xv_policy_strict(&policy);
    policy.max_guest_pages = 64;
    policy.formats &= ~XV_FORMATS_XENSTORE; /* their arena is larger */
    policy.max_emulator_keys = 8;
    policy.max_emulator_bytes = 4096;
    if (switches & 1)
        policy.tolerate |= XV_TOLERATE_EMULATOR_TRADITIONAL | XV_TOLERATE_XENSTORE_KEYS | XV_TOLERATE_GO_AHEAD;
    p = xv_parser_init(&parser, &policy, (struct xv_arena){arena, sizeof(arena)}, (struct xv_observer){NULL, NULL, 0});
    p->libxl.present = true;
    p->libxl.legacy = switches & 2;
    p->libxl.state = XV_L_EMULATOR;
    p->libxc.hvm = !(switches & 4);
    p->hvm_context.emulated = switches & 8;
    p->sum.format = switches & 16 ? XV_FORMAT_XL : XV_FORMAT_LIBXL;
    p->await = XV_AWAIT_LIBXL_RECORD;
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
    if (!drive_same(&first, &again) || (first.code == XV_ACCEPTED && !first.at_end))
        abort();
    again = drive(begin(data[0]), data + 1, n - 1, 0);
    if (first.code == XV_ACCEPTED && (again.code != XV_TRUNCATED || again.offset != n - 1))
        abort();
    return 0;
}
