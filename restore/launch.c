/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "launch.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "confine.h"
#include "ipc.h"
#include "layers.h"

/* The worker stands beside xenvet in a build tree, and in the library directory when installed. */
static int open_worker(void) {
    static const char name[] = "/xenvet-worker";
    char path[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", path, sizeof path - sizeof name);
    char *slash;
    int fd = -1;

    if (n > 0) {
        path[n] = 0;
        slash = strrchr(path, '/');
        if (slash != NULL) {
            memcpy(slash, name, sizeof name);
            fd = open(path, O_PATH | O_CLOEXEC);
        }
    }
    return fd >= 0 ? fd : open(XENVET_LIBEXECDIR "/xenvet-worker", O_PATH | O_CLOEXEC);
}

static int clone_flags(uint32_t layers) {
    static const struct {
        uint32_t layer;
        int flag;
    } map[] = {
        {XV_LAYER_BIT_USER_NS, CLONE_NEWUSER}, {XV_LAYER_BIT_MOUNT_NS, CLONE_NEWNS},
        {XV_LAYER_BIT_NET_NS, CLONE_NEWNET},   {XV_LAYER_BIT_PID_NS, CLONE_NEWPID},
        {XV_LAYER_BIT_IPC_NS, CLONE_NEWIPC},
    };
    int flags = 0;

    for (size_t i = 0; i < sizeof map / sizeof map[0]; i++)
        flags |= layers & map[i].layer ? map[i].flag : 0;
    return flags;
}

/* Which namespace the kernel does not give us, found by asking for one after the other. */
static uint32_t missing_namespace(uint32_t layers) {
    static const uint32_t namespaces[] = {XV_LAYER_BIT_USER_NS, XV_LAYER_BIT_MOUNT_NS, XV_LAYER_BIT_NET_NS,
                                          XV_LAYER_BIT_PID_NS, XV_LAYER_BIT_IPC_NS};

    for (size_t i = 0; i < sizeof namespaces / sizeof namespaces[0]; i++) {
        uint32_t ask = namespaces[i] | (layers & XV_LAYER_BIT_USER_NS);
        long pid;

        if (!(layers & namespaces[i]))
            continue;
        pid = syscall(SYS_clone, clone_flags(ask) | SIGCHLD, NULL, NULL, NULL, 0L);
        if (pid == 0)
            _exit(0);
        if (pid < 0)
            return namespaces[i];
        (void)waitpid((pid_t)pid, NULL, 0);
    }
    return XV_LAYER_BIT_USER_NS;
}

static bool write_file(pid_t pid, const char *name, const char *text) {
    char path[64];
    int fd;
    bool done;

    (void)snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, name);
    fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    done = write(fd, text, strlen(text)) == (ssize_t)strlen(text);
    return close(fd) == 0 && done;
}

/* Identity 0 inside is nobody of the host when root starts the worker, and the caller's own otherwise. */
static bool map_identity(pid_t pid, uint32_t layers) {
    bool root = geteuid() == 0 && (layers & XV_LAYER_BIT_IDENTITY);
    char uid[48], gid[48];

    (void)snprintf(uid, sizeof uid, "0 %u 1", root ? XV_NOBODY : (unsigned)geteuid());
    (void)snprintf(gid, sizeof gid, "0 %u 1", root ? XV_NOBODY : (unsigned)getegid());
    if (geteuid() != 0 && !write_file(pid, "setgroups", "deny"))
        return false;
    return write_file(pid, "uid_map", uid) && write_file(pid, "gid_map", gid);
}

static bool fail(struct xv_launch_error *error, uint32_t layer, const char *what) {
    error->layer = layer;
    error->error = errno;
    error->what = what;
    return false;
}

static bool start(struct xv_worker *worker, const struct xv_confinement *confinement, int child_control,
                  struct xv_launch_error *error) {
    char go = 0;
    long pid = syscall(SYS_clone, clone_flags(confinement->layers) | SIGCHLD, NULL, NULL, NULL, 0L);

    if (pid == 0)
        xv_confine_and_exec(confinement); /* does not return */
    if (pid < 0) {
        int saved = errno;
        uint32_t layer = missing_namespace(confinement->layers);

        errno = saved;
        return fail(error, layer, "cannot make namespaces");
    }
    worker->pid = (pid_t)pid;
    (void)close(child_control);
    if (confinement->layers & XV_LAYER_BIT_USER_NS && !map_identity(worker->pid, confinement->layers))
        return fail(error, XV_LAYER_BIT_USER_NS, "cannot map identities");
    if (write(worker->control, &go, 1) != 1)
        return fail(error, 0, "the worker did not start");
    return true;
}

bool xv_launch_worker(struct xv_worker *worker, int input, int output, uint32_t layers, struct xv_launch_error *error) {
    struct xv_confinement confinement = {.input = input, .output = output, .layers = layers};
    int pair[2];
    bool started;

    worker->pid = -1;
    worker->control = -1;
    confinement.program = open_worker();
    if (confinement.program < 0)
        return fail(error, 0, "cannot find xenvet-worker");
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0) {
        (void)fail(error, 0, "cannot make a channel");
        (void)close(confinement.program);
        return false;
    }
    worker->control = pair[0];
    confinement.control = pair[1];
    started = start(worker, &confinement, pair[1], error);
    (void)close(confinement.program);
    if (!started) {
        if (worker->pid < 0)
            (void)close(pair[1]);
        (void)xv_launch_end(worker);
    }
    return started;
}

int xv_launch_end(struct xv_worker *worker) {
    int status = -1;

    if (worker->pid > 0) {
        (void)kill(worker->pid, SIGKILL);
        while (waitpid(worker->pid, &status, 0) < 0 && errno == EINTR)
            ;
    }
    if (worker->control >= 0)
        (void)close(worker->control);
    worker->pid = -1;
    worker->control = -1;
    return status;
}
