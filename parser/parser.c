/* SPDX-License-Identifier: MIT */
/*
 * The pull parser itself: what is awaited, who handles it, and what follows. The layers (xl.c, libxl.c, libxc.c) move
 * `await` on; nothing else does.
 */
#include <string.h>

#include "detect.h"
#include "state.h"

typedef bool handler(struct xv_parser *p, struct xv_cursor *c);

static bool body_piece(struct xv_parser *p, struct xv_cursor *c);
static bool padding(struct xv_parser *p, struct xv_cursor *c);
static bool trailing(struct xv_parser *p, struct xv_cursor *c);
static bool go_ahead(struct xv_parser *p, struct xv_cursor *c);

/* One row per enum xv_await: how many octets (0: see demand_of), who handles them, and whether an item ends before it.
 */
static const struct await_row {
    uint32_t octets;
    bool boundary; /* all that came before belongs to whole, accepted items */
    handler *handle;
} await_rows[] = {
    [XV_AWAIT_MAGIC] = {8, true, xv_detect},
    [XV_AWAIT_XL_HEADER] = {40, false, xv_xl_header},
    [XV_AWAIT_XL_CONFIG_LEN] = {4, false, xv_xl_config_len},
    [XV_AWAIT_XL_CONFIG] = {0, false, xv_xl_config},
    [XV_AWAIT_LIBVIRT_HEADER] = {56, false, xv_libvirt_header},
    [XV_AWAIT_LIBVIRT_XML] = {0, false, xv_libvirt_xml},
    [XV_AWAIT_XENOPSD_SIGNATURE] = {7, false, xv_xenopsd_signature},
    [XV_AWAIT_XENOPSD_RECORD] = {16, true, xv_xenopsd_record},
    [XV_AWAIT_XENOPSD_BODY] = {0, false, body_piece},
    [XV_AWAIT_LIBXL_IDENT] = {8, true, xv_detect_libxl},
    [XV_AWAIT_LIBXL_HEADER] = {8, false, xv_libxl_header},
    [XV_AWAIT_LIBXL_RECORD] = {8, true, xv_libxl_record},
    [XV_AWAIT_LIBXL_BODY] = {0, false, body_piece},
    [XV_AWAIT_LIBXL_PAD] = {0, false, padding},
    [XV_AWAIT_LIBXC_MARKER] = {8, true, xv_detect_libxc},
    [XV_AWAIT_LIBXC_HEADER] = {16, false, xv_libxc_header},
    [XV_AWAIT_DOMAIN_HEADER] = {16, false, xv_libxc_domain_header},
    [XV_AWAIT_LIBXC_RECORD] = {8, true, xv_libxc_record},
    [XV_AWAIT_LIBXC_BODY] = {0, false, body_piece},
    [XV_AWAIT_LIBXC_PAD] = {0, false, padding},
    [XV_AWAIT_DRAFT_DOMAIN] = {8, false, xv_draft_b_domain_header},
    [XV_AWAIT_DRAFT_RECORD] = {16, true, xv_draft_b_record},
    [XV_AWAIT_DRAFT_BODY] = {0, false, body_piece},
    [XV_AWAIT_DRAFT_PAD] = {0, false, padding},
    [XV_AWAIT_DRAFT_FOOTER] = {8, false, xv_draft_b_footer},
    [XV_AWAIT_LEGACY_ITEM] = {0, true, xv_legacy_piece},
    [XV_AWAIT_LEGACY_PIECE] = {0, false, xv_legacy_piece},
    [XV_AWAIT_LEGACY_BODY] = {0, false, body_piece},
    [XV_AWAIT_LEGACY_REST] = {0, false, xv_legacy_rest},
    [XV_AWAIT_XENSTORE_HEADER] = {8, false, xv_xenstore_header},
    [XV_AWAIT_XENSTORE_RECORD] = {8, true, xv_xenstore_record},
    [XV_AWAIT_XENSTORE_BODY] = {0, false, body_piece},
    [XV_AWAIT_XENSTORE_PAD] = {0, false, padding},
    [XV_AWAIT_XENSTORE_2020_RECORD] = {8, true, xv_xenstore_2020_record},
    [XV_AWAIT_XENSTORE_2020_BODY] = {0, false, body_piece},
    [XV_AWAIT_XENSTORE_2020_PAD] = {0, false, padding},
    [XV_AWAIT_GO_AHEAD] = {43, false, go_ahead},
    [XV_AWAIT_END] = {1, true, trailing},
    [XV_AWAIT_NOTHING] = {0, true, NULL},
};

