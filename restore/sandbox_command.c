/* SPDX-License-Identifier: MIT */
#include "commands.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "exit_status.h"
#include "hello.h"
#include "layers.h"
#include "output.h"

/* One layer of this host: put on alone in a worker that reads nothing. */
struct trial {
    bool provided;
    int error;
};

static struct trial try_layers(uint32_t layers) {
    struct trial trial = {false, 0};
    struct xv_worker worker;
    struct xv_outcome outcome;
    struct xv_message message;
    struct xv_hello hello = {.mode = XV_MODE_CHECK, .layers = layers};
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);

    xv_policy_strict(&hello.policy);
    memset(&outcome, 0, sizeof outcome);
    if (null >= 0 && xv_worker_begin(&worker, null, null, &hello, NULL, &outcome)) {
        if (xv_ipc_receive(worker.control, &message) != 1)
            memset(&message, 0, sizeof message);
        trial.provided = message.kind == XV_MSG_READY;
        trial.error = message.kind == XV_MSG_FAILED ? message.u.failed.error : 0;
        (void)xv_launch_end(&worker);
    } else {
        trial.error = outcome.error;
    }
    if (null >= 0)
        (void)close(null);
    return trial;
}

/* Some layers need others: an empty root or a lower identity takes a user namespace, unless root asks. */
static uint32_t with_what_it_needs(uint32_t layer) {
    static const uint32_t namespaces = XV_LAYER_BIT_MOUNT_NS | XV_LAYER_BIT_NET_NS | XV_LAYER_BIT_PID_NS |
                                       XV_LAYER_BIT_IPC_NS | XV_LAYER_BIT_CAPABILITIES;

    if (layer & namespaces)
        layer |= XV_LAYER_BIT_USER_NS;
    if (layer & (XV_LAYER_BIT_SECCOMP | XV_LAYER_BIT_LANDLOCK))
        layer |= XV_LAYER_BIT_NO_NEW_PRIVS;
    return layer;
}

static json_t *layer_json(const char *name, const char *text, const struct trial *trial) {
    json_t *one = json_object();

    (void)json_object_set_new(one, "name", json_string(name));
    (void)json_object_set_new(one, "text", json_string(text));
    (void)json_object_set_new(one, "provided", json_boolean(trial->provided));
    (void)json_object_set_new(one, "error", trial->provided ? json_null() : json_string(strerror(trial->error)));
    return one;
}

static int report_json(const struct trial *trials, const struct trial *all) {
    json_t *root = json_object(), *list = json_array();

    for (unsigned bit = 0; xv_layer_name(bit) != NULL; bit++)
        (void)json_array_append_new(list, layer_json(xv_layer_name(bit), xv_layer_text(bit), &trials[bit]));
    (void)json_object_set_new(root, "schema", json_string("xenvet.sandbox/1"));
    (void)json_object_set_new(root, "version", json_string(XENVET_VERSION));
    (void)json_object_set_new(root, "complete", json_boolean(all->provided));
    (void)json_object_set_new(root, "layers", list);
    return xv_output_json(root) ? XV_EXIT_ACCEPTED : XV_EXIT_SYSTEM;
}

static void report_text(const struct trial *trials, const struct trial *all) {
    for (unsigned bit = 0; xv_layer_name(bit) != NULL; bit++) {
        (void)printf("%-3s %-17s %s", trials[bit].provided ? "yes" : "no", xv_layer_name(bit), xv_layer_text(bit));
        if (!trials[bit].provided)
            (void)printf(": %s", trials[bit].error ? strerror(trials[bit].error) : "the worker died");
        (void)putchar('\n');
    }
    (void)printf("%s\n", all->provided ? "all layers together: yes" : "all layers together: no; see --without-layer");
}

int xv_command_sandbox(const struct xv_options *options) {
    struct trial trials[32] = {{false, 0}}, all = try_layers(XV_DEFAULT_LAYERS);

    for (unsigned bit = 0; bit < 32 && xv_layer_name(bit) != NULL; bit++)
        trials[bit] = try_layers(with_what_it_needs(1u << bit));
    if (options->json)
        return report_json(trials, &all) == XV_EXIT_ACCEPTED && all.provided ? XV_EXIT_ACCEPTED : XV_EXIT_SYSTEM;
    report_text(trials, &all);
    return all.provided ? XV_EXIT_ACCEPTED : XV_EXIT_SYSTEM;
}
