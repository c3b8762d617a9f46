/* SPDX-License-Identifier: MIT */
/* The simulated host: its memory, its frames, its lock, and where it is kept. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim_internal.h"

#define DEFAULT_PAGES 262144u
#define ZERO_BY_HAND  512u /* frames cleared with memset at a reset; a hole punched beyond */
#define TWO_MIB       (2ul << 20)

struct host *host;
struct frame *frames;
uint64_t *m2p;
uint8_t *memory;
static uint32_t *free_list;
struct p2m_slot *p2m_table;
static int memory_fd = -1, m2p_fd = -1, state_fd = -1;
static char dir_name[PATH_MAX];

const char *sim_dir(void) {
    return dir_name[0] ? dir_name : NULL;
}
int sim_memory_fd(void) {
    return memory_fd;
}
int sim_m2p_fd(void) {
    return m2p_fd;
}

/* Xen publishes the M2P in 2 MiB superpages, so libxenctrl maps it in such steps. */
uint64_t sim_m2p_bytes(void) {
    return (host->nr_frames * 8 + TWO_MIB - 1) & ~(uint64_t)(TWO_MIB - 1);
}

/* A program was killed in the middle of what is one step in Xen: frames have an owner or are free, nothing in between.
 */
static void count_again(void) {
    host->nr_free = 0;
    host->stats.guest_pages = 0;
    for (uint64_t mfn = SIM_FIRST_MFN; mfn < host->next_mfn; mfn++) {
        if (frames[mfn].owner)
            host->stats.guest_pages++;
        else
            free_list[host->nr_free++] = (uint32_t)mfn;
    }
}

void sim_lock(void) {
    if (pthread_mutex_lock(&host->lock) != EOWNERDEAD)
        return;
    pthread_mutex_consistent(&host->lock);
    count_again();
}

void sim_unlock(void) {
    pthread_mutex_unlock(&host->lock);
}

bool sim_relaxed(unsigned int what) {
    return (host->relax & what) != 0;
}
void sim_set_relax(unsigned int relax) {
    sim_host()->relax = relax;
}
void sim_set_trace(bool trace) {
    sim_host()->trace = trace;
}

static unsigned int relax_from_env(void) {
    static const struct {
        const char *name;
        unsigned int bit;
    } names[] = {
        {"blank-cpu", SIM_RELAX_BLANK_CPU}, {"policy", SIM_RELAX_POLICY},       {"gdt", SIM_RELAX_GDT},
        {"pae-l2", SIM_RELAX_PAE_L2},       {"synthetic", SIM_RELAX_SYNTHETIC},
    };
    const char *list = getenv("XENVET_SIM_RELAX"), *blank = getenv("XENVET_SIM_BLANK_CPU");
    unsigned int relax = blank && *blank == '1' ? SIM_RELAX_BLANK_CPU : 0;

    while (list && *list) {
        size_t n = strcspn(list, ",");

        for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
            if (strlen(names[i].name) == n && !strncmp(names[i].name, list, n))
                relax |= names[i].bit;
        list += n + (list[n] == ',');
    }
    return relax;
}

static struct sim_options options_from_env(void) {
    const char *pages = getenv("XENVET_SIM_PAGES"), *trace = getenv("XENVET_SIM_TRACE");

    return (struct sim_options){
        .host_pages = pages ? strtoull(pages, NULL, 0) : 0,
        .relax = relax_from_env(),
        .trace = trace && *trace && *trace != '0',
    };
}

static int open_file(const char *name) {
    char path[PATH_MAX + 16];

    if (!sim_dir())
        return memfd_create(name, MFD_CLOEXEC);
    snprintf(path, sizeof(path), "%s/%s", dir_name, name);
    return open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
}

static void *map_shared(int fd, size_t bytes) {
    void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, fd, 0);

    return p == MAP_FAILED ? NULL : p;
}

static uint64_t slots_for(uint64_t pages) {
    uint64_t n = 1024;

    while (n < pages * 2)
        n <<= 1;
    return n;
}

static uint64_t state_bytes(uint64_t pages) {
    return sizeof(struct host) + pages * (sizeof(struct frame) + sizeof(uint32_t)) +
           slots_for(pages) * sizeof(struct p2m_slot) + 64;
}

/* The tables follow struct host in the state file. */
static void place_tables(uint64_t pages) {
    uint8_t *p = (uint8_t *)(host + 1);

    p2m_table = (struct p2m_slot *)(void *)(p + (-(uintptr_t)p & 15));
    frames = (struct frame *)(void *)(p2m_table + slots_for(pages));
    free_list = (uint32_t *)(void *)(frames + pages);
}

static void init_host(const struct sim_options *o, uint64_t pages) {
    pthread_mutexattr_t attr;

    pthread_mutexattr_init(&attr);
    pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED);
    pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST);
    pthread_mutex_init(&host->lock, &attr);
    pthread_mutexattr_destroy(&attr);
    host->relax = o->relax;
    host->trace = o->trace;
    host->nr_frames = pages;
    host->p2m_slots = slots_for(pages);
    host->next_mfn = SIM_FIRST_MFN;
    host->generation = 1;
    host->bytes = state_bytes(pages);
    host->magic = SIM_MAGIC;
}

/* How large is the host kept in this directory?  0 when there is none yet. */
static uint64_t existing_pages(void) {
    struct host *h;
    uint64_t pages = 0;
    struct stat st;

    if (fstat(state_fd, &st) || st.st_size < (off_t)sizeof(struct host))
        return 0;
    h = map_shared(state_fd, sizeof(struct host));
    if (h && h->magic == SIM_MAGIC)
        pages = h->nr_frames;
    if (h)
        munmap(h, sizeof(struct host));
    return pages;
}

