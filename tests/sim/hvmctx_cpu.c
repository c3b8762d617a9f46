/* SPDX-License-Identifier: MIT */
/* HVM context entries of the processor: CPU, CPU_XSAVE, CPU_MSR. */
#include <string.h>

#include "sim_internal.h"

#define CR0_PE     0x1ull
#define CR0_ET     0x10ull
#define CR0_PG     0x80000000ull
#define CR0_KNOWN  0xe005003full /* PE MP EM TS ET NE WP AM NW CD PG */
#define CPU_COMPAT 1016u         /* before 3.4: no msr_tsc_aux */

/* _hvm_hw_fix_cpu() */
static void fix_length(struct hvm_hw_cpu *c, const uint8_t *body, uint32_t len) {
    const uint32_t tail = offsetof(struct hvm_hw_cpu, msr_tsc_aux);

    memset(c, 0, sizeof(*c));
    memcpy(c, body, len);
    if (len == sizeof(*c))
        return;
    if (len == CPU_COMPAT) {
        c->msr_tsc_aux = 0;
        memcpy(&c->tsc, body + tail, CPU_COMPAT - tail);
    }
    c->flags = XEN_X86_FPU_INITIALISED;
}

static bool all_zero(const uint8_t *p, uint32_t n) {
    for (uint32_t i = 0; i < n; i++)
        if (p[i])
            return false;
    return true;
}

static int check_control(const struct domain *d, uint16_t id, const struct hvm_hw_cpu *c) {
    const struct policy *p = policy_of(d);
    const char *why = rule_efer(p, d->nested, c->msr_efer, c->cr0 & CR0_PG);

    if ((c->cr0 & ~CR0_KNOWN) || !(c->cr0 & CR0_ET) || (c->cr0 & (CR0_PE | CR0_PG)) == CR0_PG)
        return refuse(-EINVAL, "hvm_load_cpu_ctxt: vCPU %u CR0 %#lx", id, (unsigned long)c->cr0);
    if (c->cr4 & ~rule_cr4_valid(p, d->nested))
        return refuse(-EINVAL, "hvm_load_cpu_ctxt: vCPU %u CR4 %#lx, valid %#lx", id, (unsigned long)c->cr4,
                      (unsigned long)rule_cr4_valid(p, d->nested));
    if (why)
        return refuse(-EINVAL, "hvm_efer_valid: vCPU %u EFER %#lx: %s", id, (unsigned long)c->msr_efer, why);
    if (c->cr3 >> rule_maxphysaddr(p))
        return refuse(-EINVAL, "hvm_load_cpu_ctxt: vCPU %u CR3 %#lx", id, (unsigned long)c->cr3);
    /* vmx_restore_cr0_cr3(): under shadow paging the root must exist */
    if (!d->hap && (c->cr0 & CR0_PG) && p2m_get(d, c->cr3 >> 12) == SIM_NO_MFN)
        return refuse(-EINVAL, "vmx_restore_cr0_cr3: vCPU %u CR3 %#lx not populated", id, (unsigned long)c->cr3);
    return 0;
}

/* vmx_vmcs_restore() */
static int check_pending(uint16_t id, const struct hvm_hw_cpu *c) {
    uint32_t type = c->pending_event >> 8 & 7, reserved = c->pending_event >> 12 & 0x7ffff;

    if (!(c->pending_event >> 31))
        return 0;
    if (type == 1 || type > 6 || reserved)
        return refuse(-EINVAL, "vmx_vmcs_restore: vCPU %u pending event %#x", id, c->pending_event);
    if ((c->pending_event >> 11 & 1) && c->error_code != (uint16_t)c->error_code)
        return refuse(-EINVAL, "vmx_vmcs_restore: vCPU %u error code %#x", id, c->error_code);
    return 0;
}

