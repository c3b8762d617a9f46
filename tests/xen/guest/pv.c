/* SPDX-License-Identifier: MIT */
/* The guest as a 64-bit PV domain. */
#include "guest.h"

#include <xen/memory.h>

#define VIRT_BASE 0xffffffff80000000UL
#define PER_PAGE  (PAGE / sizeof(unsigned long))

uint8_t shared_info_page[PAGE] PAGE_ALIGNED;
struct rings rings;

/* The two upper levels of the tree through which a saver finds the list of
 * machine frames; a guest of up to 1 GiB needs one page of each. */
static unsigned long frame_list_list[PER_PAGE] PAGE_ALIGNED;
static unsigned long frame_list[PER_PAGE] PAGE_ALIGNED;

static struct start_info *start;
static unsigned long *machine_of;
static unsigned long store_pfn, console_pfn;

static unsigned long pfn_of(const volatile void *address) {
    return ((unsigned long)address - VIRT_BASE) / PAGE;
}

static void *address_of(unsigned long pfn) {
    return (void *)(VIRT_BASE + pfn * PAGE);
}

static unsigned long pfn_of_machine(unsigned long mfn) {
    for (unsigned long pfn = 0; pfn < start->nr_pages; pfn++)
        if (machine_of[pfn] == mfn)
            return pfn;
    return 0;
}

static void map_shared_info(unsigned long entry) {
    hypercall(__HYPERVISOR_update_va_mapping, (unsigned long)shared_info_page, entry, UVMF_INVLPG | UVMF_ALL, 0);
}

/* Everything that depends on the machine frames or the ports of this domain:
 * done at boot and again after each suspension. */
static void settle(void) {
    volatile struct shared_info *shared = shared_info();
    unsigned long pages = (start->nr_pages + PER_PAGE - 1) / PER_PAGE;

    map_shared_info(start->shared_info | 7);
    for (unsigned long i = 0; i < pages; i++)
        frame_list[i] = machine_of[pfn_of(machine_of) + i];
    frame_list_list[0] = machine_of[pfn_of(frame_list)];
    shared->arch.max_pfn = start->nr_pages;
    shared->arch.pfn_to_mfn_frame_list_list = machine_of[pfn_of(frame_list_list)];
    shared->vcpu_info[0].evtchn_upcall_mask = 1;
    rings.console = address_of(console_pfn);
    rings.store = address_of(store_pfn);
    rings.console_port = start->console.domU.evtchn;
    rings.store_port = start->store_evtchn;
}

const char *platform_kind(void) {
    return "pv";
}

void platform_refresh(void) {
}

void platform_suspend(void) {
    struct sched_shutdown down = {.reason = SHUTDOWN_suspend};
    long cancelled;

    /* A saved image holds pseudo-physical frame numbers; whoever restores it
     * puts machine frames back. */
    start->store_mfn = store_pfn;
    start->console.domU.mfn = console_pfn;
    /* Shared info is not the domain's page: no entry may point to it. */
    map_shared_info(0);
    /* The third argument tells the saver where start_info is. */
    cancelled = hypercall(__HYPERVISOR_sched_op, SCHEDOP_shutdown, (unsigned long)&down, machine_of[pfn_of(start)], 0);
    if (cancelled) {
        start->store_mfn = machine_of[store_pfn];
        start->console.domU.mfn = machine_of[console_pfn];
    }
    settle();
}

long platform_start_cpu1(void) {
    static struct vcpu_guest_context context;
    long error;

    context.flags = VGCF_in_kernel;
    context.user_regs.rip = (unsigned long)cpu1_entry;
    context.user_regs.rsp = (unsigned long)stack1_top;
    context.user_regs.cs = FLAT_KERNEL_CS;
    context.user_regs.ss = FLAT_KERNEL_SS;
    context.kernel_ss = FLAT_KERNEL_SS;
    context.kernel_sp = (unsigned long)stack1_top;
    context.ctrlreg[0] = 0x80050033; /* what Xen shows a PV guest as CR0 */
    context.ctrlreg[3] = xen_pfn_to_cr3(machine_of[pfn_of((void *)start->pt_base)]);
    error = hypercall(__HYPERVISOR_vcpu_op, VCPUOP_initialise, 1, (unsigned long)&context, 0);
    if (!error)
        error = hypercall(__HYPERVISOR_vcpu_op, VCPUOP_up, 1, 0, 0);
    return error;
}

void pv_main(struct start_info *info);
void pv_main(struct start_info *info) {
    start = info;
    machine_of = (unsigned long *)start->mfn_list;
    store_pfn = pfn_of_machine(start->store_mfn);
    console_pfn = pfn_of_machine(start->console.domU.mfn);
    settle();
    guest_main();
}
