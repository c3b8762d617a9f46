/* SPDX-License-Identifier: MIT */
/* The first octets: what is read, what is only recognised, what the policy does not take. */
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

static enum xv_code first(const void *eight) {
    struct stream s = {.n = 0};

    raw(&s, eight, 8);
    test_parser_again(&t);
    (void)xv_parser_feed(t.p, s.bytes, 8);
    return xv_parser_report(t.p)->code;
}

static void read_formats(void **state) {
    (void)state;
    assert_int_equal(first("Xen save"), XV_ACCEPTED);
    assert_int_equal(xv_parser_summary(t.p)->format, XV_FORMAT_XL);
    assert_int_equal(xv_parser_demand(t.p).n, 40);
    assert_int_equal(first("LibxlFmt"), XV_ACCEPTED);
    assert_int_equal(xv_parser_summary(t.p)->format, XV_FORMAT_LIBXL);
    assert_int_equal(xv_parser_demand(t.p).n, 8);
    assert_int_equal(first("\xff\xff\xff\xff\xff\xff\xff\xff"), XV_ACCEPTED);
    assert_int_equal(xv_parser_summary(t.p)->format, XV_FORMAT_LIBXC);
    assert_int_equal(xv_parser_demand(t.p).n, 16);
    assert_int_equal(first("libvirt-"), XV_ACCEPTED);
    assert_int_equal(xv_parser_summary(t.p)->format, XV_FORMAT_LIBVIRT);
    assert_int_equal(xv_parser_demand(t.p).n, 56);
    assert_int_equal(first("XenSaved"), XV_ACCEPTED);
    assert_int_equal(xv_parser_summary(t.p)->format, XV_FORMAT_XENOPSD);
    assert_int_equal(xv_parser_demand(t.p).n, 7);
    assert_int_equal(first("xenstore"), XV_ACCEPTED);
    assert_int_equal(xv_parser_summary(t.p)->format, XV_FORMAT_XENSTORE);
    assert_int_equal(xv_parser_demand(t.p).n, 8);
}

static void recognised_formats(void **state) {
    (void)state;
    assert_int_equal(first("LinuxGue"), XV_FORMAT_XEND);
    assert_int_equal(first("$xenstored"), XV_FORMAT_OXENSTORED);
    assert_int_equal(offset_of(&t), 0);
    assert_int_equal(xv_parser_summary(t.p)->format, XV_FORMAT_NONE);
}

/* One octet off is another file. */
static void near_misses(void **state) {
    (void)state;
    assert_int_equal(first("Xen Save"), XV_FORMAT_UNKNOWN);
    assert_int_equal(first("LibxlFmu"), XV_FORMAT_UNKNOWN);
    assert_int_equal(first("\xff\xff\xff\xff\xff\xff\xff\xfe"), XV_FORMAT_UNKNOWN);
    assert_int_equal(first("\xff\xd8\xff\xe0\x00\x10JF"), XV_FORMAT_UNKNOWN);
    assert_int_equal(first("\0\0\0\0\0\0\0\0"), XV_FORMAT_UNKNOWN);
    assert_true(xv_parser_report(t.p)->has & XV_HAS_FOUND);
}

/* A legacy stream begins with a number of pages that could be one. */
static void legacy(void **state) {
    (void)state;
    assert_int_equal(first("\x00\x00\x10\x00\0\0\0\0"), XV_FORMAT_LEGACY);
    assert_int_equal(first("\x01\x00\x00\x00\0\0\0\0"), XV_FORMAT_LEGACY);
    assert_int_equal(first("\x00\x00\x00\x10\0\0\0\0"), XV_FORMAT_LEGACY);
    assert_int_equal(first("\x00\x00\x10\x00\xff\xff\xff\xff"), XV_FORMAT_LEGACY); /* 32 bits, PV */
    assert_int_equal(first("\x00\x00\x10\x00\x00\x04\0\0"), XV_FORMAT_LEGACY);     /* 32 bits, HVM: a batch of 1024 */
    assert_int_equal(first("\x01\x00\x00\x10\0\0\0\0"), XV_FORMAT_UNKNOWN);
    assert_int_equal(first("\x00\x00\x10\x00\1\4\0\0"), XV_FORMAT_UNKNOWN);
}

