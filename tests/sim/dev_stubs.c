/* SPDX-License-Identifier: MIT */
/*
 * Stand-ins for libxendevicemodel and libxengnttab.  libxenctrl names them, a restore never calls them: apart from
 * opening and closing a device-model handle each answers ENOSYS and says so.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

struct xentoollog_logger;
struct sim_devicemodel {
    int unused;
};

struct sim_devicemodel *xendevicemodel_open(struct xentoollog_logger *logger, unsigned int flags);
int xendevicemodel_close(struct sim_devicemodel *dmod);

struct sim_devicemodel *xendevicemodel_open(struct xentoollog_logger *logger, unsigned int flags) {
    (void)logger, (void)flags;
    return calloc(1, sizeof(struct sim_devicemodel));
}

int xendevicemodel_close(struct sim_devicemodel *dmod) {
    free(dmod);
    return 0;
}

/* The arguments do not matter, so the prototypes of the real headers are not used. FAILURE: -1, or NULL for opens. */
#define STUB(name, failure) \
    long name(void); \
    long name(void) { \
        fprintf(stderr, "xensim: " #name " is not simulated, answered ENOSYS\n"); \
        errno = ENOSYS; \
        return failure; \
    }

STUB(xendevicemodel_create_ioreq_server, -1)
STUB(xendevicemodel_destroy_ioreq_server, -1)
STUB(xendevicemodel_get_ioreq_server_info, -1)
STUB(xendevicemodel_inject_event, -1)
STUB(xendevicemodel_inject_msi, -1)
STUB(xendevicemodel_map_io_range_to_ioreq_server, -1)
STUB(xendevicemodel_map_pcidev_to_ioreq_server, -1)
STUB(xendevicemodel_modified_memory, -1)
STUB(xendevicemodel_pin_memory_cacheattr, -1)
STUB(xendevicemodel_set_ioreq_server_state, -1)
STUB(xendevicemodel_set_isa_irq_level, -1)
STUB(xendevicemodel_set_mem_type, -1)
STUB(xendevicemodel_set_pci_intx_level, -1)
STUB(xendevicemodel_set_pci_link_route, -1)
STUB(xendevicemodel_track_dirty_vram, -1)
STUB(xendevicemodel_unmap_io_range_from_ioreq_server, -1)
STUB(xendevicemodel_unmap_pcidev_from_ioreq_server, -1)
STUB(xengntshr_open, 0)
STUB(xengntshr_close, -1)
STUB(xengntshr_share_page_notify, 0)
STUB(xengntshr_share_pages, 0)
STUB(xengntshr_unshare, -1)
STUB(xengnttab_open, 0)
STUB(xengnttab_close, -1)
STUB(xengnttab_map_domain_grant_refs, 0)
STUB(xengnttab_map_grant_ref, 0)
STUB(xengnttab_map_grant_ref_notify, 0)
STUB(xengnttab_map_grant_refs, 0)
STUB(xengnttab_set_max_grants, -1)
STUB(xengnttab_unmap, -1)
