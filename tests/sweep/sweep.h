/* SPDX-License-Identifier: MIT */
#ifndef XENVET_SWEEP_H
#define XENVET_SWEEP_H

/* One stream, one parser that can be put back to where it was, and what the sweeps count. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <xenvet/parser.h>

#define XORS_MAX 4

/* A change of some octets of the stream. */
struct mutation {
    unsigned n;
    struct {
        size_t at;
        uint8_t bits;
    } xor [XORS_MAX];
};

struct outcome {
    enum xv_code code;
    uint64_t offset;
};

struct machine {
    struct xv_policy policy;
    struct xv_arena arena;
    struct xv_parser *p;
    void *saved_parser;
    uint8_t *saved_arena;
    size_t off; /* octets of the stream that the parser has */
    size_t saved_off;
};

struct stream {
    const uint8_t *bytes;
    size_t size;
};

struct totals {
    uint64_t points, flips, harmless, mutations, failures;
};

/* Limits of a sweep; 0: everything. */
struct effort {
    uint64_t points, flips, mutations;
};

/* machine.c */
void machine_make(struct machine *m, const struct xv_policy *policy);
void machine_free(struct machine *m);
void machine_start(struct machine *m, struct xv_observer observer);
void machine_save(struct machine *m);
void machine_back(struct machine *m);
/* One demand, with a change or NULL; an opaque one in pieces of at most `piece` octets, 0: as demanded. */
enum xv_step machine_step(struct machine *m, const struct stream *s, const struct mutation *change, size_t piece);
/* To the verdict. */
struct outcome machine_finish(struct machine *m, const struct stream *s, const struct mutation *change);
struct outcome machine_outcome(const struct machine *m);

/* A repeatable sequence of numbers. */
uint64_t next_random(uint64_t *state);

/* passes.c: each returns with totals counted, failures printed. */
void sweep_truncation(struct machine *m, const struct stream *s, const struct effort *effort, struct totals *t);
void sweep_fragments(struct machine *m, const struct stream *s, struct totals *t);
void sweep_flips(struct machine *m, const struct stream *s, const struct effort *effort, struct totals *t);
void sweep_mutations(struct machine *m, const struct stream *s, const struct effort *effort, struct totals *t);

/* options.c: 0 if `argv[*i]` is no option of the policy, 1 if it was taken, -1 if it is wrong. */
int policy_option(struct xv_policy *policy, int argc, char **argv, int *i);

#endif
