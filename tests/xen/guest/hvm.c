/* SPDX-License-Identifier: MIT */
/* The guest as a PVH domain, or as an HVM domain started through multiboot:
 * 32-bit protected mode without paging. */
#include "guest.h"

#include <xen/hvm/hvm_op.h>
#include <xen/hvm/hvm_vcpu.h>
#include <xen/hvm/params.h>
#include <xen/memory.h>

#define MULTIBOOT_MAGIC   0x2badb002
#define XEN_SIGNATURE_EBX 0x566e6558 /* "XenV" */

uint8_t shared_info_page[PAGE] PAGE_ALIGNED;
struct rings rings;
static bool multiboot;

static void cpuid(uint32_t leaf, uint32_t *eax, uint32_t *ebx) {
    uint32_t ecx = 0, edx;

    __asm__ volatile("cpuid" : "=a"(*eax), "=b"(*ebx), "+c"(ecx), "=d"(edx) : "0"(leaf));
}

static unsigned long parameter(uint32_t index) {
    struct xen_hvm_param param = {.domid = DOMID_SELF, .index = index};

    hypercall(__HYPERVISOR_hvm_op, HVMOP_get_param, (unsigned long)&param, 0, 0);
    return (unsigned long)param.value;
}

const char *platform_kind(void) {
    return multiboot ? "hvm" : "pvh";
}

void platform_refresh(void) {
    struct xen_add_to_physmap map = {
        .domid = DOMID_SELF,
        .space = XENMAPSPACE_shared_info,
        .gpfn = (unsigned long)shared_info_page / PAGE,
    };

    hypercall(__HYPERVISOR_memory_op, XENMEM_add_to_physmap, (unsigned long)&map, 0, 0);
    rings.console_port = (evtchn_port_t)parameter(HVM_PARAM_CONSOLE_EVTCHN);
    rings.store_port = (evtchn_port_t)parameter(HVM_PARAM_STORE_EVTCHN);
    rings.console = (void *)(parameter(HVM_PARAM_CONSOLE_PFN) * PAGE);
    rings.store = (void *)(parameter(HVM_PARAM_STORE_PFN) * PAGE);
}

void platform_suspend(void) {
    struct sched_shutdown down = {.reason = SHUTDOWN_suspend};

    hypercall(__HYPERVISOR_sched_op, SCHEDOP_shutdown, (unsigned long)&down, 0, 0);
    platform_refresh();
}

long platform_start_cpu1(void) {
    static struct vcpu_hvm_context context;
    struct vcpu_hvm_x86_32 *r = &context.cpu_regs.x86_32;
    long error;

    context.mode = VCPU_HVM_MODE_32B;
    r->eip = (uint32_t)(unsigned long)cpu1_entry;
    r->esp = (uint32_t)(unsigned long)stack1_top;
    r->cr0 = 0x11;  /* protected mode, extension type */
    r->cr4 = 0x200; /* OSFXSR */
    r->cs_limit = r->ds_limit = r->ss_limit = r->es_limit = 0xffffffff;
    r->cs_ar = 0xc9b;                       /* flat 32-bit code */
    r->ds_ar = r->ss_ar = r->es_ar = 0xc93; /* flat 32-bit data */
    r->tr_limit = 0x67;
    r->tr_ar = 0x8b; /* busy 32-bit task segment */
    error = hypercall(__HYPERVISOR_vcpu_op, VCPUOP_initialise, 1, (unsigned long)&context, 0);
    if (!error)
        error = hypercall(__HYPERVISOR_vcpu_op, VCPUOP_up, 1, 0, 0);
    return error;
}

void hvm_main(uint32_t magic);
void hvm_main(uint32_t magic) {
    uint32_t base, eax, ebx, cr;

    multiboot = magic == MULTIBOOT_MAGIC;
    for (base = 0x40000000; base < 0x40010000; base += 0x100) {
        cpuid(base, &eax, &ebx);
        if (ebx == XEN_SIGNATURE_EBX)
            break;
    }
    cpuid(base + 2, &eax, &ebx); /* ebx: the register that places the hypercall page */
    __asm__ volatile("wrmsr" ::"c"(ebx), "a"((uint32_t)(unsigned long)hypercall_page), "d"(0) : "memory");
    __asm__ volatile("mov %%cr4,%0" : "=r"(cr));
    __asm__ volatile("mov %0,%%cr4" ::"r"(cr | 0x200));
    guest_main();
}