/* How the bodies of each kind of stream are read, and padded, if they are. */
static const struct stream_row {
    enum xv_await body, pad;
    xv_body *(*body_of)(uint32_t type);
    bool (*done)(struct xv_parser *p);
} stream_rows[] = {
    {XV_AWAIT_LIBXL_BODY, XV_AWAIT_LIBXL_PAD, xv_libxl_body, xv_libxl_record_done},
    {XV_AWAIT_LIBXC_BODY, XV_AWAIT_LIBXC_PAD, xv_libxc_body, xv_libxc_record_done},
    {XV_AWAIT_XENOPSD_BODY, XV_AWAIT_NOTHING, xv_xenopsd_body, xv_xenopsd_record_done},
    {XV_AWAIT_DRAFT_BODY, XV_AWAIT_DRAFT_PAD, xv_draft_b_body, xv_draft_b_body_done},
    {XV_AWAIT_LEGACY_BODY, XV_AWAIT_NOTHING, xv_legacy_body, xv_legacy_body_done},
    {XV_AWAIT_XENSTORE_BODY, XV_AWAIT_XENSTORE_PAD, xv_xenstore_body, xv_xenstore_record_done},
    {XV_AWAIT_XENSTORE_2020_BODY, XV_AWAIT_XENSTORE_2020_PAD, xv_xenstore_2020_body, xv_xenstore_2020_record_done},
};
#define STREAMS (sizeof(stream_rows) / sizeof(stream_rows[0]))

/* The row of the stream whose record is being read. */
static const struct stream_row *stream_of(enum xv_await await) {
    for (unsigned i = 0; i + 1 < STREAMS; i++) {
        if (stream_rows[i].body == await || stream_rows[i].pad == await)
            return &stream_rows[i];
    }
    return &stream_rows[STREAMS - 1];
}

/* Octets of padding after a body of this length. */
static uint32_t pad_length(uint32_t length) {
    return (8 - (length & 7u)) & 7u;
}

size_t xv_parser_size(void) {
    return sizeof(struct xv_parser);
}

struct xv_parser *xv_parser_init(void *memory, const struct xv_policy *policy, struct xv_arena arena,
                                 struct xv_observer observer) {
    struct xv_parser *p = memory;

    memset(p, 0, sizeof(*p));
    p->policy = *policy;
    p->arena = arena;
    p->observer = observer;
    p->await = XV_AWAIT_MAGIC;
    if (!xv_policy_valid(policy) || arena.size < xv_policy_arena_bytes(policy))
        (void)xv_reject(p, XV_POLICY_INVALID, 0);
    return p;
}

const struct xv_report *xv_parser_report(const struct xv_parser *p) {
    return &p->report;
}

const struct xv_summary *xv_parser_summary(const struct xv_parser *p) {
    return &p->sum;
}

uint64_t xv_parser_committed(const struct xv_parser *p) {
    return p->committed;
}

bool xv_parser_dropped(const struct xv_parser *p) {
    return p->drop_item;
}

bool xv_parser_in_libxc(const struct xv_parser *p) {
    return p->libxc_item;
}

uint32_t xv_parser_item(const struct xv_parser *p) {
    return p->item;
}

uint32_t xv_parser_guests(const struct xv_parser *p) {
    if (p->sum.guest)
        return (uint32_t)p->sum.guest;
    return p->libxc.hvm ? XV_GUEST_HVM | XV_GUEST_PVH : XV_GUEST_PV64 | XV_GUEST_PV32;
}

void xv_parser_keep_config(struct xv_parser *p,
                           void (*token)(void *context, enum xv_config_token token, uint64_t start, uint64_t end),
                           void *context) {
    p->token = token;
    p->token_context = context;
}

static struct xv_demand bytes_demand(uint64_t n) {
    struct xv_demand d = {XV_WANT_BYTES, n};

    if (d.n > XV_WANT_MAX)
        d.n = XV_WANT_MAX;
    return d;
}

