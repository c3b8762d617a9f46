/* SPDX-License-Identifier: MIT */
#ifndef XENVET_REMOVE_H
#define XENVET_REMOVE_H

/* Takes away what an unfinished restore left: its domain, its xenstore nodes, its mark. */
#include <stdbool.h>

#include "host.h"

/*
 * All that carries this mark; true if nothing of it is left. `owned`: the caller's monitor made it, so that the domain
 * goes even if it was handed over. Otherwise a domain that was handed over and has run stays, and only the mark goes.
 */
bool xv_remove_marked(const struct xv_host *host, const char *mark, bool owned);

/* The same for every mark whose monitor is gone; says what it did on standard output. True if nothing is left of them.
 */
bool xv_remove_leftovers(const struct xv_host *host);

#endif
