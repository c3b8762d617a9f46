/* SPDX-License-Identifier: MIT */
/*
 * xenvet-worker: the only process that looks at untrusted octets. It is entered by exec with three descriptors (ipc.h),
 * takes one message from the monitor, maps all memory it will ever use, puts the sandbox on, and only then reads. No
 * stdio, no allocation.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "conclude.h"
#include "convert/convert.h"
#include "fact_sender.h"
#include "forward.h"
#include "go_ahead.h"
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

/* Waits for XV_MSG_PROCEED; a monitor that says anything else, or nothing any more, is gone. */
static void await_proceed(void) {
    struct xv_message message;

    if (xv_ipc_receive(XV_WORKER_CONTROL, &message) != 1 || message.kind != XV_MSG_PROCEED)
        _exit(EXIT_NO_MONITOR);
}

/* Tells the monitor what domain is to be made, and waits until it is ready for that. */
static void announce(void *context, const struct xv_parser *parser) {
    struct xv_message message;

    (void)context;
    memset(&message, 0, sizeof message);
    message.kind = XV_MSG_SUMMARY;
    message.u.begun.guests = xv_parser_guests(parser);
    message.u.begun.summary = *xv_parser_summary(parser);
    if (!xv_ipc_send(XV_WORKER_CONTROL, &message))
        _exit(EXIT_NO_MONITOR);
    await_proceed();
}

/* The sender's configuration is accepted and goes no further; the monitor sends the operator's own. */
static void replace_config(void) {
    say(XV_MSG_CONFIG);
    await_proceed();
}

/* A checkpointed stream ends when its sender falls silent or its connection is lost: that is what it is for (xl 3). */
static bool link_broke(enum xv_drive result, int error) {
    return result == XV_DRIVE_IDLE || (result == XV_DRIVE_ERROR && (error == ECONNRESET || error == ETIMEDOUT ||
                                                                    error == EHOSTUNREACH || error == ENETUNREACH));
}

static void tell_sealed(uint64_t end, const uint8_t digest[XV_DIGEST], bool whole) {
    struct xv_message message;

    memset(&message, 0, sizeof message);
    message.kind = XV_MSG_SEALED;
    message.u.sealed.end = end;
    message.u.sealed.whole = whole;
    memcpy(message.u.sealed.digest, digest, XV_DIGEST);
    if (!xv_ipc_send(XV_WORKER_CONTROL, &message))
        _exit(EXIT_NO_MONITOR);
}

/* Reads, judges and, as a gate, forwards. */
static enum xv_drive drive(const struct xv_hello *hello, struct xv_parser *parser, struct xv_input *input) {
    enum xv_drive result;

    enum xv_code sealed = input->forward != NULL && input->forward->sealed != NULL
                              ? xv_sealed_begin(input->forward->sealed)
                              : XV_ACCEPTED;

    if (sealed != XV_ACCEPTED)
        (void)xv_parser_refuse_at(parser, sealed, 0);
    if (input->forward != NULL && input->forward->config != NULL)
        xv_parser_keep_config(parser, xv_canonical_token, input->forward->config);
    result = xv_drive(parser, input);
    if (hello->link_breaks && link_broke(result, input->error)) {
        (void)xv_parser_eof(parser, 0);
        result = XV_DRIVE_DONE;
    }
    return result;
}

static void begin_conversion(const struct xv_hello *hello, const struct xv_worker_memory *memory,
                             struct xv_parser *parser, struct xv_forward *forward) {
    struct xv_convert *c = memory->convert;

    c->to = (enum xv_convert_to)hello->convert_to;
    c->lossy = hello->lossy;
    c->own_config = hello->skip_config;
    c->send_config = replace_config;
    c->forward = forward;
    c->source = parser;
    c->policy = &hello->policy;
    c->vet_arena = (struct xv_arena){memory->vet_arena, memory->arena_size};
    c->vet_memory = memory->vet_parser;
    c->made = memory->made;
    c->capacity = memory->hold_size;
    c->frames = memory->frames;
    c->slots = memory->slots;
    c->frames_max = memory->frames_max;
    forward->convert = c;
}

