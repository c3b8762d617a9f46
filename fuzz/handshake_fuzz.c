/* SPDX-License-Identifier: MIT */
/*
 * The conversation around a migration. The first octet chooses the protocol; then steps: an octet says who speaks how
 * much, or leaves, or that the stream is done. Oracles: as much at a time as is asked for and octet by octet come to
 * the same; refused is refused for good; no commitment without the go-ahead.
 */
#include <stdlib.h>
#include <string.h>

#include <xenvet/handshake.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool feed(struct xv_handshake *h, enum xv_direction who, const uint8_t *bytes, size_t n, size_t most) {
    bool whole = false;

    for (size_t at = 0, now; at < n; at += now) {
        struct xv_turn_demand d = xv_handshake_demand(h, who);

        now = n - at < most ? n - at : most;
        if (d.turn == XV_TURN_MESSAGE && d.n == 0)
            abort(); /* a message that never comes to its end */
        if (now > d.n)
            now = d.n ? d.n : 1;
        if (!xv_handshake_feed(h, who, bytes + at, now, &whole))
            return false;
    }
    return true;
}

/* One step for one of the two machines. */
static void step(struct xv_handshake *h, uint8_t what, const uint8_t *bytes, size_t n, size_t most) {
    enum xv_direction who = what & 1 ? XV_BACK : XV_FORWARD;
    bool refused = h->code != XV_ACCEPTED, committed = xv_handshake_committed(h);
    uint32_t state = h->state;

    if (what >= 0xfe)
        (void)xv_handshake_eof(h, who);
    else if (what >= 0xfc)
        (void)xv_handshake_stream_done(h);
    else if (feed(h, who, bytes, n, most) && refused && n > 0)
        abort();
    if (refused && (h->state != state || h->code == XV_ACCEPTED))
        abort();
    if (!committed && xv_handshake_committed(h) && (who != XV_FORWARD || n == 0))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct xv_handshake at_once, in_pieces;
    size_t at = 1;

    if (size < 2)
        return 0;
    xv_handshake_init(&at_once, (enum xv_protocol)(data[0] % 3));
    in_pieces = at_once;
    while (at < size) {
        uint8_t what = data[at++];
        size_t n = what >= 0xfc ? 0 : what >> 1, left = size - at;

        n = n < left ? n : left;
        step(&at_once, what, data + at, n, SIZE_MAX);
        step(&in_pieces, what, data + at, n, 1);
        at += n;
        if (at_once.code != in_pieces.code || at_once.state != in_pieces.state || at_once.status != in_pieces.status)
            abort();
    }
    return 0;
}
