/* SPDX-License-Identifier: MIT */
#include "fact_sender.h"

#include <string.h>
#include <unistd.h>

#include "ipc.h"

static void send_fact(const struct xv_fact_sender *sender, const struct xv_fact *fact) {
    struct xv_message message;

    memset(&message, 0, sizeof message);
    message.kind = XV_MSG_FACT;
    message.u.fact = *fact;
    if (!xv_ipc_send(sender->fd, &message))
        _exit(102);
}

void xv_fact_sender_flush(struct xv_fact_sender *sender) {
    if (sender->pending)
        send_fact(sender, &sender->run);
    sender->pending = 0;
}

static int continues(const struct xv_fact *run, const struct xv_fact *fact) {
    return fact->kind == XV_FACT_PAGE && fact->b == run->b && fact->c == run->c && fact->a == run->a + run->spare + 1 &&
           run->spare < 0xfffffffeu;
}

void xv_fact_sender_tell(void *context, const struct xv_fact *fact) {
    struct xv_fact_sender *sender = context;

    if (sender->pending && continues(&sender->run, fact)) {
        sender->run.spare++;
        return;
    }
    xv_fact_sender_flush(sender);
    if (fact->kind == XV_FACT_CONFIG && sender->config_facts++ >= XV_CONFIG_FACTS)
        return;
    if (fact->kind != XV_FACT_PAGE) {
        send_fact(sender, fact);
        return;
    }
    sender->run = *fact;
    sender->run.spare = 0;
    sender->pending = 1;
}
