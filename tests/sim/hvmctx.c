/* SPDX-License-Identifier: MIT */
/* hvm_load(): the chain of entries, and the entries that need few words. */
#include <string.h>

#include "sim_internal.h"

#define DESC    8u
#define SIZE(x) (uint32_t)sizeof(HVM_SAVE_TYPE(x))

typedef int (*load_fn)(struct domain *d, uint16_t instance, const uint8_t *body, uint32_t len);

static int load_pic(struct domain *d, uint16_t instance, const uint8_t *body, uint32_t len) {
    (void)d, (void)body, (void)len;
    return instance > 1 ? refuse(-ENOENT, "vpic_load: PIC %u", instance) : 0;
}

/* lapic_load_hidden(): x2APIC mode needs the APIC enabled. */
static int load_lapic(struct domain *d, uint16_t instance, const uint8_t *body, uint32_t len) {
    uint64_t base = 0;

    (void)d;
    memcpy(&base, body, len < 8 ? len : 8);
    if (!(base & 1u << 11) && (base & 1u << 10))
        return refuse(-EINVAL, "lapic_load_hidden: vCPU %u APIC base %#lx", instance, (unsigned long)base);
    return 0;
}

static int load_pci_link(struct domain *d, uint16_t instance, const uint8_t *body, uint32_t len) {
    (void)d, (void)instance, (void)len;
    for (unsigned int i = 0; i < 4; i++)
        if (body[i] > 15)
            return refuse(-EINVAL, "irq_load_link: link %u routed to %u", i, body[i]);
    return 0;
}

static int load_mtrr(struct domain *d, uint16_t instance, const uint8_t *body, uint32_t len) {
    (void)d, (void)instance, (void)len;
    if (body[offsetof(struct hvm_hw_mtrr, msr_mtrr_cap)] > 8)
        return refuse(-EINVAL, "hvm_load_mtrr_msr: %u variable ranges",
                      body[offsetof(struct hvm_hw_mtrr, msr_mtrr_cap)]);
    return 0;
}

static int load_viridian_vcpu(struct domain *d, uint16_t instance, const uint8_t *body, uint32_t len) {
    (void)d;
    for (uint32_t i = 9; i < 16 && i < len; i++)
        if (body[i])
            return refuse(-EINVAL, "viridian_load_vcpu_ctxt: vCPU %u padding", instance);
    return 0;
}

static int load_vmce(struct domain *d, uint16_t instance, const uint8_t *body, uint32_t len) {
    struct hvm_vmce_vcpu v;

    (void)d, (void)instance;
    memset(&v, 0, sizeof(v));
    memcpy(&v, body, len);
    return rule_vmce(&v);
}

/* One row per handler that Xen 4.17 registers. */
static const struct rule {
    const char *name;
    uint32_t size;    /* 0: the handler judges the length itself */
    bool zero_extend; /* hvm_load_entry_zeroextend() */
    bool per_vcpu;
    uint32_t device; /* XEN_X86_EMU_* the domain must have */
    int error;       /* what a wrong length gives */
    load_fn load;
} rules[] = {
    [2] = {"CPU", SIZE(CPU), true, true, 0, -EINVAL, hvm_load_cpu},
    [3] = {"PIC", SIZE(PIC), false, false, XEN_X86_EMU_PIC, -EINVAL, load_pic},
    [4] = {"IOAPIC", SIZE(IOAPIC), false, false, XEN_X86_EMU_IOAPIC, -ENODATA, NULL},
    [5] = {"LAPIC", SIZE(LAPIC), true, true, XEN_X86_EMU_LAPIC, -EINVAL, load_lapic},
    [6] = {"LAPIC_REGS", SIZE(LAPIC_REGS), false, true, XEN_X86_EMU_LAPIC, -EINVAL, NULL},
    [7] = {"PCI_IRQ", SIZE(PCI_IRQ), false, false, 0, -EINVAL, NULL},
    [8] = {"ISA_IRQ", SIZE(ISA_IRQ), false, false, 0, -EINVAL, NULL},
    [9] = {"PCI_LINK", SIZE(PCI_LINK), false, false, 0, -EINVAL, load_pci_link},
    [10] = {"PIT", SIZE(PIT), false, false, XEN_X86_EMU_PIT, -EINVAL, NULL},
    [11] = {"RTC", SIZE(RTC), true, false, XEN_X86_EMU_RTC, -EINVAL, NULL},
    [12] = {"HPET", SIZE(HPET), false, false, XEN_X86_EMU_HPET, -EINVAL, NULL},
    [13] = {"PMTIMER", SIZE(PMTIMER), false, false, XEN_X86_EMU_PM, -EINVAL, NULL},
    [14] = {"MTRR", SIZE(MTRR), false, true, 0, -EINVAL, load_mtrr},
    [15] = {"VIRIDIAN_DOMAIN", SIZE(VIRIDIAN_DOMAIN), true, false, 0, -EINVAL, NULL},
    [16] = {"CPU_XSAVE", 0, false, true, 0, -EINVAL, hvm_load_xsave},
    [17] = {"VIRIDIAN_VCPU", SIZE(VIRIDIAN_VCPU), true, true, 0, -EINVAL, load_viridian_vcpu},
    [18] = {"VMCE_VCPU", SIZE(VMCE_VCPU), true, true, 0, -EINVAL, load_vmce},
    [19] = {"TSC_ADJUST", SIZE(TSC_ADJUST), false, true, 0, -EINVAL, NULL},
    [20] = {"CPU_MSR", 0, false, true, 0, -EINVAL, hvm_load_msrs},
};

