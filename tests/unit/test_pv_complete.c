/* SPDX-License-Identifier: MIT */
#include "pv_guest.h"

static struct guest g;

/* Where the fields of a context lie in a stream: BODY_AT, record head, offset in the blob. */
#define FIELD(offset) (BODY_AT + 8 + (offset))

static enum xv_code complete(void) {
    bool good = xv_pv_complete(g.p, 5);

    assert_int_equal(good, g.p->report.code == XV_ACCEPTED);
    return g.p->report.code;
}

/* The standard guest completes after this change of its context or pages, or not. */
static enum xv_code completes(void) {
    enum xv_code code = send_basic(&g, 0);

    return code == XV_ACCEPTED ? complete() : code;
}

static void good(void **state) {
    (void)state;

    for (uint8_t width = 4; width <= 8; width = (uint8_t)(width + 4)) {
        guest_sent(&g, width);
        assert_int_equal(completes(), XV_ACCEPTED);
        xv_pv_checkpoint(g.p); /* once more, as a checkpointed stream does */
        assert_int_equal(complete(), XV_VCPU_MISSING);
        forgive(&g);
        assert_int_equal(completes(), XV_ACCEPTED);
        guest_end(&g);
    }
}

static void missing(void **state) {
    (void)state;

    guest_sent(&g, 8);
    assert_int_equal(complete(), XV_VCPU_MISSING);
    assert_int_equal(g.p->report.offset, 5);
    guest_end(&g);
}

/* A checkpoint has every vCPU that the one before it had. */
static void lost(void **state) {
    static const uint32_t ids[] = {1, 7, 8, XV_MAX_VCPUS_PV - 1};
    (void)state;

    for (unsigned i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
        guest_sent(&g, 8);
        g.p->policy.max_vcpus = XV_MAX_VCPUS_PV;
        g.p->policy.tolerate = XV_TOLERATE_SPARSE_VCPUS;
        assert_int_equal(completes(), XV_ACCEPTED);
        xv_pv_checkpoint(g.p);
        assert_int_equal(send_basic(&g, 0), XV_ACCEPTED);
        assert_int_equal(send_basic(&g, ids[i]), XV_ACCEPTED); /* one more than before */
        assert_int_equal(complete(), XV_ACCEPTED);
        xv_pv_checkpoint(g.p);
        assert_int_equal(completes(), XV_VCPU_MISSING);
        assert_int_equal(g.p->report.offset, 5);
        guest_end(&g);
    }
}

/* A frame of the p2m is an ordinary page. */
static void p2m(void **state) {
    (void)state;

    guest_sent(&g, 8);
    assert_int_equal(send_page(&g, 1, P2M), XV_ACCEPTED);
    assert_int_equal(completes(), XV_P2M_FRAME_TYPE);
    assert_int_equal(g.p->report.offset, 5);
    guest_end(&g);
}

static void unsent(void **state) {
    (void)state;

    for (unsigned kind = 0; kind < 4; kind++) {
        guest_pv(&g, 8);
        set_pte(&g, L1, 9, (uint64_t)(MAX_PFN + 1) << 12 | 1);
        g.p->sum.max_pfn = MAX_PFN + 1;
        send_all(&g);
        if (kind == 1) /* it came after all */
            assert_int_equal(send_page(&g, 0, MAX_PFN + 1), XV_ACCEPTED);
        if (kind == 2) /* a live stream: the table may be an old one */
            assert_int_equal(send_page(&g, 0, 11), XV_ACCEPTED);
        if (kind == 3)
            g.p->policy.tolerate = XV_TOLERATE_STALE_PTE;
        assert_int_equal(completes(), kind == 0 ? XV_PTE_UNSENT : XV_ACCEPTED);
        assert_int_equal(g.p->sum.tolerated, kind == 3 ? XV_TOLERATE_STALE_PTE : 0);
        guest_end(&g);
    }
}

/* Puts a value into a field of the context, a word of the guest's width. */
static void set_word(uint32_t offset, uint64_t value) {
    if (g.p->pv.width == 8)
        put64(g.context + offset, value);
    else
        put32(g.context + offset, (uint32_t)value);
}

/* The verdict on a context with one field changed. */
static enum xv_code with(uint8_t width, uint32_t offset, uint64_t value) {
    enum xv_code code;

