/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "ipc.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define HEAD offsetof(struct xv_message, u)

size_t xv_message_size(uint32_t kind) {
    switch (kind) {
    case XV_MSG_HELLO:
        return HEAD + sizeof(struct xv_hello);
    case XV_MSG_FAILED:
        return HEAD + sizeof(struct xv_failed);
    case XV_MSG_FACT:
        return HEAD + sizeof(struct xv_fact);
    case XV_MSG_TICK:
        return HEAD + sizeof(struct xv_tick);
    case XV_MSG_OUTCOME:
        return HEAD + sizeof(struct xv_outcome);
    case XV_MSG_SUMMARY:
        return HEAD + sizeof(struct xv_begun);
    case XV_MSG_PROCEED:
    case XV_MSG_READY:
    case XV_MSG_COMPLETE:
    case XV_MSG_GO_AHEAD:
    case XV_MSG_CONFIG:
        return HEAD;
    default:
        return 0;
    }
}

bool xv_ipc_send(int fd, const struct xv_message *message) {
    size_t size = xv_message_size(message->kind);
    ssize_t n;

    /* write(2): one system call that the worker needs anyway; a dead peer is EPIPE, as both sides ignore SIGPIPE */
    do {
        n = write(fd, message, size);
    } while (n < 0 && errno == EINTR);
    if (n >= 0 && (size_t)n != size)
        errno = EPROTO;
    return n == (ssize_t)size;
}

int xv_ipc_receive(int fd, struct xv_message *message) {
    ssize_t n;

    memset(message, 0, sizeof *message);
    do {
        n = recv(fd, message, sizeof *message, MSG_TRUNC);
    } while (n < 0 && errno == EINTR);
    if (n <= 0)
        return (int)n;
    if ((size_t)n > sizeof *message || (size_t)n < HEAD || (size_t)n != xv_message_size(message->kind) ||
        message->spare) {
        errno = EPROTO;
        return -1;
    }
    return 1;
}
