/* SPDX-License-Identifier: MIT */
/* The framing of xenopsd images, and the s-expression of the Xenops record. */
#include "stream_build.h"

#include "xenops.h"

#define METADATA "((word_size 64)(time 20240101T00:00:00Z)(vm_str \"a \\\"b\\\" \\195\")(xs_subtree()))"

static struct test_parser t;
static struct stream s;

static void xp(struct stream *out, uint64_t type, uint64_t length) {
    le(out, type, 8);
    le(out, length, 8);
}

static void head(const char *metadata) {
    s.n = 0;
    raw(&s, "XenSavedDomv2-\n", 15);
    xp(&s, 0xf, strlen(metadata));
    raw(&s, metadata, strlen(metadata));
    xp(&s, 0xf0, 0);
}

static void end(void) {
    header(&s, 0, 0);
    xp(&s, 0xffff, 0);
}

/* A guest without devices. */
static void pvh(const char *metadata) {
    head(metadata);
    hvm_guest(&s, false);
    end();
}

static void qemu(struct stream *out) {
    xp(out, 0xf00, 10);
    raw(out, "QEVM\0\0\0\3\4\0", 10);
}

/* One with a device model; `tail` is how many octets its records have, at the end of the stream. */
static void hvm(uint64_t type, size_t octets) {
    head(METADATA);
    hvm_guest(&s, true);
    header(&s, 0, 0);
    if (octets) {
        xp(&s, type, octets);
        zeroes(&s, octets);
    }
    qemu(&s);
    xp(&s, 0xffff, 0);
}

static int setup(void **state) {
    (void)state;
    small_parser(&t);
    pvh(METADATA);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    test_parser_free(&t);
    return 0;
}

static void whole(void **state) {
    (void)state;
    assert_int_equal(judge(&t, &s), XV_ACCEPTED);
    assert_int_equal(xv_parser_summary(t.p)->format, XV_FORMAT_XENOPSD);
    assert_int_equal(xv_parser_summary(t.p)->guest, XV_GUEST_PVH);
    assert_int_equal(xv_parser_committed(t.p), s.n);
    hvm(0xf11, 5);
    assert_int_equal(judge(&t, &s), XV_ACCEPTED);
    assert_int_equal(xv_parser_summary(t.p)->guest, XV_GUEST_HVM);
    assert_true(xv_parser_summary(t.p)->brings & XV_ALLOW_OTHER_DEVICES);
    for (size_t n = 0; n < s.n; n++) {
        size_t whole_image = s.n;

        s.n = n;
        assert_int_equal(judge(&t, &s), XV_TRUNCATED);
        assert_int_equal(offset_of(&t), n);
        s.n = whole_image;
    }
}

static void signature(void **state) {
    (void)state;
    for (size_t i = 8; i < 15; i++) {
        s.bytes[i] ^= 1;
        assert_int_equal(judge(&t, &s), XV_XENOPSD_SIGNATURE);
        assert_int_equal(offset_of(&t), i);
        s.bytes[i] ^= 1;
    }
    memcpy(s.bytes, "XenSavedDomain\n", 15);
    assert_int_equal(judge(&t, &s), XV_XENOPSD_LEGACY);
    s.bytes[14] = '\r';
    assert_int_equal(judge(&t, &s), XV_XENOPSD_SIGNATURE);
}

/* The second header, where Libxc is expected, or the last one. */
static enum xv_code with(size_t at, uint64_t type, uint64_t length) {
    struct stream other = s;

    other.n = at;
    xp(&other, type, length);
    other.n = s.n;
    return judge(&t, &other);
}

