/* SPDX-License-Identifier: MIT */
/* HVM state: the context chain, the CPU entries, HVM parameters, TSC, CPU policy. */
#include "test_util.h"

struct ctx {
    uint8_t data[16384];
    size_t n;
};

static void entry(struct ctx *c, uint16_t code, uint16_t instance, const void *body, uint32_t len) {
    struct hvm_save_descriptor d = {.typecode = code, .instance = instance, .length = len};

    memcpy(c->data + c->n, &d, sizeof(d));
    if (body)
        memcpy(c->data + c->n + sizeof(d), body, len);
    else
        memset(c->data + c->n + sizeof(d), 0, len);
    c->n += sizeof(d) + len;
}

static void start(struct ctx *c) {
    const struct hvm_save_header h = {.magic = HVM_FILE_MAGIC, .version = HVM_FILE_VERSION};

    c->n = 0;
    entry(c, 1, 0, &h, sizeof(h));
}

static long load(uint16_t id, const struct ctx *c) {
    struct xen_domctl op = {.u.hvmcontext.size = (uint32_t)c->n};

    op.u.hvmcontext.buffer.p = (uint8_t *)(uintptr_t)c->data;
    return domctl(XEN_DOMCTL_sethvmcontext, id, &op);
}

/* HEADER, one entry, END */
static long load_one(uint16_t id, uint16_t code, uint16_t instance, const void *body, uint32_t len) {
    struct ctx c;

    start(&c);
    entry(&c, code, instance, body, len);
    entry(&c, 0, 0, NULL, 0);
    return load(id, &c);
}

static struct hvm_hw_cpu good_cpu(void) {
    return (struct hvm_hw_cpu){.cr0 = 0x10, .flags = 1};
}

static void chain_is_taken(void **state) {
    const struct hvm_hw_cpu cpu = good_cpu();
    uint16_t id = make_domain(true, 2);
    struct ctx c;
    struct sim_vcpu v;
    size_t kept, full;

    (void)state;
    start(&c);
    entry(&c, 2, 0, &cpu, sizeof(cpu));
    entry(&c, 3, 1, NULL, 8);
    entry(&c, 5, 1, NULL, 24);
    entry(&c, 6, 0, NULL, 1024);
    entry(&c, 0, 0, NULL, 0);
    assert_int_equal(load(id, &c), 0);
    assert_memory_equal(sim_domain_hvm_context(id, &kept, &full), c.data, c.n);
    assert_int_equal(full, c.n);
    assert_true(sim_domain_vcpu(id, 0, &v) && v.online);
    assert_true(sim_domain_vcpu(id, 1, &v) && !v.online); /* no CPU entry: stays down */
}

static void chain_frame(void **state) {
    uint16_t id = make_domain(true, 1);
    struct ctx c;

    (void)state;
    start(&c);
    assert_refused(load(id, &c), ENODATA, "null entry");
    entry(&c, 0, 7, NULL, 3); /* END's instance, length and tail are not looked at */
    assert_int_equal(load(id, &c), 0);
    c.data[8] ^= 1;
    assert_refused(load(id, &c), EINVAL, "arch_hvm_load");
    c.data[8] ^= 1;
    c.data[12] = 2;
    assert_refused(load(id, &c), EINVAL, "arch_hvm_load");
    c.data[0] = 2;
    assert_refused(load(id, &c), ENODATA, "first entry");
    c.n = 16;
    assert_refused(load(id, &c), ENODATA, "hold no header");
    assert_refused(load_one(id, 21, 0, NULL, 8), EINVAL, "typecode 21");
    assert_refused(load_one(id, 1, 0, NULL, 24), EINVAL, "typecode 1");
    start(&c);
    entry(&c, 10, 0, NULL, 56);
    c.n -= 8;
    assert_refused(load(id, &c), EINVAL, "PIT length 56, 48 left");
    assert_refused(load_one(make_domain(false, 1), 10, 0, NULL, 56), EINVAL, "not HVM");
}

