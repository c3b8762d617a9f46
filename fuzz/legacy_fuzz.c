/* SPDX-License-Identifier: MIT */
/*
 * A legacy stream, bare or as the payload of an image of xl or of xenopsd's older kind. The first octet chooses that,
 * the policy and pieces. Oracles: pieces do not matter; a cut stream is refused unless it may end there; the same
 * octets are refused where the policy has no legacy streams.
 *
 * Target: xv_legacy_piece
 */
#include "drive.h"
#include "state.h"

static struct drive_verdict judge(uint8_t switches, const uint8_t *stream, size_t n, size_t piece, bool legacy) {
    static struct xv_parser parser;
    static uint8_t bytes[1u << 19];
    struct xv_arena arena = {bytes, sizeof(bytes)};
    struct xv_policy policy;
    struct xv_parser *p;

    memset(bytes, 0, sizeof(bytes));
    if (switches & 1)
        xv_policy_lenient(&policy);
    else
        xv_policy_strict(&policy);
    policy.max_guest_pages = 64;
    policy.max_emulator_bytes = 4096;
    policy.allow |= switches & 4 ? (uint32_t)XV_ALLOW_VERIFY : 0;
    policy.formats = legacy ? (uint32_t)XV_FORMAT_LEGACY_STREAM : (uint32_t)XV_FORMAT_LIBXC;
    p = xv_parser_init(&parser, &policy, arena, (struct xv_observer){0});
    if (legacy && switches & 2) {
        p->xenopsd.legacy = switches & 8;
        p->sum.format = p->xenopsd.legacy ? XV_FORMAT_XENOPSD : XV_FORMAT_XL;
        xv_legacy_item(p, XV_LG_START, 8);
    }
    return drive(p, stream, n, piece);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct drive_verdict first, again;
    size_t n, cut;

    if (size < 9)
        return 0;
    n = size - 1;
    cut = n * (1u + data[0] % 16) / 17;
    first = judge(data[0], data + 1, n, 0, true);
    again = judge(data[0], data + 1, n, 1 + data[0] % 7u, true);
    if (!drive_same(&first, &again))
        abort();
    again = judge(data[0], data + 1, cut, 0, true);
    if (again.committed > first.committed || (again.code == XV_ACCEPTED && !again.at_end && again.committed != cut))
        abort();
    if (first.code == XV_ACCEPTED && !(data[0] & 2) && judge(data[0], data + 1, n, 0, false).code != XV_FORMAT_LEGACY)
        abort();
    return 0;
}
