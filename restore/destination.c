/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "destination.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "monitor.h"

#define OWN_FILE (O_CLOEXEC | O_NOFOLLOW)

/* The directory that a path names a file in; a new string. */
static char *directory_of(const char *path) {
    char *copy = strdup(path), *result = copy != NULL ? strdup(dirname(copy)) : NULL;

    free(copy);
    return result;
}

static void proc_path(char *out, size_t size, int fd) {
    (void)snprintf(out, size, "/proc/self/fd/%d", fd);
}

/* A pipe that others hold as well is opened anew, so that waiting for room without blocking is our business alone. */
static int reopen_pipe(int fd) {
    char path[40];

    proc_path(path, sizeof path, fd);
    return open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
}

/* An open descriptor, or something that is there and is no regular file. */
static bool use_open(struct xv_destination *d, int fd) {
    struct stat st;

    if (fstat(fd, &st) != 0)
        return false;
    d->fd = fd;
    d->direct = S_ISCHR(st.st_mode);
    if (S_ISFIFO(st.st_mode)) {
        int mine = reopen_pipe(fd);

        d->direct = mine >= 0;
        if (mine >= 0)
            d->fd = mine;
        if (mine >= 0 && d->path != NULL)
            (void)close(fd);
    }
    return true;
}

/* A name beside the final one that nobody else uses. */
static bool make_name(struct xv_destination *d) {
    static unsigned count;

    free(d->temporary);
    d->temporary = NULL;
    return asprintf(&d->temporary, "%s.%ld.%u.xenvet", d->path, (long)getpid(), count++) >= 0;
}

static bool make_file(struct xv_destination *d) {
    char *directory = directory_of(d->path);

    if (directory == NULL)
        return false;
    d->fd = open(directory, O_TMPFILE | O_WRONLY | OWN_FILE, 0600);
    free(directory);
    for (int i = 0; d->fd < 0 && i < 100; i++) {
        if (!make_name(d))
            return false;
        d->fd = open(d->temporary, O_CREAT | O_EXCL | O_WRONLY | OWN_FILE, 0600);
        d->named = d->fd >= 0;
        if (d->fd < 0 && errno != EEXIST)
            return false;
    }
    return d->fd >= 0;
}

bool xv_destination_open(struct xv_destination *d, const char *path) {
    struct stat st;
    int fd;

    *d = (struct xv_destination){.fd = -1};
    if (strcmp(path, "-") == 0)
        return use_open(d, STDOUT_FILENO);
    d->path = path;
    if (stat(path, &st) != 0 || S_ISREG(st.st_mode)) {
        d->file = true;
        if (make_file(d))
            return true;
        xv_destination_close(d);
        return false;
    }
    fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
    return fd >= 0 && use_open(d, fd);
}

static ssize_t copy_piece(struct xv_destination *d, int pipe, size_t n) {
    char piece[65536];
    ssize_t got = read(pipe, piece, n < sizeof piece ? n : sizeof piece);

    if (got > 0 && !xv_write_all(d->fd, piece, (size_t)got, 0))
        return -1;
    return got;
}

ssize_t xv_destination_take(struct xv_destination *d, int pipe, size_t n) {
    ssize_t got;

    do {
        got = d->unspliceable ? copy_piece(d, pipe, n)
                              : splice(pipe, NULL, d->fd, NULL, n, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
        if (got < 0 && errno == EINVAL && !d->unspliceable) {
            d->unspliceable = true; /* opened for appending, for instance */
            errno = EINTR;
        }
    } while (got < 0 && errno == EINTR);
    return got;
}

/* The file without a name gets the temporary one, because only that can be done without replacing. */
static bool give_name(struct xv_destination *d) {
    char path[40];

    proc_path(path, sizeof path, d->fd);
    for (int i = 0; !d->named && i < 100; i++) {
        if (!make_name(d))
            return false;
        d->named = linkat(AT_FDCWD, path, AT_FDCWD, d->temporary, AT_SYMLINK_FOLLOW) == 0;
        if (!d->named && errno != EEXIST)
            return false;
    }
    return d->named;
}

static void sync_directory(const char *path) {
    char *directory = directory_of(path);
    int fd = directory != NULL ? open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;

    if (fd >= 0) {
        (void)fsync(fd);
        (void)close(fd);
    }
    free(directory);
}

bool xv_destination_commit(struct xv_destination *d) {
    if (!d->file)
        return true;
    if (fsync(d->fd) != 0 || !give_name(d) || rename(d->temporary, d->path) != 0)
        return false;
    d->named = false;
    sync_directory(d->path);
    return true;
}

void xv_destination_close(struct xv_destination *d) {
    if (d->named)
        (void)unlink(d->temporary);
    if (d->fd >= 0 && d->fd != STDOUT_FILENO)
        (void)close(d->fd);
    free(d->temporary);
    *d = (struct xv_destination){.fd = -1};
}
