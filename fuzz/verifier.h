/* SPDX-License-Identifier: MIT */
#ifndef XENVET_VERIFIER_H
#define XENVET_VERIFIER_H

/*
 * The rules of verify-stream-v2, Xen's own verifier (tools/python/xen/migration, 4.17), stated once more. It shares no
 * code with the parser; tests/fuzz/verifier.py compares it with the original.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct verifier_input {
    const uint8_t *p; /* what is left */
    size_t n;
    const char *fault; /* NULL: none so far */
};

/* Why an image (xl, libxl or libxc, by its first octets) is refused; NULL if it is not, or is none of these. */
const char *verifier_refuses(const uint8_t *image, size_t n);

/* A libxc stream; what follows its END is left in the input. False with a fault. */
bool verifier_libxc(struct verifier_input *in);

/* Helpers of both layers. */
bool verifier_fault(struct verifier_input *in, const char *fault);
/* The next n octets, or NULL with the fault that the stream is truncated. */
const uint8_t *verifier_take(struct verifier_input *in, uint64_t n);
/* A record header and its body, whose padding is zero. */
bool verifier_record(struct verifier_input *in, uint32_t *type, const uint8_t **body, uint32_t *length);
uint32_t verifier_u32(const uint8_t *p); /* little-endian */
uint32_t verifier_be32(const uint8_t *p);

#endif
