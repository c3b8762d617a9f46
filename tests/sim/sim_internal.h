/* SPDX-License-Identifier: MIT */
/* State of the simulated host.  No pointers: it is mapped by several processes at different addresses. */
#ifndef XENVET_SIM_INTERNAL_H
#define XENVET_SIM_INTERNAL_H

#ifndef __XEN_TOOLS__
#define __XEN_TOOLS__ 1
#endif
#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <xen/domctl.h>
#include <xen/hvm/params.h>
#include <xen/hvm/save.h>
#include <xen/memory.h>
#include <xen/sysctl.h>
#include <xen/xen.h>
#include <xenctrl.h>

#include "sim.h"

#define SIM_MAGIC            0x78656e73696d3031ull
#define SIM_FIRST_MFN        0x400u        /* below it: "Xen itself"; keeps pfn and mfn different */
#define SIM_M2P_BASE         0x70000000ull /* frame numbers under which DOMID_XEN maps the M2P */
#define SIM_NO_MFN           UINT32_MAX
#define SIM_HVM_CONTEXT_KEPT (256u * 1024u)
#define SIM_XSAVE_MAX        4096u
#define SIM_MSRS_MAX         16u
#define SIM_PORTS_MAX        1024u
#define SIM_GFN_BITS         36 /* four-level EPT/NPT: 48-bit guest-physical addresses */

/* Page types, as PGT_* in Xen's mm.h. */
enum sim_type { T_NONE, T_L1, T_L2, T_L3, T_L4, T_SEGDESC, T_WRITABLE };
#define F_VALIDATED  1u
#define F_PINNED     2u
#define F_PAE_XEN_L2 4u
#define F_XENHEAP    8u /* shared info and grant frames: not counted in tot_pages */

struct frame {
    uint32_t count; /* type references */
    uint16_t owner; /* domid, 0 for nobody */
    uint8_t type;
    uint8_t flags;
    int32_t linear; /* > 0: holds linear entries, < 0: is used as one */
};

struct p2m_slot {
    uint64_t gfn;
    uint32_t mfn;
    uint16_t domid;
    uint16_t pad;
    uint64_t generation;
};

struct policy {
    uint32_t basic[14][4], cache[6][4], feat[3][4], topo[2][4], xstate[63][4], extd[34][4];
    uint32_t hv_limit, hv2_limit;
    uint64_t platform_info, arch_caps;
};

struct vcpu {
    uint8_t created, initialised, down, pad;
    uint32_t context_len, extended_len, xsave_len, nr_msrs;
    uint64_t cr3_mfn, cr1_mfn; /* PV: tables holding a type reference, 0 for none */
    uint64_t gdt_frames[16];
    uint32_t gdt_ents, nr_gdt_frames;
    uint64_t xcr0, xcr0_accum;
    uint8_t context[5168];
    uint8_t extended[128];
    uint8_t xsave[SIM_XSAVE_MAX];
    struct {
        uint32_t index, reserved;
        uint64_t value;
    } msrs[SIM_MSRS_MAX];
};

struct port {
    uint8_t used, bound;
    uint16_t remote;
};

struct domain {
    uint8_t used, hvm, hap, nested, started, introduced, is_32bit, policy_set;
    uint16_t domid, pad;
    uint32_t pause_count, max_vcpus, emulation_flags, paging_mb;
    uint64_t max_pages, tot_pages, max_gpfn;
    uint32_t shared_info_mfn, grant_mfn;
    uint8_t handle[16];
    uint32_t max_evtchn_port, tsc_set, tsc_mode, tsc_khz, tsc_incarnation;
    uint64_t tsc_nsec;
    uint32_t policy_leaves, policy_msrs;
    uint64_t vm_assist, store_gfn;
    uint32_t store_port, pad2;
    uint64_t params[HVM_NR_PARAMS];
    struct policy policy;
    uint64_t hvm_context_full;
    struct port ports[SIM_PORTS_MAX];
    uint32_t nr_ports; /* ports 0 .. nr_ports-1 were ever used */
    struct vcpu vcpus[SIM_MAX_VCPUS];
    uint8_t hvm_context[SIM_HVM_CONTEXT_KEPT];
};

struct host {
    uint64_t magic;
    uint64_t bytes;       /* of the state mapping */
    pthread_mutex_t lock; /* robust and shared: a killed process does not wedge the host */
    uint32_t relax, trace;
    uint64_t nr_frames, next_mfn, nr_free, p2m_slots, generation;
    uint64_t last_domid;
    struct sim_stats stats;
    char refusal[160];
    struct domain domains[SIM_MAX_DOMAINS];
};

