/* SPDX-License-Identifier: MIT */
#include "pv_guest.h"

#define XSAVE_HEAD (16u + 576u)

static struct guest g;

/* A guest with memory and vCPU 0's VCPU_BASIC. */
static void begin(uint8_t width) {
    guest_sent(&g, width);
    assert_int_equal(send_basic(&g, 0), XV_ACCEPTED);
}

static void ids(void **state) {
    (void)state;

    guest_sent(&g, 8);
    g.p->policy.max_vcpus = 2;
    assert_int_equal(send_basic(&g, 0), XV_ACCEPTED);
    assert_int_equal(send_basic(&g, 1), XV_ACCEPTED);
    assert_int_equal(send_basic(&g, 2), XV_VCPU_ID);
    assert_int_equal(g.p->report.offset, BODY_AT);
    assert_int_equal(g.p->report.allowed_max, 1);
    assert_int_equal(g.p->sum.vcpus, 2);
    forgive(&g);
    assert_false(xv_vcpu_begin(g.p, XV_VCPU_BASIC, 2, 5)); /* the same without records */
    assert_int_equal(g.p->report.code, XV_VCPU_ID);
    assert_int_equal(g.p->report.offset, 5);
    forgive(&g);
    g.p->policy.max_vcpus = XV_MAX_VCPUS_PV;
    g.p->policy.tolerate = XV_TOLERATE_SPARSE_VCPUS;
    assert_int_equal(send_basic(&g, XV_MAX_VCPUS_PV), XV_VCPU_ID);
    forgive(&g);
    assert_int_equal(send_basic(&g, XV_MAX_VCPUS_PV - 1), XV_ACCEPTED);
    assert_int_equal(send_basic(&g, UINT32_MAX), XV_VCPU_ID);
    guest_end(&g);
}

static void ids_by_config(void **state) {
    (void)state;

    begin(8);
    g.p->config.present = true;
    g.p->sum.config_max_vcpus = 3;
    assert_int_equal(send_basic(&g, 3), XV_CONFIG_VCPUS);
    forgive(&g);
    assert_int_equal(send_basic(&g, 2), XV_ACCEPTED); /* the configuration knows vCPU 1, which is offline */
    assert_int_equal(send_basic(&g, 1), XV_VCPU_ORDER);
    guest_end(&g);
}

static void order(void **state) {
    (void)state;

    begin(8);
    assert_int_equal(send_basic(&g, 2), XV_VCPU_ORDER);
    forgive(&g);
    g.p->policy.tolerate = XV_TOLERATE_SPARSE_VCPUS;
    assert_int_equal(send_basic(&g, 1), XV_ACCEPTED);
    assert_int_equal(g.p->sum.tolerated, 0); /* no gap yet */
    assert_int_equal(send_basic(&g, 3), XV_ACCEPTED);
    assert_int_equal(g.p->sum.tolerated, XV_TOLERATE_SPARSE_VCPUS);
    assert_int_equal(send_basic(&g, 2), XV_VCPU_ORDER);
    guest_end(&g);
}

static void reserved(void **state) {
    static uint8_t body[8 + 5168];
    (void)state;

    guest_sent(&g, 8);
    memcpy(body + 8, g.context, 5168);
    put32(body + 4, 0x80);
    assert_int_equal(run(g.p, xv_vcpu_basic_body, 8, body, sizeof(body)), XV_VCPU_RESERVED);
    assert_int_equal(g.p->report.offset, BODY_AT + 4);
    for (size_t length = 0; length < 8; length++) { /* less than a header */
        forgive(&g);
        assert_int_equal(run(g.p, xv_vcpu_basic_body, 8, body, length), XV_VCPU_LENGTH);
        assert_int_equal(g.p->report.offset, BODY_AT - 4);
    }
    guest_end(&g);
}

static void multiplicity(void **state) {
    static const uint8_t ext[32] = {0, 0, 0, 0, 32}, xsave[16], msr[16] = {0x48};
    (void)state;

    guest_sent(&g, 8);
    assert_int_equal(send_vcpu(&g, xv_vcpu_extended_body, 0, ext, 32), XV_VCPU_NO_BASIC);
    forgive(&g);
    assert_int_equal(send_vcpu(&g, xv_vcpu_xsave_body, 0, xsave, 16), XV_VCPU_NO_BASIC);
    forgive(&g);
    assert_int_equal(send_vcpu(&g, xv_vcpu_msrs_body, 0, msr, 16), XV_VCPU_NO_BASIC);
    forgive(&g);
    for (int again = 0; again < 2; again++) {
        enum xv_code want = again ? XV_VCPU_REPEATED : XV_ACCEPTED;

        assert_int_equal(send_basic(&g, 0), want);
        forgive(&g);
        assert_int_equal(send_vcpu(&g, xv_vcpu_extended_body, 0, ext, 32), want);
        forgive(&g);
        assert_int_equal(send_vcpu(&g, xv_vcpu_xsave_body, 0, xsave, 16), want);
        forgive(&g);
        assert_int_equal(send_vcpu(&g, xv_vcpu_msrs_body, 0, msr, 16), want);
        forgive(&g);
    }
    assert_int_equal(send_vcpu(&g, xv_vcpu_msrs_body, 1, msr, 16), XV_VCPU_NO_BASIC);
    forgive(&g);
    xv_pv_checkpoint(g.p); /* all come again */
    assert_int_equal(send_basic(&g, 0), XV_ACCEPTED);
    assert_int_equal(send_vcpu(&g, xv_vcpu_msrs_body, 0, msr, 16), XV_ACCEPTED);
    guest_end(&g);
}

