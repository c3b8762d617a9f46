/* SPDX-License-Identifier: MIT */
#ifndef XENVET_NODES_H
#define XENVET_NODES_H

/* What xenstore holds of a domain, laid out as libxl does it, so that xl, the console daemon and the guest find what
 * they expect. */
#include <stdbool.h>
#include <stdint.h>

#include "../backend_ipc.h"
#include "host.h"
#include "xen_compat.h"

enum xv_nodes_result { XV_NODES_DONE, XV_NODES_FAILED, XV_NODES_NAME_TAKEN };

/* The skeleton, and its name, which no other domain may have. Without a console or a store yet. */
enum xv_nodes_result xv_nodes_begin(const struct xv_host *host, uint32_t domid, const struct xv_build *build);

/* Memory, vCPUs and the rings, once the domain is filled. False with errno. */
bool xv_nodes_complete(const struct xv_host *host, uint32_t domid, const struct xv_build *build,
                       const struct xv_rings *rings);

/* All of it; `uuid` NULL leaves /vm alone. */
bool xv_nodes_remove(const struct xv_host *host, uint32_t domid, const char *uuid);

#endif
