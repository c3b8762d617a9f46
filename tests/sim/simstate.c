/* SPDX-License-Identifier: MIT */
/* simstate: prints the state of a simulated host kept in a directory, as JSON or raw. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sha256.h"
#include "sim.h"

static const char *separator = "";

static void usage(void) {
    fputs("usage: simstate DIR [--pages]            JSON; --pages lists each page with type and SHA-256\n"
          "       simstate DIR --page DOMID PFN     one page, raw\n"
          "       simstate DIR --frame DOMID MFN    one machine frame, raw\n"
          "       simstate DIR --hvm-context DOMID  the HVM context, raw\n",
          stderr);
    exit(2);
}

static void print_string(const void *data, size_t len) {
    const unsigned char *p = data;

    putchar('"');
    for (size_t i = 0; i < len; i++) {
        if (p[i] == '"' || p[i] == '\\')
            printf("\\%c", p[i]);
        else if (p[i] < 0x20 || p[i] > 0x7e)
            printf("\\u%04x", p[i]);
        else
            putchar(p[i]);
    }
    putchar('"');
}

static void print_hex(const char *name, const void *data, size_t len) {
    const unsigned char *p = data;

    printf(", \"%s\": \"", name);
    for (size_t i = 0; i < len; i++)
        printf("%02x", p[i]);
    putchar('"');
}

static void print_page(void *arg, uint64_t pfn, uint64_t mfn, const void *page) {
    bool pinned = false;
    uint32_t count = 0;
    const char *type = sim_frame_type(mfn, &pinned, &count);
    char hash[65];

    (void)arg;
    sha256_hex(page, SIM_PAGE_SIZE, hash);
    printf(
        "%s\n      {\"pfn\": %llu, \"mfn\": %llu, \"type\": \"%s\", \"pinned\": %s, \"count\": %u, \"sha256\": \"%s\"}",
        separator, (unsigned long long)pfn, (unsigned long long)mfn, type, pinned ? "true" : "false", count, hash);
    separator = ",";
}

static void print_vcpus(uint16_t id, unsigned int max) {
    struct sim_vcpu v;
    const char *sep = "";

    printf(",\n     \"vcpus\": [");
    for (unsigned int i = 0; i < max; i++) {
        if (!sim_domain_vcpu(id, i, &v))
            continue;
        printf("%s\n      {\"id\": %u, \"online\": %s, \"initialised\": %s", sep, i, v.online ? "true" : "false",
               v.initialised ? "true" : "false");
        print_hex("context", v.context, v.context_len);
        print_hex("extended", v.extended, v.extended_len);
        print_hex("xsave", v.xsave, v.xsave_len);
        print_hex("msrs", v.msrs, v.msrs_len);
        printf("}");
        sep = ",";
    }
    printf("]");
}

static void print_params(uint16_t id) {
    const char *sep = "";
    uint64_t value;

    printf(",\n     \"params\": {");
    for (unsigned int i = 0; sim_domain_param(id, i, &value); i++) {
        if (!value)
            continue;
        printf("%s\"%u\": %llu", sep, i, (unsigned long long)value);
        sep = ", ";
    }
    printf("}");
}

static void print_domain(uint16_t id, bool pages) {
    struct sim_domain d;
    size_t kept = 0, full = 0;
    const void *context;
    char hash[65];

    if (!sim_domain_get(id, &d))
        return;
    printf("    {\"domid\": %u, \"type\": \"%s\", \"width\": %u, \"hap\": %s, \"paused\": %s, \"started\": %s,\n"
           "     \"introduced\": %s, \"store_gfn\": %llu, \"store_port\": %u, \"max_vcpus\": %u, \"paging_mb\": %u,\n"
           "     \"tot_pages\": %llu, \"max_pages\": %llu, \"max_gpfn\": %llu, \"shared_info_mfn\": %llu,\n"
           "     \"policy\": {\"set\": %s, \"leaves\": %u, \"msrs\": %u},\n"
           "     \"tsc\": {\"set\": %s, \"mode\": %u, \"khz\": %u, \"nsec\": %llu, \"incarnation\": %u}",
           d.domid, d.hvm ? "hvm" : "pv", d.width, d.hap ? "true" : "false", d.paused ? "true" : "false",
           d.started ? "true" : "false", d.introduced ? "true" : "false", (unsigned long long)d.store_gfn, d.store_port,
           d.max_vcpus, d.paging_mb, (unsigned long long)d.tot_pages, (unsigned long long)d.max_pages,
           (unsigned long long)d.max_gpfn, (unsigned long long)d.shared_info_mfn, d.policy_set ? "true" : "false",
           d.policy_leaves, d.policy_msrs, d.tsc_set ? "true" : "false", d.tsc_mode, d.tsc_khz,
           (unsigned long long)d.tsc_nsec, d.tsc_incarnation);
    print_vcpus(id, d.max_vcpus);
    print_params(id);
    context = sim_domain_hvm_context(id, &kept, &full);
    if (context) {
        sha256_hex(context, kept, hash);
        printf(",\n     \"hvm_context\": {\"length\": %zu, \"kept\": %zu, \"sha256\": \"%s\"}", full, kept, hash);
    }
    if (pages) {
        separator = "";
        printf(",\n     \"pages\": [");
        sim_domain_pages(id, print_page, NULL);
        printf("]");
    }
    printf("}");
}

static void print_node(void *arg, const char *path, const void *value, size_t len, const char *perms) {
    (void)arg;
    printf("%s\n    ", separator);
    print_string(path, strlen(path));
    printf(": {\"value\": ");
    print_string(value, len);
    printf(", \"perms\": \"%s\"}", perms);
    separator = ",";
}

static void print_stats(void) {
    struct sim_stats s;
    const char *sep = "";

    sim_stats(&s);
    printf("  \"stats\": {\"hypercalls\": %llu, \"unknown\": %llu, \"refused\": %llu, \"injected\": %llu,\n"
           "    \"populated\": %llu, \"guest_pages\": %llu, \"guest_pages_peak\": %llu, \"maps\": %llu,\n"
           "    \"mapped_pages\": %llu, \"maps_refused\": %llu, \"xenstore_requests\": %llu,\n    \"domctl\": {",
           (unsigned long long)s.hypercalls, (unsigned long long)s.unknown, (unsigned long long)s.refused,
           (unsigned long long)s.injected, (unsigned long long)s.populated, (unsigned long long)s.guest_pages,
           (unsigned long long)s.guest_pages_peak, (unsigned long long)s.map_calls, (unsigned long long)s.map_pages,
           (unsigned long long)s.map_refused, (unsigned long long)s.xs_requests);
    for (unsigned int i = 0; i < 128; i++) {
        if (!s.by_domctl[i])
            continue;
        printf("%s\"%u\": %llu", sep, i, (unsigned long long)s.by_domctl[i]);
        sep = ", ";
    }
    printf("}},\n  \"last_refusal\": ");
    print_string(sim_last_refusal(), strlen(sim_last_refusal()));
}

static void print_all(bool pages) {
    uint16_t ids[SIM_MAX_DOMAINS];
    unsigned int n = sim_domain_list(ids);

    printf("{\n  \"domains\": [");
    for (unsigned int i = 0; i < n; i++) {
        printf("%s\n", i ? "," : "");
        print_domain(ids[i], pages);
    }
    printf("],\n  \"xenstore\": {");
    separator = "";
    sim_xenstore_walk(print_node, NULL);
    printf("},\n");
    print_stats();
    printf("\n}\n");
}

static int dump(const void *data, size_t len) {
    if (!data) {
        fputs("simstate: no such page or context\n", stderr);
        return 1;
    }
    return fwrite(data, 1, len, stdout) == len ? 0 : 1;
}

int main(int argc, char **argv) {
    size_t kept = 0, full = 0;
    struct stat st;
    char state[4096];
    uint16_t id;

    if (argc < 2)
        usage();
    snprintf(state, sizeof(state), "%s/state", argv[1]);
    if (stat(state, &st) || sim_host_open(argv[1], NULL)) {
        fprintf(stderr, "simstate: %s: no simulated host: %s\n", argv[1], strerror(errno));
        return 1;
    }
    if (argc == 2 || (argc == 3 && !strcmp(argv[2], "--pages"))) {
        print_all(argc == 3);
        return 0;
    }
    if (argc < 4)
        usage();
    id = (uint16_t)strtoul(argv[3], NULL, 0);
    if (argc == 5 && !strcmp(argv[2], "--page"))
        return dump(sim_domain_page(id, strtoull(argv[4], NULL, 0)), SIM_PAGE_SIZE);
    if (argc == 5 && !strcmp(argv[2], "--frame"))
        return dump(sim_domain_frame(id, strtoull(argv[4], NULL, 0)), SIM_PAGE_SIZE);
    if (argc == 4 && !strcmp(argv[2], "--hvm-context")) {
        const void *context = sim_domain_hvm_context(id, &kept, &full);

        return dump(context, kept);
    }
    usage();
}
