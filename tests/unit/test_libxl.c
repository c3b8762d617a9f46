/* SPDX-License-Identifier: MIT */
/* The libxl stream: header, order of its records with and without checkpoints, lengths, what a guest must bring. */
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

/* Header, LIBXC_CONTEXT and a whole libxc stream. */
static void to_libxc_end(bool device) {
    s.n = 0;
    libxl_header(&s, 0);
    header(&s, 1, 0);
    hvm_guest(&s, device);
    header(&s, 0, 0);
}

static void whole(void **state) {
    (void)state;
    libxl_hvm(&s);
    assert_int_equal(judge(&t, &s), XV_ACCEPTED);
    assert_int_equal(xv_parser_summary(t.p)->guest, XV_GUEST_HVM);
    to_libxc_end(false);
    header(&s, 0, 0);
    assert_int_equal(judge(&t, &s), XV_ACCEPTED);
    assert_int_equal(xv_parser_summary(t.p)->guest, XV_GUEST_PVH);
}

static void bad_header(void **state) {
    (void)state;
    libxl_hvm(&s);
    for (size_t at = 8; at < 12; at++) {
        s.bytes[at] ^= 0x10;
        assert_int_equal(judge(&t, &s), XV_LIBXL_VERSION);
        assert_int_equal(offset_of(&t), 8);
        s.bytes[at] ^= 0x10;
    }
    s.bytes[11] = 1;
    assert_int_equal(judge(&t, &s), XV_LIBXL_VERSION);
    s.bytes[11] = 2;
    s.bytes[15] = 1;
    assert_int_equal(judge(&t, &s), XV_LIBXL_ENDIAN);
    assert_int_equal(offset_of(&t), 12);
    s.bytes[15] = 3;
    assert_int_equal(judge(&t, &s), XV_LIBXL_ENDIAN);
    for (unsigned bit = 2; bit < 32; bit++) {
        s.n = 12;
        be(&s, UINT64_C(1) << bit, 4);
        assert_int_equal(judge(&t, &s), XV_LIBXL_OPTIONS);
    }
}

/* Each type before the libxc part, after it, and after END; only what is told apart may stand there. */
static enum xv_code first_is(uint32_t type, uint32_t length) {
    s.n = 0;
    libxl_header(&s, 0);
    header(&s, type, length);
    return judge(&t, &s);
}

static enum xv_code after_libxc(uint32_t type, uint32_t length) {
    to_libxc_end(true);
    header(&s, type, length);
    return judge(&t, &s);
}

static void order(void **state) {
    (void)state;
    assert_int_equal(first_is(1, 0), XV_TRUNCATED);
    assert_int_equal(first_is(0, 0), XV_LIBXL_RECORD_MISSING);
    assert_int_equal(first_is(2, 8), XV_LIBXL_RECORD_ORDER);
    assert_int_equal(first_is(3, 8), XV_LIBXL_RECORD_ORDER);
    assert_int_equal(first_is(4, 0), XV_LIBXL_RECORD_ORDER);
    assert_int_equal(first_is(5, 4), XV_LIBXL_RECORD_ORDER);
    assert_int_equal(after_libxc(1, 0), XV_LIBXL_RECORD_ORDER);
    assert_int_equal(after_libxc(2, 8), XV_TRUNCATED);
    assert_int_equal(after_libxc(3, 8), XV_TRUNCATED);
    assert_int_equal(after_libxc(4, 0), XV_LIBXL_RECORD_ORDER);
    assert_int_equal(after_libxc(5, 4), XV_LIBXL_RECORD_ORDER);
    assert_int_equal(after_libxc(6, 0), XV_LIBXL_RECORD_UNKNOWN);
    assert_int_equal(after_libxc(0x80000000, 0), XV_LIBXL_RECORD_UNKNOWN);
    assert_int_equal(after_libxc(UINT32_MAX, 0), XV_LIBXL_RECORD_UNKNOWN);
}

static void order_of_emulator_records(void **state) {
    (void)state;
    to_libxc_end(true);
    emulator_context(&s);
    struct stream swapped = s, twice = s;
    emulator_keys(&swapped);
    assert_int_equal(judge(&t, &swapped), XV_LIBXL_RECORD_ORDER);
    emulator_context(&twice);
    assert_int_equal(judge(&t, &twice), XV_LIBXL_RECORD_REPEATED);
    to_libxc_end(true);
    emulator_keys(&s);
    emulator_keys(&s);
    assert_int_equal(judge(&t, &s), XV_LIBXL_RECORD_REPEATED);
}

static void lengths(void **state) {
    (void)state;
    assert_int_equal(first_is(1, 8), XV_LIBXL_RECORD_LENGTH);
    assert_int_equal(offset_of(&t), 20);
    assert_int_equal(after_libxc(0, 8), XV_LIBXL_RECORD_LENGTH);
    assert_int_equal(after_libxc(2, 7), XV_LIBXL_RECORD_LENGTH);
    assert_int_equal(after_libxc(2, 8 + 65536), XV_TRUNCATED);
    assert_int_equal(after_libxc(2, 8 + 65537), XV_LIBXL_RECORD_LENGTH);
    assert_int_equal(after_libxc(2, 0xfffffff0), XV_LIBXL_RECORD_LENGTH);
    assert_int_equal(after_libxc(3, 7), XV_LIBXL_RECORD_LENGTH);
    t.policy.max_emulator_bytes = 5000;
    assert_int_equal(after_libxc(3, 5000), XV_TRUNCATED);
    assert_int_equal(after_libxc(3, 5001), XV_LIBXL_RECORD_LENGTH);
    assert_int_equal(after_libxc(3, 0xfffffff9), XV_LIBXL_RECORD_LENGTH);
    assert_int_equal(xv_parser_report(t.p)->allowed_max, 5000);
}

