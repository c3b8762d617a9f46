/* SPDX-License-Identifier: MIT */
#ifndef XENVET_FACT_SENDER_H
#define XENVET_FACT_SENDER_H

/*
 * Sends facts to the monitor; pages that follow each other as one fact whose `spare` counts the further ones, or a
 * guest's million holes would be a million messages.
 */
#include <stdint.h>

#include <xenvet/parser.h>

/* Fields of the configuration that are told: the monitor keeps fewer, and a hostile configuration has thousands. */
#define XV_CONFIG_FACTS 256u

struct xv_fact_sender {
    int fd;
    struct xv_fact run; /* XV_FACT_PAGE not yet sent, if `pending` */
    uint32_t pending;
    uint32_t config_facts; /* told so far */
};

/* For struct xv_observer. Ends the process if the monitor is gone. */
void xv_fact_sender_tell(void *context, const struct xv_fact *fact);

void xv_fact_sender_flush(struct xv_fact_sender *sender);

#endif
