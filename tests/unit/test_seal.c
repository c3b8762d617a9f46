/* SPDX-License-Identifier: MIT */
/* SHA-256 against the examples of its standard, and the reader of seals with its limits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <xenvet/parser.h>
#include <xenvet/seal.h>

static void hash(const void *data, size_t n, size_t piece, char text[65]) {
    struct xv_sha256 h;
    uint8_t out[XV_DIGEST];

    xv_sha256_begin(&h);
    for (size_t at = 0, now; at < n; at += now) {
        now = n - at < piece ? n - at : piece;
        assert_true(xv_sha256_take(&h, (const uint8_t *)data + at, now));
    }
    xv_sha256_end(&h, out);
    for (unsigned i = 0; i < XV_DIGEST; i++)
        (void)snprintf(text + 2 * i, 3, "%02x", out[i]);
}

static void examples(void **state) {
    static const struct {
        const char *text, *digest;
    } samples[] = {
        {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
         "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
        {"abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
         "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"},
    };
    char text[65];

    (void)state;
    for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
        for (size_t piece = 1; piece < 130; piece++) {
            hash(samples[i].text, strlen(samples[i].text), piece, text);
            assert_string_equal(text, samples[i].digest);
        }
    }
}

static void a_million(void **state) {
    static uint8_t many[1000000];
    char text[65];

    (void)state;
    memset(many, 'a', sizeof(many));
    hash(many, sizeof(many), XV_WANT_MAX, text);
    assert_string_equal(text, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

static void too_much_at_once(void **state) {
    static uint8_t many[XV_WANT_MAX + 1];
    struct xv_sha256 h, same;

    (void)state;
    xv_sha256_begin(&h);
    same = h;
    assert_false(xv_sha256_take(&h, many, sizeof(many)));
    assert_memory_equal(&h, &same, sizeof(h));
    assert_true(xv_sha256_take(&h, many, XV_WANT_MAX));
}

static uint8_t seal[XV_SEAL_HEADER];

static void le(size_t at, uint64_t value, unsigned octets) {
    for (unsigned i = 0; i < octets; i++)
        seal[at + i] = (uint8_t)(value >> (8 * i));
}

/* A header of so many items and octets. */
static void make(uint64_t entries, uint64_t octets) {
    memset(seal, 0, sizeof(seal));
    memcpy(seal, "XenvSeal", 8);
    le(8, 1, 4);
    le(16, 256, 4);
    le(20, 40, 4);
    le(24, entries, 8);
    le(32, octets, 8);
    le(44, 4, 4);
    memset(seal + 48, 0xaa, 96);
    memcpy(seal + 144, "xenvet 1", 8);
}

static enum xv_code begin(uint64_t size) {
    struct xv_seal s;

    return xv_seal_begin(&s, seal, size);
}

static enum xv_code with(size_t at, uint64_t value, unsigned octets) {
    make(2, 100);
    le(at, value, octets);
    return begin(256 + 80);
}

static void headers(void **state) {
    (void)state;
    make(2, 100);
    assert_int_equal(begin(336), XV_ACCEPTED);
    assert_int_equal(begin(335), XV_SEAL_LENGTH);
    assert_int_equal(begin(337), XV_SEAL_LENGTH);
    assert_int_equal(begin(376), XV_SEAL_LENGTH);
    assert_int_equal(begin(255), XV_SEAL_LENGTH);
    assert_int_equal(begin(0), XV_SEAL_LENGTH);
    assert_int_equal(begin(UINT64_MAX), XV_SEAL_LENGTH);
    assert_int_equal(with(7, 'L', 1), XV_SEAL_MAGIC);
    assert_int_equal(with(8, 0, 4), XV_SEAL_UNKNOWN_VERSION);
    assert_int_equal(with(8, 2, 4), XV_SEAL_UNKNOWN_VERSION);
    assert_int_equal(with(12, 1, 4), XV_ACCEPTED);
    assert_int_equal(with(12, 3, 4), XV_SEAL_FIELD);
    assert_int_equal(with(16, 255, 4), XV_SEAL_FIELD);
    assert_int_equal(with(20, 32, 4), XV_SEAL_FIELD);
    assert_int_equal(with(24, 0, 8), XV_SEAL_FIELD);
    assert_int_equal(with(24, 1, 8), XV_SEAL_LENGTH);
    assert_int_equal(with(24, UINT64_C(1) << 32, 8), XV_SEAL_FIELD);
    assert_int_equal(with(32, 2, 8), XV_ACCEPTED);
    assert_int_equal(with(32, 1, 8), XV_SEAL_FIELD);
    assert_int_equal(with(40, 11, 4), XV_SEAL_FIELD);
    assert_int_equal(with(44, 0, 4), XV_SEAL_FIELD);
    assert_int_equal(with(44, 5, 4), XV_SEAL_FIELD);
    assert_int_equal(with(44, 0x80000000, 4), XV_ACCEPTED);
    assert_int_equal(with(152, 0x7f, 1), XV_SEAL_FIELD);
    assert_int_equal(with(175, 'x', 1), XV_SEAL_FIELD);
    assert_int_equal(with(176, 1, 1), XV_SEAL_FIELD);
    assert_int_equal(with(191, 1, 1), XV_SEAL_FIELD);
    assert_int_equal(with(192, 1, 1), XV_SEAL_FIELD);
    assert_int_equal(with(255, 1, 1), XV_SEAL_FIELD);
    make(1, 1);
    le(24, UINT64_C(1) << 32, 8);
    le(32, UINT64_MAX, 8);
    assert_int_equal(begin(256 + (UINT64_C(40) << 32)), XV_ACCEPTED);
    le(24, (UINT64_C(1) << 32) + 1, 8);
    assert_int_equal(begin(256 + (UINT64_C(40) << 32) + 40), XV_SEAL_FIELD);
}

