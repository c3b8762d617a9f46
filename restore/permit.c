/* SPDX-License-Identifier: MIT */
#include "permit.h"

#include <string.h>

/* Rows: state; what may come in it; where it leads. */
static const struct row {
    enum xv_permit_state state;
    uint32_t kind;
    enum xv_permit_state next;
} rows[] = {
    {XV_PERMIT_START, XV_MSG_FAILED, XV_PERMIT_CLOSED},       {XV_PERMIT_START, XV_MSG_READY, XV_PERMIT_RUNNING},
    {XV_PERMIT_RUNNING, XV_MSG_FACT, XV_PERMIT_RUNNING},      {XV_PERMIT_RUNNING, XV_MSG_TICK, XV_PERMIT_RUNNING},
    {XV_PERMIT_RUNNING, XV_MSG_COMPLETE, XV_PERMIT_COMPLETE}, {XV_PERMIT_RUNNING, XV_MSG_OUTCOME, XV_PERMIT_CLOSED},
    {XV_PERMIT_RUNNING, XV_MSG_SUMMARY, XV_PERMIT_RUNNING},   {XV_PERMIT_RUNNING, XV_MSG_CONFIG, XV_PERMIT_RUNNING},
    {XV_PERMIT_RUNNING, XV_MSG_SEALED, XV_PERMIT_RUNNING},    {XV_PERMIT_COMPLETE, XV_MSG_GO_AHEAD, XV_PERMIT_GONE},
    {XV_PERMIT_COMPLETE, XV_MSG_OUTCOME, XV_PERMIT_CLOSED},   {XV_PERMIT_GONE, XV_MSG_OUTCOME, XV_PERMIT_CLOSED},
};

void xv_permit_init(struct xv_permit *permit, uint64_t max_facts) {
    memset(permit, 0, sizeof *permit);
    permit->state = XV_PERMIT_START;
    permit->max_facts = max_facts;
}

/* Strings of a fact or an outcome end inside their arrays and are printable: they will be shown to a person. */
static bool printable(const char *text, size_t size) {
    for (size_t i = 0; i < size; i++) {
        if (text[i] == 0)
            return true;
        if (text[i] < 0x20 || text[i] > 0x7e)
            return false;
    }
    return false;
}

static bool printable_summary(const struct xv_summary *s) {
    return printable(s->config_type, sizeof s->config_type) && printable(s->config_name, sizeof s->config_name) &&
           printable(s->config_uuid, sizeof s->config_uuid);
}

static bool plausible_outcome(const struct xv_permit *permit, const struct xv_outcome *o) {
    bool accepts = o->ending == XV_ENDED_ACCEPTED;

    if (o->ending > XV_ENDED_INTERNAL || (accepts && permit->state == XV_PERMIT_RUNNING))
        return false;
    if (accepts && o->code != XV_ACCEPTED)
        return false;
    if (o->ending == XV_ENDED_REJECTED && (o->code == XV_ACCEPTED || !xv_verdict_of((enum xv_code)o->code)))
        return false;
    return printable(o->record_name, sizeof o->record_name) && printable_summary(&o->summary);
}

static bool plausible(struct xv_permit *permit, const struct xv_message *message) {
    bool config = permit->config, seal = permit->seal;

    switch (message->kind) {
    case XV_MSG_CONFIG:
        permit->config = false; /* once */
        return config;
    case XV_MSG_SEALED:
        permit->seal = seal && message->u.sealed.whole == 0;
        return seal && message->u.sealed.whole <= 1 && message->u.sealed.spare == 0;
    case XV_MSG_FACT:
        permit->facts++;
        return permit->facts <= permit->max_facts && message->u.fact.kind <= XV_FACT_TOLERATED &&
               printable(message->u.fact.text, sizeof message->u.fact.text);
    case XV_MSG_SUMMARY:
        if (!permit->summary || message->u.begun.spare || !printable_summary(&message->u.begun.summary))
            return false;
        permit->summary = false; /* once */
        return true;
    case XV_MSG_COMPLETE:
        return !permit->summary;
    case XV_MSG_OUTCOME:
        return plausible_outcome(permit, &message->u.outcome);
    default:
        return true;
    }
}

bool xv_permit_take(struct xv_permit *permit, const struct xv_message *message) {
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].state != permit->state || rows[i].kind != message->kind)
            continue;
        if (!plausible(permit, message))
            break;
        permit->accepted = message->kind == XV_MSG_OUTCOME && message->u.outcome.ending == XV_ENDED_ACCEPTED;
        permit->state = rows[i].next;
        return true;
    }
    permit->state = XV_PERMIT_CLOSED;
    permit->accepted = false;
    return false;
}
