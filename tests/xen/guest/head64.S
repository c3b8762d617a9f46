/* SPDX-License-Identifier: MIT */
/* Entry of the PV guest: 64-bit, paging on, start_info in rsi. */
#include "notes.S"

#define VIRT_BASE 0xffffffff80000000

    .text
    .globl _start
_start:
    cld
    mov $stack0_top, %rsp
    mov %rsi, %rdi
    call pv_main
1:  jmp 1b

    .globl cpu1_entry
cpu1_entry:
    cld
    call cpu1_main
1:  jmp 1b

    .balign 4096
    .globl hypercall_page
hypercall_page:
    .fill 4096, 1, 0x90

    .bss
    .balign 4096
    .skip 8192
stack0_top:
    .skip 8192
    .globl stack1_top
stack1_top:

    xen_note XEN_ELFNOTE_GUEST_OS, .asciz "xenvet-tiny"
    xen_note XEN_ELFNOTE_LOADER, .asciz "generic"
    xen_note XEN_ELFNOTE_XEN_VERSION, .asciz "xen-3.0"
    xen_note XEN_ELFNOTE_VIRT_BASE, .quad VIRT_BASE
    xen_note XEN_ELFNOTE_PADDR_OFFSET, .quad 0
    xen_note XEN_ELFNOTE_ENTRY, .quad _start
    xen_note XEN_ELFNOTE_HYPERCALL_PAGE, .quad hypercall_page
    xen_note XEN_ELFNOTE_SUSPEND_CANCEL, .long 1

    .section .note.GNU-stack, "", @progbits
