/* SPDX-License-Identifier: MIT */
#include "toolstack.h"

#include <stdio.h>
#include <string.h>

static int create(struct toolstack *t) {
    struct xen_domctl_createdomain c = {
        .flags = t->hvm ? XEN_DOMCTL_CDF_hvm | XEN_DOMCTL_CDF_hap : 0,
        .max_vcpus = t->vcpus,
        .max_evtchn_port = 1023,
        .max_grant_frames = -1,
        .max_maptrack_frames = -1,
        .grant_opts = XEN_DOMCTL_GRANT_version(2),
        .arch.emulation_flags = t->hvm ? XEN_X86_EMU_ALL & ~XEN_X86_EMU_VPCI : 0,
    };

    t->domid = 0;
    return xc_domain_create(t->xch, &t->domid, &c);
}

static int prepare(struct toolstack *t) {
    unsigned int shadow_mb = 2;
    int port;

    if (xc_domain_max_vcpus(t->xch, t->domid, t->vcpus) || xc_domain_setmaxmem(t->xch, t->domid, t->max_kb))
        return -1;
    if (t->hvm && xc_shadow_control(t->xch, t->domid, XEN_DOMCTL_SHADOW_OP_SET_ALLOCATION, &shadow_mb, 0) < 0)
        return -1;
    port = xc_evtchn_alloc_unbound(t->xch, t->domid, 0);
    if (port < 0)
        return -1;
    t->store_port = (uint32_t)port;
    port = xc_evtchn_alloc_unbound(t->xch, t->domid, 0);
    if (port < 0)
        return -1;
    t->console_port = (uint32_t)port;
    return 0;
}

static bool put(struct toolstack *t, xs_transaction_t tx, const char *key, const char *value) {
    char path[128];

    snprintf(path, sizeof(path), "/local/domain/%u/%s", t->domid, key);
    return xs_write(t->xs, tx, path, value, (unsigned int)strlen(value));
}

static bool write_nodes(struct toolstack *t, xs_transaction_t tx) {
    struct xs_permissions perms[1] = {{.id = t->domid, .perms = XS_PERM_NONE}};
    char home[64], number[32];

    snprintf(home, sizeof(home), "/local/domain/%u", t->domid);
    if (!xs_mkdir(t->xs, tx, home) || !xs_set_permissions(t->xs, tx, home, perms, 1))
        return false;
    snprintf(number, sizeof(number), "%u", t->domid);
    if (!put(t, tx, "domid", number) || !put(t, tx, "name", "restored"))
        return false;
    snprintf(number, sizeof(number), "%lu", t->store_gfn);
    if (!put(t, tx, "store/ring-ref", number))
        return false;
    snprintf(number, sizeof(number), "%u", t->store_port);
    return put(t, tx, "store/port", number);
}

static int announce(struct toolstack *t) {
    xs_transaction_t tx;

    if (!t->xs)
        return 0;
    tx = xs_transaction_start(t->xs);
    if (tx == XBT_NULL)
        return -1;
    if (!write_nodes(t, tx)) {
        xs_transaction_end(t->xs, tx, true);
        return -1;
    }
    if (!xs_transaction_end(t->xs, tx, false))
        return -1;
    return xs_introduce_domain(t->xs, t->domid, t->store_gfn, t->store_port) ? 0 : -1;
}

static void undo(struct toolstack *t) {
    char home[64];

    if (t->xs) {
        snprintf(home, sizeof(home), "/local/domain/%u", t->domid);
        xs_rm(t->xs, XBT_NULL, home);
        xs_release_domain(t->xs, t->domid);
    }
    if (xc_domain_destroy(t->xch, t->domid))
        xc_domain_destroy(t->xch, t->domid); /* a failure made on demand happens once */
}

int toolstack_run(struct toolstack *t) {
    if (create(t))
        return -1;
    if (!prepare(t) && !t->restore(t, t->arg) && !announce(t) && !xc_domain_unpause(t->xch, t->domid))
        return 0;
    undo(t);
    return -1;
}
