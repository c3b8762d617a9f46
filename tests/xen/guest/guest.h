/* SPDX-License-Identifier: MIT */
/* What the parts of the tiny guest know of each other. The Xen interface comes
 * from libxen-dev's public headers. */
#ifndef GUEST_H
#define GUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define __XEN_INTERFACE_VERSION__ 0x00040d00
/* The public headers use memset in one inline function. */
void *memset(void *to, int byte, size_t size);
void *memcpy(void *to, const void *from, size_t size);
#include <xen/event_channel.h>
#include <xen/io/console.h>
#include <xen/io/xs_wire.h>
#include <xen/sched.h>
#include <xen/vcpu.h>
#include <xen/xen.h>

#define PAGE         4096UL
#define PAGE_ALIGNED __attribute__((aligned(4096)))
#define barrier()    __asm__ volatile("" ::: "memory")

/* ---- platform: pv.c or hvm.c, one of them linked into each guest ---- */

struct rings {
    volatile struct xencons_interface *console;
    volatile struct xenstore_domain_interface *store;
    evtchn_port_t console_port, store_port;
};
extern struct rings rings;

/* The shared info page as this guest sees it. */
extern uint8_t shared_info_page[];
static inline volatile struct shared_info *shared_info(void) {
    return (volatile struct shared_info *)shared_info_page;
}

const char *platform_kind(void);
/* Makes shared info readable. An HVM guest may be saved without being asked
 * and finds that page gone when it goes on, so it calls this before each read. */
void platform_refresh(void);
/* Returns in the restored domain, or in the same one when the save was a
 * checkpoint. */
void platform_suspend(void);
long platform_start_cpu1(void);

/* ---- rings.c ---- */
void console_print(const char *text);
/* Waits, within bounds, until everything printed was taken. */
void console_drain(void);
/* Value of a node below this domain's own folder; false when there is none. */
bool store_read(const char *path, char *value, size_t size);
bool store_write_empty(const char *path);

/* ---- clock.c ---- */
/* Xen's system time: the same for all domains of one host. */
uint64_t clock_ns(unsigned int cpu);
void sleep_ms(unsigned int cpu, uint32_t ms);

/* ---- head64.S or head32.S ---- */
extern char hypercall_page[], stack1_top[], cpu1_entry[];

/* ---- main.c ---- */
void guest_main(void);
void cpu1_main(void);

/* ---- hypercalls ---- */
#ifdef __x86_64__
static inline long hypercall(unsigned int nr, unsigned long a, unsigned long b, unsigned long c, unsigned long d) {
    register unsigned long r10 __asm__("r10") = d;
    long result;
    char *entry = hypercall_page + nr * 32;

    __asm__ volatile("call *%[entry]"
                     : "=a"(result), "+D"(a), "+S"(b), "+d"(c), "+r"(r10)
                     : [entry] "0"(entry)
                     : "memory", "rcx", "r8", "r9", "r11");
    return result;
}
#else
static inline long hypercall(unsigned int nr, unsigned long a, unsigned long b, unsigned long c, unsigned long d) {
    long result;
    char *entry = hypercall_page + nr * 32;

    __asm__ volatile("call *%[entry]"
                     : "=a"(result), "+b"(a), "+c"(b), "+d"(c), "+S"(d)
                     : [entry] "0"(entry)
                     : "memory");
    return result;
}
#endif

static inline void yield(void) {
    hypercall(__HYPERVISOR_sched_op, SCHEDOP_yield, 0, 0, 0);
}

static inline void notify(evtchn_port_t port) {
    struct evtchn_send send = {.port = port};

    hypercall(__HYPERVISOR_event_channel_op, EVTCHNOP_send, (unsigned long)&send, 0, 0);
}

static inline uint64_t tsc(void) {
    uint32_t low, high;

    __asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
    return (uint64_t)high << 32 | low;
}

#endif
