/* SPDX-License-Identifier: MIT */
/* Event channels as the control domain makes them for a new domain. */
#include "sim_internal.h"

#include <xen/event_channel.h>
#include <xen/grant_table.h>

#define DOM0 0u

/* Port 0 is reserved; the lowest free port is taken, up to max_evtchn_port. */
int evtchn_alloc_unbound(struct domain *d, uint16_t remote, uint32_t *port) {
    for (uint32_t p = 1; p < SIM_PORTS_MAX && p <= d->max_evtchn_port; p++) {
        if (d->ports[p].used)
            continue;
        d->ports[p] = (struct port){.used = 1, .remote = remote};
        if (p >= d->nr_ports)
            d->nr_ports = p + 1;
        *port = p;
        return 0;
    }
    return refuse(-ENOSPC, "evtchn_alloc_unbound: domain %u has no free port", d->domid);
}

static long alloc_unbound(struct evtchn_alloc_unbound *a) {
    struct domain *d = domain_find(a->dom);
    uint32_t port = 0;
    int rc;

    if (!d)
        return refuse(-ESRCH, "evtchn_alloc_unbound: no domain %u", a->dom);
    rc = evtchn_alloc_unbound(d, a->remote_dom == DOMID_SELF ? DOM0 : a->remote_dom, &port);
    if (!rc)
        a->port = port;
    sim_trace("evtchn_alloc_unbound: domain %u remote %u: port %u", a->dom, a->remote_dom, port);
    return rc;
}

static long status(struct evtchn_status *s) {
    const struct domain *d = domain_find(s->dom);

    if (!d)
        return -ESRCH;
    if (s->port >= SIM_PORTS_MAX)
        return -EINVAL;
    s->status = !d->ports[s->port].used   ? EVTCHNSTAT_closed
                : d->ports[s->port].bound ? EVTCHNSTAT_interdomain
                                          : EVTCHNSTAT_unbound;
    s->u.unbound.dom = d->ports[s->port].remote;
    return 0;
}

static long reset(const struct evtchn_reset *r) {
    struct domain *d = domain_find(r->dom);

    if (!d)
        return -ESRCH;
    for (uint32_t p = 0; p < d->nr_ports; p++)
        d->ports[p] = (struct port){0};
    return 0;
}

long do_event_channel_op(unsigned int cmd, void *arg) {
    if (!arg)
        return -EFAULT;
    switch (cmd) {
    case EVTCHNOP_alloc_unbound:
        return alloc_unbound(arg);
    case EVTCHNOP_status:
        return status(arg);
    case EVTCHNOP_reset:
        return reset(arg);
    default:
        sim_unknown("event channel op", cmd);
        return -ENOSYS;
    }
}

long do_grant_table_op(unsigned int cmd, void *arg, unsigned int count) {
    struct gnttab_setup_table *s = arg;
    struct domain *d;

    if (cmd != GNTTABOP_setup_table || count != 1 || !s) {
        sim_unknown("grant table op", cmd);
        return -ENOSYS;
    }
    d = domain_find(s->dom);
    s->status = d && s->nr_frames <= 1 ? GNTST_okay : GNTST_general_error;
    if (d && s->nr_frames == 1 && s->frame_list.p)
        *s->frame_list.p = d->grant_mfn;
    return 0;
}
