/* SPDX-License-Identifier: MIT */
/* Entry of the PVH guest, and of the HVM guest that the device model loads as a
 * multiboot kernel: both 32-bit protected mode, paging off. */
#include "notes.S"

#define MULTIBOOT_HEADER_MAGIC 0x1badb002

    .section .multiboot, "a"
    .balign 4
    .long MULTIBOOT_HEADER_MAGIC, 0, -MULTIBOOT_HEADER_MAGIC

    .text
    .globl _start
_start:
    cli
    cld
    lgdt gdt_pointer
    ljmp $8, $1f
1:  mov $16, %ecx
    mov %ecx, %ds
    mov %ecx, %es
    mov %ecx, %ss
    mov $stack0_top, %esp
    push %eax                   /* multiboot's magic, or not */
    call hvm_main
1:  jmp 1b

    .globl cpu1_entry
cpu1_entry:
    cld
    call cpu1_main
1:  jmp 1b

    .balign 8
gdt:
    .quad 0
    .quad 0x00cf9b000000ffff    /* flat 32-bit code */
    .quad 0x00cf93000000ffff    /* flat 32-bit data */
gdt_pointer:
    .word . - gdt - 1
    .long gdt

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
    xen_note XEN_ELFNOTE_PHYS32_ENTRY, .long _start
    xen_note XEN_ELFNOTE_SUSPEND_CANCEL, .long 1

    .section .note.GNU-stack, "", @progbits
