/* SPDX-License-Identifier: MIT */
#ifndef XENVET_VERDICT_H
#define XENVET_VERDICT_H

#include <stddef.h>
#include <stdint.h>

/*
 * The one table of verdicts. A code never changes its number or its meaning; new codes take new numbers.
 *
 *   X(number, NAME, layer, "one line of English", "section of the rule")
 *
 * Sections: "xl 1.3" is section 1.3 of docs/formats/xl.md, "hazards xl" a section of docs/threat-model.md, "policy
 * guests" a field of struct xv_policy (tests/gen/check_rules.py). docs/verdicts.md comes of xenvet verdicts --markdown.
 */
#define XV_VERDICTS(X) \
    X(0, ACCEPTED, GENERAL, "the whole stream is well formed and within the policy", "-") \
    /* what can go wrong in any layer */ \
    X(10, TRUNCATED, GENERAL, "the input ends inside an item", "libxc 3") \
    X(11, TRAILING, GENERAL, "octets follow the end of the stream", "libxl 7.7") \
    X(12, LIMIT_BYTES, GENERAL, "the stream is longer than the policy allows", "policy max_stream_bytes") \
    X(13, LIMIT_RECORDS, GENERAL, "more records than the policy allows", "policy max_records") \
    X(14, FORMAT_UNKNOWN, GENERAL, "the first octets are of no known save or migration format", "xl 6") \
    /* 15 and 16 were given for images of libvirt and xenopsd before these were read: never again */ \
    X(17, FORMAT_LEGACY, GENERAL, \
      "a legacy stream (Xen 4.5 and older), which the policy does not accept, or no save image", "legacy 1") \
    X(18, FORMAT_DRAFT_B, GENERAL, "a libxc stream of the draft version 1, where none is read", "libxc 1") \
    X(19, FORMAT_OXENSTORED, GENERAL, "the text dump of an oxenstored: recognised, not supported", "xl 6") \
    X(20, FORMAT_XEND, GENERAL, "a xend (xm save) image: recognised, not supported", "xl 6") \
    X(21, FORMAT_REFUSED, GENERAL, "a container that the policy does not accept", "policy formats") \
    X(22, PADDING, GENERAL, "record padding is not zero", "libxc 3") \
    X(23, MISUSE, GENERAL, "the caller fed the parser something it did not ask for", "docs/parser.md") \
    X(24, POLICY_INVALID, GENERAL, "a value of the policy is out of range, or the arena is too small for it", \
      "policy") \
    X(25, INPUT_CHANGED, GENERAL, "the input changed or shrank while it was read", "-") \
    X(26, FORMAT_COMPRESSED, GENERAL, "a compressed file, to be unpacked first (gzip, xz, zstd, ...)", "xl 6") \
    /* xl file header */ \
    X(100, XL_MAGIC, XL, "the xl magic is damaged", "xl 1.1") \
    X(101, XL_BYTEORDER, XL, "the byte order mark is not that of a little-endian writer", "xl 1.1") \
    X(102, XL_FLAG_UNKNOWN, XL, "an unknown mandatory flag is set", "xl 1.2") \
    X(103, XL_FLAG_JSON, XL, "the JSON flag is clear: the configuration would be read as xl.cfg text", "xl 1.2") \
    X(104, XL_FLAG_STREAMV2, XL, "the STREAMv2 flag is clear: libxl would run the legacy converter on the payload", \
      "xl 1.2") \
    X(105, XL_OPTIONAL_FLAGS, XL, "optional flags are set, though none is defined", "xl 1.2") \
    X(106, XL_OPTIONAL_LEN, XL, "the optional data is not exactly one configuration", "xl 1.3") \
    X(107, XL_CONFIG_LEN, XL, "the length of the embedded configuration is out of range", "xl 1.3") \
    /* the embedded configuration: its JSON, its fields, its agreement with the stream */ \
    X(150, JSON_SYNTAX, CONFIG, "the configuration is not one well-formed JSON document", "xl 1.3") \
    X(151, JSON_DEPTH, CONFIG, "the configuration nests too deep", "hazards xl") \
    X(152, JSON_ELEMENTS, CONFIG, "the configuration has too many elements", "hazards xl") \
    X(153, JSON_STRING, CONFIG, "a string of the configuration is too long", "hazards xl") \
    X(154, JSON_UTF8, CONFIG, "the configuration is not valid UTF-8", "xl 1.3") \
    X(155, JSON_NUL, CONFIG, "the configuration does not end in exactly one NUL", "xl 1.3") \
    X(156, JSON_TRAILING, CONFIG, "something follows the JSON document", "xl 1.3") \
    X(157, JSON_NUMBER, CONFIG, "a number of the configuration is not an integer in range", "hazards xl") \
    X(158, JSON_DUPLICATE, CONFIG, "a field of the configuration appears twice", "hazards xl") \
    X(160, CONFIG_TYPE, CONFIG, "a field of the configuration has the wrong JSON type", "compat 4") \
    X(161, CONFIG_RANGE, CONFIG, "a value of the configuration is out of range", "hazards xl") \
    X(162, CONFIG_MISSING, CONFIG, "the configuration lacks a field that a restore needs", "hazards xl") \
    X(163, CONFIG_GUEST_TYPE, CONFIG, "configuration and stream disagree on the guest type", "hazards xl") \
    X(164, CONFIG_VCPUS, CONFIG, "configuration and stream disagree on the vCPUs", "hazards xl") \
    X(165, CONFIG_MEMORY, CONFIG, "the stream holds more memory than its configuration declares", "hazards xl") \
    X(166, CONFIG_BOOTLOADER, CONFIG, "the configuration names a bootloader, which the toolstack would run", \
      "hazards xl") \
    X(167, CONFIG_SCRIPT, CONFIG, "the configuration names a script, which the toolstack would run", "hazards xl") \
    X(168, CONFIG_DEVICE_MODEL, CONFIG, "the configuration names a device model of its own", "hazards xl") \
    X(169, CONFIG_DM_ARGS, CONFIG, "the configuration passes extra arguments to the device model", "hazards xl") \
    X(170, CONFIG_PASSTHROUGH, CONFIG, "the configuration passes host hardware through", "hazards xl") \
    X(171, CONFIG_HOST_PATH, CONFIG, "the configuration attaches a path of the host", "hazards xl") \
    X(172, CONFIG_DEVICE, CONFIG, "the configuration attaches a device that the policy does not allow", \
      "policy allow") \
    X(173, CONFIG_PRIVILEGE, CONFIG, "the configuration asks for a privilege over the host or other domains", \
      "hazards xl") \
    X(174, CONFIG_FIELD_UNKNOWN, CONFIG, "the configuration has a field that no release of libxl knows", "compat 4") \
    /* libxl stream */ \
    X(200, LIBXL_IDENT, LIBXL, "the libxl ident is damaged", "libxl 1") \
    X(201, LIBXL_VERSION, LIBXL, "the libxl stream version is not 2", "libxl 1") \
    X(202, LIBXL_ENDIAN, LIBXL, "a big-endian libxl stream", "libxl 1") \
    X(203, LIBXL_OPTIONS, LIBXL, "reserved option bits of the libxl header are set", "libxl 1") \
    X(204, LIBXL_LEGACY, LIBXL, "the legacy-converted mark and the saver's Xen version disagree", "libxl 1, libxc 2") \
    X(205, LIBXL_RECORD_UNKNOWN, LIBXL, "an unknown libxl record", "libxl 2") \
    X(206, LIBXL_RECORD_LENGTH, LIBXL, "a libxl record has a length its type does not allow", "libxl 2") \
    X(207, LIBXL_RECORD_ORDER, LIBXL, "a libxl record where its type may not stand", "libxl 3") \
    X(208, LIBXL_RECORD_REPEATED, LIBXL, "a libxl record that may appear only once", "libxl 3") \
    X(209, LIBXL_RECORD_GUEST, LIBXL, "an emulator record in the stream of a guest that has no emulator", "libxl 3") \
    X(210, LIBXL_RECORD_MISSING, LIBXL, "the libxl stream ends without a record that it needs", "libxl 3") \
    X(220, EMULATOR_ID, LIBXL, "the emulator id is not one that the policy accepts", "libxl 2.1") \
    X(221, EMULATOR_INDEX, LIBXL, "the emulator index is not 0", "libxl 2.1") \
    X(222, EMULATOR_MISMATCH, LIBXL, "the two emulator records name different emulators", "libxl 2.1") \
    X(223, EMULATOR_KEY, LIBXL, "an emulator key is not one of physmap/<hex>/{start_addr,size,name}", "libxl 2.2") \
    X(224, EMULATOR_VALUE, LIBXL, "an emulator value is not what its key calls for", "libxl 2.2") \
    X(225, EMULATOR_UNTERMINATED, LIBXL, "emulator data ends inside a key or value", "libxl 2.2") \
    X(226, EMULATOR_PAIRS, LIBXL, "more emulator keys than the policy allows, or than 64 entries have", "libxl 2.2") \
    X(227, QEVM_MAGIC, LIBXL, "the emulator state does not start with QEVM", "libxl 2.3") \
    X(228, QEVM_VERSION, LIBXL, "the emulator state is not of QEMU's file version 3", "libxl 2.3") \
    X(229, QEVM_SECTION, LIBXL, "the emulator state starts with an impossible section", "libxl 2.3") \
    X(230, QEVM_END, LIBXL, "the emulator state does not end with QEMU's end-of-file octet", "libxl 2.3") \
    X(231, EMULATOR_REPEATED, LIBXL, "an emulator key appears twice", "libxl 2.2") \
    X(240, CHECKPOINT_REFUSED, LIBXL, "a checkpointed (Remus) stream, which the policy does not allow", "libxl 4") \
    X(241, COLO_REFUSED, LIBXL, "a COLO stream, which the policy does not allow", "libxl 5") \
    X(242, CHECKPOINT_STATE, LIBXL, "a COLO state id that the sender never sends", "libxl 5") \
    X(243, CHECKPOINT_UNPROCESSED, LIBXL, "the stream ends with a checkpoint that was begun and not completed", \
      "libxc 7") \
    X(244, CHECKPOINT_NONE, LIBXL, "a checkpointed stream without one complete checkpoint", "libxc 7") \
    X(245, LIMIT_CHECKPOINT, LIBXL, "a checkpoint holds more records or octets than the policy allows", \
      "hazards libxenguest") \
    /* libxc stream: headers and framing */ \
    X(300, LIBXC_MARKER, LIBXC, "the libxc marker is damaged", "libxc 1") \
    X(301, LIBXC_ID, LIBXC, "the libxc id is not XENF", "libxc 1") \
    X(302, LIBXC_VERSION, LIBXC, "the libxc stream version is not 2 or 3", "libxc 1") \
    X(303, LIBXC_ENDIAN, LIBXC, "a big-endian libxc stream", "libxc 1") \
    X(304, LIBXC_OPTIONS, LIBXC, "reserved option bits of the libxc header are set", "libxc 1") \
    X(305, LIBXC_RESERVED, LIBXC, "a reserved field of the libxc header is not zero", "libxc 1") \
    X(310, DOMAIN_TYPE, LIBXC, "the domain type is neither x86 PV nor x86 HVM", "libxc 2") \
    X(311, DOMAIN_PAGE_SHIFT, LIBXC, "the page shift is not 12", "libxc 2") \
    X(312, DOMAIN_RESERVED, LIBXC, "a reserved field of the domain header is not zero", "libxc 2") \
    X(313, DOMAIN_REFUSED, LIBXC, "a guest type that the policy does not accept", "policy guests") \
    X(320, RECORD_UNKNOWN, LIBXC, "an unknown mandatory record", "libxc 3") \
    X(321, RECORD_OPTIONAL, LIBXC, "an unknown optional record", "libxc 3") \
    X(322, RECORD_GUEST, LIBXC, "a record that the guest type does not have", "libxc 3") \
    X(323, RECORD_VERSION, LIBXC, "a record that this stream version does not have", "libxc 3") \
    X(324, RECORD_ORDER, LIBXC, "a record where its type may not stand", "libxc 5.3") \
    X(325, RECORD_LENGTH, LIBXC, "a record has a length its type does not allow", "libxc 3") \
    X(326, RECORD_REPEATED, LIBXC, "a record that may appear only once", "libxc 5.3") \
    X(327, RECORD_MISSING, LIBXC, "the stream lacks a record that must come before", "libxc 5.3") \
    X(330, VERIFY_REFUSED, LIBXC, "a VERIFY pass: its pages are compared, not restored; the policy does not allow it", \
      "libxc 6") \
    X(331, VERIFY_PAGE, LIBXC, "a page of the VERIFY pass was never sent before", "libxc 6") \
    X(332, VERIFY_EMPTY, LIBXC, "VERIFY before any page was sent", "libxc 6") \
    X(333, VERIFY_TYPE, LIBXC, "a page of the VERIFY pass has another type than when it was sent", "libxc 6") \
    /* compatibility between releases */ \
    X(350, COMPAT_IMAGE_VERSION, COMPAT, "the saver's Xen release does not write this stream version", "compat 1") \
    X(351, COMPAT_SAVER, COMPAT, "the saver's Xen version is not one that the policy accepts", \
      "policy xen_min, xen_max") \
    X(352, COMPAT_TARGET_VERSION, COMPAT, "the target release cannot read this stream version", "compat 1") \
    X(353, COMPAT_TARGET_LENGTH, COMPAT, "a record is longer than the target release reads", "libxc 3") \
    X(354, COMPAT_TARGET_TSC, COMPAT, "the target release refuses this TSC mode", "blobs 8") \
    X(355, COMPAT_TARGET_HVM, COMPAT, "the target release refuses this HVM context entry", "blobs 9") \
    X(356, COMPAT_TARGET_PARAM, COMPAT, "the target release does not know this HVM parameter", "blobs 7") \
    X(357, COMPAT_TARGET_POLICY, COMPAT, "the target release does not know this CPUID policy entry", "blobs 5") \
    X(359, COMPAT_SAVER_HVM, COMPAT, "the saver's release does not write an HVM context entry of this length", \
      "compat 3") \
    X(360, BACKEND_PV32, COMPAT, \
      "libxenguest reads beyond the vCPU context of every 32-bit PV guest; use --backend xl", "hazards libxenguest") \
    X(361, BACKEND_HVM, COMPAT, \
      "a guest with a device model, which the libxenguest back end cannot start; use --backend xl", "back ends") \
    /* guest memory */ \
    X(400, PAGE_COUNT, MEMORY, "a PAGE_DATA record with too few or too many entries", "libxc 4.1") \
    X(401, PAGE_RESERVED, MEMORY, "a reserved field of PAGE_DATA is not zero", "libxc 4.1") \
    X(402, PAGE_PFN_BITS, MEMORY, "reserved bits of a pfn entry are set", "libxc 4.1") \
    X(403, PAGE_TYPE, MEMORY, "an undefined page type", "libxc 4.1") \
    X(404, PAGE_TYPE_HVM, MEMORY, "a page-table type in an HVM stream", "libxc 4.1") \
    X(405, PAGE_PFN_RANGE, MEMORY, "a pfn beyond the guest's memory", "libxc 4.1") \
    X(406, PAGE_DUPLICATE, MEMORY, "one PAGE_DATA record names a pfn twice or out of order", "libxc 4.1") \
    X(407, PAGE_LENGTH, MEMORY, "PAGE_DATA holds more or fewer octets than its entries call for", "libxc 4.1") \
    X(408, PAGE_ROUNDS, MEMORY, "memory is sent again and again: more rounds than the policy allows", \
      "policy max_rounds") \
    X(409, GUEST_MEMORY, MEMORY, "the guest has more pages than the policy allows", "policy max_guest_pages") \
    X(440, PV_INFO, MEMORY, "guest width and page-table levels do not fit together", "libxc 4.2") \
    X(441, PV_INFO_RESERVED, MEMORY, "reserved octets of X86_PV_INFO are not zero", "libxc 4.2") \
    X(442, P2M_START, MEMORY, "the first P2M_FRAMES record does not start at pfn 0, or a later one leaves a gap", \
      "libxc 4.3") \
    X(443, P2M_END, MEMORY, "the last pfn of P2M_FRAMES is 0 or before the first", "libxc 4.3") \
    X(444, P2M_LIMIT, MEMORY, "P2M_FRAMES describes more memory than the policy or the configuration allows", \
      "policy max_guest_pages") \
    X(445, P2M_FRAME_RANGE, MEMORY, "a p2m frame beyond the guest's memory", "libxc 4.3") \
    X(446, P2M_FRAME_DUPLICATE, MEMORY, "a p2m frame that describes pages of the guest is listed twice", \
      "hazards libxenguest") \
    X(447, P2M_FRAME_TYPE, MEMORY, "a p2m frame is not an ordinary populated page", "libxc 8.5") \
    X(448, P2M_GROWTH, MEMORY, "P2M_FRAMES shrinks the guest, or grows it too often", "hazards libxenguest") \
    X(449, P2M_FRAME_CHANGED, MEMORY, "a later P2M_FRAMES record names another frame for a part of the p2m", \
      "libxc 4.3") \
    X(450, P2M_SPARSE, MEMORY, "the p2m has more frames than the guest has pages", "hazards libxenguest") \
    X(460, PTE_RANGE, MEMORY, "a page-table entry points beyond the guest's memory", "libxc 8.7") \
    X(461, PTE_PSE, MEMORY, "a page-table entry maps a superpage, which a PV guest cannot", "blobs 3") \
    X(462, PTE_XEN_SLOT, MEMORY, "a page-table slot that belongs to Xen is not empty", "blobs 3") \
    X(463, PTE_LEVEL, MEMORY, "a page-table level that the guest's width does not have", "blobs 3") \
    X(464, PTE_UNSENT, MEMORY, "page tables point to pages that the stream does not hold", "libxc 8.7") \
    /* PV vCPUs and completion */ \
    X(480, VCPU_ID, VCPU, "a vCPU id beyond the domain's vCPUs", "libxc 4.4") \
    X(481, VCPU_RESERVED, VCPU, "a reserved field of a vCPU record is not zero", "libxc 4.4") \
    X(482, VCPU_REPEATED, VCPU, "a second record of one kind for one vCPU", "libxc 4.4") \
    X(483, VCPU_NO_BASIC, VCPU, "vCPU state without the vCPU's VCPU_BASIC before it", "libxc 4.4") \
    X(484, VCPU_EMPTY, VCPU, "an empty vCPU record", "libxc 4.4") \
    X(485, VCPU_LENGTH, VCPU, "the state in a vCPU record has an impossible size", "libxc 4.4") \
    X(486, VCPU_MISSING, VCPU, "no VCPU_BASIC for vCPU 0, or for one that the checkpoint before has", "libxc 4.4") \
    X(487, VCPU_ORDER, VCPU, "vCPU ids are not contiguous from 0", "libxc 4.4") \
    X(490, EXT_ID, VCPU, "VCPU_EXTENDED names another vCPU inside than in its header", "blobs 4") \
    X(491, EXT_SIZE, VCPU, "VCPU_EXTENDED gives a size that Xen does not know, or is shorter than it says", "blobs 4") \
    X(492, EXT_EIP, VCPU, "a callback address of VCPU_EXTENDED is not canonical", "blobs 4") \
    X(493, EXT_FLAG, VCPU, "a flag of VCPU_EXTENDED is neither 0 nor 1", "blobs 4") \
    X(494, EXT_TAIL, VCPU, "VCPU_EXTENDED is not zero past its size", "blobs 4") \
    X(495, EXT_VMCE, VCPU, "VCPU_EXTENDED has machine-check capabilities that no guest has", "blobs 4") \
    X(500, XSAVE_XCR0, VCPU, "XCR0 is not a combination that a processor allows", "blobs 4") \
    X(501, XSAVE_ACCUM, VCPU, "XCR0 has bits that its accumulated value lacks", "blobs 4") \
    X(502, XSAVE_SIZE, VCPU, "the XSAVE area is not as large as its features call for", "blobs 4") \
    X(503, XSAVE_HEADER, VCPU, \
      "the XSAVE header is compacted, has reserved bits, or features that the guest never enabled", "blobs 4") \
    X(510, VCPU_MSR_INDEX, VCPU, "an MSR that a PV vCPU does not have", "blobs 4") \
    X(511, VCPU_MSR_RESERVED, VCPU, "the reserved field of an MSR entry is not zero", "blobs 4") \
    X(512, VCPU_MSR_REPEATED, VCPU, "an MSR appears twice or out of order", "blobs 4") \
    X(513, VCPU_MSR_VALUE, VCPU, "an MSR value has bits that it cannot have", "blobs 4") \
    X(520, GDT_ENTS, VCPU, "more GDT entries than 7168", "libxc 8.3") \
    X(521, GDT_FRAME, VCPU, "a GDT frame is beyond the guest's memory or not an ordinary populated page", "libxc 8.3") \
    X(522, CR3, VCPU, "cr3 does not name a top-level page table of the guest", "libxc 8.4") \
    X(523, CR1, VCPU, "cr1 does not name a top-level page table of the guest", "libxc 8.4") \
    X(524, START_INFO, VCPU, "start_info is beyond the guest's memory or not an ordinary populated page", "libxc 8.1") \
    X(525, START_INFO_STORE, VCPU, "start_info names a xenstore ring that is not an ordinary populated page", \
      "libxc 8.2") \
    X(526, START_INFO_CONSOLE, VCPU, "start_info names a console ring that is not an ordinary populated page", \
      "libxc 8.2") \
    X(527, START_INFO_RINGS, VCPU, "the xenstore ring, the console ring, start_info and the p2m share a page", \
      "hazards libxenguest") \
    X(528, VCPU_FLAGS, VCPU, "undefined flags in a vCPU context", "blobs 1") \
    X(529, VCPU_CONTEXT, VCPU, "an address, debug register, LDT, eflags or vm_assist is impossible", "blobs 1") \
    /* HVM context and parameters */ \
    X(560, HVM_HEADER, HVM, "the HVM context does not start with a valid HEADER entry", "blobs 9") \
    X(561, HVM_END, HVM, "the HVM context does not end with one empty END entry", "blobs 9") \
    X(562, HVM_TYPECODE, HVM, "an unknown HVM context entry", "blobs 9") \
    X(563, HVM_INSTANCE, HVM, "an HVM context entry for a device or vCPU that the guest does not have", "blobs 9") \
    X(564, HVM_LENGTH, HVM, "an HVM context entry has a length its type does not have", "blobs 9") \
    X(565, HVM_OVERRUN, HVM, "an HVM context entry is longer than what is left of the record", "blobs 9") \
    X(566, HVM_REPEATED, HVM, "an HVM context entry appears twice", "blobs 9") \
    X(567, HVM_ORDER, HVM, "HVM context entries are out of order", "blobs 9") \
    X(568, HVM_MISSING, HVM, "the HVM context lacks an entry that every guest has", "blobs 9") \
    X(569, HVM_RESERVED, HVM, "a reserved field of an HVM context entry is not zero", "blobs 9") \
    X(570, HVM_VALUE, HVM, "a value in an HVM context entry is impossible", "blobs 9") \
    X(571, HVM_CPU, HVM, "a control register in the HVM CPU state is impossible", "blobs 9") \
    X(572, HVM_MSR, HVM, "an MSR that an HVM vCPU does not save", "blobs 9") \
    X(573, HVM_XSAVE, HVM, "the extended processor state of an HVM vCPU is inconsistent", "blobs 9") \
    X(580, PARAM_COUNT, HVM, "HVM_PARAMS has a count that its length does not hold, or too many entries", "libxc 4.8") \
    X(581, PARAM_RESERVED, HVM, "a reserved field of HVM_PARAMS is not zero", "libxc 4.8") \
    X(582, PARAM_INDEX, HVM, "an HVM parameter that does not travel in a stream", "blobs 7") \
    X(583, PARAM_REPEATED, HVM, "an HVM parameter appears twice", "blobs 7") \
    X(584, PARAM_VALUE, HVM, "an HVM parameter has an impossible value", "blobs 7") \
    X(585, PARAM_UNPOPULATED, HVM, "an HVM parameter names a page that the stream does not hold", \
      "hazards libxenguest") \
    X(586, PARAM_MISSING, HVM, "the xenstore or the console ring is not named", "hazards libxenguest") \
    X(587, PARAM_SHARED, HVM, "two HVM parameters name the same page", "hazards libxenguest") \
    X(588, PARAM_EMPTY, HVM, "an empty HVM_PARAMS record", "libxc 4.8") \
    /* CPUID and MSR policy, TSC */ \
    X(620, CPUID_LEAF, CPUPOLICY, "a CPUID leaf or subleaf that a policy does not have", "blobs 5") \
    X(621, CPUID_ORDER, CPUPOLICY, "CPUID leaves are repeated or out of order", "blobs 5") \
    X(622, CPUID_COUNT, CPUPOLICY, "more CPUID leaves than a policy has", "blobs 5") \
    X(623, CPUID_LARGEST, CPUPOLICY, "a CPUID policy names a largest leaf that no policy has", "blobs 5") \
    X(630, MSRP_INDEX, CPUPOLICY, "an MSR that a policy does not have", "blobs 6") \
    X(631, MSRP_FLAGS, CPUPOLICY, "flags of an MSR policy entry are not zero", "blobs 6") \
    X(632, MSRP_ORDER, CPUPOLICY, "MSR policy entries are repeated or out of order", "blobs 6") \
    X(633, MSRP_VALUE, CPUPOLICY, "an MSR policy value has bits that it cannot have", "blobs 6") \
    X(640, TSC_MODE, CPUPOLICY, "an unknown TSC mode", "blobs 8") \
    X(641, TSC_KHZ, CPUPOLICY, "an impossible TSC frequency", "blobs 8") \
    X(642, TSC_RESERVED, CPUPOLICY, "the reserved field of X86_TSC_INFO is not zero", "libxc 4.6") \
    /* the migration handshake, both directions */ \
    X(700, HANDSHAKE_BANNER, HANDSHAKE, "the receiver's banner is not that of xl migrate-receive", "xl 2") \
    X(701, HANDSHAKE_READY, HANDSHAKE, "the receiver's ready message is damaged", "xl 2") \
    X(702, HANDSHAKE_GO_AHEAD, HANDSHAKE, "the sender's go-ahead is damaged", "xl 2") \
    X(703, HANDSHAKE_REPORT, HANDSHAKE, "the receiver's report is damaged", "xl 2") \
    X(704, HANDSHAKE_PERMISSION, HANDSHAKE, "the receiver's permission to resume is damaged", "xl 2") \
    X(705, HANDSHAKE_SENDER_SPOKE, HANDSHAKE, "the sender speaks when it must be silent", "xl 2") \
    X(706, HANDSHAKE_RECEIVER_SPOKE, HANDSHAKE, "the receiver speaks when it must be silent", "xl 2") \
    X(707, HANDSHAKE_SENDER_LEFT, HANDSHAKE, "the sender went away before the hand-over", "xl 2") \
    X(708, HANDSHAKE_RECEIVER_LEFT, HANDSHAKE, "the receiver went away before the hand-over was complete", "xl 2") \
    X(709, HANDSHAKE_COLO_RECORD, HANDSHAKE, "a record of the COLO back channel is unknown or out of turn", "xl 4") \
    X(710, HANDSHAKE_COLO_PFN, HANDSHAKE, "a dirty list of the COLO back channel has an impossible length", \
      "libxc 4.10") \
    /* the xenstore state stream and the proposal of April 2020 */ \
    X(800, XENSTORE_REFUSED, XENSTORE, \
      "a xenstore state, which is not accepted here: it holds no domain to restore; xenvet check and inspect read it", \
      "policy formats") \
    X(801, XENSTORE_VERSION, XENSTORE, "an unknown version of the stream", "xenstore 2") \
    X(802, XENSTORE_FLAGS, XENSTORE, "a reserved bit of the header is set", "xenstore 2") \
    X(803, XENSTORE_RECORD_UNKNOWN, XENSTORE, "an unknown record type", "xenstore 3") \
    X(804, XENSTORE_RECORD_VERSION, XENSTORE, "a record that this version of the stream does not have", "xenstore 3") \
    X(805, XENSTORE_RECORD_LENGTH, XENSTORE, "the length of a record is not that of its contents", "xenstore 3") \
    X(806, XENSTORE_RECORD_ORDER, XENSTORE, "a record where it may not stand", "xenstore 5") \
    X(807, XENSTORE_RECORD_REPEATED, XENSTORE, "a record that comes once came again", "xenstore 5") \
    X(808, XENSTORE_RECORD_MISSING, XENSTORE, "a record that must have come before is missing", "xenstore 5") \
    X(809, XENSTORE_RECORD_ROUNDING, XENSTORE, \
      "the length of a record does not count its padding: xenstored would lose its place", "xenstore 3") \
    X(810, XENSTORE_PADDING, XENSTORE, "padding is not zero", "xenstore 3") \
    X(811, XENSTORE_RESERVED, XENSTORE, "a field that is reserved, or has no meaning here, is not zero", "xenstore 4") \
    X(812, XENSTORE_LIMIT, XENSTORE, "more connections, watches, transactions or nodes than the policy allows", \
      "policy max_xenstore_nodes, max_xenstore_connections, max_xenstore_watches, max_xenstore_transactions") \
    X(813, XENSTORE_LIMIT_NAMES, XENSTORE, "more octets of names than the policy allows", "policy max_xenstore_names") \
    X(814, XENSTORE_LIMIT_BUFFER, XENSTORE, "a connection has more buffered octets than the policy allows", \
      "policy max_xenstore_buffer") \
    X(820, XENSTORE_DESCRIPTOR, XENSTORE, "an impossible file descriptor", "xenstore 4") \
    X(821, XENSTORE_CONNECTION_ID, XENSTORE, "a connection id is zero or was given before", "xenstore 5") \
    X(822, XENSTORE_CONNECTION_TYPE, XENSTORE, "a connection is neither a ring nor a socket", "xenstore 4") \
    X(823, XENSTORE_CONNECTION_FIELDS, XENSTORE, "a connection has fields that its type does not have", "xenstore 4") \
    X(824, XENSTORE_CONNECTION_DOMAIN, XENSTORE, "a ring of an impossible domain, or for one", "xenstore 4") \
    X(825, XENSTORE_CONNECTION_SHARED, XENSTORE, "a domain or a file descriptor has two uses", "xenstore 4") \
    X(826, XENSTORE_CONNECTION_UNKNOWN, XENSTORE, "a connection that did not come before", "xenstore 5") \
    X(827, XENSTORE_RESPONSE, XENSTORE, "the rest of a response is longer than a response, or than the buffer", \
      "xenstore 4") \
    X(828, XENSTORE_MESSAGE_LENGTH, XENSTORE, "a buffered message is longer than a message can be", "xenstore 4") \
    X(829, XENSTORE_MESSAGE_TYPE, XENSTORE, "a buffered response of a type that does not exist", "xenstore 4") \
    X(830, XENSTORE_MESSAGE_CUT, XENSTORE, "a buffered response is not whole: xenstored would read beyond it", \
      "xenstore 4") \
    X(831, XENSTORE_WATCH_LENGTH, XENSTORE, "the path and token of a watch are too short or too long", "xenstore 5") \
    X(832, XENSTORE_WATCH_REPEATED, XENSTORE, "a connection has one watch twice", "xenstore 5") \
    X(833, XENSTORE_WATCH_SPECIAL, XENSTORE, \
      "a special watch with octets outside the alphabet of paths, which current readers abort on", "xenstore 5") \
    X(834, XENSTORE_WATCH_LAYOUT, XENSTORE, \
      "a watch with a depth in a layout that is not the specification's, as xenstored 4.22 has two", "xenstore 4") \
    X(835, XENSTORE_WATCH_TOKEN, XENSTORE, "a token does not end in exactly one NUL", "xenstore 4") \
    X(840, XENSTORE_PATH_LENGTH, XENSTORE, "a path is empty or too long", "xenstore 5") \
    X(841, XENSTORE_PATH_OCTET, XENSTORE, "an octet outside the alphabet of paths", "xenstore 5") \
    X(842, XENSTORE_PATH_SLASH, XENSTORE, "a path has an empty component", "xenstore 5") \
    X(843, XENSTORE_PATH_NUL, XENSTORE, "a path does not end in exactly one NUL", "xenstore 5") \
    X(844, XENSTORE_PATH_DEPTH, XENSTORE, "a path is deeper than the policy allows", "policy max_xenstore_depth") \
    X(845, XENSTORE_PATH_RELATIVE, XENSTORE, "the path of a node is not absolute", "xenstore 5") \
    X(846, XENSTORE_NODE_SPECIAL, XENSTORE, "a special node that does not exist", "xenstore 5") \
    X(847, XENSTORE_NODE_PARENT, XENSTORE, "a node whose parent did not come before", "xenstore 5") \
    X(848, XENSTORE_NODE_REPEATED, XENSTORE, "a node came before", "xenstore 5") \
    X(849, XENSTORE_NODE_ACCESS, XENSTORE, "access, permissions and value do not fit each other", "xenstore 4") \
    X(850, XENSTORE_NODE_VALUE, XENSTORE, "a value is longer than a message can carry", "xenstore 5") \
    X(851, XENSTORE_PERM_COUNT, XENSTORE, "a node has no owner, or more permissions than a message can carry", \
      "xenstore 4") \
    X(852, XENSTORE_PERM_LETTER, XENSTORE, "a permission is none of n, r, w and b", "xenstore 4") \
    X(853, XENSTORE_PERM_FLAGS, XENSTORE, "a permission has flags that do not exist", "xenstore 4") \
    X(854, XENSTORE_PERM_OWNER, XENSTORE, "the owner of a node is no domain", "xenstore 5") \
    X(860, XENSTORE_TRANSACTION_ID, XENSTORE, "a transaction id is zero or was given before", "xenstore 4") \
    X(861, XENSTORE_TRANSACTION_UNKNOWN, XENSTORE, "a transaction that did not come before", "xenstore 5") \
    X(870, XENSTORE_QUOTA_COUNT, XENSTORE, "more quota values than any release has, or than names", "xenstore 4") \
    X(871, XENSTORE_QUOTA_NAME, XENSTORE, "the name of a quota is not one", "xenstore 4") \
    X(872, XENSTORE_QUOTA_REPEATED, XENSTORE, "a quota appears twice", "xenstore 4") \
    X(873, XENSTORE_DOMAIN_UNKNOWN, XENSTORE, "data of a domain without a connection, which readers abort on", \
      "xenstore 5") \
    X(874, XENSTORE_DOMAIN_REPEATED, XENSTORE, "a domain came before", "xenstore 4") \
    X(875, XENSTORE_DOMAIN_FEATURES, XENSTORE, "features of a domain in a version without them", "xenstore 4") \
    X(880, XENSTORE_2020_TYPE, XENSTORE, "an unknown kind of DOMAIN_XENSTORE_DATA", "xenstore-2020 7") \
    X(881, XENSTORE_2020_LENGTH, XENSTORE, "the fields of DOMAIN_XENSTORE_DATA do not add up to its length", \
      "xenstore-2020 7") \
    X(882, XENSTORE_2020_DOMAIN, XENSTORE, "no domain, or after data of a single domain", "xenstore-2020 7") \
    X(883, XENSTORE_2020_RING, XENSTORE, "a domain's pending output is empty or came before", "xenstore-2020 7") \
    /* draft B: headers, framing, and what versions 2 and 3 do not have */ \
    X(900, DRAFT_OPTIONS, DRAFT_B, "reserved option bits of the draft B image header are set", "draft-b 1") \
    X(901, DRAFT_RESERVED, DRAFT_B, "the reserved octets of the draft B image header are not zero", "draft-b 1") \
    X(902, DRAFT_DOMAIN_TYPE, DRAFT_B, "architecture and type are not x86 and x86 PV", "draft-b 2") \
    X(903, DRAFT_PAGE_SHIFT, DRAFT_B, "the page shift of the draft B domain header is not 12", "draft-b 2") \
    X(904, DRAFT_DOMAIN_RESERVED, DRAFT_B, "the reserved field of the draft B domain header is not zero", "draft-b 2") \
    X(905, DRAFT_RECORD_UNKNOWN, DRAFT_B, "a record type that draft B does not have", "draft-b 3") \
    X(906, DRAFT_RECORD_ORDER, DRAFT_B, "a record where draft B's order does not have it", "draft-b 5") \
    X(907, DRAFT_RECORD_LENGTH, DRAFT_B, "a draft B record has a length its type does not allow", "draft-b 4") \
    X(908, DRAFT_RECORD_OPTIONS, DRAFT_B, "reserved option bits of a record header are set", "draft-b 3") \
    X(909, DRAFT_RECORD_RESERVED, DRAFT_B, "a reserved field of a record's header or footer is not zero", "draft-b 3") \
    X(910, DRAFT_CHECKSUM, DRAFT_B, "the checksum of a record is not that of its body and padding", "draft-b 3") \
    X(911, DRAFT_UNSUMMED, DRAFT_B, "a record without a valid checksum", "draft-b 3") \
    X(912, DRAFT_UNSUMMED_VALUE, DRAFT_B, "a checksum that is said not to be valid is not zero", "draft-b 3") \
    X(913, DRAFT_PV_OPTIONS, DRAFT_B, "undefined option bits of X86_PV_INFO are set", "draft-b 4") \
    X(914, DRAFT_P2M_RANGE, DRAFT_B, "a P2M range is empty, or does not begin where the one before ended", \
      "draft-b 4") \
    X(915, DRAFT_P2M_LIMIT, DRAFT_B, "P2M describes more memory than the policy allows", "policy max_guest_pages") \
    X(916, DRAFT_P2M_ENTRY, DRAFT_B, "a P2M entry is neither a frame number nor all ones", "draft-b 4") \
    X(917, DRAFT_VCPU_INFO, DRAFT_B, "the largest vCPU id is beyond what the policy allows", "draft-b 4") \
    /* legacy streams: framing, and what later formats do not have */ \
    X(930, LEGACY_P2M_SIZE, LEGACY, "no legacy stream begins here, where one must", "legacy 1") \
    X(931, LEGACY_MARKER, LEGACY, "half a marker of extended information", "legacy 2") \
    X(932, LEGACY_INFO, LEGACY, \
      "a block of extended information is unknown, repeated, out of order, missing or of another size", "legacy 2") \
    X(933, LEGACY_INFO_LENGTH, LEGACY, "the blocks of extended information do not fill its length", "legacy 2") \
    X(934, LEGACY_CHUNK_UNKNOWN, LEGACY, "an unknown chunk", "legacy 3") \
    X(935, LEGACY_CHUNK_GUEST, LEGACY, "a chunk that the guest type does not have", "legacy 3") \
    X(936, LEGACY_CHUNK_ORDER, LEGACY, "a chunk where no saver writes it", "legacy 3") \
    X(937, LEGACY_CHUNK_REPEATED, LEGACY, "a chunk that may appear only once", "legacy 3") \
    X(938, LEGACY_COMPRESSED, LEGACY, "compressed pages of a Remus stream", "legacy 3") \
    X(939, LEGACY_TMEM, LEGACY, "transcendent memory, which Xen no longer has", "legacy 3") \
    X(940, LEGACY_BATCH, LEGACY, "a page batch with more than 1024 entries", "legacy 3") \
    X(941, LEGACY_ENTRY, LEGACY, "an entry of a page batch has more than 32 bits", "legacy 3") \
    X(942, LEGACY_VCPU_MAP, LEGACY, "the map of vCPUs is too large, lacks vCPU 0 or has bits beyond its end", \
      "legacy 3") \
    X(943, LEGACY_TOOLSTACK_LENGTH, LEGACY, "the entries of toolstack data do not fill its length", "legacy 5") \
    X(944, LEGACY_TOOLSTACK_DATA, LEGACY, "toolstack data is not of version 1, or a name in it is no text", \
      "legacy 5") \
    X(945, LEGACY_UNMAPPED, LEGACY, "the list of unmapped pfns goes beyond the guest's memory", "legacy 4") \
    X(946, LEGACY_XSAVE_LENGTH, LEGACY, "extended registers are not as long as extended information says", "legacy 4") \
    X(947, LEGACY_CONTEXT_SIZE, LEGACY, "the length of the HVM context is out of range", "legacy 4") \
    X(948, LEGACY_SIGNATURE, LEGACY, "the device model's state has an unknown signature", "legacy 6") \
    X(949, LEGACY_EMULATOR_LENGTH, LEGACY, "the device model's state is too short or too long", "legacy 6") \
    X(950, LEGACY_CHECKPOINT, LEGACY, "a legacy Remus stream: a further checkpoint, or its device model's state", \
      "legacy 7") \
    X(951, LEGACY_CONFIG_TEXT, LEGACY, "the xl.cfg of a legacy image contains a control character", "legacy 8") \
    /* conversion: of the job, not of the image */ \
    X(970, CONVERT_LOSSY, CONVERT, "the format does not say all that version 3 needs; --lossy makes it up", \
      "draft-b 6") \
    X(971, CONVERT_BIG_ENDIAN, CONVERT, "a big-endian image, which no x86 wrote, cannot be converted", "draft-b 6") \
    X(972, CONVERT_P2M, CONVERT, "the pages that hold the guest's p2m cannot be told by their contents", "draft-b 6") \
    X(973, CONVERT_PIPE, CONVERT, "an image that has to be read twice comes from a pipe", "draft-b 6") \
    X(974, CONVERT_NO_CONFIG, CONVERT, \
      "an image of xl or libvirt needs a configuration, which the input does not have; --config names one", "xl 1.3") \
    X(975, CONVERT_DEVICE, CONVERT, \
      "state of a device for which the other format has no place; --lossy leaves it out", "xenopsd 6") \
    /* the header of libvirt, its XML, what the XML may ask of the host: CONFIG_* */ \
    X(980, LIBVIRT_MAGIC, LIBVIRT, "the libvirt magic is damaged", "libvirt 1") \
    X(981, LIBVIRT_VERSION, LIBVIRT, \
      "the version of the libvirt header is neither 1 nor 2, or of a big-endian writer", "libvirt 1") \
    X(982, LIBVIRT_LEGACY, LIBVIRT, \
      "a libvirt image of version 1, with a legacy stream, which the policy does not accept", "libvirt 1") \
    X(983, LIBVIRT_XML_LEN, LIBVIRT, "the length of the XML is out of range", "libvirt 1") \
    X(984, LIBVIRT_UNUSED, LIBVIRT, "an unused field of the libvirt header is not zero", "libvirt 1") \
    X(985, LIBVIRT_DOMAIN, LIBVIRT, "the XML does not describe a domain", "libvirt 1") \
    X(990, XML_SYNTAX, XML, "the XML is not well formed", "libvirt 1") \
    X(991, XML_NUL, XML, "the XML does not end in exactly one NUL", "libvirt 1") \
    X(992, XML_UTF8, XML, "the XML is not valid UTF-8", "libvirt 2") \
    X(993, XML_CHARACTER, XML, "a character that XML does not have", "libvirt 2") \
    X(994, XML_MARKUP, XML, "a document type declaration or a CDATA section", "libvirt 2") \
    X(995, XML_INSTRUCTION, XML, "an XML declaration or a processing instruction", "libvirt 2") \
    X(996, XML_ENTITY, XML, "a reference to something else than the five predefined entities or a character", \
      "libvirt 2") \
    X(997, XML_DEPTH, XML, "the XML nests too deep", "libvirt 2") \
    X(998, XML_ELEMENTS, XML, "the XML has too many elements, or an element too many attributes", "libvirt 2") \
    X(999, XML_LENGTH, XML, "a name of the XML is too long", "libvirt 2") \
    X(1000, XML_NESTING, XML, "an end tag does not belong to the innermost element", "libvirt 2") \
    X(1001, XML_ROOT, XML, "the XML has no root element, a second one, or text outside of it", "libvirt 2") \
    X(1002, XML_DUPLICATE, XML, "an attribute appears twice", "libvirt 2") \
    /* the records of xenopsd, and the s-expression in one of them */ \
    X(1010, XENOPSD_SIGNATURE, XENOPSD, "the xenopsd signature is damaged", "xenopsd 1") \
    X(1011, XENOPSD_LEGACY, XENOPSD, \
      "a xenopsd image of the older kind, with a legacy stream, which the policy does not accept", "xenopsd 4") \
    X(1012, XENOPSD_UNKNOWN, XENOPSD, "an unknown xenopsd record", "xenopsd 2") \
    X(1013, XENOPSD_UNSUPPORTED, XENOPSD, "a xenopsd record that no writer emits", "xenopsd 2") \
    X(1014, XENOPSD_DEMU, XENOPSD, "the state of a virtual GPU, whose length is not told: it cannot be verified", \
      "xenopsd 2") \
    X(1015, XENOPSD_LENGTH, XENOPSD, "a xenopsd record has a length its type does not allow", "xenopsd 2") \
    X(1016, XENOPSD_ORDER, XENOPSD, "a xenopsd record where its type may not stand", "xenopsd 2") \
    X(1017, XENOPSD_REPEATED, XENOPSD, "a xenopsd record that may appear only once", "xenopsd 2") \
    X(1018, XENOPSD_MISSING, XENOPSD, "the xenopsd image ends without a record that it needs", "xenopsd 2") \
    X(1019, XENOPSD_GUEST, XENOPSD, "state of a device that the guest cannot have", "xenopsd 2") \
    X(1020, XENOPSD_DEVICE, XENOPSD, "state of a device that the policy does not allow", "policy allow") \
    X(1021, XENOPS_SYNTAX, XENOPSD, "the Xenops record is not one s-expression as OCaml writes it", "xenopsd 3") \
    X(1022, XENOPS_FIELD, XENOPSD, "an unknown field of the Xenops record", "xenopsd 3") \
    X(1023, XENOPS_REPEATED, XENOPSD, "a field of the Xenops record appears twice", "xenopsd 3") \
    X(1024, XENOPS_VALUE, XENOPSD, "a field of the Xenops record does not have the one value that it should", \
      "xenopsd 3") \
    X(1025, XENOPS_MISSING, XENOPSD, "the Xenops record lacks a field", "xenopsd 3") \
    X(1026, XENOPS_WORD_SIZE, XENOPSD, "the word size is neither 32 nor 64", "xenopsd 3") \
    X(1027, XENOPS_SUBTREE, XENOPSD, "the Xenops record brings nodes for xenstore", "xenopsd 3") \
    X(1028, XENOPSD_WIDE, XENOPSD, \
      "a xenopsd image of the older kind, whose writers were 32-bit, with a stream of a 64-bit toolstack", \
      "xenopsd 4") \
    /* the seal of an image: the file itself, then what it says of the image */ \
    X(1040, SEAL_MAGIC, SEAL, "the file is no seal", "seal 1") \
    X(1041, SEAL_UNKNOWN_VERSION, SEAL, "a seal of an unknown version", "seal 1") \
    X(1042, SEAL_FIELD, SEAL, "a field of the seal has an impossible value", "seal 1") \
    X(1043, SEAL_LENGTH, SEAL, "the seal is shorter or longer than it says", "seal 1") \
    X(1044, SEAL_TABLE, SEAL, "the entries of the seal are not those that its header was made for", "seal 1") \
    X(1045, SEAL_SIGNATURE, SEAL, "the seal is not signed, or not by the key that was given", "seal 3") \
    X(1046, SEAL_ORDER, SEAL, "the entries of the seal do not ascend to the length of the image", "seal 2") \
    X(1047, SEAL_RECORD, SEAL, "a record is not the one that was sealed", "seal 2") \
    X(1048, SEAL_EXTENT, SEAL, "a record ends elsewhere than the one that was sealed, or one is missing or too many", \
      "seal 2")

