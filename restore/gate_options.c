/* SPDX-License-Identifier: MIT */
#include "gate_options.h"

#include <stdlib.h>
#include <string.h>

#define DAY_SECONDS   86400u
#define STALL_SECONDS 120u /* longer than the hotplug scripts of xl may take */

void xv_gate_defaults(struct xv_options *o) {
    if (o->command != XV_COMMAND_GATE)
        return;
    o->gate.stall_seconds = STALL_SECONDS;
    if (o->settings.timeout_seconds == 0) /* nobody holds a gate for ever */
        o->settings.timeout_seconds = DAY_SECONDS;
}

static const char *take_protocol(struct xv_gate_options *o, const char *text) {
    static const char *const names[] = {
        [XV_PROTOCOL_MIGRATE] = "migrate",
        [XV_PROTOCOL_REMUS] = "remus",
        [XV_PROTOCOL_COLO] = "colo",
    };

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(text, names[i]) == 0) {
            o->protocol = (enum xv_protocol)i;
            return NULL;
        }
    }
    return "unknown name; known: migrate, remus, colo";
}

static const char *take_stall(struct xv_gate_options *o, const char *text) {
    char *end = NULL;
    unsigned long value;

    if (text[0] < '0' || text[0] > '9')
        return "not a number of seconds";
    value = strtoul(text, &end, 10);
    if (*end != '\0' || value > 2000000)
        return "not a number of seconds";
    o->stall_seconds = (uint32_t)value;
    return NULL;
}

const char *xv_gate_option(struct xv_gate_options *o, int option, const char *text) {
    switch (option) {
    case XV_GATE_PROTOCOL:
        return take_protocol(o, text);
    case XV_GATE_NO_HANDSHAKE:
        o->no_handshake = true;
        return NULL;
    case XV_GATE_KEEP_CONFIG:
        o->keep_config = true;
        return NULL;
    case XV_GATE_CONFIG:
        o->config = text;
        return NULL;
    case XV_GATE_IN:
        o->in = text;
        return NULL;
    case XV_GATE_OUT:
        o->out = text;
        return NULL;
    case XV_GATE_STALL:
        return take_stall(o, text);
    case XV_GATE_LOG_JSON:
        o->log_json = text;
        return NULL;
    case XV_GATE_XL:
        o->xl = text;
        return text[0] != 0 ? NULL : "names a program, or none";
    default:
        o->metrics = text;
        return NULL;
    }
}

const char *xv_gate_operands(struct xv_gate_options *o, int argc, char **argv) {
    if (o->keep_config && o->config != NULL)
        return "--keep-config and --config exclude each other";
    if (argc > 0) {
        o->command = argv;
        return o->in != NULL || o->out != NULL ? "--in and --out go without a command" : NULL;
    }
    if (o->in == NULL || o->out == NULL)
        return "name a command after --, or both --in and --out";
    if (o->no_handshake || o->protocol != XV_PROTOCOL_MIGRATE || o->xl != NULL)
        return "--no-handshake, --protocol and --xl need a command";
    return NULL;
}
