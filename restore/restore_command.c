/* SPDX-License-Identifier: MIT */
#include "commands.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "builder.h"
#include "config_facts.h"
#include "copy.h"
#include "exit_status.h"
#include "incoming_note.h"
#include "metrics.h"
#include "monitor.h"
#include "own_config.h"
#include "restore_domain.h"
#include "restore_xl.h"
#include "seal_options.h"
#include "text.h"

static void take_fact(void *context, const struct xv_fact *fact) {
    xv_notes_take(context, fact);
}

/* What failed beside the stream, and what is left of it. */
static void tell_failure(const struct xv_options *o, const struct xv_restore *r) {
    static const char *const sides[] = {
        [XV_BACKEND_LIBXENGUEST] = "libxenguest back end",
        [XV_BACKEND_XL] = "xl back end",
        [XV_BACKEND_FILE] = "file back end",
    };
    char name[256];

    (void)xv_text_name(name, sizeof name, o->path);
    if (r->usage)
        (void)fprintf(stderr, "xenvet restore: %s: %s\n", name, r->failure);
    else if (r->failure[0] != 0)
        (void)fprintf(stderr, "xenvet restore: %s: %s: %s\n", name, sides[o->restore.backend], r->failure);
    if (r->left && o->restore.backend == XV_BACKEND_LIBXENGUEST)
        (void)fprintf(stderr, "xenvet restore: %s: a domain may be left; remove it with xenvet restore --reap\n", name);
    else if (r->left)
        (void)fprintf(stderr, "xenvet restore: %s: a domain may be left; see xl list\n", name);
}

/* A container that the policy accepts and the back end cannot use. */
static void tell_container(const struct xv_options *o, const struct xv_restore *r) {
    const char *needs = o->restore.config != NULL ? "an image of xl or libvirt, whose configuration --config replaces"
                                                  : "an image of xl, or one of libvirt together with --config FILE";
    char name[256];

    if (r->outcome.ending != XV_ENDED_REJECTED || r->outcome.code != XV_FORMAT_REFUSED ||
        o->settings.policy.formats == r->policy->formats)
        return;
    (void)fprintf(stderr, "xenvet restore: %s: this back end needs %s; --backend libxenguest takes any container\n",
                  xv_text_name(name, sizeof name, o->path), needs);
}

/* The domain is there, whoever takes the number. */
static void tell_number(uint32_t domid) {
    char text[32];
    int n = snprintf(text, sizeof text, "domain %u\n", domid);

    if (n > 0 && !xv_write_all(STDOUT_FILENO, text, (size_t)n, 0))
        (void)fprintf(stderr, "xenvet restore: domain %u is there; standard output: %s\n", domid, strerror(errno));
}

static void tell(const struct xv_options *o, const struct xv_decision *d, const struct xv_restore *r) {
    tell_container(o, r);
    if (r->failure[0] == 0 || d->outcome.ending == XV_ENDED_REJECTED)
        xv_decision_print(stderr, d, o->quiet);
    tell_failure(o, r);
    if (o->restore.log_json != NULL && !xv_decision_log(o->restore.log_json, d))
        (void)fprintf(stderr, "xenvet restore: --log-json: %s\n", strerror(errno));
    if (o->restore.metrics != NULL && !xv_metrics_add(o->restore.metrics, d))
        (void)fprintf(stderr, "xenvet restore: --metrics: %s\n", strerror(errno));
    if (d->status == XV_EXIT_ACCEPTED && r->domid != 0 && !o->quiet)
        tell_number(r->domid);
}

/* The `file` back end. */
static int run_copy(struct xv_restore *r) {
    const struct xv_options *o = r->options;
    struct xv_own_config own = {.bytes = NULL};
    struct xv_copy copy = {
        .in = o->path,
        .out = o->restore.out,
        .policy = r->policy,
        .seal = r->seal,
        .layers = o->layers,
        .limit_seconds = o->settings.timeout_seconds,
        .idle_seconds = o->settings.idle_seconds,
        .stall_seconds = o->restore.stall_seconds,
        .observer = r->observer,
    };
    int status;

    if (o->restore.config != NULL) {
        own = xv_own_config_read(o->restore.config, r->policy->max_config_bytes);
        if (own.bytes == NULL) {
            r->outcome.ending = XV_ENDED_ERROR;
            (void)snprintf(r->failure, sizeof r->failure, "--config: %s", strerror(errno));
            return XV_EXIT_SYSTEM;
        }
    }
    copy.own_config = own.bytes;
    copy.own_config_size = own.size;
    status = xv_copy_run(&copy);
    r->outcome = copy.outcome;
    r->signal = copy.signal;
    free(own.bytes);
    return status;
}

