/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "libxl_reader_run.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { RESTORED, REFUSED_BY_LIBXC = 3, REFUSED_BY_LIBXL, CANNOT_SAY }; /* of libxl_reader.c */

static struct { unsigned long long restores, refused; } count;

static char host[256]; /* its directory */

static void forget_host(void) {
    static const char *const files[] = {"state", "memory", "m2p", "xenstore"};
    char path[320];

    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        (void)snprintf(path, sizeof(path), "%s/%s", host, files[i]);
        (void)unlink(path);
    }
}

static void remove_host(void) {
    forget_host();
    (void)rmdir(host);
}

/* DIR/reader and DIR/../lib/libxensim_plain.so for DIR/harness. */
static void beside(char *path, size_t size, const char *name) {
    ssize_t n = readlink("/proc/self/exe", path, size - 1);

    if (n <= 0)
        abort();
    path[n] = '\0';
    *strrchr(path, '/') = '\0';
    (void)snprintf(path + strlen(path), size - strlen(path), "/%s", name);
}

static int file_of(const void *bytes, size_t n) {
    int fd = memfd_create("stream", 0);

    if (fd < 0 || (n && write(fd, bytes, n) != (ssize_t)n) || lseek(fd, 0, SEEK_SET) != 0)
        abort();
    return fd;
}

/* Its wait status; what it said is in *said. */
static int run(const struct fuzz_libxl *l, int said) {
    char reader[4096], library[4096], preload[4200], directory[320], vcpus[16], memkb[24];
    char *const argv[] = {reader, (char *)(uintptr_t)l->type, vcpus, memkb, NULL};
    char *const env[] = {preload, directory, "XENVET_SIM_PAGES=65536", "XENVET_SIM_RELAX=synthetic", NULL};
    int stream = file_of(l->stream, l->len), status;
    posix_spawn_file_actions_t files;
    pid_t pid;

    beside(reader, sizeof(reader), "libxl_reader");
    beside(library, sizeof(library), "../lib/libxensim_plain.so");
    (void)snprintf(preload, sizeof(preload), "LD_PRELOAD=%s", library);
    (void)snprintf(directory, sizeof(directory), "XENVET_SIM_DIR=%s", host);
    (void)snprintf(vcpus, sizeof(vcpus), "%u", l->vcpus);
    (void)snprintf(memkb, sizeof(memkb), "%llu", (unsigned long long)l->pages * 4);
    (void)posix_spawn_file_actions_init(&files);
    (void)posix_spawn_file_actions_adddup2(&files, stream, STDIN_FILENO);
    (void)posix_spawn_file_actions_adddup2(&files, said, STDOUT_FILENO);
    (void)posix_spawn_file_actions_adddup2(&files, said, STDERR_FILENO);
    if (posix_spawn(&pid, reader, &files, NULL, argv, env) != 0)
        abort();
    (void)posix_spawn_file_actions_destroy(&files);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    (void)close(stream);
    return status;
}

static void __attribute__((noreturn)) fails(const char *what, int number, int said) {
    char text[4096];
    ssize_t n = pread(said, text, sizeof(text) - 1, 0);

    text[n > 0 ? n : 0] = '\0';
    fprintf(stderr, "libxl oracle: %s %d:\n%s", what, number, text);
    remove_host();
    abort();
}

bool fuzz_libxl_reader(const struct fuzz_libxl *l) {
    const char *scratch = getenv("TMPDIR");
    int said = file_of("", 0), status;

    if (!*host) {
        (void)snprintf(host, sizeof(host), "%s/xenvet-libxl-XXXXXX", scratch ? scratch : "/dev/shm");
        if (!mkdtemp(host))
            abort();
        (void)atexit(remove_host);
    }
    status = run(l, said);
    forget_host();
    count.restores++;
    if (WIFSIGNALED(status))
        fails("signal", WTERMSIG(status), said);
    if (WEXITSTATUS(status) == CANNOT_SAY && count.restores == 1)
        fprintf(stderr, "libxl_reader: no namespace of mounts here, or no simulator: nothing is tested\n");
    else if (WEXITSTATUS(status) == REFUSED_BY_LIBXC)
        count.refused++;
    else if (WEXITSTATUS(status) != RESTORED && WEXITSTATUS(status) != CANNOT_SAY)
        fails("refused, exit status", WEXITSTATUS(status), said);
    (void)close(said);
    return WEXITSTATUS(status) == RESTORED;
}

/* With XENVET_FUZZ_STATS set, as restore_oracle.c. */
static void tell(void) __attribute__((destructor));

static void tell(void) {
    if (count.restores && getenv("XENVET_FUZZ_STATS"))
        fprintf(stderr, "%llu restores, %llu refused by libxenguest\n", count.restores, count.refused);
}
