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
    case XV_MSG_SEALED:
        return HEAD + sizeof(struct xv_sealed_item);
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

/* One octet that carries a descriptor. */
struct carrier {
    char octet;
    struct iovec part;
    struct msghdr header;
    _Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int))];
};

static struct cmsghdr *carrier_make(struct carrier *c) {
    memset(c, 0, sizeof *c);
    c->part = (struct iovec){&c->octet, 1};
    c->header.msg_iov = &c->part;
    c->header.msg_iovlen = 1;
    c->header.msg_control = c->control;
    c->header.msg_controllen = sizeof c->control;
    return CMSG_FIRSTHDR(&c->header);
}

bool xv_ipc_send_descriptor(int fd, int descriptor) {
    struct carrier c;
    struct cmsghdr *head = carrier_make(&c);

    head->cmsg_level = SOL_SOCKET;
    head->cmsg_type = SCM_RIGHTS;
    head->cmsg_len = CMSG_LEN(sizeof descriptor);
    memcpy(CMSG_DATA(head), &descriptor, sizeof descriptor);
    return sendmsg(fd, &c.header, MSG_NOSIGNAL) == 1;
}

int xv_ipc_receive_descriptor(int fd) {
    struct carrier c;
    struct cmsghdr *head = carrier_make(&c);
    int descriptor = -1;

    if (recvmsg(fd, &c.header, MSG_CMSG_CLOEXEC) != 1)
        return -1;
    if (head->cmsg_level == SOL_SOCKET && head->cmsg_type == SCM_RIGHTS &&
        head->cmsg_len == CMSG_LEN(sizeof descriptor))
        memcpy(&descriptor, CMSG_DATA(head), sizeof descriptor);
    else
        errno = EPROTO;
    return descriptor;
}
