/* SPDX-License-Identifier: MIT */
#ifndef XENVET_FUZZ_CONSUMER_H
#define XENVET_FUZZ_CONSUMER_H

/*
 * A consumer behind the gate that reads as it likes: a few octets at a time, nothing for a while, or nothing ever
 * again. It stands behind a descriptor that does not exist; harnesses that use it wrap write() and poll().
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CONSUMER_FD 0x3fffffff

struct consumer_seen {
    const uint8_t *bytes; /* what it was given */
    size_t n;
    bool left;  /* it closed its end, or stopped reading */
    bool after; /* and was written to all the same */
};

/* An obedient one takes everything; else `dice` says how it behaves. */
void consumer_begin(uint32_t dice, bool obedient);
struct consumer_seen consumer_end(void);

#endif
