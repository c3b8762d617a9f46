/* SPDX-License-Identifier: MIT */
#ifndef XENVET_RESTORE_XL_H
#define XENVET_RESTORE_XL_H

/* The xl back end: `xl restore` behind the gate, and `xl destroy` for what it had begun when the stream is refused. */
#include "restore_domain.h"

/* As xv_restore_domain(); `build` stays empty, `domid` is 0 if the new domain could not be told from others. */
int xv_restore_xl(struct xv_restore *restore);

#endif
