/* SPDX-License-Identifier: MIT */
/* The proposal of April 2020: how such a stream is told from a libxl one, every cut of a record, one domain or several.
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
    libxl_header(&s, 0);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    test_parser_free(&t);
    return 0;
}

static void padded(struct stream *body, const char *text) {
    size_t n = strlen(text);

    le(body, n, 4);
    raw(body, text, n);
    zeroes(body, (4 - n % 4) % 4);
}

static void put_node(const char *path, const char *value) {
    static struct stream body;

    body.n = 0;
    le(&body, 1, 4);
    padded(&body, path);
    le(&body, 1, 4);
    raw(&body, "n\0\0", 4);
    padded(&body, value);
    record(&s, 7, body.bytes, (uint32_t)body.n);
}

static void put_number(uint32_t kind, uint32_t number) {
    uint8_t body[8] = {(uint8_t)kind, 0, 0, 0, (uint8_t)number, (uint8_t)(number >> 8), (uint8_t)(number >> 16)};

    record(&s, 7, body, sizeof body);
}

static enum xv_code ends(void) {
    size_t n = s.n;
    enum xv_code code;

    header(&s, 0, 0);
    code = judge(&t, &s);
    s.n = n;
    return code;
}

static void told_by_the_first_record(void **state) {
    (void)state;
    put_node("/a", "1");
    assert_int_equal(ends(), XV_ACCEPTED);
    assert_int_equal(xv_parser_summary(t.p)->format, XV_FORMAT_XENSTORE_2020);
    assert_int_equal(xv_parser_summary(t.p)->xenstore_version, XV_XENSTORE_2020);
    t.policy.formats = XV_FORMAT_LIBXL;
    assert_int_equal(ends(), XV_XENSTORE_REFUSED);
    assert_int_equal(offset_of(&t), 16);
    t.policy.formats = XV_FORMAT_XENSTORE_2020;
    assert_int_equal(ends(), XV_ACCEPTED);
    s.n = 0;
    libxl_hvm(&s);
    assert_int_equal(judge(&t, &s), XV_FORMAT_REFUSED);
    t.policy.formats = XV_FORMAT_XENSTORE;
    assert_int_equal(judge(&t, &s), XV_FORMAT_REFUSED);
    assert_int_equal(offset_of(&t), 0);
}

/* A record of any shorter length is refused, and so is a longer one. */
static void every_length(void **state) {
    size_t record_at = s.n, whole;

    (void)state;
    put_node("/abc", "12345");
    whole = s.n - record_at - 8;
    for (uint32_t length = 0; length <= whole + 8; length += 4) {
        enum xv_code code;

        s.n = record_at;
        put_node("/abc", "12345");
        s.n = record_at + 4;
        le(&s, length, 4);
        s.n = record_at + 8 + (length + 7) / 8 * 8;
        if (length > whole)
            memset(s.bytes + record_at + 8 + whole, 0, length - whole + 8);
        code = ends();
        if (length == whole)
            assert_int_equal(code, XV_ACCEPTED);
        else
            assert_int_equal(code, length < 8 ? XV_XENSTORE_RECORD_LENGTH : XV_XENSTORE_2020_LENGTH);
    }
}

static void domains(void **state) {
    (void)state;
    put_number(6, 1);
    put_number(3, 5);
    put_number(6, 2);
    put_number(3, 5); /* ids are each domain's own */
    assert_int_equal(ends(), XV_ACCEPTED);
    assert_int_equal(xv_parser_summary(t.p)->xenstore_domains, 2);
    put_node("/a", ""); /* no root before it, and none elsewhere */
    assert_int_equal(ends(), XV_XENSTORE_NODE_PARENT);
    s.n = 16;
    put_node("/a", ""); /* one domain: its parent is elsewhere */
    assert_int_equal(ends(), XV_ACCEPTED);
    put_number(6, 1);
    assert_int_equal(ends(), XV_XENSTORE_2020_DOMAIN);
}

static void limits(void **state) {
    (void)state;
    put_node("/a", "");
    put_node("/a/b", "");
    t.policy.max_xenstore_nodes = 2;
    assert_int_equal(ends(), XV_ACCEPTED);
    t.policy.max_xenstore_nodes = 1;
    assert_int_equal(ends(), XV_XENSTORE_LIMIT);
    t.policy.max_xenstore_nodes = 3;
    put_number(3, 1);
    put_number(3, 2);
    t.policy.max_xenstore_transactions = 2;
    assert_int_equal(ends(), XV_ACCEPTED);
    t.policy.max_xenstore_transactions = 1;
    assert_int_equal(ends(), XV_XENSTORE_LIMIT);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(told_by_the_first_record, setup, teardown),
        cmocka_unit_test_setup_teardown(every_length, setup, teardown),
        cmocka_unit_test_setup_teardown(domains, setup, teardown),
        cmocka_unit_test_setup_teardown(limits, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
