/* SPDX-License-Identifier: MIT */
/* Life of a domain: creation, vCPUs, address size, destruction. */
#include <string.h>

#include "sim_internal.h"

#define DOMID_FIRST_RESERVED_ 0x7ff0u
#define EMU_HVM               (XEN_X86_EMU_ALL & ~XEN_X86_EMU_VPCI)

struct domain *domain_find(uint16_t domid) {
    for (unsigned int i = 0; domid && i < SIM_MAX_DOMAINS; i++)
        if (host->domains[i].used && host->domains[i].domid == domid)
            return &host->domains[i];
    return NULL;
}

struct vcpu *vcpu_find(struct domain *d, uint32_t id) {
    return id < d->max_vcpus && d->vcpus[id].created ? &d->vcpus[id] : NULL;
}

/* sanitise_domain_config() and arch_sanitise_domain_config(), for a host without an IOMMU, vPMU and vmtrace. */
static int check_config(const struct xen_domctl_createdomain *c) {
    bool hvm = c->flags & XEN_DOMCTL_CDF_hvm, hap = c->flags & XEN_DOMCTL_CDF_hap;
    const uint32_t known = XEN_DOMCTL_CDF_hvm | XEN_DOMCTL_CDF_hap | XEN_DOMCTL_CDF_oos_off | XEN_DOMCTL_CDF_xs_domain |
                           XEN_DOMCTL_CDF_nested_virt;

    if (c->flags & ~known)
        return refuse(-EINVAL, "createdomain: flags %#x", c->flags);
    if (c->grant_opts & ~(uint32_t)XEN_DOMCTL_GRANT_version_mask)
        return refuse(-EINVAL, "createdomain: grant options %#x", c->grant_opts);
    if (c->max_vcpus < 1 || c->max_vcpus > SIM_MAX_VCPUS)
        return refuse(-EINVAL, "createdomain: %u vCPUs", c->max_vcpus);
    if (hap && !hvm)
        return refuse(-EINVAL, "createdomain: HAP without HVM");
    if ((c->flags & XEN_DOMCTL_CDF_nested_virt) && !hap)
        return refuse(-EINVAL, "createdomain: nested virtualisation without HAP");
    if (c->iommu_opts || c->vmtrace_size)
        return refuse(-EINVAL, "createdomain: IOMMU or vmtrace not available");
    if (c->arch.misc_flags & ~XEN_X86_MSR_RELAXED)
        return refuse(-EINVAL, "createdomain: misc flags %#x", c->arch.misc_flags);
    /* emulation_flags_ok() */
    if (hvm ? c->arch.emulation_flags != EMU_HVM && c->arch.emulation_flags != XEN_X86_EMU_LAPIC
            : c->arch.emulation_flags != 0 && c->arch.emulation_flags != XEN_X86_EMU_PIT)
        return refuse(-EOPNOTSUPP, "emulation_flags_ok: %#x", c->arch.emulation_flags);
    return 0;
}

static struct domain *free_slot(void) {
    for (unsigned int i = 0; i < SIM_MAX_DOMAINS; i++)
        if (!host->domains[i].used)
            return &host->domains[i];
    return NULL;
}

static uint16_t next_domid(void) {
    for (uint32_t tries = 0; tries < DOMID_FIRST_RESERVED_; tries++) {
        host->last_domid = host->last_domid + 1 < DOMID_FIRST_RESERVED_ ? host->last_domid + 1 : 1;
        if (!domain_find((uint16_t)host->last_domid))
            return (uint16_t)host->last_domid;
    }
    return 0;
}

static void init_domain(struct domain *d, uint16_t domid, const struct xen_domctl_createdomain *cfg) {
    d->used = 1;
    d->domid = domid;
    d->hvm = (cfg->flags & XEN_DOMCTL_CDF_hvm) != 0;
    d->hap = (cfg->flags & XEN_DOMCTL_CDF_hap) != 0;
    d->nested = (cfg->flags & XEN_DOMCTL_CDF_nested_virt) != 0;
    d->pause_count = 1;
    d->max_vcpus = cfg->max_vcpus;
    d->emulation_flags = cfg->arch.emulation_flags;
    d->max_evtchn_port = cfg->max_evtchn_port;
    memcpy(d->handle, cfg->handle, sizeof(d->handle));
    policy_default(&d->policy);
}

