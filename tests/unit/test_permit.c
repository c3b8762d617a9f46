/* SPDX-License-Identifier: MIT */
/* No sequence of messages is an acceptance but READY, COMPLETE and an accepting OUTCOME in this order, each once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "permit.h"

enum symbol {
    READY,
    FAILED,
    FACT,
    TICK,
    CONFIG,
    SUMMARY,
    COMPLETE,
    GO_AHEAD,
    ACCEPTS,
    REJECTS,
    ERRS,
    HELLO,
    PROCEED,
    UNKNOWN,
    SYMBOLS
};

static struct xv_message alphabet[SYMBOLS];

static int make_alphabet(void **state) {
    static const uint32_t kinds[SYMBOLS] = {
        [READY] = XV_MSG_READY,       [FAILED] = XV_MSG_FAILED,
        [FACT] = XV_MSG_FACT,         [TICK] = XV_MSG_TICK,
        [CONFIG] = XV_MSG_CONFIG,     [SUMMARY] = XV_MSG_SUMMARY,
        [COMPLETE] = XV_MSG_COMPLETE, [GO_AHEAD] = XV_MSG_GO_AHEAD,
        [ACCEPTS] = XV_MSG_OUTCOME,   [REJECTS] = XV_MSG_OUTCOME,
        [ERRS] = XV_MSG_OUTCOME,      [HELLO] = XV_MSG_HELLO,
        [PROCEED] = XV_MSG_PROCEED,   [UNKNOWN] = 77,
    };

    (void)state;
    for (unsigned i = 0; i < SYMBOLS; i++)
        alphabet[i].kind = kinds[i];
    alphabet[REJECTS].u.outcome.ending = XV_ENDED_REJECTED;
    alphabet[REJECTS].u.outcome.code = XV_TRUNCATED;
    alphabet[ERRS].u.outcome.ending = XV_ENDED_IDLE;
    return 0;
}

/* What the table means, said once more and differently: a word of READY, then talk, COMPLETE, perhaps GO_AHEAD,
 * ACCEPTS. */
static bool acceptable(const uint8_t *word, unsigned n, bool config, bool summary) {
    unsigned configs = 0, summaries = 0, i = 1;

    if (n < 3 || word[0] != READY)
        return false;
    for (; i < n && (word[i] == FACT || word[i] == TICK || word[i] == CONFIG || word[i] == SUMMARY); i++) {
        configs += word[i] == CONFIG;
        summaries += word[i] == SUMMARY;
    }
    if (configs > (config ? 1u : 0u) || summaries != (summary ? 1u : 0u))
        return false;
    if (i == n || word[i++] != COMPLETE)
        return false;
    if (i < n && word[i] == GO_AHEAD)
        i++;
    return i + 1 == n && word[i] == ACCEPTS;
}

static bool judge(const uint8_t *word, unsigned n, bool config, bool summary) {
    struct xv_permit permit;

    xv_permit_init(&permit, 1000);
    permit.config = config;
    permit.summary = summary;
    for (unsigned i = 0; i < n; i++) {
        assert_false(permit.accepted && permit.state != XV_PERMIT_CLOSED);
        (void)xv_permit_take(&permit, &alphabet[word[i]]);
    }
    return permit.accepted;
}

static void every_short_sequence(void **state) {
    uint8_t word[5];

    (void)state;
    for (unsigned n = 0; n <= sizeof word; n++) {
        unsigned long count = 1, accepted = 0, expected = 0;

        for (unsigned i = 0; i < n; i++)
            count *= SYMBOLS;
        for (unsigned long k = 0; k < count * 4; k++) {
            unsigned long rest = k / 4;

            for (unsigned i = 0; i < n; i++, rest /= SYMBOLS)
                word[i] = (uint8_t)(rest % SYMBOLS);
            accepted += judge(word, n, k & 1, k & 2);
            expected += acceptable(word, n, k & 1, k & 2);
            if (accepted != expected)
                fail_msg("sequence %lu of length %u", k, n);
        }
        assert_true(n < 3 || accepted > 0);
    }
}

