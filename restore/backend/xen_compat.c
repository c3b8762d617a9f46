/* SPDX-License-Identifier: MIT */
#include "xen_compat.h"

#include <stddef.h>
#include <string.h>

#include <xenguest.h>

/* Versions of the domctl interface: 4.14 is 0x12, then one each up to 4.19 (0x17), which 4.20 and 4.21 share; 4.22 is
 * 0x18. */
#define XEN_4_15 0x13
#define XEN_4_16 0x14
#define XEN_4_17 0x15
#define XEN_4_22 0x18

#define MOST_EVENT_CHANNELS 1023u /* what libxl gives a guest that asks for nothing else */

/* Hardware-assisted paging where there is any, and the newest grant tables that the host offers. */
static void set_by_host(xc_interface *xch, struct xen_domctl_createdomain *config, bool hvm) {
    xc_physinfo_t info;
    bool known;

    memset(&info, 0, sizeof info);
    known = xc_physinfo(xch, &info) == 0;
    if (hvm && (!known || info.capabilities & XEN_SYSCTL_PHYSCAP_hap))
        config->flags |= XEN_DOMCTL_CDF_hap;
#if XEN_DOMCTL_INTERFACE_VERSION >= XEN_4_16
    config->grant_opts = XEN_DOMCTL_GRANT_version(1u);
#ifdef XEN_SYSCTL_PHYSCAP_gnttab_v2
    if (known && info.capabilities & XEN_SYSCTL_PHYSCAP_gnttab_v2)
        config->grant_opts = XEN_DOMCTL_GRANT_version(2u);
#endif
#endif
}

int xv_xen_create(xc_interface *xch, const struct xv_new_domain *domain, uint32_t *domid) {
    struct xen_domctl_createdomain config;

    memset(&config, 0, sizeof config);
    config.flags = domain->hvm ? XEN_DOMCTL_CDF_hvm : 0;
    config.max_vcpus = domain->vcpus;
    config.max_evtchn_port = MOST_EVENT_CHANNELS;
    config.max_grant_frames = -1; /* the hypervisor's defaults */
    config.max_maptrack_frames = -1;
    config.arch.emulation_flags = domain->emulation;
    memcpy(config.handle, domain->handle, sizeof config.handle);
    set_by_host(xch, &config, domain->hvm);
    *domid = 0; /* any */
    return xc_domain_create(xch, domid, &config);
}

int xv_xen_set_paging(xc_interface *xch, uint32_t domid, uint64_t kb) {
#if XEN_DOMCTL_INTERFACE_VERSION >= XEN_4_17
    return xc_set_paging_mempool_size(xch, domid, (kb + 1023) / 1024 << 20);
#elif XEN_DOMCTL_INTERFACE_VERSION >= XEN_4_16
    unsigned int mb = (unsigned int)((kb + 1023) / 1024);

    return xc_shadow_control(xch, domid, XEN_DOMCTL_SHADOW_OP_SET_ALLOCATION, &mb, 0) < 0 ? -1 : 0;
#else
    unsigned long mb = (unsigned long)((kb + 1023) / 1024);

    return xc_shadow_control(xch, domid, XEN_DOMCTL_SHADOW_OP_SET_ALLOCATION, NULL, 0, &mb, 0, NULL) < 0 ? -1 : 0;
#endif
}

int xv_xen_default_cpuid(xc_interface *xch, uint32_t domid) {
#if XEN_DOMCTL_INTERFACE_VERSION >= XEN_4_15
    return xc_cpuid_apply_policy(xch, domid, true, NULL, 0, true, false, false, NULL, NULL) == 0 ? 0 : -1;
#else
    return xc_cpuid_apply_policy(xch, domid, true, NULL, 0, true, NULL, NULL) == 0 ? 0 : -1;
#endif
}

int xv_xen_restore(xc_interface *xch, int stream, uint32_t domid, struct xv_rings *rings,
                   int (*static_data_done)(unsigned int missing, void *data), void *data) {
    struct restore_callbacks callbacks;

    memset(&callbacks, 0, sizeof callbacks);
    callbacks.static_data_done = static_data_done;
    callbacks.data = data;
#if XEN_DOMCTL_INTERFACE_VERSION >= XEN_4_22
    return xc_domain_restore(xch, stream, domid, rings->store_port, &rings->store_frame, rings->store_domid,
                             rings->console_port, &rings->console_frame, rings->console_domid, XC_STREAM_PLAIN,
                             &callbacks, -1, 0);
#else
    return xc_domain_restore(xch, stream, domid, rings->store_port, &rings->store_frame, rings->store_domid,
                             rings->console_port, &rings->console_frame, rings->console_domid, XC_STREAM_PLAIN,
                             &callbacks, -1);
#endif
}
