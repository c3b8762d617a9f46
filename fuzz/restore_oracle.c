/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "restore_oracle.h"

#include <ctype.h>
#include <errno.h>
#include <fnmatch.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <xenctrl.h>

#include <xen/hvm/params.h> /* needs what comes before */

#include "restore_known.h"
#include "sim.h"

/* Legitimate streams stay below 8 octets of heap for each of their own. */
#define HEAP_PER_OCTET  8u
#define HEAP_PER_PAGE   32u /* p2m, types, and their growth */
#define HEAP_PER_PFN    1u  /* a bitmap, and its growth */
#define HEAP_ALWAYS     ((size_t)256 << 10)
#define HEAP_LEFT       4096u /* buffers that libxenctrl keeps */
#define HEAP_CAP        ((size_t)512 << 20)
#define CALLS_ALWAYS    256u
#define OCTETS_PER_CALL 8u

static struct {
    uint64_t restores, refused; /* since the process began */
    double heap_per_octet;      /* the worst so far */
    double calls_per_octet;
} cost;

static const char *const known[] = {
#define X(text, why) text "*",
    FUZZ_KNOWN_REFUSALS(X)
#undef X
};

static void no_message(struct xentoollog_logger *l, xentoollog_level v, int e, const char *c, const char *f,
                       va_list a) {
    (void)l, (void)v, (void)e, (void)c, (void)f, (void)a;
}

static void no_progress(struct xentoollog_logger *l, const char *c, const char *w, int p, unsigned long d,
                        unsigned long t) {
    (void)l, (void)c, (void)w, (void)p, (void)d, (void)t;
}

static void no_destroy(struct xentoollog_logger *l) {
    (void)l;
}

static xc_interface *interface(void) {
    static xentoollog_logger silent = {no_message, no_progress, no_destroy};
    static xc_interface *xch;

    if (!xch) {
        if (sim_host_open(NULL, &(struct sim_options){.host_pages = 65536, .relax = SIM_RELAX_SYNTHETIC}))
            abort();
        xch = xc_interface_open(&silent, &silent, 0);
    }
    if (!xch)
        abort();
    return xch;
}

/* The reason without its numbers, as a file name: findings of one reason share it. */
static void name_of(char *name, size_t size, const char *dir, const char *reason) {
    size_t n = (size_t)snprintf(name, size, "%s/", dir);

    for (; *reason && n < size - 1; reason++) {
        if (isdigit((unsigned char)*reason)) /* numbers, hexadecimal ones too */
            reason += strspn(reason, "0123456789abcdefx") - 1;
        else if (isalpha((unsigned char)*reason) || (*reason == ' ' && name[n - 1] != '-'))
            name[n++] = *reason == ' ' ? '-' : *reason;
    }
    name[n] = '\0';
}

/* With XENVET_FUZZ_COLLECT=DIR the first stream of each reason is kept there and fuzzing goes on; otherwise it stops.
 */
