/* SPDX-License-Identifier: MIT */
#include "place.h"

#include <string.h>

#include "place_legacy.h"

#define XL_HEADER         48u
#define LIBVIRT_HEADER    64u
#define XENOPSD_SIGNATURE 15u
#define XENOPSD_HEADER    16u
#define LIBXL_HEADER      16u
#define LIBXC_HEADER      40u /* image and domain header */
#define RECORD            8u
#define PAGE              4096u

enum { X_XENOPS = 0xf, X_LIBXC = 0xf0, X_END = 0xffff };
enum { L_END, L_LIBXC_CONTEXT, L_CHECKPOINT_END = 4, L_CHECKPOINT_STATE = 5 };
enum {
    C_END,
    C_PAGE_DATA = 1,
    C_HVM_CONTEXT = 9,
    C_HVM_PARAMS = 10,
    C_VCPU_MSRS = 12,
    C_CHECKPOINT = 14,
    C_CPUID = 17,
    C_MSR = 18,
};

uint64_t walk_get(const struct stream *s, size_t at, unsigned octets) {
    uint64_t value = 0;

    for (unsigned i = octets; i > 0; i--)
        value = value << 8 | (at + i - 1 < s->size ? s->bytes[at + i - 1] : 0);
    return value;
}

bool walk_past(struct walk *w, size_t n, enum place_kind kind, uint32_t type) {
    if (w->at < w->off || w->at - w->off >= n) {
        w->off += n;
        return false;
    }
    w->place.kind = kind;
    w->place.type = type;
    w->place.offset = w->at - w->off;
    w->done = true;
    return true;
}

static void xl_prologue(struct walk *w) {
    uint64_t length = walk_get(w->s, 44, 4);

    if (walk_past(w, XL_HEADER + 4, PLACE_XL, 0))
        return;
    if (!(w->s->bytes[36] & 1))
        (void)walk_past(w, length - 4, PLACE_TEXT, 0);
    else if (walk_past(w, length - 4, PLACE_CONFIG, 0))
        json_path(w->s->bytes + XL_HEADER + 4, length - 4, w->at - XL_HEADER - 4, w->place.path, &w->place.is_name);
}

static void libvirt_prologue(struct walk *w) {
    static const char tag[] = "<emulator>";
    const uint8_t *xml = w->s->bytes + LIBVIRT_HEADER, *found;
    size_t length = walk_get(w->s, 20, 4), at;

    if (walk_past(w, LIBVIRT_HEADER, PLACE_LIBVIRT, 0) || !walk_past(w, length, PLACE_XML, 0))
        return;
    at = w->at - LIBVIRT_HEADER;
    found = memmem(xml, length, tag, sizeof(tag) - 1);
    if (found && at >= (size_t)(found - xml) + sizeof(tag) - 1 &&
        at <= (size_t)(found - xml) + strcspn((const char *)found + 1, "<"))
        w->place.kind = PLACE_XML_EMULATOR;
}

void walk_hvm_context(struct walk *w, size_t end) {
    while (!w->done && w->off < end) {
        uint32_t code = (uint32_t)walk_get(w->s, w->off, 2);

        (void)walk_past(w, RECORD + walk_get(w->s, w->off + 4, 4), PLACE_HVM_ENTRY, code);
    }
}

/* Entries of one size, behind a head; the first field names them. */
static void list(struct walk *w, size_t end, size_t head, size_t entry, enum place_kind kind, uint32_t type) {
    if (head && walk_past(w, head, PLACE_LIBXC_BODY, type))
        return;
    while (!w->done && w->off + entry <= end)
        (void)walk_past(w, entry, kind, (uint32_t)walk_get(w->s, w->off, 4));
}

static void page_data(struct walk *w) {
    size_t entries = w->off + 8, count = walk_get(w->s, w->off, 4);

    if (walk_past(w, 8, PLACE_LIBXC_BODY, C_PAGE_DATA))
        return;
    for (size_t i = 0; i < count; i++) {
        if (walk_past(w, 8, w->hvm ? PLACE_PFN_HVM : PLACE_PFN_PV, (uint32_t)(walk_get(w->s, w->off, 8) >> 60)))
            return;
    }
    for (size_t i = 0; i < count; i++) {
        uint32_t type = (uint32_t)(walk_get(w->s, entries + 8 * i, 8) >> 60);

        if (type < 13 && walk_past(w, PAGE, type ? PLACE_PTE : PLACE_PAGE_HEAD, type & 7)) {
            w->place.offset = type ? w->place.offset % 8 : w->place.offset;
            return;
        }
    }
}