static void empty(void **state) {
    xv_body *const bodies[] = {xv_vcpu_extended_body, xv_vcpu_xsave_body, xv_vcpu_msrs_body};
    static const uint8_t msr[16] = {0x48};
    (void)state;

    begin(8);
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(send_vcpu(&g, bodies[i], 0, NULL, 0), XV_VCPU_EMPTY);
        forgive(&g);
    }
    assert_int_equal(send_basic(&g, 1), XV_ACCEPTED);
    g.p->policy.tolerate = XV_TOLERATE_EMPTY_VCPU;
    for (unsigned i = 0; i < 3; i++)
        assert_int_equal(send_vcpu(&g, bodies[i], 0, NULL, 0), XV_ACCEPTED);
    assert_int_equal(g.p->sum.tolerated, XV_TOLERATE_EMPTY_VCPU);
    assert_int_equal(send_vcpu(&g, bodies[2], 0, msr, 16), XV_ACCEPTED); /* as if it had not come */
    assert_int_equal(send_vcpu(&g, bodies[2], 0, NULL, 0), XV_ACCEPTED);
    assert_int_equal(send_vcpu(&g, bodies[2], 2, NULL, 0), XV_VCPU_NO_BASIC);
    forgive(&g);
    assert_int_equal(send_vcpu(&g, xv_vcpu_basic_body, 2, NULL, 0), XV_VCPU_EMPTY); /* no writer's */
    guest_end(&g);
}

static void lengths(void **state) {
    static uint8_t blob[5169];
    (void)state;

    for (uint8_t width = 4; width <= 8; width = (uint8_t)(width + 4)) {
        size_t size = width == 8 ? 5168 : 2800;

        guest_sent(&g, width);
        memcpy(blob, g.context, 5168);
        assert_int_equal(send_vcpu(&g, xv_vcpu_basic_body, 0, blob, size - 1), XV_VCPU_LENGTH);
        guest_end(&g);
        guest_sent(&g, width);
        assert_int_equal(send_vcpu(&g, xv_vcpu_basic_body, 0, blob, size + 1), XV_VCPU_LENGTH);
        guest_end(&g);
        guest_sent(&g, width);
        assert_int_equal(send_vcpu(&g, xv_vcpu_basic_body, 0, blob, size), XV_ACCEPTED);
        guest_end(&g);
    }
}

/* Sends one record of vCPU 0 in a fresh guest. */
static enum xv_code one(xv_body *body, const uint8_t *blob, size_t n) {
    enum xv_code code;

    begin(8);
    code = send_vcpu(&g, body, 0, blob, n);
    guest_end(&g);
    return code;
}

static void extended_sizes(void **state) {
    static uint8_t blob[129];
    (void)state;

    for (uint32_t length = 31; length <= 129; length++) {
        put32(blob + 4, 32);
        assert_int_equal(one(xv_vcpu_extended_body, blob, length),
                         length < 32 || length > 128 ? XV_VCPU_LENGTH : XV_ACCEPTED);
    }
    for (uint32_t size = 0; size <= 66; size++) {
        bool good = size == 32 || size == 40 || size == 56 || size == 64;

        put32(blob + 4, size);
        assert_int_equal(one(xv_vcpu_extended_body, blob, 128), good ? XV_ACCEPTED : XV_EXT_SIZE);
    }
    put32(blob + 4, 64);
    assert_int_equal(one(xv_vcpu_extended_body, blob, 64), XV_ACCEPTED);
    assert_int_equal(one(xv_vcpu_extended_body, blob, 63), XV_EXT_SIZE);
    put32(blob + 4, UINT32_MAX);
    begin(8);
    assert_int_equal(send_vcpu(&g, xv_vcpu_extended_body, 0, blob, 128), XV_EXT_SIZE);
    assert_int_equal(g.p->report.allowed_max, 64);
    guest_end(&g);
    begin(8);
    assert_int_equal(send_vcpu(&g, xv_vcpu_extended_body, 0, blob, 48), XV_EXT_SIZE);
    assert_int_equal(g.p->report.allowed_max, 48);
    guest_end(&g);
}

