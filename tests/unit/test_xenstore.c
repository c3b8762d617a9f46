/* SPDX-License-Identifier: MIT */
/* The state stream of xenstored: both byte orders, order of records, limits at and around their values, facts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "xenstore_build.h"

static struct test_parser t;
static struct stream s;

static int setup(void **state) {
    (void)state;
    small_parser(&t);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    test_parser_free(&t);
    return 0;
}

static enum xv_code ends(void) {
    size_t n = s.n;
    enum xv_code code;

    xs_last(&s);
    code = judge(&t, &s);
    s.n = n;
    return code;
}

/* A state with n rings of domains 0 on, then the root. */
static void begin(unsigned rings) {
    xs_header(&s, 2, false);
    xs_global(&s);
    for (unsigned i = 0; i < rings; i++)
        xs_ring(&s, i + 1, i);
    xs_node(&s, "/");
}

static void both_orders(void **state) {
    (void)state;
    for (unsigned big = 0; big < 2; big++) {
        for (unsigned version = 1; version <= 2; version++) {
            xs_header(&s, version, big);
            xs_global(&s);
            xs_ring(&s, 7, 3);
            xs_watch(&s, 7, "device", "token");
            xs_transaction(&s, 7, 9);
            xs_node(&s, "/");
            xs_node_in(&s, 0, 0, "/x", 3);
            xs_node_in(&s, 7, 9, "/y", 2);
            xs_last(&s);
            assert_int_equal(judge(&t, &s), XV_ACCEPTED);
            const struct xv_summary *sum = xv_parser_summary(t.p);
            assert_int_equal(sum->format, XV_FORMAT_XENSTORE);
            assert_int_equal(sum->xenstore_version, version);
            assert_int_equal(sum->xenstore_big_endian, big);
            assert_int_equal(sum->xenstore_connections, 1);
            assert_int_equal(sum->xenstore_watches, 1);
            assert_int_equal(sum->xenstore_transactions, 1);
            assert_int_equal(sum->xenstore_nodes, 3);
            assert_int_equal(sum->xenstore_values, 5);
            assert_int_equal(xv_parser_committed(t.p), s.n);
            s.bytes[15] ^= 1; /* the other order: the first type is out of range */
            assert_int_equal(judge(&t, &s), XV_XENSTORE_RECORD_UNKNOWN);
            assert_int_equal(offset_of(&t), 16);
        }
    }
}

static void headers(void **state) {
    (void)state;
    begin(0);
    for (unsigned bit = 0; bit < 32; bit++) {
        size_t n = s.n;

        s.n = 8;
        be(&s, UINT64_C(1) << bit, 4);
        s.n = n;
        assert_int_equal(ends(), bit < 2 ? XV_ACCEPTED : XV_XENSTORE_VERSION);
        s.n = 8;
        be(&s, 2, 4);
        be(&s, UINT64_C(1) << bit, 4);
        s.n = n;
        assert_int_equal(ends(), bit ? XV_XENSTORE_FLAGS : XV_XENSTORE_RECORD_UNKNOWN);
        s.n = 12;
        be(&s, 0, 4);
        s.n = n;
    }
}

/* Every type with the shortest and the longest body that it may have, and one octet less and more. */
static void lengths(void **state) {
    static const struct {
        uint32_t min, max;
    } rows[9] = {{0, 0}, {8, 8}, {24, UINT32_MAX}, {11, 4104}, {8, 8}, {18, 12648}, {4, 3848}, {8, 3848}, {11, 4112}};

    (void)state;
    t.policy.tolerate |= XV_TOLERATE_XENSTORE_ROUNDING;
    for (uint32_t type = 0; type < 9; type++) {
        struct xv_record_rule rule;

        for (size_t i = 0; xv_record_rule_at(i, &rule); i++) {
            if (strcmp(rule.layer, "xenstore") == 0 && rule.type == type) {
                assert_int_equal(rule.min, rows[type].min);
                assert_int_equal(rule.max, rows[type].max);
            }
        }
        for (int delta = -1; delta <= 1; delta += 2) {
            uint64_t length = delta < 0 ? (uint64_t)rows[type].min - 1 : (uint64_t)rows[type].max + 1;

            if (type == 1)
                xs_header(&s, 2, false);
            else
                begin(1);
            if (length > UINT32_MAX)
                continue;
            xs(&s, type, 4);
            xs(&s, length, 4);
            assert_int_equal(judge(&t, &s), XV_XENSTORE_RECORD_LENGTH);
            assert_int_equal(offset_of(&t), s.n - 4);
        }
    }
}

static void limits(void **state) {
    (void)state;
    begin(3);
    t.policy.max_xenstore_connections = 3;
    assert_int_equal(ends(), XV_ACCEPTED);
    t.policy.max_xenstore_connections = 2;
    assert_int_equal(ends(), XV_XENSTORE_LIMIT);
    t.policy.max_xenstore_connections = 4;
    xs_watch(&s, 1, "a", "");
    xs_watch(&s, 1, "a", "b");
    t.policy.max_xenstore_watches = 2;
    assert_int_equal(ends(), XV_ACCEPTED);
    t.policy.max_xenstore_watches = 1;
    assert_int_equal(ends(), XV_XENSTORE_LIMIT);
    t.policy.max_xenstore_watches = 2;
    xs_transaction(&s, 1, 1);
    xs_transaction(&s, 2, 1);
    t.policy.max_xenstore_transactions = 2;
    assert_int_equal(ends(), XV_ACCEPTED);
    t.policy.max_xenstore_transactions = 1;
    assert_int_equal(ends(), XV_XENSTORE_LIMIT);
    t.policy.max_xenstore_transactions = 3;
    xs_node(&s, "/a");
    xs_node_in(&s, 1, 1, "/b", 0);
    t.policy.max_xenstore_nodes = 3;
    assert_int_equal(ends(), XV_ACCEPTED);
    t.policy.max_xenstore_nodes = 2;
    assert_int_equal(ends(), XV_XENSTORE_LIMIT);
}

