/* SPDX-License-Identifier: MIT */
#ifndef XENVET_HOST_H
#define XENVET_HOST_H

/* The hypervisor and xenstore, and what is asked of them in several places. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <xenctrl.h>
#include <xenstore.h>

#define XV_NO_DOMAIN UINT32_MAX
#define XV_PATH      128u /* the longest path that is written here */

struct xv_host {
    xc_interface *xch;
    struct xs_handle *xs;
};

/* False with errno; `what` then says which of them is not to be had. */
bool xv_host_open(struct xv_host *host, const char **what);
void xv_host_close(struct xv_host *host);

/* Calls `take` for each domain until it returns false. False with errno if they cannot be listed. */
bool xv_host_domains(const struct xv_host *host, bool (*take)(void *context, const xc_domaininfo_t *domain),
                     void *context);

/* Reads a node into a buffer as a string: false if there is none, or it is too long. */
bool xv_host_read(const struct xv_host *host, xs_transaction_t t, const char *path, char *out, size_t size);

/* Removes a node and all below it; one that is not there is fine. */
bool xv_host_remove(const struct xv_host *host, xs_transaction_t t, const char *path);

#endif
