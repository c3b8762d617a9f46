/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "restore_xl.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "exit_status.h"
#include "gate.h"
#include "incoming.h"
#include "own_config.h"
#include "xl_tool.h"

#define XL "xl"

static int fail(struct xv_restore *restore, uint32_t ending, const char *what, int error) {
    restore->outcome.ending = ending;
    restore->outcome.error = error;
    (void)snprintf(restore->failure, sizeof restore->failure, "%s%s%s", what, error ? ": " : "",
                   error ? strerror(error) : "");
    return ending == XV_ENDED_BACKEND ? XV_EXIT_BACKEND : XV_EXIT_SYSTEM;
}

/* xl restore takes no name, so the domain gets its own when it is there. */
static int settle(struct xv_restore *restore, const struct xv_incoming *incoming) {
    const char *wanted = restore->options->restore.name;

    restore->domid = xv_incoming_domid(incoming);
    if (wanted == NULL || (restore->domid != 0 && xv_xl_rename(XL, restore->domid, wanted)))
        return XV_EXIT_ACCEPTED;
    restore->left = restore->domid == 0 || !xv_xl_destroy(XL, restore->domid);
    return fail(restore, XV_ENDED_BACKEND, "xl cannot give the domain its name", 0);
}

static void describe(struct xv_restore *restore, int status) {
    if (restore->outcome.ending != XV_ENDED_ACCEPTED)
        return;
    restore->outcome.ending = XV_ENDED_BACKEND;
    if (status == -1)
        (void)snprintf(restore->failure, sizeof restore->failure, "xl restore did not finish, and was killed");
    else if (WIFSIGNALED(status))
        (void)snprintf(restore->failure, sizeof restore->failure, "xl restore was ended by signal %d",
                       WTERMSIG(status));
    else
        (void)snprintf(restore->failure, sizeof restore->failure, "xl restore failed with status %d",
                       WEXITSTATUS(status));
}

/* xl opens its image by name. /dev/stdin would be one, where udev has made it. */
static int run(struct xv_restore *restore, int input, const struct xv_own_config *own, struct xv_incoming *incoming) {
    const struct xv_options *o = restore->options;
    char xl[] = XL, verb[] = "restore", paused[] = "-p", image[] = "/proc/self/fd/0";
    char *argv[] = {xl, verb, o->restore.paused ? paused : image, o->restore.paused ? image : NULL, NULL};
    struct xv_gate gate = {
        .input = input,
        .output = STDERR_FILENO,
        .command = argv,
        .policy = restore->policy,
        .own_config = own->bytes,
        .own_config_size = own->size,
        .layers = o->layers,
        .limit_seconds = o->settings.timeout_seconds,
        .idle_seconds = o->settings.idle_seconds,
        .stall_seconds = o->restore.stall_seconds,
        .incoming = incoming,
        .observer = restore->observer,
        .seal = restore->seal,
    };
    int status = xv_gate_run(&gate);

    restore->outcome = gate.outcome;
    restore->signal = gate.signal;
    restore->left = gate.left;
    if (status == XV_EXIT_ACCEPTED)
        return settle(restore, incoming);
    if (incoming->failure[0] != 0)
        (void)snprintf(restore->failure, sizeof restore->failure, "%s", incoming->failure);
    else
        describe(restore, gate.consumer_status);
    return status;
}

static struct xv_own_config read_config(const struct xv_options *o, const struct xv_policy *policy) {
    struct xv_own_config own = {.bytes = NULL};

    errno = 0;
    return o->restore.config != NULL ? xv_own_config_read(o->restore.config, policy->max_config_bytes) : own;
}

int xv_restore_xl(struct xv_restore *restore) {
    const struct xv_options *o = restore->options;
    struct xv_own_config own = read_config(o, restore->policy);
    struct xv_incoming incoming;
    int input, status;

    memset(&restore->outcome, 0, sizeof restore->outcome);
    if (o->restore.config != NULL && own.bytes == NULL)
        return fail(restore, XV_ENDED_ERROR, "--config", errno);
    xv_incoming_init(&incoming, XL, "");
    memcpy(incoming.name, own.name, sizeof incoming.name);
    memcpy(incoming.uuid, own.uuid, sizeof incoming.uuid);
    input = strcmp(o->path, "-") == 0 ? STDIN_FILENO : open(o->path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (input < 0) {
        restore->outcome.ending = XV_ENDED_ERROR;
        restore->outcome.error = errno;
        status = XV_EXIT_SYSTEM;
    } else if (own.bytes != NULL && own.name[0] == 0) {
        status = fail(restore, XV_ENDED_ERROR, "--config: no name = \"...\" was found in it", 0);
    } else {
        status = run(restore, input, &own, &incoming);
    }
    xv_incoming_close(&incoming);
    if (input > STDIN_FILENO)
        (void)close(input);
    free(own.bytes);
    return status;
}
