/* SPDX-License-Identifier: MIT */
/* CPU policies as arrays: x86_cpuid_copy_to_buffer(), x86_msr_copy_to_buffer(), featuresets. */
#include <string.h>

#include "sim_internal.h"

#define NO_SUBLEAF 0xffffffffu

struct out {
    xen_cpuid_leaf_t *to;
    uint32_t n, room;
    bool full;
};

static void put(struct out *o, uint32_t leaf, uint32_t sub, const uint32_t r[4]) {
    if (o->n >= o->room) {
        o->full = true;
        return;
    }
    o->to[o->n++] = (xen_cpuid_leaf_t){.leaf = leaf, .subleaf = sub, .a = r[0], .b = r[1], .c = r[2], .d = r[3]};
}

/* A list of subleaves goes up to and including the first of type 0. */
static void put_list(struct out *o, uint32_t leaf, const uint32_t (*rows)[4], uint32_t n, unsigned int word,
                     uint32_t type_mask) {
    for (uint32_t i = 0; i < n; i++) {
        put(o, leaf, i, rows[i]);
        if (!(rows[i][word] & type_mask))
            break;
    }
}

/* Every subleaf up to the highest state component, also the ones in between that do not exist. */
static void put_xstate(struct out *o, const struct policy *p) {
    uint64_t states = (p->xstate[0][0] | p->xstate[1][2]) >> 2;

    put(o, 0xd, 0, p->xstate[0]);
    put(o, 0xd, 1, p->xstate[1]);
    for (uint32_t i = 2; states && i < 63; i++, states >>= 1)
        put(o, 0xd, i, p->xstate[i]);
}

static void put_basic(struct out *o, const struct policy *p) {
    for (uint32_t leaf = 0; leaf <= p->basic[0][0] && leaf < 14; leaf++) {
        if (leaf == 4)
            put_list(o, leaf, p->cache, 6, 0, 0x1f);
        else if (leaf == 7)
            for (uint32_t i = 0; i <= p->feat[0][0] && i < 3; i++)
                put(o, leaf, i, p->feat[i]);
        else if (leaf == 0xb)
            put_list(o, leaf, p->topo, 2, 2, 0xff00);
        else if (leaf == 0xd)
            put_xstate(o, p);
        else
            put(o, leaf, NO_SUBLEAF, p->basic[leaf]);
    }
}

static int get_leaves(const struct policy *p, xen_cpuid_leaf_t *leaves, uint32_t *nr) {
    struct out o = {.to = leaves, .room = *nr};

    put_basic(&o, p);
    put(&o, 0x40000000, NO_SUBLEAF, (const uint32_t[4]){p->hv_limit});
    put(&o, 0x40000100, NO_SUBLEAF, (const uint32_t[4]){p->hv2_limit});
    for (uint32_t i = 0; i <= (p->extd[0][0] & 0xffff) && i < 34; i++)
        put(&o, 0x80000000 | i, NO_SUBLEAF, p->extd[i]);
    *nr = o.n;
    return o.full ? -ENOBUFS : 0;
}

int policy_get(const struct policy *p, xen_cpuid_leaf_t *leaves, uint32_t *nr_leaves, xen_msr_entry_t *msrs,
               uint32_t *nr_msrs) {
    const xen_msr_entry_t all[2] = {{.idx = 0xce, .val = p->platform_info}, {.idx = 0x10a, .val = p->arch_caps}};
    int rc = 0;

    if (leaves)
        rc = get_leaves(p, leaves, nr_leaves);
    else
        *nr_leaves = 120; /* CPUID_MAX_SERIALISED_LEAVES of 4.17 */
    if (rc)
        return rc;
    if (!msrs) {
        *nr_msrs = 2;
        return 0;
    }
    if (*nr_msrs < 2)
        return -ENOBUFS;
    memcpy(msrs, all, sizeof(all));
    *nr_msrs = 2;
    return 0;
}

/* Words in the order of FEATURESET_*. */
void policy_featureset(const struct policy *p, uint32_t *words, uint32_t n) {
    const uint32_t all[] = {p->basic[1][3],  p->basic[1][2],         p->extd[1][3],
                            p->extd[1][2],   p->xstate[1][0],        p->feat[0][1],
                            p->feat[0][2],   p->extd[7][3],          p->extd[8][1],
                            p->feat[0][3],   p->feat[1][0],          p->extd[0x21][0],
                            p->feat[1][1],   p->feat[2][3],          p->feat[1][2],
                            p->feat[1][3],   (uint32_t)p->arch_caps, (uint32_t)(p->arch_caps >> 32),
                            p->extd[0x21][2]};

    for (uint32_t i = 0; i < n; i++)
        words[i] = i < sizeof(all) / sizeof(all[0]) ? all[i] : 0;
}
