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
#include "seal_options.h"

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

static bool in_dom0(void) {
    FILE *file = fopen("/proc/xen/capabilities", "re");
    char text[64] = "";
    bool control;

    if (file == NULL)
        return false;
    control = fgets(text, sizeof text, file) != NULL && strstr(text, "control_d") != NULL;
    (void)fclose(file);
    return control;
}

/* The xl that knows what the command leaves when it is killed; NULL if there is nothing to know. */
static const char *xl_of(const struct xv_gate_options *o) {
    const char *slash;

    if (o->command == NULL)
        return NULL;
    if (o->xl != NULL)
        return strcmp(o->xl, "none") == 0 ? NULL : o->xl;
    slash = strrchr(o->command[0], '/');
    if (strcmp(slash != NULL ? slash + 1 : o->command[0], "xl") == 0)
        return o->command[0];
    return !o->no_handshake && in_dom0() ? "xl" : NULL;
}

/* What the conversation and the configuration make of the policy: only xl migrates, and only its images and libvirt's
 * have a configuration that another can take the place of; a plain receiver has no checkpoints. */
static bool narrow(const struct xv_options *o, struct xv_policy *policy, bool for_xl) {
    bool handshake = o->gate.command != NULL && !o->gate.no_handshake;

    policy->formats &= ~XV_FORMATS_XENSTORE; /* nobody behind a gate makes a domain of a xenstore state */
    if (o->gate.command != NULL)             /* no release of Xen reads it */
        policy->formats &= ~(uint32_t)XV_FORMAT_DRAFT_B_STREAM;
    if (o->gate.config != NULL)
        policy->formats &= XV_FORMAT_XL | XV_FORMAT_LIBVIRT;
    if (handshake || (for_xl && o->gate.config == NULL))
        policy->formats &= (uint32_t)(XV_FORMAT_XL | XV_FORMAT_LEGACY_STREAM);
    if (handshake && o->gate.protocol == XV_PROTOCOL_MIGRATE)
        policy->allow &= ~(uint32_t)(XV_ALLOW_CHECKPOINTED | XV_ALLOW_COLO);
    if (handshake && o->gate.protocol == XV_PROTOCOL_REMUS)
        policy->allow &= ~(uint32_t)XV_ALLOW_COLO;
    return policy->formats != 0;
}

/* The domain has the name that the operator gave it, or else the sender. */
static void expect_domain(struct xv_incoming *incoming, const struct xv_options *o, const char *xl,
                          const struct xv_own_config *own) {
    xv_incoming_init(incoming, xl, o->gate.no_handshake ? "" : "--incoming");
    memcpy(incoming->name, own->name, sizeof incoming->name);
    memcpy(incoming->uuid, own->uuid, sizeof incoming->uuid);
    /* the copy of a sender that died; nobody can tell later whether it did */
    incoming->silent = !o->gate.no_handshake && o->gate.protocol != XV_PROTOCOL_MIGRATE;
}

static void run_gate(const struct xv_options *o, const struct xv_policy *policy, const struct xv_own_config *own,
                     const struct xv_seal_file *seal, struct xv_notes *notes, struct xv_decision *d) {
    const char *xl = xl_of(&o->gate);
    struct xv_incoming incoming = {.claim = -1};
    char left[160];
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
        .seal = seal,
        .incoming = xl != NULL ? &incoming : NULL,
        .observer = {.tell = take_fact, .context = notes},
    };
    int64_t started = xv_now_ms();

    expect_domain(&incoming, o, xl, own);
    d->input = "-";
    d->output = o->gate.command[0];
    d->status = xv_gate_run(&gate);
    d->seconds = (double)(xv_now_ms() - started) / 1000;
    d->consumer_status = gate.consumer_status;
    d->committed = gate.committed;
    d->guest_failed = gate.guest_failed;
    d->signal = gate.signal;
    d->outcome = gate.outcome;
    d->failure = incoming.failure;
    if (gate.left) {
        (void)snprintf(left, sizeof left, "a domain may be left, perhaps %s%s; see %s list",
                       incoming.name[0] != '\0' ? incoming.name : "(null)", incoming.suffix, xl);
        d->left = left;
    }
    tell(o, d);
    d->failure = d->left = NULL;
    xv_incoming_close(&incoming);
}

static void run_copy(const struct xv_options *o, const struct xv_policy *policy, const struct xv_own_config *own,
                     const struct xv_seal_file *seal, struct xv_notes *notes, struct xv_decision *d) {
    struct xv_copy copy = {
        .in = o->gate.in,
        .out = o->gate.out,
        .policy = policy,
        .keep_config = o->gate.keep_config,
        .own_config = own->bytes,
        .own_config_size = own->size,
        .seal = seal,
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
    d->outcome = copy.outcome;
    tell(o, d);
}

int xv_command_gate(const struct xv_options *options) {
    struct xv_policy policy = options->settings.policy;
    struct xv_own_config own = {.bytes = NULL};
    struct xv_seal_file seal;
    struct xv_notes notes = {.count = 0, .omitted = 0};
    struct xv_decision decision = {
        .command = "gate",
        .notes = &notes,
        .policy = &policy,
        .consumer_status = -1,
    };
    bool for_xl = xl_of(&options->gate) != NULL;

    if (!narrow(options, &policy, for_xl))
        return complain("the policy accepts no image of a domain; a handshake, --config and xl need those of xl", NULL);
    if (options->gate.config != NULL) {
        own = xv_own_config_read(options->gate.config, policy.max_config_bytes);
        if (own.bytes == NULL)
            return complain("--config", options->gate.config);
        if (for_xl && own.name[0] == '\0') {
            free(own.bytes);
            return complain("--config: no name = \"...\" was found in it; without it nobody can tell which domain a "
                            "killed xl leaves (--xl none does without)",
                            NULL);
        }
    }
    decision.status = xv_seal_options_open(options, "gate", &policy, &seal);
    if (decision.status == XV_EXIT_ACCEPTED && options->gate.command != NULL)
        run_gate(options, &policy, &own, xv_seal_of(&seal), &notes, &decision);
    else if (decision.status == XV_EXIT_ACCEPTED)
        run_copy(options, &policy, &own, xv_seal_of(&seal), &notes, &decision);
    xv_seal_file_close(&seal);
    free(own.bytes);
    return decision.status;
}