static int map_everything(const struct sim_options *o) {
    uint64_t pages = existing_pages();
    bool fresh = !pages;

    if (fresh)
        pages = o->host_pages ? o->host_pages : DEFAULT_PAGES;
    if (ftruncate(state_fd, (off_t)state_bytes(pages)) || ftruncate(memory_fd, (off_t)(pages * SIM_PAGE_SIZE)))
        return -1;
    host = map_shared(state_fd, state_bytes(pages));
    memory = map_shared(memory_fd, pages * SIM_PAGE_SIZE);
    if (!host || !memory)
        return -1;
    place_tables(pages);
    if (fresh)
        init_host(o, pages);
    if (ftruncate(m2p_fd, (off_t)sim_m2p_bytes()))
        return -1;
    m2p = map_shared(m2p_fd, sim_m2p_bytes());
    if (m2p && fresh)
        memset(m2p, 0xff, sim_m2p_bytes());
    return m2p ? 0 : -1;
}

int sim_host_open(const char *dir, const struct sim_options *options) {
    struct sim_options o = options ? *options : options_from_env();
    int rc;

    sim_host_close();
    dir_name[0] = '\0';
    if (dir) {
        if (strlen(dir) >= sizeof(dir_name) - 1) {
            errno = ENAMETOOLONG;
            return -1;
        }
        if (mkdir(dir, 0700) && errno != EEXIST)
            return -1;
        strcpy(dir_name, dir);
    }
    state_fd = open_file("state");
    memory_fd = open_file("memory");
    m2p_fd = open_file("m2p");
    if (state_fd < 0 || memory_fd < 0 || m2p_fd < 0)
        return -1;
    flock(state_fd, LOCK_EX); /* two processes may create the directory's host at once */
    rc = map_everything(&o);
    flock(state_fd, LOCK_UN);
    return rc;
}

void sim_host_close(void) {
    if (host) {
        uint64_t pages = host->nr_frames;

        munmap(m2p, sim_m2p_bytes());
        munmap(memory, pages * SIM_PAGE_SIZE);
        munmap(host, state_bytes(pages));
        host = NULL;
        store_clear(); /* the one on the heap: without a host the directory's is left alone */
    }
    if (state_fd >= 0)
        close(state_fd);
    if (memory_fd >= 0)
        close(memory_fd);
    if (m2p_fd >= 0)
        close(m2p_fd);
    state_fd = memory_fd = m2p_fd = -1;
}

struct host *sim_host(void) {
    if (!host && sim_host_open(getenv("XENVET_SIM_DIR"), NULL)) {
        fprintf(stderr, "xensim: cannot open the simulated host: %s\n", strerror(errno));
        exit(99);
    }
    return host;
}

/* Frames are handed out ascending, so that a run of pages can be mapped with one mmap(). */
uint32_t sim_alloc_frame(uint16_t owner, bool xenheap) {
    uint32_t mfn;

    if (host->next_mfn < host->nr_frames)
        mfn = (uint32_t)host->next_mfn++;
    else if (host->nr_free)
        mfn = free_list[--host->nr_free];
    else
        return SIM_NO_MFN;
    frames[mfn] = (struct frame){.owner = owner, .flags = xenheap ? F_XENHEAP : 0};
    host->stats.guest_pages++;
    if (host->stats.guest_pages > host->stats.guest_pages_peak)
        host->stats.guest_pages_peak = host->stats.guest_pages;
    return mfn;
}

/* Xen scrubs what a domain leaves. */
void sim_free_frame(uint32_t mfn) {
    frames[mfn] = (struct frame){0};
    m2p[mfn] = UINT64_MAX;
    memset(frame_data(mfn), 0, SIM_PAGE_SIZE);
    free_list[host->nr_free++] = mfn;
    host->stats.guest_pages--;
}

static void clear_domain(struct domain *d) {
    for (uint32_t i = 0; i < d->max_vcpus && i < SIM_MAX_VCPUS; i++)
        memset(&d->vcpus[i], 0, sizeof(d->vcpus[i]));
    memset(d->ports, 0, d->nr_ports * sizeof(d->ports[0]));
    memset(d, 0, offsetof(struct domain, ports));
    d->nr_ports = 0;
}

void sim_host_reset(void) {
    struct host *h = sim_host();
    uint64_t used = h->next_mfn - SIM_FIRST_MFN;
    uint64_t by_hand = used < ZERO_BY_HAND ? used : ZERO_BY_HAND;
    uint64_t rest = (uint64_t)(SIM_FIRST_MFN + by_hand) * SIM_PAGE_SIZE;

    sim_lock();
    for (unsigned int i = 0; i < SIM_MAX_DOMAINS; i++)
        if (h->domains[i].domid)
            clear_domain(&h->domains[i]);
    memset(frame_data(SIM_FIRST_MFN), 0, by_hand * SIM_PAGE_SIZE);
    if (used > by_hand)
        fallocate(memory_fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)rest,
                  (off_t)((used - by_hand) * SIM_PAGE_SIZE));
    memset(frames + SIM_FIRST_MFN, 0, used * sizeof(*frames));
    memset(m2p + SIM_FIRST_MFN, 0xff, used * sizeof(*m2p));
    h->next_mfn = SIM_FIRST_MFN;
    h->nr_free = 0;
    h->last_domid = 0;
    h->generation++;
    memset(&h->stats, 0, sizeof(h->stats));
    h->refusal[0] = '\0';
    sim_unlock();
    store_clear();
}