static void chain_lengths(void **state) {
    static const struct {
        uint16_t code;
        uint32_t size;
        bool zero_extend;
        int err;
    } e[] = {
        {3, 8, false, EINVAL},  {4, 400, false, ENODATA},  {5, 24, true, EINVAL},  {6, 1024, false, EINVAL},
        {7, 16, false, EINVAL}, {8, 8, false, EINVAL},     {9, 8, false, EINVAL},  {10, 56, false, EINVAL},
        {11, 24, true, EINVAL}, {12, 1048, false, EINVAL}, {13, 8, false, EINVAL}, {14, 240, false, EINVAL},
        {15, 32, true, EINVAL}, {17, 216, true, EINVAL},   {18, 32, true, EINVAL}, {19, 8, false, EINVAL},
    };
    uint16_t id = make_domain(true, 1);

    (void)state;
    for (size_t i = 0; i < sizeof(e) / sizeof(e[0]); i++) {
        assert_int_equal(load_one(id, e[i].code, 0, NULL, e[i].size), 0);
        assert_refused(load_one(id, e[i].code, 0, NULL, e[i].size + 1), e[i].err, "length");
        if (e[i].zero_extend)
            assert_int_equal(load_one(id, e[i].code, 0, NULL, e[i].size - 8), 0);
        else
            assert_refused(load_one(id, e[i].code, 0, NULL, e[i].size - 1), e[i].err, "length");
    }
}

static void chain_values(void **state) {
    uint8_t b[256] = {0};
    uint16_t id = make_domain(true, 1);

    (void)state;
    assert_refused(load_one(id, 3, 2, b, 8), ENOENT, "vpic_load");
    assert_refused(load_one(id, 6, 1, NULL, 1024), EINVAL, "vCPU 1");
    b[2] = 16;
    assert_refused(load_one(id, 9, 0, b, 8), EINVAL, "irq_load_link");
    b[2] = 15;
    assert_int_equal(load_one(id, 9, 0, b, 8), 0);
    b[2] = 0;
    b[1] = 0x4; /* x2APIC without enable */
    assert_refused(load_one(id, 5, 0, b, 24), EINVAL, "lapic_load_hidden");
    b[1] = 0xc;
    assert_int_equal(load_one(id, 5, 0, b, 24), 0);
    memset(b, 0, sizeof(b));
    b[224] = 9;
    assert_refused(load_one(id, 14, 0, b, 240), EINVAL, "hvm_load_mtrr_msr");
    b[224] = 8;
    assert_int_equal(load_one(id, 14, 0, b, 240), 0);
    memset(b, 0, sizeof(b));
    b[12] = 1;
    assert_refused(load_one(id, 17, 0, b, 216), EINVAL, "viridian_load_vcpu_ctxt");
    memset(b, 0, sizeof(b));
    b[5] = 1;
    assert_refused(load_one(id, 18, 0, b, 32), EINVAL, "vmce_restore_vcpu");
}

static void devices_must_exist(void **state) {
    struct xen_domctl op = {.u.createdomain = {.flags = XEN_DOMCTL_CDF_hvm | XEN_DOMCTL_CDF_hap,
                                               .max_vcpus = 1,
                                               .max_evtchn_port = 1023,
                                               .arch.emulation_flags = XEN_X86_EMU_LAPIC}};
    uint16_t pvh;

    (void)state;
    assert_int_equal(domctl(XEN_DOMCTL_createdomain, 0, &op), 0);
    pvh = op.domain;
    assert_refused(load_one(pvh, 10, 0, NULL, 56), ENODEV, "PIT without the device");
    assert_refused(set_param(pvh, HVM_PARAM_ACPI_IOPORTS_LOCATION, 1), ENODEV, "hvm_set_param");
}

#define CPU_REFUSED(change, rule) \
    do { \
        c = good_cpu(); \
        change; \
        assert_refused(load_one(id, 2, 0, &c, sizeof(c)), EINVAL, (rule)); \
    } while (0)
#define CPU_TAKEN(change) \
    do { \
        c = good_cpu(); \
        change; \
        assert_int_equal(load_one(id, 2, 0, &c, sizeof(c)), 0); \
    } while (0)

