/* SPDX-License-Identifier: MIT */
/* The real xc_domain_restore() on the simulated host, in one process: results, failures at each step, leaks, speed. */
#define _GNU_SOURCE
#include "test_util.h"

#include <time.h>

#include "make_stream.h"
#include "toolstack.h"

static xc_interface *xch;

static void no_message(struct xentoollog_logger *l, xentoollog_level v, int e, const char *c, const char *f,
                       va_list a) {
    (void)l, (void)v, (void)e, (void)c, (void)f, (void)a;
}

static void no_progress(struct xentoollog_logger *l, const char *c, const char *w, int p, unsigned long d,
                        unsigned long t) {
    (void)l, (void)c, (void)w, (void)p, (void)d, (void)t;
}

static void no_destroy(struct xentoollog_logger *l) {
    (void)l;
}

static xentoollog_logger silent = {no_message, no_progress, no_destroy};

static int restore_memory(struct toolstack *t, void *arg) {
    struct sim_restore *r = arg;
    int rc;

    r->domid = (uint16_t)t->domid;
    r->store_evtchn = t->store_port;
    r->console_evtchn = t->console_port;
    rc = sim_restore(xch, r);
    t->store_gfn = r->store_gfn;
    t->console_gfn = r->console_gfn;
    return rc;
}

static int run(const struct bytes *b, enum stream_kind kind, struct sim_restore *r, uint16_t *domid) {
    struct toolstack t = {
        .xch = xch, .hvm = kind >= STREAM_HVM, .vcpus = 2, .max_kb = 256 * 4, .restore = restore_memory, .arg = r};
    int rc;

    *r = (struct sim_restore){.stream = b->p, .len = b->n, .remus = kind == STREAM_HVM_REMUS};
    t.xs = xs_open(0);
    if (!t.xs)
        return -1;
    rc = toolstack_run(&t);
    *domid = (uint16_t)t.domid;
    xs_close(t.xs);
    return rc;
}

static void assert_clean(void) {
    struct sim_stats st;

    sim_stats(&st);
    assert_int_equal(st.unknown, 0);
    assert_int_equal(st.map_refused, 0);
}

static void hvm(void **state) {
    struct sim_restore r;
    struct bytes b;
    struct sim_domain d;
    struct sim_vcpu v;
    uint64_t param;
    uint16_t id;

    (void)state;
    make_stream(&b, STREAM_HVM, 32);
    assert_int_equal(run(&b, STREAM_HVM, &r, &id), 0);
    assert_int_equal(r.consumed, b.n);
    assert_int_equal(r.static_data_missing, 0);
    assert_true(sim_domain_get(id, &d));
    assert_true(d.hvm && !d.paused && d.introduced && d.policy_set);
    assert_int_equal(d.tot_pages, 32);
    assert_int_equal(d.tsc_incarnation, 2);
    for (unsigned int pfn = 0; pfn < 28; pfn++)
        assert_int_equal(((const uint8_t *)sim_domain_page(id, pfn))[100], page_fill(pfn));
    assert_null(sim_domain_page(id, 32));
    assert_true(sim_domain_param(id, 1, &param));
    assert_int_equal(param, 31);
    assert_int_equal(((const uint8_t *)sim_domain_page(id, 31))[100], 0); /* the ring was cleared */
    assert_true(sim_domain_vcpu(id, 0, &v) && v.online);
    assert_true(sim_domain_vcpu(id, 1, &v) && !v.online);
    assert_clean();
    bytes_free(&b);
}

