/* SPDX-License-Identifier: MIT */
/* Loaded into the program under test: changes the file MEDDLE_FILE right before its second positioned read. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

static void meddle(void) {
    static int reads;
    const char *action = getenv("MEDDLE");
    const char *file = getenv("MEDDLE_FILE");
    int fd;
    if (action == NULL || file == NULL || ++reads != 2)
        return;
    fd = open(file, O_WRONLY | O_APPEND | O_CLOEXEC);
    if (fd < 0)
        abort();
    if (strcmp(action, "shrink") == 0 && ftruncate(fd, 100000) != 0)
        abort();
    if (strcmp(action, "grow") == 0 && write(fd, "x", 1) != 1)
        abort();
    if (strcmp(action, "touch") == 0 && futimens(fd, NULL) != 0)
        abort();
    (void)close(fd);
}

ssize_t pread(int fd, void *buffer, size_t n, off_t at) {
    meddle();
    return syscall(SYS_pread64, fd, buffer, n, at);
}

ssize_t pread64(int fd, void *buffer, size_t n, off64_t at) {
    return pread(fd, buffer, n, at);
}

ssize_t __pread_chk(int fd, void *buffer, size_t n, off_t at, size_t size);
ssize_t __pread_chk(int fd, void *buffer, size_t n, off_t at, size_t size) {
    (void)size;
    return pread(fd, buffer, n, at);
}
