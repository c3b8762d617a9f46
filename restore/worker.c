/* SPDX-License-Identifier: MIT */
/*
 * xenvet-worker: the only process that looks at untrusted octets. It is entered by exec with three descriptors (ipc.h), takes one
 * message from the monitor, maps all memory it will ever use, puts the sandbox on, and only then reads. No stdio, no allocation.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "conclude.h"
#include "fact_sender.h"
#include "forward.h"
#include "input.h"
#include "ipc.h"
#include "sandbox.h"
#include "worker_memory.h"

enum { EXIT_CLEAN = 0, EXIT_NO_HELLO = 100, EXIT_NO_SANDBOX = 101, EXIT_NO_MONITOR = 102 };

/* The stack cannot grow once RLIMIT_AS is set, so the part that will be needed is touched before. */
#define STACK_OCTETS (256u * 1024u)

static void touch_stack(void) {
    volatile uint8_t stack[STACK_OCTETS];

    for (size_t i = 0; i < sizeof stack; i += 4096)
        stack[i] = 0;
}

static void say(uint32_t kind) {
    struct xv_message message;

    memset(&message, 0, sizeof message);
    message.kind = kind;
    if (!xv_ipc_send(XV_WORKER_CONTROL, &message))
        _exit(EXIT_NO_MONITOR);
}

static _Noreturn void fail(uint32_t layer, int error) {
    struct xv_message message;

    memset(&message, 0, sizeof message);
    message.kind = XV_MSG_FAILED;
    message.u.failed.layer = layer;
    message.u.failed.error = error;
    (void)xv_ipc_send(XV_WORKER_CONTROL, &message);
    _exit(EXIT_NO_SANDBOX);
}

static void tick(void *context, uint64_t offset, uint64_t size) {
    const struct xv_hello *hello = context;
    struct xv_message message;

    if (!hello->ticks)
        return;
    memset(&message, 0, sizeof message);
    message.kind = XV_MSG_TICK;
    message.u.tick.offset = offset;
    message.u.tick.size = size;
    if (!xv_ipc_send(XV_WORKER_CONTROL, &message))
        _exit(EXIT_NO_MONITOR);
}

/* Reads, judges and, as a gate, forwards; then says what it came to. */
static void work(struct xv_hello *hello, const struct xv_worker_memory *memory) {
    struct xv_fact_sender facts = {.mask = hello->facts, .fd = XV_WORKER_CONTROL};
    struct xv_observer observer = {xv_fact_sender_tell, &facts};
    struct xv_arena arena = {memory->arena, memory->arena_size};
    struct xv_parser *parser = xv_parser_init(memory->parser, &hello->policy, arena, observer);
    struct xv_forward forward = {.fd = XV_WORKER_OUTPUT, .hold = memory->hold, .capacity = memory->hold_size};
    struct xv_input input = {
        .fd = XV_WORKER_INPUT,
        .sink = XV_WORKER_OUTPUT,
        .buffer = memory->buffer,
        .capacity = XV_INPUT_BUFFER,
        .limit_seconds = hello->limit_seconds,
        .idle_seconds = hello->idle_seconds,
        .tick = tick,
        .context = hello,
        .forward = hello->mode == XV_MODE_GATE ? &forward : NULL,
    };
    struct xv_message message;
    enum xv_drive drive = xv_drive(parser, &input);

    xv_fact_sender_flush(&facts);
    memset(&message, 0, sizeof message);
    message.kind = XV_MSG_OUTCOME;
    xv_conclude(&message.u.outcome, parser, drive, input.error);
    if (message.u.outcome.ending == XV_ENDED_ACCEPTED)
        say(XV_MSG_COMPLETE);
    if (!xv_ipc_send(XV_WORKER_CONTROL, &message))
        _exit(EXIT_NO_MONITOR);
}

int main(void) {
    struct xv_message message;
    struct xv_worker_memory memory;
    uint32_t layer;

    (void)signal(SIGPIPE, SIG_IGN);
    if (xv_ipc_receive(XV_WORKER_CONTROL, &message) != 1 || message.kind != XV_MSG_HELLO ||
        message.u.hello.version != XV_IPC_VERSION)
        return EXIT_NO_HELLO;
    touch_stack();
    if (!xv_worker_map(&memory, &message.u.hello))
        fail(0, errno);
    layer = xv_sandbox_enter(message.u.hello.layers, message.u.hello.limit_seconds);
    if (layer)
        fail(layer, errno);
    say(XV_MSG_READY);
    work(&message.u.hello, &memory);
    return EXIT_CLEAN;
}