/* Stable verdict codes: XV_ACCEPTED is 0, everything else says why the stream is refused. */
enum xv_code {
#define XV_X(number, name, layer, text, rule) XV_##name = number,
    XV_VERDICTS(XV_X)
#undef XV_X
};

/* The part of the format that a verdict belongs to. */
enum xv_layer {
    XV_LAYER_GENERAL,
    XV_LAYER_XL,
    XV_LAYER_CONFIG,
    XV_LAYER_LIBXL,
    XV_LAYER_LIBXC,
    XV_LAYER_COMPAT,
    XV_LAYER_MEMORY,
    XV_LAYER_VCPU,
    XV_LAYER_HVM,
    XV_LAYER_CPUPOLICY,
    XV_LAYER_HANDSHAKE,
    XV_LAYER_LIBVIRT,
    XV_LAYER_XML,
    XV_LAYER_XENOPSD,
    XV_LAYER_DRAFT_B,
    XV_LAYER_LEGACY,
    XV_LAYER_CONVERT,
    XV_LAYER_SEAL,
    XV_LAYER_XENSTORE,
};

/* One row of the verdict table. All strings are static. */
struct xv_verdict {
    enum xv_code code;
    enum xv_layer layer;
    const char *name;       /* "PTE_RANGE": stable, for scripts */
    const char *layer_name; /* "memory" */
    const char *text;       /* one line of English */
    const char *rule;       /* the section it comes from */
};

/* The row of a code, or NULL if the code is unknown. */
const struct xv_verdict *xv_verdict_of(enum xv_code code);

/* Row number i of the table, in ascending order of codes, or NULL past its end. */
const struct xv_verdict *xv_verdict_at(size_t i);

#endif
