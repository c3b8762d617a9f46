/* SPDX-License-Identifier: MIT */
/*
 * The node tree.  Next to an anonymous host it lives on the heap; next to a host in a directory it is the file
 * "xenstore" there, read and written whole under a lock: small, slow, and easy to look at after a crash.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim_internal.h"
#include "xs_store.h"

static struct store memory_store;
static struct store file_store;
static int file_fd = -1;

static void empty(struct store *s) {
    for (size_t i = 0; i < s->n; i++) {
        free(s->nodes[i].path);
        free(s->nodes[i].value);
        free(s->nodes[i].perms);
    }
    free(s->nodes);
    *s = (struct store){0};
}

void store_free(struct store *s) {
    if (!s)
        return;
    empty(s);
    free(s);
}

/* Index of the first node whose path is not less. */
static size_t lower(const struct store *s, const char *path) {
    size_t lo = 0, hi = s->n;

    while (lo < hi) {
        size_t mid = (lo + hi) / 2;

        if (strcmp(s->nodes[mid].path, path) < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

struct node *store_find(const struct store *s, const char *path) {
    size_t i = lower(s, path);

    return i < s->n && !strcmp(s->nodes[i].path, path) ? &s->nodes[i] : NULL;
}

static struct node *insert(struct store *s, const char *path, const char *perms) {
    size_t i = lower(s, path);

    if (s->n == s->room) {
        size_t room = s->room ? s->room * 2 : 64;
        struct node *more = realloc(s->nodes, room * sizeof(*more));

        if (!more)
            return NULL;
        s->nodes = more;
        s->room = room;
    }
    memmove(&s->nodes[i + 1], &s->nodes[i], (s->n - i) * sizeof(*s->nodes));
    s->nodes[i] = (struct node){.path = strdup(path), .value = calloc(1, 1), .perms = strdup(perms)};
    s->n++;
    return &s->nodes[i];
}

/* A new node inherits its parent's permissions, as in xenstored's construct_node(). */
struct node *store_make(struct store *s, const char *path) {
    struct node *node = store_find(s, path), *parent;
    char up[PATH_MAX], perms[1024], *slash;

    if (node)
        return node;
    if (!strcmp(path, "/"))
        return insert(s, "/", "n0");
    snprintf(up, sizeof(up), "%s", path);
    slash = strrchr(up, '/');
    if (!slash)
        return NULL;
    slash[slash == up] = '\0';
    parent = store_make(s, up);
    if (!parent)
        return NULL;
    snprintf(perms, sizeof(perms), "%s", parent->perms); /* inserting moves the parent */
    return insert(s, path, perms);
}

bool store_set(struct store *s, const char *path, const void *value, size_t len) {
    struct node *node = store_make(s, path);
    uint8_t *copy = node ? malloc(len + 1) : NULL;

    if (!copy)
        return false;
    memcpy(copy, value, len);
    copy[len] = 0;
    free(node->value);
    node->value = copy;
    node->len = len;
    return true;
}

bool store_is_below(const char *path, const char *parent) {
    size_t n = strlen(parent);

    if (!strcmp(parent, "/"))
        return path[1] != '\0';
    return !strncmp(path, parent, n) && path[n] == '/';
}

bool store_remove(struct store *s, const char *path) {
    size_t kept = 0;
    bool found = false;

    for (size_t i = 0; i < s->n; i++) {
        struct node *node = &s->nodes[i];

        if (!strcmp(node->path, path) || store_is_below(node->path, path)) {
            found = true;
            free(node->path);
            free(node->value);
            free(node->perms);
            continue;
        }
        s->nodes[kept++] = *node;
    }
    s->n = kept;
    return found;
}

struct store *store_copy(const struct store *s) {
    struct store *c = calloc(1, sizeof(*c));

    if (!c)
        return NULL;
    for (size_t i = 0; i < s->n; i++) {
        struct node *node = insert(c, s->nodes[i].path, s->nodes[i].perms);

        free(node->value);
        node->len = s->nodes[i].len;
        node->value = malloc(node->len + 1);
        memcpy(node->value, s->nodes[i].value, node->len + 1);
    }
    c->generation = s->generation;
    return c;
}

/* ---- the file ---- */

static bool get(FILE *f, void *to, size_t n) {
    return fread(to, 1, n, f) == n;
}

static void load(struct store *s, int fd) {
    FILE *f = fdopen(dup(fd), "r");
    uint32_t head[3];

    empty(s);
    if (!f)
        return;
    rewind(f);
    if (get(f, &s->generation, sizeof(s->generation))) {
        while (get(f, head, sizeof(head))) {
            char *path = calloc(1, head[0] + 1ul), *perms = calloc(1, head[2] + 1ul);
            uint8_t *value = calloc(1, head[1] + 1ul);
            struct node *node;

            if (!get(f, path, head[0]) || !get(f, value, head[1]) || !get(f, perms, head[2]))
                break;
            node = insert(s, path, perms);
            free(node->value);
            node->value = value;
            node->len = head[1];
            free(path);
            free(perms);
        }
    }
    fclose(f);
}

static void save(const struct store *s, int fd) {
    FILE *f = fdopen(dup(fd), "w");

    if (!f || ftruncate(fd, 0))
        return;
    rewind(f);
    fwrite(&s->generation, sizeof(s->generation), 1, f);
    for (size_t i = 0; i < s->n; i++) {
        const struct node *n = &s->nodes[i];
        const uint32_t head[3] = {(uint32_t)strlen(n->path), (uint32_t)n->len, (uint32_t)strlen(n->perms)};

        fwrite(head, sizeof(head), 1, f);
        fwrite(n->path, head[0], 1, f);
        fwrite(n->value, head[1], 1, f);
        fwrite(n->perms, head[2], 1, f);
    }
    fclose(f);
}

/* ---- requests ---- */

struct store *store_begin(void) {
    char path[PATH_MAX + 16];

    sim_host();
    if (!sim_dir())
        return &memory_store;
    snprintf(path, sizeof(path), "%s/xenstore", sim_dir());
    file_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file_fd < 0)
        return &memory_store;
    flock(file_fd, LOCK_EX);
    load(&file_store, file_fd);
    return &file_store;
}

void store_end(struct store *s, bool changed) {
    if (changed)
        s->generation++;
    if (s != &file_store)
        return;
    if (changed)
        save(s, file_fd);
    close(file_fd); /* drops the lock */
    file_fd = -1;
    empty(s);
}

bool store_replace(struct store *with) {
    struct store *s = store_begin();
    bool same = s->generation == with->generation;

    if (same) {
        struct node *nodes = s->nodes;
        size_t n = s->n, room = s->room;

        s->nodes = with->nodes;
        s->n = with->n;
        s->room = with->room;
        with->nodes = nodes;
        with->n = n;
        with->room = room;
    }
    store_end(s, same);
    return same;
}

/* The state goes with the host: on the heap, and for a reset in the file as well. */
void store_clear(void) {
    empty(&memory_store);
    if (host && sim_dir()) {
        struct store *s = store_begin();
        uint64_t generation = s->generation;

        empty(s);
        s->generation = generation;
        store_end(s, true);
    }
}

void sim_xenstore_walk(void (*fn)(void *arg, const char *path, const void *value, size_t len, const char *perms),
                       void *arg) {
    struct store *s = store_begin();

    for (size_t i = 0; i < s->n; i++)
        fn(arg, s->nodes[i].path, s->nodes[i].value, s->nodes[i].len, s->nodes[i].perms);
    store_end(s, false);
}
