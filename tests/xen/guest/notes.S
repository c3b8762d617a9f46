/* SPDX-License-Identifier: MIT */
/* ELF notes by which the domain builder knows how to start a guest; included
 * by the two entry files. */
#include <xen/elfnote.h>

.macro xen_note type, value:vararg
    .pushsection .note.Xen, "a", @note
    .balign 4
    .long 4, 2f - 1f, \type
    .asciz "Xen"
1:  \value
2:  .balign 4
    .popsection
.endm
