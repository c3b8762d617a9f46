/* SPDX-License-Identifier: MIT */
/* The table of verdicts: ascending, unique, complete; what scripts rely on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ctype.h>
#include <string.h>

#include <xenvet/verdict.h>

static void ascending(void **state) {
    const struct xv_verdict *row, *before = NULL;

    (void)state;
    for (size_t i = 0; (row = xv_verdict_at(i)); i++) {
        assert_true(!before || before->code < row->code);
        assert_ptr_equal(xv_verdict_of(row->code), row);
        before = row;
    }
    assert_non_null(before);
    assert_null(xv_verdict_at(SIZE_MAX));
    assert_int_equal(xv_verdict_at(0)->code, XV_ACCEPTED);
    assert_int_equal(XV_ACCEPTED, 0);
}

static void texts(void **state) {
    const struct xv_verdict *row, *other;

    (void)state;
    for (size_t i = 0; (row = xv_verdict_at(i)); i++) {
        assert_true(strlen(row->name) > 1 && strlen(row->layer_name) > 1 && strlen(row->rule) > 0);
        assert_true(strlen(row->text) > 10 && strlen(row->text) < 120);
        for (const char *c = row->name; *c; c++)
            assert_true(isupper((unsigned char)*c) || isdigit((unsigned char)*c) || *c == '_');
        assert_true(row->text[strlen(row->text) - 1] != '.' && !strchr(row->text, '\n'));
        for (size_t k = i + 1; (other = xv_verdict_at(k)); k++) {
            assert_string_not_equal(row->name, other->name);
            assert_string_not_equal(row->text, other->text);
            assert_int_equal(row->layer == other->layer, strcmp(row->layer_name, other->layer_name) == 0);
        }
    }
}

static void unknown_codes(void **state) {
    (void)state;
    assert_null(xv_verdict_of((enum xv_code)1));
    assert_null(xv_verdict_of((enum xv_code)9999));
}

/* Numbers that scripts may have written down already. */
static void stable(void **state) {
    (void)state;
    assert_int_equal(XV_TRUNCATED, 10);
    assert_int_equal(XV_TRAILING, 11);
    assert_int_equal(XV_XL_MAGIC, 100);
    assert_int_equal(XV_LIBXL_IDENT, 200);
    assert_int_equal(XV_LIBXC_MARKER, 300);
    assert_int_equal(XV_COMPAT_IMAGE_VERSION, 350);
    assert_int_equal(XV_PAGE_COUNT, 400);
    assert_string_equal(xv_verdict_of(XV_TRUNCATED)->name, "TRUNCATED");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ascending),
        cmocka_unit_test(texts),
        cmocka_unit_test(unknown_codes),
        cmocka_unit_test(stable),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
