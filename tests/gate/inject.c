/* SPDX-License-Identifier: MIT */
/*
 * Runs a command and lets one system call of one of its processes fail, or do less than it was asked for.
 *
 *     inject REPORT ROLE N ERROR COMMAND...
 *
 * ROLE is monitor (the first process), child (what it forked, before exec), or the name of a program that it started. N
 * counts the calls of all processes of that role from 1. ERROR is an errno, or "short": a read, write or splice is told
 * to move one octet. REPORT gets a line: the name or number of the call ("-" if there were fewer than N), how many
 * calls of the role there were, the wait status of the first process, and how many of its descendants outlived it for
 * half a second.
 *
 * Calls on files below $XENVET_SIM_DIR are not counted: they are the simulated hypervisor's and xenstore daemon's, not
 * the program's. A call that is to fail becomes one that the worker's filter allows and that does nothing, because the
 * filter would kill for no call at all. Calls that cannot fail, or that end the process, are not counted.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MOST   256
#define UNBORN "unborn"

struct process {
    pid_t pid; /* 0: free */
    char role[32];
    bool meddled; /* it is inside the call that was chosen */
    bool held;    /* stopped until it is known whose child it is */
    struct user_regs_struct before;
};

static struct process processes[MOST];
static FILE *report;
static const char *role_wanted, *error_wanted;
static long count, wanted, call_met = -1;
static bool done, begun;

static struct process *find(pid_t pid) {
    struct process *unused = NULL;

    for (size_t i = 0; i < MOST; i++) {
        if (processes[i].pid == pid)
            return &processes[i];
        if (processes[i].pid == 0 && unused == NULL)
            unused = &processes[i];
    }
    if (unused == NULL)
        exit(99);
    memset(unused, 0, sizeof *unused);
    unused->pid = pid;
    (void)strcpy(unused->role, UNBORN);
    return unused;
}

static void name_after_program(struct process *p, bool first) {
    char path[64], target[PATH_MAX] = {0};
    char *slash;

    (void)snprintf(path, sizeof path, "/proc/%d/exe", (int)p->pid);
    if (readlink(path, target, sizeof target - 1) < 0)
        return;
    slash = strrchr(target, '/');
    (void)snprintf(p->role, sizeof p->role, "%.31s", first ? "monitor" : slash != NULL ? slash + 1 : target);
}

static bool countable(long call) {
    static const long never[] = {SYS_execve,          SYS_execveat, SYS_exit,         SYS_exit_group,
                                 SYS_close,           SYS_munmap,   SYS_rt_sigreturn, SYS_rt_sigaction,
                                 SYS_rt_sigprocmask,  SYS_brk,      SYS_kill,         SYS_getpid,
                                 SYS_getppid,         SYS_gettid,   SYS_geteuid,      SYS_getuid,
                                 SYS_getegid,         SYS_getgid,   SYS_arch_prctl,   SYS_set_tid_address,
                                 SYS_set_robust_list, SYS_rseq};

    for (size_t i = 0; i < sizeof never / sizeof never[0]; i++) {
        if (never[i] == call)
            return false;
    }
    return true;
}

/* The register with the length of a call that may move less than that; NULL for others. */
static unsigned long long *length_of(struct user_regs_struct *regs) {
    switch (regs->orig_rax) {
    case SYS_read:
    case SYS_write:
    case SYS_pread64:
        return &regs->rdx;
    case SYS_splice:
        return &regs->r8;
    default:
        return NULL;
    }
}

/* What a descriptor is open on; "" if it is none. */
static void path_of_descriptor(pid_t pid, long fd, char path[PATH_MAX]) {
    char link[64];
    ssize_t n;

    (void)snprintf(link, sizeof link, "/proc/%d/fd/%ld", (int)pid, fd);
    n = readlink(link, path, PATH_MAX - 1);
    path[n > 0 ? n : 0] = 0;
}

static void path_of_argument(pid_t pid, unsigned long long address, char path[PATH_MAX]) {
    struct iovec to = {path, PATH_MAX - 1}, from = {(void *)address, PATH_MAX - 1}; /* NOLINT */
    ssize_t n;

    from.iov_len = 4096 - address % 4096; /* what is sure to be there */
    n = process_vm_readv(pid, &to, 1, &from, 1, 0);
    path[n > 0 ? n : 0] = 0;
}

static bool is_the_hosts(pid_t pid, const struct user_regs_struct *regs) {
    const char *host = getenv("XENVET_SIM_DIR");
    char path[PATH_MAX] = "";

    if (host == NULL)
        return false;
    switch (regs->orig_rax) {
    case SYS_futex:
        return true;
    case SYS_openat:
        path_of_argument(pid, regs->rsi, path);
        break;
    case SYS_mmap:
        path_of_descriptor(pid, (int)regs->r8, path);
        break;
    default: /* of many calls, the first argument is one */
        path_of_descriptor(pid, (int)regs->rdi, path);
        break;
    }
    return strncmp(path, host, strlen(host)) == 0;
}

static void meddle(struct process *p) {
    struct user_regs_struct regs;
    unsigned long long *length;

    if (ptrace(PTRACE_GETREGS, p->pid, NULL, &regs) != 0)
        return;
    begun |= regs.orig_rax == SYS_fcntl && regs.rdi == 0 && regs.rsi == F_GETFD; /* output.c */
    if (!countable((long)regs.orig_rax) || is_the_hosts(p->pid, &regs) || ++count != wanted)
        return;
    call_met = (long)regs.orig_rax;
    (void)fprintf(report, "%ld ", call_met); /* so that it is known of a run that hangs, too */
    (void)fflush(report);
    done = true;
    p->before = regs;
    if (strcmp(error_wanted, "short") == 0) {
        length = length_of(&regs);
        if (length == NULL || *length < 2)
            return;
        *length = 1;
    } else {
        regs.orig_rax = SYS_clock_gettime;
        regs.rdi = 0;
        regs.rsi = 8; /* no address: EFAULT */
    }
    p->meddled = ptrace(PTRACE_SETREGS, p->pid, NULL, &regs) == 0;
}

