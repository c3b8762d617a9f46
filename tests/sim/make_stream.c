/* SPDX-License-Identifier: MIT */
#include "make_stream.h"

#include <stdlib.h>
#include <string.h>

#define PAGE 4096u
enum {
    END,
    PAGE_DATA,
    PV_INFO,
    P2M_FRAMES,
    VCPU_BASIC,
    VCPU_EXTENDED,
    VCPU_XSAVE,
    SHARED_INFO,
    TSC_INFO,
    HVM_CONTEXT,
    HVM_PARAMS,
    VCPU_MSRS = 0xc,
    CHECKPOINT = 0xe,
    STATIC_DATA_END = 0x10,
    CPUID_POLICY,
    MSR_POLICY
};
#define TYPE(t) ((uint64_t)(t) << 60)
#define PIN     8u /* LPINTAB */
#define RW      0x67u
#define RO      0x65u

/* Roles of the low pfns of a PV guest. */
enum { START_INFO = 1, STORE, CONSOLE, P2M, GDT, ROOT, USER_ROOT, LOW_TABLES };

static void add(struct bytes *b, const void *data, size_t n) {
    if (b->n + n > b->room) {
        b->room = (b->n + n) * 2 + PAGE;
        b->p = realloc(b->p, b->room);
        if (!b->p)
            abort();
    }
    if (data)
        memcpy(b->p + b->n, data, n);
    else
        memset(b->p + b->n, 0, n);
    b->n += n;
}

static void u16(struct bytes *b, uint16_t v) {
    add(b, &v, 2);
}
static void u32(struct bytes *b, uint32_t v) {
    add(b, &v, 4);
}
static void u64(struct bytes *b, uint64_t v) {
    add(b, &v, 8);
}

void bytes_free(struct bytes *b) {
    free(b->p);
    *b = (struct bytes){0};
}

static size_t open_record(struct bytes *b, uint32_t type) {
    u32(b, type);
    u32(b, 0);
    return b->n;
}

static void close_record(struct bytes *b, size_t body) {
    uint32_t len = (uint32_t)(b->n - body);

    memcpy(b->p + body - 4, &len, 4);
    add(b, NULL, -len & 7);
}

static void empty_record(struct bytes *b, uint32_t type) {
    close_record(b, open_record(b, type));
}

static void headers(struct bytes *b, uint32_t guest) {
    static const uint8_t image[24] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 'X', 'E', 'N', 'F', 0, 0, 0, 3};

    add(b, image, sizeof(image));
    u32(b, guest);
    u16(b, 12);
    u16(b, 0);
    u32(b, 4);
    u32(b, 17);
}

static void leaf(struct bytes *b, uint32_t l, uint32_t sub, uint32_t a, uint32_t c, uint32_t d) {
    u32(b, l), u32(b, sub), u32(b, a), u32(b, 0), u32(b, c), u32(b, d);
}

/* Enough features for xsave with x87 and SSE, long mode, NX, SYSCALL and TSC_AUX. */
static void static_data(struct bytes *b) {
    size_t r = open_record(b, CPUID_POLICY);

    leaf(b, 0, ~0u, 0xd, 0, 0);
    leaf(b, 1, ~0u, 0x306c3, 1u << 26, 0x0789abff);
    leaf(b, 0xd, 0, 3, 576, 0);
    leaf(b, 0x80000000, ~0u, 0x80000008, 0, 0);
    leaf(b, 0x80000001, ~0u, 0, 1, 1u << 11 | 1u << 20 | 1u << 27 | 1u << 29);
    leaf(b, 0x80000008, ~0u, 0x3030, 0, 0);
    close_record(b, r);
    r = open_record(b, MSR_POLICY);
    u32(b, 0xce), u32(b, 0), u64(b, 0);
    close_record(b, r);
    empty_record(b, STATIC_DATA_END);
}

static void tsc(struct bytes *b) {
    size_t r = open_record(b, TSC_INFO);

    u32(b, 0), u32(b, 2000000), u64(b, 123456789), u32(b, 1), u32(b, 0);
    close_record(b, r);
}

/* ---- PV ---- */

static uint32_t pv_type(bool wide, uint64_t pfn) {
    if (pfn == ROOT || (wide && pfn == USER_ROOT))
        return (wide ? 4 : 3) | PIN;
    if (pfn < LOW_TABLES)
        return 0;
    if (wide) /* +0 L3, +1 L2, +2 L1 */
        return pfn < LOW_TABLES + 3 ? (uint32_t)(3 - (pfn - LOW_TABLES)) : 0;
    return pfn < LOW_TABLES + 4 ? 2 : pfn == LOW_TABLES + 4 ? 1 : 0; /* +0..3 L2, +4 L1 */
}

