/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "input.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PIPE_BYTES   (1 << 20)             /* what a pipe is asked to hold */
#define SPLICE_LEAST (64 * UINT64_C(1024)) /* below this, reading is as cheap as splicing */
#define SPLICE_MOST  (1u << 30)

static int64_t now_ms(void) {
    struct timespec t = {0, 0};
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static enum xv_drive failed(struct xv_input *in) {
    in->error = errno;
    return XV_DRIVE_ERROR;
}

static bool late(const struct xv_input *in, int64_t now) {
    return in->limit_seconds > 0 && now - in->started_ms >= (int64_t)in->limit_seconds * 1000;
}

/* Learns what kind of input it is. */
static enum xv_drive begin(struct xv_input *in) {
    struct stat st;
    if (fstat(in->fd, &st) != 0)
        return failed(in);
    if (S_ISDIR(st.st_mode))
        return XV_DRIVE_DIRECTORY;
    in->started_ms = now_ms();
    in->window = XV_INPUT_READAHEAD;
    if (S_ISREG(st.st_mode)) {
        in->base = lseek(in->fd, 0, SEEK_CUR);
        if (in->base < 0)
            return failed(in);
        in->positioned = true;
        in->size = st.st_size > in->base ? (uint64_t)(st.st_size - in->base) : 0;
        in->mtime = st.st_mtim;
    } else if (S_ISFIFO(st.st_mode)) {
        (void)fcntl(in->fd, F_SETPIPE_SZ, PIPE_BYTES); /* a wish: an unprivileged user may be over a quota */
    } else {
        in->unspliceable = true;
    }
    return XV_DRIVE_DONE;
}

/* How long a wait that begins now may last, -1 = for ever. */
static int patience_of(const struct xv_input *in, int64_t now) {
    int64_t patience = -1;
    if (in->limit_seconds > 0)
        patience = in->started_ms + (int64_t)in->limit_seconds * 1000 - now;
    if (in->idle_seconds > 0) {
        int64_t idle = (int64_t)in->idle_seconds * 1000 - in->waited_ms;
        patience = patience < 0 || idle < patience ? idle : patience;
    }
    return (int)(patience > 3600000 ? 3600000 : patience); /* an hour at a time keeps the value within an int */
}

static void brought(struct xv_input *in, size_t n) {
    in->brought += n;
    if (in->brought >= XV_INPUT_LEAST) {
        in->brought = 0;
        in->waited_ms = 0;
    }
}

/* Waits until a read of a pipe, socket or terminal can make progress; a gate also notices a consumer that went away. */
static enum xv_drive await_input(struct xv_input *in) {
    bool consumer = in->forward != NULL && !in->at_end; /* a whole stream is all that it needs */
    struct pollfd fds[2] = {{in->fd, POLLIN, 0}, {consumer ? in->forward->fd : -1, 0, 0}};
    for (;;) {
        int64_t now = now_ms();
        int n;
        if (late(in, now))
            return XV_DRIVE_LATE;
        if (in->idle_seconds > 0 && in->waited_ms >= (int64_t)in->idle_seconds * 1000)
            return XV_DRIVE_IDLE;
        n = poll(fds, 2, patience_of(in, now));
        in->waited_ms += now_ms() - now;
        if (n > 0 && fds[1].revents != 0) {
            in->error = EPIPE;
            return XV_DRIVE_BACKEND;
        }
        if (n > 0) /* errors show at the read that follows */
            return XV_DRIVE_DONE;
        if (n < 0 && errno != EINTR)
            return failed(in);
    }
}

/* One read behind what is buffered; *got is 0 at the end of the input. */
static enum xv_drive read_some(struct xv_input *in, uint8_t *to, size_t n, size_t *got) {
    for (;;) {
        ssize_t r;
        if (in->positioned) {
            uint64_t at = (uint64_t)in->base + in->offset + (in->filled - in->start);
            if (late(in, now_ms()))
                return XV_DRIVE_LATE;
            r = pread(in->fd, to, n, (off_t)at);
        } else {
            enum xv_drive waited = await_input(in);
            if (waited != XV_DRIVE_DONE)
                return waited;
            r = read(in->fd, to, n);
        }
        if (r >= 0) {
            *got = (size_t)r;
            brought(in, (size_t)r);
            return XV_DRIVE_DONE;
        }
        if (errno != EINTR && errno != EAGAIN)
            return failed(in);
    }
}

/* Has at least `need` octets in the buffer, unless the input ends before. */
static enum xv_drive fill(struct xv_input *in, size_t need) {
    if (in->start > 0 && in->capacity - in->start < in->window) {
        memmove(in->buffer, in->buffer + in->start, in->filled - in->start);
        in->filled -= in->start;
        in->start = 0;
    }
    while (in->filled - in->start < need) {
        size_t got = 0;
        size_t lacking = need - (in->filled - in->start);
        size_t n = in->window > lacking ? in->window : lacking;
        if (n > in->capacity - in->filled)
            n = in->capacity - in->filled;
        enum xv_drive read = read_some(in, in->buffer + in->filled, n, &got);
        if (read != XV_DRIVE_DONE)
            return read;
        if (got == 0)
            break;
        in->filled += got;
    }
    if (in->window < in->capacity / 2)
        in->window *= 2;
    if (in->tick != NULL)
        in->tick(in->context, in->offset, in->size);
    return XV_DRIVE_DONE;
}

static void consume(struct xv_input *in, size_t n) {
    in->start += n;
    in->offset += n;
    if (in->start == in->filled)
        in->start = in->filled = 0;
}

/* A regular file must be the same at its end as it was at its beginning. */
static bool changed(const struct xv_input *in, const struct stat *st) {
    if (st->st_size < in->base)
        return in->size != 0;
    return (uint64_t)(st->st_size - in->base) != in->size || st->st_mtim.tv_sec != in->mtime.tv_sec ||
           st->st_mtim.tv_nsec != in->mtime.tv_nsec;
}

static enum xv_drive ended(struct xv_parser *p, struct xv_input *in, uint64_t had) {
    struct stat st;
    if (in->positioned && fstat(in->fd, &st) != 0)
        return failed(in);
    if (in->positioned && (changed(in, &st) || in->offset + had < in->size))
        (void)xv_parser_input_changed(p);
    else
        (void)xv_parser_eof(p, had);
    return XV_DRIVE_DONE;
}

static enum xv_drive forward(struct xv_parser *p, struct xv_input *in) {
    if (xv_forward_commit(in->forward, p))
        return XV_DRIVE_DONE;
    in->error = in->forward->error;
    return XV_DRIVE_BACKEND;
}

/* Moves n buffered octets to the hold; NULL if they do not fit, which the policy rules out. */
static const uint8_t *hold(struct xv_input *in, size_t n) {
    size_t room = 0;
    uint8_t *to = xv_forward_room(in->forward, &room);
    if (n > room)
        return NULL;
    memcpy(to, in->buffer + in->start, n);
    xv_forward_added(in->forward, n);
    consume(in, n);
    return to;
}

/* Opaque octets on their way to the hold: those that are buffered first, then straight into it. */
static enum xv_drive hold_opaque(struct xv_parser *p, struct xv_input *in, uint64_t n) {
    size_t had = in->filled - in->start, room = 0, got = 0;
    uint8_t *to = xv_forward_room(in->forward, &room);
    if (had > 0) {
        got = n < had ? (size_t)n : had;
        if (hold(in, got) == NULL)
            return XV_DRIVE_BROKEN;
    } else {
        if (room == 0)
            return XV_DRIVE_BROKEN;
        enum xv_drive read = read_some(in, to, n < room ? (size_t)n : room, &got);
        if (read != XV_DRIVE_DONE)
            return read;
        if (got == 0)
            return ended(p, in, 0);
        in->offset += got;
        xv_forward_added(in->forward, got);
        in->window = XV_INPUT_READAHEAD;
        if (in->tick != NULL)
            in->tick(in->context, in->offset, in->size);
    }
    (void)xv_parser_pass(p, got);
    return forward(p, in);
}

static enum xv_drive give_bytes(struct xv_parser *p, struct xv_input *in, uint64_t n) {
    if (n == 0 || n > XV_WANT_MAX)
        return XV_DRIVE_BROKEN;
    if (in->filled - in->start < n) {
        enum xv_drive filled = fill(in, (size_t)n);
        if (filled != XV_DRIVE_DONE)
            return filled;
    }
    size_t had = in->filled - in->start;
    if (had < n)
        return ended(p, in, had);
    if (in->forward == NULL) {
        (void)xv_parser_feed(p, in->buffer + in->start, (size_t)n);
        consume(in, (size_t)n);
        return XV_DRIVE_DONE;
    }
    const uint8_t *copy = hold(in, (size_t)n);
    if (copy == NULL)
        return XV_DRIVE_BROKEN;
    (void)xv_parser_feed(p, copy, (size_t)n); /* what is checked is what goes out */
    return forward(p, in);
}

/* Discards from a pipe without copying. *gone stays 0 if this descriptor cannot be spliced, or at the end of the input.
 */
static enum xv_drive splice_away(struct xv_input *in, uint64_t n, uint64_t *gone) {
    while (!in->unspliceable && in->sink >= 0) {
        enum xv_drive waited = await_input(in);
        if (waited != XV_DRIVE_DONE)
            return waited;
        ssize_t r = splice(in->fd, NULL, in->sink, NULL, n > SPLICE_MOST ? SPLICE_MOST : (size_t)n,
                           SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
        if (r >= 0) {
            *gone = (uint64_t)r;
            brought(in, (size_t)r);
            break;
        }
        if (errno == EINTR || errno == EAGAIN)
            continue;
        if (errno != EINVAL && errno != ENOSYS)
            return failed(in);
        in->unspliceable = true;
    }
    if (*gone > 0 && in->tick != NULL)
        in->tick(in->context, in->offset, in->size);
    return XV_DRIVE_DONE;
}

static void pass(struct xv_parser *p, struct xv_input *in, uint64_t n) {
    in->offset += n;
    in->window = XV_INPUT_READAHEAD;
    (void)xv_parser_pass(p, n);
}

/* Steps over octets that nobody looks at: first what is buffered, then the cheapest way there is. */
static enum xv_drive give_opaque(struct xv_parser *p, struct xv_input *in, uint64_t n) {
    size_t had = in->filled - in->start;
    if (n == 0)
        return XV_DRIVE_BROKEN;
    if (in->forward != NULL)
        return hold_opaque(p, in, n);
    if (had > 0) {
        size_t now = n < had ? (size_t)n : had;
        consume(in, now);
        (void)xv_parser_pass(p, now);
        return XV_DRIVE_DONE;
    }
    if (in->positioned) {
        uint64_t rest = in->size > in->offset ? in->size - in->offset : 0;
        if (rest == 0)
            return ended(p, in, 0);
        pass(p, in, n < rest ? n : rest);
        return XV_DRIVE_DONE;
    }
    if (n >= SPLICE_LEAST) {
        uint64_t gone = 0;
        enum xv_drive spliced = splice_away(in, n, &gone);
        if (spliced != XV_DRIVE_DONE)
            return spliced;
        if (gone > 0) {
            pass(p, in, gone);
            return XV_DRIVE_DONE;
        }
    }
    enum xv_drive filled = fill(in, 1);
    if (filled != XV_DRIVE_DONE)
        return filled;
    return in->filled == in->start ? ended(p, in, 0) : XV_DRIVE_DONE;
}

/* Nothing may follow: looks whether something does. */
static enum xv_drive give_end(struct xv_parser *p, struct xv_input *in) {
    const uint8_t *octet = in->buffer + in->start;
    if (in->filled == in->start) {
        in->at_end = true;
        enum xv_drive filled = fill(in, 1);
        in->at_end = false;
        if (filled != XV_DRIVE_DONE)
            return filled;
        octet = in->buffer + in->start;
    }
    if (in->filled == in->start)
        return ended(p, in, 0);
    if (in->forward == NULL)
        consume(in, 1);
    else
        octet = hold(in, 1);
    if (octet == NULL)
        return XV_DRIVE_BROKEN;
    (void)xv_parser_feed(p, octet, 1);
    return XV_DRIVE_DONE;
}

enum xv_drive xv_drive(struct xv_parser *parser, struct xv_input *input) {
    enum xv_drive result = begin(input);
    if (input->capacity < XV_WANT_MAX)
        return XV_DRIVE_BROKEN;
    while (result == XV_DRIVE_DONE) {
        struct xv_demand demand = xv_parser_demand(parser);
        switch (demand.want) {
        case XV_WANT_BYTES:
            result = give_bytes(parser, input, demand.n);
            break;
        case XV_WANT_OPAQUE:
            result = give_opaque(parser, input, demand.n);
            break;
        case XV_WANT_END:
            if (input->open_ended)
                (void)xv_parser_eof(parser, 0);
            else
                result = give_end(parser, input);
            break;
        case XV_WANT_NOTHING:
            return input->forward != NULL ? forward(parser, input) : XV_DRIVE_DONE;
        default:
            return XV_DRIVE_BROKEN;
        }
    }
    return result;
}