/* One octet off is no such file; what gzip writes of a pipe looks like a legacy stream too. */
static void compressed(void **state) {
    (void)state;
    assert_int_equal(first("\x1f\x8b\x08\x00\0\0\0\0"), XV_FORMAT_COMPRESSED);
    assert_int_equal(first("\x1f\x8b\x08\x08\x12\x34\x56\x78"), XV_FORMAT_COMPRESSED);
    assert_int_equal(first("\x1f\x8b\x09\x00\0\0\0\0"), XV_FORMAT_LEGACY);
    assert_int_equal(first("\xfd"
                           "7zXZ\0\0\4"),
                     XV_FORMAT_COMPRESSED);
    assert_int_equal(first("\xfd"
                           "7zXZ\1\0\4"),
                     XV_FORMAT_UNKNOWN);
    assert_int_equal(first("\x28\xb5\x2f\xfd\x24\x89\x15\x01"), XV_FORMAT_COMPRESSED);
    assert_int_equal(first("\x28\xb5\x2f\xfc\x24\x89\x15\x01"), XV_FORMAT_UNKNOWN);
    assert_int_equal(first("BZh91AY&"), XV_FORMAT_COMPRESSED);
    assert_int_equal(first("BZg91AY&"), XV_FORMAT_UNKNOWN);
    assert_int_equal(first("\x04\x22\x4d\x18\x64\x40\xa7\x01"), XV_FORMAT_COMPRESSED);
    assert_int_equal(first("\x04\x22\x4d\x19\x64\x40\xa7\x01"), XV_FORMAT_UNKNOWN);
    assert_int_equal(first("\x89LZO\0\r\n\x1a"), XV_FORMAT_COMPRESSED);
    assert_int_equal(first("\x89LZO\0\r\n\x1b"), XV_FORMAT_UNKNOWN);
    assert_int_equal(offset_of(&t), 0);
}

static void refused_formats(void **state) {
    (void)state;
    t.policy.formats = XV_FORMAT_LIBXL | XV_FORMAT_LIBXC;
    assert_int_equal(first("xenstore"), XV_XENSTORE_REFUSED);
    assert_int_equal(first("Xen save"), XV_FORMAT_REFUSED);
    assert_int_equal(first("LibxlFmt"), XV_ACCEPTED);
    t.policy.formats = XV_FORMAT_XL;
    assert_int_equal(first("LibxlFmt"), XV_FORMAT_REFUSED);
    assert_int_equal(first("\xff\xff\xff\xff\xff\xff\xff\xff"), XV_FORMAT_REFUSED);
    assert_int_equal(first("Xen save"), XV_ACCEPTED);
    assert_int_equal(first("libvirt-"), XV_FORMAT_REFUSED);
    t.policy.formats = XV_FORMAT_XENSTORE_2020; /* the first record tells */
    assert_int_equal(first("LibxlFmt"), XV_ACCEPTED);
    assert_int_equal(first("xenstore"), XV_XENSTORE_REFUSED);
}

/* Inner layers say what they miss. */
static void inner_magics(void **state) {
    struct stream s = {.n = 0};

    (void)state;
    libxl_hvm(&s);
    assert_int_equal(judge(&t, &s), XV_ACCEPTED);
    s.bytes[24] ^= 1; /* the marker */
    assert_int_equal(judge(&t, &s), XV_LIBXC_MARKER);
    assert_int_equal(offset_of(&t), 24);
    s.n = 0;
    xl_header(&s, "{\"c_info\":{\"type\":\"pvh\",\"name\":\"a\",\"uuid\":\"00000000-0000-0000-0000-000000000001\"},"
                  "\"b_info\":{\"max_vcpus\":1,\"max_memkb\":4096,\"target_memkb\":4096}}");
    size_t ident = s.n;
    libxl_header(&s, 0);
    header(&s, 1, 0);
    libxc_hvm(&s);
    header(&s, 0, 0);
    assert_int_equal(judge(&t, &s), XV_ACCEPTED);
    s.bytes[ident + 7] ^= 1;
    assert_int_equal(judge(&t, &s), XV_LIBXL_IDENT);
    assert_int_equal(offset_of(&t), ident);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(read_formats, setup, teardown),
        cmocka_unit_test_setup_teardown(recognised_formats, setup, teardown),
        cmocka_unit_test_setup_teardown(near_misses, setup, teardown),
        cmocka_unit_test_setup_teardown(legacy, setup, teardown),
        cmocka_unit_test_setup_teardown(compressed, setup, teardown),
        cmocka_unit_test_setup_teardown(refused_formats, setup, teardown),
        cmocka_unit_test_setup_teardown(inner_magics, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
