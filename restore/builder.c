/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "builder.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "exit_status.h"
#include "monitor.h"

#define PROGRAM         "/xenvet-restore"
#define HIGH_DESCRIPTOR 16
#define AWAIT_MS        5000
#define ATTEMPTS        4

/* It stands beside xenvet in a build tree, and in the library directory when installed. */
static void find_program(char path[PATH_MAX]) {
    ssize_t n = readlink("/proc/self/exe", path, PATH_MAX - sizeof PROGRAM);
    char *slash;

    path[n > 0 ? n : 0] = 0;
    slash = strrchr(path, '/');
    if (slash != NULL)
        memcpy(slash, PROGRAM, sizeof PROGRAM);
    if (slash == NULL || access(path, X_OK) != 0)
        memcpy(path, XENVET_LIBEXECDIR PROGRAM, sizeof XENVET_LIBEXECDIR PROGRAM);
}

bool xv_builder_available(void) {
    char path[PATH_MAX];

    find_program(path);
    return access(path, X_OK) == 0;
}

/* A process group of its own, so that a signal from the terminal reaches the monitor alone, which then cleans up. */
static void plain_process(void) {
    sigset_t none;

    for (int s = 1; s < NSIG; s++)
        (void)signal(s, SIG_DFL);
    sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
    (void)setpgid(0, 0);
}

static bool place(int from, int to) {
    if (from < 0)
        from = open("/dev/null", O_RDWR);
    return from == to || dup2(from, to) == to;
}

static int lift(int fd) {
    return fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, HIGH_DESCRIPTOR);
}

/*
 * With a channel: the stream, nothing, the operator's standard error, the channel. Without: nothing in place of the
 * stream, and the operator's standard output.
 */
static _Noreturn void become(const char *path, char *const argv[], int stream, int control) {
    int input = lift(stream), channel = lift(control);
    unsigned first = XV_BACKEND_CONTROL + (control < 0 ? 0u : 1u);

    plain_process();
    if (place(input, XV_BACKEND_STREAM) &&
        (control < 0 || (place(-1, STDOUT_FILENO) && place(channel, XV_BACKEND_CONTROL))) &&
        syscall(SYS_close_range, first, ~0u, 0) == 0)
        (void)execv(path, argv);
    _exit(127);
}

static pid_t run(char *const argv[], int stream, int control) {
    char path[PATH_MAX];
    pid_t pid;

    find_program(path);
    pid = fork();
    if (pid == 0)
        become(path, argv, stream, control);
    return pid;
}

static bool send_message(int control, const struct xv_backend_message *message) {
    ssize_t n;

    do {
        n = send(control, message, sizeof *message, MSG_NOSIGNAL);
    } while (n < 0 && errno == EINTR);
    return n == (ssize_t)sizeof *message;
}

bool xv_builder_start(struct xv_builder *b, int stream, const struct xv_build *build) {
    char *const argv[] = {(char[]){"xenvet-restore"}, (char[]){"--build"}, NULL};
    struct xv_backend_message message;
    int pair[2];

    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
        return false;
    b->pid = run(argv, stream, pair[1]);
    b->control = pair[0];
    (void)close(pair[1]);
    memset(&message, 0, sizeof message);
    message.kind = XV_BACKEND_BUILD;
    message.version = XV_BACKEND_VERSION;
    message.build = *build;
    if (b->pid > 0 && send_message(b->control, &message))
        return true;
    xv_builder_kill(b);
    return false;
}

/* What it says is shown to a person, and some of it was told by others. */
static bool printable(const char *text, size_t size) {
    for (size_t i = 0; i < size; i++) {
        if (text[i] == 0)
            return true;
        if (text[i] < 0x20 || text[i] > 0x7e)
            return false;
    }
    return false;
}

int xv_builder_receive(const struct xv_builder *b, struct xv_backend_message *message) {
    ssize_t n;

    do {
        n = recv(b->control, message, sizeof *message, 0);
    } while (n < 0 && errno == EINTR);
    if (n <= 0)
        return n == 0 || errno == ECONNRESET ? 0 : -1;
    if (n != (ssize_t)sizeof *message || message->version != XV_BACKEND_VERSION ||
        !printable(message->what, sizeof message->what)) {
        errno = EPROTO;
        return -1;
    }
    return 1;
}

bool xv_builder_commit(const struct xv_builder *b) {
    struct xv_backend_message message;

    memset(&message, 0, sizeof message);
    message.kind = XV_BACKEND_COMMIT;
    message.version = XV_BACKEND_VERSION;
    return send_message(b->control, &message);
}

static int reap_process(pid_t pid) {
    int status = -1;

    while (waitpid(pid, &status, 0) < 0) {
        if (errno != EINTR)
            return -1;
    }
    return status;
}

void xv_builder_await(struct xv_builder *b) {
    struct pollfd fd = {b->control, 0, 0}; /* the channel is closed when the process ends */

    while (poll(&fd, 1, AWAIT_MS) < 0 && errno == EINTR)
        ;
}

void xv_builder_kill(struct xv_builder *b) {
    if (b->pid > 0) {
        (void)kill(b->pid, SIGKILL);
        (void)reap_process(b->pid);
    }
    if (b->control >= 0)
        (void)close(b->control);
    *b = (struct xv_builder){-1, -1};
}

static bool succeeds(char *const argv[]) {
    pid_t pid = run(argv, -1, -1);
    int status = pid > 0 ? reap_process(pid) : -1;

    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

bool xv_builder_remove(const char *mark) {
    char text[XV_MARK_TEXT];
    char *const argv[] = {(char[]){"xenvet-restore"}, (char[]){"--destroy"}, text, NULL};

    (void)memcpy(text, mark, sizeof text);
    for (int i = 0; i < ATTEMPTS; i++) {
        if (succeeds(argv))
            return true;
        xv_pause_ms(200); /* memory or processes may have run out for a moment */
    }
    return false;
}

int xv_builder_reap(void) {
    char *const argv[] = {(char[]){"xenvet-restore"}, (char[]){"--reap"}, NULL};

    return succeeds(argv) ? XV_EXIT_ACCEPTED : XV_EXIT_BACKEND;
}
