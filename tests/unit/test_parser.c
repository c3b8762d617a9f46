/* SPDX-License-Identifier: MIT */
/* The contract of the pull parser: demands, misuse, ends of input, limits, what may be forwarded, what observers hear.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "stream_build.h"

static struct test_parser t;
static struct stream s;

static int setup(void **state) {
    (void)state;
    small_parser(&t);
    s.n = 0;
    return 0;
}

static int teardown(void **state) {
    (void)state;
    test_parser_free(&t);
    return 0;
}

static enum xv_code code(void) {
    return xv_parser_report(t.p)->code;
}

/* Feeds until the parser has this many octets; what is asked for must end there. */
static void feed_to(size_t end) {
    size_t off = (size_t)xv_parser_summary(t.p)->bytes;

    while (off < end) {
        struct xv_demand d = xv_parser_demand(t.p);

        assert_true(d.n <= end - off);
        if (d.want == XV_WANT_OPAQUE)
            (void)xv_parser_pass(t.p, d.n);
        else
            (void)xv_parser_feed(t.p, s.bytes + off, (size_t)d.n);
        off += (size_t)d.n;
        assert_int_equal(code(), XV_ACCEPTED);
    }
}

static void demands(void **state) {
    struct xv_demand d;
    size_t off = 0;

    (void)state;
    libxl_hvm(&s);
    test_parser_again(&t);
    while ((d = xv_parser_demand(t.p)).want != XV_WANT_END) {
        assert_true(d.want == XV_WANT_BYTES || d.want == XV_WANT_OPAQUE);
        assert_true(d.n >= 1 && (d.want == XV_WANT_OPAQUE || d.n <= XV_WANT_MAX));
        feed_to(off += (size_t)d.n);
    }
    assert_int_equal(off, s.n);
    assert_int_equal(d.n, 1);
    assert_int_equal(xv_parser_eof(t.p, 0), XV_STEP_ACCEPTED);
    assert_int_equal(xv_parser_demand(t.p).want, XV_WANT_NOTHING);
    assert_int_equal(xv_parser_demand(t.p).n, 0);
}

/* What is called after the verdict changes nothing. */
static void finished(void **state) {
    (void)state;
    libxc_hvm(&s);
    assert_int_equal(judge(&t, &s), XV_ACCEPTED);
    assert_int_equal(xv_parser_feed(t.p, s.bytes, 8), XV_STEP_ACCEPTED);
    assert_int_equal(xv_parser_pass(t.p, 1), XV_STEP_ACCEPTED);
    assert_int_equal(xv_parser_eof(t.p, 0), XV_STEP_ACCEPTED);
    assert_int_equal(xv_parser_refuse(t.p, XV_BACKEND_HVM), XV_STEP_ACCEPTED);
    s.bytes[40] ^= 1;
    assert_int_equal(judge(&t, &s), XV_RECORD_LENGTH);
    assert_int_equal(xv_parser_feed(t.p, s.bytes, 8), XV_STEP_REJECTED);
    assert_int_equal(xv_parser_pass(t.p, 1), XV_STEP_REJECTED);
    assert_int_equal(xv_parser_eof(t.p, 0), XV_STEP_REJECTED);
    assert_int_equal(xv_parser_input_changed(t.p), XV_STEP_REJECTED);
    assert_int_equal(code(), XV_RECORD_LENGTH);
}

static void misuse(void **state) {
    (void)state;
    libxc_hvm(&s);
    test_parser_again(&t);
    assert_int_equal(xv_parser_feed(t.p, s.bytes, 7), XV_STEP_REJECTED);
    assert_int_equal(code(), XV_MISUSE);
    test_parser_again(&t);
    assert_int_equal(xv_parser_feed(t.p, s.bytes, 9), XV_STEP_REJECTED);
    test_parser_again(&t);
    assert_int_equal(xv_parser_pass(t.p, 8), XV_STEP_REJECTED);
    assert_int_equal(code(), XV_MISUSE);
    test_parser_again(&t);
    feed_to(40 + 8 + 8 + 8 + 24); /* before the contents of the page */
    assert_int_equal(xv_parser_demand(t.p).want, XV_WANT_OPAQUE);
    assert_int_equal(xv_parser_demand(t.p).n, 4096);
    assert_int_equal(xv_parser_pass(t.p, 4097), XV_STEP_REJECTED);
    assert_int_equal(code(), XV_MISUSE);
    test_parser_again(&t);
    feed_to(40 + 8 + 8 + 8 + 24);
    assert_int_equal(xv_parser_feed(t.p, s.bytes, 4096), XV_STEP_REJECTED);
    assert_int_equal(code(), XV_MISUSE);
}

