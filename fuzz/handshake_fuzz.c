/* SPDX-License-Identifier: MIT */
/*
 * The conversation around a migration. The first octet chooses the protocol; then steps: an octet says who speaks how
 * much, or leaves, or that the stream is done. Oracles: as much at a time as is asked for and octet by octet come to
 * the same; refused is refused for good; no commitment without the go-ahead.
 * Target: xv_handshake_feed xv_handshake_eof xv_handshake_stream_done
 */
#include <stdlib.h>
#include <string.h>

#include <xenvet/handshake.h>

static bool feed(struct xv_handshake *h, enum xv_direction who, const uint8_t *bytes, size_t n, size_t most) {
    bool whole = false, good = true;

    for (size_t at = 0, now; good && at < n; at += now) {
        struct xv_turn_demand d = xv_handshake_demand(h, who);
        uint8_t *copy = malloc(n); /* of what is given, to the octet */

        if (!copy || (d.turn == XV_TURN_MESSAGE && d.n == 0))
            abort(); /* a message that never comes to its end */
        now = n - at < most ? n - at : most;
        now = now > d.n ? (d.n ? d.n : 1) : now;
        good = xv_handshake_feed(h, who, memcpy(copy + n - now, bytes + at, now), now, &whole);
        free(copy);
    }
    return good;
}

/* One step for one of the two machines. */
static void step(struct xv_handshake *h, uint8_t what, const uint8_t *bytes, size_t n, size_t most) {
    enum xv_direction who = what & 1 ? XV_BACK : XV_FORWARD;
    const bool refused = h->code != XV_ACCEPTED, committed = xv_handshake_committed(h);
    const uint32_t state = h->state;

    if (what >= 0xfc)
        (void)(what >= 0xfe ? xv_handshake_eof(h, who) : xv_handshake_stream_done(h));
    else if (feed(h, who, bytes, n, most) && refused && n > 0)
        abort();
    if ((refused && (h->state != state || h->code == XV_ACCEPTED)) ||
        (!committed && xv_handshake_committed(h) && (who != XV_FORWARD || n == 0)))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct xv_handshake whole, pieces;

    xv_handshake_init(&whole, (enum xv_protocol)(size ? data[0] % 3 : 0));
    pieces = whole;
    for (size_t at = 1, n; at < size; at += n) {
        uint8_t what = data[at++];
        n = what >= 0xfc ? 0 : what >> 1;
        n = n < size - at ? n : size - at;
        step(&whole, what, data + at, n, SIZE_MAX);
        step(&pieces, what, data + at, n, 1);
        if (whole.code != pieces.code || whole.state != pieces.state || whole.status != pieces.status)
            abort();
    }
    return 0;
}