static void libxc_body(struct walk *w, uint32_t type, size_t end) {
    if (type == C_PAGE_DATA)
        page_data(w);
    else if (type == C_HVM_CONTEXT)
        walk_hvm_context(w, end);
    else if (type == C_HVM_PARAMS)
        list(w, end, 8, 16, PLACE_PARAM, type);
    else if (type == C_VCPU_MSRS)
        list(w, end, 8, 16, PLACE_MSR, type);
    else if (type == C_CPUID)
        list(w, end, 0, 24, PLACE_LEAF, type);
    else if (type == C_MSR)
        list(w, end, 0, 16, PLACE_MSR, type);
}

static void libxc_record(struct walk *w) {
    uint32_t type = (uint32_t)walk_get(w->s, w->off, 4);
    size_t length = walk_get(w->s, w->off + 4, 4), end = w->off + RECORD + length;

    w->place.record = w->off;
    if (walk_past(w, RECORD, PLACE_LIBXC_HEADER, type))
        return;
    libxc_body(w, type, end);
    if (!w->done)
        (void)walk_past(w, ((end - w->off) + 7) / 8 * 8, PLACE_LIBXC_BODY, type);
    if (w->done)
        return;
    if (type == C_CHECKPOINT && !w->libxl)
        w->place.later = true;
    if (type == C_END || (type == C_CHECKPOINT && w->libxl))
        w->in_libxc = false;
    w->after_checkpoint = false;
}

static void libxl_record(struct walk *w) {
    uint32_t type = (uint32_t)walk_get(w->s, w->off, 4);
    size_t length = walk_get(w->s, w->off + 4, 4);

    w->place.record = w->off;
    if (walk_past(w, RECORD, PLACE_LIBXL_HEADER, type) || walk_past(w, (length + 7) / 8 * 8, PLACE_LIBXL_BODY, type))
        return;
    if (type == L_LIBXC_CONTEXT) {
        w->hvm = walk_get(w->s, w->off + 24, 4) == 2;
        (void)walk_past(w, LIBXC_HEADER, PLACE_LIBXC, 0);
    }
    if (type == L_LIBXC_CONTEXT || type == L_CHECKPOINT_END || type == L_CHECKPOINT_STATE)
        w->in_libxc = true;
    w->after_checkpoint = type == L_CHECKPOINT_END;
    w->place.later = w->place.later || w->after_checkpoint;
    if (type == L_END) {
        w->place.kind = PLACE_GO_AHEAD;
        w->place.offset = w->at - w->off;
        w->done = true;
    }
}

static void xenopsd_record(struct walk *w) {
    uint32_t type = (uint32_t)walk_get(w->s, w->off, 4);
    size_t length = walk_get(w->s, w->off + 8, 8);

    w->place.record = w->off;
    if (walk_past(w, XENOPSD_HEADER, PLACE_XENOPSD, type) ||
        walk_past(w, length, type == X_XENOPS ? PLACE_XENOPS : PLACE_XENOPSD_BODY, type))
        return;
    if (type == X_LIBXC) {
        w->hvm = walk_get(w->s, w->off + 24, 4) == 2;
        (void)walk_past(w, LIBXC_HEADER, PLACE_LIBXC, 0);
        w->in_libxc = true;
    }
    if (type == X_END) {
        w->place.kind = PLACE_GO_AHEAD;
        w->place.offset = w->at - w->off;
        w->done = true;
    }
}

/* Records of 16 octets of header, the body, and 8 of footer; everything there has an even number of eights. */
static void draft_b(struct walk *w) {
    bool big = w->s->bytes[17] & 1;

    (void)walk_past(w, 32, PLACE_DRAFT, 0);
    while (!w->done && w->off < w->s->size) {
        uint32_t type = w->s->bytes[w->off + (big ? 3 : 0)];
        bool summed = w->s->bytes[w->off + (big ? 9 : 8)] & 1;
        size_t length = walk_get(w->s, w->off + 4, 4);

        if (big)
            length = __builtin_bswap32((uint32_t)length);
        w->place.record = w->off;
        (void)(walk_past(w, 16, PLACE_DRAFT, type) ||
               walk_past(w, length, summed ? PLACE_DRAFT : PLACE_UNSUMMED, type) || walk_past(w, 8, PLACE_DRAFT, type));
    }
}

