/* SPDX-License-Identifier: MIT */
/* Legacy streams: what they begin with, and the limits of their parts at, below and above. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "legacy.h"
#include "legacy_rules.h"
#include "stream_build.h"

static struct test_parser t;

static int setup(void **state) {
    (void)state;
    small_parser(&t);
    t.policy.formats = XV_FORMAT_LEGACY_STREAM | XV_FORMAT_XL;
    return 0;
}

static int teardown(void **state) {
    (void)state;
    test_parser_free(&t);
    return 0;
}

static void looks(void **state) {
    static const struct {
        uint32_t first, second;
        bool legacy;
    } rows[] = {
        {0, 0, false},
        {1, 0, true},
        {0x10000000, 0, true},
        {0x10000001, 0, false},
        {64, 1, true},
        {64, 1024, true},
        {64, 1025, false},
        {64, UINT32_MAX, true},      /* the marker */
        {64, UINT32_MAX - 20, true}, /* chunk -21 */
        {64, UINT32_MAX - 21, false},
        {UINT32_MAX, UINT32_MAX, false}, /* libxc's marker */
        {0x206e6558, 0x65766173, false}, /* "Xen save" */
        {0x00088b1f, 0x5f000000, false}, /* gzip */
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        assert_int_equal(xv_legacy_looks(rows[i].first, rows[i].second), rows[i].legacy);
}

static void chunk(struct stream *s, int32_t id) {
    le(s, (uint32_t)id, 4);
}

/* One page without contents, as the words of this toolstack have it. */
static void one_page(struct stream *s, unsigned word, uint32_t pfn) {
    chunk(s, 1);
    le(s, pfn | 0xe0000000u, word);
}

static void begin_hvm(struct stream *s, unsigned word, uint64_t pages) {
    s->n = 0;
    le(s, pages, word);
    one_page(s, word, 1);
}

static void begin_pv(struct stream *s, unsigned word, uint64_t pages, uint32_t width) {
    uint32_t context = width == 8 ? 5168 : 2800;

    s->n = 0;
    le(s, pages, word);
    le(s, UINT64_MAX, word);
    le(s, 8 + context, 4);
    raw(s, "vcpu", 4);
    le(s, context, 4);
    zeroes(s, context);
}

static void widths(void **state) {
    static struct stream s;

    (void)state;
    for (unsigned word = 4; word <= 8; word += 4) {
        begin_hvm(&s, word, 64);
        assert_int_equal(judge(&t, &s), XV_TRUNCATED);
        assert_int_equal(offset_of(&t), s.n);
        assert_int_equal(xv_parser_committed(t.p), s.n);
        assert_int_equal(xv_parser_summary(t.p)->legacy_wide, word == 8);
        assert_int_equal(xv_parser_summary(t.p)->guest, XV_GUEST_HVM);
        assert_int_equal(xv_parser_item(t.p), XV_LEGACY_PAGES);
        for (uint32_t width = 4; width <= 8; width += 4) {
            begin_pv(&s, word, 64, width);
            le(&s, 5, word);
            assert_int_equal(judge(&t, &s), XV_TRUNCATED);
            assert_int_equal(xv_parser_committed(t.p), s.n);
            assert_int_equal(xv_parser_summary(t.p)->guest, width == 8 ? XV_GUEST_PV64 : XV_GUEST_PV32);
            assert_int_equal(xv_parser_summary(t.p)->max_pfn, 63);
            assert_int_equal(xv_parser_item(t.p), XV_LEGACY_FRAMES);
        }
    }
}

/* The policy's pages; for an HVM guest with room for the hole below 4 GiB. */
static void memory_limits(void **state) {
    static struct stream s;

    (void)state;
    for (int64_t delta = -1; delta <= 1; delta++) {
        begin_pv(&s, 8, (uint64_t)(4096 + delta), 8);
        assert_int_equal(judge(&t, &s), delta > 0 ? XV_P2M_LIMIT : XV_TRUNCATED);
        begin_hvm(&s, 8, (uint64_t)(4096 + (1 << 20) + delta));
        assert_int_equal(judge(&t, &s), delta > 0 ? XV_P2M_LIMIT : XV_TRUNCATED);
        begin_hvm(&s, 4, (uint64_t)(2 + delta));
        assert_int_equal(judge(&t, &s), delta < 0 ? XV_PAGE_PFN_RANGE : XV_TRUNCATED);
    }
}

