/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "incoming.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "incoming_note.h"
#include "monitor.h"

#define UNNAMED  "(null)" /* what xl prints for a domain whose name is not written yet */
#define ATTEMPTS 8u
#define PATIENT  3u /* attempts before a domain without a name, but with our uuid, is believed to be ours */
#define PAUSE_MS 250
#define CLAIM    "xenvet-incoming/"

void xv_incoming_init(struct xv_incoming *i, const char *xl, const char *suffix) {
    memset(i, 0, sizeof *i);
    i->xl = xl;
    i->suffix = suffix;
    i->claim = -1;
}

/* `what`, `subject`, `rest` make one sentence. */
static bool fail(struct xv_incoming *i, const char *what, const char *subject, const char *rest) {
    (void)snprintf(i->failure, sizeof i->failure, "%s%s%s", what, subject, rest);
    return false;
}

/* A name was cut to fit its array, so one that fills it is only the beginning. */
static bool name_fits(const struct xv_incoming *i, const char *name) {
    size_t n = strlen(i->name), suffix = strlen(i->suffix), whole = strlen(name);

    if (n == sizeof i->name - 1)
        return whole >= n + suffix && strncmp(name, i->name, n) == 0 && strcmp(name + whole - suffix, i->suffix) == 0;
    return whole == n + suffix && strncmp(name, i->name, n) == 0 && strcmp(name + n, i->suffix) == 0;
}

static bool uuid_fits(const struct xv_incoming *i, const struct xv_xl_domain *domain) {
    return i->uuid[0] == 0 || strcasecmp(domain->uuid, i->uuid) == 0;
}

static bool unnamed(const struct xv_xl_domain *domain) {
    return strcmp(domain->name, UNNAMED) == 0 || domain->name[0] == 0;
}

static bool is_new(const struct xv_incoming *i, const struct xv_xl_domain *domain) {
    return domain->domid != 0 && !xv_xl_has(&i->before, domain->domid);
}

static bool is_ours(const struct xv_incoming *i, const struct xv_xl_domain *domain) {
    return is_new(i, domain) && uuid_fits(i, domain) && name_fits(i, domain->name);
}

/*
 * Two runs that receive the same domain could take each other's for their own. The name of an abstract socket goes with
 * the process that has it.
 */
static bool claim(struct xv_incoming *i) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int n = snprintf(address.sun_path + 1, sizeof address.sun_path - 1, CLAIM "%s%s", i->name, i->suffix);

    i->claim = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (i->claim >= 0 && n > 0 &&
        bind(i->claim, (const struct sockaddr *)&address,
             (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + strlen(address.sun_path + 1))) == 0)
        return true;
    if (errno == EADDRINUSE)
        return fail(i, "another xenvet is receiving the domain ", i->name, " now");
    return fail(i, "cannot claim the name of the domain: ", strerror(errno), "");
}

static bool name_is_free(struct xv_incoming *i) {
    for (size_t k = 0; k < i->before.count; k++) {
        if (name_fits(i, i->before.items[k].name))
            return fail(i, "a domain named ", i->before.items[k].name, " exists");
    }
    return true;
}

bool xv_incoming_open(struct xv_incoming *i) {
    free(i->before.items);
    if (xv_xl_list(i->xl, &i->before))
        return true;
    return fail(i, "xl vm-list does not work: ", strerror(errno), "");
}

bool xv_incoming_begin(struct xv_incoming *i, const struct xv_summary *summary) {
    if (i->name[0] == 0) {
        (void)snprintf(i->name, sizeof i->name, "%s", summary->config_name);
        (void)snprintf(i->uuid, sizeof i->uuid, "%s", summary->config_uuid);
    }
    if (i->name[0] == 0)
        return fail(i, "the configuration does not name its domain", "", "");
    if (!claim(i) || !xv_incoming_open(i))
        return false;
    i->begun = name_is_free(i);
    if (i->begun && !i->silent && !xv_incoming_note_write(i))
        (void)fprintf(stderr, "<4>xenvet: no note of the domain, which --reap would need: %s\n", strerror(errno));
    return i->begun;
}

/* What is left of the domain after one round of destroying; what has no name yet waits for the last rounds. */
static size_t destroy_ours(const struct xv_incoming *i, const struct xv_xl_domains *now, bool patient, bool idle) {
    size_t found = 0;

    for (size_t k = 0; k < now->count; k++) {
        const struct xv_xl_domain *domain = &now->items[k];
        bool nameless = is_new(i, domain) && unnamed(domain) && i->uuid[0] != 0 && uuid_fits(i, domain);

        if (!is_ours(i, domain) && !nameless)
            continue;
        if (idle && xv_xl_ran(i->xl, domain->domid))
            continue;
        found++;
        if (!nameless || !patient)
            (void)xv_xl_destroy(i->xl, domain->domid);
    }
    return found;
}

/* A domain that somebody may be receiving, and perhaps a worker that lied about its name. */
static bool suspicious(const struct xv_incoming *i, const struct xv_xl_domains *now) {
    size_t suffix = strlen(i->suffix);

    for (size_t k = 0; k < now->count; k++) {
        const struct xv_xl_domain *domain = &now->items[k];
        size_t n = strlen(domain->name);

        if (is_new(i, domain) &&
            (unnamed(domain) || suffix == 0 || (n >= suffix && strcmp(domain->name + n - suffix, i->suffix) == 0)))
            return true;
    }
    return false;
}

static bool remove_domain(struct xv_incoming *i, bool honest, bool idle) {
    for (unsigned round = 0; round < ATTEMPTS; round++) {
        struct xv_xl_domains now;
        size_t found = 1;

        if (round > 0)
            xv_pause_ms(PAUSE_MS);
        if (!xv_xl_list(i->xl, &now))
            continue;
        if (i->begun)
            found = destroy_ours(i, &now, round < PATIENT, idle);
        if (!i->begun || found == 0) {
            bool left = !honest && suspicious(i, &now);

            free(now.items);
            return !left;
        }
        free(now.items);
    }
    return false;
}

bool xv_incoming_remove(struct xv_incoming *i, bool honest) {
    if (!i->begun && honest) /* nothing went out that names a domain */
        return true;
    if (!remove_domain(i, honest, false)) {
        i->note[0] = 0; /* the file stays: --reap tries again */
        return false;
    }
    return true;
}

bool xv_incoming_remove_idle(struct xv_incoming *i) {
    return remove_domain(i, true, true);
}

void xv_incoming_handed_over(struct xv_incoming *i) {
    xv_incoming_note_remove(i);
}

uint32_t xv_incoming_domid(const struct xv_incoming *i) {
    struct xv_xl_domains now;
    uint32_t found = 0, count = 0;

    if (!i->begun || !xv_xl_list(i->xl, &now))
        return 0;
    for (size_t k = 0; k < now.count; k++) {
        if (is_ours(i, &now.items[k])) {
            found = now.items[k].domid;
            count++;
        }
    }
    free(now.items);
    return count == 1 ? found : 0;
}

void xv_incoming_close(struct xv_incoming *i) {
    xv_incoming_note_remove(i);
    free(i->before.items);
    i->before = (struct xv_xl_domains){NULL, 0};
    if (i->claim >= 0)
        (void)close(i->claim);
    i->claim = -1;
}