static void cpu_entry(void **state) {
    struct hvm_hw_cpu c;
    uint16_t id = make_domain(true, 1);

    (void)state;
    CPU_TAKEN((void)0);
    CPU_REFUSED(c.cr0 = 0, "CR0");
    CPU_REFUSED(c.cr0 |= 1ull << 40, "CR0");
    CPU_REFUSED(c.cr0 |= 1u << 6, "CR0");
    CPU_REFUSED(c.cr0 |= 1u << 31, "CR0"); /* PG without PE */
    CPU_TAKEN(c.cr0 = 0x80000011);
    CPU_REFUSED(c.cr4 = 1u << 13, "CR4"); /* VMXE without nested virtualisation */
    CPU_REFUSED(c.cr4 = 1ull << 33, "CR4");
    CPU_TAKEN(c.cr4 = 0x6f0);
    CPU_REFUSED(c.msr_efer = 2, "hvm_efer_valid");
    CPU_REFUSED(c.msr_efer = 0x500, "hvm_efer_valid"); /* LMA without paging */
    CPU_REFUSED(c.msr_efer = 1u << 12, "hvm_efer_valid");
    CPU_TAKEN((c.cr0 = 0x80000011, c.msr_efer = 0xd01));
    CPU_REFUSED(c.cr3 = 1ull << 50, "CR3");
    CPU_REFUSED(c.flags = 2, "flags");
    CPU_REFUSED(c.pad0 = 1, "padding");
    CPU_REFUSED(c.msr_tsc_aux = 1ull << 32, "TSC_AUX");
    CPU_REFUSED(c.pending_event = 1u << 31 | 1u << 8, "pending event");
    CPU_REFUSED(c.pending_event = 1u << 31 | 1u << 12, "pending event");
    CPU_REFUSED((c.pending_event = 1u << 31 | 1u << 11 | 3u << 8, c.error_code = 0x10000), "error code");
    CPU_TAKEN(c.pending_event = 1u << 31 | 3u << 8 | 14);
}

static void cpu_lengths(void **state) {
    const struct hvm_hw_cpu c = good_cpu();
    uint16_t id = make_domain(true, 1);

    (void)state;
    assert_int_equal(load_one(id, 2, 0, &c, 1024), 0);
    assert_int_equal(load_one(id, 2, 0, &c, 1016), 0);
    assert_refused(load_one(id, 2, 0, &c, 8), EINVAL, "CR0"); /* zero-extended, and then judged */
    assert_refused(load_one(id, 2, 0, NULL, 1033), EINVAL, "length");
    assert_refused(load_one(id, 2, 1, &c, sizeof(c)), EINVAL, "vCPU 1");
}

static void blank_cpu(void **state) {
    struct hvm_hw_cpu c = {0};
    uint16_t id = make_domain(true, 1);

    (void)state;
    assert_refused(load_one(id, 2, 0, &c, sizeof(c)), EINVAL, "CR0");
    sim_set_relax(SIM_RELAX_BLANK_CPU);
    assert_int_equal(load_one(id, 2, 0, &c, sizeof(c)), 0);
    assert_refused(load_one(id, 2, 0, &c, 8), EINVAL, "CR0");
    c.rax = 1;
    assert_refused(load_one(id, 2, 0, &c, sizeof(c)), EINVAL, "CR0");
}

static void xsave_entry(void **state) {
    uint64_t b[300] = {3, 3, 3};
    uint16_t id = make_domain(true, 1);

    (void)state;
    assert_int_equal(load_one(id, 16, 0, b, 24 + 576), 0);
    assert_int_equal(load_one(id, 16, 0, b, 24 + 832), 0); /* longer, the excess zero */
    b[3 + 72] = 1;
    assert_refused(load_one(id, 16, 0, b, 24 + 832), EOPNOTSUPP, "length");
    b[3 + 72] = 0;
    assert_refused(load_one(id, 16, 0, b, 24 + 575), EINVAL, "length");
    b[1] = b[2] = 7;
    assert_refused(load_one(id, 16, 0, b, 24 + 576), EINVAL, "length");
    assert_int_equal(load_one(id, 16, 0, b, 24 + 832), 0);
    b[1] = 0xf;
    assert_refused(load_one(id, 16, 0, b, 24 + 832), EINVAL, "validate_xstate");
    b[1] = 7;
    b[3 + 64 + 1] = 1ull << 63;
    assert_refused(load_one(id, 16, 0, b, 24 + 832), EOPNOTSUPP, "xcomp_bv");
}

