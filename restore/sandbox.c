/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "sandbox.h"

#include <errno.h>
#include <linux/capability.h>
#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "ipc.h"
#include "landlock.h"
#include "layers.h"
#include "worker_seccomp.h"

#define DEFAULT_CPU_SECONDS 3600u

static bool limit(__rlimit_resource_t resource, rlim_t value) {
    struct rlimit both = {value, value};

    return setrlimit(resource, &both) == 0;
}

/* All memory is mapped: a further mapping of any size must fail, which RLIMIT_AS 0 means whatever the present size is.
 */
static bool set_rlimits(uint32_t cpu_seconds) {
    return limit(RLIMIT_AS, 0) && limit(RLIMIT_DATA, 0) && limit(RLIMIT_FSIZE, 0) &&
           limit(RLIMIT_NOFILE, XV_WORKER_CONTROL + 1) && limit(RLIMIT_NPROC, 0) && limit(RLIMIT_CORE, 0) &&
           limit(RLIMIT_MEMLOCK, 0) && limit(RLIMIT_MSGQUEUE, 0) &&
           limit(RLIMIT_CPU, cpu_seconds ? cpu_seconds : DEFAULT_CPU_SECONDS);
}

static bool no_capabilities(void) {
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct data[2] = {{0, 0, 0}, {0, 0, 0}};

    if (syscall(SYS_capget, &header, data) != 0)
        return false;
    errno = EPERM;
    return (data[0].effective | data[0].permitted | data[0].inheritable | data[1].effective | data[1].permitted |
            data[1].inheritable) == 0;
}

static bool close_others(void) {
    return syscall(SYS_close_range, XV_WORKER_CONTROL + 1, ~0u, 0) == 0;
}

static bool die_with_parent(void) {
    return prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && prctl(PR_SET_DUMPABLE, 0) == 0;
}

static bool one_layer(uint32_t layer, uint32_t cpu_seconds) {
    switch (layer) {
    case XV_LAYER_BIT_CAPABILITIES:
        return no_capabilities();
    case XV_LAYER_BIT_NO_NEW_PRIVS:
        return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1;
    case XV_LAYER_BIT_DESCRIPTORS:
        return close_others();
    case XV_LAYER_BIT_UNDUMPABLE:
        return die_with_parent() && prctl(PR_GET_DUMPABLE) == 0;
    case XV_LAYER_BIT_LANDLOCK:
        return xv_landlock_deny_all();
    case XV_LAYER_BIT_RLIMITS:
        return set_rlimits(cpu_seconds);
    case XV_LAYER_BIT_SECCOMP:
        return xv_worker_seccomp();
    case XV_LAYER_BIT_PID_NS:
        errno = EPERM;
        return getpid() == 1;
    default:
        return true;
    }
}

uint32_t xv_sandbox_enter(uint32_t layers, uint32_t cpu_seconds) {
    /* Landlock needs a descriptor and seccomp memory, so the limits come between them; seccomp forbids everything after
     * it. */
    static const uint32_t order[] = {
        XV_LAYER_BIT_PID_NS,     XV_LAYER_BIT_CAPABILITIES, XV_LAYER_BIT_NO_NEW_PRIVS, XV_LAYER_BIT_DESCRIPTORS,
        XV_LAYER_BIT_UNDUMPABLE, XV_LAYER_BIT_LANDLOCK,     XV_LAYER_BIT_RLIMITS,      XV_LAYER_BIT_SECCOMP,
    };

    if (layers & XV_LAYER_BIT_SECCOMP && !xv_worker_seccomp_prepare())
        return XV_LAYER_BIT_SECCOMP;
    for (size_t i = 0; i < sizeof order / sizeof order[0]; i++) {
        if (layers & order[i] && !one_layer(order[i], cpu_seconds))
            return order[i];
    }
    return 0;
}
