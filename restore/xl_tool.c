/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "xl_tool.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

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

static bool succeeded(pid_t pid) {
    int status = -1;

    while (pid > 0 && waitpid(pid, &status, 0) < 0) {
        if (errno != EINTR)
            return false;
    }
    return pid > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* "name  id  mem  vcpus  state  time": a name may hold anything, so the columns are counted from the right. */
static bool parse_line(char *line, struct xv_xl_domain *domain) {
    char *end = line + strlen(line), *digits = NULL;

    for (int column = 0; column < 5; column++) {
        while (end > line && end[-1] == ' ')
            *--end = 0;
        while (end > line && end[-1] != ' ')
            end--;
        digits = end;
    }
    if (digits == NULL || digits == line || *digits < '0' || *digits > '9')
        return false;
    domain->domid = (uint32_t)strtoul(digits, NULL, 10);
    while (end > line && end[-1] == ' ')
        *--end = 0;
    (void)snprintf(domain->name, sizeof domain->name, "%s", line);
    for (char *c = domain->name; *c != 0; c++)
        *c = *c < 0x20 || *c > 0x7e ? '?' : *c;
    return true;
}

static bool add_line(struct xv_xl_domains *d, char *line) {
    struct xv_xl_domain *more = realloc(d->items, (d->count + 1) * sizeof *more);

    if (more == NULL)
        return false;
    d->items = more;
    line[strcspn(line, "\n")] = 0;
    if (parse_line(line, &more[d->count]))
        d->count++;
    return true;
}

static bool read_lines(struct xv_xl_domains *d, FILE *file) {
    char *line = NULL;
    size_t size = 0;
    bool good = getline(&line, &size, file) > 0; /* the headings */

    while (good && getline(&line, &size, file) > 0)
        good = add_line(d, line);
    free(line);
    return good;
}

bool xv_xl_list(struct xv_xl_domains *d) {
    char *const argv[] = {(char[]){"xl"}, (char[]){"list"}, NULL};
    int ends[2];
    FILE *file;
    pid_t pid;
    bool good;

    *d = (struct xv_xl_domains){NULL, 0};
    if (pipe2(ends, O_CLOEXEC) != 0)
        return false;
    pid = start(argv, ends[1]);
    (void)close(ends[1]);
    file = fdopen(ends[0], "r");
    good = file != NULL && read_lines(d, file);
    if (file != NULL)
        (void)fclose(file);
    else
        (void)close(ends[0]);
    good = succeeded(pid) && good;
    if (!good) {
        free(d->items);
        *d = (struct xv_xl_domains){NULL, 0};
    }
    return good;
}

bool xv_xl_has(const struct xv_xl_domains *d, uint32_t domid) {
    for (size_t i = 0; i < d->count; i++) {
        if (d->items[i].domid == domid)
            return true;
    }
    return false;
}

bool xv_xl_destroy(uint32_t domid) {
    char number[16];
    char *const argv[] = {(char[]){"xl"}, (char[]){"destroy"}, number, NULL};

    (void)snprintf(number, sizeof number, "%u", domid);
    return succeeded(start(argv, -1));
}

bool xv_xl_rename(uint32_t domid, const char *name) {
    char number[16], copy[64];
    char *const argv[] = {(char[]){"xl"}, (char[]){"rename"}, number, copy, NULL};

    (void)snprintf(number, sizeof number, "%u", domid);
    (void)snprintf(copy, sizeof copy, "%s", name);
    return succeeded(start(argv, -1));
}
