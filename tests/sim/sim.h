/* SPDX-License-Identifier: MIT */
/*
 * A user-space stand-in for Xen below the unmodified libxenctrl and libxenguest.
 *
 * The simulator replaces the device layer (libxencall, libxenforeignmemory, libxendevicemodel,
 * libxenevtchn, libxengnttab) and libxenstore.  This header is what a test, a fuzzer or a tool uses
 * to set up the simulated host and to look at the result.
 *
 * One host exists per process.  It lives either in anonymous memory (fast, private, for fuzzing) or in
 * a directory (shared between processes and kept after they exit).  Without an explicit call the host
 * is created at the first hypercall from the environment, see sim_host_open().
 */
#ifndef XENVET_SIM_H
#define XENVET_SIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SIM_PAGE_SIZE   4096u
#define SIM_MAX_DOMAINS 16u
#define SIM_MAX_VCPUS   128u

/* Relaxations: each names one rule of Xen that small synthetic streams break. */
#define SIM_RELAX_BLANK_CPU (1u << 0) /* an HVM CPU record without CR0.ET, all octets zero */
#define SIM_RELAX_POLICY    (1u << 1) /* judge xsave, MSRs, CR4, EFER by the host's policy, not the domain's */
#define SIM_RELAX_GDT       (1u << 2) /* a GDT frame that is also mapped writable */
#define SIM_RELAX_PAE_L2    (1u << 3) /* one PAE L2 table in slot 3 and in other slots of its L3 */
#define SIM_RELAX_SYNTHETIC 0xfu      /* all of them */

struct sim_options {
    uint64_t host_pages; /* size of the host in 4 KiB frames; 0: 262144 (1 GiB) */
    unsigned int relax;  /* SIM_RELAX_* */
    bool trace;          /* one line per hypercall on standard error */
};

/*
 * Opens the host.  DIR NULL: anonymous memory; otherwise the directory is created or joined, and OPTIONS
 * only matter to the process that creates it.  OPTIONS NULL: taken from the environment:
 *   XENVET_SIM_DIR=PATH       directory (used when the host is opened implicitly)
 *   XENVET_SIM_PAGES=N        host size in frames
 *   XENVET_SIM_RELAX=LIST     comma list of blank-cpu, policy, gdt, pae-l2, synthetic
 *   XENVET_SIM_BLANK_CPU=1    the same as adding blank-cpu
 *   XENVET_SIM_TRACE=1        trace
 *   XENVET_SIM_FAIL=N:ERRNO   the N-th hypercall of this process fails with that errno (name or number)
 *   XENVET_SIM_XS_FAIL=N:ERRNO  the same for the N-th xenstore request
 * Returns 0 or -1 with errno.
 */
int sim_host_open(const char *dir, const struct sim_options *options);
void sim_host_close(void);

/* Back to an empty host: no domain, no page, no xenstore node, statistics zero. Cheap when little was used. */
void sim_host_reset(void);
void sim_set_relax(unsigned int relax);
void sim_set_trace(bool trace);

/* ---- domains ------------------------------------------------------------------------------- */

struct sim_domain_config {
    bool hvm;
    unsigned int vcpus;
    uint64_t max_pages;
    bool nested; /* HVM: with nested virtualisation */
};

struct sim_domain {
    uint16_t domid;
    bool hvm;
    bool hap;
    bool paused;        /* control tools hold it paused */
    bool started;       /* it was unpaused at least once */
    bool introduced;    /* xs_introduce_domain() succeeded */
    unsigned int width; /* guest width in octets: 8 or 4 */
    unsigned int max_vcpus;
    uint64_t tot_pages;
    uint64_t max_pages;
    uint64_t max_gpfn;
    uint64_t shared_info_mfn;
    uint32_t paging_mb; /* shadow or HAP memory set by the tools */
    bool tsc_set;
    uint32_t tsc_mode, tsc_khz, tsc_incarnation;
    uint64_t tsc_nsec;
    bool policy_set;
    uint32_t policy_leaves, policy_msrs;
    uint64_t store_gfn;
    uint32_t store_port;
};

/* Creates a paused domain without going through libxenctrl.  Returns its id, or -errno. */
int sim_domain_create(const struct sim_domain_config *config);
/* Fills IDS with the existing domains, ascending; returns how many there are. */
unsigned int sim_domain_list(uint16_t ids[SIM_MAX_DOMAINS]);
bool sim_domain_get(uint16_t domid, struct sim_domain *out);