/* What a back end takes: nobody restores checkpoint after checkpoint from a file; xl needs its header and
 * configuration, and the operator's can take the place of what an image of xl or of libvirt has. */
static void narrow(const struct xv_options *o, struct xv_policy *policy) {
    policy->formats &= ~XV_FORMATS_XENSTORE; /* there is no domain in a xenstore state */
    if (o->restore.backend != XV_BACKEND_FILE)
        policy->allow &= ~(uint32_t)(XV_ALLOW_CHECKPOINTED | XV_ALLOW_COLO);
    if (o->restore.backend != XV_BACKEND_FILE) /* no release of Xen reads it */
        policy->formats &= ~(uint32_t)XV_FORMAT_DRAFT_B_STREAM;
    if (o->restore.backend == XV_BACKEND_LIBXENGUEST) /* libxl would have it converted first */
        policy->formats &= ~(uint32_t)XV_FORMAT_LEGACY_STREAM;
    if (o->restore.backend != XV_BACKEND_LIBXENGUEST && o->restore.config != NULL)
        policy->formats &= XV_FORMAT_XL | XV_FORMAT_LIBVIRT;
    else if (o->restore.backend == XV_BACKEND_XL)
        policy->formats &= (uint32_t)(XV_FORMAT_XL | XV_FORMAT_LEGACY_STREAM);
}

static int run(struct xv_restore *r) {
    switch (r->options->restore.backend) {
    case XV_BACKEND_XL:
        return xv_restore_xl(r);
    case XV_BACKEND_FILE:
        return run_copy(r);
    case XV_BACKEND_LIBXENGUEST:
    default:
        return xv_restore_domain(r);
    }
}

static bool needs_builder(const struct xv_options *o) {
    return !o->restore.reap && o->restore.backend == XV_BACKEND_LIBXENGUEST;
}

/* What killed runs of each back end, and of the gate, have left. */
static int reap(void) {
    int status = xv_builder_available() ? xv_builder_reap() : XV_EXIT_ACCEPTED;

    return xv_incoming_reap() ? status : XV_EXIT_BACKEND;
}

/* What the operator's configuration says to the libxenguest back end; an exit status, 0 to go on. */
static int read_facts(struct xv_options *o, struct xv_config_facts *facts) {
    bool system = false;

    if (o->restore.config == NULL || o->restore.backend != XV_BACKEND_LIBXENGUEST)
        return 0;
    if (xv_config_facts_read(&o->restore, facts, &system))
        return 0;
    (void)fprintf(stderr, "xenvet restore: %s\n", facts->fault);
    return system ? XV_EXIT_SYSTEM : XV_EXIT_USAGE;
}

static int run_command(const struct xv_options *options) {
    struct xv_policy policy = options->settings.policy, said = policy;
    struct xv_notes notes = {.count = 0, .omitted = 0};
    struct xv_restore restore = {
        .options = options,
        .policy = &policy,
        .observer = {.tell = take_fact, .context = &notes},
    };
    struct xv_decision decision = {
        .command = "restore",
        .input = options->path,
        .output = options->restore.out != NULL ? options->restore.out : "the back end",
        .notes = &notes,
        .policy = &said, /* hints */
        .consumer_status = -1,
    };
    int64_t started = xv_now_ms();
    struct xv_seal_file seal;
    int status;

    if (needs_builder(options) && !xv_builder_available()) {
        (void)fputs("xenvet restore: this build has no libxenguest back end; use --backend xl or file\n", stderr);
        return XV_EXIT_BACKEND;
    }
    if (options->restore.reap)
        return reap();
    narrow(options, &policy);
    said.allow |= options->restore.backend != XV_BACKEND_FILE ? XV_ALLOW_CHECKPOINTED | XV_ALLOW_COLO : 0u;
    if (policy.formats == 0) {
        (void)fputs("xenvet restore: the policy accepts no image of a domain that this back end can restore\n", stderr);
        return XV_EXIT_USAGE;
    }
    status = xv_seal_options_open(options, "restore", &policy, &seal);
    if (status != XV_EXIT_ACCEPTED)
        return status;
    restore.seal = xv_seal_of(&seal);
    decision.status = run(&restore);
    xv_seal_file_close(&seal);
    decision.seconds = (double)(xv_now_ms() - started) / 1000;
    decision.outcome = restore.outcome;
    decision.signal = restore.signal;
    tell(options, &decision, &restore);
    return decision.status;
}

int xv_command_restore(const struct xv_options *options) {
    struct xv_options known = *options;
    struct xv_config_facts facts;
    int status = read_facts(&known, &facts);

    return status != 0 ? status : run_command(&known);
}
