/* SPDX-License-Identifier: MIT */
#ifndef XENVET_TEST_PV_GUEST_H
#define XENVET_TEST_PV_GUEST_H

/*
 * A small guest for tests of record bodies: it stands in for the framing, which hands a body over in the pieces it asks
 * for.
 * Included by one source per program; every function is optional to use.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "guest_memory.h"
#include "p2m.h"
#include "page_data.h"
#include "pv_complete.h"
#include "pv_context.h"
#include "pv_info.h"
#include "pv_vcpu.h"
#include "support.h"

#define UNUSED      __attribute__((unused))
#define GUEST_PAGES 64u
#define BODY_AT     1008u /* offset of every body; its record header is 8 octets before */

/* Pages of the standard guest; all others up to max_pfn are ordinary. */
enum { INFO = 1, STORE, CONSOLE, P2M, GDT, TOP, L3, L2, L1, USER, MAX_PFN = 23 };

struct guest {
    struct test_parser t;
    struct xv_parser *p;
    uint8_t pages[GUEST_PAGES][4096]; /* contents by pfn modulo GUEST_PAGES */
    uint8_t context[5168];
};

static UNUSED void put32(uint8_t *at, uint32_t value) {
    for (int i = 0; i < 4; i++)
        at[i] = (uint8_t)(value >> 8 * i);
}

static UNUSED void put64(uint8_t *at, uint64_t value) {
    put32(at, (uint32_t)value);
    put32(at + 4, (uint32_t)(value >> 32));
}

/* Runs a body over these octets, the first piece being `first` long. */
static UNUSED enum xv_code run(struct xv_parser *p, xv_body *body, uint32_t first, const uint8_t *bytes, size_t n) {
    size_t off = 0;
    bool more = true;

    p->rec = (struct xv_record){.length = (uint32_t)n, .left = (uint32_t)n, .offset = BODY_AT - 8, .name = "test"};
    p->rec.piece = first < n ? first : (uint32_t)n;
    while (more) {
        size_t piece = p->rec.piece, seen = p->rec.opaque ? 0 : piece;
        uint8_t *copy = malloc(seen ? seen : 1); /* exact, so that a sanitizer sees one octet too many */
        struct xv_cursor c = xv_cursor_over(copy, seen, BODY_AT + off);

        assert_non_null(copy);
        memcpy(copy, bytes + off, seen);
        off += piece;
        p->rec.left -= (uint32_t)piece;
        p->rec.piece = 0;
        p->rec.opaque = false;
        more = body(p, &c);
        free(copy);
        assert_int_equal(more, p->report.code == XV_ACCEPTED); /* false exactly if there is a verdict */
        more = more && p->rec.left != 0;
        assert_true(!more || p->rec.piece > 0);
    }
    assert_true(off == n || p->report.code != XV_ACCEPTED);
    return p->report.code;
}

/* Forgets a rejection, so that one guest serves several cases. */
static UNUSED void forgive(struct guest *g) {
    memset(&g->p->report, 0, sizeof(g->p->report));
}

/* A guest before its first record; `pages` is the policy's limit. */
static UNUSED void guest_begin(struct guest *g, uint64_t pages, bool hvm) {
    struct xv_policy policy;
    struct xv_observer nobody = {NULL, NULL, 0};

    xv_policy_strict(&policy);
    policy.max_guest_pages = pages;
    policy.formats &= ~XV_FORMATS_XENSTORE; /* their arena is larger */
    policy.tolerate = 0;                    /* tests name what they tolerate */
    memset(g, 0, sizeof(*g));
    test_parser_make(&g->t, &policy, nobody);
    g->p = g->t.p;
    g->p->libxc.hvm = hvm;
    g->p->libxc.version = 3;
    g->p->libxc.state = XV_S_MEMORY;
    assert_true(xv_memory_init(g->p, hvm, 0));
}

static UNUSED void guest_end(struct guest *g) {
    test_parser_free(&g->t);
}

static UNUSED enum xv_code send_info(struct guest *g, uint8_t width, uint8_t levels) {
    const uint8_t body[8] = {width, levels};

    return run(g->p, xv_pv_info_body, 8, body, sizeof(body));
}

static UNUSED enum xv_code send_p2m(struct guest *g, uint32_t start, uint32_t end, const uint64_t *frames, size_t n) {
    static uint8_t body[8 + 8 * 4096];

    assert_true(n <= 4096);
    put32(body, start);
    put32(body + 4, end);
    for (size_t i = 0; i < n; i++)
        put64(body + 8 + 8 * i, frames[i]);
    return run(g->p, xv_p2m_frames_body, 8, body, 8 + 8 * n);
}

#define ENTRY(type, pfn) ((uint64_t)(type) << 60 | (pfn))

