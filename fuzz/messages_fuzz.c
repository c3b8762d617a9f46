/* SPDX-License-Identifier: MIT */
/*
 * What a hijacked worker may say: messages of any contents, the first octet of each choosing what is right about it.
 * Oracle: accepted only as the last word, after READY and COMPLETE, and nothing is permitted after it.
 *
 * Target: xv_permit_take
 * Links: restore/permit.c restore/ipc.c
 */
#include <stdlib.h>
#include <string.h>

#include "permit.h"

/* Bit 7: the rest is the input's; else zeros, which are an accepting outcome, with so much of the input over them. */
static size_t take_message(struct xv_message *m, const uint8_t *data, size_t size) {
    size_t n = xv_message_size(data[0] & 31u), given;

    memset(m, 0, sizeof *m);
    m->kind = data[0] & 31u;
    n = n > offsetof(struct xv_message, u) ? n - offsetof(struct xv_message, u) : 0;
    given = data[0] & 0x80 ? n : data[0] >> 5 ? 8 : 0;
    given = given < size - 1 ? given : size - 1;
    given = given < n ? given : n;
    memcpy(&m->u, data + 1, given);
    return given + 1;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct xv_message message;
    bool ready = false, complete = false, over = false;
    struct xv_permit permit;
    size_t at = 1;

    if (size < 2)
        return 0;
    xv_permit_init(&permit, 100);
    permit.config = data[0] & 1;
    permit.summary = data[0] & 2;
    while (at < size) {
        at += take_message(&message, data + at, size - at);
        bool taken = xv_permit_take(&permit, &message);

        if (taken && over)
            abort();
        ready = ready || (taken && message.kind == XV_MSG_READY);
        complete = complete || (taken && ready && message.kind == XV_MSG_COMPLETE);
        if (permit.accepted && !(taken && ready && complete && message.kind == XV_MSG_OUTCOME))
            abort();
        over = over || !taken || permit.state == XV_PERMIT_CLOSED;
    }
    return 0;
}
