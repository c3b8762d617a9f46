/* SPDX-License-Identifier: MIT */
/* Life of a domain: what the simulated createdomain, max_mem, populate and friends take and refuse. */
#include "sim_internal.h"
#include "test_util.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <xen/event_channel.h>

#define EMU_HVM (XEN_X86_EMU_ALL & ~XEN_X86_EMU_VPCI)

static long create(uint32_t flags, uint32_t vcpus, uint32_t emulation, uint16_t wanted) {
    struct xen_domctl op = {.u.createdomain = {.flags = flags,
                                               .max_vcpus = vcpus,
                                               .max_evtchn_port = 1023,
                                               .grant_opts = XEN_DOMCTL_GRANT_version(2),
                                               .arch.emulation_flags = emulation}};

    return domctl(XEN_DOMCTL_createdomain, wanted, &op);
}

static void create_takes_valid(void **state) {
    uint16_t ids[SIM_MAX_DOMAINS];

    (void)state;
    assert_int_equal(create(0, 1, 0, 0), 0);
    assert_int_equal(create(XEN_DOMCTL_CDF_hvm | XEN_DOMCTL_CDF_hap, 4, EMU_HVM, 0), 0);
    assert_int_equal(create(XEN_DOMCTL_CDF_hvm | XEN_DOMCTL_CDF_hap, 4, XEN_X86_EMU_LAPIC, 77), 0);
    assert_int_equal(sim_domain_list(ids), 3);
    assert_int_equal(ids[2], 77);
}

static void create_refuses(void **state) {
    (void)state;
    assert_refused(create(1u << 20, 1, 0, 0), EINVAL, "flags");
    assert_refused(create(0, 0, 0, 0), EINVAL, "vCPUs");
    assert_refused(create(0, SIM_MAX_VCPUS + 1, 0, 0), EINVAL, "vCPUs");
    assert_refused(create(XEN_DOMCTL_CDF_hap, 1, 0, 0), EINVAL, "HAP without HVM");
    assert_refused(create(XEN_DOMCTL_CDF_hvm, 1, 0, 0), EOPNOTSUPP, "emulation_flags_ok");
    assert_refused(create(0, 1, EMU_HVM, 0), EOPNOTSUPP, "emulation_flags_ok");
    assert_int_equal(create(0, 1, 0, 5), 0);
    assert_refused(create(0, 1, 0, 5), EEXIST, "exists");
}

static void interface_version_is_checked(void **state) {
    struct xen_domctl op = {.cmd = XEN_DOMCTL_createdomain, .interface_version = 1};

    (void)state;
    assert_refused(HYPERCALL(__HYPERVISOR_domctl, PTR(&op)), EACCES, "interface version");
}

static void missing_domain(void **state) {
    struct xen_domctl op = {.u.max_mem.max_memkb = 4};

    (void)state;
    assert_refused(domctl(XEN_DOMCTL_max_mem, 9, &op), ESRCH, "no domain 9");
}

static void max_vcpus_must_match(void **state) {
    struct xen_domctl op = {.u.max_vcpus.max = 3};
    uint16_t id = make_domain(false, 2);

    (void)state;
    assert_refused(domctl(XEN_DOMCTL_max_vcpus, id, &op), EINVAL, "max_vcpus");
    op.u.max_vcpus.max = 2;
    assert_int_equal(domctl(XEN_DOMCTL_max_vcpus, id, &op), 0);
}

/* assign_pages(): populate stops at max_pages and says how far it came. */
static void populate_is_accounted(void **state) {
    xen_pfn_t list[8] = {0, 1, 2, 3, 4, 5, 6, 7};
    struct xen_domctl op = {.u.max_mem.max_memkb = 5 * 4};
    uint16_t id = make_domain(true, 1);
    struct xen_memory_reservation r = {.nr_extents = 8, .domid = id};
    struct sim_domain d;

    (void)state;
    assert_int_equal(domctl(XEN_DOMCTL_max_mem, id, &op), 0);
    set_xen_guest_handle_raw(r.extent_start, list);
    assert_int_equal(memory_op(XENMEM_populate_physmap, &r), 5);
    assert_non_null(strstr(sim_last_refusal(), "over-allocation"));
    assert_true(sim_domain_get(id, &d));
    assert_int_equal(d.tot_pages, 5);
    assert_non_null(sim_domain_page(id, 4));
    assert_null(sim_domain_page(id, 5));
}

/* A gfn that four levels cannot translate costs a page all the same, as guest_physmap_add_page()'s result is unused. */
static void populate_beyond_the_p2m(void **state) {
    xen_pfn_t gfn = 1ull << SIM_GFN_BITS;
    uint16_t id = make_domain(true, 1);
    struct xen_memory_reservation r = {.nr_extents = 1, .domid = id};
    struct sim_domain d;

    (void)state;
    set_xen_guest_handle_raw(r.extent_start, &gfn);
    assert_int_equal(memory_op(XENMEM_populate_physmap, &r), 1);
    assert_null(sim_domain_page(id, gfn));
    assert_true(sim_domain_get(id, &d));
    assert_int_equal(d.tot_pages, 1);
}

static void host_memory_ends(void **state) {
    xen_pfn_t gfn = 0;
    struct xen_domctl op = {.u.max_mem.max_memkb = 1u << 30};
    uint16_t id = make_domain(true, 1);
    struct xen_memory_reservation r = {.nr_extents = 1, .domid = id, .extent_order = 13};

    (void)state;
    assert_int_equal(domctl(XEN_DOMCTL_max_mem, id, &op), 0);
    set_xen_guest_handle_raw(r.extent_start, &gfn);
    assert_int_equal(memory_op(XENMEM_populate_physmap, &r), 0);
    assert_non_null(strstr(sim_last_refusal(), "host is full"));
}

