/* SPDX-License-Identifier: MIT */
#ifndef XENVET_GATE_FEED_H
#define XENVET_GATE_FEED_H

/* A gate in one process: judges a whole input and collects the octets of the libxc stream that a consumer would get. */
#include <stddef.h>
#include <stdint.h>

#include <xenvet/parser.h>

#define FUZZ_GATE_MAX   ((size_t)4 << 20)   /* octets of an input */
#define FUZZ_GATE_PAGES ((uint64_t)1 << 16) /* of the largest guest that a harness allows */

struct fuzz_gate {
    struct xv_parser *parser;
    enum xv_code code;
    uint64_t offset; /* of the verdict */
    uint64_t steps;  /* calls of the parser */
    bool at_end;     /* the input ended where an image may end */
    struct xv_summary sum;
    uint64_t hash;      /* of the output */
    const uint8_t *out; /* whole accepted items of the libxc stream, dropped ones left out */
    size_t n;
};

/* One at a time: memory is static. `piece` is the most octets that opaque demands are passed in, 0: as demanded. */
void fuzz_gate_run(struct fuzz_gate *g, const struct xv_policy *policy, const uint8_t *bytes, size_t n, size_t piece);

#endif
