/* SPDX-License-Identifier: MIT */
/* Headers of a libxc stream, and its table of records: every type in every state, version and guest, with every length.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "libxc_rules.h"
#include "stream_build.h"

static struct test_parser t;

static int setup(void **state) {
    (void)state;
    small_parser(&t);
    t.policy.allow |= XV_ALLOW_CHECKPOINTED | XV_ALLOW_VERIFY;
    test_parser_again(&t);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    test_parser_free(&t);
    return 0;
}

/* What the format notes say of each record, written down once more (libxc 3, 4, 5.3). */
#define STATIC    1u
#define MEMORY    2u
#define VERIFYING 4u
#define TAIL      8u
#define AGAIN     32u
#define MEM       (MEMORY | VERIFYING | AGAIN)
#define LATE      (MEM | TAIL)
static const struct expected {
    uint32_t type;
    bool pv, hvm, v2, v3;
    uint32_t states;
    bool ends_static; /* in version 2 it may stand where static data does */
    bool once;
    uint32_t min, max, step;
    uint32_t needs_pv, needs_hvm; /* sets of types; STATIC_DATA_END, which all later records of version 3 need, apart */
} table[] = {
    {0x0, true, true, true, true, STATIC | LATE, false, true, 0, 0, 1, 0x8e, 0x202},
    {0x1, true, true, true, true, MEM, true, false, 8, 8 + 1024 * 4104, 8, 0xc, 0},
    {0x2, true, false, true, true, STATIC, false, true, 8, 8, 1, 0, 0},
    {0x3, true, false, true, true, MEMORY, true, false, 16, 8 + (64u << 20), 8, 0x4, 0},
    {0x4, true, false, true, true, LATE, false, false, 8, 5176, 1, 0xe, 0},
    {0x5, true, false, true, true, LATE, false, false, 8, 136, 1, 0xe, 0},
    {0x6, true, false, true, true, LATE, false, false, 8, 16392, 1, 0xe, 0},
    {0x7, true, false, true, true, LATE, false, true, 4096, 4096, 1, 0xe, 0},
    {0x8, true, true, true, true, STATIC | LATE, false, true, 24, 24, 1, 0, 0},
    {0x9, false, true, true, true, LATE, false, true, 8, 8u << 20, 1, 0, 0x2},
    {0xa, false, true, true, true, LATE, false, false, 8, 632, 16, 0, 0x2},
    {0xc, true, false, true, true, LATE, false, false, 8, 120, 16, 0xe, 0},
    {0xd, true, true, true, true, MEMORY, false, true, 0, 0, 1, 0, 0},
    {0xe, true, true, true, true, LATE, false, false, 0, 0, 1, 0x8e, 0x202},
    {0x10, true, true, false, true, STATIC, false, true, 0, 0, 1, 0x4, 0},
    {0x11, true, true, false, true, STATIC, false, true, 24, 24 * 342, 24, 0x4, 0},
    {0x12, true, true, false, true, STATIC, false, true, 16, 16 * 512, 16, 0x4, 0},
};
#define ROWS (sizeof table / sizeof table[0])

static const enum xv_libxc_state states[] = {XV_S_STATIC, XV_S_MEMORY, XV_S_VERIFY, XV_S_TAIL, XV_S_AGAIN};

/* Verdicts that the table of records gives; others come from the contents. */
static bool of_framing(enum xv_code code) {
    return code >= XV_RECORD_UNKNOWN && code <= XV_RECORD_MISSING;
}

struct place {
    bool hvm;
    uint32_t version;
    enum xv_libxc_state state;
    uint32_t seen;
};

/* What the framing says of a record header in this place; XV_ACCEPTED if nothing. */
static enum xv_code ask(struct place at, uint32_t type, uint32_t length) {
    struct stream s = {.n = 0};
    enum xv_code code;

    test_parser_again(&t);
    t.p->await = XV_AWAIT_LIBXC_RECORD;
    t.p->libxc.version = at.version;
    t.p->libxc.hvm = at.hvm;
    t.p->libxc.state = at.state;
    t.p->libxc.seen = at.seen;
    t.p->sum.data_pages = 1;
    t.p->pv.seen[XV_VCPU_BASIC][0] = 1;
    header(&s, type, length);
    (void)xv_parser_feed(t.p, s.bytes, 8);
    code = xv_parser_report(t.p)->code;
    return of_framing(code) ? code : XV_ACCEPTED;
}

