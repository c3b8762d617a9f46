/* SPDX-License-Identifier: MIT */
/* HVMOP_set_param and HVMOP_get_param, asked by the control domain. */
#include "sim_internal.h"

#include <xen/hvm/hvm_op.h>

#define TSS32            104u /* sizeof(struct tss32) */
#define TSS_MAX          (TSS32 + 0x100 / 8 + 0x10000 / 8 + 1)
#define VM86_TSS_UPDATED (1ull << 63)

/* hvm_allow_set_param(), first switch: deprecated parameters */
static bool deprecated(uint32_t i) {
    return i == HVM_PARAM_PAE_ENABLED || i == HVM_PARAM_DM_DOMAIN || (i >= 20 && i <= 26) || i == 30;
}

/* hvm_allow_set_param(), second switch */
static bool once_only(uint32_t i) {
    return i == HVM_PARAM_VIRIDIAN || i == HVM_PARAM_IOREQ_PFN || i == HVM_PARAM_BUFIOREQ_PFN ||
           i == HVM_PARAM_IOREQ_SERVER_PFN || i == HVM_PARAM_NR_IOREQ_SERVER_PAGES || i == HVM_PARAM_ALTP2M ||
           i == HVM_PARAM_MCA_CAP;
}

/* pmtimer_change_ioport() */
static int acpi_ioports(const struct domain *d, uint64_t value) {
    uint64_t old = d->params[HVM_PARAM_ACPI_IOPORTS_LOCATION];

    if (!(d->emulation_flags & XEN_X86_EMU_PM))
        return -ENODEV;
    return value == old || (value ^ old) == 1 ? 0 : -EINVAL;
}

static int check_value(const struct domain *d, uint32_t index, uint64_t v) {
    bool ok = true;

    switch (index) {
    case HVM_PARAM_TIMER_MODE:
        ok = v <= HVMPTM_one_missed_tick_pending;
        break;
    case HVM_PARAM_VIRIDIAN:
        ok = !(v & ~(uint64_t)HVMPV_feature_mask) && (v & HVMPV_base_freq);
        break;
    case HVM_PARAM_ACPI_S_STATE:
        ok = v == 0 || v == 3;
        break;
    case HVM_PARAM_ACPI_IOPORTS_LOCATION:
        return acpi_ioports(d, v);
    case HVM_PARAM_ALTP2M:
        ok = v <= XEN_ALTP2M_limited && !(v && d->nested);
        break;
    case HVM_PARAM_TRIPLE_FAULT_REASON:
        ok = v <= SHUTDOWN_MAX;
        break;
    case HVM_PARAM_NR_IOREQ_SERVER_PAGES:
        ok = v > 0 && v <= 64;
        break;
    case HVM_PARAM_X87_FIP_WIDTH:
        ok = v == 0 || v == 4 || v == 8;
        break;
    case HVM_PARAM_VM86_TSS:
        ok = v == (uint32_t)v;
        break;
    case HVM_PARAM_VM86_TSS_SIZED:
        ok = v >> 32 >= TSS32;
        break;
    case HVM_PARAM_MCA_CAP:
        ok = !(v & ~XEN_HVM_MCA_CAP_MASK);
        break;
    default:
        break;
    }
    return ok ? 0 : -EINVAL;
}

int hvm_set_param(struct domain *d, uint32_t index, uint64_t value) {
    int rc;

    if (deprecated(index))
        return refuse(-EINVAL, "hvm_allow_set_param: parameter %u is deprecated", index);
    if (once_only(index) && d->params[index] && d->params[index] != value)
        return refuse(-EEXIST, "hvm_allow_set_param: parameter %u is set already", index);
    rc = check_value(d, index, value);
    if (rc)
        return refuse(rc, "hvm_set_param: parameter %u value %#lx", index, (unsigned long)value);
    if (index == HVM_PARAM_VM86_TSS) {
        value |= value ? 128ull << 32 | VM86_TSS_UPDATED : 0;
        index = HVM_PARAM_VM86_TSS_SIZED;
    } else if (index == HVM_PARAM_VM86_TSS_SIZED) {
        if (value >> 32 > TSS_MAX)
            value = (uint32_t)value | (uint64_t)TSS_MAX << 32;
        value |= VM86_TSS_UPDATED;
    }
    d->params[index] = value;
    return 0;
}

static int get_param(const struct domain *d, uint32_t index, uint64_t *value) {
    if (deprecated(index))
        return refuse(-EINVAL, "hvm_allow_get_param: parameter %u is deprecated", index);
    *value = d->params[index];
    if (index == HVM_PARAM_VM86_TSS)
        *value = (uint32_t)d->params[HVM_PARAM_VM86_TSS_SIZED];
    if (index == HVM_PARAM_VM86_TSS_SIZED)
        *value &= ~VM86_TSS_UPDATED;
    return 0;
}

long do_hvm_op(unsigned int op, void *arg) {
    xen_hvm_param_t *p = arg;
    struct domain *d;

    if (op != HVMOP_set_param && op != HVMOP_get_param) {
        sim_unknown("hvm op", op);
        return -ENOSYS;
    }
    if (!p)
        return -EFAULT;
    if (p->index >= HVM_NR_PARAMS)
        return refuse(-EINVAL, "hvm_op: parameter %u", p->index);
    d = domain_find(p->domid);
    if (!d)
        return refuse(-ESRCH, "hvm_op: no domain %u", p->domid);
    if (!d->hvm)
        return refuse(-EINVAL, "hvm_op: domain %u is not HVM", p->domid);
    sim_trace("%s_param %u = %#lx", op == HVMOP_set_param ? "set" : "get", p->index, (unsigned long)p->value);
    return op == HVMOP_set_param ? hvm_set_param(d, p->index, p->value) : get_param(d, p->index, &p->value);
}