/* Neither ident nor marker, or a container that says so. */
static bool is_legacy(const struct stream *s, size_t at) {
    if (at)
        return (memcmp(s->bytes, "Xen save", 8) == 0 && !(s->bytes[36] & 2)) ||
               (memcmp(s->bytes, "libvirt-", 8) == 0 && s->bytes[16] == 1) ||
               memcmp(s->bytes, "XenSavedDomain", 14) == 0;
    return s->size > 8 && s->bytes[0] != 0xff && s->bytes[0] != 'L' && s->bytes[0] != 'X';
}

struct place place_of(const struct stream *s, size_t at) {
    struct walk w = {.s = s, .at = at};
    bool proposal = s->size > 24 && memcmp(s->bytes, "LibxlFmt", 8) == 0 && walk_get(s, 16, 4) == 7;

    if (proposal || (s->size > 8 && memcmp(s->bytes, "xenstore", 8) == 0)) {
        xenstore_place(s, at, proposal, &w.place);
        return w.place;
    }
    if (s->size > 32 && memcmp(s->bytes + 8, "XENF\0\0\0\1", 8) == 0) {
        draft_b(&w);
        return w.place;
    }
    if (s->size > 8 && memcmp(s->bytes, "Xen save", 8) == 0)
        xl_prologue(&w);
    if (s->size > 8 && memcmp(s->bytes, "libvirt-", 8) == 0)
        libvirt_prologue(&w);
    if (s->size > 8 && memcmp(s->bytes, "XenSaved", 8) == 0) {
        w.xenopsd = true;
        (void)walk_past(&w, XENOPSD_SIGNATURE, PLACE_XENOPSD, 0);
    }
    if (!w.done && is_legacy(s, w.off)) {
        walk_legacy(&w);
        return w.place;
    }
    w.libxl = !w.done && w.off + 8 < s->size && memcmp(s->bytes + w.off, "LibxlFmt", 8) == 0;
    if (w.libxl) {
        (void)walk_past(&w, LIBXL_HEADER, PLACE_LIBXL, 0);
    } else if (!w.done && !w.xenopsd) {
        w.hvm = walk_get(s, w.off + 24, 4) == 2;
        (void)walk_past(&w, LIBXC_HEADER, PLACE_LIBXC, 0);
        w.in_libxc = true;
    }
    while (!w.done && w.off < s->size) {
        bool colo = w.after_checkpoint && walk_get(s, w.off, 8) == ((uint64_t)4 << 32 | L_CHECKPOINT_STATE);

        if (w.in_libxc && !colo)
            libxc_record(&w);
        else if (w.xenopsd)
            xenopsd_record(&w);
        else
            libxl_record(&w);
    }
    return w.place;
}

const char *place_kind_name(enum place_kind kind) {
    static const char *const names[] = {"xl header",
                                        "libvirt header",
                                        "XML",
                                        "emulator in XML",
                                        "xenopsd header",
                                        "Xenops record",
                                        "xenopsd body",
                                        "configuration",
                                        "libxl header",
                                        "libxl record header",
                                        "libxl body",
                                        "libxc header",
                                        "libxc record header",
                                        "libxc body",
                                        "HVM entry",
                                        "HVM parameter",
                                        "CPUID leaf",
                                        "MSR",
                                        "pfn entry (PV)",
                                        "pfn entry (HVM)",
                                        "page-table entry",
                                        "page head",
                                        "go-ahead",
                                        "draft B",
                                        "draft B without checksum",
                                        "legacy",
                                        "xl.cfg",
                                        "legacy extended information",
                                        "xenstore header",
                                        "xenstore record",
                                        "xenstore head",
                                        "xenstore depth",
                                        "string length",
                                        "xenstore number",
                                        "permission",
                                        "path",
                                        "token",
                                        "message",
                                        "unique id",
                                        "quota value",
                                        "quota name",
                                        "rest"};

    return names[kind];
}