static void opaque_pieces(void **state) {
    (void)state;
    libxc_hvm(&s);
    test_parser_again(&t);
    feed_to(88);
    assert_int_equal(xv_parser_pass(t.p, 0), XV_STEP_MORE);
    assert_int_equal(xv_parser_demand(t.p).n, 4096);
    assert_int_equal(xv_parser_pass(t.p, 1), XV_STEP_MORE);
    assert_int_equal(xv_parser_demand(t.p).n, 4095);
    assert_int_equal(xv_parser_summary(t.p)->bytes, 89);
    assert_int_equal(xv_parser_pass(t.p, 4094), XV_STEP_MORE);
    assert_int_equal(xv_parser_demand(t.p).n, 1);
    assert_int_equal(xv_parser_committed(t.p), 48);
    assert_int_equal(xv_parser_pass(t.p, 1), XV_STEP_MORE);
    assert_int_equal(xv_parser_demand(t.p).want, XV_WANT_BYTES);
    assert_int_equal(xv_parser_committed(t.p), 88 + 4096);
    for (size_t piece = 1; piece < 4096; piece = piece * 3 + 1) {
        test_parser_again(&t);
        assert_int_equal(test_feed(&t, s.bytes, s.n, piece), XV_ACCEPTED);
    }
}

/* Every octet at which the input may end. */
static void truncation(void **state) {
    struct stream cut;

    (void)state;
    libxl_hvm(&s);
    cut = s;
    for (cut.n = 0; cut.n < s.n; cut.n++) {
        assert_int_equal(judge(&t, &cut), XV_TRUNCATED);
        assert_int_equal(offset_of(&t), cut.n);
    }
    assert_int_equal(judge(&t, &s), XV_ACCEPTED);
}

/* Remus streams end anywhere once a checkpoint is whole. */
static void truncation_of_checkpoints(void **state) {
    struct stream cut;
    size_t whole;

    (void)state;
    t.policy.allow |= XV_ALLOW_CHECKPOINTED;
    remus_hvm(&s, 1);
    whole = s.n;
    s.n = 0;
    remus_hvm(&s, 2);
    cut = s;
    for (cut.n = 0; cut.n <= s.n; cut.n++) {
        enum xv_code got = judge(&t, &cut);

        if (cut.n >= whole)
            assert_int_equal(got, XV_ACCEPTED);
        else
            assert_true(got == XV_TRUNCATED || (got == XV_CHECKPOINT_NONE && whole - cut.n <= 8 + 32 + 8));
    }
}

/* More octets than demanded cannot be missing. */
static void odd_ends(void **state) {
    (void)state;
    test_parser_again(&t);
    assert_int_equal(xv_parser_eof(t.p, 8), XV_STEP_REJECTED);
    assert_int_equal(code(), XV_TRUNCATED);
    assert_int_equal(offset_of(&t), 0);
    test_parser_again(&t);
    assert_int_equal(xv_parser_eof(t.p, 7), XV_STEP_REJECTED);
    assert_int_equal(offset_of(&t), 7);
    assert_int_equal(xv_parser_report(t.p)->allowed_min, 8);
}

static void giving_up(void **state) {
    (void)state;
    test_parser_again(&t);
    assert_int_equal(xv_parser_input_changed(t.p), XV_STEP_REJECTED);
    assert_int_equal(code(), XV_INPUT_CHANGED);
    libxc_hvm(&s);
    test_parser_again(&t);
    feed_to(48);
    assert_int_equal(xv_parser_refuse(t.p, XV_BACKEND_HVM), XV_STEP_REJECTED);
    assert_int_equal(code(), XV_BACKEND_HVM);
    assert_int_equal(offset_of(&t), 48);
    assert_int_equal(xv_parser_demand(t.p).want, XV_WANT_NOTHING);
}

static void policies(void **state) {
    struct xv_arena arena;

    (void)state;
    t.policy.max_records = 0;
    test_parser_again(&t);
    assert_int_equal(code(), XV_POLICY_INVALID);
    assert_int_equal(xv_parser_demand(t.p).want, XV_WANT_NOTHING);
    t.policy.max_records = 1;
    arena = t.arena;
    t.p = xv_parser_init(t.p, &t.policy, arena, (struct xv_observer){NULL, NULL, 0});
    assert_int_equal(code(), XV_ACCEPTED);
    arena.size--;
    t.p = xv_parser_init(t.p, &t.policy, arena, (struct xv_observer){NULL, NULL, 0});
    assert_int_equal(code(), XV_POLICY_INVALID);
}

