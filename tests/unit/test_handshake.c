/* SPDX-License-Identifier: MIT */
/* The conversation around a migration: every verdict tripped and just passed, in pieces of every size, cut everywhere.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <xenvet/handshake.h>

#define BANNER   "xl migration receiver ready, send binary domain data.\n"
#define READY    "domain received, ready to unpause"
#define GO_AHEAD "domain is yours, you are cleared to unpause"
#define REPORT   "my copy unpause results are as follows"

/* One turn: who speaks, what; a NULL text is the stream. */
struct turn {
    enum xv_direction who;
    const char *text;
    size_t n;
    enum xv_code damaged;
};

static const struct turn success[] = {
    {XV_BACK, BANNER, sizeof BANNER - 1, XV_HANDSHAKE_BANNER},
    {XV_FORWARD, NULL, 0, XV_ACCEPTED},
    {XV_BACK, READY, sizeof READY, XV_HANDSHAKE_READY},
    {XV_FORWARD, GO_AHEAD, sizeof GO_AHEAD, XV_HANDSHAKE_GO_AHEAD},
    {XV_BACK, REPORT, sizeof REPORT, XV_HANDSHAKE_REPORT},
    {XV_BACK, "\0", 1, XV_ACCEPTED},
};
static const struct turn failure[] = {
    {XV_BACK, BANNER, sizeof BANNER - 1, XV_HANDSHAKE_BANNER},
    {XV_FORWARD, NULL, 0, XV_ACCEPTED},
    {XV_BACK, READY, sizeof READY, XV_HANDSHAKE_READY},
    {XV_FORWARD, GO_AHEAD, sizeof GO_AHEAD, XV_HANDSHAKE_GO_AHEAD},
    {XV_BACK, REPORT, sizeof REPORT, XV_HANDSHAKE_REPORT},
    {XV_BACK, "\3", 1, XV_ACCEPTED},
    {XV_BACK, GO_AHEAD, sizeof GO_AHEAD, XV_HANDSHAKE_PERMISSION},
};
#define TURNS(t) (sizeof(t) / sizeof((t)[0]))

/* Feeds octets in pieces as the machine asks for them; true if they end in a whole message. */
static bool feed(struct xv_handshake *h, enum xv_direction who, const void *bytes, size_t n, size_t piece) {
    const uint8_t *at = bytes;
    bool whole = false;

    while (n > 0) {
        struct xv_turn_demand d = xv_handshake_demand(h, who);
        size_t now = piece && piece < n ? piece : n;

        if (d.turn == XV_TURN_MESSAGE && now > d.n)
            now = d.n;
        if (!xv_handshake_feed(h, who, at, now, &whole))
            return false;
        at += now;
        n -= now;
        assert_true(!whole || n == 0 || d.turn == XV_TURN_MESSAGE);
    }
    return whole;
}

static bool play(struct xv_handshake *h, const struct turn *turns, size_t count, size_t piece) {
    xv_handshake_init(h, XV_PROTOCOL_MIGRATE);
    for (size_t i = 0; i < count; i++) {
        const struct turn *t = &turns[i];

        assert_int_equal(xv_handshake_committed(h), i > 3);
        if (t->text ? !feed(h, t->who, t->text, t->n, piece) : !xv_handshake_stream_done(h))
            return false;
    }
    return true;
}

static void in_pieces_of_every_size(void **state) {
    struct xv_handshake h;

    (void)state;
    for (size_t piece = 0; piece <= 60; piece++) {
        assert_true(play(&h, success, TURNS(success), piece));
        assert_true(xv_handshake_done(&h) && h.status == 0 && xv_handshake_eof(&h, XV_BACK) &&
                    xv_handshake_eof(&h, XV_FORWARD));
        assert_true(play(&h, failure, TURNS(failure), piece));
        assert_true(xv_handshake_done(&h) && h.status == 3);
    }
}

/* Every octet of every message changed, one at a time. */
static void every_octet_damaged(void **state) {
    struct xv_handshake h;
    uint8_t copy[64];

    (void)state;
    for (size_t t = 0; t < TURNS(failure); t++) {
        const struct turn *turn = &failure[t];

        for (size_t i = 0; turn->damaged != XV_ACCEPTED && i < turn->n; i++) {
            memcpy(copy, turn->text, turn->n);
            copy[i] ^= (uint8_t)(1u << (i % 8));
            assert_true(play(&h, failure, t, 0));
            assert_false(feed(&h, turn->who, copy, turn->n, i % 5));
            assert_int_equal(h.code, turn->damaged);
            assert_int_equal(h.guilty, turn->who);
            assert_false(xv_handshake_done(&h));
            assert_false(feed(&h, turn->who, turn->text, turn->n, 0)); /* refused for good */
            assert_int_equal(h.code, turn->damaged);
        }
    }
}

