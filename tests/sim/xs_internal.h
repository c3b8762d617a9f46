/* SPDX-License-Identifier: MIT */
/* What the files of the fake libxenstore share. */
#ifndef XENVET_SIM_XS_INTERNAL_H
#define XENVET_SIM_XS_INTERNAL_H

#include <limits.h>
#include <stdbool.h>

#include <xenstore.h>

struct store;

struct transaction {
    xs_transaction_t id;
    struct store *store;
    struct transaction *next;
};

struct event {
    char *path, *token;
    struct event *next;
};
struct watch {
    char *path, *token;
    struct watch *next;
};

struct xs_handle {
    struct transaction *transactions;
    xs_transaction_t last_transaction;
    struct watch *watches;
    struct event *events;
    int fd; /* eventfd, readable while events wait; -1 until asked for */
};

bool xs_request(void);
bool xs_valid_path(const char *path, size_t most);
bool xs_full_path(const char *path, char full[PATH_MAX]);
struct store *xs_begin(struct xs_handle *h, xs_transaction_t t);
void xs_end(xs_transaction_t t, struct store *s, bool changed);
/* Fires this handle's own watches; other processes' handles are not told. */
void xs_changed(struct xs_handle *h, const char *path);

#endif
