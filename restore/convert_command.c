/* SPDX-License-Identifier: MIT */
#include "commands.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "copy.h"
#include "decision.h"
#include "exit_status.h"
#include "monitor.h"
#include "own_config.h"

static void take_fact(void *context, const struct xv_fact *fact) {
    xv_notes_take(context, fact);
}

/* What the result has that the image did not say, and the other way round. */
static void say_losses(const struct xv_options *o, const struct xv_summary *sum) {
    if (o->quiet)
        return;
    if (sum->format == XV_FORMAT_DRAFT_B_STREAM)
        (void)fputs("note: made up: X86_PV_P2M_FRAMES (by the contents of pages), SHARED_INFO\n"
                    "note: missing: CPU policies, X86_TSC_INFO, extended state of vCPUs\n",
                    stderr);
    if (o->convert.to == XV_TO_XENOPSD && sum->guest == XV_GUEST_HVM && sum->format != XV_FORMAT_XENOPSD)
        (void)fputs(
            "note: left out: the device model's keys (EMULATOR_XENSTORE_DATA), for which xenopsd has no place\n",
            stderr);
    if (o->convert.to == XV_TO_V3 && sum->guest == XV_GUEST_HVM)
        (void)fputs("note: left out: the device model's state, for which a bare libxc stream has no place\n", stderr);
}

/* Checkpoint after checkpoint is a conversation, not an image; there is no domain in a xenstore state. */
static struct xv_policy narrowed(const struct xv_options *o) {
    struct xv_policy policy = o->settings.policy;

    policy.formats &= ~XV_FORMATS_XENSTORE;
    policy.allow &= ~(uint32_t)(XV_ALLOW_CHECKPOINTED | XV_ALLOW_COLO);
    return policy;
}

static int run(const struct xv_options *o, const struct xv_own_config *own) {
    const struct xv_policy policy = narrowed(o);
    struct xv_notes notes = {.count = 0, .omitted = 0};
    struct xv_copy copy = {
        .in = o->convert.in,
        .out = o->convert.out,
        .policy = &policy,
        .keep_config = true,
        .own_config = own->bytes,
        .own_config_size = own->size,
        .convert = true,
        .to = o->convert.to,
        .lossy = o->convert.lossy,
        .layers = o->layers,
        .limit_seconds = o->settings.timeout_seconds,
        .idle_seconds = o->settings.idle_seconds,
        .stall_seconds = o->convert.stall_seconds,
        .observer = {.tell = take_fact, .context = &notes},
    };
    struct xv_decision decision = {
        .command = "convert",
        .input = copy.in,
        .output = copy.out,
        .notes = &notes,
        .policy = copy.policy,
        .consumer_status = -1,
    };
    int64_t started = xv_now_ms();

    decision.status = xv_copy_run(&copy);
    decision.seconds = (double)(xv_now_ms() - started) / 1000;
    decision.signal = copy.signal;
    decision.outcome = copy.outcome;
    xv_decision_print(stderr, &decision, o->quiet);
    if (decision.status == XV_EXIT_ACCEPTED)
        say_losses(o, &copy.outcome.summary);
    return decision.status;
}

int xv_command_convert(const struct xv_options *options) {
    struct xv_own_config own = {.bytes = NULL};
    int status;

    if (narrowed(options).formats == 0) {
        (void)fputs("xenvet convert: the policy accepts no image of a domain\n", stderr);
        return XV_EXIT_USAGE;
    }
    if (options->convert.config != NULL) {
        own = options->convert.to == XV_TO_LIBVIRT
                  ? xv_own_config_read_xml(options->convert.config, options->settings.policy.max_config_bytes)
                  : xv_own_config_read(options->convert.config, options->settings.policy.max_config_bytes);
        if (own.bytes == NULL) {
            (void)fprintf(stderr, "xenvet convert: --config: %s\n", strerror(errno));
            return XV_EXIT_SYSTEM;
        }
    }
    status = run(options, &own);
    free(own.bytes);
    return status;
}
