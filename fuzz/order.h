/* SPDX-License-Identifier: MIT */
#ifndef XENVET_ORDER_H
#define XENVET_ORDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * What is wrong with the order of the records of a complete plain libxc stream (libxc 5.3), stated as properties of the
 * whole list and not as a state machine; NULL if nothing is. `types` are their types, all below 0x13. It shares no code
 * with the parser.
 */
const char *order_fault(const uint8_t *types, size_t n, bool hvm, unsigned version);

#endif
