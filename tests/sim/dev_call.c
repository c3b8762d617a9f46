/* SPDX-License-Identifier: MIT */
/* Stand-in for libxencall. */
#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>

#include <xencall.h>

#include "sim_internal.h"

struct xencall_handle {
    int unused;
};

xencall_handle *xencall_open(struct xentoollog_logger *logger, unsigned open_flags) {
    (void)logger, (void)open_flags;
    sim_host();
    return calloc(1, sizeof(struct xencall_handle));
}

int xencall_close(xencall_handle *xcall) {
    free(xcall);
    return 0;
}

int xencall_fd(xencall_handle *xcall) {
    (void)xcall;
    return -1;
}

static long call(unsigned int op, uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e) {
    const uint64_t args[5] = {a, b, c, d, e};
    long rc = sim_hypercall(op, args);

    if (rc >= 0)
        return rc;
    errno = (int)-rc;
    return -1;
}

int xencall0(xencall_handle *xcall, unsigned int op) {
    (void)xcall;
    return (int)call(op, 0, 0, 0, 0, 0);
}

int xencall1(xencall_handle *xcall, unsigned int op, uint64_t arg1) {
    (void)xcall;
    return (int)call(op, arg1, 0, 0, 0, 0);
}

int xencall2(xencall_handle *xcall, unsigned int op, uint64_t arg1, uint64_t arg2) {
    (void)xcall;
    return (int)call(op, arg1, arg2, 0, 0, 0);
}

long xencall2L(xencall_handle *xcall, unsigned int op, uint64_t arg1, uint64_t arg2) {
    (void)xcall;
    return call(op, arg1, arg2, 0, 0, 0);
}

int xencall3(xencall_handle *xcall, unsigned int op, uint64_t arg1, uint64_t arg2, uint64_t arg3) {
    (void)xcall;
    return (int)call(op, arg1, arg2, arg3, 0, 0);
}

int xencall4(xencall_handle *xcall, unsigned int op, uint64_t arg1, uint64_t arg2, uint64_t arg3, uint64_t arg4) {
    (void)xcall;
    return (int)call(op, arg1, arg2, arg3, arg4, 0);
}

int xencall5(xencall_handle *xcall, unsigned int op, uint64_t arg1, uint64_t arg2, uint64_t arg3, uint64_t arg4,
             uint64_t arg5) {
    (void)xcall;
    return (int)call(op, arg1, arg2, arg3, arg4, arg5);
}

void *xencall_alloc_buffer_pages(xencall_handle *xcall, size_t nr_pages) {
    void *p = mmap(NULL, nr_pages * SIM_PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    (void)xcall;
    return p == MAP_FAILED ? NULL : p;
}

void xencall_free_buffer_pages(xencall_handle *xcall, void *p, size_t nr_pages) {
    (void)xcall;
    if (p)
        munmap(p, nr_pages * SIM_PAGE_SIZE);
}

/* Plain heap, so that AddressSanitizer sees an access beyond a hypercall buffer. */
void *xencall_alloc_buffer(xencall_handle *xcall, size_t size) {
    (void)xcall;
    return malloc(size ? size : 1);
}

void xencall_free_buffer(xencall_handle *xcall, void *p) {
    (void)xcall;
    free(p);
}

int xencall_buffers_never_fault(xencall_handle *xcall) {
    (void)xcall;
    return 1;
}
