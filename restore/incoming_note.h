/* SPDX-License-Identifier: MIT */
#ifndef XENVET_INCOMING_NOTE_H
#define XENVET_INCOMING_NOTE_H

/*
 * A file that says which domain an xl is receiving for us, for the case that xenvet and with it xl are killed: --reap
 * then knows what to look for. It lies where only root may write, and goes with a reboot, as the domain does.
 */
#include <stdbool.h>

#include "incoming.h"

/* Sets incoming->note. False with errno; there is no note then. */
bool xv_incoming_note_write(struct xv_incoming *incoming);

/* The domain is finished, removed, or handed over: nobody must take it for a leftover. */
void xv_incoming_note_remove(struct xv_incoming *incoming);

/*
 * Removes the domains of all notes whose writer is gone, if they are paused and never ran, and the notes; says what it
 * did on standard output. True if nothing of them is left.
 */
bool xv_incoming_reap(void);

#endif
