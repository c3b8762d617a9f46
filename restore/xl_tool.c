/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "xl_tool.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "monitor.h"

#define UUID_OCTETS 36u
#define MOST_TEXT   ((size_t)4 << 20) /* Xen has at most 32752 domains */

static _Noreturn void become(char *const argv[], int output) {
    sigset_t none;
    int nothing = open("/dev/null", O_RDWR);

    for (int s = 1; s < NSIG; s++)
        (void)signal(s, SIG_DFL);
    sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
    (void)setpgid(0, 0);
    if (nothing >= 0 && dup2(nothing, STDIN_FILENO) >= 0 && dup2(output < 0 ? nothing : output, STDOUT_FILENO) >= 0)
        (void)execvp(argv[0], argv);
    _exit(127);
}

/* Runs xl; its standard output goes to `output`, or nowhere if that is -1. */
static pid_t start(char *const argv[], int output) {
    pid_t pid = fork();

    if (pid == 0)
        become(argv, output);
    return pid;
}

/* Waits for it until the deadline, then kills it; a status that is not 0 is an EIO. */
static bool succeeded(pid_t pid, int64_t deadline) {
    int status = -1;
    pid_t got;

    if (pid <= 0)
        return false;
    while ((got = waitpid(pid, &status, WNOHANG)) != pid) {
        if (got < 0 && errno != EINTR)
            return false;
        if (xv_now_ms() > deadline) {
            (void)kill(-pid, SIGKILL);
            (void)kill(pid, SIGKILL);
            while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
                ;
            errno = ETIME;
            return false;
        }
        xv_pause_ms(10);
    }
    errno = WIFEXITED(status) && WEXITSTATUS(status) == 127 ? ENOENT : EIO;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static bool run(char *const argv[]) {
    int64_t deadline = xv_now_ms() + (int64_t)XV_XL_SECONDS * 1000;

    return succeeded(start(argv, -1), deadline);
}

/* "uuid  id    name": a name may hold anything, and is followed by blanks. */
static bool parse_line(char *line, struct xv_xl_domain *domain) {
    char *end = NULL, *name;
    size_t n = strlen(line);

    if (n < UUID_OCTETS + 2 || strspn(line, "0123456789abcdefABCDEF-") != UUID_OCTETS)
        return false;
    memset(domain, 0, sizeof *domain);
    memcpy(domain->uuid, line, UUID_OCTETS);
    domain->domid = (uint32_t)strtoul(line + UUID_OCTETS, &end, 10);
    if (end == line + UUID_OCTETS)
        return false;
    name = end + strspn(end, " ");
    for (n = strlen(name); n > 0 && name[n - 1] == ' '; n--)
        name[n - 1] = 0;
    (void)snprintf(domain->name, sizeof domain->name, "%s", name);
    for (char *c = domain->name; *c != 0; c++)
        *c = *c < 0x20 || *c > 0x7e ? '?' : *c;
    return true;
}

static bool parse(struct xv_xl_domains *d, char *text) {
    char *rest = NULL;

    for (char *line = strtok_r(text, "\n", &rest); line != NULL; line = strtok_r(NULL, "\n", &rest)) {
        struct xv_xl_domain *more = realloc(d->items, (d->count + 1) * sizeof *more);

        if (more == NULL)
            return false;
        d->items = more;
        if (parse_line(line, &more[d->count])) /* not the headings */
            d->count++;
    }
    return true;
}

/* Waits until there is something to read; false with errno, ETIME at the deadline. */
static bool await(int fd, int64_t deadline) {
    struct pollfd ready = {fd, POLLIN, 0};
    int64_t left = deadline - xv_now_ms();
    int n;

    errno = ETIME;
    if (left <= 0)
        return false;
    n = poll(&ready, 1, (int)left);
    if (n == 0)
        errno = ETIME;
    return n > 0;
}

/* All that it prints, as a string to be freed; NULL with errno. */
static char *read_text(int fd, int64_t deadline) {
    size_t n = 0, room = 65536;
    char *text = malloc(room);

    while (text != NULL) {
        ssize_t got = await(fd, deadline) ? read(fd, text + n, room - n - 1) : -1;

        if (got == 0) {
            text[n] = 0;
            return text;
        }
        n += got > 0 ? (size_t)got : 0;
        if ((got < 0 && errno != EINTR) || n > MOST_TEXT)
            break;
        if (room - n < 4096) {
            char *larger = realloc(text, room *= 2);

            if (larger == NULL)
                break;
            text = larger;
        }
    }
    free(text);
    return NULL;
}

/* What xl prints, as a string to be freed; NULL with errno if it fails. */
static char *output_of(char *const argv[]) {
    int64_t deadline = xv_now_ms() + (int64_t)XV_XL_SECONDS * 1000;
    int ends[2], error;
    char *text;
    pid_t pid;
    bool good;

    if (pipe2(ends, O_CLOEXEC) != 0)
        return NULL;
    pid = start(argv, ends[1]);
    (void)close(ends[1]);
    text = pid > 0 ? read_text(ends[0], deadline) : NULL;
    error = errno;
    (void)close(ends[0]);
    good = succeeded(pid, text != NULL ? deadline : 0);
    if (pid <= 0 || text == NULL)
        errno = error;
    if (good)
        return text;
    free(text);
    return NULL;
}

static bool list_with(char *const argv[], struct xv_xl_domains *d) {
    char *text = output_of(argv);
    bool good = text != NULL && parse(d, text);

    free(text);
    return good;
}

bool xv_xl_list(const char *xl, struct xv_xl_domains *d) {
    char verb[] = "vm-list";
    char *program = strdup(xl);
    char *const argv[] = {program, verb, NULL};
    bool good;

    *d = (struct xv_xl_domains){NULL, 0};
    good = program != NULL && list_with(argv, d);
    if (!good) {
        int saved = errno;

        free(d->items);
        *d = (struct xv_xl_domains){NULL, 0};
        errno = saved;
    }
    free(program);
    return good;
}

bool xv_xl_has(const struct xv_xl_domains *d, uint32_t domid) {
    for (size_t i = 0; i < d->count; i++) {
        if (d->items[i].domid == domid)
            return true;
    }
    return false;
}

/* "name  id  mem  vcpus  state  seconds", the last two of the last line: paused, and no time yet. */
static bool is_idle(char *text) {
    char *rest = NULL, *state = NULL, *seconds = NULL;

    for (char *word = strtok_r(text, " \t\n", &rest); word != NULL; word = strtok_r(NULL, " \t\n", &rest)) {
        state = seconds;
        seconds = word;
    }
    return state != NULL && strcmp(state, "--p---") == 0 && strcmp(seconds, "0.0") == 0;
}

bool xv_xl_ran(const char *xl, uint32_t domid) {
    char number[16], verb[] = "list";
    char *program = strdup(xl);
    char *const argv[] = {program, verb, number, NULL};
    char *text;
    bool idle;

    (void)snprintf(number, sizeof number, "%u", domid);
    text = program != NULL ? output_of(argv) : NULL;
    idle = text != NULL && is_idle(text);
    free(text);
    free(program);
    return !idle;
}

bool xv_xl_destroy(const char *xl, uint32_t domid) {
    char number[16], verb[] = "destroy";
    char *program = strdup(xl);
    char *const argv[] = {program, verb, number, NULL};
    bool good;

    (void)snprintf(number, sizeof number, "%u", domid);
    good = program != NULL && run(argv);
    free(program);
    return good;
}

bool xv_xl_rename(const char *xl, uint32_t domid, const char *name) {
    char number[16], verb[] = "rename";
    char *program = strdup(xl), *copy = strdup(name);
    char *const argv[] = {program, verb, number, copy, NULL};
    bool good;

    (void)snprintf(number, sizeof number, "%u", domid);
    good = program != NULL && copy != NULL && run(argv);
    free(program);
    free(copy);
    return good;
}
