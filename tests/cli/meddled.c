/* SPDX-License-Identifier: MIT */
/*
 * meddled ACTION FILE: reads FILE as xenvet does, changes it right before the second read, and prints the verdict. The
 * reading code is linked in, because the process that reads in earnest cannot be meddled with.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include "input.h"

static const char *action, *path;
static int reads;

static void meddle(void) {
    int fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
    if (fd < 0)
        abort();
    if (strcmp(action, "shrink") == 0 && ftruncate(fd, 100000) != 0)
        abort();
    if (strcmp(action, "grow") == 0 && write(fd, "x", 1) != 1)
        abort();
    if (strcmp(action, "touch") == 0 && futimens(fd, (const struct timespec[2]){{1, 0}, {1, 0}}) != 0)
        abort();
    (void)close(fd);
}

/* The linker puts these in the place of the library's. */
ssize_t __real_pread(int fd, void *to, size_t n, off_t at);
ssize_t __wrap_pread(int fd, void *to, size_t n, off_t at);

ssize_t __wrap_pread(int fd, void *to, size_t n, off_t at) {
    if (++reads == 2)
        meddle();
    return __real_pread(fd, to, n, at);
}

int main(int argc, char **argv) {
    static uint8_t buffer[XV_INPUT_BUFFER];
    struct xv_input input = {.sink = -1, .buffer = buffer, .capacity = sizeof buffer};
    struct xv_observer silent = {NULL, NULL, 0};
    struct xv_policy policy;
    if (argc != 3)
        return 2;
    action = argv[1];
    path = argv[2];
    xv_policy_strict(&policy);
    struct xv_arena arena = {.size = (size_t)xv_policy_arena_bytes(&policy)};
    arena.bytes = calloc(1, arena.size);
    void *memory = calloc(1, xv_parser_size());
    input.fd = open(path, O_RDONLY | O_CLOEXEC);
    if (arena.bytes == NULL || memory == NULL || input.fd < 0)
        return 3;
    struct xv_parser *parser = xv_parser_init(memory, &policy, arena, silent);
    if (xv_drive(parser, &input) != XV_DRIVE_DONE)
        return 3;
    (void)printf("%s after %d reads\n", xv_verdict_of(xv_parser_report(parser)->code)->name, reads);
    free(memory);
    free(arena.bytes);
    return 0;
}
