/* SPDX-License-Identifier: MIT */
/* The recogniser of JSON, through the configuration: syntax, UTF-8, limits, the final NUL, numbers, duplicates. */
#include "config_feed.h"

#include "json.h"

/* A configuration that passes, with one more field, whose value follows. */
#define HEAD          "{\"c_info\":{\"type\":\"pv\"},\"b_info\":{\"max_vcpus\":1,\"max_memkb\":1024},\"x\":"
#define HEAD_ELEMENTS 6u

static int setup(void **state) {
    static struct test_parser t;
    static const struct xv_observer silent;
    struct xv_policy policy;

    xv_policy_strict(&policy);
    policy.tolerate |= XV_TOLERATE_UNKNOWN_CONFIG_FIELD;
    test_parser_make(&t, &policy, silent);
    *state = &t;
    return 0;
}

static int teardown(void **state) {
    test_parser_free(*state);
    return 0;
}

/* The value in place of the unknown field. */
static void value(struct test_parser *t, const char *text, enum xv_code code) {
    size_t n = strlen(text);
    char *whole = malloc(n + sizeof(HEAD) + 2);

    assert_non_null(whole);
    (void)snprintf(whole, n + sizeof(HEAD) + 2, "%s%s}", HEAD, text);
    expect(t, whole, code);
    free(whole);
}

struct sample {
    const char *text;
    enum xv_code code;
};

static void values(struct test_parser *t, const struct sample *samples, size_t n) {
    for (size_t i = 0; i < n; i++)
        value(t, samples[i].text, samples[i].code);
}
#define VALUES(t, samples) values((t), (samples), sizeof(samples) / sizeof((samples)[0]))

static void test_syntax(void **state) {
    static const struct sample samples[] = {
        {"{}", XV_ACCEPTED},
        {"[]", XV_ACCEPTED},
        {" [ 1 , -1 , true , false , null , \"\" , { \"a\" : [ ] , \"b\" : { } } ]\t\r\n ", XV_ACCEPTED},
        {"[1]@]", XV_JSON_SYNTAX},
        {"[1,@]", XV_JSON_SYNTAX},
        {"[@,1]", XV_JSON_SYNTAX},
        {"[1 @2]", XV_JSON_SYNTAX},
        {"{\"a\":1,@}", XV_JSON_SYNTAX},
        {"{\"a\"@,1}", XV_JSON_SYNTAX},
        {"{\"a\":@}", XV_JSON_SYNTAX},
        {"{@1:2}", XV_JSON_SYNTAX},
        {"{@a:2}", XV_JSON_SYNTAX},
        {"{\"a\":1@]", XV_JSON_SYNTAX},
        {"[1@}", XV_JSON_SYNTAX},
        {"@", XV_JSON_SYNTAX},
        {"@'a'", XV_JSON_SYNTAX},
        {"@/**/1", XV_JSON_SYNTAX},
        {"@True", XV_JSON_SYNTAX},
        {"tr@eu", XV_JSON_SYNTAX},
        {"true@e", XV_JSON_SYNTAX},
        {"nul@", XV_JSON_SYNTAX},
        {"nulll", XV_JSON_SYNTAX},
        {"fals@}", XV_JSON_SYNTAX},
        {"@+1", XV_JSON_SYNTAX},
        {"@\x0b", XV_JSON_SYNTAX},
        {"@\xef\xbb\xbf[]", XV_JSON_SYNTAX},
    };

    VALUES(*state, samples);
}

static void test_document(void **state) {
    struct test_parser *t = *state;

    expect(t, HEAD "1}", XV_ACCEPTED);
    expect(t, "\n\t\r " HEAD "1} \n\t\r", XV_ACCEPTED);
    expect(t, "@[]", XV_JSON_SYNTAX);
    expect(t, "@1", XV_JSON_SYNTAX);
    expect(t, "@\"a\"", XV_JSON_SYNTAX);
    expect(t, "@\xef\xbb\xbf{}", XV_JSON_SYNTAX);
    expect(t, "@", XV_JSON_SYNTAX);
    expect(t, "   @", XV_JSON_SYNTAX);
    expect(t, "{@", XV_JSON_SYNTAX);
    expect(t, HEAD "1@", XV_JSON_SYNTAX);
    expect(t, HEAD "\"abc@", XV_JSON_SYNTAX);
    expect(t, HEAD "1}@{}", XV_JSON_TRAILING);
    expect(t, HEAD "1} @x", XV_JSON_TRAILING);
    expect(t, HEAD "1}@}", XV_JSON_TRAILING);
    expect(t, HEAD "1}@,", XV_JSON_TRAILING);
}