static void pv(enum stream_kind kind, unsigned int level) {
    struct sim_restore r;
    struct bytes b;
    struct sim_domain d;
    struct sim_vcpu v;
    uint64_t entry, mfn;
    bool pinned;
    uint16_t id = 0;

    make_stream(&b, kind, 24);
    if (run(&b, kind, &r, &id))
        fail_msg("not restored: %s", sim_last_refusal());
    assert_true(sim_domain_get(id, &d));
    assert_int_equal(d.width, level == 4 ? 8 : 4);
    assert_int_equal(((const uint8_t *)sim_domain_page(id, 23))[100], page_fill(23));
    mfn = sim_domain_mfn(id, 6);
    assert_string_equal(sim_frame_type(mfn, &pinned, NULL), level == 4 ? "l4" : "l3");
    assert_true(pinned);
    /* entries hold machine frames now */
    memcpy(&entry, sim_domain_page(id, 6), 8);
    assert_int_equal(entry >> 12 & 0xffffff, sim_domain_mfn(id, 8));
    assert_true(sim_domain_vcpu(id, 0, &v) && v.initialised && v.online);
    assert_int_equal(v.xsave_len, 592);
    assert_int_equal(v.msrs_len, 16);
    assert_clean();
    bytes_free(&b);
}

static void pv64(void **state) {
    (void)state;
    pv(STREAM_PV64, 4);
}

static void pv32(void **state) {
    (void)state;
    pv(STREAM_PV32, 3);
}

static void remus(void **state) {
    struct sim_restore r;
    struct bytes b;
    uint16_t id;

    (void)state;
    make_stream(&b, STREAM_HVM_REMUS, 8);
    assert_int_equal(run(&b, STREAM_HVM_REMUS, &r, &id), 0);
    assert_int_equal(r.checkpoints, 2);
    assert_int_equal(((const uint8_t *)sim_domain_page(id, 3))[0], page_fill(3) + 1);
    bytes_free(&b);
}

/* A page table that Xen would refuse stops the restore at the pin. */
static void bad_table(void **state) {
    struct sim_restore r;
    struct bytes b;
    uint16_t id, ids[SIM_MAX_DOMAINS];
    const uint64_t bad = 1ull << 12 | 0x67 | 0x80;
    uint8_t *l1;

    (void)state;
    make_stream(&b, STREAM_PV64, 24);
    /* pages follow headers, static records and the entries; find the L1 by its first entry, pfn 0 writable */
    l1 = memmem(b.p, b.n, "\x67\0\0\0\0\0\0\0\x67\x10\0\0\0\0\0\0", 16);
    assert_non_null(l1);
    memcpy(l1 + 8, &bad, 8);
    assert_int_equal(run(&b, STREAM_PV64, &r, &id), -1);
    assert_non_null(strstr(sim_last_refusal(), "get_page_from_l1e"));
    assert_int_equal(sim_domain_list(ids), 0);
    bytes_free(&b);
}

static void count_node(void *arg, const char *path, const void *value, size_t len, const char *perms) {
    (void)value, (void)len, (void)perms;
    *(unsigned int *)arg += strstr(path, "/local/domain/") != NULL;
}

static void assert_nothing_left(size_t heap_before) {
    uint16_t ids[SIM_MAX_DOMAINS];
    unsigned int nodes = 0;
    struct sim_stats st;
    struct sim_heap heap;

    assert_int_equal(sim_domain_list(ids), 0);
    sim_xenstore_walk(count_node, &nodes);
    assert_int_equal(nodes, 0);
    sim_stats(&st);
    assert_int_equal(st.guest_pages, 0);
    sim_host_reset();
    sim_heap_get(&heap);
    /* libxenctrl keeps up to 40 octets after an error message: seen once, not growing */
    assert_in_range(heap.now, 0, heap_before + 64);
}

static size_t heap_now(void) {
    struct sim_heap heap;

    sim_heap_get(&heap);
    return heap.now;
}

/* Fails hypercall 1, 2, 3 ... until none is left to fail.  libxenguest gets over some: they must leave a whole domain.
 */