static void headers(void **state) {
    size_t second = 31 + strlen(METADATA), last = s.n - 16;

    (void)state;
    assert_int_equal(with(15, 0xf0, 0), XV_XENOPSD_ORDER);
    assert_int_equal(with(15, 0xf00, 10), XV_XENOPSD_ORDER);
    assert_int_equal(with(15, 0xffff, 0), XV_XENOPSD_MISSING);
    assert_int_equal(with(15, 0xf, 0), XV_XENOPSD_LENGTH);
    assert_int_equal(with(15, 0xf, (16u << 20) + 1), XV_XENOPSD_LENGTH);
    assert_int_equal(offset_of(&t), 23);
    assert_int_equal(with(15, 0xf, UINT64_C(1) << 32 | 80), XV_XENOPSD_LENGTH);
    assert_int_equal(with(15, 0x1f, 10), XV_XENOPSD_UNKNOWN);
    assert_int_equal(with(15, UINT64_C(1) << 32 | 0xf, 80), XV_XENOPSD_UNKNOWN);
    assert_int_equal(with(second, 0xf, 80), XV_XENOPSD_REPEATED);
    assert_int_equal(with(second, 0xffff, 0), XV_XENOPSD_MISSING);
    assert_int_equal(with(second, 0xf0, 1), XV_XENOPSD_LENGTH);
    assert_int_equal(with(second, 0xf1, 0), XV_XENOPSD_UNSUPPORTED);
    assert_int_equal(with(second, 0xf2, 0), XV_XENOPSD_UNSUPPORTED);
    assert_int_equal(with(last, 0xf0, 0), XV_XENOPSD_REPEATED);
    assert_int_equal(with(last, 0xf01, 0), XV_XENOPSD_UNSUPPORTED);
    assert_int_equal(with(last, 0xf10, 0), XV_XENOPSD_DEMU);
    assert_int_equal(with(last, 0xffff, 1), XV_XENOPSD_LENGTH);
    assert_int_equal(with(last, 0xf00, 10), XV_XENOPSD_GUEST);
    assert_int_equal(with(last, 0xf11, 10), XV_XENOPSD_GUEST);
    assert_int_equal(offset_of(&t), last);
    assert_int_equal(with(last, 0xffff, 0), XV_ACCEPTED);
}

static void limits(void **state) {
    (void)state;
    for (int more = -1; more <= 1; more++) {
        t.policy.max_config_bytes = (uint32_t)((int)strlen(METADATA) + more);
        assert_int_equal(judge(&t, &s), more < 0 ? XV_XENOPSD_LENGTH : XV_ACCEPTED);
    }
    hvm(0xf13, 20);
    for (int more = -1; more <= 1; more++) {
        t.policy.max_emulator_bytes = (uint64_t)(20 + more);
        assert_int_equal(judge(&t, &s), more < 0 ? XV_XENOPSD_LENGTH : XV_ACCEPTED);
    }
    hvm(0, 0);
    t.policy.max_emulator_bytes = 9;
    assert_int_equal(judge(&t, &s), XV_XENOPSD_LENGTH);
    t.policy.max_emulator_bytes = 10;
    assert_int_equal(judge(&t, &s), XV_ACCEPTED);
}

static void devices(void **state) {
    (void)state;
    hvm(0xf12, 3);
    assert_int_equal(judge(&t, &s), XV_ACCEPTED);
    t.policy.allow = 0;
    assert_int_equal(judge(&t, &s), XV_XENOPSD_DEVICE);
    hvm(0, 0);
    assert_int_equal(judge(&t, &s), XV_ACCEPTED);
    s.n -= 16 + 26; /* the end, and QEMU's state */
    xp(&s, 0xffff, 0);
    assert_int_equal(judge(&t, &s), XV_XENOPSD_MISSING);
    assert_int_equal(xv_parser_report(t.p)->found, 0xf00);
    hvm(0, 0);
    s.bytes[s.n - 16 - 10] ^= 1;
    assert_int_equal(judge(&t, &s), XV_QEVM_MAGIC);
}

static void trailing(void **state) {
    size_t n = s.n;

    (void)state;
    zeroes(&s, 100);
    assert_int_equal(judge(&t, &s), XV_TRAILING);
    assert_int_equal(offset_of(&t), n);
    t.policy.tolerate |= XV_TOLERATE_TRAILING_DEVICE;
    assert_int_equal(judge(&t, &s), XV_ACCEPTED);
    assert_int_equal(xv_parser_committed(t.p), n);
    assert_int_equal(xv_parser_summary(t.p)->bytes, n);
    s.n = 0;
    libxl_hvm(&s);
    zeroes(&s, 1);
    assert_int_equal(judge(&t, &s), XV_TRAILING);
}

/* The verdict on an expression by itself, and how many octets were taken before it. */
static enum xv_code expression(const char *text, size_t *taken) {
    struct xv_xenops x;
    size_t i;

    xv_xenops_begin(&x);
    for (i = 0; text[i] != 0; i++) {
        *taken = i;
        if (!xv_xenops_octet(&x, (uint8_t)text[i])) {
            assert_false(xv_xenops_octet(&x, ' '));
            return x.error;
        }
    }
    *taken = i;
    return xv_xenops_finish(&x) ? XV_ACCEPTED : x.error;
}