static void test_strings(void **state) {
    static const struct sample samples[] = {
        {"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0041\\uFFFF\\u00e9\"", XV_ACCEPTED},
        {"\"\x7f ~\"", XV_ACCEPTED},
        {"\"a@\nb\"", XV_JSON_SYNTAX},
        {"\"a@\x1f\"", XV_JSON_SYNTAX},
        {"\"\\@x41\"", XV_JSON_SYNTAX},
        {"\"\\@U0041\"", XV_JSON_SYNTAX},
        {"\"\\@'\"", XV_JSON_SYNTAX},
        {"\"\\u00@g1\"", XV_JSON_SYNTAX},
        {"\"\\u004@\"", XV_JSON_SYNTAX},
        {"\"\\uD834\\uDD1E\"", XV_ACCEPTED},
        {"\"\\udbff\\udfff\"", XV_ACCEPTED},
        {"\"\\ud800\\udc00\"", XV_ACCEPTED},
        {"\"\\ud800\\udbf@f\"", XV_JSON_UTF8},
        {"\"\\ud800@ \"", XV_JSON_UTF8},
        {"\"\\ud800@\"", XV_JSON_UTF8},
        {"\"\\ud800\\@n\"", XV_JSON_UTF8},
        {"\"\\ud800\\u004@1\"", XV_JSON_UTF8},
        {"\"\\udc0@0\"", XV_JSON_UTF8},
        {"\"\\udff@f\"", XV_JSON_UTF8},
        {"\"\\u000@0\"", XV_JSON_NUL},
        {"\"\\u0001\"", XV_ACCEPTED},
    };

    VALUES(*state, samples); /* of \uXXXX, the last digit decides */
    expect(*state, "{\"c_info\":{\"type\":\"pv\"},\"b_info\":{\"max_vcpus\\u000@0\":1}}", XV_JSON_NUL);
}

static void test_utf8(void **state) {
    static const struct sample samples[] = {
        {"\"\xc2\x80\xdf\xbf\"", XV_ACCEPTED},
        {"\"\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf\"", XV_ACCEPTED},
        {"\"\xf0\x90\x80\x80\xf4\x8f\xbf\xbf\"", XV_ACCEPTED},
        {"\"@\x80\"", XV_JSON_UTF8},
        {"\"@\xbf\"", XV_JSON_UTF8},
        {"\"@\xc0\x80\"", XV_JSON_UTF8},
        {"\"@\xc1\xbf\"", XV_JSON_UTF8},
        {"\"\xc2@\x7f\"", XV_JSON_UTF8},
        {"\"\xc2@\xc0\"", XV_JSON_UTF8},
        {"\"\xc2@\"", XV_JSON_UTF8},
        {"\"\xe0@\x9f\xbf\"", XV_JSON_UTF8},
        {"\"\xed@\xa0\x80\"", XV_JSON_UTF8},
        {"\"\xed@\xbf\xbf\"", XV_JSON_UTF8},
        {"\"\xee\x80@\"", XV_JSON_UTF8},
        {"\"\xef\xbf@\xc0\"", XV_JSON_UTF8},
        {"\"\xf0@\x8f\xbf\xbf\"", XV_JSON_UTF8},
        {"\"\xf4@\x90\x80\x80\"", XV_JSON_UTF8},
        {"\"\xf1\x80\x80@\"", XV_JSON_UTF8},
        {"\"@\xf5\x80\x80\x80\"", XV_JSON_UTF8},
        {"\"@\xff\"", XV_JSON_UTF8},
        {"{\"\xc3\xa9\":1}", XV_ACCEPTED},
        {"{\"@\xff\":1}", XV_JSON_UTF8},
    };

    VALUES(*state, samples);
}

static void test_numbers(void **state) {
    static const struct sample samples[] = {
        {"0", XV_ACCEPTED},
        {"-0", XV_ACCEPTED},
        {"[10,-10,9]", XV_ACCEPTED},
        {"18446744073709551615", XV_ACCEPTED},
        {"1844674407370955161@6", XV_JSON_NUMBER},
        {"18446744073709551615@0", XV_JSON_NUMBER},
        {"9999999999999999999@9", XV_JSON_NUMBER},
        {"-9223372036854775808", XV_ACCEPTED},
        {"-922337203685477580@9", XV_JSON_NUMBER},
        {"0@1", XV_JSON_SYNTAX},
        {"-0@1", XV_JSON_SYNTAX},
        {"-@}", XV_JSON_SYNTAX},
        {"-@-1", XV_JSON_SYNTAX},
        {"-@a", XV_JSON_SYNTAX},
        {"1@.0", XV_JSON_NUMBER},
        {"0@.5", XV_JSON_NUMBER},
        {"1@e3", XV_JSON_NUMBER},
        {"-1@E-3", XV_JSON_NUMBER},
        {"@.5", XV_JSON_SYNTAX},
        {"1@x", XV_JSON_SYNTAX},
    };

    VALUES(*state, samples);
}

