/* SPDX-License-Identifier: MIT */
/*
 * A draft B image. The first octet chooses tolerance and pieces, and whether checksums are made right first. Oracles:
 * pieces do not matter; half an image is cut short; what is accepted is accepted once more with right checksums.
 * Target: xv_draft_b_record
 */
#include "crc32.h"
#include "drive.h"
#include "state.h"

/* Gives every whole record that says it has a checksum the right one. */
static void sum_up(uint8_t *image, size_t n) {
    bool big = n > 17 && image[17] & 1;
    uint32_t body, sum;

    for (size_t at = 32; at < n && n - at >= 24; at += 24 + (size_t)body) {
        memcpy(&body, image + at + 4, 4);
        body = ((big ? __builtin_bswap32(body) : body) + 7) & ~7u;
        if (body > n - at - 24)
            return;
        sum = 0;
        for (size_t i = 0; i < body; i += 8) {
            struct xv_cursor eight = xv_cursor_over(image + at + 16 + i, 8, 0);
            sum = xv_crc32(sum, &eight);
        }
        sum = big ? __builtin_bswap32(sum) : sum;
        if (image[at + (big ? 9 : 8)] & 1)
            memcpy(image + at + 16 + body, &sum, 4);
    }
}

static struct drive_verdict judge(uint8_t switches, const uint8_t *image, size_t n, size_t piece) {
    static struct xv_parser parser;
    static uint8_t bytes[1u << 18];
    struct xv_arena arena = {bytes, sizeof(bytes)};
    struct xv_policy policy;

    memset(bytes, 0, sizeof(bytes));
    xv_policy_strict(&policy);
    policy.max_guest_pages = 64;
    policy.formats &= ~XV_FORMATS_XENSTORE; /* their arena is larger */
    policy.tolerate |= switches & 1 ? XV_TOLERATE_UNSUMMED : 0;
    return drive(xv_parser_init(&parser, &policy, arena, (struct xv_observer){0}), image, n, piece);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static uint8_t image[1u << 20];
    size_t n = size < sizeof(image) ? size - (size != 0) : 0;
    memcpy(image, data + 1, n);
    if (n && data[0] & 2)
        sum_up(image, n);
    struct drive_verdict first = judge(n ? data[0] : 0, image, n, 0), again = judge(n ? data[0] : 0, image, n, 5);
    if (!drive_same(&first, &again) ||
        (first.code == XV_ACCEPTED && judge(data[0], image, n / 2, 0).code == XV_ACCEPTED))
        abort();
    sum_up(image, n);
    if (first.code == XV_ACCEPTED && judge(data[0], image, n, 0).code != XV_ACCEPTED)
        abort();
    return 0;
}