/* As many frames as the guest's pages call for. */
static void frame_counts(void **state) {
    static const struct {
        uint64_t pages;
        uint32_t width;
        unsigned frames;
    } rows[] = {{511, 8, 1}, {512, 8, 1}, {513, 8, 2}, {1023, 4, 1}, {1024, 4, 1}, {1025, 4, 2}, {4096, 8, 8}};
    static struct stream s;

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        begin_pv(&s, 8, rows[i].pages, rows[i].width);
        for (unsigned f = 1; f < rows[i].frames; f++)
            le(&s, f, 8);
        assert_int_equal(judge(&t, &s), XV_TRUNCATED);
        assert_true(xv_parser_committed(t.p) < s.n || rows[i].frames == 1);
        le(&s, 100, 8);
        assert_int_equal(judge(&t, &s), XV_TRUNCATED);
        assert_int_equal(xv_parser_committed(t.p), s.n);
        le(&s, (uint32_t)-22, 4);
        assert_int_equal(judge(&t, &s), XV_LEGACY_CHUNK_UNKNOWN);
    }
}

static void batch_limits(void **state) {
    static struct stream s;

    (void)state;
    for (uint32_t count = 1023; count <= 1025; count++) {
        begin_hvm(&s, 4, 2048);
        chunk(&s, (int32_t)count);
        for (uint32_t i = 0; i < count; i++)
            le(&s, (100 + i) | 0xf0000000u, 4);
        assert_int_equal(judge(&t, &s), count > 1024 ? XV_LEGACY_BATCH : XV_TRUNCATED);
    }
}

/* Every chunk of the table: its octets, its guests, how often. */
static void chunks(void **state) {
    static struct stream s;

    (void)state;
    for (int32_t n = 1; n < XV_LEGACY_CHUNKS; n++) {
        const struct xv_legacy_rule *rule = xv_legacy_rule((uint32_t)n);

        begin_pv(&s, 4, 64, 8);
        le(&s, 5, 4);
        one_page(&s, 4, 1);
        chunk(&s, -n);
        if (rule->refuse != XV_ACCEPTED)
            assert_int_equal(judge(&t, &s), rule->refuse);
        else if (!(rule->guests & 1))
            assert_int_equal(judge(&t, &s), XV_LEGACY_CHUNK_GUEST);
        if (rule->refuse != XV_ACCEPTED || n == XV_LEGACY_VERIFY || n == XV_LEGACY_VCPU_INFO_CHUNK || rule->param)
            continue;
        begin_hvm(&s, 4, 64);
        for (int twice = 0; twice < 2; twice++) {
            chunk(&s, -n);
            zeroes(&s, rule->octets);
            assert_int_equal(judge(&t, &s), twice ? XV_LEGACY_CHUNK_REPEATED : XV_TRUNCATED);
        }
    }
    assert_null(xv_legacy_rule(XV_LEGACY_CHUNKS));
    assert_int_equal(xv_legacy_param(3), 12);
    assert_int_equal(xv_legacy_param(XV_LEGACY_CHUNKS), 0);
    assert_string_equal(xv_legacy_item_name(0x1000), "unknown");
}

