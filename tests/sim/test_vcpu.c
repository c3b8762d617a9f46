/* SPDX-License-Identifier: MIT */
/* PV vCPU state: arch_set_info_guest(), extended context, xsave, MSRs. */
#include "test_util.h"

#define RW              0x67ull
#define PTE(mfn, flags) ((uint64_t)(mfn) << 12 | (flags))

struct guest {
    uint16_t id;
    uint64_t base; /* +1 L4, +2 user L4, +3 GDT */
    vcpu_guest_context_x86_64_t ctx;
};

static void make_guest(struct guest *g) {
    g->id = make_domain(false, 2);
    g->base = populate(g->id, 8);
    memset(&g->ctx, 0, sizeof(g->ctx));
    g->ctx.flags = VGCF_in_kernel | 1u << 5;
    g->ctx.ctrlreg[3] = (g->base + 1) << 12;
    g->ctx.gdt_frames[0] = g->base + 3;
    g->ctx.gdt_ents = 512;
}

static long set_ctx(struct guest *g, uint32_t vcpu) {
    struct xen_domctl op = {.u.vcpucontext.vcpu = vcpu};

    op.u.vcpucontext.ctxt.p = (void *)&g->ctx;
    return domctl(XEN_DOMCTL_setvcpucontext, g->id, &op);
}

static void context_is_taken(void **state) {
    struct guest g;
    struct sim_vcpu v;

    (void)state;
    make_guest(&g);
    assert_int_equal(set_ctx(&g, 0), 0);
    assert_true(sim_domain_vcpu(g.id, 0, &v));
    assert_true(v.initialised && v.online);
    assert_int_equal(v.context_len, sizeof(g.ctx));
    assert_memory_equal(v.context, &g.ctx, sizeof(g.ctx));
    assert_string_equal(sim_frame_type(g.base + 3, NULL, NULL), "segdesc");
    assert_int_equal(set_ctx(&g, 0), 0); /* the same again */
    g.ctx.gdt_ents = 0;
    assert_refused(set_ctx(&g, 0), EOPNOTSUPP, "initialised with other tables");
    assert_refused(set_ctx(&g, 7), EINVAL, "no vCPU 7");
}

#define REFUSES(change, err, rule) \
    do { \
        sim_host_reset(); \
        make_guest(&g); \
        change; \
        assert_refused(set_ctx(&g, 0), (err), (rule)); \
        assert_string_equal(sim_frame_type(g.base + 3, NULL, NULL), "none"); \
    } while (0)

static void context_addresses(void **state) {
    const uint64_t odd = 1ull << 47;
    struct guest g;

    (void)state;
    REFUSES(g.ctx.user_regs.rip = odd, EINVAL, "not canonical");
    REFUSES(g.ctx.user_regs.rsp = odd, EINVAL, "not canonical");
    REFUSES(g.ctx.kernel_sp = odd, EINVAL, "not canonical");
    REFUSES(g.ctx.fs_base = odd, EINVAL, "not canonical");
    REFUSES(g.ctx.gs_base_kernel = odd, EINVAL, "not canonical");
    REFUSES(g.ctx.gs_base_user = odd, EINVAL, "not canonical");
    REFUSES(g.ctx.event_callback_eip = odd, EINVAL, "not canonical");
    REFUSES(g.ctx.syscall_callback_eip = odd, EINVAL, "not canonical");
    REFUSES(g.ctx.failsafe_callback_eip = odd, EINVAL, "not canonical");
    REFUSES(g.ctx.trap_ctxt[200].address = odd, EINVAL, "trap 200");
    REFUSES(g.ctx.ldt_base = 0xffff800000000000ull, EINVAL, "ldt_base");
    REFUSES(g.ctx.ldt_base = 0x123, EINVAL, "LDT");
    REFUSES(g.ctx.ldt_ents = 8193, EINVAL, "LDT");
    REFUSES(g.ctx.vm_assist = 1ull << 40, EINVAL, "vm_assist");
}