#define NR_RULES (sizeof(rules) / sizeof(rules[0]))

/* hvm_load_entry(HEADER) and arch_hvm_load() */
static int check_header(const uint8_t *data, size_t size) {
    struct hvm_save_descriptor desc;
    struct hvm_save_header h;

    if (size < DESC + sizeof(h))
        return refuse(-ENODATA, "hvm_load: %zu octets hold no header", size);
    memcpy(&desc, data, DESC);
    memcpy(&h, data + DESC, sizeof(h));
    if (desc.typecode != HVM_SAVE_CODE(HEADER) || desc.length != sizeof(h))
        return refuse(-ENODATA, "hvm_load: first entry type %u length %u", desc.typecode, desc.length);
    if (h.magic != HVM_FILE_MAGIC || h.version != HVM_FILE_VERSION)
        return refuse(-EINVAL, "arch_hvm_load: magic %#x version %u", h.magic, h.version);
    return 0;
}

static int load_entry(struct domain *d, const struct hvm_save_descriptor *desc, const uint8_t *body, size_t left) {
    const struct rule *r = &rules[desc->typecode];

    if (r->device && !(d->emulation_flags & r->device))
        return refuse(-ENODEV, "hvm_load: %s without the device", r->name);
    if (r->per_vcpu && !vcpu_find(d, desc->instance))
        return refuse(-EINVAL, "hvm_load: %s for vCPU %u", r->name, desc->instance);
    if (desc->length > left)
        return refuse(r->size ? r->error : -ENODATA, "hvm_load: %s length %u, %zu left", r->name, desc->length, left);
    if (r->size && (r->zero_extend ? desc->length > r->size : desc->length != r->size))
        return refuse(r->error, "hvm_load: %s length %u, %u known", r->name, desc->length, r->size);
    return r->load ? r->load(d, desc->instance, body, desc->length) : 0;
}

static int walk(struct domain *d, const uint8_t *data, size_t size) {
    size_t at = DESC + sizeof(struct hvm_save_header);

    for (;;) {
        struct hvm_save_descriptor desc;
        int rc;

        if (size - at < DESC)
            return refuse(-ENODATA, "hvm_load: did not end with a null entry");
        memcpy(&desc, data + at, DESC);
        if (desc.typecode == 0) /* neither its instance and length nor what follows are looked at */
            return 0;
        if (desc.typecode >= NR_RULES || !rules[desc.typecode].name)
            return refuse(-EINVAL, "hvm_load: unknown entry typecode %u", desc.typecode);
        rc = load_entry(d, &desc, data + at + DESC, size - at - DESC);
        if (rc)
            return rc;
        at += DESC + desc.length;
    }
}

int hvm_load(struct domain *d, const uint8_t *data, size_t size) {
    int rc;

    if (!d->hvm)
        return refuse(-EINVAL, "sethvmcontext: domain %u is not HVM", d->domid);
    if (!data)
        return refuse(-EFAULT, "sethvmcontext: no buffer");
    rc = check_header(data, size);
    if (rc)
        return rc;
    for (uint32_t i = 0; i < d->max_vcpus; i++) /* only vCPUs with state come up again */
        d->vcpus[i].down = 1;
    rc = walk(d, data, size);
    if (rc)
        return rc;
    d->hvm_context_full = size;
    memcpy(d->hvm_context, data, size < SIM_HVM_CONTEXT_KEPT ? size : SIM_HVM_CONTEXT_KEPT);
    return 0;
}