static void expressions(void **state) {
    static const struct {
        const char *text;
        enum xv_code code;
        size_t taken;
    } samples[] = {
        {"((word_size 64)(time t))", XV_ACCEPTED, 24},
        {" ( (time \"\" ) ( word_size\n32) )\t", XV_ACCEPTED, 32},
        {"((xs_subtree ())(time t)(word_size 64))", XV_ACCEPTED, 39},
        {"((\"time\" t)(\"word_size\" \"64\"))", XV_ACCEPTED, 30},
        {"((time \"\\065\\000\\255\\n\\\\\")(word_size 64))", XV_ACCEPTED, 41},
        {"", XV_XENOPS_SYNTAX, 0},
        {"(", XV_XENOPS_SYNTAX, 1},
        {"a", XV_XENOPS_SYNTAX, 1},
        {"a ", XV_XENOPS_SYNTAX, 1},
        {"(a )", XV_XENOPS_SYNTAX, 2},
        {")", XV_XENOPS_SYNTAX, 0},
        {"()", XV_XENOPS_MISSING, 2},
        {"())", XV_XENOPS_SYNTAX, 2},
        {"((time t)(word_size 64)) x", XV_XENOPS_SYNTAX, 25},
        {"((time t\"", XV_XENOPS_SYNTAX, 8},
        {"((time \"t\"t", XV_XENOPS_SYNTAX, 10},
        {"((time \"\\256", XV_XENOPS_SYNTAX, 11},
        {"((time \"\\25\"", XV_XENOPS_SYNTAX, 11},
        {"((time \"\\x", XV_XENOPS_SYNTAX, 9},
        {"((time \"\x7f", XV_XENOPS_SYNTAX, 8},
        {"((time ;", XV_XENOPS_SYNTAX, 7},
        {"((time #", XV_XENOPS_SYNTAX, 7},
        {"((time |", XV_XENOPS_SYNTAX, 7},
        {"((times ", XV_XENOPS_FIELD, 7},
        {"((tim)", XV_XENOPS_FIELD, 5},
        {"((word_size_and_so_on 1", XV_XENOPS_FIELD, 21},
        {"((time t)(time ", XV_XENOPS_REPEATED, 14},
        {"((time)", XV_XENOPS_VALUE, 6},
        {"(()", XV_XENOPS_VALUE, 2},
        {"((time a b)", XV_XENOPS_VALUE, 10},
        {"((time (", XV_XENOPS_VALUE, 7},
        {"((((", XV_XENOPS_VALUE, 2},
        {"((xs_subtree a)", XV_XENOPS_VALUE, 14},
        {"((xs_subtree)", XV_XENOPS_VALUE, 12},
        {"((xs_subtree ()()", XV_XENOPS_VALUE, 15},
        {"((xs_subtree (a", XV_XENOPS_SUBTREE, 14},
        {"((xs_subtree (\"", XV_XENOPS_SUBTREE, 14},
        {"((xs_subtree ((", XV_XENOPS_SUBTREE, 14},
        {"((word_size 16)", XV_XENOPS_WORD_SIZE, 14},
        {"((word_size 644)", XV_XENOPS_WORD_SIZE, 15},
        {"((word_size 6400000000000000000000)", XV_XENOPS_WORD_SIZE, 34},
        {"((word_size 64))", XV_XENOPS_MISSING, 16},
        {"((time t))", XV_XENOPS_MISSING, 10},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
        size_t taken = 0;
        enum xv_code code = expression(samples[i].text, &taken);

        if (code != samples[i].code || taken != samples[i].taken)
            fail_msg("%s: %d at %zu, expected %d at %zu", samples[i].text, (int)code, taken, (int)samples[i].code,
                     samples[i].taken);
    }
}

/* An expression longer than one demand comes in pieces. */
static void long_metadata(void **state) {
    static char text[3 * XV_WANT_MAX];
    size_t n = strlen("((word_size 64)(time t)(vm_str \"");

    (void)state;
    memset(text, 'x', sizeof(text) - 1);
    memcpy(text, "((word_size 64)(time t)(vm_str \"", n);
    memcpy(text + sizeof(text) - 4, "\"))", 4);
    pvh(text);
    assert_int_equal(judge(&t, &s), XV_ACCEPTED);
    s.bytes[31 + 2 * XV_WANT_MAX] = 0x80;
    assert_int_equal(judge(&t, &s), XV_XENOPS_SYNTAX);
    assert_int_equal(offset_of(&t), 31 + 2 * XV_WANT_MAX);
    text[sizeof(text) - 2] = 'x';
    pvh(text);
    assert_int_equal(judge(&t, &s), XV_XENOPS_SYNTAX);
    assert_int_equal(offset_of(&t), 31 + sizeof(text) - 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(whole, setup, teardown),
        cmocka_unit_test_setup_teardown(signature, setup, teardown),
        cmocka_unit_test_setup_teardown(headers, setup, teardown),
        cmocka_unit_test_setup_teardown(limits, setup, teardown),
        cmocka_unit_test_setup_teardown(devices, setup, teardown),
        cmocka_unit_test_setup_teardown(trailing, setup, teardown),
        cmocka_unit_test(expressions),
        cmocka_unit_test_setup_teardown(long_metadata, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