static void context_tables(void **state) {
    struct guest g;

    (void)state;
    REFUSES(g.ctx.gdt_ents = 7169, EINVAL, "pv_set_gdt");
    REFUSES(g.ctx.gdt_ents = 17 * 512, EINVAL, "GDT entries");
    REFUSES(g.ctx.gdt_ents = (1ull << 32) + 512, EINVAL, "GDT entries");
    REFUSES(g.ctx.gdt_frames[0] = 5, EINVAL, "does not belong");
    REFUSES(g.ctx.ctrlreg[3] = 5ull << 12, EINVAL, "does not belong");
    REFUSES(g.ctx.flags = 0, EINVAL, "user mode");
    REFUSES(g.ctx.ctrlreg[1] = 5ull << 12, EINVAL, "does not belong");
    /* a call gate into Xen's own part of the GDT */
    REFUSES(frame_words(g.base + 3)[0] = 0x00008c00e0080000ull, EINVAL, "check_descriptor");
    /* a task gate */
    REFUSES(frame_words(g.base + 3)[9] = 0x0000850000080000ull, EINVAL, "check_descriptor");
    make_guest(&g);
    g.ctx.flags = 1u << 5;
    g.ctx.ctrlreg[1] = (g.base + 2) << 12 | 1;
    frame_words(g.base + 3)[2] = 0x00cffb000000ffffull; /* code */
    assert_int_equal(set_ctx(&g, 0), 0);
}

/* A GDT frame mapped writable by a pinned table: refused, unless relaxed. */
static void gdt_is_not_writable(void **state) {
    struct guest g;

    (void)state;
    make_guest(&g);
    frame_words(g.base + 4)[0] = PTE(g.base + 3, RW);
    assert_int_equal(pin(g.id, MMUEXT_PIN_L1_TABLE, g.base + 4), 0);
    assert_refused(set_ctx(&g, 0), EINVAL, "get_page_type");
    sim_set_relax(SIM_RELAX_GDT);
    assert_int_equal(set_ctx(&g, 0), 0);
    sim_host_reset();
    sim_set_relax(0);
    make_guest(&g);
    frame_words(g.base + 4)[0] = PTE(g.base + 3, RW);
    assert_int_equal(set_ctx(&g, 0), 0);
    assert_refused(pin(g.id, MMUEXT_PIN_L1_TABLE, g.base + 4), EBUSY, "get_page_type");
}

static long set_ext(uint16_t id, const struct xen_domctl_ext_vcpucontext *e) {
    struct xen_domctl op = {.u.ext_vcpucontext = *e};

    return domctl(XEN_DOMCTL_set_ext_vcpucontext, id, &op);
}

static void extended(void **state) {
    struct xen_domctl_ext_vcpucontext e = {.size = 64};
    uint16_t id = make_domain(false, 2);
    struct sim_vcpu v;

    (void)state;
    e.syscall32_callback_eip = 0x1234;
    assert_int_equal(set_ext(id, &e), 0);
    assert_true(sim_domain_vcpu(id, 0, &v) && v.extended_len >= 64);
    e.size = 31;
    assert_refused(set_ext(id, &e), EINVAL, "size 31");
    e.size = 32;
    assert_int_equal(set_ext(id, &e), 0);
    e.vcpu = 2;
    assert_refused(set_ext(id, &e), ESRCH, "no vCPU 2");
    e.vcpu = 1;
    e.sysenter_callback_eip = 1ull << 50;
    assert_refused(set_ext(id, &e), EINVAL, "not canonical");
    e.sysenter_callback_eip = 0;
    e.size = 64;
    e.vmce.caps = 1ull << 40;
    assert_refused(set_ext(id, &e), EINVAL, "vmce_restore_vcpu");
    e.size = 32; /* too short to hold the vMCE part: not looked at */
    assert_int_equal(set_ext(id, &e), 0);
    e.syscall32_callback_eip = 0x1234;
    assert_refused(set_ext(make_domain(true, 2), &e), EINVAL, "PV callbacks");
}

static long set_xsave(uint16_t id, const uint64_t *blob, uint64_t size) {
    struct xen_domctl op = {.u.vcpuextstate.size = size};

    op.u.vcpuextstate.buffer.p = (uint64_t *)(uintptr_t)blob;
    return domctl(XEN_DOMCTL_setvcpuextstate, id, &op);
}

