/* SPDX-License-Identifier: MIT */
/*
 * In place of xenvet-worker: takes the monitor's message and puts the same sandbox on, reads the name of an act from
 * its input, and does it. What the kernel says to it goes back as the error of an outcome; a layer that kills leaves no
 * outcome at all. Acts named forge-* are those of a hijacked worker: they lie to the monitor.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "ipc.h"
#include "sandbox.h"

#define ERROR_OF(expression) ((expression) < 0 ? errno : 0)
#define CALL(...)            return ERROR_OF(syscall(__VA_ARGS__))

static char page[4096];

static int act_open(void) {
    CALL(SYS_openat, AT_FDCWD, "/etc/passwd", O_RDONLY, 0);
}
static int act_open_root(void) {
    CALL(SYS_openat, AT_FDCWD, "/", O_RDONLY | O_DIRECTORY, 0);
}
static int act_create(void) {
    CALL(SYS_openat, AT_FDCWD, "/xenvet-probe", O_WRONLY | O_CREAT, 0600);
}
static int act_socket(void) {
    CALL(SYS_socket, AF_INET, SOCK_STREAM, 0);
}
static int act_fork(void) {
    CALL(SYS_clone, SIGCHLD, NULL, NULL, NULL, 0L);
}
static int act_ptrace(void) {
    CALL(SYS_ptrace, 0, 0, 0, 0);
}
static int act_kill(void) {
    CALL(SYS_kill, 2, 0);
}
static int act_kill_parent(void) {
    CALL(SYS_kill, getppid(), 0);
}
static int act_mmap(void) {
    CALL(SYS_mmap, NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0L);
}
static int act_mmap_exec(void) {
    CALL(SYS_mmap, NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0L);
}
static int act_mprotect(void) {
    CALL(SYS_mprotect, (long)page & ~4095L, 4096L, PROT_READ | PROT_WRITE | PROT_EXEC);
}
static int act_brk(void) {
    CALL(SYS_brk, 0);
}
static int act_write_0(void) {
    CALL(SYS_write, 0, "x", 1);
}
static int act_write_3(void) {
    CALL(SYS_write, 3, "x", 1);
}
static int act_read_1(void) {
    CALL(SYS_read, 1, page, 1);
}
static int act_read_2(void) {
    CALL(SYS_read, 2, page, 1);
}
static int act_writev(void) {
    CALL(SYS_writev, 1, NULL, 0);
}
static int act_sendmsg(void) {
    CALL(SYS_sendmsg, 2, NULL, 0);
}
static int act_dup(void) {
    CALL(SYS_dup, 0);
}
static int act_prctl(void) {
    CALL(SYS_prctl, PR_SET_NAME, "x", 0, 0, 0);
}
static int act_execve(void) {
    CALL(SYS_execve, "/bin/true", NULL, NULL);
}
static int act_memfd(void) {
    CALL(SYS_memfd_create, "x", 0);
}
static int act_io_uring(void) {
    CALL(SYS_io_uring_setup, 1, NULL);
}
static int act_bpf(void) {
    CALL(SYS_bpf, 0, NULL, 0);
}
static int act_unshare(void) {
    CALL(SYS_unshare, CLONE_NEWUSER);
}
static int act_setuid(void) {
    CALL(SYS_setuid, 0);
}
static int act_mount(void) {
    CALL(SYS_mount, "none", "/", "tmpfs", 0L, NULL);
}
static int act_hostname(void) {
    CALL(SYS_sethostname, "x", 1L);
}
static int act_chroot(void) {
    CALL(SYS_chroot, "/");
}
static int act_ioctl(void) {
    CALL(SYS_ioctl, 0, 0x5401L, page);
}
static int act_userfaultfd(void) {
    CALL(SYS_userfaultfd, 0);
}
static int act_perf(void) {
    CALL(SYS_perf_event_open, NULL, 0, -1, -1, 0L);
}
static int act_vm_write(void) {
    CALL(SYS_process_vm_writev, 1, NULL, 0L, NULL, 0L, 0L);
}
static int act_keyctl(void) {
    CALL(SYS_keyctl, 0, 0, 0, 0, 0);
}
static int act_tgkill(void) {
    CALL(SYS_tgkill, 1, 1, 0);
}
static int act_sigaction(void) {
    CALL(SYS_rt_sigaction, SIGTERM, NULL, NULL, 8L);
}
static int act_setrlimit(void) {
    CALL(SYS_prlimit64, 0, 7, NULL, NULL);
}
static int act_seccomp(void) {
    CALL(SYS_seccomp, 1, 0, NULL);
}
static int act_pipe_size_1(void) {
    CALL(SYS_fcntl, 1, F_SETPIPE_SZ, 4096);
}
static int act_flags(void) {
    CALL(SYS_fcntl, 0, F_SETFL, 0);
}
static int act_int80(void) {
    long result = 20; /* getpid of the 32-bit table */
    __asm__ volatile("int $0x80" : "+a"(result) : : "memory");
    return result < 0 ? (int)-result : 0;
}
static int act_x32(void) {
    CALL(0x40000000L | SYS_openat, AT_FDCWD, "/etc/passwd", O_RDONLY, 0);
}

static int act_connect(void) {
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(9), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int fd = (int)syscall(SYS_socket, AF_INET, SOCK_DGRAM, 0);

    return fd < 0 ? errno : ERROR_OF(connect(fd, (struct sockaddr *)&to, sizeof to));
}