int hvm_load_cpu(struct domain *d, uint16_t instance, const uint8_t *body, uint32_t len) {
    struct hvm_hw_cpu c;
    int rc = 0;

    fix_length(&c, body, len);
    if (c.pad0)
        return refuse(-EINVAL, "hvm_load_cpu_ctxt: vCPU %u padding", instance);
    if (!(sim_relaxed(SIM_RELAX_BLANK_CPU) && len >= CPU_COMPAT && all_zero(body, len)))
        rc = check_control(d, instance, &c);
    if (rc)
        return rc;
    if (c.flags & ~XEN_X86_FPU_INITIALISED)
        return refuse(-EINVAL, "hvm_load_cpu_ctxt: vCPU %u flags %#x", instance, c.flags);
    if (c.msr_tsc_aux != (uint32_t)c.msr_tsc_aux)
        return refuse(-EINVAL, "hvm_load_cpu_ctxt: vCPU %u TSC_AUX %#lx", instance, (unsigned long)c.msr_tsc_aux);
    rc = check_pending(instance, &c);
    if (rc)
        return rc;
    d->vcpus[instance].initialised = 1;
    d->vcpus[instance].down = 0;
    return 0;
}

int hvm_load_xsave(struct domain *d, uint16_t instance, const uint8_t *body, uint32_t len) {
    const uint32_t head = 24; /* xfeature_mask, xcr0, xcr0_accum */
    uint64_t xcr0, accum;
    uint32_t size;
    int rc;

    if (len < head + XSTATE_MIN)
        return refuse(-EINVAL, "hvm_load_cpu_xsave_states: vCPU %u length %u", instance, len);
    memcpy(&xcr0, body + 8, 8);
    memcpy(&accum, body + 16, 8);
    rc = xstate_validate(policy_of(d), xcr0, accum, body + head + 512);
    if (rc)
        return rc;
    size = head + xstate_size(accum);
    if (len > size && !all_zero(body + size, len - size))
        return refuse(-EOPNOTSUPP, "hvm_load_cpu_xsave_states: vCPU %u length %u > %u", instance, len, size);
    if (body[head + 512 + 15] & 0x80)
        return refuse(-EOPNOTSUPP, "hvm_load_cpu_xsave_states: vCPU %u compressed", instance);
    if (len < size)
        return refuse(-EINVAL, "hvm_load_cpu_xsave_states: vCPU %u length %u != %u", instance, len, size);
    d->vcpus[instance].xcr0 = xcr0;
    d->vcpus[instance].xcr0_accum = accum;
    return 0;
}

static bool hvm_msr(uint32_t i) {
    return i == 0x48 || i == 0x140 || i == 0xd90 || i == 0xda0 || i == 0xc001011f || i == 0xc0011027 ||
           (i >= 0xc0011019 && i <= 0xc001101b);
}

int hvm_load_msrs(struct domain *d, uint16_t instance, const uint8_t *body, uint32_t len) {
    uint32_t count, index, reserved;
    uint64_t value;

    if (len < 8 + 16)
        return refuse(-EINVAL, "hvm_load_cpu_msrs: vCPU %u length %u", instance, len);
    memcpy(&count, body, 4);
    if (len != 8 + 16ull * count)
        return refuse(-EOPNOTSUPP, "hvm_load_cpu_msrs: vCPU %u length %u for %u", instance, len, count);
    for (uint32_t i = 0; i < count; i++) {
        memcpy(&reserved, body + 8 + 16 * i + 4, 4);
        if (reserved)
            return refuse(-EOPNOTSUPP, "hvm_load_cpu_msrs: vCPU %u entry %u reserved", instance, i);
    }
    for (uint32_t i = 0; i < count; i++) {
        memcpy(&index, body + 8 + 16 * i, 4);
        memcpy(&value, body + 8 + 16 * i + 8, 8);
        if (!hvm_msr(index) || rule_wrmsr(policy_of(d), index, value))
            return refuse(-ENXIO, "hvm_load_cpu_msrs: MSR %#x of vCPU %u", index, instance);
    }
    return 0;
}
