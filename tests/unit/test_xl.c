/* SPDX-License-Identifier: MIT */
/* The xl header and the length of its configuration. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "stream_build.h"

#define CONFIG \
    "{\"c_info\":{\"type\":\"pvh\",\"name\":\"a\",\"uuid\":\"00000000-0000-0000-0000-000000000001\"}," \
    "\"b_info\":{\"max_vcpus\":1,\"max_memkb\":4096,\"target_memkb\":4096}}"

static struct test_parser t;
static struct stream s;

static int setup(void **state) {
    (void)state;
    small_parser(&t);
    s.n = 0;
    xl_header(&s, CONFIG);
    libxl_header(&s, 0);
    header(&s, 1, 0);
    libxc_hvm(&s);
    header(&s, 0, 0);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    test_parser_free(&t);
    return 0;
}

/* The stream with a 32-bit field changed. */
static enum xv_code with(size_t at, uint32_t value) {
    struct stream other = s;

    other.n = at;
    le(&other, value, 4);
    other.n = s.n;
    return judge(&t, &other);
}

static void whole(void **state) {
    (void)state;
    assert_int_equal(judge(&t, &s), XV_ACCEPTED);
    assert_int_equal(xv_parser_summary(t.p)->config_bytes, sizeof(CONFIG));
    assert_string_equal(xv_parser_summary(t.p)->config_type, "pvh");
    assert_int_equal(xv_parser_summary(t.p)->guest, XV_GUEST_PVH);
}

static void magic(void **state) {
    (void)state;
    for (size_t i = 8; i < 32; i++) {
        s.bytes[i] ^= 0x20;
        assert_int_equal(judge(&t, &s), XV_XL_MAGIC);
        assert_int_equal(offset_of(&t), i);
        s.bytes[i] ^= 0x20;
    }
}

static void byte_order(void **state) {
    (void)state;
    assert_int_equal(with(32, 0x04030201), XV_XL_BYTEORDER);
    assert_int_equal(offset_of(&t), 32);
    assert_int_equal(with(32, 0), XV_XL_BYTEORDER);
}

static void flags(void **state) {
    (void)state;
    assert_int_equal(with(36, 0), XV_XL_FLAG_STREAMV2);
    assert_int_equal(with(36, 1), XV_XL_FLAG_STREAMV2);
    assert_int_equal(with(36, 2), XV_XL_FLAG_JSON);
    assert_int_equal(with(36, 7), XV_XL_FLAG_UNKNOWN);
    assert_int_equal(with(36, 0x80000003), XV_XL_FLAG_UNKNOWN);
    assert_int_equal(offset_of(&t), 36);
    assert_int_equal(with(40, 1), XV_XL_OPTIONAL_FLAGS);
    assert_int_equal(with(40, 0x80000000), XV_XL_OPTIONAL_FLAGS);
    assert_int_equal(offset_of(&t), 40);
}

static void optional_data(void **state) {
    (void)state;
    assert_int_equal(with(44, 0), XV_XL_OPTIONAL_LEN);
    assert_int_equal(with(44, 4), XV_XL_OPTIONAL_LEN);
    assert_int_equal(offset_of(&t), 44);
    assert_int_equal(with(44, sizeof(CONFIG) + 3), XV_XL_OPTIONAL_LEN);
    assert_int_equal(with(44, sizeof(CONFIG) + 5), XV_XL_OPTIONAL_LEN);
    assert_int_equal(with(44, UINT32_MAX), XV_XL_OPTIONAL_LEN);
    assert_int_equal(offset_of(&t), 48);
}

static void config_length(void **state) {
    (void)state;
    assert_int_equal(with(48, 0), XV_XL_CONFIG_LEN);
    assert_int_equal(with(48, 0x80000000), XV_XL_CONFIG_LEN);
    assert_int_equal(with(48, sizeof(CONFIG) - 1), XV_XL_OPTIONAL_LEN);
    t.policy.max_config_bytes = sizeof(CONFIG);
    assert_int_equal(judge(&t, &s), XV_ACCEPTED);
    t.policy.max_config_bytes = sizeof(CONFIG) - 1;
    assert_int_equal(judge(&t, &s), XV_XL_CONFIG_LEN);
    assert_int_equal(offset_of(&t), 48);
}

/* A configuration longer than one demand comes in pieces. */
static void long_config(void **state) {
    static char config[2 * XV_WANT_MAX + 100];
    size_t n = strlen(CONFIG);

    (void)state;
    memset(config, ' ', sizeof(config) - 1);
    memcpy(config, CONFIG, n);
    s.n = 0;
    xl_header(&s, config);
    libxl_header(&s, 0);
    header(&s, 1, 0);
    libxc_hvm(&s);
    header(&s, 0, 0);
    assert_int_equal(judge(&t, &s), XV_ACCEPTED);
    s.bytes[52 + XV_WANT_MAX] = 'x';
    assert_int_equal(judge(&t, &s), XV_JSON_TRAILING);
    assert_int_equal(offset_of(&t), 52 + XV_WANT_MAX);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(whole, setup, teardown),
        cmocka_unit_test_setup_teardown(magic, setup, teardown),
        cmocka_unit_test_setup_teardown(byte_order, setup, teardown),
        cmocka_unit_test_setup_teardown(flags, setup, teardown),
        cmocka_unit_test_setup_teardown(optional_data, setup, teardown),
        cmocka_unit_test_setup_teardown(config_length, setup, teardown),
        cmocka_unit_test_setup_teardown(long_config, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
