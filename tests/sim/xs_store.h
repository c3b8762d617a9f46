/* SPDX-License-Identifier: MIT */
/* The node tree behind the fake xenstore. */
#ifndef XENVET_SIM_XS_STORE_H
#define XENVET_SIM_XS_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct node {
    char *path;
    uint8_t *value;
    size_t len;
    char *perms; /* as xenstored writes them: "n0,r3" */
};

/* Sorted by path. */
struct store {
    struct node *nodes;
    size_t n, room;
    uint64_t generation; /* of the committed store this is or was copied from */
};

/* Takes the store for one request; LOCKED ones are written back by store_commit(). */
struct store *store_begin(void);
void store_end(struct store *s, bool changed);

struct store *store_copy(const struct store *s);
void store_free(struct store *s);
/* Replaces the committed contents; false when it has changed since the copy was made. */
bool store_replace(struct store *s);

struct node *store_find(const struct store *s, const char *path);
/* Creates it and its missing parents. */
struct node *store_make(struct store *s, const char *path);
bool store_set(struct store *s, const char *path, const void *value, size_t len);
/* Removes the node and all below it; false when there is none. */
bool store_remove(struct store *s, const char *path);
bool store_is_below(const char *path, const char *parent);

#endif
