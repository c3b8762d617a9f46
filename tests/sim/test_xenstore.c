/* SPDX-License-Identifier: MIT */
/* The fake xenstore: nodes, paths, transactions, permissions, introducing a domain. */
#include "test_util.h"

#include <xenstore.h>

static struct xs_handle *xs;

static int open_xs(void **state) {
    if (fresh_host(state))
        return -1;
    sim_fail_xenstore(0, 0);
    xs = xs_open(0);
    return xs ? 0 : -1;
}

static int close_xs(void **state) {
    (void)state;
    xs_close(xs);
    return 0;
}

static void put(const char *path, const char *value) {
    assert_true(xs_write(xs, XBT_NULL, path, value, (unsigned int)strlen(value)));
}

static bool has(const char *path, const char *value) {
    unsigned int len = 0;
    char *got = xs_read(xs, XBT_NULL, path, &len);
    bool same = got && len == strlen(value) && !strcmp(got, value);

    free(got);
    return same;
}

static void nodes(void **state) {
    unsigned int n;
    char **names;

    (void)state;
    put("/local/domain/1/name", "one");
    put("/local/domain/1/memory/target", "4096");
    put("/local/domain/10", "");
    assert_true(has("/local/domain/1/name", "one"));
    assert_true(has("/local/domain/1/memory", ""));
    names = xs_directory(xs, XBT_NULL, "/local/domain/1", &n);
    assert_int_equal(n, 2);
    assert_string_equal(names[0], "memory");
    assert_string_equal(names[1], "name");
    free(names);
    assert_true(xs_rm(xs, XBT_NULL, "/local/domain/1"));
    assert_null(xs_read(xs, XBT_NULL, "/local/domain/1/name", &n));
    assert_int_equal(errno, ENOENT);
    assert_true(has("/local/domain/10", ""));
    assert_true(xs_rm(xs, XBT_NULL, "/local/domain/1")); /* the parent exists */
    assert_false(xs_rm(xs, XBT_NULL, "/no/such/node"));
    assert_null(xs_directory(xs, XBT_NULL, "/no", &n));
}

static void paths(void **state) {
    static const char *const bad[] = {"/a//b", "/a/", "/a b", "/a/../b", "/a\n", ""};

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_false(xs_write(xs, XBT_NULL, bad[i], "x", 1));
        assert_int_equal(errno, EINVAL);
    }
    put("relative", "r");
    assert_true(has("/local/domain/0/relative", "r"));
    assert_false(xs_rm(xs, XBT_NULL, "/"));
}

static void transactions(void **state) {
    xs_transaction_t a = xs_transaction_start(xs), b = xs_transaction_start(xs);

    (void)state;
    assert_true(xs_write(xs, a, "/x", "a", 1));
    assert_false(has("/x", "a"));
    assert_true(xs_write(xs, b, "/x", "b", 1));
    assert_true(xs_transaction_end(xs, a, false));
    assert_true(has("/x", "a"));
    assert_false(xs_transaction_end(xs, b, false));
    assert_int_equal(errno, EAGAIN);
    a = xs_transaction_start(xs);
    assert_true(xs_write(xs, a, "/x", "c", 1));
    assert_true(xs_transaction_end(xs, a, true));
    assert_true(has("/x", "a"));
    assert_false(xs_transaction_end(xs, 99, false));
}

static void permissions(void **state) {
    struct xs_permissions p[2] = {{.id = 3, .perms = XS_PERM_NONE}, {.id = 0, .perms = XS_PERM_READ}}, *got;
    unsigned int n;

    (void)state;
    put("/p", "");
    assert_true(xs_set_permissions(xs, XBT_NULL, "/p", p, 2));
    put("/p/child", ""); /* inherits */
    got = xs_get_permissions(xs, XBT_NULL, "/p/child", &n);
    assert_int_equal(n, 2);
    assert_int_equal(got[0].id, 3);
    assert_int_equal(got[1].perms, XS_PERM_READ);
    free(got);
    assert_false(xs_set_permissions(xs, XBT_NULL, "/none", p, 2));
}

static void introduce(void **state) {
    uint16_t id = make_domain(false, 1);
    uint64_t ring = populate(id, 2);
    struct sim_domain d;

    (void)state;
    assert_false(xs_introduce_domain(xs, 99, ring, 1));
    assert_false(xs_introduce_domain(xs, id, 5, 1));
    assert_false(xs_introduce_domain(xs, id, ring, 9));
    assert_true(xs_introduce_domain(xs, id, ring, 1));
    assert_true(xs_is_domain_introduced(xs, id));
    assert_true(sim_domain_get(id, &d) && d.introduced);
    assert_int_equal(d.store_gfn, ring);
    assert_true(xs_release_domain(xs, id));
    assert_false(xs_release_domain(xs, id));
}

static void watches(void **state) {
    unsigned int n;
    char **event;

    (void)state;
    assert_true(xs_watch(xs, "/w", "token"));
    event = xs_read_watch(xs, &n);
    assert_int_equal(n, 2);
    assert_string_equal(event[XS_WATCH_TOKEN], "token");
    free(event);
    assert_null(xs_check_watch(xs));
    put("/w/below", "1");
    event = xs_check_watch(xs);
    assert_string_equal(event[XS_WATCH_PATH], "/w/below");
    free(event);
    assert_true(xs_unwatch(xs, "/w", "token"));
    assert_false(xs_unwatch(xs, "/w", "token"));
}

static void failing(void **state) {
    (void)state;
    sim_fail_xenstore(2, ENOSPC);
    put("/one", "1");
    assert_false(xs_write(xs, XBT_NULL, "/two", "2", 1));
    assert_int_equal(errno, ENOSPC);
    put("/three", "3");
}

#define STORE(f) cmocka_unit_test_setup_teardown((f), open_xs, close_xs)

int main(void) {
    const struct CMUnitTest tests[] = {
        STORE(nodes),     STORE(paths),   STORE(transactions), STORE(permissions),
        STORE(introduce), STORE(watches), STORE(failing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