static void msr_entry(void **state) {
    struct {
        uint32_t count, pad;
        struct {
            uint32_t index, reserved;
            uint64_t value;
        } m[2];
    } b = {.count = 1};
    uint16_t id = make_domain(true, 1);

    (void)state;
    b.m[0].index = 0x48;
    b.m[0].value = 1;
    assert_int_equal(load_one(id, 20, 0, &b, 24), 0);
    assert_refused(load_one(id, 20, 0, &b, 40), EOPNOTSUPP, "length 40");
    assert_refused(load_one(id, 20, 0, &b, 8), EINVAL, "length 8");
    b.m[0].reserved = 1;
    assert_refused(load_one(id, 20, 0, &b, 24), EOPNOTSUPP, "reserved");
    b.m[0].reserved = 0;
    b.m[0].value = 1ull << 40;
    assert_refused(load_one(id, 20, 0, &b, 24), ENXIO, "MSR 0x48");
    b.m[0].index = 0xc0000103; /* travels in the CPU entry */
    b.m[0].value = 1;
    assert_refused(load_one(id, 20, 0, &b, 24), ENXIO, "MSR 0xc0000103");
    b.m[0].index = 0xda0;
    b.m[0].value = 0;
    assert_int_equal(load_one(id, 20, 0, &b, 24), 0);
}

static void params(void **state) {
    static const struct {
        uint32_t index;
        uint64_t bad, good;
    } v[] = {
        {HVM_PARAM_TIMER_MODE, 4, 3},
        {HVM_PARAM_VIRIDIAN, 2, 3},
        {HVM_PARAM_VIRIDIAN, 1u << 20 | 1, 3},
        {HVM_PARAM_ACPI_S_STATE, 1, 3},
        {HVM_PARAM_ACPI_IOPORTS_LOCATION, 2, 1},
        {HVM_PARAM_ALTP2M, 4, 1},
        {HVM_PARAM_TRIPLE_FAULT_REASON, 99, 1},
        {HVM_PARAM_NR_IOREQ_SERVER_PAGES, 65, 8},
        {HVM_PARAM_X87_FIP_WIDTH, 5, 8},
        {HVM_PARAM_VM86_TSS, 1ull << 32, 0x1000},
        {HVM_PARAM_VM86_TSS_SIZED, 1, 128ull << 32 | 0x2000},
        {HVM_PARAM_MCA_CAP, 2, 1},
    };
    uint16_t id = 0;
    uint64_t value;

    (void)state;
    for (size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
        id = make_domain(true, 1);
        assert_refused(set_param(id, v[i].index, v[i].bad), EINVAL, "hvm_set_param");
        assert_int_equal(set_param(id, v[i].index, v[i].good), 0);
    }
    assert_true(sim_domain_param(id, HVM_PARAM_MCA_CAP, &value));
    assert_int_equal(value, 1);
    assert_refused(set_param(id, HVM_NR_PARAMS, 0), EINVAL, "parameter 39");
    assert_refused(set_param(make_domain(false, 1), 1, 0), EINVAL, "not HVM");
    assert_refused(set_param(99, 1, 0), ESRCH, "no domain");
}

static void params_deprecated_and_once(void **state) {
    static const uint32_t gone[] = {4, 13, 20, 21, 22, 23, 24, 25, 26, 30}, once[] = {5, 6, 32};
    uint16_t id = make_domain(true, 1);

    (void)state;
    for (size_t i = 0; i < sizeof(gone) / sizeof(gone[0]); i++)
        assert_refused(set_param(id, gone[i], 1), EINVAL, "deprecated");
    for (size_t i = 0; i < sizeof(once) / sizeof(once[0]); i++) {
        assert_int_equal(set_param(id, once[i], 7), 0);
        assert_int_equal(set_param(id, once[i], 7), 0);
        assert_refused(set_param(id, once[i], 8), EEXIST, "set already");
    }
}

static void tsc(void **state) {
    struct xen_domctl op = {.u.tsc_info = {.tsc_mode = 2, .gtsc_khz = 5, .elapsed_nsec = 6, .incarnation = 7}};
    uint16_t id = make_domain(true, 1);
    struct sim_domain d;

    (void)state;
    assert_int_equal(domctl(XEN_DOMCTL_settscinfo, id, &op), 0);
    assert_true(sim_domain_get(id, &d) && d.tsc_set);
    assert_int_equal(d.tsc_incarnation, 8);
    op.u.tsc_info.tsc_mode = 3;
    assert_refused(domctl(XEN_DOMCTL_settscinfo, id, &op), EINVAL, "tsc_set_info");
}

