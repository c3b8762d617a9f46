/* SPDX-License-Identifier: MIT */
#include "commands.h"

#include <stdio.h>

#include "exit_status.h"
#include "notes.h"
#include "output.h"
#include "progress.h"
#include "report.h"
#include "seal_options.h"
#include "session.h"

static void take_fact(void *context, const struct xv_fact *fact) {
    if (fact->kind == XV_FACT_CONFIG)
        xv_notes_take(context, fact);
}

int xv_command_check(const struct xv_options *options) {
    struct xv_policy policy = options->settings.policy;
    struct xv_notes notes = {.count = 0, .omitted = 0};
    struct xv_progress progress;
    struct xv_seal_file seal;
    struct xv_outcome outcome;
    struct xv_session session = {
        .path = options->path,
        .policy = &policy,
        .layers = options->layers,
        .facts = 1u << XV_FACT_CONFIG,
        .observer = {.tell = take_fact, .context = &notes},
        .limit_seconds = options->settings.timeout_seconds,
        .idle_seconds = options->settings.idle_seconds,
        .tick_context = &progress,
    };
    int status = xv_seal_options_open(options, "check", &policy, &seal);

    if (status != XV_EXIT_ACCEPTED)
        return status;
    session.seal = xv_seal_of(&seal);
    session.tick = xv_progress_begin(&progress);
    xv_session_run(&session, &outcome);
    xv_progress_end(&progress);
    xv_seal_file_close(&seal);
    if (options->json) {
        json_t *report = xv_report_json(options->path, &outcome, &notes, &options->settings.policy);
        if (!xv_output_json(report))
            return XV_EXIT_SYSTEM;
    } else {
        xv_report_error(stderr, options->path, &outcome);
        if (!options->quiet)
            xv_report_text(stdout, options->path, &outcome, &notes, &options->settings.policy);
    }
    return xv_exit_of(outcome.ending);
}
