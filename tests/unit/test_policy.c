/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "support.h"

static void presets(void **state) {
    struct xv_policy strict, lenient;
    (void)state;

    xv_policy_strict(&strict);
    xv_policy_lenient(&lenient);
    assert_true(xv_policy_valid(&strict));
    assert_true(xv_policy_valid(&lenient));
    assert_int_equal(strict.tolerate & ~lenient.tolerate, 0);
    assert_int_equal(strict.allow & ~lenient.allow, 0);
    assert_int_equal(strict.allow & (XV_ALLOW_SCRIPTS | XV_ALLOW_BOOTLOADER | XV_ALLOW_DEVICE_MODEL), 0);
    assert_true(strict.max_guest_pages <= lenient.max_guest_pages && strict.max_rounds <= lenient.max_rounds);
}

#define TRY(field, value, want) \
    do { \
        struct xv_policy policy; \
        xv_policy_strict(&policy); \
        policy.field = (value); \
        assert_int_equal(xv_policy_valid(&policy), (want)); \
    } while (0)

static void ranges(void **state) {
    (void)state;

    TRY(max_guest_pages, 0, false);
    TRY(max_guest_pages, 1, true);
    TRY(max_guest_pages, XV_MAX_GUEST_PAGES, true);
    TRY(max_guest_pages, XV_MAX_GUEST_PAGES + 1, false);
    TRY(max_stream_bytes, 0, false);
    TRY(max_stream_bytes, (uint64_t)1 << 62, true);
    TRY(max_stream_bytes, ((uint64_t)1 << 62) + 1, false);
    TRY(max_emulator_bytes, XV_MAX_EMULATOR_BYTES, true);
    TRY(max_emulator_bytes, XV_MAX_EMULATOR_BYTES + 1, false);
    TRY(max_stream_bytes, 1, true);
    TRY(max_checkpoint_bytes, (uint64_t)1 << 62, true);
    TRY(max_checkpoint_bytes, ((uint64_t)1 << 62) + 1, false);
    TRY(max_config_bytes, 1, true);
    TRY(max_vcpus, 0, false);
    TRY(max_vcpus, 1, true);
    TRY(max_vcpus, XV_MAX_VCPUS_PV, true);
    TRY(max_vcpus, XV_MAX_VCPUS_PV + 1, false);
    TRY(max_config_bytes, 0, false);
    TRY(max_config_bytes, XV_MAX_CONFIG_BYTES, true);
    TRY(max_config_bytes, XV_MAX_CONFIG_BYTES + 1, false);
    TRY(max_rounds, 0, false);
    TRY(max_rounds, 1, true);
    TRY(max_records, 0, false);
    TRY(max_records, 1, true);
    TRY(formats, 0, false);
    TRY(formats, XV_FORMAT_LIBXC, true);
    TRY(formats, 1u << 31, false);
    TRY(formats, XV_FORMAT_XENSTORE, true);
    TRY(formats, XV_FORMAT_XENSTORE_2020, true);
    TRY(max_xenstore_names, 0, false);
    TRY(max_xenstore_names, 1, true);
    TRY(max_xenstore_names, XV_MAX_XENSTORE_NAMES, true);
    TRY(max_xenstore_names, XV_MAX_XENSTORE_NAMES + 1, false);
    TRY(max_xenstore_depth, 0, true);
    TRY(max_xenstore_depth, XV_MAX_XENSTORE_DEPTH, true);
    TRY(max_xenstore_depth, XV_MAX_XENSTORE_DEPTH + 1, false);
    TRY(max_xenstore_buffer, (uint64_t)1 << 62, true);
    TRY(max_xenstore_buffer, ((uint64_t)1 << 62) + 1, false);
    TRY(guests, 0, false);
    TRY(guests, XV_GUEST_PVH, true);
    TRY(guests, 16, false);
    TRY(tolerate, 0, true);
    TRY(tolerate, 1u << 31, false);
    TRY(allow, 0, true);
    TRY(allow, 1u << 31, false);
    TRY(xen_min, XV_XEN(4, 22), true);
    TRY(xen_min, XV_XEN(4, 23), false);
}

/* 4 bits a page, 1/16 bit a page for the p2m, 64 KiB; or, for small guests, one bit for each page and the hole. */
static void arena(void **state) {
    static const struct {
        uint64_t pages, octets;
    } rows[] = {
        {1, ((1 << 20) + 1 + 7) / 8},
        {1 << 24, (1 << 23) + (1 << 17) + 65536},
        {(1 << 24) + 1, (1 << 23) + 1 + (1 << 17) + 4 + 65536},
        {(uint64_t)1 << 32, ((uint64_t)1 << 31) + ((uint64_t)1 << 25) + 65536},
        {((uint64_t)1 << 32) + 1, UINT64_MAX},
    };
    struct xv_policy policy;
    (void)state;

    xv_policy_strict(&policy);
    policy.formats &= ~XV_FORMATS_XENSTORE;
    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        policy.max_guest_pages = rows[i].pages;
        assert_int_equal(xv_policy_arena_bytes(&policy), rows[i].octets);
    }
    /* a xenstore state: 10 octets a name's octet, if that is more */
    policy.max_guest_pages = 1;
    policy.formats = XV_FORMAT_XENSTORE;
    policy.max_xenstore_names = 99;
    assert_int_equal(xv_policy_arena_bytes(&policy), rows[0].octets);
    policy.max_xenstore_names = 1u << 20;
    assert_int_equal(xv_policy_arena_bytes(&policy), 10 * ((1u << 20) + 1));
    policy.formats = XV_FORMAT_XENSTORE_2020;
    policy.max_xenstore_names = XV_MAX_XENSTORE_NAMES;
    assert_int_equal(xv_policy_arena_bytes(&policy), (uint64_t)10 << 24);
}

/* A parser does not start with an arena that is one octet short. */
static void small_arena(void **state) {
    struct test_parser t;
    struct xv_policy policy;
    (void)state;

    xv_policy_strict(&policy);
    policy.max_guest_pages = 64;
    test_parser_make(&t, &policy, (struct xv_observer){NULL, NULL, 0});
    assert_int_equal(xv_parser_report(t.p)->code, XV_ACCEPTED);
    t.arena.size--;
    test_parser_again(&t);
    assert_int_equal(xv_parser_report(t.p)->code, XV_POLICY_INVALID);
    assert_int_equal(xv_parser_demand(t.p).want, XV_WANT_NOTHING);
    test_parser_free(&t);
}

static void names(void **state) {
    unsigned bits = 0;
    (void)state;

    for (; xv_tolerance_name(bits); bits++) {
        assert_non_null(xv_tolerance_text(bits));
        for (unsigned i = 0; i < bits; i++)
            assert_string_not_equal(xv_tolerance_name(i), xv_tolerance_name(bits));
    }
    TRY(tolerate, (1u << bits) - 1, true); /* each bit has a name, and each name a bit */
    TRY(tolerate, 1u << bits, false);
    assert_null(xv_tolerance_text(bits));
    assert_string_equal(xv_tolerance_name(7), "sparse-vcpus");
    for (bits = 0; xv_allowance_name(bits); bits++)
        assert_non_null(xv_allowance_text(bits));
    TRY(allow, (1u << bits) - 1, true);
    TRY(allow, 1u << bits, false);
    assert_null(xv_allowance_text(bits));
    assert_string_equal(xv_allowance_name(3), "disks");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(presets),     cmocka_unit_test(ranges), cmocka_unit_test(arena),
        cmocka_unit_test(small_arena), cmocka_unit_test(names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
