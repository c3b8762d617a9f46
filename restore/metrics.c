/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "metrics.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "exit_status.h"

#define SAMPLES 400u /* more than there are verdicts */

/* One line: a name with its labels, and a value. */
struct sample {
    char key[96];
    double value;
};

struct counters {
    struct sample samples[SAMPLES];
    size_t count;
};

static const struct {
    const char *name, *help;
} families[] = {
    {"xenvet_runs_total", "Runs by command and result: accepted, rejected, backend (failed after acceptance), error."},
    {"xenvet_rejected_total", "Rejected streams by verdict."},
    {"xenvet_octets_total", "Octets of the sender that were judged."},
    {"xenvet_seconds_total", "Time that runs took."},
};

#define FAMILIES (sizeof families / sizeof families[0])

static void add(struct counters *c, const char *key, double value) {
    for (size_t i = 0; i < c->count; i++) {
        if (strcmp(c->samples[i].key, key) == 0) {
            c->samples[i].value += value;
            return;
        }
    }
    if (c->count == SAMPLES)
        return;
    (void)snprintf(c->samples[c->count].key, sizeof c->samples[0].key, "%s", key);
    c->samples[c->count++].value = value;
}

/* A line of ours: "xenvet_name{label="x"} 12"; everything else is left out. */
static void take_line(struct counters *c, char *line) {
    char *space = strrchr(line, ' '), *end = NULL;
    double value;

    if (strncmp(line, "xenvet_", 7) != 0 || space == NULL || (size_t)(space - line) >= sizeof c->samples[0].key)
        return;
    *space = '\0';
    value = strtod(space + 1, &end);
    if (end != space + 1 && value >= 0)
        add(c, line, value);
}

static bool load(struct counters *c, const char *path) {
    FILE *file = fopen(path, "re");
    char line[256];

    if (file == NULL)
        return errno == ENOENT;
    while (fgets(line, sizeof line, file) != NULL)
        take_line(c, line);
    return fclose(file) == 0;
}

static const char *result_of(const struct xv_decision *d) {
    if (d->outcome.ending == XV_ENDED_REJECTED)
        return "rejected";
    if (d->status == XV_EXIT_ACCEPTED)
        return "accepted";
    return d->status == XV_EXIT_BACKEND ? "backend" : "error";
}

static void count(struct counters *c, const struct xv_decision *d) {
    const struct xv_verdict *v = xv_verdict_of((enum xv_code)d->outcome.code);
    char key[sizeof c->samples[0].key];

    (void)snprintf(key, sizeof key, "xenvet_runs_total{command=\"%s\",result=\"%s\"}", d->command, result_of(d));
    add(c, key, 1);
    if (d->outcome.ending == XV_ENDED_REJECTED && v != NULL) {
        (void)snprintf(key, sizeof key, "xenvet_rejected_total{code=\"%s\"}", v->name);
        add(c, key, 1);
    }
    (void)snprintf(key, sizeof key, "xenvet_octets_total{command=\"%s\"}", d->command);
    add(c, key, (double)d->outcome.summary.bytes);
    (void)snprintf(key, sizeof key, "xenvet_seconds_total{command=\"%s\"}", d->command);
    add(c, key, d->seconds);
}

static void print(FILE *out, const struct counters *c) {
    for (size_t f = 0; f < FAMILIES; f++) {
        size_t n = strlen(families[f].name);

        (void)fprintf(out, "# HELP %s %s\n# TYPE %s counter\n", families[f].name, families[f].help, families[f].name);
        for (size_t i = 0; i < c->count; i++) {
            if (strncmp(c->samples[i].key, families[f].name, n) == 0 && c->samples[i].key[n] == '{')
                (void)fprintf(out, "%s %.15g\n", c->samples[i].key, c->samples[i].value);
        }
    }
}

/* The collector may read at any moment, so the file is replaced at once; it reads as another user. */
static bool store(const struct counters *c, const char *path) {
    char *temporary = NULL;
    FILE *file = NULL;
    bool done = false;
    int fd = -1;

    if (asprintf(&temporary, "%s.%ld.tmp", path, (long)getpid()) < 0)
        return false;
    fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644);
    file = fd >= 0 ? fdopen(fd, "w") : NULL;
    if (file != NULL) {
        print(file, c);
        done = fclose(file) == 0 && rename(temporary, path) == 0;
    } else if (fd >= 0) {
        (void)close(fd);
    }
    if (!done && fd >= 0) {
        int saved = errno;

        (void)unlink(temporary);
        errno = saved;
    }
    free(temporary);
    return done;
}

static int lock(const char *path) {
    char *name = NULL;
    int fd;

    if (asprintf(&name, "%s.lock", path) < 0)
        return -1;
    fd = open(name, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0644);
    free(name);
    if (fd >= 0 && flock(fd, LOCK_EX) != 0) {
        (void)close(fd);
        fd = -1;
    }
    return fd;
}

bool xv_metrics_add(const char *path, const struct xv_decision *decision) {
    static struct counters counters;
    int held = lock(path);
    bool done;

    if (held < 0)
        return false;
    counters.count = 0;
    done = load(&counters, path);
    count(&counters, decision);
    done = done && store(&counters, path);
    (void)close(held);
    return done;
}