/* A place where everything but what is asked for has come. */
static struct place good_place(const struct expected *e, bool hvm, uint32_t version, enum xv_libxc_state state) {
    return (struct place){hvm, version, state, ~(1u << e->type)};
}

static bool legal_state(const struct expected *e, uint32_t version, enum xv_libxc_state state) {
    return (e->states & (uint32_t)state) || (version == 2 && state == XV_S_STATIC && e->ends_static);
}

static enum xv_code expected_code(const struct expected *e, bool hvm, uint32_t version, enum xv_libxc_state state) {
    if (!(hvm ? e->hvm : e->pv))
        return XV_RECORD_GUEST;
    if (!(version == 2 ? e->v2 : e->v3))
        return XV_RECORD_VERSION;
    return legal_state(e, version, state) ? XV_ACCEPTED : XV_RECORD_ORDER;
}

static void every_place(void **state) {
    (void)state;
    for (size_t i = 0; i < ROWS; i++)
        for (size_t k = 0; k < 5; k++)
            for (unsigned n = 0; n < 4; n++) {
                bool hvm = n & 1;
                uint32_t version = n & 2 ? 3 : 2;
                enum xv_code want = expected_code(&table[i], hvm, version, states[k]);
                enum xv_code got = ask(good_place(&table[i], hvm, version, states[k]), table[i].type, table[i].min);

                if (got != want)
                    fail_msg("type %#x, %s, version %u, state %#x: %d, not %d", table[i].type, hvm ? "HVM" : "PV",
                             version, (unsigned)states[k], (int)got, (int)want);
            }
}

/* Some place where the record may stand. */
static struct place legal_place(const struct expected *e, bool hvm) {
    uint32_t version = e->v3 ? 3 : 2;
    size_t k = 0;

    while (!legal_state(e, version, states[k]))
        k++;
    return good_place(e, hvm, version, states[k]);
}

static void multiplicity(void **state) {
    (void)state;
    for (size_t i = 0; i < ROWS; i++) {
        struct place at = legal_place(&table[i], table[i].hvm);

        assert_int_equal(ask(at, table[i].type, table[i].min), XV_ACCEPTED);
        at.seen = UINT32_MAX;
        assert_int_equal(ask(at, table[i].type, table[i].min), table[i].once ? XV_RECORD_REPEATED : XV_ACCEPTED);
    }
}

static void one_missing(const struct expected *e, bool hvm, uint32_t needs, uint32_t version) {
    for (uint32_t type = 0; type < 0x13; type++) {
        struct place at = legal_place(e, hvm);

        if (type == e->type)
            continue;
        at.version = version;
        at.seen &= ~(1u << type);
        if (needs >> type & 1) {
            assert_int_equal(ask(at, e->type, e->min), XV_RECORD_MISSING);
            assert_int_equal(xv_parser_report(t.p)->found, type);
        } else {
            assert_int_equal(ask(at, e->type, e->min), XV_ACCEPTED);
        }
    }
}

static void needs(void **state) {
    (void)state;
    for (size_t i = 0; i < ROWS; i++) {
        const struct expected *e = &table[i];
        uint32_t end =
            e->states == STATIC ? 0 : 1u << 0x10; /* in version 3, later records rest on the end of static data */

        if (e->pv && e->v2)
            one_missing(e, false, e->needs_pv, 2);
        if (e->pv && e->v3)
            one_missing(e, false, e->needs_pv | end, 3);
        if (e->hvm && e->v2)
            one_missing(e, true, e->needs_hvm, 2);
        if (e->hvm && e->v3)
            one_missing(e, true, e->needs_hvm | end, 3);
    }
}