static void limit_of_octets(void **state) {
    (void)state;
    libxc_hvm(&s);
    t.policy.max_stream_bytes = s.n;
    assert_int_equal(judge(&t, &s), XV_ACCEPTED);
    t.policy.max_stream_bytes = s.n - 1;
    assert_int_equal(judge(&t, &s), XV_LIMIT_BYTES);
    assert_int_equal(offset_of(&t), s.n - 1);
    t.policy.max_stream_bytes = 88 + 4095; /* inside the page */
    assert_int_equal(judge(&t, &s), XV_LIMIT_BYTES);
    assert_int_equal(offset_of(&t), 88 + 4095);
    t.policy.max_stream_bytes = 7;
    assert_int_equal(judge(&t, &s), XV_LIMIT_BYTES);
}

static void limit_of_records(void **state) {
    (void)state;
    libxc_hvm(&s); /* STATIC_DATA_END, PAGE_DATA, HVM_CONTEXT, HVM_PARAMS, END */
    t.policy.max_records = 5;
    assert_int_equal(judge(&t, &s), XV_ACCEPTED);
    assert_int_equal(xv_parser_summary(t.p)->records, 5);
    t.policy.max_records = 4;
    assert_int_equal(judge(&t, &s), XV_LIMIT_RECORDS);
    assert_int_equal(offset_of(&t), s.n - 8);
    s.n = 0;
    libxl_hvm(&s); /* and LIBXC_CONTEXT, two emulator records, END */
    t.policy.max_records = 9;
    assert_int_equal(judge(&t, &s), XV_ACCEPTED);
    t.policy.max_records = 8;
    assert_int_equal(judge(&t, &s), XV_LIMIT_RECORDS);
}

/* From the second checkpoint on, libxenguest keeps all records: PAGE_DATA, HVM_CONTEXT, HVM_PARAMS, CHECKPOINT. */
static void budget_of_checkpoints(void **state) {
    uint64_t octets = (8 + 32 + 4096) + (8 + 32 + 8 + 1032 + 16 + 8) + (8 + 40) + 8;

    (void)state;
    t.policy.allow |= XV_ALLOW_CHECKPOINTED;
    remus_hvm(&s, 3);
    t.policy.max_checkpoint_records = 4;
    t.policy.max_checkpoint_bytes = octets;
    assert_int_equal(judge(&t, &s), XV_ACCEPTED);
    t.policy.max_checkpoint_records = 3;
    assert_int_equal(judge(&t, &s), XV_LIMIT_CHECKPOINT);
    t.policy.max_checkpoint_records = 4;
    t.policy.max_checkpoint_bytes = octets - 1;
    assert_int_equal(judge(&t, &s), XV_LIMIT_CHECKPOINT);
    assert_int_equal(xv_parser_report(t.p)->found, octets);
    s.n = 0;
    remus_hvm(&s, 1); /* the first one is not kept */
    t.policy.max_checkpoint_records = 0;
    t.policy.max_checkpoint_bytes = 0;
    assert_int_equal(judge(&t, &s), XV_ACCEPTED);
}

/* The ends of whole items: headers, records with their padding. */
static size_t item_ends(size_t *ends, size_t off) {
    size_t n = 0;

    ends[n++] = off;
    while (off < s.n) {
        size_t length = s.bytes[off + 4] | (size_t)s.bytes[off + 5] << 8;
        bool context = s.bytes[off] == 1 && length == 0 && off == 16;

        off += 8 + (length + 7) / 8 * 8;
        ends[n++] = off;
        if (context)
            off += 40; /* the headers of the libxc stream are no item that ends before its first record */
        if (context)
            ends[n++] = off;
    }
    return n;
}

static void committed(void **state) {
    size_t ends[32], n, k = 0;
    uint64_t before = 0;

    (void)state;
    libxl_hvm(&s);
    n = item_ends(ends, 16);
    test_parser_again(&t);
    for (size_t off = 0; off < s.n;) {
        struct xv_demand d = xv_parser_demand(t.p);

        off += (size_t)d.n;
        feed_to(off);
        while (k + 1 < n && ends[k + 1] <= off)
            k++;
        assert_int_equal(xv_parser_committed(t.p), off < ends[0] ? 0 : ends[k]);
        assert_true(xv_parser_committed(t.p) >= before);
        before = xv_parser_committed(t.p);
    }
    assert_int_equal(before, s.n);
}