/* The page behind a guest frame number (PV: through the M2P), or NULL. */
const void *sim_domain_page(uint16_t domid, uint64_t pfn);
/* The page behind a machine frame number that belongs to the domain, or NULL. */
const void *sim_domain_frame(uint16_t domid, uint64_t mfn);
/* PV: the machine frame of a pfn.  HVM: what the p2m says.  UINT64_MAX when there is none. */
uint64_t sim_domain_mfn(uint16_t domid, uint64_t pfn);
/* Calls FN for each populated frame in ascending pfn order. */
void sim_domain_pages(uint16_t domid, void (*fn)(void *arg, uint64_t pfn, uint64_t mfn, const void *page), void *arg);
/* Page-type name of a frame ("none", "l1".."l4", "segdesc", "writable") and whether it is pinned. */
const char *sim_frame_type(uint64_t mfn, bool *pinned, uint32_t *count);

struct sim_vcpu {
    bool online;
    bool initialised;
    const void *context; /* PV: what setvcpucontext took; 5168 or 2800 octets */
    size_t context_len;
    const void *extended; /* PV: set_ext_vcpucontext, 128 octets */
    size_t extended_len;
    const void *xsave; /* setvcpuextstate */
    size_t xsave_len;
    const void *msrs; /* set_vcpu_msrs, 16 octets each */
    size_t msrs_len;
};

bool sim_domain_vcpu(uint16_t domid, unsigned int vcpu, struct sim_vcpu *out);
bool sim_domain_param(uint16_t domid, unsigned int index, uint64_t *value);
/* The HVM context Xen accepted; FULL is its length, of which at most 256 KiB are kept. */
const void *sim_domain_hvm_context(uint16_t domid, size_t *kept, size_t *full);

/* ---- statistics ---------------------------------------------------------------------------- */

struct sim_stats {
    uint64_t hypercalls;       /* every one, foreign mappings included */
    uint64_t by_op[64];        /* __HYPERVISOR_* */
    uint64_t by_domctl[128];   /* XEN_DOMCTL_* */
    uint64_t by_memory_op[64]; /* XENMEM_* */
    uint64_t unknown;          /* hypercalls the simulator does not know: answered ENOSYS */
    uint64_t refused;          /* hypercalls answered with an error */
    uint64_t injected;         /* of these, failures asked for */
    uint64_t populated;        /* pages handed out by populate_physmap */
    uint64_t guest_pages;      /* pages owned by domains now */
    uint64_t guest_pages_peak;
    uint64_t map_calls, map_pages, map_refused;
    uint64_t xs_requests;
};

void sim_stats(struct sim_stats *out);
/* The last reason for a refusal, for people: "arch_set_info_guest: cr3 frame not owned". */
const char *sim_last_refusal(void);

/* The N-th hypercall from now (1 is the next) fails with ERR, once; N 0 cancels. Per process. */
void sim_fail_hypercall(uint64_t n, int err);
/* From the N-th on, all fail. */
void sim_fail_hypercalls_from(uint64_t n, int err);
void sim_fail_xenstore(uint64_t n, int err);

/* ---- xenstore ------------------------------------------------------------------------------ */

/* Calls FN for each node in path order.  VALUE is not necessarily text. */
void sim_xenstore_walk(void (*fn)(void *arg, const char *path, const void *value, size_t len, const char *perms),
                       void *arg);

/* ---- toolstack heap and stream input (static builds only, see xensim_inprocess in CMakeLists.txt) -- */

struct sim_heap {
    size_t now, peak, largest;
    uint64_t allocations;
};

/* Counts from zero, and refuses to exceed LIMIT octets (0: no limit). Needs --wrap=malloc,... */
void sim_heap_start(size_t limit);
void sim_heap_get(struct sim_heap *out);
/* The N-th allocation from now fails, once; 0 cancels. */
void sim_heap_fail(uint64_t n);

struct sim_restore {
    const uint8_t *stream; /* libxc stream, or one inside a libxl and xl container */
    size_t len;
    uint16_t domid; /* an existing domain */
    bool remus;
    unsigned int store_evtchn, console_evtchn;
    /* results */
    size_t consumed;
    unsigned int checkpoints;
    unsigned int static_data_missing; /* argument of static_data_done, ~0u when never called */
    unsigned long store_gfn, console_gfn;
};

struct xc_interface_core;
/* Offset of the libxc image header behind optional containers. */
size_t sim_find_libxc(const uint8_t *stream, size_t len);
/* Is it an HVM stream?  Reads the domain header. */
bool sim_stream_is_hvm(const uint8_t *stream, size_t len);
/* xc_domain_restore() fed from memory.  Needs --wrap=read_exact. */
int sim_restore(struct xc_interface_core *xch, struct sim_restore *r);

#endif
