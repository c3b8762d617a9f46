/* SPDX-License-Identifier: MIT */
#ifndef XENVET_SANDBOX_H
#define XENVET_SANDBOX_H

/*
 * The layers that the worker puts on itself, after its memory is mapped and before the first untrusted octet is read.
 * The others (namespaces, identity, capabilities) are put on by launch.c before the worker is entered; sandbox_verify()
 * looks at them again.
 */
#include <stdbool.h>
#include <stdint.h>

/*
 * Puts on the layers of this mask (enum xv_sandbox_layer) and verifies those that were put on before. Returns 0, or the
 * layer that failed, with errno. cpu_seconds bounds the processor time (0: one hour).
 */
uint32_t xv_sandbox_enter(uint32_t layers, uint32_t cpu_seconds);

#endif
