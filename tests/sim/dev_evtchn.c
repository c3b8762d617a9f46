/* SPDX-License-Identifier: MIT */
/* Stand-in for libxenevtchn: the control domain's end of event channels. No event ever arrives. */
#include <errno.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "sim_internal.h"

#include <xenevtchn.h>

#define FIRST_LOCAL_PORT 100

struct xenevtchn_handle {
    int fd;
    int next;
};

xenevtchn_handle *xenevtchn_open(struct xentoollog_logger *logger, unsigned int flags) {
    xenevtchn_handle *h = calloc(1, sizeof(*h));

    (void)logger, (void)flags;
    sim_host();
    if (!h)
        return NULL;
    h->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    h->next = FIRST_LOCAL_PORT;
    return h;
}

xenevtchn_handle *xenevtchn_fdopen(struct xentoollog_logger *logger, int fd, unsigned open_flags) {
    (void)fd;
    return xenevtchn_open(logger, open_flags);
}

int xenevtchn_close(xenevtchn_handle *xce) {
    if (!xce)
        return 0;
    close(xce->fd);
    free(xce);
    return 0;
}

int xenevtchn_restrict(xenevtchn_handle *xce, domid_t domid) {
    (void)xce, (void)domid;
    return 0;
}

int xenevtchn_fd(xenevtchn_handle *xce) {
    return xce->fd;
}

int xenevtchn_notify(xenevtchn_handle *xce, evtchn_port_t port) {
    (void)xce, (void)port;
    return 0;
}

/* Only a port of this domain, not yet bound, that was made for the control domain. */
xenevtchn_port_or_error_t xenevtchn_bind_interdomain(xenevtchn_handle *xce, uint32_t domid, evtchn_port_t remote_port) {
    struct domain *d;
    bool ok;

    sim_lock();
    d = domain_find((uint16_t)domid);
    ok = d && remote_port < SIM_PORTS_MAX && d->ports[remote_port].used && !d->ports[remote_port].bound &&
         d->ports[remote_port].remote == 0;
    if (ok)
        d->ports[remote_port].bound = 1;
    sim_unlock();
    if (ok)
        return xce->next++;
    errno = EINVAL;
    return -1;
}

static xenevtchn_port_or_error_t unsupported(void) {
    errno = ENOSYS;
    return -1;
}

xenevtchn_port_or_error_t xenevtchn_bind_unbound_port(xenevtchn_handle *xce, uint32_t domid) {
    (void)domid;
    return xce->next++;
}

xenevtchn_port_or_error_t xenevtchn_bind_virq(xenevtchn_handle *xce, unsigned int virq) {
    (void)virq;
    return xce->next++;
}

int xenevtchn_unbind(xenevtchn_handle *xce, evtchn_port_t port) {
    (void)xce, (void)port;
    return 0;
}

xenevtchn_port_or_error_t xenevtchn_pending(xenevtchn_handle *xce) {
    (void)xce;
    return unsupported();
}

int xenevtchn_unmask(xenevtchn_handle *xce, evtchn_port_t port) {
    (void)xce, (void)port;
    return 0;
}
