/* SPDX-License-Identifier: MIT */
/* The bodies of EMULATOR_XENSTORE_DATA and EMULATOR_CONTEXT. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "body.h"
#include "emulator.h"

#define BOTH (1u << 2 | 1u << 3)

static struct test_parser t;
static struct xv_fact last;
static unsigned told;

static void tell(void *context, const struct xv_fact *fact) {
    (void)context;
    last = *fact;
    told++;
}

static int setup(void **state) {
    struct xv_policy policy;

    (void)state;
    xv_policy_strict(&policy);
    policy.max_guest_pages = 64;
    test_parser_make(&t, &policy, (struct xv_observer){tell, NULL, 0});
    told = 0;
    return 0;
}

static int teardown(void **state) {
    (void)state;
    test_parser_free(&t);
    return 0;
}

static enum xv_code keys_of(uint32_t id, uint32_t index, const char *text, size_t n) {
    struct blob b = {.n = 0};

    put(&b, id, 4);
    put(&b, index, 4);
    memcpy(b.bytes + b.n, text, n);
    return judge_body(t.p, xv_emulator_xenstore_body, b.bytes, b.n + n, b.n + n, 8);
}
/* The text of a literal, whose last NUL ends the last string. */
#define KEYS(text) keys_of(2, 0, text, sizeof(text))

static enum xv_code context_of(uint32_t id, const char *blob, size_t n) {
    struct blob b = {.n = 0};

    put(&b, id, 8);
    memcpy(b.bytes + b.n, blob, n);
    return judge_body(t.p, xv_emulator_context_body, b.bytes, b.n + n, b.n + n, 8);
}
#define CONTEXT(blob) context_of(2, blob, sizeof(blob) - 1)

static void sub_header(void **state) {
    (void)state;
    assert_int_equal(keys_of(2, 0, "", 0), XV_ACCEPTED);
    assert_int_equal(keys_of(3, 0, "", 0), XV_EMULATOR_ID);
    assert_int_equal(t.p->report.allowed_min, 1);
    assert_int_equal(t.p->report.allowed_max, 2);
    assert_int_equal(keys_of(0, 0, "", 0), XV_EMULATOR_ID);
    assert_int_equal(keys_of(2, 1, "", 0), XV_EMULATOR_INDEX);
    assert_int_equal(t.p->report.offset, 4);
    assert_int_equal(keys_of(1, 0, "", 0), XV_EMULATOR_ID);
    t.p->policy.tolerate |= XV_TOLERATE_EMULATOR_TRADITIONAL;
    assert_int_equal(keys_of(1, 0, "", 0), XV_ACCEPTED);
    t.p->libxl.legacy = true;
    assert_int_equal(keys_of(0, 0, "", 0), XV_ACCEPTED);
    assert_int_equal(keys_of(2, 0, "", 0), XV_EMULATOR_ID);
    assert_int_equal(t.p->report.allowed_min, 0);
    assert_int_equal(t.p->report.allowed_max, 0);
}

/* Both records name one emulator. */
static void mismatch(void **state) {
    (void)state;
    t.p->policy.tolerate |= XV_TOLERATE_EMULATOR_TRADITIONAL;
    assert_int_equal(keys_of(1, 0, "", 0), XV_ACCEPTED);
    t.p->libxl.seen = 1u << 2;
    assert_int_equal(context_of(2, "QEVM\0\0\0\3\4xx\0", 12), XV_EMULATOR_MISMATCH);
    assert_int_equal(context_of(1, "QEVM\0\0\0\3\4xx\0", 12), XV_ACCEPTED);
    t.p->libxl.seen = ~BOTH;
    assert_int_equal(context_of(2, "QEVM\0\0\0\3\4xx\0", 12), XV_ACCEPTED);
}

