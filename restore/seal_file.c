/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "seal_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "seal_digest.h"
#include "seal_key.h"

#define PIECE 65536u

static bool fail(struct xv_seal_file *file, const char *option, const char *path, const char *why) {
    (void)snprintf(file->fault, sizeof file->fault, "%s: %.80s: %.60s", option, path, why);
    return false;
}

static bool write_all(int fd, const uint8_t *bytes, size_t n) {
    while (n > 0) {
        ssize_t w = write(fd, bytes, n);

        if (w <= 0)
            return false;
        bytes += w;
        n -= (size_t)w;
    }
    return true;
}

/* Copies the file; EFBIG if there is more of it than `most`. */
static bool copy_in(struct xv_seal_file *file, int from, uint64_t most) {
    uint8_t piece[PIECE];
    ssize_t n;

    while ((n = read(from, piece, sizeof piece)) != 0) {
        if (n < 0)
            return false;
        if ((uint64_t)n > most - file->size) {
            errno = EFBIG;
            return false;
        }
        if (!write_all(file->fd, piece, (size_t)n))
            return false;
        file->size += (uint64_t)n;
    }
    return fcntl(file->fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) == 0;
}

/* Header, entries and signature belong together. False if the key is of no use. */
static bool judge(struct xv_seal_file *file, const uint8_t *map, const char *pubkey) {
    uint8_t digest[XV_DIGEST];
    struct xv_seal seal;
    enum xv_key_result key;

    file->code = xv_seal_begin(&seal, map, file->size);
    if (file->code == XV_ACCEPTED) {
        xv_seal_digest(map + XV_SEAL_HEADER, (size_t)file->size - XV_SEAL_HEADER, digest);
        if (memcmp(digest, seal.table, XV_DIGEST) != 0)
            file->code = XV_SEAL_TABLE;
    }
    if (file->code != XV_ACCEPTED || pubkey == NULL)
        return true;
    key = xv_seal_verify(pubkey, map, XV_SEAL_SIGNED, map + XV_SEAL_SIGNED);
    if (key == XV_KEY_UNREADABLE || key == XV_KEY_NO_LIBRARY)
        return fail(file, "--pubkey", pubkey, xv_seal_key_text(key, false));
    if (!seal.is_signed || key != XV_KEY_GOOD)
        file->code = XV_SEAL_SIGNATURE;
    return true;
}

static bool read_in(struct xv_seal_file *file, const char *path, const char *pubkey, uint64_t most) {
    int from = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    bool done = from >= 0 && copy_in(file, from, most);
    void *map = MAP_FAILED;
    int saved = errno;

    if (from >= 0)
        (void)close(from);
    if (!done)
        return fail(file, "--seal", path, strerror(saved));
    if (file->size < XV_SEAL_HEADER) {
        file->code = XV_SEAL_LENGTH;
        return true;
    }
    map = mmap(NULL, (size_t)file->size, PROT_READ, MAP_SHARED, file->fd, 0);
    if (map == MAP_FAILED)
        return fail(file, "--seal", path, strerror(errno));
    done = judge(file, map, pubkey);
    (void)munmap(map, (size_t)file->size);
    return done;
}

bool xv_seal_file_open(struct xv_seal_file *file, const char *path, const char *pubkey, uint64_t most_entries) {
    memset(file, 0, sizeof *file);
    file->fd = memfd_create("seal", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (file->fd < 0)
        return fail(file, "--seal", path, strerror(errno));
    return read_in(file, path, pubkey, XV_SEAL_HEADER + most_entries * XV_SEAL_ENTRY);
}

void xv_seal_file_close(struct xv_seal_file *file) {
    if (file->fd >= 0)
        (void)close(file->fd);
    file->fd = -1;
}