static void sweep_hypercalls(enum stream_kind kind, const char *name) {
    struct sim_restore r;
    struct bytes b;
    size_t before;
    uint16_t id;
    unsigned int n, survived = 0;
    struct sim_stats st;

    make_stream(&b, kind, 24);
    sim_host_reset();
    before = heap_now();
    for (n = 1; n < 1000; n++) {
        int rc;

        sim_fail_hypercall(n, ENOMEM);
        rc = run(&b, kind, &r, &id);
        sim_fail_hypercall(0, 0);
        sim_stats(&st);
        if (!st.injected)
            break;
        if (!rc) {
            survived++;
            assert_int_equal(xc_domain_destroy(xch, id), 0);
        } else {
            assert_int_equal(sim_domain_list((uint16_t[SIM_MAX_DOMAINS]){0}), 0);
        }
        sim_host_reset();
        assert_in_range(heap_now(), 0, before + 64);
    }
    printf("%s: %u hypercalls made to fail, %u of them survived\n", name, n - 1, survived);
    assert_true(n > 15 && n < 1000);
    sim_host_reset();
    bytes_free(&b);
}

static void each_hypercall_fails(void **state) {
    (void)state;
    sweep_hypercalls(STREAM_PV64, "pv64");
    sweep_hypercalls(STREAM_PV32, "pv32");
    sweep_hypercalls(STREAM_HVM, "hvm");
}

static void each_xenstore_request_fails(void **state) {
    struct sim_restore r;
    struct bytes b;
    size_t before;
    uint16_t id;
    unsigned int n;

    (void)state;
    make_stream(&b, STREAM_HVM, 8);
    sim_host_reset();
    before = heap_now();
    for (n = 1; n < 100; n++) {
        sim_fail_xenstore(n, EIO);
        if (!run(&b, STREAM_HVM, &r, &id))
            break;
        assert_nothing_left(before);
    }
    sim_fail_xenstore(0, 0);
    printf("xenstore requests that can fail: %u\n", n - 1);
    assert_true(n > 5 && n < 100);
    bytes_free(&b);
}

/* LeakSanitizer's switches, where it is linked in. */
void __lsan_disable(void) __attribute__((weak));
void __lsan_enable(void) __attribute__((weak));

/*
 * Each allocation of libxenguest fails once.  The simulator's own few are hit as well.  Leaks are not looked for: when
 * its second allocation fails, libxenctrl's xc_memory_op() loses the first, 2 or 32 octets.
 */
static void each_allocation_fails(void **state) {
    struct sim_restore r = {0};
    struct sim_domain_config cfg = {.hvm = true, .vcpus = 1, .max_pages = 64};
    struct bytes b;
    unsigned int n;
    int rc = -1;

    (void)state;
    make_stream(&b, STREAM_HVM, 8);
    if (__lsan_disable)
        __lsan_disable();
    for (n = 1; n < 500 && rc; n++) {
        sim_host_reset();
        r = (struct sim_restore){.stream = b.p, .len = b.n, .store_evtchn = 1, .console_evtchn = 2};
        r.domid = (uint16_t)sim_domain_create(&cfg);
        sim_heap_fail(n);
        rc = sim_restore(xch, &r);
    }
    sim_heap_fail(0);
    if (__lsan_enable)
        __lsan_enable();
    assert_int_equal(rc, 0);
    printf("allocations that can fail: %u\n", n - 2);
    bytes_free(&b);
}

static void each_truncation_fails(void **state) {
    struct sim_restore r;
    struct bytes b, cut;
    size_t before;
    uint16_t id;

    (void)state;
    make_stream(&b, STREAM_PV64, 24);
    sim_host_reset();
    before = heap_now();
    for (size_t n = 0; n < b.n; n += n < 512 || n > b.n - 8192 ? 8 : 1999) {
        cut = (struct bytes){.p = b.p, .n = n};
        assert_int_equal(run(&cut, STREAM_PV64, &r, &id), -1);
        assert_nothing_left(before);
    }
    bytes_free(&b);
}

