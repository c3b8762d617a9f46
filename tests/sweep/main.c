/* SPDX-License-Identifier: MIT */
/*
 *     xenvet-sweep [--full] [--flips N] [--points N] [--mutations N] [OPTIONS of xenvet check] FILE...
 *
 * Truncates each accepted stream, feeds it in pieces, flips its control bits and damages it at random, in one process.
 * One line for each stream: "FILE: N points, N flips, N harmless, N mutations"; a failure is a line that begins with
 * FAIL.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sweep.h"

/* A small arena makes a flip cheap. Streams here have fewer pages; a limit that an option sets stays. */
#define GUEST_PAGES    65536u
#define XENSTORE_NAMES 8192u

static uint64_t sweep(const char *path, const struct stream *s, const struct xv_policy *policy,
                      const struct effort *effort) {
    struct machine m;
    struct totals t = {0};
    struct outcome o;

    machine_make(&m, policy);
    machine_start(&m, (struct xv_observer){NULL, NULL, 0});
    o = machine_finish(&m, s, NULL);
    if (o.code != XV_ACCEPTED) {
        printf("FAIL %s: %s at %llu\n", path, xv_verdict_of(o.code)->name, (unsigned long long)o.offset);
        machine_free(&m);
        return 1;
    }
    sweep_truncation(&m, s, effort, &t);
    sweep_fragments(&m, s, &t);
    sweep_flips(&m, s, effort, &t);
    sweep_mutations(&m, s, effort, &t);
    printf("%s: %llu points, %llu flips, %llu harmless, %llu mutations\n", path, (unsigned long long)t.points,
           (unsigned long long)t.flips, (unsigned long long)t.harmless, (unsigned long long)t.mutations);
    machine_free(&m);
    return t.failures;
}

static uint64_t sweep_file(const char *path, const struct xv_policy *policy, const struct effort *effort) {
    struct stream s = {NULL, 0};
    struct stat st;
    uint64_t failures = 1;
    void *map = MAP_FAILED;
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd >= 0 && fstat(fd, &st) == 0 && st.st_size > 0)
        map = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (map == MAP_FAILED) {
        perror(path);
    } else {
        s.bytes = map;
        s.size = (size_t)st.st_size;
        failures = sweep(path, &s, policy, effort);
        (void)munmap(map, s.size);
    }
    if (fd >= 0)
        (void)close(fd);
    return failures;
}

static bool effort_option(struct effort *effort, int argc, char **argv, int *i) {
    static const char *const names[] = {"--flips", "--points", "--mutations"};
    uint64_t *const fields[] = {&effort->flips, &effort->points, &effort->mutations};

    if (strcmp(argv[*i], "--full") == 0) {
        effort->flips = effort->points = 0;
        return true;
    }
    for (unsigned k = 0; k < 3; k++) {
        if (strcmp(argv[*i], names[k]) == 0 && *i + 1 < argc) {
            *fields[k] = strtoull(argv[++*i], NULL, 10);
            return true;
        }
    }
    return false;
}

int main(int argc, char **argv) {
    struct effort effort = {.points = 100000, .flips = 4000, .mutations = 200};
    struct xv_policy policy;
    uint64_t failures = 0;
    int files = 0;

    xv_policy_strict(&policy);
    policy.max_guest_pages = GUEST_PAGES;
    policy.max_xenstore_names = XENSTORE_NAMES;
    for (int i = 1; i < argc; i++) {
        int taken = 0;

        if (effort_option(&effort, argc, argv, &i) || (taken = policy_option(&policy, argc, argv, &i)) > 0)
            continue;
        if (taken < 0 || argv[i][0] == '-') {
            fprintf(stderr, "xenvet-sweep: %s?\n", argv[i]);
            return 2;
        }
        failures += sweep_file(argv[i], &policy, &effort);
        files++;
    }
    if (!files) {
        fputs(
            "usage: xenvet-sweep [--full] [--flips N] [--points N] [--mutations N] [OPTIONS of xenvet check] FILE...\n",
            stderr);
        return 2;
    }
    return failures ? 1 : 0;
}