static void test_nul(void **state) {
    struct test_parser *t = *state;
    static const char good[] = HEAD "1} ";
    static const char early[] = HEAD "1}\0 \0";
    static const char inside[] = HEAD "\"a\0b\"}";
    const uint32_t n = sizeof(good);

    assert_int_equal(feed_octets(t, (const uint8_t *)good, n, n), XV_ACCEPTED);
    /* no NUL: the last octet is a space */
    assert_int_equal(feed_octets(t, (const uint8_t *)good, n - 1, n - 1), XV_JSON_NUL);
    assert_int_equal(t->p->report.offset, CONFIG_BASE + n - 2);
    assert_int_equal(feed_octets(t, (const uint8_t *)early, sizeof(early) - 1, sizeof(early) - 1), XV_JSON_NUL);
    assert_int_equal(t->p->report.offset, CONFIG_BASE + sizeof(HEAD "1}") - 1);
    assert_int_equal(feed_octets(t, (const uint8_t *)early, sizeof(early), sizeof(early)), XV_JSON_NUL);
    assert_int_equal(feed_octets(t, (const uint8_t *)inside, sizeof(inside), sizeof(inside)), XV_JSON_NUL);
    assert_int_equal(t->p->report.offset, CONFIG_BASE + sizeof(HEAD "\"a") - 1);
    /* shorter than declared, longer than declared, empty */
    assert_int_equal(feed_octets(t, (const uint8_t *)good, n - 1, n), XV_JSON_NUL);
    assert_int_equal(feed_octets(t, (const uint8_t *)good, n - 1, n + 5), XV_JSON_NUL);
    assert_int_equal(feed_octets(t, (const uint8_t *)good, n, n + 1), XV_JSON_NUL);
    assert_int_equal(feed_octets(t, (const uint8_t *)"{}\0x", 4, 3), XV_JSON_TRAILING);
    assert_int_equal(feed_octets(t, (const uint8_t *)"", 0, 0), XV_JSON_NUL);
    assert_int_equal(feed_octets(t, (const uint8_t *)"", 1, 1), XV_JSON_SYNTAX);
}

/* A value of `n` levels: the document itself is one more. */
static void nest(struct test_parser *t, unsigned n, const char *open, const char *close, enum xv_code code) {
    char text[512] = "";

    for (unsigned i = 0; i < n; i++) {
        if (i == XV_JSON_MAX_DEPTH - 1)
            strcat(text, "@");
        strcat(text, open);
    }
    for (unsigned i = 0; i < n; i++)
        strcat(text, close);
    value(t, text, code);
}

static void test_depth(void **state) {
    for (unsigned n = XV_JSON_MAX_DEPTH - 2; n <= XV_JSON_MAX_DEPTH; n++)
        nest(*state, n, "[", "]", n < XV_JSON_MAX_DEPTH ? XV_ACCEPTED : XV_JSON_DEPTH);
    nest(*state, XV_JSON_MAX_DEPTH, "{\"a\":", "}", XV_JSON_DEPTH);
    nest(*state, 80, "[", "]", XV_JSON_DEPTH);
}

static void elements(struct test_parser *t, uint32_t count, enum xv_code code) {
    char *text = malloc(2 * (size_t)count + 8);
    size_t n = 0;

    assert_non_null(text);
    text[n++] = '[';
    for (uint32_t i = HEAD_ELEMENTS + 1; i < count; i++) {
        if (i == XV_JSON_MAX_ELEMENTS)
            text[n++] = '@';
        text[n++] = '1';
        text[n++] = ',';
    }
    text[n - 1] = ']';
    text[n] = 0;
    value(t, text, code);
    free(text);
}

static void test_elements(void **state) {
    elements(*state, XV_JSON_MAX_ELEMENTS - 1, XV_ACCEPTED);
    elements(*state, XV_JSON_MAX_ELEMENTS, XV_ACCEPTED);
    elements(*state, XV_JSON_MAX_ELEMENTS + 1, XV_JSON_ELEMENTS);
    elements(*state, 2 * XV_JSON_MAX_ELEMENTS, XV_JSON_ELEMENTS);
}