static void xsave(void **state) {
    uint64_t b[512] = {3, 3};
    const size_t header = 2 + 64; /* words */
    uint16_t id = make_domain(false, 1);
    struct sim_vcpu v;

    (void)state;
    assert_int_equal(set_xsave(id, b, 16 + 576), 0);
    assert_true(sim_domain_vcpu(id, 0, &v));
    assert_int_equal(v.xsave_len, 16 + 576);
    assert_refused(set_xsave(id, b, 15), EINVAL, "size 15");
    assert_refused(set_xsave(id, b, 16), EINVAL, "setvcpuextstate"); /* state announced, none there */
    assert_refused(set_xsave(id, b, 16 + 584), EINVAL, "size 600");
    assert_refused(set_xsave(id, b, 4096), EINVAL, "size 4096");
    b[0] = b[1] = 0;
    assert_int_equal(set_xsave(id, b, 16), 0);
    b[0] = b[1] = 7;
    assert_int_equal(set_xsave(id, b, 16 + 832), 0);
    b[1] = 3;
    assert_refused(set_xsave(id, b, 16 + 576), EINVAL, "validate_xstate"); /* xcr0 beyond accum */
    b[0] = 2;
    assert_refused(set_xsave(id, b, 16 + 576), EINVAL, "validate_xstate"); /* no x87 */
    b[0] = b[1] = 5;
    assert_refused(set_xsave(id, b, 16 + 832), EINVAL, "validate_xstate"); /* AVX without SSE */
    b[0] = b[1] = 0x67;
    assert_refused(set_xsave(id, b, 16 + 1664), EINVAL, "validate_xstate"); /* half of AVX-512 */
    b[0] = b[1] = 0x1b;
    assert_refused(set_xsave(id, b, 16 + 1088), EINVAL, "validate_xstate"); /* MPX: not on this host */
    b[0] = b[1] = 3;
    b[header] = 4;
    assert_refused(set_xsave(id, b, 16 + 576), EINVAL, "validate_xstate"); /* xstate_bv beyond accum */
    b[header] = 3;
    b[header + 1] = 1ull << 63;
    assert_refused(set_xsave(id, b, 16 + 576), EOPNOTSUPP, "xcomp_bv");
    b[header + 1] = 0;
    b[header + 7] = 1;
    assert_refused(set_xsave(id, b, 16 + 576), EIO, "reserved");
}

static long set_msrs(uint16_t id, uint32_t index, uint32_t reserved, uint64_t value, uint32_t count) {
    xen_domctl_vcpu_msr_t m[12] = {{.index = index, .reserved = reserved, .value = value}};
    struct xen_domctl op = {.u.vcpu_msrs.msr_count = count};

    for (uint32_t i = 1; i < count && i < 12; i++)
        m[i] = m[0];
    op.u.vcpu_msrs.msrs.p = m;
    return domctl(XEN_DOMCTL_set_vcpu_msrs, id, &op);
}

static void msrs(void **state) {
    uint16_t id = make_domain(false, 1);
    struct sim_vcpu v;

    (void)state;
    assert_int_equal(set_msrs(id, 0xc0000103, 0, 5, 1), 0);
    assert_true(sim_domain_vcpu(id, 0, &v));
    assert_int_equal(v.msrs_len, 16);
    assert_int_equal(set_msrs(id, 0xc0000103, 0, 5, 11), 0);
    assert_refused(set_msrs(id, 0xc0000103, 0, 5, 12), EINVAL, "12 entries");
    assert_refused(set_msrs(id, 0xc0000103, 1, 5, 1), EINVAL, "entry 0");
    assert_refused(set_msrs(id, 0xc0000103, 0, 1ull << 32, 1), EINVAL, "entry 0");
    assert_refused(set_msrs(id, 0xc0000080, 0, 0, 1), EINVAL, "entry 0");
    assert_int_equal(set_msrs(id, 0x48, 0, 1, 1), 0);
    assert_refused(set_msrs(id, 0x48, 0, 1ull << 20, 1), EINVAL, "entry 0");
    assert_int_equal(set_msrs(id, 0x140, 0, 1, 1), 0);
    assert_refused(set_msrs(id, 0x140, 0, 2, 1), EINVAL, "entry 0");
    assert_int_equal(set_msrs(id, 0xc0011027, 0, 0xffffffff, 1), 0);
    assert_refused(set_msrs(id, 0xc0011019, 0, 1ull << 32, 1), EINVAL, "entry 0");
    assert_refused(set_msrs(make_domain(true, 1), 0x48, 0, 1, 1), EINVAL, "set_vcpu_msrs");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        RULE(context_is_taken),
        RULE(context_addresses),
        RULE(context_tables),
        RULE(gdt_is_not_writable),
        RULE(extended),
        RULE(xsave),
        RULE(msrs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