static void extended_fields(void **state) {
    uint8_t blob[128] = {0, 0, 0, 0, 32};
    (void)state;

    blob[0] = 1;
    assert_int_equal(one(xv_vcpu_extended_body, blob, 128), XV_EXT_ID);
    blob[0] = 0;
    for (unsigned field = 8; field <= 16; field += 8) {
        put64(blob + field, 0x00007fffffffffff);
        assert_int_equal(one(xv_vcpu_extended_body, blob, 128), XV_ACCEPTED);
        put64(blob + field, 0xffff800000000000);
        assert_int_equal(one(xv_vcpu_extended_body, blob, 128), XV_ACCEPTED);
        put64(blob + field, 0x0000800000000000);
        assert_int_equal(one(xv_vcpu_extended_body, blob, 128), XV_EXT_EIP);
        put64(blob + field, 0xffff7fffffffffff);
        assert_int_equal(one(xv_vcpu_extended_body, blob, 128), XV_EXT_EIP);
        put64(blob + field, 0);
    }
    for (unsigned field = 28; field <= 29; field++) {
        blob[field] = 1;
        assert_int_equal(one(xv_vcpu_extended_body, blob, 128), XV_ACCEPTED);
        blob[field] = 2;
        assert_int_equal(one(xv_vcpu_extended_body, blob, 128), XV_EXT_FLAG);
        blob[field] = 0;
    }
    put32(blob + 24, 0xe033e033); /* selectors */
    assert_int_equal(one(xv_vcpu_extended_body, blob, 128), XV_ACCEPTED);
    blob[31] = 1; /* the last octet of a size of 32; behind it all is zero */
    assert_int_equal(one(xv_vcpu_extended_body, blob, 128), XV_ACCEPTED);
    blob[32] = 1;
    assert_int_equal(one(xv_vcpu_extended_body, blob, 128), XV_EXT_TAIL);
    assert_int_equal(one(xv_vcpu_extended_body, blob, 32), XV_ACCEPTED);
    put32(blob + 4, 40);
    assert_int_equal(one(xv_vcpu_extended_body, blob, 128), XV_ACCEPTED);
    blob[127] = 1;
    assert_int_equal(one(xv_vcpu_extended_body, blob, 128), XV_EXT_TAIL);
}

/* Machine-check capabilities begin at 32, if there are any. */
static void extended_vmce(void **state) {
    const uint64_t known = 0x90009ff;
    uint8_t blob[64] = {0, 0, 0, 0, 40};
    (void)state;

    put64(blob + 32, known);
    assert_int_equal(one(xv_vcpu_extended_body, blob, 64), XV_ACCEPTED);
    for (unsigned bit = 0; bit < 64; bit++) {
        put64(blob + 32, known | 1ull << bit);
        assert_int_equal(one(xv_vcpu_extended_body, blob, 64), known >> bit & 1 ? XV_ACCEPTED : XV_EXT_VMCE);
    }
    assert_int_equal(one(xv_vcpu_extended_body, blob, 40), XV_EXT_VMCE);
    blob[4] = 32;
    assert_int_equal(one(xv_vcpu_extended_body, blob, 32), XV_ACCEPTED);
}

static void xsave(void **state) {
    static uint8_t blob[16 + 16385];
    (void)state;

    assert_int_equal(one(xv_vcpu_xsave_body, blob, 16), XV_ACCEPTED); /* never used */
    assert_int_equal(one(xv_vcpu_xsave_body, blob, 15), XV_VCPU_LENGTH);
    assert_int_equal(one(xv_vcpu_xsave_body, blob, 17), XV_XSAVE_SIZE);
    assert_int_equal(one(xv_vcpu_xsave_body, blob, sizeof(blob)), XV_VCPU_LENGTH);
    assert_int_equal(one(xv_vcpu_xsave_body, blob, XSAVE_HEAD), XV_XSAVE_XCR0);
    put64(blob, 3);
    put64(blob + 8, 3);
    assert_int_equal(one(xv_vcpu_xsave_body, blob, XSAVE_HEAD), XV_ACCEPTED);
    assert_int_equal(one(xv_vcpu_xsave_body, blob, XSAVE_HEAD - 1), XV_XSAVE_SIZE);
    assert_int_equal(one(xv_vcpu_xsave_body, blob, XSAVE_HEAD + 1), XV_XSAVE_SIZE);
    put64(blob + 8, 7);
    assert_int_equal(one(xv_vcpu_xsave_body, blob, XSAVE_HEAD + 256), XV_ACCEPTED);
    put64(blob, 7);
    put64(blob + 8, 3);
    assert_int_equal(one(xv_vcpu_xsave_body, blob, XSAVE_HEAD), XV_XSAVE_ACCUM);
    put64(blob, 3);
    put64(blob + 16 + 512, 4); /* xstate_bv */
    assert_int_equal(one(xv_vcpu_xsave_body, blob, XSAVE_HEAD), XV_XSAVE_HEADER);
    put64(blob + 16 + 512, 0);
    blob[16 + 512 + 63] = 1;
    assert_int_equal(one(xv_vcpu_xsave_body, blob, XSAVE_HEAD), XV_XSAVE_HEADER);
}

