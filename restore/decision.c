/* SPDX-License-Identifier: MIT */
#include "decision.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "exit_status.h"
#include "report.h"
#include "text.h"

/* Priorities of syslog(3). */
enum { PRIORITY_ERROR = 3, PRIORITY_WARNING = 4, PRIORITY_INFO = 6 };

static int priority_of(const struct xv_decision *d) {
    if (d->left != NULL)
        return PRIORITY_ERROR;
    if (d->outcome.ending == XV_ENDED_REJECTED)
        return PRIORITY_WARNING;
    return d->status == XV_EXIT_ACCEPTED ? PRIORITY_INFO : PRIORITY_ERROR;
}

/* What went wrong after the stream was accepted, or "". */
static const char *consumer_text(char *out, size_t size, const struct xv_decision *d) {
    int status = d->consumer_status;

    out[0] = '\0';
    if (d->outcome.ending != XV_ENDED_ACCEPTED || d->status == XV_EXIT_ACCEPTED)
        return out;
    if (status == -1)
        (void)snprintf(out, size, "the receiving side did not finish, and was killed");
    else if (WIFSIGNALED(status))
        (void)snprintf(out, size, "the receiving side was ended by signal %d", WTERMSIG(status));
    else if (WEXITSTATUS(status) != 0)
        (void)snprintf(out, size, "the receiving side failed with status %d", WEXITSTATUS(status));
    else if (d->guest_failed)
        (void)snprintf(out, size, "the receiving side reports that the guest does not run");
    return out;
}

static void print_sentences(FILE *out, const struct xv_decision *d, bool quiet) {
    char failure[128], name[256];

    if (d->signal != 0)
        (void)fprintf(out, "xenvet: %s: ended by signal %d\n", xv_text_name(name, sizeof name, d->input), d->signal);
    else if (d->outcome.ending == XV_ENDED_BACKEND && d->failure != NULL && d->failure[0] != '\0')
        (void)fprintf(out, "xenvet: %s: %s\n", xv_text_name(name, sizeof name, d->output), d->failure);
    else if (d->outcome.ending == XV_ENDED_BACKEND)
        xv_report_error(out, d->output, &d->outcome);
    else
        xv_report_error(out, d->input, &d->outcome);
    if (d->outcome.ending == XV_ENDED_REJECTED || !quiet)
        xv_report_text(out, d->input, &d->outcome, d->notes, d->policy);
    if (consumer_text(failure, sizeof failure, d)[0] != '\0')
        (void)fprintf(out, "xenvet: %s: %s\n", xv_text_name(name, sizeof name, d->output), failure);
    if (d->left != NULL)
        (void)fprintf(out, "xenvet: %s: %s\n", xv_text_name(name, sizeof name, d->output), d->left);
}

void xv_decision_print(FILE *out, const struct xv_decision *d, bool quiet) {
    char *text = NULL, *rest = NULL;
    size_t size = 0;
    FILE *memory = open_memstream(&text, &size);
    bool prefix = !isatty(fileno(out));

    if (memory == NULL)
        return;
    print_sentences(memory, d, quiet);
    if (fclose(memory) == 0) {
        for (char *line = strtok_r(text, "\n", &rest); line != NULL; line = strtok_r(NULL, "\n", &rest)) {
            if (prefix)
                (void)fprintf(out, "<%d>", priority_of(d));
            (void)fprintf(out, "%s\n", line);
        }
    }
    free(text);
}

static void put(json_t *object, const char *key, json_t *value) {
    (void)json_object_set_new(object, key, value);
}

static void put_time(json_t *root) {
    char text[32] = "";
    time_t now = time(NULL);
    struct tm utc;

    if (gmtime_r(&now, &utc) != NULL)
        (void)strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc);
    put(root, "time", json_string(text));
}

static json_t *fields_json(const struct xv_notes *notes) {
    json_t *list = json_array();

    for (uint32_t i = 0; i < notes->count; i++)
        (void)json_array_append_new(list, json_string(notes->items[i].field));
    return list;
}

static json_t *consumer_json(const struct xv_decision *d) {
    int status = d->consumer_status;

    if (status == -1 || !WIFEXITED(status))
        return json_null();
    return json_integer(WEXITSTATUS(status));
}

static json_t *decision_json(const struct xv_decision *d) {
    json_t *root = json_object();
    char name[256];

    if (root == NULL)
        return NULL;
    put(root, "schema", json_string(XV_GATE_SCHEMA));
    put_time(root);
    xv_json_outcome(root, d->input, &d->outcome, d->policy);
    put(root, "command", json_string(d->command));
    put(root, "output", json_string(xv_text_name(name, sizeof name, d->output)));
    put(root, "exit_status", json_integer(d->status));
    put(root, "consumer_status", consumer_json(d));
    put(root, "committed", json_boolean(d->committed));
    put(root, "signal", json_integer(d->signal));
    put(root, "left", json_boolean(d->left != NULL));
    put(root, "seconds", json_real(d->seconds));
    put(root, "stream", xv_json_summary(&d->outcome.summary));
    put(root, "config_fields", fields_json(d->notes));
    return root;
}

/* One write: lines of several runs do not mix. */
static bool append(const char *path, const char *text, size_t n) {
    int fd = strcmp(path, "-") == 0 ? dup(STDERR_FILENO)
                                    : open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY, 0640);
    bool done;

    if (fd < 0)
        return false;
    done = write(fd, text, n) == (ssize_t)n;
    return close(fd) == 0 && done;
}

bool xv_decision_log(const char *path, const struct xv_decision *d) {
    json_t *root = decision_json(d);
    char *text = root != NULL ? json_dumps(root, JSON_COMPACT | JSON_ENSURE_ASCII | JSON_REAL_PRECISION(6)) : NULL;
    char *line = NULL;
    size_t n = 0;
    FILE *memory = text != NULL ? open_memstream(&line, &n) : NULL;
    bool done = false;

    errno = 0;
    if (memory != NULL) {
        (void)fprintf(memory, "%s\n", text);
        done = fclose(memory) == 0 && append(path, line, n);
    }
    if (!done && errno == 0)
        errno = ENOSPC;
    free(line);
    free(text);
    json_decref(root);
    return done;
}
