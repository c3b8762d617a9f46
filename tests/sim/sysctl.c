/* SPDX-License-Identifier: MIT */
/* sysctl and xen_version: what the tools ask about the host. */
#include <stdio.h>
#include <string.h>

#include "sim_internal.h"

#include <xen/version.h>

long sim_getdomaininfo(const struct domain *d, struct xen_domctl_getdomaininfo *i);

static long physinfo(struct xen_sysctl_physinfo *p) {
    memset(p, 0, sizeof(*p));
    p->threads_per_core = p->cores_per_socket = p->nr_cpus = 1;
    p->nr_nodes = 1;
    p->cpu_khz = 2000000;
    p->capabilities = XEN_SYSCTL_PHYSCAP_hvm | XEN_SYSCTL_PHYSCAP_pv | XEN_SYSCTL_PHYSCAP_hap |
                      XEN_SYSCTL_PHYSCAP_shadow | XEN_SYSCTL_PHYSCAP_gnttab_v1 | XEN_SYSCTL_PHYSCAP_gnttab_v2;
    p->total_pages = host->nr_frames;
    p->free_pages = host->nr_frames - SIM_FIRST_MFN - host->stats.guest_pages;
    return 0;
}

static long domain_list(struct xen_sysctl_getdomaininfolist *l) {
    xen_domctl_getdomaininfo_t *to = l->buffer.p;
    uint32_t n = 0;

    for (uint32_t id = l->first_domain; id < DOMID_FIRST_RESERVED && n < l->max_domains; id++) {
        const struct domain *d = domain_find((uint16_t)id);

        if (d)
            sim_getdomaininfo(d, &to[n++]);
    }
    l->num_domains = n;
    return 0;
}

static long cpu_policy(struct xen_sysctl_cpu_policy *p) {
    struct policy max;

    if (p->index > 5)
        return refuse(-EINVAL, "sysctl get_cpu_policy: index %u", p->index);
    policy_default(&max);
    return policy_get(&max, p->leaves.p, &p->nr_leaves, p->msrs.p, &p->nr_msrs);
}

static long featureset(struct xen_sysctl_cpu_featureset *f) {
    const uint32_t words = 19; /* FEATURESET_NR_ENTRIES of 4.17.7 */
    struct policy max;

    if (!f->features.p) {
        f->nr_features = words;
        return 0;
    }
    policy_default(&max);
    policy_featureset(&max, f->features.p, f->nr_features);
    return f->nr_features < words ? -ENOBUFS : 0;
}

long do_sysctl(struct xen_sysctl *op) {
    if (!op)
        return -EFAULT;
    if (op->interface_version != XEN_SYSCTL_INTERFACE_VERSION)
        return refuse(-EACCES, "sysctl: interface version %u", op->interface_version);
    switch (op->cmd) {
    case XEN_SYSCTL_physinfo:
        return physinfo(&op->u.physinfo);
    case XEN_SYSCTL_getdomaininfolist:
        return domain_list(&op->u.getdomaininfolist);
    case XEN_SYSCTL_get_cpu_policy:
        return cpu_policy(&op->u.cpu_policy);
    case XEN_SYSCTL_get_cpu_featureset:
        return featureset(&op->u.cpu_featureset);
    case XEN_SYSCTL_get_cpu_levelling_caps:
        op->u.cpu_levelling_caps.caps = 0;
        return 0;
    default:
        sim_unknown("sysctl", op->cmd);
        return -ENOSYS;
    }
}

long do_xen_version(unsigned int cmd, void *arg) {
    switch (cmd) {
    case XENVER_version:
        return 4 << 16 | 17;
    case XENVER_pagesize:
        return SIM_PAGE_SIZE;
    case XENVER_extraversion:
        snprintf(arg, sizeof(xen_extraversion_t), ".7-sim");
        return 0;
    case XENVER_capabilities:
        snprintf(arg, sizeof(xen_capabilities_info_t),
                 "xen-3.0-x86_64 xen-3.0-x86_32p hvm-3.0-x86_32 "
                 "hvm-3.0-x86_32p hvm-3.0-x86_64 ");
        return 0;
    case XENVER_changeset:
        snprintf(arg, sizeof(xen_changeset_info_t), "simulated");
        return 0;
    case XENVER_commandline:
        memset(arg, 0, sizeof(xen_commandline_t));
        return 0;
    case XENVER_compile_info:
        memset(arg, 0, sizeof(xen_compile_info_t));
        return 0;
    case XENVER_platform_parameters:
        ((xen_platform_parameters_t *)arg)->virt_start = 0xffff800000000000ul;
        return 0;
    default:
        sim_unknown("xen_version", cmd);
        return -ENOSYS;
    }
}
