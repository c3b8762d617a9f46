/* SPDX-License-Identifier: MIT */
#ifndef XENVET_SEAL_FILE_H
#define XENVET_SEAL_FILE_H

/* A seal that images are compared with: a copy of the file that nobody can change, as the worker gets it. */
#include <stdbool.h>
#include <stdint.h>

#include <xenvet/seal.h>

struct xv_seal_file {
    int fd; /* -1: none */
    uint64_t size;
    enum xv_code code; /* what is wrong with the seal as such; XV_ACCEPTED: nothing */
    char fault[160];   /* why there is none: the file or the key could not be read */
};

/* Reads a seal of at most so many entries and, with a public key (or NULL), its signature. False with `fault`. */
bool xv_seal_file_open(struct xv_seal_file *file, const char *path, const char *pubkey, uint64_t most_entries);
void xv_seal_file_close(struct xv_seal_file *file);

#endif
