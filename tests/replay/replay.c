/* SPDX-License-Identifier: MIT */
/*
 * Judges many streams in one process, without worker or sandbox: for sanitizers, coverage and mutants of the parser.
 *
 *     replay LIST
 *
 * A line of LIST is FILE, verdict, offset or "-", and the options of xenvet check, each after a tab. One line per
 * failure on standard output, then "N passed, N failed".
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support.h"
#include "sweep.h"

#define FIELDS_MAX 64

/* Splits at tabs, in place; the last field ends at the newline. */
static int split(char *line, char *fields[FIELDS_MAX]) {
    int n = 0;

    line[strcspn(line, "\n")] = '\0';
    while (line && n < FIELDS_MAX - 1)
        fields[n++] = strsep(&line, "\t");
    fields[n] = NULL;
    return n;
}

/* The verdict and its offset for one file under one policy; false if the file cannot be read. */
static bool judge(const char *path, const struct xv_policy *policy, const char **verdict, uint64_t *offset) {
    static const uint8_t nothing[1];
    struct test_parser t;
    struct stat st;
    const uint8_t *bytes = nothing;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    bool empty, good = fd >= 0 && fstat(fd, &st) == 0;

    if (good) {
        empty = st.st_size == 0;
        if (!empty)
            bytes = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
        good = bytes != MAP_FAILED;
    }
    if (good) {
        test_parser_make(&t, policy, (struct xv_observer){NULL, NULL, 0});
        *verdict = xv_verdict_of(test_feed(&t, bytes, (size_t)st.st_size, 0))->name;
        *offset = xv_parser_report(t.p)->offset;
        test_parser_free(&t);
        if (!empty)
            (void)munmap((void *)(uintptr_t)bytes, (size_t)st.st_size);
    }
    if (fd >= 0)
        (void)close(fd);
    return good;
}

/* The policy that the options of a line make. */
static bool policy_of(int n, char *fields[FIELDS_MAX], struct xv_policy *policy) {
    xv_policy_strict(policy);
    for (int i = 3; i < n; i++) {
        if (policy_option(policy, n, fields, &i) <= 0) {
            printf("FAIL %s: option %s\n", fields[0], fields[i]);
            return false;
        }
    }
    return true;
}

static bool line_holds(int n, char *fields[FIELDS_MAX]) {
    struct xv_policy policy;
    const char *verdict = NULL;
    uint64_t offset = 0;

    if (!policy_of(n, fields, &policy))
        return false;
    if (!judge(fields[0], &policy, &verdict, &offset)) {
        perror(fields[0]);
        return false;
    }
    if (strcmp(verdict, fields[1]) != 0 || (fields[2][0] != '-' && offset != strtoull(fields[2], NULL, 10))) {
        printf("FAIL %s: expected %s at %s, got %s at %llu\n", fields[0], fields[1], fields[2], verdict,
               (unsigned long long)offset);
        return false;
    }
    return true;
}

int main(int argc, char **argv) {
    char *line = NULL, *fields[FIELDS_MAX];
    size_t size = 0, passed = 0, failed = 0;
    FILE *list = argc == 2 ? fopen(argv[1], "re") : NULL;

    if (!list) {
        fputs("usage: replay LIST\n", stderr);
        return 2;
    }
    while (getline(&line, &size, list) > 0) {
        int n = split(line, fields);

        if (n >= 3 && line_holds(n, fields))
            passed++;
        else
            failed++;
    }
    free(line);
    (void)fclose(list);
    printf("%zu passed, %zu failed\n", passed, failed);
    return failed || !passed ? 1 : 0;
}
