/* SPDX-License-Identifier: MIT */
#include <xenvet/handshake.h>

#include <string.h>

#include "colo_back.h"
#include "cursor.h"

enum state {
    S_BANNER,     /* <- */
    S_STREAM,     /* -> */
    S_READY,      /* <- */
    S_GO_AHEAD,   /* -> */
    S_REPORT,     /* <- */
    S_STATUS,     /* <- one octet, any value */
    S_PERMISSION, /* <- only if the status is not 0 */
    S_DONE,
    S_REFUSED,
    STATES,
};

#define BANNER    "xl migration receiver ready, send binary domain data.\n"
#define READY     "domain received, ready to unpause"
#define GO_AHEAD  "domain is yours, you are cleared to unpause"
#define REPORT    "my copy unpause results are as follows"
#define ANY_OCTET "" /* in the table: the message is one octet, of any value */

/* The messages: who says what when. Only the banner travels without its NUL (xl 2). */
static const struct message {
    enum xv_direction direction;
    uint32_t length;
    enum state next;
    enum xv_code code; /* if it is damaged */
    uint8_t text[56];
} messages[STATES] = {
    [S_BANNER] = {XV_BACK, sizeof(BANNER) - 1, S_STREAM, XV_HANDSHAKE_BANNER, BANNER},
    [S_READY] = {XV_BACK, sizeof(READY), S_GO_AHEAD, XV_HANDSHAKE_READY, READY},
    [S_GO_AHEAD] = {XV_FORWARD, sizeof(GO_AHEAD), S_REPORT, XV_HANDSHAKE_GO_AHEAD, GO_AHEAD},
    [S_REPORT] = {XV_BACK, sizeof(REPORT), S_STATUS, XV_HANDSHAKE_REPORT, REPORT},
    [S_STATUS] = {XV_BACK, 1, S_DONE, XV_HANDSHAKE_REPORT, ANY_OCTET},
    [S_PERMISSION] = {XV_BACK, sizeof(GO_AHEAD), S_DONE, XV_HANDSHAKE_PERMISSION, GO_AHEAD},
};

void xv_handshake_init(struct xv_handshake *h, enum xv_protocol protocol) {
    memset(h, 0, sizeof(*h));
    h->protocol = (uint32_t)protocol;
    h->state = S_BANNER;
}

static bool refuse(struct xv_handshake *h, enum xv_code code, enum xv_direction guilty) {
    if (h->state != S_REFUSED) {
        h->code = code;
        h->guilty = (uint32_t)guilty;
        h->state = S_REFUSED;
    }
    return false;
}

/* The message that a direction may send now, NULL if none. */
static const struct message *current(const struct xv_handshake *h, enum xv_direction direction) {
    uint32_t state = h->state;

    if (state >= STATES || messages[state].length == 0 || messages[state].direction != direction)
        return NULL;
    return &messages[state];
}

struct xv_turn_demand xv_handshake_demand(const struct xv_handshake *h, enum xv_direction direction) {
    const struct message *message = current(h, direction);
    struct xv_turn_demand d = {XV_TURN_SILENT, 0};

    if (message && h->matched < message->length)
        return (struct xv_turn_demand){XV_TURN_MESSAGE, message->length - h->matched};
    if (h->state == S_STREAM && direction == XV_FORWARD)
        d.turn = XV_TURN_STREAM;
    if (h->state == S_STREAM && direction == XV_BACK && h->protocol == XV_PROTOCOL_COLO)
        return (struct xv_turn_demand){XV_TURN_MESSAGE, xv_colo_back_demand(h)};
    return d;
}

static void message_complete(struct xv_handshake *h, const struct message *message) {
    bool failed = h->state == S_STATUS && h->status != 0;

    h->matched = 0;
    h->state = failed ? S_PERMISSION : (uint32_t)message->next;
}

static bool match_octet(struct xv_handshake *h, const struct message *message, uint8_t octet) {
    uint32_t i = h->matched;

    if (message->text[0] == 0) {
        h->status = octet;
    } else if (i >= sizeof(message->text) || octet != message->text[i]) {
        return refuse(h, message->code, message->direction);
    }
    h->matched = i + 1;
    return true;
}

bool xv_handshake_feed(struct xv_handshake *h, enum xv_direction direction, const uint8_t *bytes, size_t n,
                       bool *whole) {
    const enum xv_code spoke = direction == XV_FORWARD ? XV_HANDSHAKE_SENDER_SPOKE : XV_HANDSHAKE_RECEIVER_SPOKE;
    struct xv_turn_demand d = xv_handshake_demand(h, direction);
    const struct message *message = current(h, direction);
    struct xv_cursor c = xv_cursor_over(bytes, n, 0);
    uint8_t octet = 0;

    *whole = false;
    if (h->state == S_REFUSED)
        return false;
    if (d.turn != XV_TURN_MESSAGE || n > d.n)
        return refuse(h, spoke, direction);
    h->offset[direction == XV_BACK] += n;
    if (!message)
        return xv_colo_back_feed(h, &c, whole) || refuse(h, h->code, XV_BACK);
    while (xv_get_u8(&c, &octet)) {
        if (!match_octet(h, message, octet))
            return false;
    }
    if (h->matched == message->length) {
        message_complete(h, message);
        *whole = true;
    }
    return true;
}

bool xv_handshake_stream_done(struct xv_handshake *h) {
    if (h->state != S_STREAM)
        return refuse(h, XV_HANDSHAKE_SENDER_SPOKE, XV_FORWARD);
    h->state = h->protocol == XV_PROTOCOL_MIGRATE ? S_READY : S_DONE;
    return true;
}

void xv_handshake_init_go_ahead(struct xv_handshake *h) {
    xv_handshake_init(h, XV_PROTOCOL_MIGRATE);
    h->state = S_GO_AHEAD;
}

bool xv_handshake_went_ahead(struct xv_handshake *h) {
    if (h->state != S_GO_AHEAD)
        return refuse(h, XV_HANDSHAKE_SENDER_SPOKE, XV_FORWARD);
    h->state = S_REPORT;
    return true;
}

bool xv_handshake_eof(struct xv_handshake *h, enum xv_direction direction) {
    if (h->state == S_REFUSED)
        return false;
    if (direction == XV_FORWARD) /* after the go-ahead the sender only listens; before, it has given up */
        return h->state >= S_REPORT || refuse(h, XV_HANDSHAKE_SENDER_LEFT, direction);
    return h->state == S_DONE || refuse(h, XV_HANDSHAKE_RECEIVER_LEFT, direction);
}

bool xv_handshake_committed(const struct xv_handshake *h) {
    return h->state >= S_REPORT && h->state <= S_DONE && h->protocol == XV_PROTOCOL_MIGRATE;
}

bool xv_handshake_done(const struct xv_handshake *h) {
    return h->state == S_DONE;
}