    guest_sent(&g, width);
    assert_int_equal(send_page(&g, 0xe, 20), XV_ACCEPTED); /* XALLOC: memory, but no contents */
    set_word(offset, value);
    code = send_basic(&g, 0);
    if (code != XV_ACCEPTED) {
        assert_int_equal(g.p->report.offset, FIELD(offset));
        assert_int_equal(g.p->report.found, value);
    }
    guest_end(&g);
    return code;
}

static void flags(void **state) {
    (void)state;

    for (unsigned bit = 0; bit < 32; bit++) {
        uint32_t value = 4u | 1u << bit;
        enum xv_code want = bit == 0 || (bit >= 2 && bit <= 5) ? XV_ACCEPTED : XV_VCPU_FLAGS;

        assert_int_equal(with(8, 512, value), want);
        assert_int_equal(with(4, 512, value), want);
    }
    assert_int_equal(with(8, 512, (uint64_t)1 << 32), XV_VCPU_FLAGS);
}

static void gdt(void **state) {
    static const struct {
        uint8_t width;
        uint32_t ents, frames, word;
    } rows[] = {{8, 4960, 4832, 8}, {4, 2704, 2640, 4}};
    (void)state;

    for (unsigned i = 0; i < 2; i++) {
        uint8_t width = rows[i].width;
        uint32_t frames = rows[i].frames;

        assert_int_equal(with(width, rows[i].ents, 0), XV_ACCEPTED);
        assert_int_equal(with(width, rows[i].ents, 7169), XV_GDT_ENTS);
        guest_sent(&g, width); /* without entries no frame is in use */
        set_word(rows[i].ents, 0);
        set_word(frames, MAX_PFN + 1);
        assert_int_equal(send_basic(&g, 0), XV_ACCEPTED);
        guest_end(&g);
        assert_int_equal(with(width, frames, MAX_PFN), XV_ACCEPTED);
        assert_int_equal(with(width, frames, MAX_PFN + 1), XV_GDT_FRAME);
        assert_int_equal(with(width, frames, L1), XV_GDT_FRAME);
        assert_int_equal(with(width, frames, 20), XV_GDT_FRAME);
        assert_int_equal(with(width, frames + rows[i].word, MAX_PFN + 1), XV_ACCEPTED); /* not in use */
        guest_sent(&g, width);                                                          /* 7168 entries are 14 frames */
        set_word(rows[i].ents, 7168);
        for (uint32_t n = 0; n < 14; n++)
            set_word(frames + rows[i].word * n, 11 + n % 9);
        assert_int_equal(send_basic(&g, 0), XV_ACCEPTED);
        set_word(frames + rows[i].word * 13, TOP);
        assert_int_equal(send_basic(&g, 1), XV_GDT_FRAME);
        guest_end(&g);
        guest_sent(&g, width); /* 513 entries are 2 frames */
        set_word(rows[i].ents, 513);
        set_word(frames + rows[i].word, TOP);
        assert_int_equal(send_basic(&g, 0), XV_GDT_FRAME);
        guest_end(&g);
    }
    assert_int_equal(with(8, 4960, (uint64_t)1 << 32 | 512), XV_GDT_ENTS);
}

static void cr3(void **state) {
    (void)state;

    assert_int_equal(with(8, 4984 + 24, (uint64_t)USER << 12), XV_ACCEPTED);
    assert_int_equal(with(8, 4984 + 24, (uint64_t)TOP << 12 | 1), XV_CR3);
    assert_int_equal(with(8, 4984 + 24, (uint64_t)L3 << 12), XV_CR3);
    assert_int_equal(with(8, 4984 + 24, (uint64_t)(MAX_PFN + 1) << 12), XV_CR3);
    assert_int_equal(with(8, 4984 + 24, UINT64_MAX & ~0xfffull), XV_CR3);
    assert_int_equal(with(4, 2716 + 12, (uint64_t)L2 << 12), XV_CR3);
    assert_int_equal(with(4, 2716 + 12, (uint64_t)TOP << 12 | 1), XV_CR3); /* bit 20 of a pfn */
}

