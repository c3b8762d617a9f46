/* SPDX-License-Identifier: MIT */
/* Stand-in for libxenstore: reading, writing, transactions. xenstored's rules for paths are kept. */
#define _GNU_SOURCE
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <xenstore.h>

#include "sim_internal.h"
#include "xs_internal.h"
#include "xs_store.h"

static uint64_t fail_at;
static int fail_err;
static bool fail_read_env;

void sim_fail_xenstore(uint64_t n, int err) {
    fail_at = n;
    fail_err = err;
    fail_read_env = true;
}

/* Counts a request, and fails it when that was asked for. */
bool xs_request(void) {
    const char *e = getenv("XENVET_SIM_XS_FAIL"), *colon = e ? strchr(e, ':') : NULL;

    sim_host()->stats.xs_requests++;
    if (!fail_read_env && e && *e)
        sim_fail_xenstore(strtoull(e, NULL, 0), colon ? sim_parse_errno(colon + 1) : EIO);
    fail_read_env = true;
    if (!fail_at || --fail_at)
        return true;
    errno = fail_err;
    return false;
}

struct xs_handle *xs_open(unsigned long flags) {
    struct xs_handle *h;

    (void)flags;
    if (!xs_request())
        return NULL;
    h = calloc(1, sizeof(*h));
    if (h)
        h->fd = -1;
    return h;
}

struct xs_handle *xs_daemon_open(void) {
    return xs_open(0);
}
struct xs_handle *xs_daemon_open_readonly(void) {
    return xs_open(0);
}
struct xs_handle *xs_domain_open(void) {
    return xs_open(0);
}

/* is_valid_nodename(): characters, length, no empty part, no final slash. */
bool xs_valid_path(const char *path, size_t most) {
    size_t n = strlen(path);

    if (path[0] != '/' || n > most || (n > 1 && path[n - 1] == '/') || strstr(path, "//"))
        return false;
    for (size_t i = 0; i < n; i++)
        if (!isalnum((unsigned char)path[i]) && !strchr("-/_@", path[i]))
            return false;
    return true;
}

/* A relative path of dom0 means below /local/domain/0. */
bool xs_full_path(const char *path, char full[PATH_MAX]) {
    int n =
        path[0] == '/' ? snprintf(full, PATH_MAX, "%s", path) : snprintf(full, PATH_MAX, "/local/domain/0/%s", path);

    if (n > 0 && n < PATH_MAX && xs_valid_path(full, path[0] == '/' ? 3072 : 2048))
        return true;
    errno = EINVAL;
    return false;
}

static struct transaction *find_transaction(struct xs_handle *h, xs_transaction_t t) {
    for (struct transaction *x = h->transactions; x; x = x->next)
        if (x->id == t)
            return x;
    return NULL;
}

struct store *xs_begin(struct xs_handle *h, xs_transaction_t t) {
    struct transaction *x;

    if (!xs_request())
        return NULL;
    if (t == XBT_NULL)
        return store_begin();
    x = find_transaction(h, t);
    if (!x)
        errno = ENOENT;
    return x ? x->store : NULL;
}

void xs_end(xs_transaction_t t, struct store *s, bool changed) {
    int saved = errno;

    if (t == XBT_NULL)
        store_end(s, changed);
    errno = saved;
}

xs_transaction_t xs_transaction_start(struct xs_handle *h) {
    struct transaction *x;
    struct store *s;

    if (!xs_request())
        return XBT_NULL;
    x = calloc(1, sizeof(*x));
    if (!x)
        return XBT_NULL;
    s = store_begin();
    x->store = store_copy(s);
    store_end(s, false);
    x->id = ++h->last_transaction;
    x->next = h->transactions;
    h->transactions = x;
    return x->id;
}

