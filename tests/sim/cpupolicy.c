/* SPDX-License-Identifier: MIT */
/* CPU policies: the host's, a domain's, and update_domain_cpu_policy(). */
#include <string.h>

#include "sim_internal.h"

#define NO_SUBLEAF        0xffffffffu
#define MAX_LEAVES        120u
#define MAX_MSRS          2u
#define MSR_PLATFORM_INFO 0xceu
#define MSR_ARCH_CAPS     0x10au
#define HOST_EXTD         0x80000021u

/* A host with nearly every feature: the simulator must not refuse what some real host takes. */
void policy_default(struct policy *p) {
    uint64_t xs = xstate_host_mask();

    memset(p, 0, sizeof(*p));
    p->basic[0][0] = 0xd;
    memcpy(&p->basic[0][1], "GenuntelineI", 12); /* ebx "Genu", ecx "ntel", edx "ineI" */
    p->basic[1][0] = 0x000306c3;
    p->basic[1][2] = 0xf7fa3223 | 1u << 5 | 1u << 17;
    p->basic[1][3] = 0x178bfbff;
    p->feat[0][0] = 2;
    p->feat[0][1] = 0xf1bf27eb & ~(1u << 14); /* no MPX */
    p->feat[0][2] = 0x0040168e;
    p->feat[0][3] = 0xbc100030 | 1u << 26;
    p->xstate[0][0] = (uint32_t)xs;
    p->xstate[0][1] = p->xstate[0][2] = xstate_size(xs);
    p->xstate[1][0] = 0xf;
    for (unsigned int i = 2; i < 63; i++)
        if (xs >> i & 1)
            xstate_component(i, &p->xstate[i][0], &p->xstate[i][1]);
    p->extd[0][0] = HOST_EXTD;
    p->extd[1][2] = 0x000001f3 | 1u << 2 | 1u << 26;
    p->extd[1][3] = 0x2fd3fbff;
    p->extd[8][0] = 0x3030;
    p->extd[8][1] = 1u << 12 | 1u << 14 | 1u << 25;
    p->hv_limit = 0x40000005;
    p->platform_info = 1u << 31;
}

const struct policy *policy_of(const struct domain *d) {
    static struct policy max;

    if (!sim_relaxed(SIM_RELAX_POLICY))
        return &d->policy;
    if (!max.basic[0][0])
        policy_default(&max);
    return &max;
}

/* Where x86_cpuid_copy_from_buffer() puts a leaf, or NULL for out of range. */
static uint32_t *leaf_slot(struct policy *p, uint32_t leaf, uint32_t sub) {
    switch (leaf) {
    case 4:
        return sub < 6 ? p->cache[sub] : NULL;
    case 7:
        return sub < 3 ? p->feat[sub] : NULL;
    case 0xb:
        return sub < 2 ? p->topo[sub] : NULL;
    case 0xd:
        return sub < 63 ? p->xstate[sub] : NULL;
    default:
        break;
    }
    if (sub != NO_SUBLEAF)
        return NULL;
    if (leaf < 14)
        return p->basic[leaf];
    return leaf >= 0x80000000 && leaf < 0x80000000 + 34 ? p->extd[leaf & 0xffff] : NULL;
}

static int copy_leaves(struct policy *p, struct xen_domctl_cpu_policy *op) {
    const xen_cpuid_leaf_t *l = op->leaves.p;

    if (op->nr_leaves > MAX_LEAVES)
        return refuse(-E2BIG, "x86_cpuid_copy_from_buffer: %u leaves", op->nr_leaves);
    for (uint32_t i = 0; i < op->nr_leaves; i++) {
        uint32_t *slot = leaf_slot(p, l[i].leaf, l[i].subleaf);

        if (slot) {
            memcpy(slot, &l[i].a, 16);
        } else if (l[i].leaf == 0x40000000 && l[i].subleaf == NO_SUBLEAF) {
            p->hv_limit = l[i].a;
        } else if (l[i].leaf == 0x40000100 && l[i].subleaf == NO_SUBLEAF) {
            p->hv2_limit = l[i].a;
        } else {
            op->err_leaf = l[i].leaf;
            op->err_subleaf = l[i].subleaf;
            return refuse(-ERANGE, "x86_cpuid_copy_from_buffer: leaf %#x subleaf %#x", l[i].leaf, l[i].subleaf);
        }
    }
    return 0;
}