/* A 32-bit guest's cr3 has the top 12 bits of the pfn at its bottom, a 64-bit guest's has nothing there. */
static void cr3_high(void **state) {
    static uint64_t frames[2049];
    (void)state;

    for (uint32_t i = 0; i < 2049; i++)
        frames[i] = i;
    guest_begin(&g, (uint64_t)1 << 21, false);
    assert_int_equal(send_info(&g, 4, 3), XV_ACCEPTED);
    assert_int_equal(send_p2m(&g, 0, 1 << 20, frames, 1025), XV_ACCEPTED);
    assert_int_equal(send_page(&g, 0xb, 1 << 20), XV_ACCEPTED);
    assert_int_equal(send_page(&g, 0, GDT), XV_ACCEPTED);
    set_context(&g);
    set_word(2716 + 12, 1);
    assert_int_equal(send_basic(&g, 0), XV_ACCEPTED);
    guest_end(&g);
    guest_begin(&g, (uint64_t)1 << 21, false);
    assert_int_equal(send_info(&g, 8, 4), XV_ACCEPTED);
    assert_int_equal(send_p2m(&g, 0, 1 << 20, frames, 2049), XV_ACCEPTED);
    assert_int_equal(send_page(&g, 0xc, 1 << 20), XV_ACCEPTED);
    assert_int_equal(send_page(&g, 0, GDT), XV_ACCEPTED);
    set_context(&g);
    set_word(4984 + 8, (uint64_t)1 << 32 | 1);
    set_word(4984 + 24, (uint64_t)1 << 32);
    assert_int_equal(send_basic(&g, 0), XV_ACCEPTED);
    set_word(4984 + 24, 1);
    assert_int_equal(send_basic(&g, 1), XV_CR3);
    guest_end(&g);
}

static void cr1(void **state) {
    (void)state;

    assert_int_equal(with(8, 4984 + 8, (uint64_t)TOP << 12 | 1), XV_ACCEPTED);
    assert_int_equal(with(8, 4984 + 8, 0), XV_ACCEPTED);              /* in the kernel: bit 2 of the flags */
    assert_int_equal(with(8, 4984 + 8, (uint64_t)TOP << 12), XV_CR1); /* would be passed on as it is */
    assert_int_equal(with(8, 4984 + 8, (uint64_t)TOP << 12 | 3), XV_CR1);
    assert_int_equal(with(8, 4984 + 8, (uint64_t)L3 << 12 | 1), XV_CR1);
    assert_int_equal(with(8, 4984 + 8, (uint64_t)(MAX_PFN + 1) << 12 | 1), XV_CR1);
    assert_int_equal(with(4, 2716 + 4, 0xabc), XV_ACCEPTED); /* 32-bit guests have none */
    guest_sent(&g, 8);
    set_word(512, 0x21); /* in user mode */
    assert_int_equal(send_basic(&g, 0), XV_ACCEPTED);
    set_word(4984 + 8, 0);
    assert_int_equal(send_basic(&g, 1), XV_CR1);
    guest_end(&g);
}

static void addresses(void **state) {
    static const uint32_t fields[] = {648, 672, 4976, 5112, 5120, 5128, 5144, 5152, 5160, 720 + 8, 720 + 16 * 255 + 8};
    (void)state;

    for (unsigned i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        assert_int_equal(with(8, fields[i], 0x00007fffffffffff), XV_ACCEPTED);
        assert_int_equal(with(8, fields[i], 0x0000800000000000), XV_VCPU_CONTEXT);
        assert_int_equal(with(8, fields[i], 0xffff7fffffffffff), XV_VCPU_CONTEXT);
        assert_int_equal(with(8, fields[i], 0xffff800000000000), XV_ACCEPTED);
    }
}

