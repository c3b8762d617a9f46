/* SPDX-License-Identifier: MIT */
#include "test_util.h"

#include <xen/hvm/hvm_op.h>

int fresh_host(void **state) {
    static bool open;
    const struct sim_options options = {.host_pages = 8192};

    (void)state;
    if (!open && sim_host_open(NULL, &options))
        return -1;
    open = true;
    sim_host_reset();
    sim_set_relax(0);
    sim_fail_hypercall(0, 0);
    return 0;
}

uint16_t make_domain(bool hvm, unsigned int vcpus) {
    const struct sim_domain_config cfg = {.hvm = hvm, .vcpus = vcpus, .max_pages = 64};
    int id = sim_domain_create(&cfg);

    assert_true(id > 0);
    return (uint16_t)id;
}

long domctl(uint32_t cmd, uint16_t domid, struct xen_domctl *op) {
    op->cmd = cmd;
    op->interface_version = XEN_DOMCTL_INTERFACE_VERSION;
    op->domain = domid;
    return HYPERCALL(__HYPERVISOR_domctl, PTR(op));
}

long memory_op(unsigned int cmd, void *arg) {
    return HYPERCALL(__HYPERVISOR_memory_op, cmd, PTR(arg));
}

uint64_t populate(uint16_t domid, unsigned int n) {
    xen_pfn_t list[64], first = 0;
    struct xen_memory_reservation r = {.nr_extents = n, .domid = domid};

    assert_true(n <= 64);
    for (unsigned int i = 0; i < n; i++)
        list[i] = i;
    set_xen_guest_handle_raw(r.extent_start, list);
    assert_int_equal(memory_op(XENMEM_populate_physmap, &r), n);
    first = sim_domain_mfn(domid, 0);
    assert_true(first != UINT64_MAX);
    return first;
}

uint64_t *frame_words(uint64_t mfn) {
    return frame_data(mfn);
}

long pin(uint16_t domid, unsigned int cmd, uint64_t mfn) {
    struct mmuext_op op = {.cmd = cmd, .arg1.mfn = mfn};

    return HYPERCALL(__HYPERVISOR_mmuext_op, PTR(&op), 1, 0, domid);
}

long set_param(uint16_t domid, uint32_t index, uint64_t value) {
    xen_hvm_param_t p = {.domid = domid, .index = index, .value = value};

    return HYPERCALL(__HYPERVISOR_hvm_op, HVMOP_set_param, PTR(&p));
}
