/* SPDX-License-Identifier: MIT */
#include "commands.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "exit_status.h"
#include "notes.h"
#include "policy_json.h"
#include "progress.h"
#include "report.h"
#include "seal_digest.h"
#include "seal_key.h"
#include "seal_options.h"
#include "session.h"

/* The seal as it grows: an entry for each item, the header in the end. */
struct making {
    uint8_t *octets; /* header and entries */
    size_t size, capacity;
    uint64_t end; /* of the last item */
    bool complete, failed;
};

static void put(uint8_t *to, uint64_t value, unsigned octets) {
    for (unsigned i = 0; i < octets; i++)
        to[i] = (uint8_t)(value >> (8 * i));
}

static bool grow(struct making *m) {
    size_t capacity = m->capacity * 2;
    uint8_t *more;

    if (m->size + XV_SEAL_ENTRY <= m->capacity)
        return true;
    more = realloc(m->octets, capacity);
    if (more == NULL)
        return false;
    m->octets = more;
    m->capacity = capacity;
    return true;
}

static void take_item(void *context, const struct xv_sealed_item *item) {
    struct making *m = context;

    if (item->whole != 0) {
        memcpy(m->octets + XV_SEAL_AT_IMAGE, item->digest, XV_DIGEST);
        m->complete = true;
        return;
    }
    if (m->failed || item->end <= m->end || !grow(m)) {
        m->failed = true;
        return;
    }
    put(m->octets + m->size, item->end, 8);
    memcpy(m->octets + m->size + 8, item->digest, XV_DIGEST);
    m->size += XV_SEAL_ENTRY;
    m->end = item->end;
}

static bool put_policy(uint8_t *to, const struct xv_settings *settings) {
    json_t *root = xv_policy_json(settings);
    char *text = root != NULL ? json_dumps(root, JSON_COMPACT | JSON_SORT_KEYS | JSON_ENSURE_ASCII) : NULL;
    bool done = text != NULL;

    if (done)
        xv_seal_digest((const uint8_t *)text, strlen(text), to);
    free(text);
    json_decref(root);
    return done;
}

/* The fields of the header (docs/formats/seal.md). */
static bool put_header(struct making *m, const struct xv_settings *settings, uint32_t format, bool is_signed) {
    static const uint8_t magic[8] = {'X', 'e', 'n', 'v', 'S', 'e', 'a', 'l'};
    uint8_t *h = m->octets;

    memcpy(h, magic, sizeof magic);
    put(h + 8, XV_SEAL_VERSION, 4);
    put(h + 12, is_signed, 4);
    put(h + 16, XV_SEAL_HEADER, 4);
    put(h + 20, XV_SEAL_ENTRY, 4);
    put(h + 24, (m->size - XV_SEAL_HEADER) / XV_SEAL_ENTRY, 8);
    put(h + 32, m->end, 8);
    put(h + 40, XV_ACCEPTED, 4);
    put(h + 44, format, 4);
    (void)snprintf((char *)h + XV_SEAL_AT_TOOL, 32, "xenvet %.20s", XENVET_VERSION);
    xv_seal_digest(h + XV_SEAL_HEADER, m->size - XV_SEAL_HEADER, h + XV_SEAL_AT_TABLE);
    return put_policy(h + XV_SEAL_AT_POLICY, settings);
}

static int complain(const char *what, const char *why) {
    (void)fprintf(stderr, "xenvet seal: %s%s%s\n", what, why != NULL ? ": " : "", why != NULL ? why : "");
    return XV_EXIT_SYSTEM;
}

static int finish(struct making *m, const struct xv_options *o, uint32_t format) {
    enum xv_key_result key = XV_KEY_GOOD;

    if (m->failed || !m->complete || !put_header(m, &o->settings, format, o->sign != NULL))
        return complain("out of memory", NULL);
    if (o->sign != NULL)
        key = xv_seal_sign(o->sign, m->octets, XV_SEAL_SIGNED, m->octets + XV_SEAL_SIGNED);
    if (key != XV_KEY_GOOD)
        return complain(o->sign, xv_seal_key_text(key, true));
    if (fwrite(m->octets, 1, m->size, stdout) != m->size || fflush(stdout) != 0)
        return complain("standard output", strerror(errno));
    return XV_EXIT_ACCEPTED;
}

static int run(struct making *m, const struct xv_options *o, const struct xv_policy *policy) {
    struct xv_notes notes = {.count = 0, .omitted = 0};
    struct xv_progress progress;
    struct xv_outcome outcome;
    struct xv_session session = {
        .path = o->path,
        .policy = policy,
        .layers = o->layers,
        .limit_seconds = o->settings.timeout_seconds,
        .idle_seconds = o->settings.idle_seconds,
        .tick_context = &progress,
        .sealed = take_item,
        .sealed_context = m,
    };

    session.tick = xv_progress_begin(&progress);
    xv_session_run(&session, &outcome);
    xv_progress_end(&progress);
    xv_report_error(stderr, o->path, &outcome);
    if (outcome.ending == XV_ENDED_REJECTED)
        xv_report_text(stderr, o->path, &outcome, &notes, policy);
    if (outcome.ending != XV_ENDED_ACCEPTED)
        return xv_exit_of(outcome.ending);
    return finish(m, o, (uint32_t)outcome.summary.format);
}

int xv_command_seal(const struct xv_options *options) {
    struct xv_policy policy = options->settings.policy;
    struct making m = {.capacity = 4096, .size = XV_SEAL_HEADER};
    int status;

    if (isatty(STDOUT_FILENO)) {
        (void)complain("a seal is no text: redirect standard output to a file", NULL);
        return XV_EXIT_USAGE;
    }
    m.octets = calloc(1, m.capacity);
    if (m.octets == NULL)
        return complain("out of memory", NULL);
    xv_seal_narrow(&policy);
    status = run(&m, options, &policy);
    free(m.octets);
    return status;
}
