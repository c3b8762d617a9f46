/* SPDX-License-Identifier: MIT */
#ifndef XENVET_LIBXL_READER_RUN_H
#define XENVET_LIBXL_READER_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fuzz_libxl {
    const uint8_t *stream; /* libxl */
    size_t len;
    const char *type; /* "pv", "pvh", "hvm" */
    uint32_t vcpus;
    uint64_t pages;
};

/*
 * Has libxl_reader.c, which lies beside this program, restore it on a host of its own. Aborts, saying why, if libxl
 * itself refused it or something died. False if libxenguest refused it. Says once on standard error if nothing can be
 * said here.
 */
bool fuzz_libxl_reader(const struct fuzz_libxl *l);

#endif
