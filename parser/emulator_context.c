/* SPDX-License-Identifier: MIT */
/*
 * EMULATOR_CONTEXT: the sub-header that both emulator records share, and the little of QEMU's file that can be told
 * without knowing its devices: magic, version, first section, last octet (libxl 2.3).
 */
#include "emulator.h"
#include "state.h"

enum phase { PHASE_HEADER, PHASE_QEVM, PHASE_OPAQUE, PHASE_LAST };

#define ID_UNKNOWN     0u
#define ID_TRADITIONAL 1u
#define ID_UPSTREAM    2u

#define QEVM_MAGIC            0x5145564du
#define QEVM_VERSION          3u
#define QEVM_HEAD             9u /* magic, version, first section type */
#define SECTION_EOF           0x00u
#define SECTION_FULL          0x04u
#define SECTION_CONFIGURATION 0x07u

bool xv_emulator_header(struct xv_parser *p, struct xv_cursor *c) {
    uint64_t at = xv_at(c);
    uint32_t id = 0, index = 0;
    const uint32_t both = 1u << 2 | 1u << 3; /* the two emulator records */

    (void)xv_get_u32(c, &id);
    (void)xv_get_u32(c, &index);
    if (id > ID_UPSTREAM || (id == ID_UNKNOWN) != p->libxl.legacy) /* (libxl 2.1) */
        return xv_reject_range(p, XV_EMULATOR_ID, at, id, p->libxl.legacy ? 0 : ID_TRADITIONAL,
                               p->libxl.legacy ? 0 : ID_UPSTREAM);
    if (id == ID_TRADITIONAL && !xv_tolerates(p, XV_TOLERATE_EMULATOR_TRADITIONAL, at))
        return xv_reject_range(p, XV_EMULATOR_ID, at, id, ID_UPSTREAM, ID_UPSTREAM);
    if (index)
        return xv_reject_range(p, XV_EMULATOR_INDEX, at + 4, index, 0, 0);
    if (p->libxl.seen & both && p->libxl.emulator.id != id)
        return xv_reject_range(p, XV_EMULATOR_MISMATCH, at, id, p->libxl.emulator.id, p->libxl.emulator.id);
    p->libxl.emulator.id = id;
    xv_tell(p, XV_FACT_EMULATOR, at, id, p->rec.length - 8, 0, NULL);
    return true;
}

void xv_emulator_blob(struct xv_parser *p, uint64_t at) {
    p->rec.phase = PHASE_QEVM;
    xv_tell(p, XV_FACT_EMULATOR, at, ID_UNKNOWN, p->rec.length, 0, NULL);
}

bool xv_qevm_head(struct xv_parser *p, struct xv_cursor *c, bool more) {
    uint64_t at = xv_at(c);
    uint32_t magic = 0, version = 0;
    uint8_t section = 0;

    if (!xv_get_u32_be(c, &magic) || magic != QEVM_MAGIC)
        return xv_reject_range(p, XV_QEVM_MAGIC, at, magic, QEVM_MAGIC, QEVM_MAGIC);
    if (!xv_get_u32_be(c, &version) || version != QEVM_VERSION)
        return xv_reject_range(p, XV_QEVM_VERSION, at + 4, version, QEVM_VERSION, QEVM_VERSION);
    if (!xv_get_u8(c, &section))
        return xv_reject(p, XV_QEVM_SECTION, at + 8);
    if (section != SECTION_FULL && section != SECTION_CONFIGURATION && !(section == SECTION_EOF && !more))
        return xv_reject_range(p, XV_QEVM_SECTION, at + 8, section, SECTION_FULL, SECTION_CONFIGURATION);
    if (!more && section != SECTION_EOF)
        return xv_reject_range(p, XV_QEVM_END, at + 8, section, SECTION_EOF, SECTION_EOF);
    return true;
}

bool xv_emulator_qevm(struct xv_parser *p, struct xv_cursor *c) {
    if (!xv_qevm_head(p, c, p->rec.left != 0))
        return false;
    p->rec.phase = p->rec.left > 1 ? PHASE_OPAQUE : PHASE_LAST;
    if (p->rec.left > 1)
        xv_want_opaque(p, p->rec.left - 1);
    else
        xv_want_bytes(p, p->rec.left);
    return true;
}

bool xv_emulator_context_body(struct xv_parser *p, struct xv_cursor *c) {
    uint64_t at = xv_at(c);
    uint8_t last = 0;

    switch ((enum phase)p->rec.phase) {
    case PHASE_HEADER:
        if (!xv_emulator_header(p, c))
            return false;
        if (p->rec.left < QEVM_HEAD) /* an empty blob cannot be QEMU's (libxl 7.5) */
            return xv_reject_range(p, XV_QEVM_MAGIC, at + 8, p->rec.left, QEVM_HEAD, p->policy.max_emulator_bytes);
        p->rec.phase = PHASE_QEVM;
        xv_want_bytes(p, QEVM_HEAD);
        return true;
    case PHASE_QEVM:
        return xv_emulator_qevm(p, c);
    case PHASE_OPAQUE:
        p->rec.phase = PHASE_LAST;
        xv_want_bytes(p, p->rec.left);
        return true;
    case PHASE_LAST:
    default:
        (void)xv_get_u8(c, &last);
        if (last != SECTION_EOF)
            return xv_reject_range(p, XV_QEVM_END, at, last, SECTION_EOF, SECTION_EOF);
        return true;
    }
}