/* host.c */
extern struct host *host;
extern struct frame *frames;
extern uint64_t *m2p;
extern uint8_t *memory;
struct host *sim_host(void); /* opens it from the environment when needed */
const char *sim_dir(void);   /* NULL for an anonymous host */
int sim_memory_fd(void);
int sim_m2p_fd(void);
uint64_t sim_m2p_bytes(void);
void sim_lock(void);
void sim_unlock(void);
uint32_t sim_alloc_frame(uint16_t owner, bool xenheap);
void sim_free_frame(uint32_t mfn);
static inline void *frame_data(uint64_t mfn) {
    return memory + mfn * SIM_PAGE_SIZE;
}
bool sim_relaxed(unsigned int what);

/* log.c */
void sim_trace(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
int sim_refuse(int err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Records why and yields the (negative) error: return refuse(-EINVAL, "rule: ..."); */
#define refuse sim_refuse
bool sim_injected(int *err);
int sim_parse_errno(const char *text);

/* p2m.c */
uint32_t p2m_get(const struct domain *d, uint64_t gfn);
int p2m_set(struct domain *d, uint64_t gfn, uint32_t mfn);
void p2m_remove(struct domain *d, uint64_t gfn);
bool frame_owned(const struct domain *d, uint64_t mfn);
uint32_t sim_gfn_to_mfn(const struct domain *d, uint64_t gfn);

/* domain.c */
struct domain *domain_find(uint16_t domid);
struct vcpu *vcpu_find(struct domain *d, uint32_t id);
int domain_create(uint16_t wanted, const struct xen_domctl_createdomain *cfg, uint16_t *domid);
void domain_destroy(struct domain *d);
int domain_add_vcpus(struct domain *d, uint32_t max);
int domain_set_address_size(struct domain *d, uint32_t bits);

/* pagetype.c */
int type_get(struct domain *d, uint64_t mfn, enum sim_type type, bool pae_xen_l2);
void type_put(struct domain *d, uint64_t mfn);
int do_mmuext_op(struct mmuext_op *ops, uint32_t n, uint16_t domid);

/* subsystems of the dispatcher; all answer >= 0 or -errno as Xen does */
long do_domctl(struct xen_domctl *op);
long do_sysctl(struct xen_sysctl *op);
long do_memory_op(unsigned int cmd, void *arg);
long do_hvm_op(unsigned int op, void *arg);
long do_xen_version(unsigned int cmd, void *arg);
long do_event_channel_op(unsigned int cmd, void *arg);
long do_grant_table_op(unsigned int cmd, void *arg, unsigned int count);
int evtchn_alloc_unbound(struct domain *d, uint16_t remote, uint32_t *port);
int do_set_vcpu_context(struct domain *d, struct vcpu *v, uint32_t id, const void *ctxt);
int do_set_ext_context(struct domain *d, const struct xen_domctl_ext_vcpucontext *e);
int do_set_xstate(struct domain *d, const struct xen_domctl_vcpuextstate *e);
int do_set_msrs(struct domain *d, struct xen_domctl_vcpu_msrs *m);
int hvm_load(struct domain *d, const uint8_t *data, size_t size);
int hvm_set_param(struct domain *d, uint32_t index, uint64_t value);

/* cpupolicy.c */
void policy_default(struct policy *p);
int policy_set(struct domain *d, struct xen_domctl_cpu_policy *op);
int policy_get(const struct policy *p, xen_cpuid_leaf_t *leaves, uint32_t *nr_leaves, xen_msr_entry_t *msrs,
               uint32_t *nr_msrs);
void policy_featureset(const struct policy *p, uint32_t *words, uint32_t n);
const struct policy *policy_of(const struct domain *d); /* honours SIM_RELAX_POLICY */

/* cpurules.c: what a policy allows */
uint64_t rule_xcr0_max(const struct policy *p);
uint64_t rule_cr4_valid(const struct policy *p, bool nested);
const char *rule_efer(const struct policy *p, bool nested, uint64_t efer, bool paging);
unsigned int rule_maxphysaddr(const struct policy *p);
int rule_wrmsr(const struct policy *p, uint32_t index, uint64_t value);
int rule_vmce(const struct hvm_vmce_vcpu *v);
bool rule_canonical(uint64_t addr);

/* xstate.c */
#define XSTATE_MIN 576u
uint64_t xstate_host_mask(void);
uint32_t xstate_size(uint64_t xcr0);
void xstate_component(unsigned int i, uint32_t *size, uint32_t *offset);
int xstate_validate(const struct policy *p, uint64_t xcr0, uint64_t accum, const uint8_t *header);

/* hvmctx_cpu.c */
int hvm_load_cpu(struct domain *d, uint16_t instance, const uint8_t *body, uint32_t len);
int hvm_load_xsave(struct domain *d, uint16_t instance, const uint8_t *body, uint32_t len);
int hvm_load_msrs(struct domain *d, uint16_t instance, const uint8_t *body, uint32_t len);

/* hypercall.c */
long sim_hypercall(unsigned int op, const uint64_t a[5]);
int sim_count_map(uint64_t pages); /* 0, or -errno when the mapping is made to fail */
void sim_unknown(const char *what, unsigned int nr);

/* xs_store.c */
void store_clear(void);

#endif
