/* SPDX-License-Identifier: MIT */
#ifndef XENVET_BUILD_H
#define XENVET_BUILD_H

/*
 * Builds one domain as the monitor asks for it on the control channel, from the stream on standard input. Whatever goes
 * wrong, and if the monitor goes away before COMMIT, the domain is removed. Returns an exit status.
 */
int xv_build_run(void);

#endif
