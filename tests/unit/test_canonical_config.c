/* SPDX-License-Identifier: MIT */
/* Re-encoding of the embedded configuration: from the tokens of the parser, and from tokens that no parser gives. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "canonical_config.h"
#include "support.h"

#define HEADER 52u

#define INFO  "\"c_info\":{\"type\":\"pv\",\"name\":\"n\"},"
#define NEEDS "\"max_vcpus\":1,\"max_memkb\":4096,\"target_memkb\":4096"

static uint8_t held[4096], out[4096];
static struct xv_canonical canonical;

static void put_u32(uint8_t *to, size_t value) {
    for (unsigned i = 0; i < 4; i++)
        to[i] = (uint8_t)(value >> (8 * i));
}

/* An xl header with this configuration; its octets. */
static size_t image(const char *json) {
    size_t n = strlen(json) + 1;

    memset(held, 0, sizeof held);
    memcpy(held, "Xen saved domain, xl format\n \0 \r", 32);
    put_u32(held + 32, 0x01020304);
    put_u32(held + 36, 3);
    put_u32(held + 44, n + 4);
    put_u32(held + 48, n);
    memcpy(held + HEADER, json, n);
    return HEADER + n;
}

static void begin(size_t capacity) {
    canonical = (struct xv_canonical){.out = out, .capacity = capacity, .held = held};
}

/* What comes out for a configuration; NULL if it was rejected or does not fit. */
static const char *re_encode(const char *json, size_t capacity) {
    struct test_parser t;
    size_t n = image(json), size = 0;

    begin(capacity);
    test_parser_make(&t, NULL, (struct xv_observer){.tell = NULL});
    t.p->policy.allow = UINT32_MAX;
    t.p->policy.tolerate |= XV_TOLERATE_UNKNOWN_CONFIG_FIELD;
    xv_parser_keep_config(t.p, xv_canonical_token, &canonical);
    (void)test_feed(&t, held, n, 0);
    if (xv_parser_committed(t.p) == n)
        size = xv_canonical_finish(&canonical, held, n);
    test_parser_free(&t);
    if (size == 0)
        return NULL;
    assert_int_equal(out[size - 1], 0);
    assert_int_equal(strlen((char *)out + HEADER) + 1, size - HEADER);
    assert_memory_equal(out, held, 44);
    return (const char *)out + HEADER;
}

static void kept_and_dropped(void **state) {
    static const struct {
        const char *in, *out;
    } rows[] = {
        {"{ \"c_info\" : { \"type\":\"pv\" ,\"name\" : \"n\" },\n\t\"b_info\" : {" NEEDS ", \"kernel\":\"/k\"}}",
         "{\"c_info\":{\"type\":\"pv\",\"name\":\"n\"},\"b_info\":{" NEEDS "}}"},
        {"{" INFO "\"b_info\":{\"kernel\":\"x\"," NEEDS ",\"cmdline\":\"y\"}}", "{" INFO "\"b_info\":{" NEEDS "}}"},
        {"{" INFO "\"b_info\":{\"avail_vcpus\":[ 0 ],\"cpumap\":[1,2]," NEEDS "}}",
         "{" INFO "\"b_info\":{\"avail_vcpus\":[0]," NEEDS "}}"},
        {"{" INFO "\"b_info\":{" NEEDS "},\"future\":{\"a\":[{\"b\":1}]},\"on_crash\":\"destroy\"}",
         "{" INFO "\"b_info\":{" NEEDS "},\"on_crash\":\"destroy\"}"},
        {"{" INFO "\"b_info\":{" NEEDS "},\"disks\":[{\"vdev\":\"xvda\"},{\"vdev\":\"xvdb\"}],\"nics\":[]}",
         "{" INFO "\"b_info\":{" NEEDS "},\"disks\":[{\"vdev\":\"xvda\"},{\"vdev\":\"xvdb\"}],\"nics\":[]}"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *got = re_encode(rows[i].in, sizeof out);

        assert_non_null(got);
        assert_string_equal(got, rows[i].out);
    }
}

/* The smallest buffer that is enough, and one octet less. */
static void capacity(void **state) {
    const char *json = "{" INFO "\"b_info\":{" NEEDS "}}";
    size_t n = HEADER + strlen(json) + 1;

    (void)state;
    assert_non_null(re_encode(json, n));
    for (size_t less = HEADER + 1; less < n; less++)
        assert_null(re_encode(json, less));
}

/* Unbalanced and too deep: nothing goes out. */
static void impossible_tokens(void **state) {
    (void)state;
    begin(sizeof out);
    assert_int_equal(xv_canonical_finish(&canonical, held, HEADER), 0); /* nothing */
    xv_canonical_token(&canonical, XV_TOKEN_CLOSE, 0, 1);
    assert_int_equal(xv_canonical_finish(&canonical, held, HEADER), 0);
    begin(sizeof out);
    xv_canonical_token(&canonical, XV_TOKEN_OBJECT, 0, 1);
    assert_int_equal(xv_canonical_finish(&canonical, held, HEADER), 0); /* open */
    for (unsigned i = 0; i < XV_CANONICAL_DEPTH; i++)
        xv_canonical_token(&canonical, XV_TOKEN_ARRAY, 0, 1);
    for (unsigned i = 0; i <= XV_CANONICAL_DEPTH; i++)
        xv_canonical_token(&canonical, XV_TOKEN_CLOSE, 0, 1);
    assert_int_equal(xv_canonical_finish(&canonical, held, HEADER), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kept_and_dropped),
        cmocka_unit_test(capacity),
        cmocka_unit_test(impossible_tokens),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