/* Each side speaks where it must not: at every point of the conversation, also inside messages. */
static void out_of_turn(void **state) {
    struct xv_handshake h;
    bool whole;

    (void)state;
    for (size_t t = 0; t <= TURNS(failure); t++) {
        for (unsigned who = XV_FORWARD; who <= XV_BACK; who++) {
            bool its_turn = t < TURNS(failure) && failure[t].who == who && failure[t].text;

            assert_true(play(&h, failure, t, 0));
            if (its_turn && failure[t].n > 1)
                assert_false(feed(&h, who == XV_BACK ? XV_FORWARD : XV_BACK, "x", 1, 0));
            else if (!its_turn)
                assert_false(xv_handshake_feed(&h, (enum xv_direction)who, (const uint8_t *)"x", 1, &whole));
            else
                continue;
            assert_true(h.code == XV_HANDSHAKE_SENDER_SPOKE || h.code == XV_HANDSHAKE_RECEIVER_SPOKE);
            assert_int_equal(h.code, h.guilty == XV_BACK ? XV_HANDSHAKE_RECEIVER_SPOKE : XV_HANDSHAKE_SENDER_SPOKE);
        }
    }
    xv_handshake_init(&h, XV_PROTOCOL_MIGRATE); /* more than was asked for */
    assert_false(xv_handshake_feed(&h, XV_BACK, (const uint8_t *)(BANNER "x"), sizeof BANNER, &whole));
    assert_int_equal(h.code, XV_HANDSHAKE_RECEIVER_SPOKE);
}

/* Each side leaves at every octet. */
static void cut_everywhere(void **state) {
    struct xv_handshake h;

    (void)state;
    for (size_t t = 0; t < TURNS(failure); t++) {
        for (size_t i = 0; i < (failure[t].text ? failure[t].n : 1); i++) {
            assert_true(play(&h, failure, t, 0));
            if (i > 0)
                assert_false(feed(&h, failure[t].who, failure[t].text, i, 0));
            assert_false(xv_handshake_eof(&h, XV_BACK));
            assert_int_equal(h.code, XV_HANDSHAKE_RECEIVER_LEFT);
            assert_true(play(&h, failure, t, 0));
            assert_int_equal(xv_handshake_eof(&h, XV_FORWARD), t > 3); /* after the go-ahead the sender only listens */
            if (t <= 3)
                assert_int_equal(h.code, XV_HANDSHAKE_SENDER_LEFT);
        }
    }
}

static void the_stream_ends_out_of_turn(void **state) {
    struct xv_handshake h;

    (void)state;
    xv_handshake_init(&h, XV_PROTOCOL_MIGRATE);
    assert_false(xv_handshake_stream_done(&h));
    assert_int_equal(h.code, XV_HANDSHAKE_SENDER_SPOKE);
    assert_true(play(&h, success, 3, 0));
    assert_true(xv_handshake_went_ahead(&h));
    assert_true(xv_handshake_committed(&h));
    assert_false(xv_handshake_went_ahead(&h));
    xv_handshake_init_go_ahead(&h);
    assert_true(feed(&h, XV_FORWARD, GO_AHEAD, sizeof GO_AHEAD, 7));
}

static void remus(void **state) {
    struct xv_handshake h;

    (void)state;
    xv_handshake_init(&h, XV_PROTOCOL_REMUS);
    assert_true(feed(&h, XV_BACK, BANNER, sizeof BANNER - 1, 3));
    assert_int_equal(xv_handshake_demand(&h, XV_BACK).turn, XV_TURN_SILENT);
    assert_int_equal(xv_handshake_demand(&h, XV_FORWARD).turn, XV_TURN_STREAM);
    assert_true(xv_handshake_stream_done(&h) && xv_handshake_done(&h) && !xv_handshake_committed(&h));
    assert_true(xv_handshake_eof(&h, XV_BACK));
}

/* --- COLO's back channel ------------------------------------------------------------------------------------------ */

static size_t put_u32(uint8_t *to, size_t at, uint32_t value) {
    for (unsigned i = 0; i < 4; i++)
        to[at + i] = (uint8_t)(value >> (8 * i));
    return at + 4;
}

static size_t put_state(uint8_t *to, size_t at, uint32_t id) {
    return put_u32(to, put_u32(to, put_u32(to, put_u32(to, at, 5), 4), id), 0);
}

static size_t put_list(uint8_t *to, size_t at, uint32_t pfns, bool wide) {
    at = put_u32(to, put_u32(to, at, 0xf), pfns * 8);
    if (wide)
        at = put_u32(to, put_u32(to, at, 0), 0);
    for (uint32_t i = 0; i < pfns; i++)
        at = put_u32(to, put_u32(to, at, 100 + i), 0);
    return at;
}

