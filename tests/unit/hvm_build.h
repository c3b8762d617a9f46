/* SPDX-License-Identifier: MIT */
#ifndef XENVET_TEST_HVM_BUILD_H
#define XENVET_TEST_HVM_BUILD_H

/* An HVM context that tests change and write out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "body.h"
#include "hvm_context.h"
#include "hvm_entries.h"

#define BIT(n) ((uint64_t)1 << (n))

/* A context to be changed and written out. */
struct entry {
    uint16_t code, instance;
    uint32_t told, length; /* in the descriptor, and what is there */
    uint8_t body[16640];
};

static struct test_parser t;
static struct entry entries[200];
static size_t count;
static struct blob b;

static inline struct entry *add(uint16_t code, uint16_t instance, uint32_t length) {
    struct entry *e = &entries[count++];

    memset(e, 0, sizeof(*e));
    e->code = code;
    e->instance = instance;
    e->told = e->length = length;
    return e;
}

static inline struct entry *find(uint16_t code, uint16_t instance) {
    for (size_t i = 0; i < count; i++)
        if (entries[i].code == code && entries[i].instance == instance)
            return &entries[i];
    fail_msg("no entry %u/%u", code, instance);
    return &entries[0];
}

/* Puts an entry in its place by (code, instance). */
static inline struct entry *insert(uint16_t code, uint16_t instance, uint32_t length) {
    size_t i = count;

    (void)add(0, 0, 0);
    while (i > 0 && (entries[i - 1].code == 0 || entries[i - 1].code > code ||
                     (entries[i - 1].code == code && entries[i - 1].instance > instance))) {
        entries[i] = entries[i - 1];
        i--;
    }
    memset(&entries[i], 0, sizeof(entries[i]));
    entries[i].code = code;
    entries[i].instance = instance;
    entries[i].told = entries[i].length = length;
    return &entries[i];
}

static inline void drop(uint16_t code, uint16_t instance) {
    struct entry *e = find(code, instance);

    memmove(e, e + 1, (size_t)(&entries[count] - (e + 1)) * sizeof(*e));
    count--;
}

static inline void resize(uint16_t code, uint16_t instance, uint32_t length) {
    struct entry *e = find(code, instance);

    e->told = e->length = length;
}

/* What a 4.17 saves of a guest with a device model and one vCPU, at its barest. */
static inline void make_context(void) {
    struct entry *e;

    count = 0;
    e = add(XV_HVM_CODE_HEADER, 0, 24);
    poke(e->body, 0, 0x54381286, 4);
    poke(e->body, 4, 1, 4);
    poke(e->body, 8, UINT64_MAX, 8);
    poke(e->body, 20, 2000000, 4);
    e = add(XV_HVM_CODE_CPU, 0, 1032);
    poke(e->body, 656, 0x11, 8);
    poke(e->body, 720, 0xffff0ff0, 8);
    poke(e->body, 728, 0x400, 8);
    poke(e->body, 1024, 1, 4);
    e = add(XV_HVM_CODE_PIC, 0, 8);
    e->body[5] = 0x40;
    (void)add(XV_HVM_CODE_PIC, 1, 8);
    (void)add(XV_HVM_CODE_IOAPIC, 0, 400);
    e = add(XV_HVM_CODE_LAPIC, 0, 24);
    poke(e->body, 0, 0xfee00900, 8);
    (void)add(XV_HVM_CODE_LAPIC_REGS, 0, 1024);
    (void)add(XV_HVM_CODE_PCI_IRQ, 0, 16);
    (void)add(XV_HVM_CODE_ISA_IRQ, 0, 8);
    (void)add(XV_HVM_CODE_PCI_LINK, 0, 8);
    e = add(XV_HVM_CODE_PIT, 0, 56);
    for (size_t channel = 0; channel < 3; channel++) {
        poke(e->body, channel * 16, 0x10000, 4);
        e->body[channel * 16 + 13] = 0xff;
        e->body[channel * 16 + 15] = channel < 2;
    }
    (void)add(XV_HVM_CODE_RTC, 0, 24);
    (void)add(XV_HVM_CODE_HPET, 0, 1048);
    (void)add(XV_HVM_CODE_PMTIMER, 0, 8);
    e = add(XV_HVM_CODE_MTRR, 0, 240);
    poke(e->body, 224, 0x508, 8);
    e = add(XV_HVM_CODE_VMCE_VCPU, 0, 32);
    e->body[0] = 2;
    (void)add(XV_HVM_CODE_TSC_ADJUST, 0, 8);
    (void)add(XV_HVM_CODE_END, 0, 0);
}

static inline int setup(void **state) {
    (void)state;
    test_parser_make(&t, NULL, (struct xv_observer){NULL, NULL, 0});
    t.p->policy.tolerate = 0;
    t.p->policy.max_vcpus = 8192;
    t.p->sum.xen_major = 4;
    t.p->sum.xen_minor = 17;
    make_context();
    return 0;
}

static inline int teardown(void **state) {
    (void)state;
    test_parser_free(&t);
    return 0;
}

static inline void write_out(void) {
    b.n = 0;
    for (size_t i = 0; i < count; i++) {
        put(&b, entries[i].code, 2);
        put(&b, entries[i].instance, 2);
        put(&b, entries[i].told, 4);
        memcpy(b.bytes + b.n, entries[i].body, entries[i].length);
        b.n += entries[i].length;
    }
}

static inline enum xv_code judge_blob(void) {
    return judge_body(t.p, xv_hvm_context_body, b.bytes, b.n, b.n, 8);
}

static inline enum xv_code judge(void) {
    write_out();
    return judge_blob();
}

/* The verdict with one field changed; the context is as before afterwards. */
static inline enum xv_code with(uint16_t code, uint16_t instance, size_t off, uint64_t value, unsigned octets) {
    struct entry *e = find(code, instance), saved = *e;
    enum xv_code verdict;

    poke(e->body, off, value, octets);
    verdict = judge();
    *e = saved;
    return verdict;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

#endif
