/* SPDX-License-Identifier: MIT */
#include "remove.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../uuid_text.h"
#include "mark.h"
#include "nodes.h"

#define ATTEMPTS    5   /* a call may fail for a moment */
#define DYING_TENTH 100 /* tenths of a second that a domain may take to be gone */

/* What is looked for among the domains, and what was found. */
struct search {
    struct xv_mark mark;
    bool known, owned; /* the node was there; see xv_remove_marked() */
    uint8_t handle[16], uuid[16];
    uint32_t found;    /* a domain to remove */
    bool number_taken; /* a domain with the number in the node exists */
    bool uuid_taken;   /* a domain that stays has the uuid in the node */
};

/* A domain that was handed over is its owner's to remove; for anyone else it is finished as soon as it may have run. */
static bool unfinished(const struct search *s, const xc_domaininfo_t *domain) {
    return s->owned || (domain->flags & XEN_DOMINF_paused && domain->cpu_time == 0);
}

static bool look(void *context, const xc_domaininfo_t *domain) {
    struct search *s = context;
    bool handed_over = s->known && domain->domain == s->mark.domid && memcmp(domain->handle, s->uuid, 16) == 0;

    s->number_taken |= s->known && domain->domain == s->mark.domid;
    if (memcmp(domain->handle, s->handle, 16) == 0 || (handed_over && unfinished(s, domain)))
        s->found = domain->domain;
    else if (s->known && !(domain->flags & XEN_DOMINF_dying) && memcmp(domain->handle, s->uuid, 16) == 0)
        s->uuid_taken = true;
    return true;
}

/* Its pages go one by one; xenstored and the console daemon let go of theirs when they see it die. */
static void await_gone(const struct xv_host *host, uint32_t domid) {
    struct timespec tenth = {0, 100000000};
    xc_domaininfo_t info;

    for (int i = 0; i < DYING_TENTH; i++) {
        if (xc_domain_getinfolist(host->xch, domid, 1, &info) != 1 || info.domain != domid)
            return;
        (void)nanosleep(&tenth, NULL);
    }
}

static bool destroy(const struct xv_host *host, uint32_t domid) {
    if (xc_domain_destroy(host->xch, domid) != 0)
        return false;
    await_gone(host, domid);
    return true;
}

static bool attempt(const struct xv_host *host, const char *text, bool owned) {
    struct search s = {.owned = owned, .found = XV_NO_DOMAIN};
    uint32_t domid;

    s.known = xv_mark_read(host, text, &s.mark) && xv_uuid_parse(s.mark.uuid, s.uuid);
    if (!xv_uuid_parse(text, s.handle) || !xv_host_domains(host, look, &s))
        return false;
    domid = s.found != XV_NO_DOMAIN ? s.found : s.known && !s.number_taken ? s.mark.domid : XV_NO_DOMAIN;
    if (domid != XV_NO_DOMAIN && !xv_nodes_remove(host, domid, s.known && !s.uuid_taken ? s.mark.uuid : NULL))
        return false;
    if (s.found != XV_NO_DOMAIN && !destroy(host, s.found))
        return false;
    return xv_mark_remove(host, text);
}

bool xv_remove_marked(const struct xv_host *host, const char *mark, bool owned) {
    for (int i = 0; i < ATTEMPTS; i++) {
        if (attempt(host, mark, owned))
            return true;
    }
    return false;
}

static bool reap(const struct xv_host *host, const char *text) {
    struct xv_mark mark;
    uint8_t handle[16];

    if (!xv_uuid_parse(text, handle))
        return true; /* not ours */
    if (xv_mark_read(host, text, &mark) && xv_mark_owner_lives(&mark)) {
        (void)printf("%s: process %ld is at work on it\n", text, mark.owner);
        return true;
    }
    if (!xv_remove_marked(host, text, false)) {
        (void)printf("%s: could not be removed\n", text);
        return false;
    }
    if (mark.domid != XV_NO_DOMAIN)
        (void)printf("%s: domain %u removed, or found finished\n", text, mark.domid);
    else
        (void)printf("%s: removed\n", text);
    return true;
}

bool xv_remove_leftovers(const struct xv_host *host) {
    unsigned int n = 0;
    char **marks = xs_directory(host->xs, XBT_NULL, XV_MARKS, &n);
    bool all = true;

    for (unsigned int i = 0; marks != NULL && i < n; i++)
        all = reap(host, marks[i]) && all;
    free(marks);
    all = xv_marks_tidy(host) && all;
    return all;
}