static void registers(void **state) {
    (void)state;

    assert_int_equal(with(8, 4816, 0x1000), XV_ACCEPTED); /* ldt_base */
    assert_int_equal(with(8, 4816, 0x1001), XV_VCPU_CONTEXT);
    assert_int_equal(with(8, 4816, 0xffff800000000000), XV_VCPU_CONTEXT);
    assert_int_equal(with(8, 4816, 0xffff87fffffff000), XV_VCPU_CONTEXT);
    assert_int_equal(with(8, 4816, 0xffff880000000000), XV_ACCEPTED);
    assert_int_equal(with(8, 4816, 0x0000800000000000), XV_VCPU_CONTEXT); /* although it has no entries */
    assert_int_equal(with(8, 4816, 0x00007ffffffff000), XV_ACCEPTED);
    assert_int_equal(with(4, 2632, 0xf5800000), XV_ACCEPTED);
    assert_int_equal(with(4, 2632, 0xf5800800), XV_VCPU_CONTEXT);
    assert_int_equal(with(8, 4824, 8192), XV_ACCEPTED); /* ldt_ents */
    assert_int_equal(with(8, 4824, 8193), XV_VCPU_CONTEXT);
    assert_int_equal(with(4, 2636, 8192), XV_ACCEPTED);
    assert_int_equal(with(4, 2636, 8193), XV_VCPU_CONTEXT);
    guest_sent(&g, 8);
    set_word(4824, 1);
    set_word(4816, 0x0000800000000000);
    assert_int_equal(send_basic(&g, 0), XV_VCPU_CONTEXT);
    guest_end(&g);
    for (uint32_t i = 0; i < 4; i++) {
        assert_int_equal(with(8, 5048 + 8 * i, 0xffff7fffffffffff), XV_ACCEPTED); /* dr0 .. dr3 */
        assert_int_equal(with(8, 5048 + 8 * i, 0xffff800000000000), XV_VCPU_CONTEXT);
        assert_int_equal(with(8, 5048 + 8 * i, 0xffff87ffffffffff), XV_VCPU_CONTEXT);
        assert_int_equal(with(8, 5048 + 8 * i, 0xffff880000000000), XV_ACCEPTED);
    }
    assert_int_equal(with(8, 5048 + 8 * 4, 0xffff800000000000), XV_ACCEPTED);
    assert_int_equal(with(8, 5048 + 8 * 5, 0xffff800000000000), XV_ACCEPTED);
    assert_int_equal(with(8, 5048 + 8 * 6, UINT32_MAX), XV_ACCEPTED);
    assert_int_equal(with(8, 5048 + 8 * 6, (uint64_t)1 << 32), XV_VCPU_CONTEXT);
    assert_int_equal(with(8, 5048 + 8 * 7, (uint64_t)1 << 32), XV_VCPU_CONTEXT);
    assert_int_equal(with(8, 5136, (uint64_t)1 << 32 | 0x3f), XV_ACCEPTED); /* vm_assist */
    assert_int_equal(with(8, 5136, 0x40), XV_VCPU_CONTEXT);
    assert_int_equal(with(8, 5136, (uint64_t)1 << 33), XV_VCPU_CONTEXT);
    assert_int_equal(with(4, 2796, 0x3f), XV_ACCEPTED);
    assert_int_equal(with(4, 2796, 0x40), XV_VCPU_CONTEXT);
    assert_int_equal(with(4, 556, 0x3246), XV_ACCEPTED); /* eflags */
    assert_int_equal(with(4, 556, 0x23246), XV_VCPU_CONTEXT);
    assert_int_equal(with(8, 664, 0x23246), XV_ACCEPTED); /* Xen clears it */
}

/* The same tests with start_info elsewhere. */
static enum xv_code with_info(uint8_t width, uint64_t pfn) {
    enum xv_code code;

    guest_sent(&g, width);
    assert_int_equal(send_page(&g, 0xe, 20), XV_ACCEPTED);
    set_word(width == 8 ? 616 : 524, pfn);
    code = completes();
    if (code != XV_ACCEPTED) {
        assert_int_equal(g.p->report.offset, FIELD(width == 8 ? 616 : 524));
        assert_int_equal(g.p->report.found, pfn);
    }
    guest_end(&g);
    return code;
}

static void start_info(void **state) {
    (void)state;

    for (uint8_t width = 4; width <= 8; width = (uint8_t)(width + 4)) {
        assert_int_equal(with_info(width, INFO), XV_ACCEPTED);
        assert_int_equal(with_info(width, MAX_PFN + 1), XV_START_INFO);
        assert_int_equal(with_info(width, TOP), XV_START_INFO);
        assert_int_equal(with_info(width, 20), XV_START_INFO);
        assert_int_equal(with_info(width, width == 8 ? UINT64_MAX : UINT32_MAX), XV_START_INFO);
        assert_int_equal(with_info(width, MAX_PFN), XV_START_INFO_STORE); /* names no rings */
    }
    assert_int_equal(with_info(8, (uint64_t)1 << 44 | INFO), XV_START_INFO);
}