/* A string of `count` decoded octets, as a value or as a name. */
static void long_string(struct test_parser *t, uint32_t count, const char *unit, bool is_name, enum xv_code code) {
    size_t each = strlen(unit);
    char *text = malloc(each * count + 16);
    size_t n = 0;

    assert_non_null(text);
    if (is_name)
        text[n++] = '{';
    text[n++] = '"';
    for (uint32_t i = 0; i < count; i++) {
        memcpy(text + n, unit, each);
        n += each;
    }
    memcpy(text + n, is_name ? "\":1}" : "\"", is_name ? 5 : 2);
    value(t, text, code);
    free(text);
}

static void test_string_length(void **state) {
    for (int i = -1; i <= 1; i++) {
        enum xv_code code = i <= 0 ? XV_ACCEPTED : XV_JSON_STRING;

        long_string(*state, XV_JSON_MAX_STRING + (uint32_t)i, "a", false, code);
        long_string(*state, XV_JSON_MAX_STRING + (uint32_t)i, "\\n", false, code);
        long_string(*state, XV_JSON_MAX_STRING + (uint32_t)i, "\\u0041", false, code);
        long_string(*state, XV_JSON_MAX_NAME + (uint32_t)i, "a", true, code);
    }
    long_string(*state, XV_JSON_MAX_STRING / 2, "\xc3\xa9", false, XV_ACCEPTED);
    long_string(*state, XV_JSON_MAX_STRING / 2 + 1, "\xc3\xa9", false, XV_JSON_STRING);
    long_string(*state, XV_JSON_MAX_STRING / 4, "\\ud834\\udd1e", false, XV_ACCEPTED);
    long_string(*state, XV_JSON_MAX_STRING / 4 + 1, "\\ud834\\udd1e", false, XV_JSON_STRING);
    long_string(*state, XV_JSON_MAX_STRING / 2 + 1, "\\u00e9", false, XV_JSON_STRING);
    long_string(*state, XV_JSON_MAX_STRING / 3 + 1, "\\uffff", false, XV_JSON_STRING);
    long_string(*state, XV_JSON_MAX_STRING / 3 + 1, "\xef\xbf\xbf", false, XV_JSON_STRING);
}

static void test_duplicates(void **state) {
    struct test_parser *t = *state;

    expect(t, "{\"c_info\":{\"type\":\"pv\",@\"type\":\"hvm\"}}", XV_JSON_DUPLICATE);
    expect(t, "{\"c_info\":{\"type\":\"pv\",@\"\\u0074ype\":\"hvm\"}}", XV_JSON_DUPLICATE);
    expect(t, "{\"b_info\":{},\"c_info\":{},@\"b_info\":{}}", XV_JSON_DUPLICATE);
    expect(t, "{\"b_info\":{\"cpuid\":{},@\"cpuid\":[]}}", XV_JSON_DUPLICATE);
    /* fields past the 64th of their object */
    expect(t, "{\"b_info\":{\"vpmu\":\"False\",\"cpuid\":{},@\"vpmu\":\"False\"}}", XV_JSON_DUPLICATE);
    /* each object of an array starts afresh; so does an object after the one inside it */
    expect(t,
           "{\"c_info\":{\"type\":\"pv\"},"
           "\"b_info\":{\"max_vcpus\":1,\"max_memkb\":9,\"cpuid\":[{\"leaf\":1},{\"leaf\":1}]}}",
           XV_ACCEPTED);
    expect(t, "{\"b_info\":{\"cpuid\":[{\"leaf\":1},{\"leaf\":1,@\"leaf\":2}]}}", XV_JSON_DUPLICATE);
    expect(t, "{\"b_info\":{\"max_memkb\":1,\"sched_params\":{\"cap\":1},@\"max_memkb\":1}}", XV_JSON_DUPLICATE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_syntax, setup, teardown),
        cmocka_unit_test_setup_teardown(test_document, setup, teardown),
        cmocka_unit_test_setup_teardown(test_strings, setup, teardown),
        cmocka_unit_test_setup_teardown(test_utf8, setup, teardown),
        cmocka_unit_test_setup_teardown(test_numbers, setup, teardown),
        cmocka_unit_test_setup_teardown(test_nul, setup, teardown),
        cmocka_unit_test_setup_teardown(test_depth, setup, teardown),
        cmocka_unit_test_setup_teardown(test_elements, setup, teardown),
        cmocka_unit_test_setup_teardown(test_string_length, setup, teardown),
        cmocka_unit_test_setup_teardown(test_duplicates, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
