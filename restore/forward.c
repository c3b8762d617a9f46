/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "forward.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include "convert/convert.h"

uint8_t *xv_forward_room(struct xv_forward *f, size_t *room) {
    *room = f->held < f->capacity ? f->capacity - f->held : 0;
    return f->hold + f->held;
}

void xv_forward_added(struct xv_forward *f, size_t n) {
    f->held += n;
}

static bool fail(struct xv_forward *f, int error) {
    f->error = error;
    return false;
}

/* Waits until the consumer takes more. */
static bool await_room(struct xv_forward *f) {
    struct pollfd fd = {.fd = f->fd, .events = POLLOUT, .revents = 0};
    int patience = f->stall_seconds == 0 || f->stall_seconds > 2000000 ? -1 : (int)f->stall_seconds * 1000;
    int n = poll(&fd, 1, patience);

    if (n == 0)
        return fail(f, ETIME);
    return n > 0 || errno == EINTR || fail(f, errno);
}

bool xv_forward_write(struct xv_forward *f, const uint8_t *bytes, size_t n) {
    size_t done = 0;

    while (done < n) {
        ssize_t w = write(f->fd, bytes + done, n - done);

        if (w > 0)
            done += (size_t)w;
        else if (w < 0 && errno == EAGAIN && !await_room(f))
            return false;
        else if (w < 0 && errno != EINTR && errno != EAGAIN)
            return fail(f, errno);
    }
    f->written += n;
    return true;
}

/* Why the libxenguest back end cannot take this stream; XV_ACCEPTED if it can, as far as is known. */
static enum xv_code refusal(const struct xv_forward *f, const struct xv_parser *parser) {
    bool libxc = xv_parser_in_libxc(parser);
    uint32_t guests = libxc ? xv_parser_guests(parser) : (uint32_t)xv_parser_summary(parser)->guest;

    if (!libxc &&
        guests != XV_GUEST_HVM) /* what is left out of its stream is nothing but frames, unless it is emulator state */
        return XV_ACCEPTED;
    if (libxc && (guests & f->guests))
        return XV_ACCEPTED;
    if (guests == XV_GUEST_PV32)
        return XV_BACKEND_PV32;
    return guests == XV_GUEST_HVM ? XV_BACKEND_HVM : XV_DOMAIN_REFUSED;
}

/* One accepted item on its way to libxenguest. */
static bool commit_libxc(struct xv_forward *f, struct xv_parser *parser) {
    enum xv_code code = refusal(f, parser);
    bool wanted = xv_parser_in_libxc(parser) && !xv_parser_dropped(parser);
    size_t n = f->held;

    f->held = 0;
    if (code != XV_ACCEPTED) {
        (void)xv_parser_refuse(parser, code);
        return true;
    }
    if (wanted && f->written == 0 && f->begin != NULL)
        f->begin(f->context, parser);
    return !wanted || xv_forward_write(f, f->hold, n);
}

static bool is_configuration(const struct xv_forward *f, const struct xv_parser *parser) {
    enum xv_format format = xv_parser_summary(parser)->format;

    return f->committed == 0 && (format == XV_FORMAT_XL || (format == XV_FORMAT_LIBVIRT && f->replace_config != NULL));
}

/* The first item of an xl image, header and configuration; of a libvirt image that becomes one of xl. */
static bool commit_config(struct xv_forward *f, struct xv_parser *parser) {
    size_t held = f->held, n;

    f->held = 0;
    if (f->announce_config)
        f->begin(f->context, parser);
    if (f->replace_config != NULL) {
        f->replace_config();
        return true;
    }
    if (f->config == NULL)
        return xv_forward_write(f, f->hold, held);
    if (xv_parser_summary(parser)->config_text) { /* of which nothing is known: xl would act upon it */
        (void)xv_parser_refuse(parser, XV_XL_FLAG_JSON);
        return true;
    }
    n = xv_canonical_finish(f->config, f->hold, held);
    return n == 0 ? fail(f, EMSGSIZE) : xv_forward_write(f, f->config->out, n);
}

/* A consumer acts when it has read the end, so that goes out last: when the input is known to end there. */
static bool may_go(const struct xv_forward *f, const struct xv_parser *parser) {
    return xv_parser_report(parser)->code == XV_ACCEPTED &&
           (f->at_once || xv_parser_demand(parser).want != XV_WANT_END);
}

/* A refusal has made the parser reject, or is remembered if it came too late for that. */
static bool converted(struct xv_forward *f, struct xv_parser *parser) {
    size_t n = f->held;
    bool good = true;

    if (xv_parser_committed(parser) != f->committed) {
        f->committed = xv_parser_committed(parser);
        f->held = 0;
        good = xv_convert_commit(f->convert, f->hold, n);
    }
    if (good && xv_parser_demand(parser).want == XV_WANT_NOTHING && xv_parser_report(parser)->code == XV_ACCEPTED)
        good = xv_convert_finish(f->convert);
    return good || f->error == 0;
}

bool xv_forward_commit(struct xv_forward *f, struct xv_parser *parser) {
    uint64_t committed = xv_parser_committed(parser);
    size_t n;

    if (f->convert != NULL)
        return converted(f, parser);
    if (committed != f->committed) {
        bool config = is_configuration(f, parser);

        if (f->sealed != NULL)
            xv_sealed_item(f->sealed, parser, f->hold + f->settled, f->held - f->settled, committed);
        if (xv_parser_report(parser)->code != XV_ACCEPTED) { /* nothing of it goes out */
            f->committed = committed;
            return true;
        }
        f->committed = committed;
        if (f->libxc_only)
            return commit_libxc(f, parser);
        if (config)
            return commit_config(f, parser);
        if (xv_parser_dropped(parser))
            f->held = f->settled;
        f->settled = f->held;
    }
    if (f->settled == 0 || !may_go(f, parser))
        return true;
    n = f->settled;
    f->held = 0; /* behind it there is something only if the link broke inside an item, which ends the run */
    f->settled = 0;
    return xv_forward_write(f, f->hold, n);
}
