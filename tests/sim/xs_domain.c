/* SPDX-License-Identifier: MIT */
/* Stand-in for libxenstore: permissions, domains, watches, closing. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "sim_internal.h"

#include <xen/grant_table.h>
#include <xenstore.h>

#include "xs_internal.h"
#include "xs_store.h"

#define GNTTAB_RESERVED_XENSTORE_ 1

/* ---- permissions ---- */

static char letter(unsigned int p) {
    bool r = p & XS_PERM_READ, w = p & XS_PERM_WRITE;

    return r && w ? 'b' : r ? 'r' : w ? 'w' : 'n';
}

bool xs_set_permissions(struct xs_handle *h, xs_transaction_t t, const char *path, struct xs_permissions *perms,
                        unsigned int num_perms) {
    struct store *s = xs_begin(h, t);
    char full[PATH_MAX], text[1024] = "";
    struct node *node;
    size_t n = 0;
    bool ok = s && num_perms && xs_full_path(path, full);

    for (unsigned int i = 0; ok && i < num_perms && n < sizeof(text) - 16; i++)
        n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%c%u", i ? "," : "", letter(perms[i].perms), perms[i].id);
    node = ok ? store_find(s, full) : NULL;
    if (ok && !node)
        errno = ENOENT;
    if (node) {
        free(node->perms);
        node->perms = strdup(text);
    }
    if (s)
        xs_end(t, s, node != NULL);
    return node != NULL;
}

struct xs_permissions *xs_get_permissions(struct xs_handle *h, xs_transaction_t t, const char *path,
                                          unsigned int *num) {
    struct store *s = xs_begin(h, t);
    char full[PATH_MAX];
    const struct node *node = s && xs_full_path(path, full) ? store_find(s, full) : NULL;
    struct xs_permissions *out = node ? calloc(strlen(node->perms) + 1, sizeof(*out)) : NULL;

    *num = 0;
    for (const char *p = out ? node->perms : NULL; p && *p;) {
        out[*num].perms = *p == 'b'   ? XS_PERM_READ | XS_PERM_WRITE
                          : *p == 'r' ? XS_PERM_READ
                          : *p == 'w' ? XS_PERM_WRITE
                                      : XS_PERM_NONE;
        out[(*num)++].id = (unsigned int)strtoul(p + 1, NULL, 10);
        p = strchr(p, ',');
        p = p ? p + 1 : NULL;
    }
    if (s && !node)
        errno = ENOENT;
    if (s)
        xs_end(t, s, false);
    return out;
}

/* ---- domains ---- */

/* The ring must be granted to dom0 (xc_dom_gnttab_seed) or exist, and the port be unbound and dom0's. */
static bool can_introduce(struct domain *d, unsigned long gfn, unsigned int port) {
    const grant_entry_v1_t *grants = frame_data(d->grant_mfn);
    const grant_entry_v1_t *g = &grants[GNTTAB_RESERVED_XENSTORE_];
    uint64_t frame = g->flags & GTF_permit_access ? g->frame : gfn;

    return sim_gfn_to_mfn(d, frame) != SIM_NO_MFN && port < SIM_PORTS_MAX && d->ports[port].used &&
           d->ports[port].remote == 0 && (d->introduced || !d->ports[port].bound);
}

/* do_introduce(): twice is an error in the first argument's favour, xenstored only answers EINVAL for a bad ring. */
bool xs_introduce_domain(struct xs_handle *h, unsigned int domid, unsigned long mfn, unsigned int eventchn) {
    struct domain *d;
    bool ok;

    if (!xs_request())
        return false;
    sim_lock();
    d = domain_find((uint16_t)domid);
    ok = d && can_introduce(d, mfn, eventchn);
    if (ok) {
        d->introduced = 1;
        d->store_gfn = mfn;
        d->store_port = eventchn;
        d->ports[eventchn].bound = 1;
    } else {
        refuse(-EINVAL, "xenstored: introduce domain %u, ring %#lx, port %u", domid, mfn, eventchn);
    }
    sim_trace("xenstored: introduce domain %u ring %#lx port %u: %d", domid, mfn, eventchn, ok);
    sim_unlock();
    if (ok)
        xs_changed(h, "@introduceDomain");
    else
        errno = EINVAL;
    return ok;
}

bool xs_release_domain(struct xs_handle *h, unsigned int domid) {
    struct domain *d;
    bool ok;

    if (!xs_request())
        return false;
    sim_lock();
    d = domain_find((uint16_t)domid);
    ok = d && d->introduced;
    if (ok)
        d->introduced = 0;
    sim_unlock();
    if (ok)
        xs_changed(h, "@releaseDomain");
    else
        errno = ENOENT;
    return ok;
}

