/* SPDX-License-Identifier: MIT */
#ifndef XENVET_RESTORE_ORACLE_H
#define XENVET_RESTORE_ORACLE_H

/* The real xc_domain_restore() on the simulated Xen, and what must hold of it for a stream that the parser accepted. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fuzz_accepted {
    const uint8_t *stream; /* libxc */
    size_t len;
    bool remus;
    uint64_t max_pages; /* of the policy */
    uint64_t declared;  /* pages that the stream speaks of: PV max_pfn + 1, HVM what it populates */
    uint64_t max_pfn;
    uint32_t vcpus; /* of the domain */
};

/* Restores it. Aborts, saying why, if the oracle does not hold. False if Xen refused it for a known reason. */
bool fuzz_restore(const struct fuzz_accepted *a);

#endif
