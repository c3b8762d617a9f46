/* SPDX-License-Identifier: MIT */
/* What every layer uses: to begin a record, to ask for the pieces of its body, to refuse, to tell the observer. */
#include <string.h>

#include "state.h"

bool xv_reject(struct xv_parser *p, enum xv_code code, uint64_t at) {
    const struct xv_verdict *verdict = xv_verdict_of(code);

    if (p->report.code != XV_ACCEPTED)
        return false;
    p->report.code = code;
    p->report.offset = at;
    p->report.section = verdict ? verdict->rule : "-";
    p->report.record = p->sum.records;
    if (p->rec.name) {
        p->report.has |= XV_HAS_RECORD;
        p->report.record_type = p->rec.type;
        p->report.record_name = p->rec.name;
    }
    p->await = XV_AWAIT_NOTHING;
    return false;
}

bool xv_reject_value(struct xv_parser *p, enum xv_code code, uint64_t at, uint64_t found) {
    if (p->report.code == XV_ACCEPTED) {
        p->report.found = found;
        p->report.has |= XV_HAS_FOUND;
    }
    return xv_reject(p, code, at);
}

bool xv_reject_range(struct xv_parser *p, enum xv_code code, uint64_t at, uint64_t found, uint64_t min, uint64_t max) {
    if (p->report.code == XV_ACCEPTED) {
        p->report.allowed_min = min;
        p->report.allowed_max = max;
        p->report.has |= XV_HAS_ALLOWED;
    }
    return xv_reject_value(p, code, at, found);
}

/* Tolerances whose item is a whole record that canonical output does without. */
#define LEFT_OUT \
    ((uint32_t)(XV_TOLERATE_OPTIONAL_RECORD | XV_TOLERATE_EMPTY_VCPU | XV_TOLERATE_EMPTY_PARAMS | \
                XV_TOLERATE_XENSTORE_KEYS))

bool xv_tolerates(struct xv_parser *p, uint32_t tolerance, uint64_t at) {
    if (!(p->policy.tolerate & tolerance))
        return false;
    if (tolerance & LEFT_OUT)
        p->drop_item = true;
    if (!(p->sum.tolerated & tolerance))
        xv_tell(p, XV_FACT_TOLERATED, at, tolerance, 0, 0, NULL);
    p->sum.tolerated |= tolerance;
    return true;
}

bool xv_allows(struct xv_parser *p, uint32_t allowance) {
    if (!(p->policy.allow & allowance))
        return false;
    p->sum.brings |= allowance;
    return true;
}

bool xv_wants_fact(const struct xv_parser *p, uint32_t kind) {
    return p->observer.tell && !(p->observer.skip >> (kind & 31u) & 1u);
}

void xv_tell(struct xv_parser *p, uint32_t kind, uint64_t offset, uint64_t a, uint64_t b, uint64_t c,
             const char *text) {
    struct xv_fact fact;

    if (!p->observer.tell || !xv_wants_fact(p, kind)) /* the first is asked twice where the proof can see it */
        return;
    memset(&fact, 0, sizeof(fact));
    fact.kind = kind;
    fact.offset = offset;
    fact.a = a;
    fact.b = b;
    fact.c = c;
    if (text)
        memcpy(fact.text, text, sizeof(fact.text));
    p->observer.tell(p->observer.context, &fact);
}

bool xv_record_count(struct xv_parser *p, uint64_t at) {
    p->sum.records++;
    if (p->sum.records > p->policy.max_records)
        return xv_reject_range(p, XV_LIMIT_RECORDS, at, p->sum.records, 0, p->policy.max_records);
    return true;
}

/* Begins a record of any stream: framing state, counters, the observer. */
bool xv_record_begin(struct xv_parser *p, uint32_t type, uint32_t length, const char *name, uint64_t at,
                     enum xv_records stream) {
    p->drop_item = false;
    p->rec = (struct xv_record){.type = type, .length = length, .left = length, .offset = at, .name = name};
    if (!xv_record_count(p, at))
        return false;
    xv_tell(p, XV_FACT_RECORD, at, type, length, (uint64_t)stream, name);
    return true;
}

void xv_want_bytes(struct xv_parser *p, uint64_t n) {
    uint64_t piece = n < XV_WANT_MAX ? n : XV_WANT_MAX;

    p->rec.piece = piece < p->rec.left ? (uint32_t)piece : p->rec.left;
    p->rec.opaque = false;
}

void xv_want_opaque(struct xv_parser *p, uint64_t n) {
    if (p->rec.summed) {
        xv_want_bytes(p, n);
        return;
    }
    p->rec.piece = n < p->rec.left ? (uint32_t)n : p->rec.left;
    p->rec.opaque = p->rec.piece != 0;
    p->opaque_left = p->rec.piece;
}

bool xv_field_u16(const struct xv_parser *p, struct xv_cursor *c, uint16_t *out) {
    return p->big_endian ? xv_get_u16_be(c, out) : xv_get_u16(c, out);
}

bool xv_field_u32(const struct xv_parser *p, struct xv_cursor *c, uint32_t *out) {
    return p->big_endian ? xv_get_u32_be(c, out) : xv_get_u32(c, out);
}

bool xv_field_u64(const struct xv_parser *p, struct xv_cursor *c, uint64_t *out) {
    return p->big_endian ? xv_get_u64_be(c, out) : xv_get_u64(c, out);
}
