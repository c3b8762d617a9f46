/* SPDX-License-Identifier: MIT */
#ifndef XENVET_WORTHWHILE_H
#define XENVET_WORTHWHILE_H

/*
 * Says whether a mutant is worth running. A harness that cares for accepted images only defines it (worthwhile.c): the
 * mutator then tries a few times more, which costs far less than what stands behind the parser.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

bool fuzz_worthwhile(const uint8_t *data, size_t size) __attribute__((weak));

#endif