static void keys(void **state) {
    (void)state;
    assert_int_equal(KEYS("physmap/f0000000/start_addr\0f0000000\0"
                          "physmap/f0000000/size\0"
                          "800000\0"
                          "physmap/f0000000/name\0vga.vram"),
                     XV_ACCEPTED);
    assert_int_equal(t.p->libxl.emulator.keys, 3);
    assert_int_equal(KEYS("physmap/0/name\0"), XV_ACCEPTED); /* an empty value */
    assert_int_equal(KEYS("physmap/ABCDEF0123456789/size\0"
                          "1"),
                     XV_ACCEPTED);
    assert_int_equal(KEYS("physmap/ABCDEF01234567890/size\0"
                          "1"),
                     XV_EMULATOR_KEY);
    assert_int_equal(KEYS("physmap//size\0"
                          "1"),
                     XV_EMULATOR_KEY);
    assert_int_equal(KEYS("physmap/g/size\0"
                          "1"),
                     XV_EMULATOR_KEY);
    assert_int_equal(KEYS("physmap/0x1/size\0"
                          "1"),
                     XV_EMULATOR_KEY);
    assert_int_equal(KEYS("physmap/1/sizes\0"
                          "1"),
                     XV_EMULATOR_KEY);
    assert_int_equal(KEYS("physmap/1/siz\0"
                          "1"),
                     XV_EMULATOR_KEY);
    assert_int_equal(KEYS("physmap/1size\0"
                          "1"),
                     XV_EMULATOR_KEY);
    assert_int_equal(KEYS("physmap/1-size\0"
                          "1"),
                     XV_EMULATOR_KEY);
    assert_int_equal(KEYS("physmat/1/size\0"
                          "1"),
                     XV_EMULATOR_KEY);
    assert_int_equal(KEYS("state\0running"), XV_EMULATOR_KEY);
    assert_int_equal(KEYS("\0"), XV_EMULATOR_KEY);
}

static void values(void **state) {
    (void)state;
    assert_int_equal(KEYS("physmap/1/size\0"), XV_EMULATOR_VALUE);
    assert_int_equal(KEYS("physmap/1/size\0"
                          "0123456789abcdef"),
                     XV_ACCEPTED);
    assert_int_equal(KEYS("physmap/1/size\0"
                          "0123456789abcdef0"),
                     XV_EMULATOR_VALUE);
    assert_int_equal(KEYS("physmap/1/start_addr\0"
                          "1g"),
                     XV_EMULATOR_VALUE);
    assert_int_equal(KEYS("physmap/1/name\0anything / goes ~"), XV_ACCEPTED);
    assert_int_equal(KEYS("physmap/1/name\0line\nbreak"), XV_EMULATOR_VALUE);
    assert_int_equal(KEYS("physmap/1/name\0\x7f"), XV_EMULATOR_VALUE);
    assert_int_equal(KEYS("physmap/1/name\0\xc3\xa4"), XV_EMULATOR_VALUE);
    assert_int_equal(KEYS("phys\tmap/1/name\0x"), XV_EMULATOR_KEY);
    assert_int_equal(t.p->report.found, '\t');
    assert_int_equal(t.p->report.offset, 8 + 4);
}

/* The octets next to the hexadecimal digits in ASCII are none. */
static void digits(void **state) {
    static const char none[] = "/:;<=>?@G`g";

    (void)state;
    for (size_t i = 0; i + 1 < sizeof(none); i++) {
        char key[] = "physmap/1./size\0" /* the dot stands for the octet */
                     "1";
        char value[] = "physmap/1/size\0"
                       "1.";

        key[9] = none[i];
        value[16] = none[i];
        assert_int_equal(keys_of(2, 0, key, sizeof(key)), XV_EMULATOR_KEY);
        assert_int_equal(keys_of(2, 0, value, sizeof(value)), XV_EMULATOR_VALUE);
    }
}

/* A string goes on in the next piece, wherever the record is parted. */
static void pieces(void **state) {
    static const char text[] = "physmap/1/size\0"
                               "10\0physmap/1/name\0x";
    struct blob b = {.n = 0};

    (void)state;
    put(&b, 2, 8);
    memcpy(b.bytes + b.n, text, sizeof(text));
    b.n += sizeof(text);
    for (size_t first = 8; first <= b.n; first++)
        assert_int_equal(judge_body(t.p, xv_emulator_xenstore_body, b.bytes, b.n, b.n, first), XV_ACCEPTED);
}

