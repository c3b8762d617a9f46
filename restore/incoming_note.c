/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "incoming_note.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "process_start.h"

#define DIRECTORY "incoming"
#define MOST_TEXT ((size_t)1 << 20) /* Xen has at most 32752 domains */

/* Tests have one of their own. */
static const char *run_directory(void) {
    const char *given = secure_getenv("XENVET_RUNTIME_DIR");

    return given != NULL && given[0] == '/' ? given : XENVET_RUNDIR;
}

/* Only what is ours alone is believed. */
static int open_directory(bool make) {
    char path[256];
    struct stat info;
    int fd;

    (void)snprintf(path, sizeof path, "%s", run_directory());
    if (make)
        (void)mkdir(path, 0755);
    (void)snprintf(path, sizeof path, "%s/" DIRECTORY, run_directory());
    if (make)
        (void)mkdir(path, 0700);
    fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd >= 0 && (fstat(fd, &info) != 0 || info.st_uid != geteuid() || (info.st_mode & 022) != 0)) {
        (void)close(fd);
        errno = EPERM;
        return -1;
    }
    return fd;
}

static bool write_text(FILE *file, const struct xv_incoming *i) {
    bool good = fprintf(file, "owner %ld %llu\nxl %s\nname %s\nsuffix %s\nuuid %s\nthere", (long)getpid(),
                        xv_process_start(getpid()), i->xl, i->name, i->suffix, i->uuid) > 0;

    for (size_t k = 0; k < i->before.count; k++)
        good = fprintf(file, " %u", i->before.items[k].domid) > 0 && good;
    good = fputc('\n', file) != EOF && good;
    return fclose(file) == 0 && good;
}

bool xv_incoming_note_write(struct xv_incoming *i) {
    char name[32];
    int directory = open_directory(true), fd = -1;
    FILE *file;
    bool good;

    (void)snprintf(name, sizeof name, "%ld", (long)getpid());
    if (directory < 0)
        return false;
    (void)unlinkat(directory, name, 0); /* of an earlier process of this number */
    fd = openat(directory, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    file = fd >= 0 ? fdopen(fd, "w") : NULL;
    good = file != NULL && write_text(file, i);
    if (good)
        (void)snprintf(i->note, sizeof i->note, "%s/" DIRECTORY "/%s", run_directory(), name);
    else
        (void)unlinkat(directory, name, 0);
    (void)close(directory);
    return good;
}

void xv_incoming_note_remove(struct xv_incoming *i) {
    if (i->note[0] != 0)
        (void)unlink(i->note);
    i->note[0] = 0;
}

/* What a note says. The strings point into its text. */
struct note {
    long owner;
    unsigned long long since;
    char *there;
    struct xv_incoming incoming;
};

static char *read_file(int directory, const char *name) {
    int fd = openat(directory, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
    char *text = malloc(MOST_TEXT);
    size_t n = 0;
    ssize_t got = 1;

    while (text != NULL && fd >= 0 && got > 0 && n < MOST_TEXT - 1) {
        got = read(fd, text + n, MOST_TEXT - 1 - n);
        n += got > 0 ? (size_t)got : 0;
    }
    if (fd >= 0)
        (void)close(fd);
    if (text == NULL || fd < 0 || got != 0) {
        free(text);
        return NULL;
    }
    text[n] = 0;
    return text;
}

/* The value of the next line, which must be of this key; NULL if it is not. */
static char *next_value(char **rest, const char *key) {
    char *line = *rest, *end = strchr(line, '\n');
    size_t n = strlen(key);

    if (end == NULL || strncmp(line, key, n) != 0 || (line[n] != ' ' && line[n] != '\n'))
        return NULL;
    *end = 0;
    *rest = end + 1;
    return line[n] == 0 ? line + n : line + n + 1;
}

static bool take_there(struct xv_xl_domains *domains, char *text) {
    for (char *end = text; *text != 0; text = end) {
        struct xv_xl_domain *more = realloc(domains->items, (domains->count + 1) * sizeof *more);

        if (more == NULL)
            return false;
        domains->items = more;
        memset(&more[domains->count], 0, sizeof *more);
        more[domains->count].domid = (uint32_t)strtoul(text, &end, 10);
        if (end == text)
            return *text == 0;
        domains->count++;
    }
    return true;
}

/* "number since" */
static bool take_owner(struct note *n, const char *text) {
    char *end = NULL;

    n->owner = strtol(text, &end, 10);
    if (end == text || *end != ' ')
        return false;
    text = end + 1;
    n->since = strtoull(text, &end, 10);
    return end != text && *end == 0;
}

static bool parse(struct note *n, char *text) {
    char *owner = next_value(&text, "owner"), *xl = owner ? next_value(&text, "xl") : NULL;
    char *name = xl ? next_value(&text, "name") : NULL, *suffix = name ? next_value(&text, "suffix") : NULL;
    char *uuid = suffix ? next_value(&text, "uuid") : NULL, *there = uuid ? next_value(&text, "there") : NULL;

    xv_incoming_init(&n->incoming, xl, suffix);
    if (there == NULL || !take_owner(n, owner))
        return false;
    (void)snprintf(n->incoming.name, sizeof n->incoming.name, "%s", name);
    (void)snprintf(n->incoming.uuid, sizeof n->incoming.uuid, "%s", uuid);
    n->incoming.begun = true;
    return take_there(&n->incoming.before, there);
}

static bool reap(int directory, const char *name) {
    char *text = read_file(directory, name);
    struct note n;
    bool gone = false;

    memset(&n, 0, sizeof n);
    if (text == NULL || !parse(&n, text)) {
        (void)printf("%s: not a note of xenvet\n", name);
    } else if (n.since != 0 && xv_process_start(n.owner) == n.since) {
        (void)printf("%s%s: process %ld is at work on it\n", n.incoming.name, n.incoming.suffix, n.owner);
        gone = true;
    } else {
        gone = xv_incoming_remove_idle(&n.incoming) && unlinkat(directory, name, 0) == 0;
        (void)printf("%s%s: %s\n", n.incoming.name, n.incoming.suffix,
                     gone ? "removed, or found finished" : "could not be removed");
    }
    free(n.incoming.before.items);
    free(text);
    return gone;
}

bool xv_incoming_reap(void) {
    int fd = open_directory(false);
    DIR *directory = fd >= 0 ? fdopendir(fd) : NULL;
    const struct dirent *entry;
    bool all = true;

    if (directory == NULL)
        return errno == ENOENT;
    while ((entry = readdir(directory)) != NULL) {
        if (entry->d_name[0] != '.')
            all = reap(dirfd(directory), entry->d_name) && all;
    }
    (void)closedir(directory);
    return all;
}