static void finish_meddling(struct process *p) {
    struct user_regs_struct regs;

    if (!p->meddled || ptrace(PTRACE_GETREGS, p->pid, NULL, &regs) != 0)
        return;
    p->meddled = false;
    if (strcmp(error_wanted, "short") != 0)
        regs.rax = (unsigned long long)-strtoll(error_wanted, NULL, 10);
    regs.rdi = p->before.rdi;
    regs.rsi = p->before.rsi;
    regs.rdx = p->before.rdx;
    regs.r8 = p->before.r8;
    (void)ptrace(PTRACE_SETREGS, p->pid, NULL, &regs);
}

static bool at_entry(pid_t pid) {
    struct __ptrace_syscall_info info;

    memset(&info, 0, sizeof info);
    return ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof info, &info) > 0 && info.op == PTRACE_SYSCALL_INFO_ENTRY;
}

static void go_on(struct process *p, int signal) {
    bool watched = p->meddled || (!done && strcmp(p->role, role_wanted) == 0);

    (void)ptrace(watched ? PTRACE_SYSCALL : PTRACE_CONT, p->pid, NULL, (void *)(long)signal);
}

/* A process was forked: one of the monitor's, or of a program that is none of ours. */
static void on_birth(const struct process *parent) {
    unsigned long pid = 0;
    struct process *p;

    if (ptrace(PTRACE_GETEVENTMSG, parent->pid, NULL, &pid) != 0)
        return;
    p = find((pid_t)pid);
    (void)strcpy(p->role, strcmp(parent->role, "monitor") == 0 ? "child" : "other");
    if (p->held)
        go_on(p, 0);
    p->held = false;
}

static void on_stop(struct process *p, int status, pid_t first) {
    int signal = WSTOPSIG(status), event = status >> 16;

    if (signal == (SIGTRAP | 0x80)) {
        if (at_entry(p->pid) && !done && strcmp(p->role, role_wanted) == 0)
            meddle(p);
        else
            finish_meddling(p);
        go_on(p, 0);
    } else if (event == PTRACE_EVENT_EXEC) {
        name_after_program(p, p->pid == first);
        go_on(p, 0);
    } else if (event != 0) {
        on_birth(p);
        go_on(p, 0);
    } else if (signal == SIGSTOP) {
        p->held = strcmp(p->role, UNBORN) == 0;
        if (!p->held)
            go_on(p, 0);
    } else if (signal == SIGSEGV || signal == SIGBUS) { /* a traced first process of a namespace would fault for ever */
        (void)ptrace(PTRACE_DETACH, p->pid, NULL, NULL);
        if (p->pid != first) /* that one is still our child */
            p->pid = 0;
    } else {
        go_on(p, signal);
    }
}

static size_t alive(pid_t except) {
    size_t n = 0;

    for (size_t i = 0; i < MOST; i++)
        n += processes[i].pid != 0 && processes[i].pid != except;
    return n;
}

static int64_t now_ms(void) {
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Until all are gone, or the first one has been for half a second; its wait status. */
static int trace(pid_t first) {
    int status = 0, result = -1;
    int64_t gone = 0;

    while (alive(0) > 0) {
        pid_t pid = waitpid(-1, &status, __WALL | (gone != 0 ? WNOHANG : 0));
        struct timespec moment = {0, 2000000};

        if (pid < 0 && errno == ECHILD)
            break;
        if (pid <= 0) {
            if (gone != 0 && now_ms() - gone > 500)
                break;
            (void)nanosleep(&moment, NULL);
        } else if (WIFSTOPPED(status)) {
            on_stop(find(pid), status, first);
        } else {
            find(pid)->pid = 0;
            if (pid == first) {
                result = status;
                gone = now_ms();
            }
        }
    }
    return result;
}

int main(int argc, char **argv) {
    const long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE |
                         PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL;
    pid_t first;
    int status;

    if (argc < 6)
        return 99;
    role_wanted = argv[2];
    wanted = strtol(argv[3], NULL, 10);
    error_wanted = argv[4];
    report = fopen(argv[1], "we");
    if (report == NULL)
        return 99;
    first = fork();
    if (first == 0) {
        (void)ptrace(PTRACE_TRACEME, 0, NULL, NULL);
        (void)raise(SIGSTOP);
        (void)execv(argv[5], argv + 5);
        _exit(99);
    }
    (void)signal(SIGINT, SIG_IGN);
    (void)signal(SIGTERM, SIG_IGN);
    if (waitpid(first, &status, 0) != first || ptrace(PTRACE_SETOPTIONS, first, NULL, (void *)options) != 0)
        return 99;
    (void)strcpy(find(first)->role, "starter");
    (void)ptrace(PTRACE_CONT, first, NULL, NULL);
    /* what it was given belongs to the command alone: its reader must see the end */
    (void)close(STDIN_FILENO);
    (void)close(STDOUT_FILENO);
    status = trace(first);
    if (call_met < 0)
        (void)fprintf(report, "-1 ");
    (void)fprintf(report, "%ld %d %d %zu\n", count, begun || strcmp(role_wanted, "monitor") != 0, status, alive(first));
    return fclose(report) != 0 ? 99 : 0;
}
