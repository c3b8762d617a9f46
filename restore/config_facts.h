/* SPDX-License-Identifier: MIT */
#ifndef XENVET_CONFIG_FACTS_H
#define XENVET_CONFIG_FACTS_H

/* What the libxenguest back end needs of the operator's configuration: name, uuid, type, memory and vCPUs. */
#include <stdbool.h>

#include "backend_ipc.h"
#include "options.h"

/* Where the texts are that xv_restore_options then points to. */
struct xv_config_facts {
    char name[XV_NAME_SIZE], uuid[XV_MARK_TEXT];
    char fault[200]; /* why the configuration is of no use */
};

/*
 * Reads o->config, JSON as libxl writes it, and fills what the command line leaves open. False with `fault`; `system`
 * says that the file could not be read.
 */
bool xv_config_facts_read(struct xv_restore_options *o, struct xv_config_facts *facts, bool *system);

#endif
