/* SPDX-License-Identifier: MIT */
/*
 * The worker's hold (restore/forward.c) in front of a consumer that reads as it likes. One that takes everything gets
 * the octets that the gate in one process lets out, whatever the verdict; one that leaves, or that cannot take such a
 * guest (XV_BACKEND_HVM: libxenguest, an HVM guest with a device model), gets a beginning of them. Nothing is written
 * to one that left.
 */
#include <stdlib.h>
#include <string.h>

#include "../restore/forward.h"
#include "consumer.h"
#include "oracles.h"

static uint8_t held[FUZZ_GATE_MAX];

static struct xv_parser *parser_of(const struct xv_policy *policy) {
    static uint8_t *memory, *arena;
    static size_t room;
    size_t need = (size_t)xv_policy_arena_bytes(policy);

    if (need > room || !memory) {
        free(arena);
        arena = malloc(need);
        room = need;
        memory = memory ? memory : malloc(xv_parser_size());
    }
    if (!memory || !arena)
        abort();
    memset(arena, 0, need);
    return xv_parser_init(memory, policy, (struct xv_arena){arena, need}, (struct xv_observer){NULL, NULL, UINT32_MAX});
}

/* One demand: into the hold first, then judged, then out. False at the end. */
static bool step(struct xv_parser *p, struct xv_forward *f, const uint8_t *bytes, size_t left, size_t *used) {
    struct xv_demand d = xv_parser_demand(p);
    size_t room, take = d.n < left ? (size_t)d.n : left;
    uint8_t *to = xv_forward_room(f, &room);

    *used = 0;
    if (d.want == XV_WANT_NOTHING)
        return false;
    if (take == 0 || (d.want != XV_WANT_OPAQUE && take < d.n)) {
        (void)xv_parser_eof(p, take);
        return xv_forward_commit(f, p) && false;
    }
    if (take > room)
        abort();
    memcpy(to, bytes, take);
    xv_forward_added(f, take);
    *used = take;
    if (d.want == XV_WANT_OPAQUE)
        (void)xv_parser_pass(p, take);
    else
        (void)xv_parser_feed(p, to, take);
    return xv_forward_commit(f, p);
}

static struct consumer_seen run(const struct fuzz_case *c, bool obedient, bool *refused) {
    struct xv_forward f = {.fd = CONSUMER_FD,
                           .hold = held,
                           .capacity = sizeof(held),
                           .stall_seconds = 1,
                           .libxc_only = true,
                           .guests = UINT32_MAX};
    struct xv_parser *p = parser_of(c->policy);
    size_t off = 0, used = 0;

    consumer_begin(c->dice, obedient);
    while (step(p, &f, c->bytes + off, c->n - off, &used))
        off += used;
    *refused = xv_parser_report(p)->code == XV_BACKEND_HVM;
    return consumer_end();
}

static bool is_beginning(const struct consumer_seen *seen, const struct fuzz_gate *first, bool whole) {
    return seen->n <= first->n && memcmp(seen->bytes, first->out, seen->n) == 0 && (!whole || seen->n == first->n);
}

void oracle_consumer(const struct fuzz_case *c, const struct fuzz_gate *first) {
    bool refused;
    struct consumer_seen seen = run(c, false, &refused);

    if (seen.after)
        oracle_fails("consumer: written to after it left", first, NULL);
    if (!is_beginning(&seen, first, !seen.left && !refused))
        oracle_fails("consumer: other octets", first, NULL);
    seen = run(c, true, &refused);
    if (!is_beginning(&seen, first, !refused))
        oracle_fails("consumer: other octets, all taken", first, NULL);
}