static void lengths(void **state) {
    (void)state;
    t.policy.max_stream_bytes = UINT64_C(1) << 40;
    for (size_t i = 0; i < ROWS; i++) {
        const struct expected *e = &table[i];
        struct place at = legal_place(e, e->hvm);

        assert_int_equal(ask(at, e->type, e->min), XV_ACCEPTED);
        assert_int_equal(ask(at, e->type, e->max), XV_ACCEPTED);
        assert_int_equal(ask(at, e->type, e->max + 1), XV_RECORD_LENGTH);
        assert_int_equal(xv_parser_report(t.p)->offset, 4);
        assert_int_equal(ask(at, e->type, e->max + e->step), XV_RECORD_LENGTH);
        assert_int_equal(ask(at, e->type, UINT32_MAX), XV_RECORD_LENGTH);
        assert_int_equal(xv_parser_report(t.p)->allowed_min, e->min);
        assert_int_equal(xv_parser_report(t.p)->allowed_max, e->max);
        if (e->min) {
            assert_int_equal(ask(at, e->type, e->min - 1), XV_RECORD_LENGTH);
            assert_int_equal(ask(at, e->type, 0), XV_RECORD_LENGTH);
        }
        if (e->max > e->min) {
            assert_int_equal(ask(at, e->type, e->min + e->step), XV_ACCEPTED);
            assert_int_equal(ask(at, e->type, e->min + 1), e->step > 1 ? XV_RECORD_LENGTH : XV_ACCEPTED);
            assert_int_equal(ask(at, e->type, e->max - 1), e->step > 1 ? XV_RECORD_LENGTH : XV_ACCEPTED);
        }
    }
}

/* The table that documentation prints says the same. */
static void printed(void **state) {
    struct xv_record_rule rule;
    size_t found = 0;

    (void)state;
    for (size_t i = 0; xv_record_rule_at(i, &rule); i++)
        for (size_t k = 0; k < ROWS; k++) {
            if (strcmp(rule.layer, "libxc") != 0 || rule.type != table[k].type)
                continue;
            found++;
            assert_int_equal(rule.min, table[k].min);
            assert_int_equal(rule.max, table[k].max);
            assert_int_equal(rule.step, table[k].step);
            assert_int_equal(rule.needs, table[k].needs_pv | table[k].needs_hvm);
            assert_string_equal(rule.guests, table[k].pv && table[k].hvm ? "PV HVM" : table[k].pv ? "PV" : "HVM");
            assert_string_equal(rule.versions, table[k].v2 ? "2 3" : "3");
            assert_true(rule.states[0] != '?');
        }
    assert_int_equal(found, ROWS);
}

/* TOOLSTACK has a name and no reader; the dirty list travels the other way only; others do not exist. */
static void unknown_types(void **state) {
    struct place at = {true, 3, XV_S_MEMORY, 1u << 0x10};

    (void)state;
    assert_int_equal(ask(at, 0xb, 0), XV_RECORD_UNKNOWN);
    assert_int_equal(ask(at, 0xf, 0), XV_RECORD_ORDER);
    assert_int_equal(ask(at, 0x13, 0), XV_RECORD_UNKNOWN);
    assert_int_equal(ask(at, 0x7fffffff, 0), XV_RECORD_UNKNOWN);
    assert_int_equal(xv_parser_report(t.p)->offset, 0);
    assert_int_equal(ask(at, 0x80000000, 0), XV_RECORD_OPTIONAL);
    assert_int_equal(ask(at, UINT32_MAX, 0), XV_RECORD_OPTIONAL);
}

static void optional_records(void **state) {
    struct place at = {true, 3, XV_S_MEMORY, 1u << 0x10};

    (void)state;
    t.policy.tolerate |= XV_TOLERATE_OPTIONAL_RECORD;
    assert_int_equal(ask(at, 0x80000001, 0), XV_ACCEPTED);
    assert_true(xv_parser_dropped(t.p));
    assert_int_equal(ask(at, 0x80000001, 65536), XV_ACCEPTED);
    assert_int_equal(xv_parser_demand(t.p).want, XV_WANT_OPAQUE);
    assert_int_equal(ask(at, 0x80000001, 65537), XV_RECORD_LENGTH);
    assert_int_equal(ask(at, 0x13, 0), XV_RECORD_UNKNOWN);
}