static long set_policy(uint16_t id, xen_cpuid_leaf_t *l, uint32_t nl, xen_msr_entry_t *m, uint32_t nm) {
    struct xen_domctl op = {.u.cpu_policy = {.nr_leaves = nl, .nr_msrs = nm}};

    op.u.cpu_policy.leaves.p = l;
    op.u.cpu_policy.msrs.p = m;
    return domctl(XEN_DOMCTL_set_cpu_policy, id, &op);
}

static void policy(void **state) {
    xen_cpuid_leaf_t l[121] = {{.leaf = 0, .subleaf = ~0u, .a = 0xd}};
    xen_msr_entry_t m[3] = {{.idx = 0xce}};
    uint16_t id = make_domain(true, 1);
    struct xen_domctl op = {0};

    (void)state;
    assert_int_equal(set_policy(id, l, 1, m, 1), 0);
    assert_refused(set_policy(id, l, 121, m, 1), E2BIG, "121 leaves");
    assert_refused(set_policy(id, l, 1, m, 3), E2BIG, "3 entries");
    l[0].subleaf = 0;
    assert_refused(set_policy(id, l, 1, m, 1), ERANGE, "subleaf 0");
    l[0] = (xen_cpuid_leaf_t){.leaf = 4, .subleaf = 6};
    assert_refused(set_policy(id, l, 1, m, 1), ERANGE, "leaf 0x4");
    l[0] = (xen_cpuid_leaf_t){.leaf = 0x80000022, .subleaf = ~0u};
    assert_refused(set_policy(id, l, 1, m, 1), ERANGE, "leaf 0x80000022");
    l[0] = (xen_cpuid_leaf_t){.leaf = 0, .subleaf = ~0u, .a = 0x20};
    assert_refused(set_policy(id, l, 1, m, 1), EINVAL, "policies_are_compatible");
    l[0].a = 0xd;
    m[0].flags = 1;
    assert_refused(set_policy(id, l, 1, m, 1), EINVAL, "flags");
    m[0] = (xen_msr_entry_t){.idx = 0xce, .val = 1ull << 32};
    assert_refused(set_policy(id, l, 1, m, 1), EOVERFLOW, "PLATFORM_INFO");
    m[0].val = 1;
    assert_refused(set_policy(id, l, 1, m, 1), EINVAL, "policies_are_compatible");
    m[0] = (xen_msr_entry_t){.idx = 0x10b};
    assert_refused(set_policy(id, l, 1, m, 1), ERANGE, "index 0x10b");
    assert_int_equal(domctl(XEN_DOMCTL_unpausedomain, id, &op), 0);
    assert_refused(set_policy(id, l, 1, NULL, 0), EEXIST, "has run");
}

/* The domain's policy, not the host's, decides: without XSAVE no extended state. */
static void policy_limits_state(void **state) {
    xen_cpuid_leaf_t l[2] = {{.leaf = 0, .subleaf = ~0u, .a = 1}, {.leaf = 1, .subleaf = ~0u}};
    uint64_t b[75] = {3, 3, 3};
    uint16_t id = make_domain(true, 1);

    (void)state;
    assert_int_equal(load_one(id, 16, 0, b, 24 + 576), 0);
    assert_int_equal(set_policy(id, l, 2, NULL, 0), 0);
    assert_refused(load_one(id, 16, 0, b, 24 + 576), EINVAL, "validate_xstate");
    sim_set_relax(SIM_RELAX_POLICY);
    assert_int_equal(load_one(id, 16, 0, b, 24 + 576), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        RULE(chain_is_taken),
        RULE(chain_frame),
        RULE(chain_lengths),
        RULE(chain_values),
        RULE(devices_must_exist),
        RULE(cpu_entry),
        RULE(cpu_lengths),
        RULE(blank_cpu),
        RULE(xsave_entry),
        RULE(msr_entry),
        RULE(params),
        RULE(params_deprecated_and_once),
        RULE(tsc),
        RULE(policy),
        RULE(policy_limits_state),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