/* switch_compat() */
static void address_size(void **state) {
    struct xen_domctl op = {.u.address_size.size = 32};
    uint16_t pv = make_domain(false, 1), hvm = make_domain(true, 1);

    (void)state;
    assert_refused(domctl(XEN_DOMCTL_set_address_size, hvm, &op), EACCES, "switch_compat");
    assert_int_equal(domctl(XEN_DOMCTL_set_address_size, pv, &op), 0);
    op.u.address_size.size = 16;
    assert_refused(domctl(XEN_DOMCTL_set_address_size, pv, &op), EINVAL, "set_address_size");
    populate(pv, 1);
    op.u.address_size.size = 64;
    assert_refused(domctl(XEN_DOMCTL_set_address_size, pv, &op), EACCES, "switch_compat");
}

static void pausing(void **state) {
    struct xen_domctl op = {0};
    uint16_t id = make_domain(true, 1);
    struct sim_domain d;

    (void)state;
    assert_true(sim_domain_get(id, &d) && d.paused && !d.started);
    assert_int_equal(domctl(XEN_DOMCTL_unpausedomain, id, &op), 0);
    assert_true(sim_domain_get(id, &d) && !d.paused && d.started);
    assert_refused(domctl(XEN_DOMCTL_unpausedomain, id, &op), EINVAL, "not paused");
    assert_int_equal(domctl(XEN_DOMCTL_pausedomain, id, &op), 0);
    assert_true(sim_domain_get(id, &d) && d.paused && d.started);
}

static void destroy_returns_everything(void **state) {
    struct xen_domctl op = {0};
    struct sim_stats st;
    uint16_t ids[SIM_MAX_DOMAINS], keep = make_domain(false, 1), id = make_domain(false, 1);

    (void)state;
    populate(keep, 2);
    memset(frame_words(populate(id, 8)), 0x55, SIM_PAGE_SIZE);
    assert_int_equal(domctl(XEN_DOMCTL_destroydomain, id, &op), 0);
    assert_int_equal(sim_domain_list(ids), 1);
    assert_int_equal(ids[0], keep);
    sim_stats(&st);
    assert_int_equal(st.guest_pages, 2 + 2);
    /* scrubbed: the next owner sees nothing of it */
    id = make_domain(false, 1);
    assert_int_equal(*frame_words(populate(id, 8)), 0);
}

/* A frame is nobody's but still counted, another one is neither free nor anybody's. */
static void killed_in_a_hypercall(void **state) {
    struct xen_domctl op = {0};
    struct sim_stats st;
    uint16_t id = make_domain(false, 1);
    pid_t child;

    (void)state;
    populate(id, 8);
    child = fork();
    if (child == 0) {
        sim_lock();
        frames[host->next_mfn - 1] = (struct frame){0};
        host->next_mfn++;
        raise(SIGKILL);
    }
    assert_int_equal(waitpid(child, NULL, 0), child);
    assert_int_equal(domctl(XEN_DOMCTL_destroydomain, id, &op), 0);
    sim_stats(&st);
    assert_int_equal(st.guest_pages, 0);
    assert_int_equal(host->nr_free, host->next_mfn - SIM_FIRST_MFN);
}

static void event_channels(void **state) {
    evtchn_alloc_unbound_t a = {.dom = make_domain(true, 1), .remote_dom = 0};

    (void)state;
    assert_int_equal(HYPERCALL(__HYPERVISOR_event_channel_op, EVTCHNOP_alloc_unbound, PTR(&a)), 0);
    assert_int_equal(a.port, 3); /* 1 and 2 are the shortcut's */
    a.dom = 99;
    assert_refused(HYPERCALL(__HYPERVISOR_event_channel_op, EVTCHNOP_alloc_unbound, PTR(&a)), ESRCH, "no domain");
}

static void unknown_is_loud(void **state) {
    struct xen_domctl op = {0};
    struct sim_stats st;
    uint16_t id = make_domain(true, 1);

    (void)state;
    assert_int_equal(HYPERCALL(__HYPERVISOR_kexec_op, 0), -ENOSYS);
    assert_int_equal(domctl(XEN_DOMCTL_assign_device, id, &op), -ENOSYS);
    assert_int_equal(memory_op(XENMEM_get_vnumainfo, &op), -ENOSYS);
    sim_stats(&st);
    assert_int_equal(st.unknown, 3);
}

static void injection(void **state) {
    struct xen_domctl op = {0};
    struct sim_stats st;
    uint16_t id = make_domain(true, 1);

    (void)state;
    sim_fail_hypercall(2, EAGAIN);
    assert_int_equal(domctl(XEN_DOMCTL_pausedomain, id, &op), 0);
    assert_int_equal(domctl(XEN_DOMCTL_pausedomain, id, &op), -EAGAIN);
    assert_int_equal(domctl(XEN_DOMCTL_pausedomain, id, &op), 0);
    sim_fail_hypercalls_from(1, EIO);
    assert_int_equal(domctl(XEN_DOMCTL_pausedomain, id, &op), -EIO);
    assert_int_equal(domctl(XEN_DOMCTL_pausedomain, id, &op), -EIO);
    sim_stats(&st);
    assert_int_equal(st.injected, 3);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        RULE(create_takes_valid),
        RULE(create_refuses),
        RULE(interface_version_is_checked),
        RULE(missing_domain),
        RULE(max_vcpus_must_match),
        RULE(populate_is_accounted),
        RULE(populate_beyond_the_p2m),
        RULE(host_memory_ends),
        RULE(address_size),
        RULE(pausing),
        RULE(destroy_returns_everything),
        RULE(killed_in_a_hypercall),
        RULE(event_channels),
        RULE(unknown_is_loud),
        RULE(injection),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
