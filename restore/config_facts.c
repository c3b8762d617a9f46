/* SPDX-License-Identifier: MIT */
#include "config_facts.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "restore_options.h"

static bool fail(struct xv_config_facts *facts, const char *what, const char *why) {
    (void)snprintf(facts->fault, sizeof facts->fault, "--config: %s%.100s", what, why);
    return false;
}

/* A string of the configuration through the check of the option that says the same. */
static bool take_text(struct xv_restore_options *o, struct xv_config_facts *facts, const json_t *value, int option,
                      char *store, size_t size) {
    const char *text = json_string_value(value), *fault;

    if (value == NULL || json_is_null(value))
        return true;
    if (text == NULL || strlen(text) >= size)
        return fail(facts, "not the configuration of a guest", "");
    (void)snprintf(store, size, "%s", text);
    fault = xv_restore_option(o, option, store);
    return fault == NULL || fail(facts, "its name, uuid or type is ", fault);
}

static bool number(const json_t *value, json_int_t most, json_int_t *out) {
    *out = 0;
    if (value == NULL || json_is_null(value))
        return true;
    *out = json_integer_value(value);
    return json_is_integer(value) && *out >= 1 && *out <= most;
}

static bool take(struct xv_restore_options *o, struct xv_config_facts *facts, const json_t *root) {
    const json_t *create = json_object_get(root, "c_info"), *build = json_object_get(root, "b_info");
    json_int_t vcpus, memory;
    char type[16];

    if (!json_is_object(create) || !json_is_object(build))
        return fail(facts, "not JSON as libxl writes it, with c_info and b_info", "");
    if (!number(json_object_get(build, "max_vcpus"), XV_MAX_VCPUS_PV, &vcpus) ||
        !number(json_object_get(build, "max_memkb"), (json_int_t)(XV_MAX_GUEST_PAGES * 4), &memory))
        return fail(facts, "max_vcpus or max_memkb is out of range", "");
    if (o->vcpus == 0)
        o->vcpus = (uint32_t)vcpus;
    if (o->memory_kb == 0)
        o->memory_kb = (uint64_t)memory;
    return (o->name != NULL ||
            take_text(o, facts, json_object_get(create, "name"), XV_RESTORE_NAME, facts->name, sizeof facts->name)) &&
           (o->uuid != NULL ||
            take_text(o, facts, json_object_get(create, "uuid"), XV_RESTORE_UUID, facts->uuid, sizeof facts->uuid)) &&
           (o->type != 0 || take_text(o, facts, json_object_get(create, "type"), XV_RESTORE_TYPE, type, sizeof type));
}

bool xv_config_facts_read(struct xv_restore_options *o, struct xv_config_facts *facts, bool *system) {
    FILE *file = fopen(o->config, "re");
    json_error_t problem;
    json_t *root;
    bool done;

    *system = file == NULL;
    if (file == NULL)
        return fail(facts, "", strerror(errno));
    root = json_loadf(file, JSON_REJECT_DUPLICATES | JSON_DISABLE_EOF_CHECK, &problem); /* libxl ends it with a NUL */
    *system = ferror(file) != 0;
    (void)fclose(file);
    done = root != NULL ? take(o, facts, root)
                        : fail(facts, "the libxenguest back end takes JSON as libxl writes it: ", problem.text);
    json_decref(root);
    return done;
}