static void fails(const struct fuzz_accepted *a, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void fails(const struct fuzz_accepted *a, const char *format, ...) {
    const char *dir = getenv("XENVET_FUZZ_COLLECT");
    char reason[512], name[1024];
    va_list args;
    FILE *file;

    va_start(args, format);
    vsnprintf(reason, sizeof(reason), format, args);
    va_end(args);
    if (dir) {
        name_of(name, sizeof(name), dir, reason);
        file = access(name, F_OK) ? fopen(name, "wb") : NULL;
        if (!file)
            return;
        fwrite(a->stream, 1, a->len, file);
        fclose(file);
    }
    fprintf(stderr, "restore oracle, %zu octets%s: %s\n", a->len, a->remus ? ", checkpointed" : "", reason);
    if (!dir)
        abort();
}

static bool is_known(const char *refusal) {
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if (fnmatch(known[i], refusal, 0) == 0)
            return true;
    return false;
}

/* Only these parameters may differ from what a new domain has; restated here, not taken from the parser. */
static bool may_be_set(unsigned int i) {
    static const unsigned int list[] = {HVM_PARAM_STORE_PFN,
                                        HVM_PARAM_STORE_EVTCHN,
                                        HVM_PARAM_IOREQ_PFN,
                                        HVM_PARAM_BUFIOREQ_PFN,
                                        HVM_PARAM_VIRIDIAN,
                                        HVM_PARAM_IDENT_PT,
                                        HVM_PARAM_VM86_TSS,
                                        HVM_PARAM_CONSOLE_PFN,
                                        HVM_PARAM_CONSOLE_EVTCHN,
                                        HVM_PARAM_ACPI_IOPORTS_LOCATION,
                                        HVM_PARAM_PAGING_RING_PFN,
                                        HVM_PARAM_MONITOR_RING_PFN,
                                        HVM_PARAM_SHARING_RING_PFN,
                                        HVM_PARAM_IOREQ_SERVER_PFN,
                                        HVM_PARAM_NR_IOREQ_SERVER_PAGES,
                                        HVM_PARAM_VM_GENERATION_ID_ADDR,
                                        HVM_PARAM_X87_FIP_WIDTH,
                                        HVM_PARAM_VM86_TSS_SIZED,
                                        HVM_PARAM_MCA_CAP};

    for (size_t k = 0; k < sizeof(list) / sizeof(list[0]); k++)
        if (list[k] == i)
            return true;
    return false;
}

static void check_params(const struct fuzz_accepted *a, uint16_t domid, const uint64_t *fresh) {
    uint64_t value;

    for (unsigned int i = 0; i < HVM_NR_PARAMS; i++)
        if (sim_domain_param(domid, i, &value) && value != fresh[i] && !may_be_set(i))
            fails(a, "HVM parameter %u became %#llx", i, (unsigned long long)value);
}

static void check_cost(const struct fuzz_accepted *a) {
    struct sim_stats st;
    struct sim_heap heap;
    size_t most = HEAP_ALWAYS + HEAP_PER_OCTET * a->len + HEAP_PER_PAGE * a->declared + HEAP_PER_PFN * a->max_pfn;

    sim_stats(&st);
    sim_heap_get(&heap);
    sim_heap_start(0);
    if (heap.peak > most)
        fails(a, "%zu octets of heap at once, %zu at most were expected", heap.peak, most);
    if (heap.now > HEAP_LEFT)
        fails(a, "%zu octets of heap are left", heap.now);
    if (st.hypercalls > CALLS_ALWAYS + a->len / OCTETS_PER_CALL)
        fails(a, "%llu hypercalls", (unsigned long long)st.hypercalls);
    if (st.unknown)
        fails(a, "%llu unknown hypercalls", (unsigned long long)st.unknown);
    if (st.guest_pages_peak > a->max_pages + 1) /* PV: and the shared info page */
        fails(a, "%llu guest pages", (unsigned long long)st.guest_pages_peak);
    if ((double)heap.peak > cost.heap_per_octet * (double)a->len)
        cost.heap_per_octet = (double)heap.peak / (double)a->len;
    if ((double)st.hypercalls > cost.calls_per_octet * (double)a->len)
        cost.calls_per_octet = (double)st.hypercalls / (double)a->len;
}

bool fuzz_restore(const struct fuzz_accepted *a) {
    xc_interface *xch = interface();
    uint64_t fresh[HVM_NR_PARAMS] = {0};
    struct sim_restore r = {
        .stream = a->stream, .len = a->len, .remus = a->remus, .store_evtchn = 1, .console_evtchn = 2};
    bool hvm = sim_stream_is_hvm(a->stream, a->len);
    int domid, rc, error;

    sim_host_reset();
    domid = sim_domain_create(
        &(struct sim_domain_config){.hvm = hvm, .vcpus = a->vcpus, .max_pages = a->max_pages, .nested = hvm});
    if (domid < 0)
        abort();
    r.domid = (uint16_t)domid;
    for (unsigned int i = 0; i < HVM_NR_PARAMS; i++)
        (void)sim_domain_param(r.domid, i, &fresh[i]);
    sim_heap_start(HEAP_CAP);
    rc = sim_restore(xch, &r);
    error = errno;
    check_cost(a);
    cost.restores++;
    if (rc) {
        cost.refused++;
        if (!is_known(sim_last_refusal()))
            fails(a, "refused, errno %d, %zu octets read: %s", error, r.consumed, sim_last_refusal());
        return false;
    }
    if (r.consumed != a->len)
        fails(a, "%zu octets were read", r.consumed);
    check_params(a, r.domid, fresh);
    return true;
}

/* With XENVET_FUZZ_STATS set: how much of the input was accepted at all, and the worst costs. */
static void tell_cost(void) __attribute__((destructor));

static void tell_cost(void) {
    if (cost.restores && getenv("XENVET_FUZZ_STATS"))
        fprintf(stderr, "%llu restores, %llu refused by Xen; %.2f octets of heap, %.4f hypercalls per octet\n",
                (unsigned long long)cost.restores, (unsigned long long)cost.refused, cost.heap_per_octet,
                cost.calls_per_octet);
}
