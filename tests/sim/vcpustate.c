/* SPDX-License-Identifier: MIT */
/* set_ext_vcpucontext, setvcpuextstate and set_vcpu_msrs. */
#include <stddef.h>
#include <string.h>

#include "sim_internal.h"

#define XSAVE_HDR 16u /* xcr0, xcr0_accum */

/* vcpu_set_vmce(): the largest known layout that fits is taken. */
static int set_vmce(const struct xen_domctl_ext_vcpucontext *e) {
    static const uint32_t sizes[] = {32, 24, 8};
    struct hvm_vmce_vcpu vmce;
    uint32_t have = e->size - (uint32_t)offsetof(struct xen_domctl_ext_vcpucontext, vmce);

    memset(&vmce, 0, sizeof(vmce));
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        if (have < sizes[i])
            continue;
        memcpy(&vmce, &e->vmce, sizes[i]);
        return rule_vmce(&vmce);
    }
    return 0;
}

int do_set_ext_context(struct domain *d, const struct xen_domctl_ext_vcpucontext *e) {
    struct vcpu *v = vcpu_find(d, e->vcpu);
    int rc;

    if (!v)
        return refuse(-ESRCH, "set_ext_vcpucontext: no vCPU %u", e->vcpu);
    if (e->size < offsetof(struct xen_domctl_ext_vcpucontext, vmce))
        return refuse(-EINVAL, "set_ext_vcpucontext: size %u", e->size);
    if (!d->hvm) {
        if (!rule_canonical(e->sysenter_callback_eip) || !rule_canonical(e->syscall32_callback_eip))
            return refuse(-EINVAL, "set_ext_vcpucontext: callback is not canonical");
    } else if ((e->sysenter_callback_cs & ~3u) || e->sysenter_callback_eip || (e->syscall32_callback_cs & ~3u) ||
               e->syscall32_callback_eip) {
        return refuse(-EINVAL, "set_ext_vcpucontext: PV callbacks in an HVM domain");
    }
    rc = set_vmce(e);
    if (rc)
        return rc;
    v->extended_len = sizeof(*e) < sizeof(v->extended) ? sizeof(*e) : sizeof(v->extended);
    memcpy(v->extended, e, v->extended_len);
    return 0;
}

static int check_xsave(const struct domain *d, const uint8_t *blob, uint64_t size) {
    uint64_t xcr0, accum;
    int rc = 0;

    memcpy(&xcr0, blob, 8);
    memcpy(&accum, blob + 8, 8);
    if (accum && size >= XSAVE_HDR + XSTATE_MIN)
        rc = xstate_validate(policy_of(d), xcr0, accum, blob + XSAVE_HDR + 512);
    else if (accum || xcr0)
        rc = refuse(-EINVAL, "setvcpuextstate: xcr0 %#lx accum %#lx size %lu", (unsigned long)xcr0,
                    (unsigned long)accum, (unsigned long)size);
    if (rc)
        return rc;
    if (size == XSAVE_HDR)
        return 0;
    if (size < XSAVE_HDR + XSTATE_MIN || size != XSAVE_HDR + xstate_size(accum))
        return refuse(-EINVAL, "setvcpuextstate: size %lu for accum %#lx", (unsigned long)size, (unsigned long)accum);
    if (blob[XSAVE_HDR + 512 + 15] & 0x80) /* xsave_area_compressed() */
        return refuse(-EOPNOTSUPP, "setvcpuextstate: compressed image");
    return 0;
}

int do_set_xstate(struct domain *d, const struct xen_domctl_vcpuextstate *e) {
    struct vcpu *v = vcpu_find(d, e->vcpu);
    const uint8_t *blob = (const uint8_t *)e->buffer.p;
    int rc;

    if (!v)
        return refuse(-ESRCH, "setvcpuextstate: no vCPU %u", e->vcpu);
    if (e->size < XSAVE_HDR || e->size > XSAVE_HDR + xstate_size(xstate_host_mask()))
        return refuse(-EINVAL, "setvcpuextstate: size %lu", (unsigned long)e->size);
    if (!blob)
        return refuse(-EFAULT, "setvcpuextstate: no buffer");
    rc = check_xsave(d, blob, e->size);
    if (rc)
        return rc;
    v->xsave_len = (uint32_t)e->size;
    memcpy(v->xsave, blob, e->size);
    return 0;
}

static bool pv_msr(uint32_t index) {
    return index == 0x48 || index == 0x140 || index == 0xc0000103 || index == 0xc0011027 ||
           (index >= 0xc0011019 && index <= 0xc001101b);
}

int do_set_msrs(struct domain *d, struct xen_domctl_vcpu_msrs *m) {
    const uint32_t most = 7 + 4; /* msrs_to_send plus four on a host with DBEXT */
    struct vcpu *v = vcpu_find(d, m->vcpu);
    const xen_domctl_vcpu_msr_t *p = m->msrs.p;

    if (!v)
        return refuse(-ESRCH, "set_vcpu_msrs: no vCPU %u", m->vcpu);
    if (d->hvm || m->msr_count > most)
        return refuse(-EINVAL, "set_vcpu_msrs: %u entries", m->msr_count);
    if (m->msr_count && !p)
        return refuse(-EFAULT, "set_vcpu_msrs: no buffer");
    for (uint32_t i = 0; i < m->msr_count; i++) {
        if (p[i].reserved || !pv_msr(p[i].index) || rule_wrmsr(policy_of(d), p[i].index, p[i].value)) {
            uint32_t bad = p[i].index;

            m->msr_count = i;
            return refuse(-EINVAL, "set_vcpu_msrs: entry %u, index %#x", i, bad);
        }
    }
    v->nr_msrs = m->msr_count;
    memcpy(v->msrs, p, v->nr_msrs * sizeof(v->msrs[0]));
    return 0;
}