static const struct {
    uint32_t index;
    uint64_t most;
} msrs[] = {
    {0x48, 0x5ff},
    {0x140, 1},
    {0xc0000103, UINT32_MAX},
    {0xc0011027, UINT32_MAX},
    {0xc0011019, UINT32_MAX},
    {0xc001101a, UINT32_MAX},
    {0xc001101b, UINT32_MAX},
};

static void msr_values(void **state) {
    uint8_t all[7 * 16] = {0}, blob[16] = {0};
    (void)state;

    for (unsigned i = 0; i < 7; i++) {
        put32(all + 16 * i, msrs[i].index);
        put64(all + 16 * i + 8, msrs[i].most);
        put32(blob, msrs[i].index);
        put64(blob + 8, msrs[i].most);
        assert_int_equal(one(xv_vcpu_msrs_body, blob, 16), XV_ACCEPTED);
        put64(blob + 8, msrs[i].most + 1);
        assert_int_equal(one(xv_vcpu_msrs_body, blob, 16), XV_VCPU_MSR_VALUE);
        put32(blob, msrs[i].index ^ 0x80000);
        put64(blob + 8, 0);
        assert_int_equal(one(xv_vcpu_msrs_body, blob, 16), XV_VCPU_MSR_INDEX);
    }
    assert_int_equal(one(xv_vcpu_msrs_body, all, sizeof(all)), XV_ACCEPTED);
}

static void msr_list(void **state) {
    uint8_t blob[8 * 16] = {0};
    (void)state;

    put32(blob, 0x48);
    put32(blob + 16, 0x140);
    assert_int_equal(one(xv_vcpu_msrs_body, blob, 32), XV_ACCEPTED);
    put32(blob + 16, 0x48);
    assert_int_equal(one(xv_vcpu_msrs_body, blob, 32), XV_VCPU_MSR_REPEATED);
    put32(blob, 0x140);
    assert_int_equal(one(xv_vcpu_msrs_body, blob, 32), XV_VCPU_MSR_REPEATED);
    put32(blob + 4, 1);
    assert_int_equal(one(xv_vcpu_msrs_body, blob, 16), XV_VCPU_MSR_RESERVED);
    put32(blob + 4, 0);
    assert_int_equal(one(xv_vcpu_msrs_body, blob, 15), XV_VCPU_LENGTH);
    assert_int_equal(one(xv_vcpu_msrs_body, blob, 24), XV_VCPU_LENGTH);
    assert_int_equal(one(xv_vcpu_msrs_body, blob, 128), XV_VCPU_LENGTH);
}

static struct { uint64_t vcpus, msrs, last; } told;

static void tell(void *context, const struct xv_fact *fact) {
    (void)context;
    told.vcpus += fact->kind == XV_FACT_VCPU;
    told.msrs += fact->kind == XV_FACT_MSR;
    told.last = fact->a;
}

static void facts(void **state) {
    uint8_t blob[16] = {0};
    (void)state;

    begin(8);
    g.p->observer.tell = tell;
    put32(blob, 0xc0000103);
    assert_int_equal(send_vcpu(&g, xv_vcpu_msrs_body, 0, blob, 16), XV_ACCEPTED);
    assert_int_equal(told.vcpus, 1);
    assert_int_equal(told.msrs, 1);
    assert_int_equal(told.last, 0xc0000103);
    assert_int_equal(send_vcpu(&g, xv_vcpu_msrs_body, 0, blob, 16), XV_VCPU_REPEATED);
    assert_int_equal(told.vcpus, 1); /* what is refused is not told */
    guest_end(&g);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ids),           cmocka_unit_test(ids_by_config),  cmocka_unit_test(order),
        cmocka_unit_test(reserved),      cmocka_unit_test(multiplicity),   cmocka_unit_test(empty),
        cmocka_unit_test(lengths),       cmocka_unit_test(extended_sizes), cmocka_unit_test(extended_fields),
        cmocka_unit_test(extended_vmce), cmocka_unit_test(xsave),          cmocka_unit_test(msr_values),
        cmocka_unit_test(msr_list),      cmocka_unit_test(facts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
