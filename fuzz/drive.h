/* SPDX-License-Identifier: MIT */
#ifndef XENVET_DRIVE_H
#define XENVET_DRIVE_H

/* For harnesses that feed a parser through its public functions. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <xenvet/parser.h>

struct drive_verdict {
    enum xv_code code;
    uint64_t offset;
    bool at_end; /* the input ended where a stream may end */
    bool checkpointed;
    uint64_t committed;
};

/*
 * Feeds n octets, then the end of the input. Bytes go through a block of their exact size; opaque demands are passed in
 * pieces of at most `piece` octets, 0: as demanded. What a gate may forward never shrinks, never runs ahead, and covers
 * a whole accepted input.
 */
static inline struct drive_verdict drive(struct xv_parser *p, const uint8_t *bytes, size_t n, size_t piece) {
    size_t off = 0;
    uint64_t committed = 0, now;
    bool at_end = false;
    enum xv_step step = XV_STEP_MORE;

    while (step == XV_STEP_MORE) {
        struct xv_demand d = xv_parser_demand(p);
        size_t left = n - off, take = d.n < left ? (size_t)d.n : left;

        if (d.want == XV_WANT_OPAQUE && take > 0) {
            take = piece && piece < take ? piece : take;
            step = xv_parser_pass(p, take);
        } else if (take == 0 || take < d.n) {
            at_end = d.want == XV_WANT_END;
            step = xv_parser_eof(p, take);
        } else {
            uint8_t *copy = malloc(take);

            if (!copy || d.n > XV_WANT_MAX)
                abort();
            memcpy(copy, bytes + off, take);
            step = xv_parser_feed(p, copy, take);
            free(copy);
        }
        off += take;
        now = xv_parser_committed(p);
        if (now < committed || now > off)
            abort();
        committed = now;
    }
    const struct xv_report *report = xv_parser_report(p);

    if ((step == XV_STEP_ACCEPTED) != (report->code == XV_ACCEPTED) || report->code == XV_MISUSE)
        abort();
    if (step == XV_STEP_ACCEPTED && at_end && committed != n)
        abort();
    return (struct drive_verdict){report->code, report->offset, at_end, xv_parser_summary(p)->checkpointed, committed};
}

/* Feeds what is demanded next, through a block of its exact size; false if it is not there, or was refused. */
static inline bool drive_one(struct xv_parser *p, const uint8_t *bytes, size_t n, size_t *off) {
    struct xv_demand d = xv_parser_demand(p);
    enum xv_step step;
    uint8_t *copy;

    if (d.want != XV_WANT_BYTES || d.n > n - *off)
        return false;
    copy = malloc((size_t)d.n);
    if (!copy)
        abort();
    memcpy(copy, bytes + *off, (size_t)d.n);
    step = xv_parser_feed(p, copy, (size_t)d.n);
    free(copy);
    *off += (size_t)d.n;
    return step == XV_STEP_MORE;
}

static inline bool drive_same(const struct drive_verdict *a, const struct drive_verdict *b) {
    return a->code == b->code && a->offset == b->offset && a->committed == b->committed && a->at_end == b->at_end;
}

#endif