/* PAGE_DATA with these entries and the contents that they call for. */
static UNUSED enum xv_code send_pages(struct guest *g, const uint64_t *entries, uint32_t n) {
    size_t size = 8 + 8 * (size_t)n;
    uint8_t *body = malloc(size + 4096 * (size_t)n);
    enum xv_code code;

    assert_non_null(body);
    put32(body, n);
    put32(body + 4, 0);
    for (uint32_t i = 0; i < n; i++) {
        put64(body + 8 + 8 * i, entries[i]);
        if (entries[i] >> 60 >= 0xd)
            continue;
        memcpy(body + size, g->pages[entries[i] % GUEST_PAGES], 4096);
        size += 4096;
    }
    code = run(g->p, xv_page_data_body, 8, body, size);
    free(body);
    return code;
}

static UNUSED enum xv_code send_page(struct guest *g, unsigned type, uint64_t pfn) {
    const uint64_t entry = ENTRY(type, pfn);

    return send_pages(g, &entry, 1);
}

static UNUSED void set_pte(struct guest *g, uint32_t page, uint32_t slot, uint64_t pte) {
    put64(g->pages[page] + 8 * slot, pte);
}

static UNUSED void set_rings(struct guest *g, uint32_t page, uint64_t store, uint64_t console) {
    if (g->p->pv.width == 8) {
        put64(g->pages[page] + 56, store);
        put64(g->pages[page] + 72, console);
    } else {
        put32(g->pages[page] + 44, (uint32_t)store);
        put32(g->pages[page] + 52, (uint32_t)console);
    }
}

/* The context of a vCPU of the standard guest. */
static UNUSED void set_context(struct guest *g) {
    uint8_t *x = g->context;

    memset(x, 0, sizeof(g->context));
    if (g->p->pv.width == 8) {
        put64(x + 512, 0x25);
        put64(x + 616, INFO);
        put64(x + 4832, GDT);
        put64(x + 4960, 512);
        put64(x + 4984 + 8 * 1, (uint64_t)USER << 12 | 1);
        put64(x + 4984 + 8 * 3, (uint64_t)TOP << 12);
    } else {
        put32(x + 512, 0x25);
        put32(x + 524, INFO);
        put32(x + 2640, GDT);
        put32(x + 2704, 512);
        put32(x + 2716 + 4 * 3, (uint32_t)TOP << 12);
    }
}

/* X86_PV_INFO, P2M_FRAMES and the contents of the standard guest, of which nothing was sent yet. */
static UNUSED void guest_pv(struct guest *g, uint8_t width) {
    const uint64_t frame = P2M;

    guest_begin(g, 4096, false);
    assert_int_equal(send_info(g, width, width == 8 ? 4 : 3), XV_ACCEPTED);
    assert_int_equal(send_p2m(g, 0, MAX_PFN, &frame, 1), XV_ACCEPTED);
    set_rings(g, INFO, STORE, CONSOLE);
    set_pte(g, TOP, 0, (uint64_t)(width == 8 ? L3 : L2) << 12 | 7);
    set_pte(g, L3, 0, (uint64_t)L2 << 12 | 7);
    set_pte(g, L2, 0, (uint64_t)L1 << 12 | 7);
    set_pte(g, L1, 0, (uint64_t)INFO << 12 | 7);
    set_context(g);
}

/* The type of a page of the standard guest. */
static UNUSED unsigned standard_type(const struct guest *g, uint32_t pfn) {
    bool wide = g->p->pv.width == 8;

    switch (pfn) {
    case TOP:
        return wide ? 0xc : 0xb;
    case USER:
        return wide ? 0xc : 0;
    case L3:
        return wide ? 3 : 0;
    case L2:
        return 2;
    case L1:
        return 1;
    default:
        return 0;
    }
}

static UNUSED void send_all(struct guest *g) {
    uint64_t entries[MAX_PFN + 1];

    for (uint32_t pfn = 0; pfn <= MAX_PFN; pfn++)
        entries[pfn] = ENTRY(standard_type(g, pfn), pfn);
    assert_int_equal(send_pages(g, entries, MAX_PFN + 1), XV_ACCEPTED);
}

/* A vCPU record: the header, then the blob. */
static UNUSED enum xv_code send_vcpu(struct guest *g, xv_body *body, uint32_t id, const uint8_t *blob, size_t n) {
    uint8_t *bytes = calloc(1, 8 + n);
    enum xv_code code;

    assert_non_null(bytes);
    put32(bytes, id);
    if (n)
        memcpy(bytes + 8, blob, n);
    code = run(g->p, body, 8, bytes, 8 + n);
    free(bytes);
    return code;
}

static UNUSED enum xv_code send_basic(struct guest *g, uint32_t id) {
    return send_vcpu(g, xv_vcpu_basic_body, id, g->context, g->p->pv.width == 8 ? 5168 : 2800);
}

/* The standard guest, memory sent, vCPU 0 not yet. */
static UNUSED void guest_sent(struct guest *g, uint8_t width) {
    guest_pv(g, width);
    send_all(g);
    g->p->libxc.state = XV_S_TAIL;
}

#endif