static void set_entry(uint8_t *page, unsigned int slot, uint64_t pfn, uint64_t flags) {
    uint64_t e = pfn << 12 | flags;

    memcpy(page + 8 * slot, &e, 8);
}

/* The L1 maps the low data pages: those that Xen uses read-only, the rest writable. */
static void fill_l1(uint8_t *page, unsigned int pages, bool wide) {
    for (unsigned int pfn = 0; pfn < pages; pfn++) {
        bool table = pv_type(wide, pfn) != 0;

        set_entry(page, pfn, pfn, table || pfn == GDT ? RO : RW);
    }
    set_entry(page, 511, 0, 0x100); /* not present: its other bits are the guest's */
}

static void pv_page(uint8_t page[PAGE], bool wide, uint64_t pfn, unsigned int pages) {
    uint32_t level = pv_type(wide, pfn) & 7;
    uint64_t store = STORE, console = CONSOLE;

    memset(page, level || pfn == GDT || pfn == START_INFO ? 0 : page_fill(pfn), PAGE);
    if (pfn == START_INFO) {
        memcpy(page + (wide ? 56 : 44), &store, wide ? 8 : 4);
        memcpy(page + (wide ? 72 : 52), &console, wide ? 8 : 4);
    } else if (level == 4) {
        set_entry(page, 0, LOW_TABLES, RW);
    } else if (level == 3) {
        for (unsigned int i = 0; i < (wide ? 1u : 4u); i++)
            set_entry(page, i, (wide ? LOW_TABLES + 1 : LOW_TABLES) + i, wide ? RW : 1);
    } else if (level == 2 && (wide || pfn == LOW_TABLES)) {
        set_entry(page, 0, wide ? LOW_TABLES + 2 : LOW_TABLES + 4, RW);
    } else if (level == 1) {
        fill_l1(page, pages, wide);
    }
}

static void pv_pages(struct bytes *b, bool wide, unsigned int pages) {
    size_t r = open_record(b, PAGE_DATA);
    uint8_t page[PAGE];

    u32(b, pages), u32(b, 0);
    for (uint64_t pfn = 0; pfn < pages; pfn++)
        u64(b, TYPE(pv_type(wide, pfn)) | pfn);
    for (uint64_t pfn = 0; pfn < pages; pfn++) {
        pv_page(page, wide, pfn, pages);
        add(b, page, PAGE);
    }
    close_record(b, r);
}

static void put(uint8_t *at, uint64_t v, size_t n) {
    memcpy(at, &v, n);
}

/* vcpu_guest_context, 64-bit (5168 octets) or 32-bit (2800), by offset. */
static void vcpu_basic(struct bytes *b, bool wide) {
    uint8_t c[5168] = {0};
    size_t r = open_record(b, VCPU_BASIC);

    put(c + 512, 1u << 5 | 4, 4); /* online, in kernel */
    if (wide) {
        put(c + 520 + 128, 0xffffffff81000000ull, 8); /* rip */
        put(c + 616, START_INFO, 8);                  /* rdx */
        put(c + 4832, GDT, 8);
        put(c + 4960, 512, 8);
        put(c + 4976, 0xffffffff81002000ull, 8); /* kernel_sp */
        put(c + 4984 + 24, ROOT << 12, 8);
        put(c + 4984 + 8, USER_ROOT << 12 | 1, 8);
    } else {
        put(c + 524, START_INFO, 4); /* edx */
        put(c + 2640, GDT, 4);
        put(c + 2704, 512, 4);
        put(c + 2716 + 12, ROOT << 12, 4);
    }
    u32(b, 0), u32(b, 0);
    add(b, c, wide ? 5168 : 2800);
    close_record(b, r);
}

static void vcpu_rest(struct bytes *b) {
    size_t r = open_record(b, VCPU_EXTENDED);

    u32(b, 0), u32(b, 0);
    u32(b, 0), u32(b, 64);
    add(b, NULL, 120);
    close_record(b, r);
    r = open_record(b, VCPU_XSAVE);
    u32(b, 0), u32(b, 0);
    u64(b, 3), u64(b, 3);
    add(b, NULL, 512);
    u64(b, 3); /* xstate_bv */
    add(b, NULL, 56);
    close_record(b, r);
    r = open_record(b, VCPU_MSRS);
    u32(b, 0), u32(b, 0);
    u32(b, 0xc0000103), u32(b, 0), u64(b, 5);
    close_record(b, r);
}