struct xv_demand xv_parser_demand(const struct xv_parser *p) {
    switch (p->await) {
    case XV_AWAIT_NOTHING:
        return (struct xv_demand){XV_WANT_NOTHING, 0};
    case XV_AWAIT_END:
        return (struct xv_demand){XV_WANT_END, 1};
    case XV_AWAIT_XL_CONFIG:
        return bytes_demand(p->xl.config_left);
    case XV_AWAIT_LIBVIRT_XML:
        return bytes_demand(p->libvirt.xml_left);
    case XV_AWAIT_LIBXL_BODY:
    case XV_AWAIT_LIBXC_BODY:
    case XV_AWAIT_XENOPSD_BODY:
    case XV_AWAIT_DRAFT_BODY:
    case XV_AWAIT_LEGACY_BODY:
    case XV_AWAIT_XENSTORE_BODY:
    case XV_AWAIT_XENSTORE_2020_BODY:
        if (p->rec.opaque)
            return (struct xv_demand){XV_WANT_OPAQUE, p->opaque_left};
        return bytes_demand(p->rec.piece);
    case XV_AWAIT_LIBXL_PAD:
    case XV_AWAIT_LIBXC_PAD:
    case XV_AWAIT_DRAFT_PAD:
    case XV_AWAIT_XENSTORE_PAD:
    case XV_AWAIT_XENSTORE_2020_PAD:
        return bytes_demand(pad_length(p->rec.length));
    case XV_AWAIT_LEGACY_ITEM:
    case XV_AWAIT_LEGACY_PIECE:
        return bytes_demand(p->legacy.want);
    case XV_AWAIT_LEGACY_REST:
        return (struct xv_demand){XV_WANT_OPAQUE, p->opaque_left};
    default:
        return bytes_demand(await_rows[p->await].octets);
    }
}

static enum xv_step step_of(const struct xv_parser *p) {
    if (p->await != XV_AWAIT_NOTHING)
        return XV_STEP_MORE;
    return p->report.code == XV_ACCEPTED ? XV_STEP_ACCEPTED : XV_STEP_REJECTED;
}

/* Consumes n octets, which the cursor holds unless they were opaque, and moves on. */
static enum xv_step advance(struct xv_parser *p, struct xv_cursor *c, uint64_t n) {
    handler *handle = await_rows[p->await].handle;
    bool libxc = p->await >= XV_AWAIT_LIBXC_MARKER && p->await <= XV_AWAIT_LIBXC_PAD;

    if (handle && handle(p, c)) {
        p->libxc_item = libxc; /* the last octets of an item tell its layer */
        p->offset += n;
        p->sum.bytes = p->offset;
        if (await_rows[p->await].boundary) {
            p->committed = p->offset;
            p->item = p->rec.type;
        }
    }
    return step_of(p);
}

enum xv_step xv_parser_feed(struct xv_parser *p, const uint8_t *bytes, size_t n) {
    struct xv_demand d = xv_parser_demand(p);
    struct xv_cursor c;

    if (d.want == XV_WANT_NOTHING)
        return step_of(p);
    if (d.want == XV_WANT_OPAQUE || n != d.n) {
        (void)xv_reject_range(p, XV_MISUSE, p->offset, n, d.n, d.n);
        return XV_STEP_REJECTED;
    }
    if (n > p->policy.max_stream_bytes - p->offset) {
        (void)xv_reject_range(p, XV_LIMIT_BYTES, p->policy.max_stream_bytes, p->offset + n, 0,
                              p->policy.max_stream_bytes);
        return XV_STEP_REJECTED;
    }
    c = xv_cursor_over(bytes, n, p->offset);
    return advance(p, &c, n);
}

enum xv_step xv_parser_pass(struct xv_parser *p, uint64_t n) {
    struct xv_demand d = xv_parser_demand(p);
    struct xv_cursor none = xv_cursor_over(NULL, 0, p->offset);

    if (d.want == XV_WANT_NOTHING)
        return step_of(p);
    if (d.want != XV_WANT_OPAQUE || n > d.n) {
        (void)xv_reject_range(p, XV_MISUSE, p->offset, n, 0, d.n);
        return XV_STEP_REJECTED;
    }
    if (n > p->policy.max_stream_bytes - p->offset) {
        (void)xv_reject_range(p, XV_LIMIT_BYTES, p->policy.max_stream_bytes, p->offset + n, 0,
                              p->policy.max_stream_bytes);
        return XV_STEP_REJECTED;
    }
    p->opaque_left -= n;
    if (p->opaque_left == 0) {
        none.at = p->offset + n;
        return advance(p, &none, n);
    }
    p->offset += n;
    p->sum.bytes = p->offset;
    return XV_STEP_MORE;
}

/* A checkpointed stream ends by the link breaking, wherever it happens to be (libxl 4). */
static bool may_end_here(struct xv_parser *p, uint64_t at) {
    if (p->await == XV_AWAIT_END)
        return true;
    if (p->await == XV_AWAIT_LEGACY_REST)
        return xv_legacy_may_end(p, at);
    if (!p->sum.checkpointed)
        return xv_reject_range(p, XV_TRUNCATED, at, at - p->offset, xv_parser_demand(p).n, xv_parser_demand(p).n);
    if (p->sum.checkpoints == 0)
        return xv_reject(p, XV_CHECKPOINT_NONE, at);
    return true;
}

