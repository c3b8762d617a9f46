/* SPDX-License-Identifier: MIT */
#ifndef XENVET_PROCESS_START_H
#define XENVET_PROCESS_START_H

/* When a process started, in ticks after boot: with its number that names it for good. 0 if there is no such process.
 */
unsigned long long xv_process_start(long pid);

#endif