static void unterminated(void **state) {
    (void)state;
    assert_int_equal(keys_of(2, 0, "physmap/1/name", 14), XV_EMULATOR_UNTERMINATED);
    assert_int_equal(keys_of(2, 0, "physmap/1/name\0", 15), XV_EMULATOR_UNTERMINATED);
    assert_int_equal(keys_of(2, 0, "physmap/1/name\0x", 16), XV_EMULATOR_UNTERMINATED);
    assert_int_equal(keys_of(2, 0, "physmap/1/name\0x\0", 17), XV_ACCEPTED);
}

static void repeats(void **state) {
    (void)state;
    assert_int_equal(KEYS("physmap/1/name\0x\0physmap/2/name\0x"), XV_ACCEPTED);
    assert_int_equal(KEYS("physmap/1/name\0x\0physmap/1/name\0y"), XV_EMULATOR_REPEATED);
    assert_int_equal(KEYS("physmap/1/name\0x\0physmap/001/name\0y"), XV_EMULATOR_REPEATED); /* the same number */
}

/* The longest strings: 255 octets, and one more. */
static void long_strings(void **state) {
    char text[600] = "physmap/1/name";

    (void)state;
    memset(text + 15, 'v', 255);
    assert_int_equal(keys_of(2, 0, text, 15 + 256), XV_ACCEPTED);
    text[15 + 255] = 'v';
    assert_int_equal(keys_of(2, 0, text, 15 + 257), XV_EMULATOR_VALUE);
    memset(text, 'k', 256);
    text[255] = 0;
    assert_int_equal(keys_of(2, 0, text, 257), XV_EMULATOR_KEY);
    text[255] = 'k';
    assert_int_equal(keys_of(2, 0, text, 258), XV_EMULATOR_KEY);
}

/* So many pairs, of 21 entries at most three keys each. */
static enum xv_code pairs(unsigned n) {
    static const char *const fields[] = {"start_addr", "size", "name"};
    struct blob b = {.n = 0};

    put(&b, 2, 8);
    for (unsigned i = 0; i < n; i++)
        b.n += (size_t)snprintf((char *)b.bytes + b.n, 64, "physmap/%x/%s", i / 3, fields[i % 3]) + 1,
            b.bytes[b.n++] = '1', b.bytes[b.n++] = 0;
    return judge_body(t.p, xv_emulator_xenstore_body, b.bytes, b.n, b.n, 8);
}

static void limits(void **state) {
    (void)state;
    t.p->policy.max_emulator_keys = 9;
    assert_int_equal(pairs(8), XV_ACCEPTED);
    assert_int_equal(pairs(9), XV_ACCEPTED);
    assert_int_equal(pairs(10), XV_EMULATOR_PAIRS);
    assert_int_equal(t.p->report.allowed_max, 9);
    t.p->policy.max_emulator_keys = 1000;
    assert_int_equal(pairs(3 * XV_PHYSMAPS_MAX), XV_ACCEPTED);
    assert_int_equal(pairs(3 * XV_PHYSMAPS_MAX + 1), XV_EMULATOR_PAIRS);
    t.p->policy.max_emulator_keys = 0;
    assert_int_equal(pairs(0), XV_ACCEPTED);
    assert_int_equal(pairs(1), XV_EMULATOR_PAIRS);
}

/* Tolerated keys stay within the alphabet of xenstore paths. */
static void other_keys(void **state) {
    (void)state;
    t.p->policy.tolerate |= XV_TOLERATE_XENSTORE_KEYS;
    assert_int_equal(KEYS("a/b-C_9\0x"), XV_ACCEPTED);
    assert_true(xv_parser_dropped(t.p));
    assert_int_equal(KEYS("/a\0x"), XV_EMULATOR_KEY);
    assert_int_equal(KEYS("a/\0x"), XV_EMULATOR_KEY);
    assert_int_equal(KEYS("a//b\0x"), XV_EMULATOR_KEY);
    assert_int_equal(KEYS("a.b\0x"), XV_EMULATOR_KEY);
    assert_int_equal(KEYS("../b\0x"), XV_EMULATOR_KEY);
    assert_int_equal(KEYS("@a\0x"), XV_EMULATOR_KEY);
    assert_int_equal(KEYS("\0x"), XV_EMULATOR_KEY);
}