/* Components of a path; and as many as the longest path can have. */
static void depth(void **state) {
    static char path[3073];

    (void)state;
    begin(1);
    xs_node(&s, "/a");
    xs_node(&s, "/a/b");
    xs_watch(&s, 1, "a/b/c", "");
    t.policy.max_xenstore_depth = 3;
    assert_int_equal(ends(), XV_ACCEPTED);
    t.policy.max_xenstore_depth = 2;
    assert_int_equal(ends(), XV_XENSTORE_PATH_DEPTH);
    t.policy.max_xenstore_depth = XV_MAX_XENSTORE_DEPTH;
    begin(1);
    memset(path, 'a', 3072);
    for (unsigned i = 0; i < 3072; i += 2)
        path[i] = '/';
    xs_watch(&s, 1, path, "");
    assert_int_equal(ends(), XV_ACCEPTED);
    t.policy.max_xenstore_depth--;
    assert_int_equal(ends(), XV_XENSTORE_PATH_DEPTH);
}

/* The octets that are remembered: at the limit, one fewer. */
static void names(void **state) {
    uint32_t cells;

    (void)state;
    begin(1);
    xs_watch(&s, 1, "a", "b");
    assert_int_equal(ends(), XV_ACCEPTED);
    cells = t.p->xenstore.tree.cells;
    assert_in_range(cells, 20, 100);
    t.policy.max_xenstore_names = cells;
    assert_int_equal(ends(), XV_ACCEPTED);
    t.policy.max_xenstore_names = cells - 1;
    assert_int_equal(ends(), XV_XENSTORE_LIMIT_NAMES);
}

static unsigned heard[32];
static struct xv_fact last[32];

static void tell(void *context, const struct xv_fact *fact) {
    (void)context;
    heard[fact->kind]++;
    last[fact->kind] = *fact;
}

static void facts(void **state) {
    size_t body;

    (void)state;
    memset(heard, 0, sizeof heard);
    xs_header(&s, 2, false);
    xs_global(&s);
    xs_ring(&s, 5, 6);
    xs_watch(&s, 5, "@releaseDomain", "t");
    body = xs_begin(&s, 8);
    xs(&s, 5, 4);
    xs(&s, 2, 2);
    xs(&s, 1, 2);
    xs(&s, 4, 2);
    xs(&s, 0, 2);
    raw(&s, "x\0\0", 3);
    xs_end(&s, body);
    xs_transaction(&s, 5, 77);
    xs_node(&s, "/");
    xs_node_in(&s, 5, 77, "/a-path/that-is-longer-than/fifty-two-octets-and/cut-there", 3);
    body = xs_begin(&s, 7);
    xs(&s, 6, 2);
    xs(&s, 1, 2);
    xs(&s, 5, 4);
    xs(&s, 1000, 4);
    raw(&s, "nodes", 6);
    xs_end(&s, body);
    xs_last(&s);
    t.p = xv_parser_init(t.p, &t.policy, t.arena, (struct xv_observer){tell, NULL, 0});
    assert_int_equal(judge(&t, &s), XV_ACCEPTED);
    assert_int_equal(heard[XV_FACT_RECORD], 9);
    assert_int_equal(last[XV_FACT_RECORD].c, XV_RECORDS_XENSTORE);
    assert_int_equal(heard[XV_FACT_XENSTORE_CONNECTION], 1);
    assert_int_equal(last[XV_FACT_XENSTORE_CONNECTION].a, 5);
    assert_int_equal(last[XV_FACT_XENSTORE_CONNECTION].b, 6);
    assert_int_equal(heard[XV_FACT_XENSTORE_WATCH], 2);
    assert_int_equal(last[XV_FACT_XENSTORE_WATCH].b, 4);
    assert_string_equal(last[XV_FACT_XENSTORE_WATCH].text, "x");
    assert_int_equal(last[XV_FACT_XENSTORE_TRANSACTION].b, 77);
    assert_int_equal(heard[XV_FACT_XENSTORE_NODE], 2);
    assert_int_equal(last[XV_FACT_XENSTORE_NODE].a, UINT64_C(5) << 32 | 77);
    assert_int_equal(last[XV_FACT_XENSTORE_NODE].b, 3);
    assert_string_equal(last[XV_FACT_XENSTORE_NODE].text, "/a-path/that-is-longer-than/fifty-two-octets-and/cut...");
    assert_int_equal(last[XV_FACT_XENSTORE_QUOTA].a, 1000);
    assert_int_equal(last[XV_FACT_XENSTORE_QUOTA].b, 6);
    assert_string_equal(last[XV_FACT_XENSTORE_QUOTA].text, "nodes");
    assert_int_equal(last[XV_FACT_XENSTORE_DOMAIN].b, 5);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(both_orders, setup, teardown),
        cmocka_unit_test_setup_teardown(headers, setup, teardown),
        cmocka_unit_test_setup_teardown(lengths, setup, teardown),
        cmocka_unit_test_setup_teardown(limits, setup, teardown),
        cmocka_unit_test_setup_teardown(depth, setup, teardown),
        cmocka_unit_test_setup_teardown(names, setup, teardown),
        cmocka_unit_test_setup_teardown(facts, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