/* The rings of the standard guest's start_info, with or without its magic. */
static enum xv_code with_rings(uint8_t width, bool magic, uint64_t store, uint64_t console) {
    enum xv_code code;

    guest_pv(&g, width);
    set_rings(&g, INFO, store, console);
    if (magic)
        memcpy(g.pages[INFO], "xen-3.0-x86_64", 14);
    send_all(&g);
    assert_int_equal(send_page(&g, 0xf, 20), XV_ACCEPTED);
    code = completes();
    guest_end(&g);
    return code;
}

static void rings(void **state) {
    (void)state;

    for (unsigned i = 0; i < 4; i++) {
        uint8_t width = i % 2 ? 8 : 4;
        bool magic = i >= 2;

        assert_int_equal(with_rings(width, magic, STORE, CONSOLE), XV_ACCEPTED);
        assert_int_equal(with_rings(width, magic, MAX_PFN, MAX_PFN - 1), XV_ACCEPTED);
        assert_int_equal(with_rings(width, magic, MAX_PFN + 1, CONSOLE), XV_START_INFO_STORE);
        assert_int_equal(with_rings(width, magic, 0, CONSOLE), XV_START_INFO_STORE);
        assert_int_equal(with_rings(width, magic, TOP, CONSOLE), XV_START_INFO_STORE);
        assert_int_equal(with_rings(width, magic, 20, CONSOLE), XV_START_INFO_STORE);
        assert_int_equal(with_rings(width, magic, STORE, MAX_PFN + 1),
                         magic ? XV_START_INFO_CONSOLE : XV_START_INFO_STORE);
        assert_int_equal(with_rings(width, magic, STORE, 0), magic ? XV_START_INFO_CONSOLE : XV_START_INFO_STORE);
        assert_int_equal(with_rings(width, magic, STORE, L1), XV_START_INFO_CONSOLE);
        assert_int_equal(with_rings(width, magic, STORE, STORE), magic ? XV_START_INFO_RINGS : XV_START_INFO_STORE);
        assert_int_equal(with_rings(width, magic, INFO, CONSOLE), XV_START_INFO_RINGS);
        assert_int_equal(with_rings(width, magic, STORE, INFO), XV_START_INFO_RINGS);
        assert_int_equal(with_rings(width, magic, P2M, CONSOLE), XV_START_INFO_RINGS);
        assert_int_equal(with_rings(width, magic, STORE, P2M), XV_START_INFO_RINGS);
    }
    assert_int_equal(with_rings(8, true, (uint64_t)1 << 32 | STORE, CONSOLE), XV_START_INFO_STORE);
    assert_int_equal(with_rings(8, true, STORE, (uint64_t)1 << 32 | CONSOLE), XV_START_INFO_CONSOLE);
}

static void info_is_p2m(void **state) {
    const uint64_t frame = INFO;
    (void)state;

    guest_begin(&g, 4096, false);
    assert_int_equal(send_info(&g, 8, 4), XV_ACCEPTED);
    assert_int_equal(send_p2m(&g, 0, MAX_PFN, &frame, 1), XV_ACCEPTED);
    set_rings(&g, INFO, STORE, CONSOLE);
    set_context(&g);
    send_all(&g);
    assert_int_equal(completes(), XV_START_INFO_RINGS);
    guest_end(&g);
}