static void vcpu_maps(void **state) {
    static const struct {
        uint32_t max_id;
        uint64_t word;
        enum xv_code code;
    } rows[] = {
        {0, 1, XV_TRUNCATED},           {0, 0, XV_LEGACY_VCPU_MAP},           {0, 3, XV_LEGACY_VCPU_MAP},
        {7, 0xff, XV_TRUNCATED},        {7, 0x1ff, XV_LEGACY_VCPU_MAP},       {8, 0x1ff, XV_TRUNCATED},
        {63, UINT64_MAX, XV_TRUNCATED}, {62, UINT64_MAX, XV_LEGACY_VCPU_MAP}, {4096, 1, XV_LEGACY_VCPU_MAP},
    };
    static struct stream s;

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        begin_hvm(&s, 8, 64);
        chunk(&s, -2);
        le(&s, rows[i].max_id, 4);
        le(&s, rows[i].word, 8);
        assert_int_equal(judge(&t, &s), rows[i].code);
    }
    begin_hvm(&s, 8, 64);
    chunk(&s, -2);
    le(&s, 4095, 4);
    le(&s, 1, 8);
    zeroes(&s, 4096 / 8 - 8);
    assert_int_equal(judge(&t, &s), XV_TRUNCATED);
    assert_int_equal(xv_parser_committed(t.p), s.n);
}

static void toolstack_lengths(void **state) {
    static const uint32_t lengths[] = {0, 7, 8, 1u << 20, (1u << 20) + 1};
    static const enum xv_code codes[] = {XV_TRUNCATED, XV_LEGACY_TOOLSTACK_LENGTH, XV_TRUNCATED,
                                         XV_LEGACY_TOOLSTACK_LENGTH, XV_LEGACY_TOOLSTACK_LENGTH};
    static struct stream s;

    (void)state;
    for (size_t i = 0; i < 5; i++) {
        begin_hvm(&s, 8, 64);
        chunk(&s, -18);
        le(&s, lengths[i], 4);
        if (lengths[i])
            le(&s, 1, 8); /* version 1, no entries */
        assert_int_equal(judge(&t, &s), codes[i]);
    }
}

/* Extended information: exactly these blocks. */
static void info_limits(void **state) {
    static struct stream s;

    (void)state;
    for (uint32_t total = 7; total <= 8; total++) {
        begin_pv(&s, 8, 64, 8);
        s.n = 20;
        s.bytes[16] = (uint8_t)total;
        s.bytes[17] = 0;
        assert_int_equal(judge(&t, &s), total < 8 ? XV_LEGACY_INFO_LENGTH : XV_TRUNCATED);
    }
    for (uint32_t total = 8192; total <= 8193; total++) {
        begin_pv(&s, 8, 64, 8);
        s.bytes[16] = (uint8_t)total;
        s.bytes[17] = (uint8_t)(total >> 8);
        assert_int_equal(judge(&t, &s), total > 8192 ? XV_LEGACY_INFO_LENGTH : XV_TRUNCATED);
    }
}

static void unmapped(void **state) {
    static struct stream s;

    (void)state;
    for (uint32_t count = 63; count <= 65; count++) {
        begin_pv(&s, 8, 64, 8);
        le(&s, 5, 8);
        one_page(&s, 8, 1);
        chunk(&s, 0);
        le(&s, count, 4);
        for (uint32_t i = 0; i < count; i++)
            le(&s, i, 8);
        assert_int_equal(judge(&t, &s), count > 64 ? XV_LEGACY_UNMAPPED : XV_TRUNCATED);
        assert_true(count > 64 || xv_parser_committed(t.p) == s.n);
    }
    s.bytes[s.n - 8] = 64;
    s.bytes[s.n - 65 * 8 - 4] = 64;
    s.n -= 8;
    assert_int_equal(judge(&t, &s), XV_TRUNCATED);
    s.bytes[s.n - 8] = 64;
    assert_int_equal(judge(&t, &s), XV_LEGACY_UNMAPPED);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(looks, setup, teardown),
        cmocka_unit_test_setup_teardown(widths, setup, teardown),
        cmocka_unit_test_setup_teardown(memory_limits, setup, teardown),
        cmocka_unit_test_setup_teardown(frame_counts, setup, teardown),
        cmocka_unit_test_setup_teardown(batch_limits, setup, teardown),
        cmocka_unit_test_setup_teardown(chunks, setup, teardown),
        cmocka_unit_test_setup_teardown(vcpu_maps, setup, teardown),
        cmocka_unit_test_setup_teardown(toolstack_lengths, setup, teardown),
        cmocka_unit_test_setup_teardown(info_limits, setup, teardown),
        cmocka_unit_test_setup_teardown(unmapped, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
