/* SPDX-License-Identifier: MIT */
/* Trace, reasons for refusals, and failures on demand. */
#define _GNU_SOURCE
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim_internal.h"

/* Injection is per process, so that a test can break one program and look at the host with another. */
static uint64_t fail_at, fail_seen;
static int fail_err;
static bool fail_on, fail_read_env;

void sim_trace(const char *fmt, ...) {
    va_list ap;

    if (!host->trace)
        return;
    fputs("[xensim] ", stderr);
    va_start(ap, fmt);
    vfprintf(stderr, fmt, ap);
    va_end(ap);
    fputc('\n', stderr);
}

int sim_refuse(int err, const char *fmt, ...) {
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(host->refusal, sizeof(host->refusal), fmt, ap);
    va_end(ap);
    sim_trace("refused (%s): %s", strerrorname_np(-err), host->refusal);
    return err;
}

const char *sim_last_refusal(void) {
    return sim_host()->refusal;
}

int sim_parse_errno(const char *text) {
    if (isdigit((unsigned char)*text))
        return atoi(text);
    for (int e = 1; e < 134; e++) {
        const char *name = strerrorname_np(e);

        if (name && !strcmp(name, text))
            return e;
    }
    return EIO;
}

static void set_failure(uint64_t n, int err, bool forever) {
    fail_read_env = true;
    fail_at = n;
    fail_seen = 0;
    fail_err = err;
    fail_on = forever;
}

void sim_fail_hypercall(uint64_t n, int err) {
    set_failure(n, err, false);
}
void sim_fail_hypercalls_from(uint64_t n, int err) {
    set_failure(n, err, true);
}

static void read_env(void) {
    const char *e = getenv("XENVET_SIM_FAIL"), *colon = e ? strchr(e, ':') : NULL;

    fail_read_env = true;
    if (e && *e)
        set_failure(strtoull(e, NULL, 0), colon ? sim_parse_errno(colon + 1) : EIO, false);
}

bool sim_injected(int *err) {
    if (!fail_read_env)
        read_env();
    if (!fail_at)
        return false;
    fail_seen++;
    if (fail_seen != fail_at && !(fail_on && fail_seen > fail_at))
        return false;
    *err = -fail_err;
    host->stats.injected++;
    sim_trace("failure %lu injected: %s", (unsigned long)fail_seen, strerrorname_np(fail_err));
    return true;
}