/* A guest with devices needs its device model's state; one without must not have any. */
static void emulator_and_guest(void **state) {
    (void)state;
    to_libxc_end(true);
    struct stream without = s;
    header(&without, 0, 0);
    assert_int_equal(judge(&t, &without), XV_LIBXL_RECORD_MISSING);
    assert_int_equal(xv_parser_report(t.p)->found, 3);
    emulator_keys(&s);
    header(&s, 0, 0);
    assert_int_equal(judge(&t, &s), XV_LIBXL_RECORD_MISSING);
    t.policy.guests = XV_GUEST_PVH;
    assert_int_equal(judge(&t, &s), XV_DOMAIN_REFUSED);
    t.policy.guests = XV_GUEST_HVM;
    to_libxc_end(false);
    header(&s, 0, 0);
    assert_int_equal(judge(&t, &s), XV_DOMAIN_REFUSED);
}

/* PV guests have no device model; the record is refused at its header. */
static void emulator_of_pv(void **state) {
    (void)state;
    test_parser_again(&t);
    t.p->await = XV_AWAIT_LIBXL_RECORD;
    t.p->libxl.state = XV_L_EMULATOR;
    emulator_context(&s);
    (void)xv_parser_feed(t.p, s.bytes, 8);
    assert_int_equal(xv_parser_report(t.p)->code, XV_LIBXL_RECORD_GUEST);
}

static void after_the_end(void **state) {
    (void)state;
    libxl_hvm(&s);
    le(&s, 0, 1);
    assert_int_equal(judge(&t, &s), XV_TRAILING);
    assert_int_equal(offset_of(&t), s.n - 1);
}

/* Remus: what may stand between a libxc CHECKPOINT and CHECKPOINT_END. */
static enum xv_code inside_checkpoint(uint32_t type, uint32_t length) {
    s.n = 0;
    libxl_header(&s, 0);
    header(&s, 1, 0);
    hvm_guest(&s, true);
    header(&s, 0xe, 0);
    header(&s, type, length);
    return judge(&t, &s);
}

static void checkpoints(void **state) {
    (void)state;
    remus_hvm(&s, 2);
    assert_int_equal(judge(&t, &s), XV_CHECKPOINT_REFUSED);
    t.policy.allow |= XV_ALLOW_CHECKPOINTED;
    assert_int_equal(judge(&t, &s), XV_ACCEPTED);
    assert_int_equal(xv_parser_summary(t.p)->checkpoints, 2);
    assert_int_equal(inside_checkpoint(0, 0), XV_LIBXL_RECORD_ORDER);
    assert_int_equal(inside_checkpoint(1, 0), XV_LIBXL_RECORD_ORDER);
    assert_int_equal(inside_checkpoint(4, 0), XV_LIBXL_RECORD_MISSING);
    assert_int_equal(inside_checkpoint(4, 8), XV_LIBXL_RECORD_LENGTH);
    assert_int_equal(inside_checkpoint(5, 4), XV_LIBXL_RECORD_ORDER);
    assert_int_equal(inside_checkpoint(2, 8), XV_CHECKPOINT_NONE);
    assert_int_equal(inside_checkpoint(3, 8), XV_CHECKPOINT_NONE);
}

/* An orderly end: libxc END after a whole checkpoint, then END of libxl and nothing else. */
static void orderly_end(void **state) {
    (void)state;
    t.policy.allow |= XV_ALLOW_CHECKPOINTED;
    remus_hvm(&s, 1);
    header(&s, 0, 0);
    struct stream emulator = s;
    header(&s, 0, 0);
    assert_int_equal(judge(&t, &s), XV_ACCEPTED);
    emulator_context(&emulator);
    assert_int_equal(judge(&t, &emulator), XV_LIBXL_RECORD_ORDER);
    emulator.n = 0;
    remus_hvm(&emulator, 1);
    hvm_pages(&emulator);
    header(&emulator, 0, 0);
    assert_int_equal(judge(&t, &emulator), XV_CHECKPOINT_UNPROCESSED);
}

static void colo(void **state) {
    (void)state;
    t.policy.allow |= XV_ALLOW_CHECKPOINTED;
    remus_hvm(&s, 1);
    record(&s, 5, "\0\0\0\0", 4);
    assert_int_equal(judge(&t, &s), XV_COLO_REFUSED);
    t.policy.allow |= XV_ALLOW_COLO;
    assert_int_equal(judge(&t, &s), XV_ACCEPTED);
    assert_true(xv_parser_summary(t.p)->colo);
    s.bytes[s.n - 8] = 1;
    assert_int_equal(judge(&t, &s), XV_CHECKPOINT_STATE);
    s.bytes[s.n - 8] = 0;
    record(&s, 5, "\0\0\0\0", 4); /* one after each checkpoint: this one would be a vCPU record */
    assert_int_equal(judge(&t, &s), XV_RECORD_GUEST);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(whole, setup, teardown),
        cmocka_unit_test_setup_teardown(bad_header, setup, teardown),
        cmocka_unit_test_setup_teardown(order, setup, teardown),
        cmocka_unit_test_setup_teardown(order_of_emulator_records, setup, teardown),
        cmocka_unit_test_setup_teardown(lengths, setup, teardown),
        cmocka_unit_test_setup_teardown(emulator_and_guest, setup, teardown),
        cmocka_unit_test_setup_teardown(emulator_of_pv, setup, teardown),
        cmocka_unit_test_setup_teardown(after_the_end, setup, teardown),
        cmocka_unit_test_setup_teardown(checkpoints, setup, teardown),
        cmocka_unit_test_setup_teardown(orderly_end, setup, teardown),
        cmocka_unit_test_setup_teardown(colo, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