/* A rejection leaves what was whole before it. */
static void committed_of_rejected(void **state) {
    (void)state;
    libxc_hvm(&s);
    s.bytes[88 + 4096 + 8 + 8] ^= 1; /* the HEADER entry of the context */
    assert_int_equal(judge(&t, &s), XV_HVM_HEADER);
    assert_int_equal(xv_parser_committed(t.p), 88 + 4096);
    s.n = 100;
    assert_int_equal(judge(&t, &s), XV_TRUNCATED);
    assert_int_equal(xv_parser_committed(t.p), 48);
}

static void padding(void **state) {
    (void)state;
    libxl_hvm(&s);
    for (size_t i = 1; i <= 6; i++) { /* of the emulator's state, before the END */
        s.bytes[s.n - 8 - i] = 1;
        assert_int_equal(judge(&t, &s), XV_PADDING);
        assert_int_equal(offset_of(&t), s.n - 8 - i);
        s.bytes[s.n - 8 - i] = 0;
    }
    assert_int_equal(judge(&t, &s), XV_ACCEPTED);
}

static void dropped(void **state) {
    (void)state;
    t.policy.tolerate |= XV_TOLERATE_OPTIONAL_RECORD;
    libxc_headers(&s, 3, 2, 4, 17);
    record(&s, 0x80000001, "nobody knows", 12);
    size_t end = s.n;
    header(&s, 0x10, 0);
    hvm_pages(&s);
    hvm_tail(&s, false);
    header(&s, 0, 0);
    test_parser_again(&t);
    feed_to(40);
    assert_false(xv_parser_dropped(t.p));
    feed_to(end);
    assert_true(xv_parser_dropped(t.p));
    assert_int_equal(xv_parser_committed(t.p), end);
    feed_to(end + 8);
    assert_false(xv_parser_dropped(t.p));
    assert_int_equal(judge(&t, &s), XV_ACCEPTED);
    assert_int_equal(xv_parser_summary(t.p)->tolerated & XV_TOLERATE_OPTIONAL_RECORD, XV_TOLERATE_OPTIONAL_RECORD);
}

static void layers(void **state) {
    (void)state;
    libxl_hvm(&s);
    test_parser_again(&t);
    feed_to(24); /* LIBXC_CONTEXT */
    assert_false(xv_parser_in_libxc(t.p));
    feed_to(24 + 40);
    assert_true(xv_parser_in_libxc(t.p));
    assert_int_equal(xv_parser_guests(t.p), XV_GUEST_HVM | XV_GUEST_PVH);
    feed_to(24 + 40 + 8);
    assert_true(xv_parser_in_libxc(t.p));
    assert_int_equal(judge(&t, &s), XV_ACCEPTED);
    assert_false(xv_parser_in_libxc(t.p));
    assert_int_equal(xv_parser_guests(t.p), XV_GUEST_HVM);
}

#define GO_AHEAD "domain is yours, you are cleared to unpause"
#define CONFIG \
    "{\"c_info\":{\"type\":\"hvm\",\"name\":\"a\",\"uuid\":\"00000000-0000-0000-0000-000000000001\"}," \
    "\"b_info\":{\"max_vcpus\":1,\"max_memkb\":4096,\"target_memkb\":4096}}"

static void go_ahead(void **state) {
    (void)state;
    xl_header(&s, CONFIG);
    libxl_hvm(&s);
    size_t end = s.n;
    raw(&s, GO_AHEAD, 44);
    assert_int_equal(judge(&t, &s), XV_TRAILING);
    assert_int_equal(offset_of(&t), end);
    t.policy.tolerate |= XV_TOLERATE_GO_AHEAD;
    assert_int_equal(judge(&t, &s), XV_ACCEPTED);
    for (size_t i = 1; i < 44; i++) {
        s.bytes[end + i] ^= 1;
        assert_int_equal(judge(&t, &s), XV_TRAILING);
        assert_int_equal(offset_of(&t), end + i);
        s.bytes[end + i] ^= 1;
    }
    for (s.n = end + 1; s.n < end + 44; s.n++)
        assert_int_equal(judge(&t, &s), XV_TRUNCATED);
    s.n = end;
    assert_int_equal(judge(&t, &s), XV_ACCEPTED);
    raw(&s, GO_AHEAD, 44);
    raw(&s, GO_AHEAD, 44); /* once is enough */
    assert_int_equal(judge(&t, &s), XV_TRAILING);
    s.n = 0;
    libxl_hvm(&s); /* only xl sends one */
    raw(&s, GO_AHEAD, 44);
    assert_int_equal(judge(&t, &s), XV_TRAILING);
}

static unsigned heard[32];
static struct xv_fact first_record, last_record;

