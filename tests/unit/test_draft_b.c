/* SPDX-License-Identifier: MIT */
/* Draft B: headers, framing, checksums and order, with each limit at, below and above. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "crc32.h"
#include "draft_b_rules.h"
#include "stream_build.h"

static struct test_parser t;
static bool big;

static int setup(void **state) {
    (void)state;
    big = false;
    small_parser(&t);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    test_parser_free(&t);
    return 0;
}

static void field(struct stream *s, uint64_t value, unsigned octets) {
    if (big)
        be(s, value, octets);
    else
        le(s, value, octets);
}

static void begin(struct stream *s) {
    s->n = 0;
    be(s, UINT64_MAX, 8);
    raw(s, "XENF", 4);
    be(s, 1, 4);
    be(s, big, 2);
    zeroes(s, 6);
    field(s, 1, 2);
    field(s, 1, 2);
    field(s, 12, 2);
    field(s, 0, 2);
}

/* A record of eight-octet fields, with its checksum. */
static void fields(struct stream *s, uint32_t type, const uint64_t *values, size_t n, unsigned octets) {
    uint32_t sum = 0;
    size_t from;

    field(s, type, 4);
    field(s, n * octets, 4);
    field(s, 1, 2);
    zeroes(s, 6);
    from = s->n;
    for (size_t i = 0; i < n; i++)
        field(s, values[i], octets);
    for (size_t at = from; at < s->n; at += 8) {
        struct xv_cursor eight = xv_cursor_over(s->bytes + at, 8, 0);

        sum = xv_crc32(sum, &eight);
    }
    field(s, sum, 4);
    zeroes(s, 4);
}

static void pv_info(struct stream *s) {
    const uint64_t octets[8] = {8, 4};

    fields(s, XV_DREC_PV_INFO, octets, 8, 1);
}

static void p2m(struct stream *s, uint64_t start, uint64_t end, uint64_t entry) {
    static uint64_t body[2 + 4097];
    size_t n = end - start <= 4096 ? (size_t)(end - start) : 1;

    body[0] = start;
    body[1] = end;
    for (size_t i = 0; i < n; i++)
        body[2 + i] = entry;
    fields(s, XV_DREC_P2M, body, 2 + n, 8);
}

static void pages(struct stream *s) {
    const uint64_t one[2] = {big ? UINT64_C(1) << 32 : 1, UINT64_C(0xf) << 60};

    fields(s, XV_DREC_PAGE_DATA, one, 2, 8);
}

static void vcpu_info(struct stream *s, uint32_t most) {
    const uint64_t two[2] = {most, 0};

    fields(s, XV_DREC_VCPU_INFO, two, 2, 4);
}

static void up_to_pages(struct stream *s) {
    begin(s);
    pv_info(s);
    p2m(s, 0, 16, 5);
    pages(s);
}

/* Both byte orders, as far as an image without guest memory goes. */
static void byte_orders(void **state) {
    static struct stream s;

    (void)state;
    for (int i = 0; i < 2; i++) {
        big = i;
        up_to_pages(&s);
        vcpu_info(&s, 0);
        assert_int_equal(judge(&t, &s), XV_TRUNCATED);
        assert_int_equal(offset_of(&t), s.n);
        assert_int_equal(xv_parser_committed(t.p), s.n);
        assert_int_equal(xv_parser_summary(t.p)->format, XV_FORMAT_DRAFT_B_STREAM);
        assert_int_equal(xv_parser_summary(t.p)->image_version, 1);
        assert_int_equal(xv_parser_summary(t.p)->max_pfn, 15);
        assert_false(xv_parser_in_libxc(t.p));
        s.bytes[17] ^= 1; /* the option that says which */
        assert_int_equal(judge(&t, &s), XV_DRAFT_DOMAIN_TYPE);
    }
}

static void headers(void **state) {
    static const struct {
        size_t octet;
        enum xv_code code;
    } bits[] = {
        {16, XV_DRAFT_OPTIONS},         {18, XV_DRAFT_RESERVED},        {20, XV_DRAFT_RESERVED},
        {23, XV_DRAFT_RESERVED},        {24, XV_DRAFT_DOMAIN_TYPE},     {26, XV_DRAFT_DOMAIN_TYPE},
        {28, XV_DRAFT_PAGE_SHIFT},      {30, XV_DRAFT_DOMAIN_RESERVED}, {40, XV_DRAFT_RECORD_OPTIONS},
        {42, XV_DRAFT_RECORD_RESERVED}, {44, XV_DRAFT_RECORD_RESERVED}, {56, XV_DRAFT_CHECKSUM},
        {60, XV_DRAFT_RECORD_RESERVED},
    };
    static struct stream s;

    (void)state;
    for (size_t i = 0; i < sizeof(bits) / sizeof(bits[0]); i++) {
        begin(&s);
        pv_info(&s);
        s.bytes[bits[i].octet] ^= 2;
        assert_int_equal(judge(&t, &s), bits[i].code);
    }
}

