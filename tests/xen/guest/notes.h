/* SPDX-License-Identifier: MIT */
/* ELF notes by which the domain builder knows how to start a guest. */
#include <xen/elfnote.h>

#define XEN_NOTE(type, ...)                     \
    .pushsection .note.Xen, "a", @note;         \
    .balign 4;                                  \
    .long 4, 2f - 1f, type;                     \
    .asciz "Xen";                               \
1:  __VA_ARGS__;                                \
2:  .balign 4;                                  \
    .popsection
