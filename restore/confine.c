/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "confine.h"

#include <cap-ng.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "ipc.h"
#include "layers.h"

#define HIGH_DESCRIPTOR 16 /* out of the way of the three that the worker keeps */

static _Noreturn void give_up(int control, uint32_t layer) {
    struct xv_message message;
    int error = errno;

    memset(&message, 0, sizeof message);
    message.kind = XV_MSG_FAILED;
    message.u.failed.layer = layer;
    message.u.failed.error = error;
    (void)xv_ipc_send(control, &message);
    _exit(101);
}

/* Inside a user namespace, 0 is the unprivileged identity that the parent mapped. */
static bool take_identity(uint32_t layers) {
    uid_t id = layers & XV_LAYER_BIT_USER_NS ? 0 : XV_NOBODY;

    if (!(layers & XV_LAYER_BIT_IDENTITY))
        return true;
    if (!(layers & XV_LAYER_BIT_USER_NS) && geteuid() != 0)
        return true; /* nothing to give up */
    if (setgroups(0, NULL) != 0 &&
        errno != EPERM) /* EPERM: an unprivileged caller's namespace denies it, and it is his own */
        return false;
    return setresgid(id, id, id) == 0 && setresuid(id, id, id) == 0;
}

/* An empty, read-only file system becomes the root; the old one is let go of. */
static bool empty_root(void) {
    const unsigned long flags = MS_NODEV | MS_NOEXEC | MS_NOSUID;

    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
        mount("none", "/tmp", "tmpfs", flags, "size=4k,mode=0555") != 0)
        return false;
    if (chdir("/tmp") != 0 || syscall(SYS_pivot_root, ".", ".") != 0)
        return false;
    if (umount2(".", MNT_DETACH) != 0 || chdir("/") != 0)
        return false;
    return mount(NULL, "/", NULL, MS_REMOUNT | MS_RDONLY | MS_BIND | flags, NULL) == 0;
}

static int lift(int fd) {
    return fcntl(fd, F_DUPFD_CLOEXEC, HIGH_DESCRIPTOR);
}

/* Puts the three descriptors in their places; all others close at exec. */
static bool place_descriptors(const struct xv_confinement *c, int control, int *program) {
    int input = lift(c->input), output = lift(c->output);

    *program = lift(c->program);
    if (input < 0 || output < 0 || *program < 0)
        return false;
    if (dup2(input, XV_WORKER_INPUT) < 0 || dup2(output, XV_WORKER_OUTPUT) < 0 || dup2(control, XV_WORKER_CONTROL) < 0)
        return false;
    return syscall(SYS_close_range, XV_WORKER_CONTROL + 1, ~0u, 4u /* CLOSE_RANGE_CLOEXEC */) == 0;
}

static bool drop_capabilities(void) {
    capng_clear(CAPNG_SELECT_BOTH);
    if (capng_apply(CAPNG_SELECT_BOTH) != 0) {
        errno = EPERM;
        return false;
    }
    (void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
    return true;
}

static void default_signals(void) {
    sigset_t none;

    for (int s = 1; s < NSIG; s++)
        (void)signal(s, SIG_DFL);
    sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
}

_Noreturn void xv_confine_and_exec(const struct xv_confinement *c) {
    char *const arguments[] = {(char[]){"xenvet-worker"}, NULL};
    char *const environment[] = {NULL};
    int control = lift(c->control), program = -1;
    char go;

    default_signals();
    if (control < 0 || read(control, &go, 1) != 1)
        _exit(101);
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0)
        give_up(control, XV_LAYER_BIT_UNDUMPABLE);
    if (!take_identity(c->layers))
        give_up(control, XV_LAYER_BIT_IDENTITY);
    if (c->layers & XV_LAYER_BIT_MOUNT_NS && !empty_root())
        give_up(control, XV_LAYER_BIT_MOUNT_NS);
    if (!place_descriptors(c, control, &program))
        give_up(control, XV_LAYER_BIT_DESCRIPTORS);
    if (c->layers & XV_LAYER_BIT_NO_NEW_PRIVS && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        give_up(control, XV_LAYER_BIT_NO_NEW_PRIVS);
    if (c->layers & XV_LAYER_BIT_CAPABILITIES && !drop_capabilities())
        give_up(control, XV_LAYER_BIT_CAPABILITIES);
    (void)syscall(SYS_execveat, program, "", arguments, environment, AT_EMPTY_PATH);
    give_up(control, 0);
}