/* EAGAIN when somebody else wrote since the start: callers loop. */
bool xs_transaction_end(struct xs_handle *h, xs_transaction_t t, bool abort) {
    struct transaction **at = &h->transactions, *x;
    bool ok = true;

    while (*at && (*at)->id != t)
        at = &(*at)->next;
    x = *at;
    if (!x) {
        errno = ENOENT;
        return false;
    }
    *at = x->next;
    ok = xs_request();
    if (ok && !abort && !store_replace(x->store)) {
        errno = EAGAIN;
        ok = false;
    }
    store_free(x->store);
    free(x);
    return ok;
}

void *xs_read(struct xs_handle *h, xs_transaction_t t, const char *path, unsigned int *len) {
    struct store *s = xs_begin(h, t);
    char full[PATH_MAX];
    const struct node *node;
    char *copy = NULL;

    if (!s)
        return NULL;
    if (xs_full_path(path, full)) {
        node = store_find(s, full);
        copy = node ? malloc(node->len + 1) : NULL;
        if (copy) {
            memcpy(copy, node->value, node->len + 1);
            if (len)
                *len = (unsigned int)node->len;
        } else {
            errno = ENOENT;
        }
    }
    xs_end(t, s, false);
    return copy;
}

bool xs_write(struct xs_handle *h, xs_transaction_t t, const char *path, const void *data, unsigned int len) {
    struct store *s = xs_begin(h, t);
    char full[PATH_MAX];
    bool ok = s && xs_full_path(path, full);

    if (ok && len > 4096) { /* XENSTORE_PAYLOAD_MAX */
        errno = E2BIG;
        ok = false;
    }
    ok = ok && store_set(s, full, data, len);
    if (s)
        xs_end(t, s, ok);
    if (ok)
        xs_changed(h, full);
    return ok;
}

bool xs_mkdir(struct xs_handle *h, xs_transaction_t t, const char *path) {
    struct store *s = xs_begin(h, t);
    char full[PATH_MAX];
    bool ok = s && xs_full_path(path, full) && store_make(s, full);

    if (s)
        xs_end(t, s, ok);
    if (ok)
        xs_changed(h, full);
    return ok;
}

/* do_rm(): a missing node is success while its parent exists. */
bool xs_rm(struct xs_handle *h, xs_transaction_t t, const char *path) {
    struct store *s = xs_begin(h, t);
    char full[PATH_MAX], *slash;
    bool ok = s && xs_full_path(path, full), removed = false;

    if (ok && !strcmp(full, "/")) {
        errno = EINVAL;
        ok = false;
    }
    if (ok)
        removed = store_remove(s, full);
    if (ok && !removed) {
        slash = strrchr(full, '/');
        slash[slash == full] = '\0';
        ok = store_find(s, full) != NULL;
        if (!ok)
            errno = ENOENT;
    }
    if (s)
        xs_end(t, s, removed);
    if (removed)
        xs_changed(h, full);
    return ok;
}

/* One allocation holds the pointers and the names, as callers free only the first. */
static char **pack_names(char **names, unsigned int n, size_t bytes) {
    char **out = malloc((n ? n : 1) * sizeof(*out) + bytes), *to = (char *)(out + n);

    for (unsigned int i = 0; out && i < n; i++) {
        out[i] = to;
        to = stpcpy(to, names[i]) + 1;
    }
    return out;
}

char **xs_directory(struct xs_handle *h, xs_transaction_t t, const char *path, unsigned int *num) {
    struct store *s = xs_begin(h, t);
    char full[PATH_MAX], **names = NULL, **out = NULL;
    size_t skip, bytes = 0;

    *num = 0;
    if (s && xs_full_path(path, full) && store_find(s, full)) {
        skip = strcmp(full, "/") ? strlen(full) + 1 : 1;
        names = calloc(s->n, sizeof(*names));
        for (size_t i = 0; names && i < s->n; i++) {
            const char *name = s->nodes[i].path;

            if (!store_is_below(name, full) || strchr(name + skip, '/'))
                continue;
            names[*num] = s->nodes[i].path + skip;
            bytes += strlen(names[(*num)++]) + 1;
        }
        out = pack_names(names, *num, bytes);
    } else if (s) {
        errno = ENOENT;
    }
    if (s)
        xs_end(t, s, false);
    free(names);
    return out;
}
