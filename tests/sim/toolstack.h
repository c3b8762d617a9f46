/* SPDX-License-Identifier: MIT */
/*
 * The smallest toolstack that restores a domain through libxenctrl and libxenguest: create, populate from the
 * stream, introduce to xenstore, unpause; destroy when anything fails.
 */
#ifndef XENVET_SIM_TOOLSTACK_H
#define XENVET_SIM_TOOLSTACK_H

#include <stdbool.h>
#include <stdint.h>

#include <xenctrl.h>
#include <xenstore.h>

struct toolstack {
    xc_interface *xch;
    struct xs_handle *xs; /* NULL: xenstore is left out */
    bool hvm;
    unsigned int vcpus;
    uint64_t max_kb;
    uint32_t domid;
    uint32_t store_port, console_port;
    unsigned long store_gfn, console_gfn;
    /* Restores the stream into domid with the ports above; fills the frame numbers. */
    int (*restore)(struct toolstack *t, void *arg);
    void *arg;
};

/* 0, or -1 with no domain left and no xenstore node of it. */
int toolstack_run(struct toolstack *t);

#endif
