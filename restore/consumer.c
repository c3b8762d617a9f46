/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "consumer.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "monitor.h"

#define PIPE_OCTETS (1 << 20) /* a wish: an unprivileged user may be over a quota */

static void close_fd(int *fd) {
    if (*fd >= 0)
        (void)close(*fd);
    *fd = -1;
}

/*
 * If this monitor is killed, the kernel kills the consumer before the worker, whose end of the pipe is then the last:
 * the consumer never sees it closed. That relies on the consumer being the elder child.
 */
static bool die_with_parent(pid_t parent) {
    return prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && getppid() == parent;
}

static _Noreturn void become(char *const argv[], int input, int output, int report, pid_t parent) {
    sigset_t none;
    int error;

    for (int s = 1; s < NSIG; s++)
        (void)signal(s, SIG_DFL);
    sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
    (void)setpgid(0, 0);
    if (die_with_parent(parent) && dup2(input, STDIN_FILENO) >= 0 && dup2(output, STDOUT_FILENO) >= 0)
        (void)execvp(argv[0], argv);
    error = errno;
    (void)!write(report, &error, sizeof error);
    _exit(127);
}

/* The child says on `report` why it could not be entered; a closed pipe means that it was. */
static bool entered(int report) {
    int error = 0;
    ssize_t n;

    do {
        n = read(report, &error, sizeof error);
    } while (n < 0 && errno == EINTR);
    if (n == 0)
        return true;
    errno = n == (ssize_t)sizeof error ? error : EPROTO;
    return false;
}

bool xv_consumer_start(struct xv_consumer *c, char *const argv[]) {
    int in[2] = {-1, -1}, out[2] = {-1, -1}, report[2] = {-1, -1};
    pid_t parent = getpid();
    bool started = false;
    int saved;

    *c = (struct xv_consumer){-1, -1, -1, -1};
    (void)prctl(PR_SET_CHILD_SUBREAPER, 1); /* its helpers become ours to reap when it is killed */
    if (pipe2(in, O_CLOEXEC) == 0 && pipe2(out, O_CLOEXEC) == 0 && pipe2(report, O_CLOEXEC) == 0) {
        c->pid = fork();
        if (c->pid == 0)
            become(argv, in[0], out[1], report[1], parent);
        (void)setpgid(c->pid, c->pid);
        close_fd(&report[1]);
        started = c->pid > 0 && entered(report[0]);
    }
    saved = errno;
    if (!started && c->pid > 0) {
        (void)kill(c->pid, SIGKILL); /* it may have been entered all the same */
        (void)waitpid(c->pid, NULL, 0);
    }
    close_fd(&in[0]);
    close_fd(&out[1]);
    close_fd(&report[0]);
    close_fd(&report[1]);
    c->input = in[1];
    c->output = out[0];
    if (started) {
        /* a stalled consumer must be noticed, by worker and monitor; its own end stays as it is */
        (void)fcntl(c->input, F_SETFL, O_NONBLOCK);
        (void)fcntl(c->input, F_SETPIPE_SZ, PIPE_OCTETS);
        c->death = (int)syscall(SYS_pidfd_open, c->pid, 0);
        if (c->death >= 0)
            (void)fcntl(c->death, F_SETFD, FD_CLOEXEC);
    } else {
        c->pid = -1;
        close_fd(&c->input);
        close_fd(&c->output);
    }
    errno = saved;
    return started;
}

/* Kills one child that is left, whatever group it is in; false if there is none, or no way to see it. */
static bool kill_one_child(void) {
    char path[64], text[16] = {0};
    ssize_t n;
    long pid;
    int fd;

    (void)snprintf(path, sizeof path, "/proc/self/task/%ld/children", (long)getpid());
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    n = read(fd, text, sizeof text - 1);
    (void)close(fd);
    pid = n > 0 ? strtol(text, NULL, 10) : 0;
    if (pid <= 1)
        return false;
    (void)kill((pid_t)pid, SIGKILL);
    return waitpid((pid_t)pid, NULL, 0) == (pid_t)pid || errno == EINTR;
}

void xv_consumer_kill(struct xv_consumer *c) {
    if (c->pid > 0) {
        (void)kill(-c->pid, SIGKILL);
        (void)kill(c->pid, SIGKILL);
        while (waitpid(c->pid, NULL, 0) < 0 && errno == EINTR)
            ;
        while (waitpid(-c->pid, NULL, 0) > 0 || errno == EINTR) /* members that became our children */
            ;
        while (kill_one_child()) /* and what went its own way, like a device model */
            ;
        for (int i = 0; i < 200 && kill(-c->pid, SIGKILL) == 0; i++) /* members that are someone else's */
            xv_pause_ms(5);
    }
    c->pid = -1;
    close_fd(&c->input);
    close_fd(&c->output);
    close_fd(&c->death);
}

void xv_consumer_end_input(struct xv_consumer *c) {
    close_fd(&c->input);
}

int xv_consumer_wait(struct xv_consumer *c, unsigned seconds) {
    int status = -1;

    for (unsigned long i = 0; seconds == 0 || i < seconds * 100ul; i++) {
        pid_t pid = waitpid(c->pid, &status, seconds == 0 ? 0 : WNOHANG);

        if (pid == c->pid) {
            c->pid = -1;
            return status;
        }
        if (pid < 0 && errno != EINTR)
            return -1;
        if (pid == 0)
            xv_pause_ms(10);
    }
    return -1;
}
