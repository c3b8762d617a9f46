/* SPDX-License-Identifier: MIT */
#include "restore_options.h"

#include <string.h>

#include "backend_ipc.h"
#include "uuid_text.h"

#define DAY_SECONDS   86400u
#define STALL_SECONDS 120u
#define MOST_SECONDS  2000000u

void xv_restore_defaults(struct xv_options *o) {
    if (o->command != XV_COMMAND_RESTORE)
        return;
    o->restore.stall_seconds = STALL_SECONDS;
    if (o->settings.timeout_seconds == 0) /* nobody keeps half a domain for ever */
        o->settings.timeout_seconds = DAY_SECONDS;
}

static const char *take_backend(struct xv_restore_options *o, const char *text) {
    static const char *const names[] = {
        [XV_BACKEND_LIBXENGUEST] = "libxenguest",
        [XV_BACKEND_XL] = "xl",
        [XV_BACKEND_FILE] = "file",
    };

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(text, names[i]) == 0) {
            o->backend = (enum xv_restore_backend)i;
            return NULL;
        }
    }
    return "unknown name; known: libxenguest, xl, file";
}

static const char *take_type(struct xv_restore_options *o, const char *text) {
    static const struct {
        const char *name;
        uint32_t guest;
    } types[] = {{"pv", XV_GUEST_PV64}, {"pvh", XV_GUEST_PVH}, {"hvm", XV_GUEST_HVM}};

    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (strcmp(text, types[i].name) == 0) {
            o->type = types[i].guest;
            return NULL;
        }
    }
    return "unknown name; known: pv, pvh, hvm";
}

static const char *take_name(struct xv_restore_options *o, const char *text) {
    size_t n = strlen(text);

    if (n == 0 || n >= XV_NAME_SIZE)
        return "empty, or longer than 63 octets";
    for (size_t i = 0; i < n; i++) {
        if (text[i] < 0x20 || text[i] > 0x7e)
            return "only printable ASCII is a name";
    }
    o->name = text;
    return NULL;
}

static const char *take_uuid(struct xv_restore_options *o, const char *text) {
    uint8_t uuid[16];

    o->uuid = strcmp(text, "new") == 0 ? "" : text;
    if (o->uuid[0] == 0 || (strlen(text) == XV_UUID_TEXT - 1 && xv_uuid_parse(text, uuid)))
        return NULL;
    return "neither a uuid nor the word new";
}

static const char *take_number(struct xv_restore_options *o, int option, const char *text) {
    uint64_t value = 0;
    bool good = xv_number_parse(text, option == XV_RESTORE_MEMORY, &value);

    switch (option) {
    case XV_RESTORE_MEMORY:
        o->memory_kb = value / 1024;
        return good && value >= 4096 && value <= XV_MAX_GUEST_PAGES * 4096 ? NULL : "not a size like 512M or 16G";
    case XV_RESTORE_VCPUS:
        o->vcpus = (uint32_t)value;
        return good && value >= 1 && value <= XV_MAX_VCPUS_PV ? NULL : "not a number of vCPUs";
    default:
        o->stall_seconds = (uint32_t)value;
        return good && value <= MOST_SECONDS ? NULL : "not a number of seconds";
    }
}

static void take_text(struct xv_restore_options *o, int option, const char *text) {
    if (option == XV_RESTORE_CONFIG)
        o->config = text;
    else if (option == XV_RESTORE_OUT)
        o->out = text;
    else if (option == XV_RESTORE_LOG_JSON)
        o->log_json = text;
    else
        o->metrics = text;
}

const char *xv_restore_option(struct xv_restore_options *o, int option, const char *text) {
    switch (option) {
    case XV_RESTORE_BACKEND:
        return take_backend(o, text);
    case XV_RESTORE_NAME:
        return take_name(o, text);
    case XV_RESTORE_UUID:
        return take_uuid(o, text);
    case XV_RESTORE_TYPE:
        return take_type(o, text);
    case XV_RESTORE_MEMORY:
    case XV_RESTORE_VCPUS:
    case XV_RESTORE_STALL:
        return take_number(o, option, text);
    case XV_RESTORE_PAUSED:
        o->paused = true;
        return NULL;
    case XV_RESTORE_REAP:
        o->reap = true;
        return NULL;
    default:
        take_text(o, option, text);
        return NULL;
    }
}

/* What a back end cannot do with an option is said, not ignored. */
static const char *misfit(const struct xv_restore_options *o) {
    bool facts = o->uuid != NULL || o->type != 0 || o->memory_kb != 0 || o->vcpus != 0;

    if (o->backend != XV_BACKEND_LIBXENGUEST && facts)
        return "--uuid, --type, --memory and --vcpus are for --backend libxenguest; others take --config FILE";
    if (o->backend == XV_BACKEND_FILE && (o->paused || o->name != NULL))
        return "--paused and --name make a domain, --backend file does not";
    if ((o->backend == XV_BACKEND_FILE) != (o->out != NULL))
        return "--backend file and --out FILE go together";
    return NULL;
}

const char *xv_restore_operands(struct xv_options *o, int argc, char **argv) {
    if (o->restore.reap)
        return argc > 0 ? "--reap goes without an image" : NULL;
    if (argc < 1)
        return "no image given: name a file, or - for standard input";
    if (argc > 1)
        return "one argument too many: one image at a time";
    o->path = argv[0];
    return misfit(&o->restore);
}
