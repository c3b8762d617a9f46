/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "worker_seccomp.h"

#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <stddef.h>

#include "ipc.h"

#define ON(argument, value) \
    { argument, SCMP_CMP_EQ, (value), 0 }

/* Each row allows one call, if its conditions hold; a call with several rows is allowed by any of them. */
static const struct row {
    int call;
    unsigned conditions;
    struct scmp_arg_cmp when[2];
} rows[] = {
    {SCMP_SYS(read), 1, {ON(0, XV_WORKER_INPUT)}},
    {SCMP_SYS(pread64), 1, {ON(0, XV_WORKER_INPUT)}},
    {SCMP_SYS(splice), 2, {ON(0, XV_WORKER_INPUT), ON(2, XV_WORKER_OUTPUT)}},
    {SCMP_SYS(write), 1, {ON(0, XV_WORKER_OUTPUT)}},
    {SCMP_SYS(write), 1, {ON(0, XV_WORKER_CONTROL)}},
    {SCMP_SYS(recvfrom), 1, {ON(0, XV_WORKER_CONTROL)}},
    {SCMP_SYS(fstat), 1, {ON(0, XV_WORKER_INPUT)}},
    {SCMP_SYS(newfstatat), 2, {ON(0, XV_WORKER_INPUT), ON(3, AT_EMPTY_PATH)}},
    {SCMP_SYS(fcntl), 2, {ON(0, XV_WORKER_INPUT), ON(1, F_SETPIPE_SZ)}},
    {SCMP_SYS(lseek), 1, {ON(0, XV_WORKER_INPUT)}},
    {SCMP_SYS(fadvise64), 1, {ON(0, XV_WORKER_INPUT)}},
    {SCMP_SYS(poll), 0, {{0}}},
    {SCMP_SYS(ppoll), 0, {{0}}},
    {SCMP_SYS(clock_gettime), 0, {{0}}},
    {SCMP_SYS(restart_syscall), 0, {{0}}},
    {SCMP_SYS(rt_sigreturn), 0, {{0}}},
    {SCMP_SYS(exit_group), 0, {{0}}},
    {SCMP_SYS(exit), 0, {{0}}},
};

static scmp_filter_ctx filter;

bool xv_worker_seccomp_prepare(void) {
    filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
    if (filter == NULL)
        return false;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int error = seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, rows[i].call, rows[i].conditions, rows[i].when);

        if (error != 0) {
            errno = -error;
            return false;
        }
    }
    return seccomp_attr_set(filter, SCMP_FLTATR_CTL_NNP, 0) == 0;
}

bool xv_worker_seccomp(void) {
    int error = filter == NULL ? -EINVAL : seccomp_load(filter);

    errno = -error;
    return error == 0;
}
