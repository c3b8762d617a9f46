/* SPDX-License-Identifier: MIT */
#ifndef XENVET_LAYERS_H
#define XENVET_LAYERS_H

/*
 * The layers of the worker's sandbox. Each can be done without only by naming it (--without-layer NAME); a layer that
 * is missing and was not waived ends the run before the first untrusted octet is read.
 */
#include <stddef.h>
#include <stdint.h>

#define XV_LAYERS(X) \
    X(0, USER_NS, "user-namespace", "a user namespace that maps no identity of the host but an unprivileged one") \
    X(1, MOUNT_NS, "mount-namespace", "an empty root file system") \
    X(2, NET_NS, "net-namespace", "no network interface") \
    X(3, PID_NS, "pid-namespace", "no other process in sight") \
    X(4, IPC_NS, "ipc-namespace", "no System V IPC of the host") \
    X(5, IDENTITY, "identity", "the identity of nobody, when started by root") \
    X(6, CAPABILITIES, "capabilities", "no capability, none to gain") \
    X(7, NO_NEW_PRIVS, "no-new-privs", "no privilege by exec") \
    X(8, DESCRIPTORS, "descriptors", "three descriptors and no others") \
    X(9, RLIMITS, "rlimits", "no more memory, files, processes or core dumps") \
    X(10, LANDLOCK, "landlock", "no file system access and no TCP port") \
    X(11, UNDUMPABLE, "undumpable", "no tracing by others, no core dump") \
    X(12, SECCOMP, "seccomp", "a handful of system calls on the three descriptors; any other kills")

enum xv_sandbox_layer {
#define XV_X(bit, id, name, text) XV_LAYER_BIT_##id = 1 << bit,
    XV_LAYERS(XV_X)
#undef XV_X
};

#define XV_ALL_LAYERS 0x1fffu

/* Sanitizers map memory and make system calls of their own: a worker built with one runs bare, which no shipped build
 * does. */
#ifdef XENVET_NO_SANDBOX
#define XV_DEFAULT_LAYERS 0u
#else
#define XV_DEFAULT_LAYERS XV_ALL_LAYERS
#endif

/* The name or text of a bit, NULL past the last. */
const char *xv_layer_name(unsigned bit);
const char *xv_layer_text(unsigned bit);

/* The mask of a name, 0 if there is none. */
uint32_t xv_layer_by_name(const char *name);

#endif
