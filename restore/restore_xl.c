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
#include "own_config.h"
#include "xl_tool.h"

#define UNNAMED "(null)" /* what xl prints for a domain whose name is not written yet */

static int fail(struct xv_restore *restore, uint32_t ending, const char *what, int error) {
    restore->outcome.ending = ending;
    restore->outcome.error = error;
    (void)snprintf(restore->failure, sizeof restore->failure, "%s%s%s", what, error ? ": " : "",
                   error ? strerror(error) : "");
    return ending == XV_ENDED_BACKEND ? XV_EXIT_BACKEND : XV_EXIT_SYSTEM;
}

/* New since `before`, and of this name or none; "" is any name. */
static bool is_ours(const struct xv_xl_domain *domain, const struct xv_xl_domains *before, const char *name) {
    return !xv_xl_has(before, domain->domid) &&
           (name[0] == 0 || strcmp(domain->name, name) == 0 || strcmp(domain->name, UNNAMED) == 0);
}

/* What xl had begun; other domains may have come meanwhile, so the name has to fit as well. */
static bool remove_begun(const struct xv_xl_domains *before, const char *name) {
    struct xv_xl_domains now;
    bool all = true;

    if (!xv_xl_list(&now))
        return false;
    for (size_t i = 0; i < now.count; i++) {
        if (is_ours(&now.items[i], before, name))
            all = xv_xl_destroy(now.items[i].domid) && all;
    }
    free(now.items);
    return all;
}

/* The one new domain, 0 if there are none or several that could be it. */
static uint32_t find_new(const struct xv_xl_domains *before, const char *name) {
    struct xv_xl_domains now;
    uint32_t found = 0, count = 0;

    if (!xv_xl_list(&now))
        return 0;
    for (size_t i = 0; i < now.count; i++) {
        if (is_ours(&now.items[i], before, name)) {
            found = now.items[i].domid;
            count++;
        }
    }
    free(now.items);
    return count == 1 ? found : 0;
}

/* xl restore takes no name, so the domain gets its own when it is there. */
static int settle(struct xv_restore *restore, const struct xv_xl_domains *before, const char *name) {
    const char *wanted = restore->options->restore.name;

    restore->domid = find_new(before, name);
    if (wanted == NULL || (restore->domid != 0 && xv_xl_rename(restore->domid, wanted)))
        return XV_EXIT_ACCEPTED;
    restore->left = restore->domid == 0 || !xv_xl_destroy(restore->domid);
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

static int run(struct xv_restore *restore, int input, const struct xv_own_config *own,
               const struct xv_xl_domains *before) {
    const struct xv_options *o = restore->options;
    char xl[] = "xl", verb[] = "restore", paused[] = "-p", image[] = "/dev/stdin";
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
        .observer = restore->observer,
    };
    const char *name;
    int status;

    status = xv_gate_run(&gate);
    restore->outcome = gate.outcome;
    restore->signal = gate.signal;
    name = own->bytes != NULL ? "" : gate.outcome.summary.config_name;
    if (status == XV_EXIT_ACCEPTED)
        return settle(restore, before, name);
    describe(restore, gate.consumer_status);
    restore->left = !remove_begun(before, name);
    return status;
}

int xv_restore_xl(struct xv_restore *restore) {
    const struct xv_options *o = restore->options;
    struct xv_own_config own = {NULL, 0};
    struct xv_xl_domains before;
    int input, status;

    memset(&restore->outcome, 0, sizeof restore->outcome);
    if (o->restore.config != NULL)
        own = xv_own_config_read(o->restore.config, restore->policy->max_config_bytes);
    if (o->restore.config != NULL && own.bytes == NULL)
        return fail(restore, XV_ENDED_ERROR, "--config", errno);
    input = strcmp(o->path, "-") == 0 ? STDIN_FILENO : open(o->path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (input < 0) {
        restore->outcome.ending = XV_ENDED_ERROR;
        restore->outcome.error = errno;
        status = XV_EXIT_SYSTEM;
    } else if (!xv_xl_list(&before)) {
        status = fail(restore, XV_ENDED_BACKEND, "xl list does not work", 0);
    } else {
        status = run(restore, input, &own, &before);
        free(before.items);
    }
    if (input > STDIN_FILENO)
        (void)close(input);
    free(own.bytes);
    return status;
}