static void p2m_ranges(void **state) {
    static struct stream s;
    const uint64_t most = 4096; /* of small_parser() */
    static const struct {
        uint64_t start, end;
        enum xv_code code;
    } rows[] = {
        {0, 1, XV_TRUNCATED},
        {0, 4095, XV_TRUNCATED},
        {0, 4096, XV_TRUNCATED},
        {0, 4097, XV_DRAFT_P2M_LIMIT},
        {0, 0, XV_DRAFT_RECORD_LENGTH},
        {1, 2, XV_DRAFT_P2M_RANGE},
        {0, UINT64_MAX, XV_DRAFT_P2M_LIMIT},
    };

    (void)state;
    assert_int_equal(t.policy.max_guest_pages, most);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        begin(&s);
        pv_info(&s);
        if (rows[i].end <= 4096 || rows[i].end > 1u << 20)
            p2m(&s, rows[i].start, rows[i].end, 7);
        else
            p2m(&s, 0, 4096, 7), s.bytes[64 + 16 + 8] = 1, s.bytes[64 + 16 + 9] = 0x10;
        assert_int_equal(judge(&t, &s), rows[i].code);
    }
    begin(&s);
    pv_info(&s);
    p2m(&s, 0, 5, 7);
    p2m(&s, 5, 9, UINT64_MAX);
    assert_int_equal(judge(&t, &s), XV_TRUNCATED);
    p2m(&s, 9, 10, (UINT64_C(1) << 40) - 1);
    assert_int_equal(judge(&t, &s), XV_TRUNCATED);
    p2m(&s, 10, 11, UINT64_C(1) << 40);
    assert_int_equal(judge(&t, &s), XV_DRAFT_P2M_ENTRY);
}

static void vcpu_limit(void **state) {
    static struct stream s;
    static const uint32_t limits[] = {1, 16, 8192};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        t.policy.max_vcpus = limits[i];
        for (int delta = -1; delta <= 1; delta++) {
            if (limits[i] == 1 && delta < 0)
                continue;
            up_to_pages(&s);
            vcpu_info(&s, limits[i] - 1 + (uint32_t)delta);
            assert_int_equal(judge(&t, &s), delta > 0 ? XV_DRAFT_VCPU_INFO : XV_TRUNCATED);
        }
    }
}

/* A record may only follow what the table says: every pair, and the start. */
static void order(void **state) {
    static struct stream s;

    (void)state;
    for (uint32_t type = 0; type < XV_DREC_TYPES; type++) {
        const struct xv_draft_b_rule *rule = xv_draft_b_rule(type);

        begin(&s);
        fields(&s, type, (const uint64_t[1]){0}, rule->min ? 1 : 0, rule->min ? rule->min : 1);
        if (type != XV_DREC_PV_INFO)
            assert_int_equal(judge(&t, &s), XV_DRAFT_RECORD_ORDER);
    }
    assert_null(xv_draft_b_rule(XV_DREC_TYPES));
    assert_null(xv_draft_b_body(XV_DREC_TYPES));
    assert_int_equal(xv_draft_b_rule(XV_DREC_END)->after, XV_DRAFT_BIT(XV_DREC_VCPU_CONTEXT));
}

static void unsummed(void **state) {
    static struct stream s;

    (void)state;
    begin(&s);
    pv_info(&s);
    s.bytes[40] = 0;
    assert_int_equal(judge(&t, &s), XV_DRAFT_UNSUMMED);
    t.policy.tolerate |= XV_TOLERATE_UNSUMMED;
    assert_int_equal(judge(&t, &s), XV_DRAFT_UNSUMMED_VALUE);
    memset(s.bytes + 56, 0, 4);
    assert_int_equal(judge(&t, &s), XV_TRUNCATED);
    assert_int_equal(xv_parser_summary(t.p)->tolerated, XV_TOLERATE_UNSUMMED);
}

/* Which of the formats that begin with the marker the policy takes. */
static void formats(void **state) {
    static struct stream s;

    (void)state;
    begin(&s);
    t.policy.formats = XV_FORMAT_DRAFT_B_STREAM;
    assert_int_equal(judge(&t, &s), XV_TRUNCATED);
    t.policy.formats = XV_FORMAT_LIBXC;
    assert_int_equal(judge(&t, &s), XV_FORMAT_DRAFT_B);
    t.policy.formats = XV_FORMAT_XL;
    assert_int_equal(judge(&t, &s), XV_FORMAT_REFUSED);
    s.n = 0;
    libxc_hvm(&s);
    t.policy.formats = XV_FORMAT_DRAFT_B_STREAM;
    assert_int_equal(judge(&t, &s), XV_FORMAT_REFUSED);
    t.policy.formats = XV_FORMAT_LIBXC;
    assert_int_equal(judge(&t, &s), XV_ACCEPTED);
    begin(&s);
    t.policy.formats = XV_FORMAT_DRAFT_B_STREAM;
    t.policy.guests = XV_GUEST_HVM;
    assert_int_equal(judge(&t, &s), XV_DOMAIN_REFUSED);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(byte_orders, setup, teardown),
        cmocka_unit_test_setup_teardown(headers, setup, teardown),
        cmocka_unit_test_setup_teardown(p2m_ranges, setup, teardown),
        cmocka_unit_test_setup_teardown(vcpu_limit, setup, teardown),
        cmocka_unit_test_setup_teardown(order, setup, teardown),
        cmocka_unit_test_setup_teardown(unsummed, setup, teardown),
        cmocka_unit_test_setup_teardown(formats, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