/* Draft B is read twice: the first time for what version 3 has to know before any page (convert/source_draft_b.c). */
static enum xv_drive convert_again(struct xv_convert *c, const struct xv_worker_memory *memory,
                                   struct xv_input *input) {
    struct xv_arena arena = {memory->again_arena, memory->arena_size};

    if (!xv_source_draft_b_ready(c))
        return XV_DRIVE_DONE;
    c->source = xv_parser_init(memory->again_parser, c->policy, arena, (struct xv_observer){NULL, NULL, 0});
    c->forward->committed = 0;
    c->forward->held = 0;
    return xv_drive(c->source, input);
}

/* Converts; the parser that has the last word is then c->source. */
static enum xv_drive convert(struct xv_convert *c, const struct xv_worker_memory *memory, struct xv_input *input) {
    struct xv_input fresh = *input;
    enum xv_drive result = xv_drive(c->source, input);

    c->positioned = input->positioned;
    if (result != XV_DRIVE_DONE || xv_parser_report(c->source)->code != XV_ACCEPTED || c->refused != XV_ACCEPTED ||
        !xv_convert_again(c))
        return result;
    *input = fresh;
    return convert_again(c, memory, input);
}

/* A refusal that came when the whole input was accepted already. */
static void conclude_conversion(const struct xv_convert *c, struct xv_outcome *o) {
    if (o->ending != XV_ENDED_ACCEPTED || c->refused == XV_ACCEPTED)
        return;
    o->ending = XV_ENDED_REJECTED;
    o->code = (uint32_t)c->refused;
    o->offset = o->summary.bytes;
}

/* The whole run: facts while it lasts, then COMPLETE if the stream was accepted, then the outcome. */
static void work(struct xv_hello *hello, const struct xv_worker_memory *memory) {
    struct xv_fact_sender facts = {.fd = XV_WORKER_CONTROL};
    struct xv_observer observer = {xv_fact_sender_tell, &facts, ~hello->facts};
    struct xv_arena arena = {memory->arena, memory->arena_size};
    struct xv_parser *parser = xv_parser_init(memory->parser, &hello->policy, arena, observer);
    struct xv_canonical canonical = {.out = memory->config, .capacity = memory->config_size, .held = memory->hold};
    struct xv_sealed sealed = {.map = memory->seal, .size = hello->seal_size, .tell = tell_sealed};
    struct xv_forward forward = {
        .fd = XV_WORKER_OUTPUT,
        .hold = memory->hold,
        .capacity = memory->hold_size,
        .stall_seconds = hello->stall_seconds,
        .config = hello->keep_config ? NULL : &canonical,
        .replace_config = hello->skip_config ? replace_config : NULL,
        .at_once = hello->go_ahead,
        .libxc_only = hello->libxc_only,
        .guests = hello->guests,
        .announce_config = hello->announce_config,
        .begin = announce,
        .sealed = hello->seal != XV_SEAL_NONE ? &sealed : NULL,
    };
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
        .open_ended = hello->mode == XV_MODE_GATE && hello->go_ahead,
    };
    struct xv_convert *conversion = hello->convert ? memory->convert : NULL;
    struct xv_message message;

    memset(&message, 0, sizeof message);
    message.kind = XV_MSG_OUTCOME;
    if (conversion != NULL)
        begin_conversion(hello, memory, parser, &forward);
    if (!hello->handshake || xv_await_turn(&message.u.outcome)) {
        enum xv_drive result = conversion != NULL ? convert(conversion, memory, &input) : drive(hello, parser, &input);

        xv_fact_sender_flush(&facts);
        xv_conclude(&message.u.outcome, conversion != NULL ? conversion->source : parser, result, input.error);
    }
    if (conversion != NULL)
        conclude_conversion(conversion, &message.u.outcome);
    if (message.u.outcome.ending == XV_ENDED_ACCEPTED) {
        say(XV_MSG_COMPLETE);
        if (hello->go_ahead && xv_go_ahead(&input, hello, &message.u.outcome))
            say(XV_MSG_GO_AHEAD);
    }
    if (!xv_ipc_send(XV_WORKER_CONTROL, &message))
        _exit(EXIT_NO_MONITOR);
}

int main(void) {
    struct xv_message message;
    struct xv_worker_memory memory;
    uint32_t layer;

    (void)signal(SIGPIPE, SIG_IGN);
    (void)prctl(PR_SET_NAME, "xenvet-worker"); /* kernels before 6.14 name it after the descriptor it was entered by */
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
