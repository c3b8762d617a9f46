/* SPDX-License-Identifier: MIT */
#include "hello.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "layers.h"

void xv_worker_failed(struct xv_outcome *o, const struct xv_failed *failed) {
    memset(o, 0, sizeof *o);
    o->ending = failed->layer != 0 ? XV_ENDED_SANDBOX : XV_ENDED_ERROR;
    o->layer = failed->layer;
    o->error = failed->error;
}

void xv_worker_broken(struct xv_outcome *o) {
    memset(o, 0, sizeof *o);
    o->ending = XV_ENDED_INTERNAL;
}

static bool greet(const struct xv_worker *worker, const struct xv_hello *hello, const struct xv_seal_file *seal) {
    struct xv_message message;

    memset(&message, 0, sizeof message);
    message.kind = XV_MSG_HELLO;
    message.u.hello = *hello;
    message.u.hello.version = XV_IPC_VERSION;
    if (seal != NULL) {
        message.u.hello.seal = XV_SEAL_COMPARE;
        message.u.hello.seal_size = seal->size;
    }
    return xv_ipc_send(worker->control, &message) &&
           (seal == NULL || xv_ipc_send_descriptor(worker->control, seal->fd));
}

bool xv_worker_begin(struct xv_worker *worker, int input, int output, const struct xv_hello *hello,
                     const struct xv_seal_file *seal, struct xv_outcome *outcome) {
    struct xv_launch_error error = {0, 0, NULL};

    if (seal != NULL && seal->code != XV_ACCEPTED) {
        outcome->ending = XV_ENDED_REJECTED;
        outcome->code = (uint32_t)seal->code;
        return false;
    }
    if (!xv_launch_worker(worker, input, output, hello->layers, &error)) {
        struct xv_failed failed = {error.layer, error.error};

        xv_worker_failed(outcome, &failed);
        return false;
    }
    if (greet(worker, hello, seal))
        return true;
    if (errno == EPIPE || errno == ECONNRESET) { /* a worker that is gone already has said why */
        (void)shutdown(worker->control, SHUT_WR);
        return true;
    }
    outcome->ending = XV_ENDED_ERROR;
    outcome->error = errno;
    (void)xv_launch_end(worker);
    return false;
}

void xv_worker_proceed(const struct xv_worker *worker) {
    struct xv_message message;

    memset(&message, 0, sizeof message);
    message.kind = XV_MSG_PROCEED;
    if (!xv_ipc_send(worker->control, &message))
        (void)shutdown(worker->control, SHUT_WR);
}

void xv_worker_fact(const struct xv_fact *fact, struct xv_observer observer) {
    struct xv_fact one = *fact;
    uint32_t more = fact->kind == XV_FACT_PAGE ? fact->spare : 0;

    if (observer.tell == NULL)
        return;
    one.spare = 0;
    for (;;) {
        observer.tell(observer.context, &one);
        if (more-- == 0)
            return;
        one.a++;
        one.offset += 8; /* the next entry of the record, or near it */
    }
}
