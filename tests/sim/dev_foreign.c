/* SPDX-License-Identifier: MIT */
/* Stand-in for libxenforeignmemory.  Mappings are real: libxenguest releases some with plain munmap(). */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "sim_internal.h"

#include <xenforeignmemory.h>

struct xenforeignmemory_handle {
    int unused;
};
struct xenforeignmemory_resource_handle {
    void *addr;
};

/* Where one frame number lies: a file and an offset, or not at all. */
struct place {
    int fd;
    uint64_t offset;
};

xenforeignmemory_handle *xenforeignmemory_open(struct xentoollog_logger *logger, unsigned open_flags) {
    (void)logger, (void)open_flags;
    sim_host();
    return calloc(1, sizeof(struct xenforeignmemory_handle));
}

int xenforeignmemory_close(xenforeignmemory_handle *fmem) {
    free(fmem);
    return 0;
}

int xenforeignmemory_restrict(xenforeignmemory_handle *fmem, domid_t domid) {
    (void)fmem, (void)domid;
    return 0;
}

/* A foreign mapping is an L1 entry of the control domain: a writable one needs PGT_writable_page. */
static bool locate(const struct domain *d, uint32_t domid, uint64_t frame, bool write, struct place *p) {
    uint32_t mfn;

    if (domid == DOMID_XEN) {
        p->fd = sim_m2p_fd();
        p->offset = (frame - SIM_M2P_BASE) * SIM_PAGE_SIZE;
        return frame >= SIM_M2P_BASE && p->offset < sim_m2p_bytes() && !write;
    }
    mfn = d ? sim_gfn_to_mfn(d, frame) : SIM_NO_MFN;
    if (mfn == SIM_NO_MFN)
        return false;
    if (write && !d->hvm && frames[mfn].count && frames[mfn].type != T_WRITABLE) {
        refuse(-EINVAL, "foreign map: mfn %#x is in use as a table", mfn);
        return false;
    }
    p->fd = sim_memory_fd();
    p->offset = (uint64_t)mfn * SIM_PAGE_SIZE;
    return true;
}

static int map_run(uint8_t *va, size_t pages, int prot, const struct place *p) {
    /* populated at once: a fault per page costs more than the whole call */
    const int flags = MAP_SHARED | MAP_FIXED | (p->fd == sim_memory_fd() ? MAP_POPULATE : 0);

    return mmap(va, pages * SIM_PAGE_SIZE, prot, flags, p->fd, (off_t)p->offset) == MAP_FAILED ? -errno : 0;
}

/* Maps ARR in runs of adjacent frames; ERR gets one code each. Returns whether all went well. */
static bool map_all(uint8_t *va, uint32_t dom, int prot, size_t pages, const xen_pfn_t *arr, int *err) {
    const struct domain *d = domain_find((uint16_t)dom);
    bool all = true, write = prot & PROT_WRITE;
    size_t run;

    for (size_t i = 0; i < pages; i += run) {
        struct place first, next;
        int rc = -EINVAL;

        run = 1;
        if (locate(d, dom, arr[i], write, &first)) {
            while (i + run < pages && locate(d, dom, arr[i + run], write, &next) && next.fd == first.fd &&
                   next.offset == first.offset + run * SIM_PAGE_SIZE)
                run++;
            rc = map_run(va + i * SIM_PAGE_SIZE, run, prot, &first);
        }
        for (size_t k = 0; err && k < run; k++)
            err[i + k] = rc;
        if (rc) {
            all = false;
            host->stats.map_refused++;
        }
    }
    return all;
}

void *xenforeignmemory_map2(xenforeignmemory_handle *fmem, uint32_t dom, void *addr, int prot, int flags, size_t pages,
                            const xen_pfn_t arr[], int err[]) {
    bool all;
    void *va;
    int rc;

    (void)fmem;
    if (!pages) {
        errno = EINVAL;
        return NULL;
    }
    va = mmap(addr, pages * SIM_PAGE_SIZE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | (flags & MAP_FIXED),
              -1, 0);
    if (va == MAP_FAILED)
        return NULL;
    sim_lock();
    rc = sim_count_map(pages);
    all = !rc && map_all(va, dom, prot, pages, arr, err);
    sim_unlock();
    if (rc || (!all && !err)) {
        munmap(va, pages * SIM_PAGE_SIZE);
        errno = rc ? -rc : EINVAL;
        return NULL;
    }
    return va;
}

void *xenforeignmemory_map(xenforeignmemory_handle *fmem, uint32_t dom, int prot, size_t pages, const xen_pfn_t arr[],
                           int err[]) {
    return xenforeignmemory_map2(fmem, dom, NULL, prot, 0, pages, arr, err);
}

int xenforeignmemory_unmap(xenforeignmemory_handle *fmem, void *addr, size_t pages) {
    (void)fmem;
    return munmap(addr, pages * SIM_PAGE_SIZE);
}

/* acquire_resource(): only the first grant frame. */
static int find_resource(domid_t domid, unsigned int type, unsigned int id, unsigned long frame, unsigned long nr,
                         struct place *p) {
    const struct domain *d = domain_find(domid);

    if (!d)
        return refuse(-ESRCH, "acquire_resource: no domain %u", domid);
    if (type != XENMEM_resource_grant_table || id != XENMEM_resource_grant_table_id_shared) {
        sim_unknown("resource", type);
        return -EOPNOTSUPP;
    }
    if (frame || nr != 1)
        return refuse(-EINVAL, "acquire_resource: frames %lu+%lu", frame, nr);
    p->fd = sim_memory_fd();
    p->offset = (uint64_t)d->grant_mfn * SIM_PAGE_SIZE;
    return 0;
}

xenforeignmemory_resource_handle *xenforeignmemory_map_resource(xenforeignmemory_handle *fmem, domid_t domid,
                                                                unsigned int type, unsigned int id, unsigned long frame,
                                                                unsigned long nr_frames, void **paddr, int prot,
                                                                int flags) {
    xenforeignmemory_resource_handle *r = calloc(1, sizeof(*r));
    struct place p = {.fd = -1};
    int rc;

    (void)fmem, (void)flags;
    if (!r)
        return NULL;
    sim_lock();
    rc = sim_count_map(nr_frames);
    if (!rc)
        rc = find_resource(domid, type, id, frame, nr_frames, &p);
    sim_unlock();
    r->addr = rc ? MAP_FAILED : mmap(NULL, SIM_PAGE_SIZE, prot, MAP_SHARED, p.fd, (off_t)p.offset);
    if (r->addr == MAP_FAILED) {
        free(r);
        errno = rc ? -rc : errno;
        return NULL;
    }
    *paddr = r->addr;
    return r;
}

int xenforeignmemory_unmap_resource(xenforeignmemory_handle *fmem, xenforeignmemory_resource_handle *fres) {
    (void)fmem;
    munmap(fres->addr, SIM_PAGE_SIZE);
    free(fres);
    return 0;
}

int xenforeignmemory_resource_size(xenforeignmemory_handle *fmem, domid_t domid, unsigned int type, unsigned int id,
                                   size_t *size) {
    (void)fmem, (void)domid, (void)type, (void)id;
    *size = SIM_PAGE_SIZE;
    return 0;
}
