/* SPDX-License-Identifier: MIT */
#include "commands.h"

#include <stdio.h>

#include "exit_status.h"
#include "inspect_report.h"
#include "output.h"
#include "progress.h"
#include "report.h"
#include "session.h"

static bool print(const struct xv_options *options, const struct xv_outcome *outcome, const struct xv_inspection *in) {
    const struct xv_policy *policy = &options->settings.policy;
    if (options->json)
        return xv_output_json(xv_inspect_json(options->path, outcome, in, policy));
    xv_report_error(stderr, options->path, outcome);
    xv_report_text(stdout, options->path, outcome, &in->notes, policy);
    if (outcome->ending != XV_ENDED_ACCEPTED && outcome->summary.bytes > 0)
        (void)puts("What follows describes the stream up to there; the rest of it was not looked at.");
    if (outcome->summary.bytes > 0)
        xv_inspect_text(stdout, outcome, in);
    return true;
}

int xv_command_inspect(const struct xv_options *options) {
    struct xv_inspection *inspection = xv_inspection_new(options->settings.policy.max_guest_pages);
    struct xv_progress progress;
    struct xv_outcome outcome;
    struct xv_session session = {
        .path = options->path,
        .policy = &options->settings.policy,
        .layers = options->layers,
        .facts = ~0u,
        .observer = {.tell = xv_inspection_take, .context = inspection},
        .limit_seconds = options->settings.timeout_seconds,
        .idle_seconds = options->settings.idle_seconds,
        .tick_context = &progress,
    };
    bool printed;
    if (inspection == NULL) {
        (void)fprintf(stderr, "xenvet: out of memory\n");
        return XV_EXIT_SYSTEM;
    }
    session.tick = xv_progress_begin(&progress);
    xv_session_run(&session, &outcome);
    xv_progress_end(&progress);
    printed = print(options, &outcome, inspection);
    xv_inspection_free(inspection);
    return printed ? xv_exit_of(outcome.ending) : XV_EXIT_SYSTEM;
}
