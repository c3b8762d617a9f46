/* SPDX-License-Identifier: MIT */
#ifndef XENVET_SEAL_H
#define XENVET_SEAL_H

/*
 * A seal says what a vetted image was, item by item, so that a changed one is noticed at its first changed record
 * (docs/formats/seal.md). Like the parser, this reads nothing by itself: the caller brings octets of fixed sizes.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <xenvet/verdict.h>

#define XV_DIGEST 32u /* octets of a SHA-256 */

struct xv_sha256 {
    uint32_t state[8];
    uint64_t octets;
    uint32_t fill; /* octets of `block` */
    uint8_t block[64];
};

void xv_sha256_begin(struct xv_sha256 *h);

/* Takes n octets, at most XV_WANT_MAX (parser.h); false, and none is taken, if there are more. */
bool xv_sha256_take(struct xv_sha256 *h, const uint8_t *bytes, size_t n);

void xv_sha256_end(struct xv_sha256 *h, uint8_t out[XV_DIGEST]);

#define XV_SEAL_HEADER  256u
#define XV_SEAL_SIGNED  192u /* octets of the header that the signature, which is the rest, covers */
#define XV_SEAL_ENTRY   40u
#define XV_SEAL_VERSION 1u

/* Where the fields are that others than the reader want. */
#define XV_SEAL_AT_IMAGE  48u /* SHA-256 of the whole image */
#define XV_SEAL_AT_POLICY 80u
#define XV_SEAL_AT_TABLE  112u /* SHA-256 of all entries */
#define XV_SEAL_AT_TOOL   144u

struct xv_seal {
    uint64_t entries, octets; /* items and octets of the image */
    uint32_t is_signed;
    uint64_t taken; /* items compared so far */
    uint64_t end;   /* of the last one */
    uint8_t table[XV_DIGEST];
};

/* Reads the header of a seal that is `size` octets long altogether: XV_ACCEPTED, or what is wrong with it. */
enum xv_code xv_seal_begin(struct xv_seal *seal, const uint8_t header[XV_SEAL_HEADER], uint64_t size);

/* Compares the next item of the image, which ends at `end`, with its entry. */
enum xv_code xv_seal_item(struct xv_seal *seal, const uint8_t entry[XV_SEAL_ENTRY], uint64_t end,
                          const uint8_t digest[XV_DIGEST]);

/* The image is over. */
enum xv_code xv_seal_finish(const struct xv_seal *seal);

#endif
