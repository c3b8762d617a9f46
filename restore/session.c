/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "session.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "input.h"

/* All memory of a run, mapped before the first octet is read. Untouched pages of it cost nothing. */
struct memory {
    uint8_t *bytes;
    size_t size;
    uint8_t *parser, *buffer, *arena;
    size_t arena_size;
};

static size_t aligned(size_t n) {
    return (n + 63u) & ~(size_t)63u;
}

static bool map_memory(struct memory *m, const struct xv_policy *policy) {
    uint64_t arena = xv_policy_arena_bytes(policy);
    size_t parser = aligned(xv_parser_size());
    if (arena > SIZE_MAX / 2 || parser > SIZE_MAX / 4) {
        errno = ENOMEM;
        return false;
    }
    m->arena_size = (size_t)arena;
    m->size = parser + XV_INPUT_BUFFER + aligned(m->arena_size);
    void *map = mmap(NULL, m->size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (map == MAP_FAILED)
        return false;
    m->bytes = map;
    m->parser = m->bytes;
    m->buffer = m->bytes + parser;
    m->arena = m->buffer + XV_INPUT_BUFFER;
    return true;
}

/* O_NONBLOCK, because opening a FIFO would otherwise wait for a writer without any time limit. */
static int open_input(const char *path) {
    if (strcmp(path, "-") == 0)
        return STDIN_FILENO;
    return open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
}

static void take_report(struct xv_outcome *o, const struct xv_report *report) {
    o->code = (uint32_t)report->code;
    o->has = report->has;
    o->offset = report->offset;
    o->record = report->record;
    o->record_type = report->record_type;
    o->found = report->found;
    o->allowed_min = report->allowed_min;
    o->allowed_max = report->allowed_max;
    if (report->record_name != NULL)
        (void)snprintf(o->record_name, sizeof o->record_name, "%s", report->record_name);
}

static void conclude(struct xv_outcome *o, const struct xv_parser *parser, enum xv_drive drive, int error) {
    static const uint32_t endings[] = {
        [XV_DRIVE_DONE] = XV_ENDED_ACCEPTED, [XV_DRIVE_ERROR] = XV_ENDED_ERROR, [XV_DRIVE_DIRECTORY] = XV_ENDED_DIRECTORY,
        [XV_DRIVE_LATE] = XV_ENDED_LATE,     [XV_DRIVE_IDLE] = XV_ENDED_IDLE,   [XV_DRIVE_BROKEN] = XV_ENDED_INTERNAL,
    };
    o->ending = endings[drive];
    o->error = error;
    o->summary = *xv_parser_summary(parser);
    take_report(o, xv_parser_report(parser));
    if (drive == XV_DRIVE_DONE && o->code != XV_ACCEPTED)
        o->ending = XV_ENDED_REJECTED;
}

static void run_on(const struct xv_session *s, int fd, int sink, const struct memory *m, struct xv_outcome *o) {
    struct xv_arena arena = {.bytes = m->arena, .size = m->arena_size};
    struct xv_parser *parser = xv_parser_init(m->parser, s->policy, arena, s->observer);
    struct xv_input input = {
        .fd = fd,
        .sink = sink,
        .buffer = m->buffer,
        .capacity = XV_INPUT_BUFFER,
        .limit_seconds = s->limit_seconds,
        .idle_seconds = s->idle_seconds,
        .tick = s->tick,
        .context = s->tick_context,
    };
    enum xv_drive drive = xv_drive(parser, &input);
    conclude(o, parser, drive, input.error);
}

void xv_session_run(const struct xv_session *session, struct xv_outcome *outcome) {
    struct memory memory = {0};
    int fd;
    int sink;
    memset(outcome, 0, sizeof *outcome);
    outcome->ending = XV_ENDED_ERROR;
    fd = open_input(session->path);
    if (fd < 0) {
        outcome->error = errno;
        return;
    }
    sink = open("/dev/null", O_WRONLY | O_CLOEXEC); /* without it, opaque octets are read */
    if (map_memory(&memory, session->policy)) {
        run_on(session, fd, sink, &memory, outcome);
        (void)munmap(memory.bytes, memory.size);
    } else {
        outcome->error = errno;
    }
    if (sink >= 0)
        (void)close(sink);
    if (fd != STDIN_FILENO)
        (void)close(fd);
}