/* Everything else a toolstack asks around a restore is known to the simulator. */
static void other_calls(void **state) {
    struct sim_domain_config cfg = {.hvm = true, .vcpus = 2, .max_pages = 64};
    uint16_t hvm_id = (uint16_t)sim_domain_create(&cfg), pv_id;
    xen_domain_handle_t handle = {1};
    xc_dominfo_t info[4];
    xc_physinfo_t phys = {0};
    xen_capabilities_info_t caps;
    uint64_t value = 0;
    struct sim_stats st;

    (void)state;
    cfg.hvm = false;
    pv_id = (uint16_t)sim_domain_create(&cfg);
    assert_int_equal(xc_domain_getinfo(xch, 0, 4, info), 2);
    assert_int_equal(info[0].domid, hvm_id);
    assert_true(info[0].hvm && info[0].paused && !info[1].hvm);
    assert_int_equal(xc_physinfo(xch, &phys), 0);
    assert_int_equal(phys.total_pages, 8192);
    assert_int_equal(xc_version(xch, XENVER_version, NULL), 4 << 16 | 17);
    assert_int_equal(xc_version(xch, XENVER_capabilities, &caps), 0);
    assert_int_equal(xc_domain_sethandle(xch, hvm_id, handle), 0);
    assert_int_equal(xc_domain_set_tsc_info(xch, hvm_id, 0, 0, 0, 0), 0);
    assert_int_equal(xc_hvm_param_set(xch, hvm_id, HVM_PARAM_TIMER_MODE, 1), 0);
    assert_int_equal(xc_hvm_param_get(xch, hvm_id, HVM_PARAM_TIMER_MODE, &value), 0);
    assert_int_equal(value, 1);
    assert_int_equal(xc_cpuid_apply_policy(xch, hvm_id, true, NULL, 0, true, false, false, false, NULL), 0);
    assert_int_equal(xc_cpuid_apply_policy(xch, pv_id, false, NULL, 0, false, false, false, false, NULL), 0);
    assert_int_equal(xc_domain_pause(xch, pv_id), 0);
    assert_int_equal(xc_domain_destroy(xch, pv_id), 0);
    sim_stats(&st);
    assert_int_equal(st.unknown, 0);
    assert_int_equal(st.refused, 1); /* the end of the domain list */
}

static double seconds(clockid_t clock) {
    struct timespec t;

    clock_gettime(clock, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void speed_of(const char *name, enum stream_kind kind, unsigned int pages) {
    struct sim_domain_config cfg = {.hvm = kind >= STREAM_HVM, .vcpus = 1, .max_pages = 512};
    struct sim_restore r;
    struct bytes b;
    unsigned int n = 0;
    double start, took, cpu;

    make_stream(&b, kind, pages);
    start = seconds(CLOCK_MONOTONIC);
    cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);
    do {
        sim_host_reset();
        r = (struct sim_restore){.stream = b.p, .len = b.n, .store_evtchn = 1, .console_evtchn = 2};
        r.domid = (uint16_t)sim_domain_create(&cfg);
        assert_int_equal(sim_restore(xch, &r), 0);
        n++;
        took = seconds(CLOCK_MONOTONIC) - start;
    } while (took < 0.5);
    cpu = seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    printf("speed: %s, %zu octets: %.0f restores/s, %.0f per second of processor time\n", name, b.n, n / took, n / cpu);
    bytes_free(&b);
}

static void speed(void **state) {
    (void)state;
    speed_of("hvm, 4 pages", STREAM_HVM, 4);
    speed_of("hvm, 64 pages", STREAM_HVM, 64);
    speed_of("pv64, 16 pages", STREAM_PV64, 16);
    speed_of("pv32, 16 pages", STREAM_PV32, 16);
}

static int open_xch(void **state) {
    if (fresh_host(state))
        return -1;
    xch = xc_interface_open(&silent, &silent, 0);
    sim_heap_start(0);
    return xch ? 0 : -1;
}

static int close_xch(void **state) {
    (void)state;
    return xc_interface_close(xch);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        RULE(hvm),
        RULE(pv64),
        RULE(pv32),
        RULE(remus),
        RULE(bad_table),
        RULE(each_hypercall_fails),
        RULE(each_xenstore_request_fails),
        RULE(each_allocation_fails),
        RULE(each_truncation_fails),
        RULE(other_calls),
        RULE(speed),
    };

    return cmocka_run_group_tests(tests, open_xch, close_xch);
}