static uint32_t next_random(uint32_t *seed) {
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

/* Long ones: an honest run with symbols replayed, dropped, swapped and thrown in. */
static void long_sequences(void **state) {
    static const uint8_t honest[] = {READY, FACT, CONFIG, TICK, FACT, COMPLETE, GO_AHEAD, ACCEPTS};
    uint32_t seed = 1;

    (void)state;
    for (unsigned run = 0; run < 300000; run++) {
        uint8_t word[64];
        unsigned n = 0;

        for (unsigned i = 0; i < sizeof honest; i++) {
            uint32_t r = next_random(&seed) % 64;

            if (r == 0)
                continue;
            word[n++] = r == 1 ? (uint8_t)(next_random(&seed) % SYMBOLS)
                               : honest[r == 2 ? next_random(&seed) % sizeof honest : i];
            if (r == 3)
                word[n++] = honest[next_random(&seed) % (i + 1)];
        }
        assert_int_equal(judge(word, n, true, false), acceptable(word, n, true, false));
    }
}

static bool takes(struct xv_message message, enum xv_permit_state at) {
    struct xv_permit permit;

    xv_permit_init(&permit, 2);
    permit.state = at;
    return xv_permit_take(&permit, &message);
}

static void implausible_contents(void **state) {
    struct xv_message m = alphabet[ACCEPTS];

    (void)state;
    assert_true(takes(m, XV_PERMIT_COMPLETE));
    assert_false(takes(m, XV_PERMIT_RUNNING));
    m.u.outcome.code = XV_TRUNCATED; /* accepts, with a verdict against it */
    assert_false(takes(m, XV_PERMIT_COMPLETE));
    m = alphabet[REJECTS];
    m.u.outcome.code = XV_ACCEPTED; /* rejects, without a verdict */
    assert_false(takes(m, XV_PERMIT_RUNNING));
    m.u.outcome.code = 9999;
    assert_false(takes(m, XV_PERMIT_RUNNING));
    m = alphabet[ERRS];
    m.u.outcome.ending = 1000;
    assert_false(takes(m, XV_PERMIT_RUNNING));
    m = alphabet[REJECTS];
    memset(m.u.outcome.record_name, 'A', sizeof m.u.outcome.record_name); /* without an end */
    assert_false(takes(m, XV_PERMIT_RUNNING));
    m = alphabet[REJECTS];
    memcpy(m.u.outcome.summary.config_name, "\033[2J", 5); /* would reach a terminal */
    assert_false(takes(m, XV_PERMIT_RUNNING));
    m = alphabet[FACT];
    m.u.fact.kind = XV_FACT_TOLERATED + 1;
    assert_false(takes(m, XV_PERMIT_RUNNING));
    m = alphabet[FACT];
    m.u.fact.text[0] = '\n';
    assert_false(takes(m, XV_PERMIT_RUNNING));
}

static void too_many_facts(void **state) {
    struct xv_permit permit;

    (void)state;
    xv_permit_init(&permit, 2);
    assert_true(xv_permit_take(&permit, &alphabet[READY]) && xv_permit_take(&permit, &alphabet[FACT]) &&
                xv_permit_take(&permit, &alphabet[FACT]));
    assert_false(xv_permit_take(&permit, &alphabet[FACT]));
    assert_int_equal(permit.state, XV_PERMIT_CLOSED);
}

/* Digests come while a seal is made, up to that of the whole image. */
static void seals(void **state) {
    struct xv_message message = {.kind = XV_MSG_SEALED};
    struct xv_permit permit;

    (void)state;
    xv_permit_init(&permit, 0);
    permit.state = XV_PERMIT_RUNNING;
    assert_false(xv_permit_take(&permit, &message)); /* nobody asked */
    xv_permit_init(&permit, 0);
    permit.seal = true;
    permit.state = XV_PERMIT_RUNNING;
    assert_true(xv_permit_take(&permit, &message));
    assert_true(xv_permit_take(&permit, &message));
    message.u.sealed.whole = 1;
    assert_true(xv_permit_take(&permit, &message));
    assert_false(xv_permit_take(&permit, &message));
    assert_int_equal(permit.state, XV_PERMIT_CLOSED);
    xv_permit_init(&permit, 0);
    permit.seal = true;
    permit.state = XV_PERMIT_RUNNING;
    message.u.sealed.whole = 2;
    assert_false(xv_permit_take(&permit, &message));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_short_sequence),
        cmocka_unit_test(long_sequences),
        cmocka_unit_test(implausible_contents),
        cmocka_unit_test(too_many_facts),
        cmocka_unit_test(seals),
    };

    return cmocka_run_group_tests(tests, make_alphabet, NULL);
}
