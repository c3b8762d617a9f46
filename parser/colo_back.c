/* SPDX-License-Identifier: MIT */
#include "colo_back.h"

#define LIST_MAX   ((1u << 30) / 8u * 8u)
#define EMPTY_LIST 9u /* in back_zero */

enum type { CHECKPOINT_STATE = 5, DIRTY_PFN_LIST = 0xf };

/* The ids in the order in which they come; 0 stands for the dirty list (xl 4). */
static const uint8_t order[4] = {2, 3, 1, 0};

static uint32_t header_u32(const struct xv_handshake *h, uint32_t at) {
    struct xv_cursor c = xv_cursor_over(h->header, sizeof(h->header), 0);
    uint32_t value = 0;

    (void)xv_skip(&c, at);
    (void)xv_get_u32(&c, &value);
    return value;
}

uint32_t xv_colo_back_demand(const struct xv_handshake *h) {
    uint32_t want = header_u32(h, 0) == CHECKPOINT_STATE ? 16 : 8;

    if (h->back_left)
        return h->back_left < XV_COLO_PIECE ? h->back_left : XV_COLO_PIECE;
    if (h->matched < 8)
        want = 8;
    return h->matched < want ? want - h->matched : 1;
}

static bool refused(struct xv_handshake *h, enum xv_code code) {
    h->code = code;
    return false;
}

/* Is this the end of a list whose header was 16 octets long: its last pfn, or, if there is none, the header's zeros? */
static bool is_surplus(const struct xv_handshake *h, uint32_t type, uint32_t length) {
    return h->back_zero == 8 || (h->back_zero == EMPTY_LIST && type == 0 && length == 0);
}

/* Eight octets are there: what kind of record is it, and is it its turn? */
static bool check_header(struct xv_handshake *h, bool *whole) {
    uint32_t type = header_u32(h, 0), length = header_u32(h, 4), turn = h->status & 3u;

    if (type == CHECKPOINT_STATE && length == 4 && order[turn] != 0)
        return true;
    if (turn == 0 && is_surplus(h, type, length)) {
        h->back_zero = 0;
        h->matched = 0;
        *whole = true;
        return true;
    }
    if (type != DIRTY_PFN_LIST || order[turn] != 0)
        return refused(h, XV_HANDSHAKE_COLO_RECORD);
    if (length % 8 || length > LIST_MAX)
        return refused(h, XV_HANDSHAKE_COLO_PFN);
    h->back_left = length;
    h->back_zero = length ? 0 : EMPTY_LIST;
    return true;
}

static void record_complete(struct xv_handshake *h, bool *whole) {
    h->status = (h->status + 1) & 3u;
    h->matched = 0;
    *whole = true;
}

/* One more octet of a header; a CHECKPOINT_STATE is a header of 16. */
static bool header_octet(struct xv_handshake *h, uint8_t octet, bool *whole) {
    uint32_t i = h->matched;

    if (i >= sizeof(h->header))
        return refused(h, XV_HANDSHAKE_COLO_RECORD);
    h->header[i] = octet;
    h->matched = i + 1;
    if (h->matched == 8 && !check_header(h, whole))
        return false;
    if (h->matched == 8 && header_u32(h, 0) == DIRTY_PFN_LIST && h->back_left == 0)
        record_complete(h, whole);
    if (h->matched == 16) {
        if (header_u32(h, 8) != order[h->status & 3u] || header_u32(h, 12) != 0)
            return refused(h, XV_HANDSHAKE_COLO_RECORD);
        record_complete(h, whole);
    }
    return true;
}

/* The first eight octets of a list decide whether its header may have been 16 octets long. */
static void list_octets(struct xv_handshake *h, struct xv_cursor *c) {
    uint32_t done = header_u32(h, 4) - h->back_left;
    uint8_t octet = 0;

    while (done < 8 && h->back_zero == done && xv_get_u8(c, &octet)) {
        h->back_zero += octet == 0;
        done++;
    }
}

bool xv_colo_back_feed(struct xv_handshake *h, struct xv_cursor *c, bool *whole) {
    uint8_t octet = 0;

    if (h->back_left) {
        uint32_t n = (uint32_t)xv_left(c);

        list_octets(h, c);
        h->back_left -= n <= h->back_left ? n : h->back_left;
        if (h->back_left == 0)
            record_complete(h, whole);
        return true;
    }
    while (xv_get_u8(c, &octet)) {
        if (!header_octet(h, octet, whole))
            return false;
    }
    return true;
}