/* What so many cycles look like. */
static size_t cycles(uint8_t *to, unsigned count, bool wide) {
    size_t n = put_state(to, put_state(to, 0, 2), 3);

    for (unsigned i = 0; i < count; i++) {
        n = put_state(to, n, 1);
        n = put_list(to, n, 3 + i, wide);
        n = put_state(to, n, 2);
        n = put_state(to, n, 3);
    }
    return n;
}

static bool colo(struct xv_handshake *h, const uint8_t *bytes, size_t n, size_t piece) {
    xv_handshake_init(h, XV_PROTOCOL_COLO);
    assert_true(feed(h, XV_BACK, BANNER, sizeof BANNER - 1, 0));
    return feed(h, XV_BACK, bytes, n, piece);
}

static void colo_cycles(void **state) {
    struct xv_handshake h;
    uint8_t bytes[1024];

    (void)state;
    for (size_t piece = 0; piece < 70; piece++) {
        assert_true(colo(&h, bytes, cycles(bytes, 3, false), piece));
        assert_true(colo(&h, bytes, cycles(bytes, 3, true), piece));
        assert_true(xv_handshake_stream_done(&h) && xv_handshake_eof(&h, XV_BACK));
    }
}

/* One octet of the first cycle's records changed: header fields are all known, pfns are anything. */
static void colo_damaged(void **state) {
    struct xv_handshake h;
    uint8_t bytes[1024];
    size_t n = cycles(bytes, 1, false);

    (void)state;
    for (size_t i = 0; i < n; i++) {
        bool pfn = i >= 56 && i < 80, length = i >= 52 && i < 56;

        (void)cycles(bytes, 1, false);
        bytes[i] ^= i == 52 ? 1 : 0x80;
        if (pfn) {
            assert_true(colo(&h, bytes, n, 0));
        } else {
            assert_false(colo(&h, bytes, n, 0));
            assert_true(length || h.code == XV_HANDSHAKE_COLO_RECORD);
            assert_true(i != 52 || h.code == XV_HANDSHAKE_COLO_PFN);
        }
    }
}

/* No pfn is dirty: from 4.18 on the header's second half, zeros, follows all the same, once. */
static void colo_empty_lists(void **state) {
    struct xv_handshake h;
    uint8_t bytes[256];

    (void)state;
    for (unsigned wide = 0; wide < 2; wide++) {
        size_t list = put_list(bytes, put_state(bytes, put_state(bytes, put_state(bytes, 0, 2), 3), 1), 0, wide);
        size_t n = put_list(bytes, put_state(bytes, put_state(bytes, put_state(bytes, list, 2), 3), 1), 0, wide);

        for (size_t piece = 0; piece < 20; piece++)
            assert_true(colo(&h, bytes, n, piece));
        for (size_t i = list - 8; wide && i < list; i++) {
            bytes[i] ^= 1;
            assert_false(colo(&h, bytes, n, 0));
            assert_int_equal(h.code, XV_HANDSHAKE_COLO_RECORD);
            bytes[i] ^= 1;
        }
        memset(bytes + list, 0, 16);
        assert_int_equal(colo(&h, bytes, list + 8, 0), !wide);
        assert_false(colo(&h, bytes, list + 16, 0));
    }
}

static void colo_list_lengths(void **state) {
    static const struct {
        uint32_t length;
        bool good;
    } rows[] = {{0, true}, {8, true}, {1u << 30, true}, {4, false}, {(1u << 30) + 8, false}, {0xfffffff8u, false}};
    struct xv_handshake h;
    uint8_t bytes[64];

    (void)state;
    for (size_t i = 0; i < TURNS(rows); i++) {
        size_t n = put_state(bytes, put_state(bytes, put_state(bytes, 0, 2), 3), 1);

        assert_true(colo(&h, bytes, n, 0));
        (void)put_u32(bytes, put_u32(bytes, 0, 0xf), rows[i].length);
        (void)feed(&h, XV_BACK, bytes, 8, 0);
        assert_int_equal(h.code, rows[i].good ? XV_ACCEPTED : XV_HANDSHAKE_COLO_PFN);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(in_pieces_of_every_size),
        cmocka_unit_test(every_octet_damaged),
        cmocka_unit_test(out_of_turn),
        cmocka_unit_test(cut_everywhere),
        cmocka_unit_test(the_stream_ends_out_of_turn),
        cmocka_unit_test(remus),
        cmocka_unit_test(colo_cycles),
        cmocka_unit_test(colo_damaged),
        cmocka_unit_test(colo_empty_lists),
        cmocka_unit_test(colo_list_lengths),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