bool xs_is_domain_introduced(struct xs_handle *h, unsigned int domid) {
    const struct domain *d;

    (void)h;
    if (!xs_request())
        return false;
    d = domain_find((uint16_t)domid);
    return d && d->introduced;
}

bool xs_set_target(struct xs_handle *h, unsigned int domid, unsigned int target) {
    (void)h, (void)target;
    return xs_request() && domain_find((uint16_t)domid);
}

bool xs_resume_domain(struct xs_handle *h, unsigned int domid) {
    (void)h;
    return xs_request() && domain_find((uint16_t)domid);
}

bool xs_restrict(struct xs_handle *h, unsigned domid) {
    (void)h, (void)domid;
    errno = ENOSYS;
    return false;
}

char *xs_get_domain_path(struct xs_handle *h, unsigned int domid) {
    char *path = NULL;

    (void)h;
    if (!xs_request() || asprintf(&path, "/local/domain/%u", domid) < 0)
        return NULL;
    return path;
}

bool xs_path_is_subpath(const char *parent, const char *child) {
    size_t n = strlen(parent);

    return !strncmp(parent, child, n) && (child[n] == '/' || child[n] == '\0');
}

char *xs_control_command(struct xs_handle *h, const char *cmd, void *data, unsigned int len) {
    (void)h, (void)cmd, (void)data, (void)len;
    errno = ENOSYS;
    return NULL;
}

char *xs_debug_command(struct xs_handle *h, const char *cmd, void *data, unsigned int len) {
    return xs_control_command(h, cmd, data, len);
}

int xs_suspend_evtchn_port(int domid) {
    (void)domid;
    return -1;
}

/* ---- watches ---- */

static void set_readable(struct xs_handle *h) {
    if (h->fd >= 0)
        eventfd_write(h->fd, 1);
}

static void queue(struct xs_handle *h, const char *path, const char *token) {
    struct event **at = &h->events;

    while (*at)
        at = &(*at)->next;
    *at = calloc(1, sizeof(**at));
    (*at)->path = strdup(path);
    (*at)->token = strdup(token);
    set_readable(h);
}

void xs_changed(struct xs_handle *h, const char *path) {
    for (struct watch *w = h->watches; w; w = w->next)
        if (!strcmp(w->path, path) || store_is_below(path, w->path))
            queue(h, path, w->token);
}

/* A new watch fires at once. */
bool xs_watch(struct xs_handle *h, const char *path, const char *token) {
    struct watch *w;

    if (!xs_request())
        return false;
    w = calloc(1, sizeof(*w));
    w->path = strdup(path);
    w->token = strdup(token);
    w->next = h->watches;
    h->watches = w;
    queue(h, path, token);
    return true;
}

bool xs_unwatch(struct xs_handle *h, const char *path, const char *token) {
    for (struct watch **at = &h->watches, *w; (w = *at); at = &w->next) {
        if (strcmp(w->path, path) || strcmp(w->token, token))
            continue;
        *at = w->next;
        free(w->path);
        free(w->token);
        free(w);
        return true;
    }
    errno = ENOENT;
    return false;
}

int xs_fileno(struct xs_handle *h) {
    if (h->fd < 0) {
        h->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        if (h->events)
            set_readable(h);
    }
    return h->fd;
}

char **xs_check_watch(struct xs_handle *h) {
    struct event *e = h->events;
    char **out, *to;
    eventfd_t drained;

    if (!e) {
        errno = EAGAIN;
        return NULL;
    }
    h->events = e->next;
    if (!h->events && h->fd >= 0)
        (void)!eventfd_read(h->fd, &drained);
    out = malloc(2 * sizeof(*out) + strlen(e->path) + strlen(e->token) + 2);
    to = (char *)(out + 2);
    out[XS_WATCH_PATH] = strcpy(to, e->path);
    out[XS_WATCH_TOKEN] = strcpy(to + strlen(to) + 1, e->token);
    free(e->path);
    free(e->token);
    free(e);
    return out;
}

/* Would block for ever when nothing waits: nobody else writes to this handle's store. */
char **xs_read_watch(struct xs_handle *h, unsigned int *num) {
    char **out = xs_check_watch(h);

    *num = out ? 2 : 0;
    return out;
}

/* ---- closing ---- */

void xs_close(struct xs_handle *h) {
    if (!h)
        return;
    while (h->transactions) {
        struct transaction *x = h->transactions;

        h->transactions = x->next;
        store_free(x->store);
        free(x);
    }
    while (h->watches)
        xs_unwatch(h, h->watches->path, h->watches->token);
    while (h->events)
        free(xs_check_watch(h));
    if (h->fd >= 0)
        close(h->fd);
    free(h);
}

void xs_daemon_close(struct xs_handle *h) {
    xs_close(h);
}
void xs_daemon_destroy_postfork(struct xs_handle *h) {
    free(h);
}