static void tell(void *context, const struct xv_fact *fact) {
    (void)context;
    if (fact->kind == XV_FACT_RECORD)
        *(heard[XV_FACT_RECORD] ? &last_record : &first_record) = *fact;
    heard[fact->kind]++;
}

static void facts(void **state) {
    (void)state;
    libxl_hvm(&s);
    t.p = xv_parser_init(t.p, &t.policy, t.arena, (struct xv_observer){tell, NULL, 0});
    memset(heard, 0, sizeof heard);
    assert_int_equal(judge(&t, &s), XV_ACCEPTED);
    assert_int_equal(heard[XV_FACT_LAYER], 2);
    assert_int_equal(heard[XV_FACT_RECORD], 9);
    assert_int_equal(heard[XV_FACT_PAGE], 3);
    assert_int_equal(heard[XV_FACT_HVM_ENTRY], 4);
    assert_int_equal(heard[XV_FACT_HVM_PARAM], 2);
    assert_int_equal(heard[XV_FACT_EMULATOR], 2);
    assert_int_equal(heard[XV_FACT_TOLERATED], 2); /* a blank CPU, a minimal context */
    assert_int_equal(first_record.offset, 16);
    assert_int_equal(first_record.a, 1);
    assert_int_equal(first_record.c, 1);
    assert_string_equal(first_record.text, "LIBXC_CONTEXT");
    assert_int_equal(last_record.offset, s.n - 8);
    assert_string_equal(last_record.text, "END");
}

static void unwanted_facts(void **state) {
    (void)state;
    libxl_hvm(&s);
    t.p = xv_parser_init(t.p, &t.policy, t.arena,
                         (struct xv_observer){tell, NULL, 1u << XV_FACT_PAGE | 1u << XV_FACT_RECORD});
    memset(heard, 0, sizeof heard);
    assert_int_equal(judge(&t, &s), XV_ACCEPTED);
    assert_int_equal(heard[XV_FACT_PAGE] + heard[XV_FACT_RECORD], 0);
    assert_int_equal(heard[XV_FACT_HVM_PARAM], 2);
}

/* A report names the record, what was found and what may be. */
static void reports(void **state) {
    const struct xv_report *report;

    (void)state;
    libxc_hvm(&s);
    s.bytes[48 + 8] = 0; /* PAGE_DATA: the count */
    assert_int_equal(judge(&t, &s), XV_PAGE_COUNT);
    report = xv_parser_report(t.p);
    assert_int_equal(report->offset, 56);
    assert_int_equal(report->record, 2);
    assert_int_equal(report->record_type, 1);
    assert_string_equal(report->record_name, "PAGE_DATA");
    assert_int_equal(report->has, XV_HAS_RECORD | XV_HAS_FOUND | XV_HAS_ALLOWED);
    assert_int_equal(report->found, 0);
    assert_int_equal(report->allowed_min, 1);
    assert_string_equal(report->section, xv_verdict_of(XV_PAGE_COUNT)->rule);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(demands, setup, teardown),
        cmocka_unit_test_setup_teardown(finished, setup, teardown),
        cmocka_unit_test_setup_teardown(misuse, setup, teardown),
        cmocka_unit_test_setup_teardown(opaque_pieces, setup, teardown),
        cmocka_unit_test_setup_teardown(truncation, setup, teardown),
        cmocka_unit_test_setup_teardown(truncation_of_checkpoints, setup, teardown),
        cmocka_unit_test_setup_teardown(odd_ends, setup, teardown),
        cmocka_unit_test_setup_teardown(giving_up, setup, teardown),
        cmocka_unit_test_setup_teardown(policies, setup, teardown),
        cmocka_unit_test_setup_teardown(limit_of_octets, setup, teardown),
        cmocka_unit_test_setup_teardown(limit_of_records, setup, teardown),
        cmocka_unit_test_setup_teardown(budget_of_checkpoints, setup, teardown),
        cmocka_unit_test_setup_teardown(committed, setup, teardown),
        cmocka_unit_test_setup_teardown(committed_of_rejected, setup, teardown),
        cmocka_unit_test_setup_teardown(padding, setup, teardown),
        cmocka_unit_test_setup_teardown(dropped, setup, teardown),
        cmocka_unit_test_setup_teardown(layers, setup, teardown),
        cmocka_unit_test_setup_teardown(go_ahead, setup, teardown),
        cmocka_unit_test_setup_teardown(facts, setup, teardown),
        cmocka_unit_test_setup_teardown(unwanted_facts, setup, teardown),
        cmocka_unit_test_setup_teardown(reports, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
