/* SPDX-License-Identifier: MIT */
/* What the simulator's own tests share. */
#ifndef XENVET_SIM_TEST_UTIL_H
#define XENVET_SIM_TEST_UTIL_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim_internal.h"

/* An empty strict host before each test. */
int fresh_host(void **state);
/* A domain with vCPUs and room for 64 pages. */
uint16_t make_domain(bool hvm, unsigned int vcpus);
long domctl(uint32_t cmd, uint16_t domid, struct xen_domctl *op);
long memory_op(unsigned int cmd, void *arg);
/* Populates pfns 0..n-1 and returns the first machine frame; the others follow it. */
uint64_t populate(uint16_t domid, unsigned int n);
uint64_t *frame_words(uint64_t mfn);
long pin(uint16_t domid, unsigned int cmd, uint64_t mfn);
long set_param(uint16_t domid, uint32_t index, uint64_t value);

/* RC is the error, and the recorded reason names the rule. */
#define assert_refused(rc, err, rule) \
    do { \
        assert_int_equal((rc), -(err)); \
        if (!strstr(sim_last_refusal(), (rule))) \
            fail_msg("refused for another reason: %s (wanted %s)", sim_last_refusal(), rule); \
    } while (0)

#define HYPERCALL(op, ...) sim_hypercall((op), (const uint64_t[5]){__VA_ARGS__})
#define PTR(p)             ((uint64_t)(uintptr_t)(p))
#define RULE(f)            cmocka_unit_test_setup((f), fresh_host)

#endif