static int copy_msrs(struct policy *p, struct xen_domctl_cpu_policy *op) {
    const xen_msr_entry_t *m = op->msrs.p;

    if (op->nr_msrs > MAX_MSRS)
        return refuse(-E2BIG, "x86_msr_copy_from_buffer: %u entries", op->nr_msrs);
    for (uint32_t i = 0; i < op->nr_msrs; i++) {
        op->err_msr = m[i].idx;
        if (m[i].flags)
            return refuse(-EINVAL, "x86_msr_copy_from_buffer: flags %#x", m[i].flags);
        if (m[i].idx == MSR_PLATFORM_INFO) {
            if (m[i].val != (uint32_t)m[i].val)
                return refuse(-EOVERFLOW, "x86_msr_copy_from_buffer: PLATFORM_INFO %#lx", (unsigned long)m[i].val);
            p->platform_info = m[i].val;
        } else if (m[i].idx == MSR_ARCH_CAPS) {
            p->arch_caps = m[i].val;
        } else {
            return refuse(-ERANGE, "x86_msr_copy_from_buffer: index %#x", m[i].idx);
        }
    }
    op->err_msr = NO_SUBLEAF;
    return 0;
}

static void zero_from(uint32_t (*rows)[4], uint32_t first, uint32_t n) {
    for (uint32_t i = first; i < n; i++)
        memset(rows[i], 0, sizeof(rows[i]));
}

/* x86_cpu_policy_clear_out_of_range_leaves() */
static void trim(struct policy *p) {
    uint32_t max = p->basic[0][0], i;

    zero_from(p->basic, max < 13 ? max + 1 : 14, 14);
    for (i = 0; max >= 4 && i < 6 && (p->cache[i][0] & 0x1f); i++)
        ;
    zero_from(p->cache, i, 6);
    zero_from(p->feat, max < 7 ? 0 : p->feat[0][0] < 2 ? p->feat[0][0] + 1 : 3, 3);
    for (i = 0; max >= 0xb && i < 2 && (p->topo[i][2] >> 8 & 0xff); i++)
        ;
    zero_from(p->topo, i, 2);
    if (max < 0xd || !rule_xcr0_max(p))
        zero_from(p->xstate, 0, 63);
    i = p->extd[0][0] & 0xffff;
    zero_from(p->extd, i < 33 ? i + 1 : 34, 34);
}

/* recalculate_cpuid_policy(): what the host lacks is cleared. */
static void clamp(struct policy *p, const struct policy *max) {
    static const uint8_t words[][2] = {{1, 2}, {1, 3}};

    for (size_t i = 0; i < 2; i++) {
        p->basic[words[i][0]][words[i][1]] &= max->basic[words[i][0]][words[i][1]];
        p->extd[words[i][0]][words[i][1]] &= max->extd[words[i][0]][words[i][1]];
    }
    for (unsigned int r = 1; r < 4; r++)
        p->feat[0][r] &= max->feat[0][r];
    p->extd[8][1] &= max->extd[8][1];
}

/* x86_cpu_policies_are_compatible() */
static int compatible(const struct policy *max, const struct policy *p, struct xen_domctl_cpu_policy *op) {
    if (p->basic[0][0] > max->basic[0][0])
        op->err_leaf = 0;
    else if (p->feat[0][0] > max->feat[0][0])
        op->err_leaf = 7;
    else if (p->extd[0][0] > max->extd[0][0])
        op->err_leaf = 0x80000000;
    else if (~max->platform_info & p->platform_info)
        op->err_msr = MSR_PLATFORM_INFO;
    else
        return 0;
    return refuse(-EINVAL, "x86_cpu_policies_are_compatible: leaf %#x msr %#x", op->err_leaf, op->err_msr);
}

int policy_set(struct domain *d, struct xen_domctl_cpu_policy *op) {
    struct policy p = d->policy, max;
    int rc;

    if (d->started)
        return refuse(-EEXIST, "set_cpu_policy: the domain has run");
    if ((op->nr_leaves && !op->leaves.p) || (op->nr_msrs && !op->msrs.p))
        return refuse(-EFAULT, "set_cpu_policy: no buffer");
    op->err_leaf = op->err_subleaf = op->err_msr = NO_SUBLEAF;
    policy_default(&max);
    rc = copy_leaves(&p, op);
    if (!rc)
        rc = copy_msrs(&p, op);
    if (rc)
        return rc;
    trim(&p);
    rc = compatible(&max, &p, op);
    if (rc)
        return rc;
    clamp(&p, &max);
    d->policy = p;
    d->policy_set = 1;
    d->policy_leaves = op->nr_leaves;
    d->policy_msrs = op->nr_msrs;
    return 0;
}