static void make_pv(struct bytes *b, bool wide, unsigned int pages) {
    uint8_t shared[PAGE] = {0};
    size_t r;

    headers(b, 1);
    r = open_record(b, PV_INFO);
    add(b, wide ? "\10\4\0\0\0\0\0" : "\4\3\0\0\0\0\0", 8);
    close_record(b, r);
    static_data(b);
    r = open_record(b, P2M_FRAMES);
    u32(b, 0), u32(b, pages - 1), u64(b, P2M);
    close_record(b, r);
    pv_pages(b, wide, pages);
    tsc(b);
    put(shared + (wide ? 3088 : 2316), pages, wide ? 8 : 4); /* arch.max_pfn */
    shared[1] = 1;                                           /* vcpu_info[0].evtchn_upcall_mask */
    r = open_record(b, SHARED_INFO);
    add(b, shared, PAGE);
    close_record(b, r);
    vcpu_basic(b, wide);
    vcpu_rest(b);
    empty_record(b, END);
}

/* ---- HVM ---- */

static void hvm_entry(struct bytes *b, uint16_t code, uint16_t instance, const void *body, uint32_t len) {
    u16(b, code), u16(b, instance), u32(b, len);
    add(b, body, len);
}

static void hvm_context(struct bytes *b) {
    uint8_t cpu[1032] = {0};
    struct bytes header = {0};
    size_t r = open_record(b, HVM_CONTEXT);

    u32(&header, 0x54381286), u32(&header, 1), u64(&header, 0), u32(&header, 0x306c3), u32(&header, 2000000);
    put(cpu + 640, 0x100000, 8);   /* rip */
    put(cpu + 656, 0x80000011, 8); /* cr0: PG, ET, PE */
    put(cpu + 680, 0x20, 8);       /* cr4: PAE */
    put(cpu + 992, 0x500, 8);      /* efer: LMA, LME */
    put(cpu + 1024, 1, 4);
    hvm_entry(b, 1, 0, header.p, 24);
    hvm_entry(b, 2, 0, cpu, sizeof(cpu));
    hvm_entry(b, 3, 0, NULL, 8);
    hvm_entry(b, 3, 1, NULL, 8);
    hvm_entry(b, 5, 0, NULL, 24);
    hvm_entry(b, 6, 0, NULL, 1024);
    hvm_entry(b, 0, 0, NULL, 0);
    close_record(b, r);
    bytes_free(&header);
}

static void hvm_params(struct bytes *b, unsigned int pages) {
    const uint64_t p[][2] = {{1, pages - 1}, {17, pages - 2}, {12, 0x1000}, {19, 1}, {32, pages - 4}, {33, 2}};
    size_t r = open_record(b, HVM_PARAMS);

    u32(b, 6), u32(b, 0);
    add(b, p, sizeof(p));
    close_record(b, r);
}

static void hvm_pages(struct bytes *b, unsigned int pages, uint8_t extra) {
    size_t r = open_record(b, PAGE_DATA);
    uint8_t page[PAGE];

    u32(b, pages + 1), u32(b, 0);
    for (uint64_t pfn = 0; pfn < pages; pfn++)
        u64(b, pfn);
    u64(b, TYPE(15) | pages); /* XTAB: a hole */
    for (uint64_t pfn = 0; pfn < pages; pfn++) {
        memset(page, page_fill(pfn) + extra, PAGE);
        add(b, page, PAGE);
    }
    close_record(b, r);
}

static void hvm_tail(struct bytes *b, unsigned int pages) {
    tsc(b);
    hvm_context(b);
    hvm_params(b, pages);
}

static void make_hvm(struct bytes *b, unsigned int pages, bool remus) {
    headers(b, 2);
    static_data(b);
    for (unsigned int round = 0; round < (remus ? 2u : 1u); round++) {
        hvm_pages(b, pages, (uint8_t)round);
        hvm_tail(b, pages);
        if (remus)
            empty_record(b, CHECKPOINT);
    }
    empty_record(b, END);
}

void make_stream(struct bytes *out, enum stream_kind kind, unsigned int pages) {
    *out = (struct bytes){0};
    if (kind == STREAM_HVM || kind == STREAM_HVM_REMUS)
        make_hvm(out, pages, kind == STREAM_HVM_REMUS);
    else
        make_pv(out, kind == STREAM_PV64, pages);
}
