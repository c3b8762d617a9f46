/* SPDX-License-Identifier: MIT */
#ifndef XENVET_RESTORE_KNOWN_H
#define XENVET_RESTORE_KNOWN_H

/*
 * Refusals of Xen that an accepted stream may meet: X("what the simulator says, from its beginning, as a pattern of the
 * shell", "why it is no finding"). In each of them libxenguest reports an error, nothing was started, and the toolstack
 * destroys the domain.
 */
#define FUZZ_KNOWN_REFUSALS(X) \
    X("get_page_type: ", "a frame is used as two kinds of page; Xen counts uses, the parser has no reference counts") \
    X("foreign map: mfn", "the same, met by libxenguest: a GDT page that is also part of the p2m") \
    X("get_page: ", "follows from a table that Xen refused") \
    X("check_descriptor: ", "contents of the guest's descriptor tables are Xen's to judge") \
    X("get_page_from_l", "flags of page-table entries are Xen's to judge; the parser bounds their frames") \
    X("promote_l3_table: ", "contents of a PAE top-level table") \
    X("pae_xen_mappings_check: ", "contents of a PAE top-level table") \
    X("hvm_load_cpu_msrs: MSR 0xd90", "the simulated host has no MPX") \
    X("hvm_load_cpu_ctxt: vCPU * CR3 0x[0-9a-f]", \
      "how wide addresses of the host are is not in the stream; the parser bounds them by 52 bits") \
    X("x86_cpu_policies_are_compatible: ", "what the host's processor can do is not in the stream")

#endif