/* True if a header may have another octet there: digests and the length, which are compared later, "signed", and text.
 */
static bool harmless(size_t at, unsigned bit) {
    bool text = at >= 144 && at <= 152 && seal[at] >= 0x20 && seal[at] <= 0x7e;

    return (at >= 48 && at < 144) || (at >= 32 && at < 40) || (at == 12 && bit == 0) || text;
}

static void every_bit_of_a_header(void **state) {
    unsigned accepted = 0;

    (void)state;
    for (size_t at = 0; at < XV_SEAL_HEADER; at++) {
        for (unsigned bit = 0; bit < 8; bit++) {
            make(2, 100);
            seal[at] ^= (uint8_t)(1u << bit);
            assert_int_equal(begin(336) == XV_ACCEPTED, harmless(at, bit));
            accepted += harmless(at, bit);
        }
    }
    assert_in_range(accepted, 768, 1024);
}

static void every_length(void **state) {
    (void)state;
    make(2, 100);
    for (uint64_t size = 0; size < 1000; size++)
        assert_int_equal(begin(size), size == 336 ? XV_ACCEPTED : XV_SEAL_LENGTH);
}

static void signatures(void **state) {
    struct xv_seal s;

    (void)state;
    make(1, 10);
    le(12, 1, 4);
    memset(seal + 192, 0xff, 64);
    assert_int_equal(xv_seal_begin(&s, seal, 296), XV_ACCEPTED);
    assert_int_equal(s.is_signed, 1);
    assert_int_equal(s.table[0], 0xaa);
}

static enum xv_code item(struct xv_seal *s, uint64_t sealed, uint64_t end, uint8_t octet) {
    uint8_t entry[XV_SEAL_ENTRY] = {0}, digest[XV_DIGEST] = {0};

    for (unsigned i = 0; i < 8; i++)
        entry[i] = (uint8_t)(sealed >> (8 * i));
    digest[XV_DIGEST - 1] = octet;
    return xv_seal_item(s, entry, end, digest);
}

static void items(void **state) {
    struct xv_seal s;

    (void)state;
    make(2, 100);
    assert_int_equal(xv_seal_begin(&s, seal, 336), XV_ACCEPTED);
    assert_int_equal(xv_seal_finish(&s), XV_SEAL_EXTENT);
    assert_int_equal(item(&s, 0, 0, 0), XV_SEAL_ORDER);
    assert_int_equal(item(&s, 101, 101, 0), XV_SEAL_ORDER);
    assert_int_equal(item(&s, 40, 41, 0), XV_SEAL_EXTENT);
    assert_int_equal(item(&s, 40, 40, 1), XV_SEAL_RECORD);
    assert_int_equal(item(&s, 40, 40, 0), XV_ACCEPTED);
    assert_int_equal(item(&s, 40, 40, 0), XV_SEAL_ORDER);
    assert_int_equal(xv_seal_finish(&s), XV_SEAL_EXTENT);
    assert_int_equal(item(&s, 99, 99, 0), XV_ACCEPTED);
    assert_int_equal(xv_seal_finish(&s), XV_SEAL_ORDER);
    assert_int_equal(item(&s, 100, 100, 0), XV_SEAL_EXTENT);
    assert_int_equal(xv_seal_begin(&s, seal, 336), XV_ACCEPTED);
    assert_int_equal(item(&s, 1, 1, 0), XV_ACCEPTED);
    assert_int_equal(item(&s, 100, 100, 0), XV_ACCEPTED);
    assert_int_equal(xv_seal_finish(&s), XV_ACCEPTED);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(examples),
        cmocka_unit_test(a_million),
        cmocka_unit_test(too_much_at_once),
        cmocka_unit_test(headers),
        cmocka_unit_test(every_bit_of_a_header),
        cmocka_unit_test(every_length),
        cmocka_unit_test(signatures),
        cmocka_unit_test(items),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
