/* SPDX-License-Identifier: MIT */
#include "commands.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "copy.h"
#include "exit_status.h"
#include "gate.h"
#include "metrics.h"
#include "monitor.h"
#include "own_config.h"

static void take_fact(void *context, const struct xv_fact *fact) {
    xv_notes_take(context, fact);
}

static int complain(const char *what, const char *path) {
    (void)fprintf(stderr, "xenvet gate: %s%s%s\n", what, path != NULL ? ": " : "", path != NULL ? strerror(errno) : "");
    return path != NULL ? XV_EXIT_SYSTEM : XV_EXIT_USAGE;
}

/* The operator's words that go with a decision; a log that cannot be written changes nothing about it but is said. */
static void tell(const struct xv_options *o, const struct xv_decision *d) {
    xv_decision_print(stderr, d, o->quiet);
    if (o->gate.log_json != NULL && !xv_decision_log(o->gate.log_json, d))
        (void)fprintf(stderr, "xenvet gate: --log-json: %s\n", strerror(errno));
    if (o->gate.metrics != NULL && !xv_metrics_add(o->gate.metrics, d))
        (void)fprintf(stderr, "xenvet gate: --metrics: %s\n", strerror(errno));
}

/* What the conversation and the configuration make of the policy: only xl's images have both; a plain receiver has no
 * checkpoints. */
static bool narrow(const struct xv_options *o, struct xv_policy *policy) {
    bool handshake = o->gate.command != NULL && !o->gate.no_handshake;

    if (handshake || o->gate.config != NULL)
        policy->formats &= XV_FORMAT_XL;
    if (handshake && o->gate.protocol == XV_PROTOCOL_MIGRATE)
        policy->allow &= ~(uint32_t)(XV_ALLOW_CHECKPOINTED | XV_ALLOW_COLO);
    if (handshake && o->gate.protocol == XV_PROTOCOL_REMUS)
        policy->allow &= ~(uint32_t)XV_ALLOW_COLO;
    return policy->formats != 0;
}

static int run_gate(const struct xv_options *o, const struct xv_policy *policy, const struct xv_own_config *own,
                    struct xv_notes *notes, struct xv_decision *d) {
    struct xv_gate gate = {
        .input = STDIN_FILENO,
        .output = STDOUT_FILENO,
        .command = o->gate.command,
        .policy = policy,
        .protocol = o->gate.protocol,
        .handshake = !o->gate.no_handshake,
        .keep_config = o->gate.keep_config,
        .own_config = own->bytes,
        .own_config_size = own->size,
        .layers = o->layers,
        .limit_seconds = o->settings.timeout_seconds,
        .idle_seconds = o->settings.idle_seconds,
        .stall_seconds = o->gate.stall_seconds,
        .observer = {.tell = take_fact, .context = notes},
    };
    int64_t started = xv_now_ms();

    d->input = "-";
    d->output = o->gate.command[0];
    d->status = xv_gate_run(&gate);
    d->seconds = (double)(xv_now_ms() - started) / 1000;
    d->consumer_status = gate.consumer_status;
    d->committed = gate.committed;
    d->guest_failed = gate.guest_failed;
    d->signal = gate.signal;
    d->outcome = &gate.outcome;
    tell(o, d);
    return d->status;
}

static int run_copy(const struct xv_options *o, const struct xv_policy *policy, const struct xv_own_config *own,
                    struct xv_notes *notes, struct xv_decision *d) {
    struct xv_copy copy = {
        .in = o->gate.in,
        .out = o->gate.out,
        .policy = policy,
        .keep_config = o->gate.keep_config,
        .own_config = own->bytes,
        .own_config_size = own->size,
        .layers = o->layers,
        .limit_seconds = o->settings.timeout_seconds,
        .idle_seconds = o->settings.idle_seconds,
        .stall_seconds = o->gate.stall_seconds,
        .observer = {.tell = take_fact, .context = notes},
    };
    int64_t started = xv_now_ms();

    d->input = copy.in;
    d->output = copy.out;
    d->status = xv_copy_run(&copy);
    d->seconds = (double)(xv_now_ms() - started) / 1000;
    d->signal = copy.signal;
    d->outcome = &copy.outcome;
    tell(o, d);
    return d->status;
}

int xv_command_gate(const struct xv_options *options) {
    struct xv_policy policy = options->settings.policy;
    struct xv_own_config own = {NULL, 0};
    struct xv_notes notes = {.count = 0, .omitted = 0};
    struct xv_decision decision = {
        .command = "gate",
        .notes = &notes,
        .policy = &policy,
        .consumer_status = -1,
    };
    int status;

    if (!narrow(options, &policy))
        return complain("the policy accepts no xl images, which a handshake and --config need", NULL);
    if (options->gate.config != NULL) {
        own = xv_own_config_read(options->gate.config, policy.max_config_bytes);
        if (own.bytes == NULL)
            return complain("--config", options->gate.config);
    }
    if (options->gate.command != NULL)
        status = run_gate(options, &policy, &own, &notes, &decision);
    else
        status = run_copy(options, &policy, &own, &notes, &decision);
    free(own.bytes);
    return status;
}