static void qevm(void **state) {
    (void)state;
    assert_int_equal(CONTEXT("QEVM\0\0\0\3\4abc\0"), XV_ACCEPTED);
    assert_int_equal(CONTEXT("QEVM\0\0\0\3\7abc\0"), XV_ACCEPTED);
    assert_int_equal(CONTEXT("QEVM\0\0\0\3\4\0"), XV_ACCEPTED);
    assert_int_equal(CONTEXT("QEVM\0\0\0\3\0"), XV_ACCEPTED); /* no section at all */
    assert_int_equal(CONTEXT("QEVM\0\0\0\3\4"), XV_QEVM_END);
    assert_int_equal(CONTEXT("QEVM\0\0\0\3\0\0"), XV_QEVM_SECTION); /* nothing follows an end */
    assert_int_equal(CONTEXT("QEVM\0\0\0\3\1"), XV_QEVM_SECTION);   /* neither a section nor the end */
    assert_int_equal(CONTEXT("QEVM\0\0\0\3\1abc\0"), XV_QEVM_SECTION);
    assert_int_equal(t.p->report.offset, 16);
    assert_int_equal(CONTEXT("QEVM\0\0\0\2\4abc\0"), XV_QEVM_VERSION);
    assert_int_equal(CONTEXT("QEVM\3\0\0\0\4abc\0"), XV_QEVM_VERSION);
    assert_int_equal(CONTEXT("QEVN\0\0\0\3\4abc\0"), XV_QEVM_MAGIC);
    assert_int_equal(CONTEXT("QEVM\0\0\0\3\4abc\1"), XV_QEVM_END);
    assert_int_equal(t.p->report.offset, 8 + 12);
    assert_int_equal(CONTEXT(""), XV_QEVM_MAGIC);
    assert_int_equal(CONTEXT("QEVM\0\0\0\3"), XV_QEVM_MAGIC); /* one octet too few */
}

static void facts(void **state) {
    (void)state;
    assert_int_equal(CONTEXT("QEVM\0\0\0\3\4abc\0"), XV_ACCEPTED);
    assert_int_equal(last.kind, XV_FACT_EMULATOR);
    assert_int_equal(last.a, 2);
    assert_int_equal(last.b, 13);
    told = 0;
    assert_int_equal(KEYS("physmap/f0/size\0"
                          "1c"),
                     XV_ACCEPTED);
    assert_int_equal(told, 2);
    assert_int_equal(last.kind, XV_FACT_EMULATOR_KEY);
    assert_int_equal(last.a, 0xf0);
    assert_int_equal(last.b, 0x1c);
    assert_string_equal(last.text, "size");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(sub_header, setup, teardown),
        cmocka_unit_test_setup_teardown(mismatch, setup, teardown),
        cmocka_unit_test_setup_teardown(keys, setup, teardown),
        cmocka_unit_test_setup_teardown(values, setup, teardown),
        cmocka_unit_test_setup_teardown(digits, setup, teardown),
        cmocka_unit_test_setup_teardown(pieces, setup, teardown),
        cmocka_unit_test_setup_teardown(unterminated, setup, teardown),
        cmocka_unit_test_setup_teardown(repeats, setup, teardown),
        cmocka_unit_test_setup_teardown(long_strings, setup, teardown),
        cmocka_unit_test_setup_teardown(limits, setup, teardown),
        cmocka_unit_test_setup_teardown(other_keys, setup, teardown),
        cmocka_unit_test_setup_teardown(qevm, setup, teardown),
        cmocka_unit_test_setup_teardown(facts, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