int domain_create(uint16_t wanted, const struct xen_domctl_createdomain *cfg, uint16_t *domid) {
    struct domain *d = free_slot();
    int rc = check_config(cfg);

    if (rc)
        return rc;
    if (wanted && wanted < DOMID_FIRST_RESERVED_ && domain_find(wanted))
        return refuse(-EEXIST, "createdomain: domain %u exists", wanted);
    if (!d)
        return refuse(-ENOMEM, "createdomain: the simulator holds %u domains", SIM_MAX_DOMAINS);
    *domid = wanted && wanted < DOMID_FIRST_RESERVED_ ? wanted : next_domid();
    init_domain(d, *domid, cfg);
    d->shared_info_mfn = sim_alloc_frame(*domid, true);
    d->grant_mfn = sim_alloc_frame(*domid, true);
    if (d->shared_info_mfn == SIM_NO_MFN || d->grant_mfn == SIM_NO_MFN) {
        domain_destroy(d);
        return refuse(-ENOMEM, "createdomain: the host is full");
    }
    sim_trace("createdomain: domain %u %s, %u vCPUs", *domid, d->hvm ? "HVM" : "PV", d->max_vcpus);
    return 0;
}

/* Everything of the domain goes, without looking at type references: nothing of it survives. */
void domain_destroy(struct domain *d) {
    sim_trace("destroydomain: domain %u, %lu pages", d->domid, (unsigned long)d->tot_pages);
    for (uint64_t mfn = SIM_FIRST_MFN; mfn < host->next_mfn; mfn++) {
        if (frames[mfn].owner != d->domid)
            continue;
        if (d->hvm && m2p[mfn] != UINT64_MAX)
            p2m_remove(d, m2p[mfn]);
        sim_free_frame((uint32_t)mfn);
    }
    for (uint32_t i = 0; i < d->max_vcpus; i++)
        memset(&d->vcpus[i], 0, sizeof(d->vcpus[i]));
    memset(d->ports, 0, d->nr_ports * sizeof(d->ports[0]));
    d->nr_ports = 0;
    memset(d, 0, offsetof(struct domain, ports));
}

int domain_add_vcpus(struct domain *d, uint32_t max) {
    if (max != d->max_vcpus)
        return refuse(-EINVAL, "max_vcpus: %u, the domain was created for %u", max, d->max_vcpus);
    for (uint32_t i = 0; i < max; i++) {
        if (!d->vcpus[i].created)
            d->vcpus[i].down = 1;
        d->vcpus[i].created = 1;
    }
    return 0;
}

/* switch_native() and switch_compat() */
int domain_set_address_size(struct domain *d, uint32_t bits) {
    if (bits != 32 && bits != 64)
        return refuse(-EINVAL, "set_address_size: %u", bits);
    if ((bits == 32) == d->is_32bit)
        return 0;
    if (d->hvm || d->tot_pages)
        return refuse(-EACCES, "switch_compat: the domain is HVM or has pages");
    d->is_32bit = bits == 32;
    return 0;
}

int sim_domain_create(const struct sim_domain_config *config) {
    struct xen_domctl_createdomain c = {
        .flags = config->hvm ? XEN_DOMCTL_CDF_hvm | XEN_DOMCTL_CDF_hap : 0,
        .max_vcpus = config->vcpus,
        .max_evtchn_port = SIM_PORTS_MAX - 1,
        .grant_opts = XEN_DOMCTL_GRANT_version(2),
        .arch.emulation_flags = config->hvm ? EMU_HVM : 0,
    };
    uint16_t domid = 0;
    uint32_t port;
    struct domain *d;
    int rc;

    if (config->hvm && config->nested)
        c.flags |= XEN_DOMCTL_CDF_nested_virt;
    sim_host();
    sim_lock();
    rc = domain_create(0, &c, &domid);
    if (!rc) {
        d = domain_find(domid);
        d->max_pages = config->max_pages;
        domain_add_vcpus(d, config->vcpus);
        evtchn_alloc_unbound(d, 0, &port); /* 1: xenstore */
        evtchn_alloc_unbound(d, 0, &port); /* 2: console */
    }
    sim_unlock();
    return rc ? rc : domid;
}
