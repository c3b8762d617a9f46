/* SPDX-License-Identifier: MIT */
/* Which release writes and reads what: image version, saver's release, the converter's mark, the target release. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "stream_build.h"

static struct test_parser t;

static int setup(void **state) {
    (void)state;
    small_parser(&t);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    test_parser_free(&t);
    return 0;
}

/* The verdict of the headers of a bare libxc stream. */
static enum xv_code headers(uint32_t version, uint32_t major, uint32_t minor) {
    struct stream s = {.n = 0};
    enum xv_code code;

    libxc_headers(&s, version, 2, major, minor);
    code = judge(&t, &s);
    return code == XV_TRUNCATED ? XV_ACCEPTED : code;
}

/* The same inside a libxl stream with these options. */
static enum xv_code inside(uint32_t options, uint32_t major) {
    struct stream s = {.n = 0};
    enum xv_code code;

    libxl_header(&s, options);
    header(&s, 1, 0);
    libxc_headers(&s, 3, 2, major, 17);
    code = judge(&t, &s);
    return code == XV_TRUNCATED ? XV_ACCEPTED : code;
}

static void versions(void **state) {
    (void)state;
    assert_int_equal(headers(3, 4, 13), XV_COMPAT_IMAGE_VERSION);
    assert_int_equal(offset_of(&t), 32);
    assert_int_equal(headers(3, 4, 14), XV_ACCEPTED);
    t.policy.xen_min = 0; /* what the policy says of savers is another rule */
    assert_int_equal(headers(2, 4, 5), XV_COMPAT_IMAGE_VERSION);
    assert_int_equal(headers(2, 4, 6), XV_ACCEPTED);
    assert_int_equal(headers(2, 4, 13), XV_ACCEPTED);
}

static void newer_savers_of_version_2(void **state) {
    (void)state;
    t.policy.tolerate |= XV_TOLERATE_V2_FROM_NEWER;
    assert_int_equal(headers(2, 4, 14), XV_ACCEPTED);
    assert_int_equal(xv_parser_summary(t.p)->tolerated, XV_TOLERATE_V2_FROM_NEWER);
    t.policy.tolerate &= ~(uint32_t)XV_TOLERATE_V2_FROM_NEWER;
    assert_int_equal(headers(2, 4, 14), XV_COMPAT_IMAGE_VERSION);
    assert_int_equal(headers(2, 4, 13), XV_ACCEPTED);
}

static void savers(void **state) {
    (void)state;
    t.policy.xen_min = XV_XEN(4, 15);
    t.policy.xen_max = XV_XEN(4, 18);
    assert_int_equal(headers(3, 4, 14), XV_COMPAT_SAVER);
    assert_int_equal(headers(3, 4, 15), XV_ACCEPTED);
    assert_int_equal(headers(3, 4, 18), XV_ACCEPTED);
    assert_int_equal(headers(3, 4, 19), XV_COMPAT_SAVER);
    assert_int_equal(headers(3, 5, 0), XV_COMPAT_SAVER);
    assert_int_equal(headers(3, 0, 1), XV_ACCEPTED); /* the converter is no release */
    assert_true(xv_parser_summary(t.p)->legacy_converted);
}

/* Numbers that do not fit the comparison. */
static void huge_numbers(void **state) {
    (void)state;
    t.policy.xen_max = UINT32_MAX;
    assert_int_equal(headers(3, 0xffff, 0xffff), XV_ACCEPTED);
    assert_int_equal(headers(3, 0x10000, 0), XV_COMPAT_SAVER);
    assert_int_equal(xv_parser_report(t.p)->found, 0x10000);
    assert_int_equal(headers(3, 4, 0x10011), XV_COMPAT_SAVER);
    assert_int_equal(xv_parser_report(t.p)->found, 0x10011);
}

/* The mark of the legacy converter is in both layers or in none. */
static void converter(void **state) {
    (void)state;
    assert_int_equal(inside(0, 4), XV_ACCEPTED);
    assert_int_equal(inside(2, 0), XV_ACCEPTED);
    assert_int_equal(inside(2, 4), XV_LIBXL_LEGACY);
    assert_int_equal(inside(0, 0), XV_LIBXL_LEGACY);
    assert_int_equal(offset_of(&t), 16 + 8 + 32);
    assert_int_equal(xv_parser_report(t.p)->allowed_min, 1);
    assert_int_equal(xv_parser_report(t.p)->allowed_max, 0xffff);
    assert_int_equal(inside(2, 4), XV_LIBXL_LEGACY);
    assert_int_equal(xv_parser_report(t.p)->allowed_max, 0);
}

static void targets(void **state) {
    (void)state;
    t.policy.target_xen = XV_XEN(4, 14);
    assert_int_equal(headers(3, 4, 17), XV_ACCEPTED);
    t.policy.target_xen = XV_XEN(4, 13);
    assert_int_equal(headers(3, 4, 17), XV_COMPAT_TARGET_VERSION);
    assert_int_equal(headers(2, 4, 13), XV_ACCEPTED);
    t.policy.target_xen = XV_XEN(4, 6);
    assert_int_equal(headers(2, 4, 13), XV_ACCEPTED);
    t.policy.target_xen = XV_XEN(4, 5);
    assert_int_equal(headers(2, 4, 13), XV_COMPAT_TARGET_VERSION);
}

/* Readers until 4.9 take records of up to 8 MiB. Only P2M_FRAMES may be that long. */
static enum xv_code frames_of(uint32_t length) {
    struct stream s = {.n = 0};
    enum xv_code code;

    libxc_headers(&s, 2, 1, 4, 9);
    record(&s, 2, "\x08\x04\0\0\0\0\0\0", 8);
    header(&s, 3, length);
    code = judge(&t, &s);
    return code == XV_TRUNCATED ? XV_ACCEPTED : code;
}

static void target_lengths(void **state) {
    const uint32_t most = 8u << 20;

    (void)state;
    t.policy.target_xen = XV_XEN(4, 9);
    assert_int_equal(frames_of(most), XV_ACCEPTED);
    assert_int_equal(frames_of(most + 8), XV_COMPAT_TARGET_LENGTH);
    t.policy.target_xen = XV_XEN(4, 10);
    assert_int_equal(frames_of(most + 8), XV_ACCEPTED);
    t.policy.target_xen = 0;
    assert_int_equal(frames_of(most + 8), XV_ACCEPTED);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(versions, setup, teardown),
        cmocka_unit_test_setup_teardown(newer_savers_of_version_2, setup, teardown),
        cmocka_unit_test_setup_teardown(savers, setup, teardown),
        cmocka_unit_test_setup_teardown(huge_numbers, setup, teardown),
        cmocka_unit_test_setup_teardown(converter, setup, teardown),
        cmocka_unit_test_setup_teardown(targets, setup, teardown),
        cmocka_unit_test_setup_teardown(target_lengths, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
