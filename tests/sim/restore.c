/* SPDX-License-Identifier: MIT */
/* xc_domain_restore() with the stream in memory.  Linked with --wrap=read_exact. */
#include <errno.h>
#include <string.h>

#include <xenctrl.h>
#include <xenguest.h>

#include "sim.h"

#define MEMORY_FD            0x7ffffff0
#define LIBXL_END            0u
#define LIBXL_CHECKPOINT_END 4u

int __real_read_exact(int fd, void *data, size_t size);
int __wrap_read_exact(int fd, void *data, size_t size);

static const uint8_t *in;
static size_t in_len, in_at;
static bool wrapped; /* libxl records follow each checkpoint */

/* At the end it does as the real one: -1 with errno 0. */
int __wrap_read_exact(int fd, void *data, size_t size) {
    if (fd != MEMORY_FD)
        return __real_read_exact(fd, data, size);
    if (in_len - in_at < size) {
        in_at = in_len;
        errno = 0;
        return -1;
    }
    memcpy(data, in + in_at, size);
    in_at += size;
    return 0;
}

static uint32_t u32(const uint8_t *p) {
    uint32_t v;

    memcpy(&v, p, sizeof(v));
    return v;
}

/* Skips one record of a libxl stream; false at the end of the input. */
static bool skip_libxl(const uint8_t *p, size_t len, size_t *at, uint32_t *type) {
    size_t body;

    if (len - *at < 8)
        return false;
    *type = u32(p + *at);
    body = ((size_t)u32(p + *at + 4) + 7) & ~(size_t)7;
    if (len - *at - 8 < body)
        return false;
    *at += 8 + body;
    return true;
}

static int static_data_done(unsigned int missing, void *data) {
    struct sim_restore *r = data;

    r->static_data_missing = missing;
    return 0;
}

/* What libxl does between two libxc checkpoints: it reads its own records up to CHECKPOINT_END. */
static int checkpoint(void *data) {
    struct sim_restore *r = data;
    uint32_t type;

    r->checkpoints++;
    while (wrapped) {
        if (!skip_libxl(in, in_len, &in_at, &type))
            return XGR_CHECKPOINT_FAILOVER;
        if (type == LIBXL_CHECKPOINT_END)
            break;
        if (type == LIBXL_END)
            return XGR_CHECKPOINT_ERROR;
    }
    return XGR_CHECKPOINT_SUCCESS;
}

static bool starts_libxl(const uint8_t *p, size_t len, size_t at) {
    return len - at >= 16 && !memcmp(p + at, "LibxlFmt", 8);
}

size_t sim_find_libxc(const uint8_t *stream, size_t len) {
    size_t at = 0;
    uint32_t type = 0;

    if (len >= 48 && !memcmp(stream, "Xen saved domain, xl format", 27)) {
        if (u32(stream + 44) > len - 48)
            return len;
        at = 48 + (size_t)u32(stream + 44);
    }
    if (starts_libxl(stream, len, at)) {
        at += 16;
        while (type != 1) /* LIBXC_CONTEXT */
            if (!skip_libxl(stream, len, &at, &type))
                return len;
    }
    return at;
}

bool sim_stream_is_hvm(const uint8_t *stream, size_t len) {
    size_t at = sim_find_libxc(stream, len);

    return len - at >= 28 && u32(stream + at + 24) == 2;
}

int sim_restore(struct xc_interface_core *xch, struct sim_restore *r) {
    struct restore_callbacks callbacks = {.static_data_done = static_data_done, .checkpoint = checkpoint, .data = r};
    xc_stream_type_t type = r->remus ? XC_STREAM_REMUS : XC_STREAM_PLAIN;
    int rc;

    in = r->stream;
    in_len = r->len;
    in_at = sim_find_libxc(in, in_len);
    wrapped = in_at >= 24;
    r->checkpoints = 0;
    r->static_data_missing = ~0u;
    rc = xc_domain_restore(xch, MEMORY_FD, r->domid, r->store_evtchn, &r->store_gfn, 0, r->console_evtchn,
                           &r->console_gfn, 0, type, &callbacks, -1);
    r->consumed = in_at;
    return rc;
}