enum xv_step xv_parser_eof(struct xv_parser *p, uint64_t had) {
    if (p->await == XV_AWAIT_NOTHING)
        return step_of(p);
    if (had >= xv_parser_demand(p).n)
        had = 0;
    if (may_end_here(p, p->offset + had))
        p->await = XV_AWAIT_NOTHING;
    return step_of(p);
}

enum xv_step xv_parser_input_changed(struct xv_parser *p) {
    return xv_parser_refuse(p, XV_INPUT_CHANGED);
}

enum xv_step xv_parser_refuse(struct xv_parser *p, enum xv_code code) {
    return xv_parser_refuse_at(p, code, p->offset);
}

enum xv_step xv_parser_refuse_at(struct xv_parser *p, enum xv_code code, uint64_t at) {
    if (p->await != XV_AWAIT_NOTHING)
        (void)xv_reject(p, code, at);
    return step_of(p);
}

/* The body of the current record: one more piece, then the padding, then what follows in its layer. */
static bool body_piece(struct xv_parser *p, struct xv_cursor *c) {
    const struct stream_row *stream = stream_of(p->await);
    /* cppcheck-suppress assignBoolToPointer ; it takes the pointer to a function for a call */
    xv_body *body = stream->body_of(p->rec.type);

    if (p->rec.summed)
        xv_draft_b_add(p, c);
    p->rec.left -= p->rec.piece <= p->rec.left ? p->rec.piece : p->rec.left;
    p->rec.piece = 0;
    p->rec.opaque = false;
    if (body && !body(p, c))
        return false;
    if (p->rec.left &&
        !p->rec.piece) /* a body function must ask for what is left; this is a defect, never the stream's */
        return xv_reject(p, XV_MISUSE, xv_at(c));
    if (p->rec.left)
        return true;
    if (pad_length(p->rec.length) && stream->pad != XV_AWAIT_NOTHING) {
        p->await = stream->pad;
        return true;
    }
    return stream->done(p);
}

static bool padding(struct xv_parser *p, struct xv_cursor *c) {
    uint8_t octet = 0;

    if (p->rec.summed)
        xv_draft_b_add(p, c);
    (void)xv_skip_zero(c);
    if (xv_left(c)) { /* (libxc 3, libxl 2) */
        uint64_t at = xv_at(c);

        (void)xv_get_u8(c, &octet);
        return xv_reject_range(p, XV_PADDING, at, octet, 0, 0);
    }
    return stream_of(p->await)->done(p);
}

/* Something follows the end. In a captured migration it is the go-ahead of xl's handshake (xl 2); after a xenopsd image
 * it may be whatever the device held before (xenopsd 1). */
static bool trailing(struct xv_parser *p, struct xv_cursor *c) {
    uint64_t at = xv_at(c);
    uint8_t octet = 0;

    (void)xv_get_u8(c, &octet);
    if (p->sum.format == XV_FORMAT_XL && octet == 'd' && xv_tolerates(p, XV_TOLERATE_GO_AHEAD, at)) {
        p->await = XV_AWAIT_GO_AHEAD;
        p->drop_item = true; /* it is none of the image */
        return true;
    }
    if (p->sum.format == XV_FORMAT_XENOPSD && xv_tolerates(p, XV_TOLERATE_TRAILING_DEVICE, at)) {
        p->await = XV_AWAIT_NOTHING; /* accepted; the octet is none of the image, so it does not count as read */
        return false;
    }
    if (p->legacy.p2m_size)
        return xv_legacy_more(p, octet, at);
    return xv_reject_value(p, XV_TRAILING, at, octet);
}

static bool go_ahead(struct xv_parser *p, struct xv_cursor *c) {
    static const char rest[] = "omain is yours, you are cleared to unpause"; /* with its NUL (xl 2) */

    for (unsigned i = 0; i < sizeof(rest); i++) {
        uint64_t at = xv_at(c);
        uint8_t octet = 0;

        if (!xv_get_u8(c, &octet) || octet != (uint8_t)rest[i])
            return xv_reject_value(p, XV_TRAILING, at, octet);
    }
    p->policy.tolerate &= ~(uint32_t)XV_TOLERATE_GO_AHEAD; /* once */
    p->await = XV_AWAIT_END;
    return true;
}
