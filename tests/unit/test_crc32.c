/* SPDX-License-Identifier: MIT */
/* The checksum of draft B against the definition, bit by bit, for every length and cut that its fast path tells apart.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "crc32.h"

static uint8_t octets[300];

static uint32_t by_definition(const uint8_t *bytes, size_t n) {
    uint32_t sum = 0xffffffffu;

    for (size_t i = 0; i < n; i++) {
        sum ^= bytes[i];
        for (unsigned bit = 0; bit < 8; bit++)
            sum = sum & 1 ? sum >> 1 ^ 0xedb88320u : sum >> 1;
    }
    return ~sum;
}

static uint32_t sum_of(uint32_t before, const uint8_t *bytes, size_t n) {
    struct xv_cursor c = xv_cursor_over(bytes, n, 0);
    uint32_t sum = xv_crc32(before, &c);

    assert_int_equal(xv_left(&c), n);
    return sum;
}

static void known(void **state) {
    (void)state;
    assert_int_equal(sum_of(0, octets, 0), 0);
    assert_int_equal(sum_of(0, (const uint8_t *)"123456789", 9), 0xcbf43926u);
    assert_int_equal(sum_of(0, (const uint8_t *)"a", 1), 0xe8b7be43u);
}

static void every_length(void **state) {
    (void)state;
    for (size_t n = 0; n <= sizeof(octets); n++)
        assert_int_equal(sum_of(0, octets, n), by_definition(octets, n));
}

static void every_cut(void **state) {
    uint32_t whole = by_definition(octets, sizeof(octets));

    (void)state;
    for (size_t cut = 0; cut <= sizeof(octets); cut++)
        assert_int_equal(sum_of(sum_of(0, octets, cut), octets + cut, sizeof(octets) - cut), whole);
}

/* One bit makes a difference wherever it is. */
static void every_bit(void **state) {
    uint32_t whole = by_definition(octets, 130);

    (void)state;
    for (size_t bit = 0; bit < 130 * 8; bit++) {
        octets[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_int_not_equal(sum_of(0, octets, 130), whole);
        octets[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known),
        cmocka_unit_test(every_length),
        cmocka_unit_test(every_cut),
        cmocka_unit_test(every_bit),
    };

    for (size_t i = 0; i < sizeof(octets); i++)
        octets[i] = (uint8_t)(i * 131 + i / 7);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