/* Two pages 4096 apart want one slot. */
static void slots(void **state) {
    const uint64_t frames[] = {P2M, 11, 12, 13, 14, 15, 16, 17, 18};
    (void)state;

    for (unsigned kind = 0; kind < 6; kind++) {
        static const enum xv_code want[] = {XV_ACCEPTED,         XV_START_INFO_STORE, XV_ACCEPTED,
                                            XV_START_INFO_STORE, XV_ACCEPTED,         XV_START_INFO_STORE};
        bool magic = kind == 2 || kind == 3, other_magic = kind == 3;

        guest_begin(&g, 8192, false);
        assert_int_equal(send_info(&g, 8, 4), XV_ACCEPTED);
        assert_int_equal(send_p2m(&g, 0, 4200, frames, 9), XV_ACCEPTED);
        set_context(&g);
        set_rings(&g, INFO, STORE, CONSOLE);
        if (magic)
            memcpy(g.pages[INFO], "xen-", 4);
        send_all(&g);
        if (!other_magic)
            memset(g.pages[INFO], 0, 4);
        if (kind == 0) /* the other page looks like nothing */
            set_rings(&g, INFO, 0, CONSOLE);
        if (kind == 4) /* a page that was sent before start_info gives way */
            set_rings(&g, INFO, 5, 6);
        if (kind != 5)
            assert_int_equal(send_page(&g, 0, 4096 + INFO), XV_ACCEPTED);
        if (kind == 4) {
            set_rings(&g, INFO, STORE, CONSOLE);
            assert_int_equal(send_page(&g, 0, INFO), XV_ACCEPTED);
        }
        if (kind == 5) { /* start_info itself, sent again as something else */
            set_rings(&g, INFO, 0, 0);
            assert_int_equal(send_page(&g, 0, INFO), XV_ACCEPTED);
        }
        assert_int_equal(completes(), want[kind]);
        guest_end(&g);
    }
}

/* What a page with magic was, before it was sent again as something else, keeps no other page out of its slot. */
static void slot_left(void **state) {
    const uint64_t frames[] = {P2M, 11, 12, 13, 14, 15, 16, 17, 18};
    (void)state;

    guest_begin(&g, 8192, false);
    assert_int_equal(send_info(&g, 8, 4), XV_ACCEPTED);
    assert_int_equal(send_p2m(&g, 0, 4200, frames, 9), XV_ACCEPTED);
    set_context(&g);
    set_word(616, 4096 + INFO);
    memcpy(g.pages[INFO], "xen-", 4);
    set_rings(&g, INFO, STORE, CONSOLE);
    send_all(&g);
    memset(g.pages[INFO], 0, 4096);
    assert_int_equal(send_page(&g, 0, INFO), XV_ACCEPTED);
    set_rings(&g, INFO, STORE, CONSOLE);
    assert_int_equal(send_page(&g, 0, 4096 + INFO), XV_ACCEPTED);
    assert_int_equal(completes(), XV_ACCEPTED);
    guest_end(&g);
}

/* The last contents of start_info count, also with magic. */
static void sent_again(void **state) {
    (void)state;

    guest_sent(&g, 8);
    g.p->libxc.state = XV_S_MEMORY;
    memcpy(g.pages[INFO], "xen-", 4);
    set_rings(&g, INFO, STORE, 11);
    assert_int_equal(send_page(&g, 0, INFO), XV_ACCEPTED);
    assert_int_equal(send_page(&g, 1, 11), XV_ACCEPTED);
    assert_int_equal(completes(), XV_START_INFO_CONSOLE);
    assert_int_equal(g.p->report.found, 11);
    guest_end(&g);
    guest_sent(&g, 8); /* and if those before had magic */
    g.p->libxc.state = XV_S_MEMORY;
    memcpy(g.pages[INFO], "xen-", 4);
    set_rings(&g, INFO, STORE, 0);
    assert_int_equal(send_page(&g, 0, INFO), XV_ACCEPTED);
    memset(g.pages[INFO], 0, 4);
    set_rings(&g, INFO, STORE, CONSOLE);
    assert_int_equal(send_page(&g, 0, INFO), XV_ACCEPTED);
    assert_int_equal(completes(), XV_ACCEPTED);
    guest_end(&g);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good),       cmocka_unit_test(missing),    cmocka_unit_test(lost),
        cmocka_unit_test(p2m),        cmocka_unit_test(unsent),     cmocka_unit_test(flags),
        cmocka_unit_test(gdt),        cmocka_unit_test(cr3),        cmocka_unit_test(cr3_high),
        cmocka_unit_test(cr1),        cmocka_unit_test(addresses),  cmocka_unit_test(registers),
        cmocka_unit_test(start_info), cmocka_unit_test(rings),      cmocka_unit_test(slots),
        cmocka_unit_test(slot_left),  cmocka_unit_test(sent_again), cmocka_unit_test(info_is_p2m),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