static void modes(void **state) {
    struct stream s = {.n = 0};

    (void)state;
    hvm_guest(&s, true);
    header(&s, 0xe, 0);
    assert_int_equal(judge(&t, &s), XV_ACCEPTED);
    t.policy.allow &= ~(uint32_t)XV_ALLOW_CHECKPOINTED;
    assert_int_equal(judge(&t, &s), XV_CHECKPOINT_REFUSED);
    s.n = 0;
    libxc_headers(&s, 3, 2, 4, 17);
    header(&s, 0x10, 0);
    hvm_pages(&s);
    header(&s, 0xd, 0);
    hvm_pages(&s);
    hvm_tail(&s, false);
    struct stream plain = s, checkpointed = s;
    header(&plain, 0, 0);
    header(&checkpointed, 0xe, 0);
    t.policy.allow |= XV_ALLOW_CHECKPOINTED;
    assert_int_equal(judge(&t, &plain), XV_ACCEPTED);
    assert_int_equal(judge(&t, &checkpointed), XV_RECORD_ORDER);
    t.policy.allow &= ~(uint32_t)XV_ALLOW_VERIFY;
    assert_int_equal(judge(&t, &plain), XV_VERIFY_REFUSED);
}

/* The headers: every octet that may hold one value only. */
static void headers(void **state) {
    static const struct {
        size_t first, last;
        enum xv_code code;
        size_t at;
    } fields[] = {
        {8, 11, XV_LIBXC_ID, 8},          {12, 14, XV_LIBXC_VERSION, 12}, {18, 19, XV_LIBXC_RESERVED, 18},
        {20, 23, XV_LIBXC_RESERVED, 20},  {24, 27, XV_DOMAIN_TYPE, 24},   {28, 29, XV_DOMAIN_PAGE_SHIFT, 28},
        {30, 31, XV_DOMAIN_RESERVED, 30},
    };
    struct stream s = {.n = 0};

    (void)state;
    libxc_hvm(&s);
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
        for (size_t at = fields[i].first; at <= fields[i].last; at++) {
            s.bytes[at] ^= 0x80;
            assert_int_equal(judge(&t, &s), fields[i].code);
            assert_int_equal(offset_of(&t), fields[i].at);
            s.bytes[at] ^= 0x80;
        }
    assert_int_equal(judge(&t, &s), XV_ACCEPTED);
}

static enum xv_code with_octet(size_t at, uint8_t value) {
    struct stream s = {.n = 0};

    libxc_hvm(&s);
    s.bytes[at] = value;
    return judge(&t, &s);
}

static void header_values(void **state) {
    (void)state;
    assert_int_equal(with_octet(15, 0), XV_LIBXC_VERSION);
    assert_int_equal(with_octet(15, 1), XV_DRAFT_DOMAIN_TYPE);
    assert_int_equal(with_octet(15, 4), XV_LIBXC_VERSION);
    assert_int_equal(with_octet(17, 1), XV_LIBXC_ENDIAN);
    assert_int_equal(with_octet(17, 2), XV_LIBXC_OPTIONS);
    assert_int_equal(with_octet(16, 1), XV_LIBXC_OPTIONS);
    assert_int_equal(with_octet(24, 0), XV_DOMAIN_TYPE);
    assert_int_equal(with_octet(24, 3), XV_DOMAIN_TYPE);
    assert_int_equal(with_octet(28, 13), XV_DOMAIN_PAGE_SHIFT);
    t.policy.guests = XV_GUEST_PV64;
    assert_int_equal(with_octet(24, 2), XV_DOMAIN_REFUSED);
    t.policy.guests = XV_GUEST_PVH;
    assert_int_equal(with_octet(24, 2), XV_ACCEPTED);
    assert_int_equal(with_octet(24, 1), XV_DOMAIN_REFUSED);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_place, setup, teardown),
        cmocka_unit_test_setup_teardown(multiplicity, setup, teardown),
        cmocka_unit_test_setup_teardown(needs, setup, teardown),
        cmocka_unit_test_setup_teardown(lengths, setup, teardown),
        cmocka_unit_test_setup_teardown(printed, setup, teardown),
        cmocka_unit_test_setup_teardown(unknown_types, setup, teardown),
        cmocka_unit_test_setup_teardown(optional_records, setup, teardown),
        cmocka_unit_test_setup_teardown(modes, setup, teardown),
        cmocka_unit_test_setup_teardown(headers, setup, teardown),
        cmocka_unit_test_setup_teardown(header_values, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
