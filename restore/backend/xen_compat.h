/* SPDX-License-Identifier: MIT */
#ifndef XENVET_XEN_COMPAT_H
#define XENVET_XEN_COMPAT_H

/* Every call of libxenctrl and libxenguest whose form differs between Xen 4.14 and 4.22. All return 0, or -1 with
 * errno. */
#include <stdbool.h>
#include <stdint.h>

#include <xenctrl.h>

struct xv_new_domain {
    bool hvm;           /* PVH or HVM */
    uint32_t emulation; /* XEN_X86_EMU_* */
    uint32_t vcpus;
    const uint8_t *handle; /* 16 octets */
};

int xv_xen_create(xc_interface *xch, const struct xv_new_domain *domain, uint32_t *domid);

/* Memory for HAP or shadow page tables. */
int xv_xen_set_paging(xc_interface *xch, uint32_t domid, uint64_t kb);

/* The CPUID policy of a domain whose stream brings none (libxc 5.2). */
int xv_xen_default_cpuid(xc_interface *xch, uint32_t domid);

struct xv_rings {
    uint32_t store_port, console_port;
    uint32_t store_domid, console_domid; /* who serves the rings */
    unsigned long store_frame, console_frame;
};

/* Fills the domain from `stream`; `static_data_done` is told which policies the stream did not bring. */
int xv_xen_restore(xc_interface *xch, int stream, uint32_t domid, struct xv_rings *rings,
                   int (*static_data_done)(unsigned int missing, void *data), void *data);

#endif
