/* SPDX-License-Identifier: MIT */
/* simrestore: restores one stream on a simulated host and says what it cost.  For debugging. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <xenctrl.h>

#include "sim.h"

struct args {
    const char *file;
    int hvm; /* -1: what the stream says */
    bool remus, trace, log, strict;
    unsigned int vcpus;
    uint64_t pages;
    unsigned long repeat;
    size_t heap;
};

static void usage(void) {
    fputs("usage: simrestore [-t p|h] [-s p|r] [-v VCPUS] [-m PAGES] [-n REPEAT] [-L HEAP] [-S] [-T] [-l] STREAM\n"
          "  -t  domain type (default: the stream's)   -s  plain or Remus stream\n"
          "  -S  enforce every rule of Xen (default: tolerate what synthetic streams need)\n"
          "  -T  trace hypercalls   -l  show libxenguest's messages\n"
          "  XENVET_SIM_DIR=DIR keeps the host's state in DIR for simstate\n",
          stderr);
    exit(98);
}

static struct args parse(int argc, char **argv) {
    struct args a = {.hvm = -1, .vcpus = 4, .pages = 65536, .repeat = 1};
    int o;

    while ((o = getopt(argc, argv, "t:s:v:m:n:L:STl")) != -1) {
        switch (o) {
        case 't':
            a.hvm = optarg[0] == 'h';
            break;
        case 's':
            a.remus = optarg[0] == 'r';
            break;
        case 'v':
            a.vcpus = (unsigned int)strtoul(optarg, NULL, 0);
            break;
        case 'm':
            a.pages = strtoull(optarg, NULL, 0);
            break;
        case 'n':
            a.repeat = strtoul(optarg, NULL, 0);
            break;
        case 'L':
            a.heap = strtoull(optarg, NULL, 0);
            break;
        case 'S':
            a.strict = true;
            break;
        case 'T':
            a.trace = true;
            break;
        case 'l':
            a.log = true;
            break;
        default:
            usage();
        }
    }
    if (optind != argc - 1)
        usage();
    a.file = argv[optind];
    return a;
}

static const uint8_t *load(const char *file, size_t *len) {
    int fd = open(file, O_RDONLY | O_CLOEXEC);
    struct stat st;
    void *p;

    if (fd < 0 || fstat(fd, &st)) {
        perror(file);
        exit(98);
    }
    *len = (size_t)st.st_size;
    p = mmap(NULL, *len ? *len : 1, PROT_READ, MAP_PRIVATE, fd, 0);
    close(fd);
    if (p == MAP_FAILED && *len) {
        perror(file);
        exit(98);
    }
    return p;
}

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

static xentoollog_logger silent = {no_message, no_progress, no_destroy};

static double now(void) {
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int one(xc_interface *xch, const struct args *a, struct sim_restore *r) {
    struct sim_domain_config cfg = {.hvm = a->hvm > 0, .vcpus = a->vcpus, .max_pages = a->pages};
    int id = sim_domain_create(&cfg);

    if (id < 0) {
        fprintf(stderr, "simrestore: no domain: %s\n", sim_last_refusal());
        return -1;
    }
    r->domid = (uint16_t)id;
    return sim_restore(xch, r);
}

static void report(const struct args *a, const struct sim_restore *r, int rc, int err, double seconds) {
    struct sim_stats st;
    struct sim_heap heap;

    sim_stats(&st);
    sim_heap_get(&heap);
    printf("rc=%d errno=%d hvm=%d consumed=%zu/%zu heap_peak=%zu heap_largest=%zu heap_left=%zu allocations=%lu "
           "hypercalls=%lu refused=%lu unknown=%lu populated=%lu maps=%lu/%lu checkpoints=%u seconds=%.3f",
           rc, rc ? err : 0, a->hvm, r->consumed, r->len, heap.peak, heap.largest, heap.now,
           (unsigned long)heap.allocations, (unsigned long)st.hypercalls, (unsigned long)st.refused,
           (unsigned long)st.unknown, (unsigned long)st.populated, (unsigned long)st.map_calls,
           (unsigned long)st.map_pages, r->checkpoints, seconds);
    if (a->repeat > 1)
        printf(" per_second=%.0f", (double)a->repeat / seconds);
    printf("\n");
    if (rc && sim_last_refusal()[0])
        printf("last refusal: %s\n", sim_last_refusal());
}

int main(int argc, char **argv) {
    struct args a = parse(argc, argv);
    struct sim_restore r = {.remus = a.remus, .store_evtchn = 1, .console_evtchn = 2};
    const char *dir = getenv("XENVET_SIM_DIR");
    xentoollog_logger *log = &silent;
    xc_interface *xch;
    double start;
    int rc = -1, err = 0;

    r.stream = load(a.file, &r.len);
    if (a.hvm < 0)
        a.hvm = sim_stream_is_hvm(r.stream, r.len);
    if (sim_host_open(dir, NULL)) {
        perror("simrestore: simulated host");
        return 98;
    }
    sim_set_relax(a.strict ? 0 : SIM_RELAX_SYNTHETIC);
    sim_set_trace(a.trace);
    if (a.log)
        log = (xentoollog_logger *)xtl_createlogger_stdiostream(stderr, XTL_DETAIL, 0);
    xch = xc_interface_open(log, log, 0);
    if (!xch)
        return 98;
    sim_heap_start(a.heap);
    start = now();
    for (unsigned long i = 0; i < a.repeat; i++) {
        sim_host_reset();
        errno = 0;
        rc = one(xch, &a, &r);
        err = errno;
    }
    report(&a, &r, rc, err, now() - start);
    xc_interface_close(xch);
    return rc ? 1 : 0;
}