/* EBADF for every number but the three. */
static int act_descriptors(void) {
    for (int fd = 3; fd < 4096; fd++) {
        if (fcntl(fd, F_GETFD) >= 0)
            return 0;
    }
    return EBADF;
}

static int act_pid(void) {
    return getpid() == 1 && getppid() == 0 ? ESRCH : 0;
}

static int act_dumpable(void) {
    return prctl(PR_GET_DUMPABLE) == 0 ? EPERM : 0;
}

/* A new privilege: capabilities that an exec would give. Only says what the kernel was told. */
static int act_new_privs(void) {
    return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 ? EPERM : 0;
}

static void say(uint32_t kind, uint32_t ending, int error) {
    struct xv_message message;

    memset(&message, 0, sizeof message);
    message.kind = kind;
    if (kind == XV_MSG_OUTCOME) {
        message.u.outcome.ending = ending;
        message.u.outcome.error = error;
    }
    (void)xv_ipc_send(XV_WORKER_CONTROL, &message);
}

static void accepts(void) {
    say(XV_MSG_OUTCOME, XV_ENDED_ACCEPTED, 0);
    _exit(0);
}

static int forge_outcome(void) {
    accepts();
    return 0;
}

static int forge_go_ahead(void) {
    say(XV_MSG_GO_AHEAD, 0, 0);
    say(XV_MSG_COMPLETE, 0, 0);
    accepts();
    return 0;
}

static int forge_complete_twice(void) {
    say(XV_MSG_COMPLETE, 0, 0);
    say(XV_MSG_COMPLETE, 0, 0);
    accepts();
    return 0;
}

static int forge_ready_again(void) {
    say(XV_MSG_READY, 0, 0);
    say(XV_MSG_COMPLETE, 0, 0);
    accepts();
    return 0;
}

static int forge_config(void) {
    say(XV_MSG_CONFIG, 0, 0);
    say(XV_MSG_COMPLETE, 0, 0);
    accepts();
    return 0;
}

static int forge_rest(void) { /* all that a migration needs, but in the sender's and receiver's absence */
    say(XV_MSG_COMPLETE, 0, 0);
    say(XV_MSG_GO_AHEAD, 0, 0);
    accepts();
    return 0;
}

static int forge_garbage(void) {
    for (unsigned i = 0; i < sizeof page; i++)
        page[i] = (char)(i * 77);
    (void)!write(XV_WORKER_CONTROL, page, 777);
    accepts();
    return 0;
}

static int forge_empty(void) {
    (void)!write(XV_WORKER_CONTROL, page, 0);
    accepts();
    return 0;
}

static int forge_facts(void) {
    for (unsigned i = 0; i < 100000000; i++)
        say(XV_MSG_FACT, 0, 0);
    return 0;
}

static int forge_silence(void) {
    for (unsigned i = 0; i < 1000; i++)
        (void)syscall(SYS_poll, NULL, 0, 1000);
    return 0;
}

static int forge_output(void) { /* what it can do: octets into its one pipe, and then it still has not said COMPLETE */
    (void)!write(XV_WORKER_OUTPUT, "garbage", 7);
    accepts();
    return 0;
}

static int forge_death(void) {
    (void)!write(XV_WORKER_OUTPUT, "garbage", 7);
    _exit(0);
}

static const struct {
    const char *name;
    int (*act)(void);
} acts[] = {
#define ACT(n) \
    { #n, act_##n }
#define FORGE(n) \
    { "forge-" #n, forge_##n }
    ACT(open),          ACT(open_root), ACT(create),      ACT(socket),      ACT(fork),
    ACT(ptrace),        ACT(kill),      ACT(kill_parent), ACT(mmap),        ACT(mmap_exec),
    ACT(mprotect),      ACT(brk),       ACT(write_0),     ACT(write_3),     ACT(read_1),
    ACT(read_2),        ACT(writev),    ACT(sendmsg),     ACT(dup),         ACT(prctl),
    ACT(execve),        ACT(memfd),     ACT(io_uring),    ACT(bpf),         ACT(unshare),
    ACT(setuid),        ACT(mount),     ACT(hostname),    ACT(chroot),      ACT(ioctl),
    ACT(userfaultfd),   ACT(perf),      ACT(vm_write),    ACT(keyctl),      ACT(tgkill),
    ACT(sigaction),     ACT(setrlimit), ACT(seccomp),     ACT(pipe_size_1), ACT(flags),
    ACT(int80),         ACT(x32),       ACT(connect),     ACT(descriptors), ACT(pid),
    ACT(dumpable),      ACT(new_privs), FORGE(outcome),   FORGE(go_ahead),  FORGE(complete_twice),
    FORGE(ready_again), FORGE(config),  FORGE(rest),      FORGE(garbage),   FORGE(empty),
    FORGE(facts),       FORGE(silence), FORGE(output),    FORGE(death),
};

int main(void) {
    static struct xv_message message;
    char name[64] = {0};
    int error = -1;

    if (xv_ipc_receive(XV_WORKER_CONTROL, &message) != 1 || message.kind != XV_MSG_HELLO)
        return 100;
    if (xv_sandbox_enter(message.u.hello.layers, 0) != 0)
        return 101;
    say(XV_MSG_READY, 0, 0);
    if (read(XV_WORKER_INPUT, name, sizeof name - 1) <= 0)
        return 102;
    for (size_t i = 0; i < sizeof acts / sizeof acts[0]; i++) {
        if (strcmp(acts[i].name, name) == 0)
            error = acts[i].act();
    }
    say(XV_MSG_OUTCOME, XV_ENDED_ERROR, error);
    return 0;
}
