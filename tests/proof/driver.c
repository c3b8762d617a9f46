/* SPDX-License-Identifier: MIT */
/*
 * What Eva analyses: any valid policy, any octets, any number of steps, every entry point in any order. Eva follows all
 * of it at once; zero alarms means that no input makes the parser do anything that C does not define.
 */
#include <__fc_builtin.h>

#include <xenvet/handshake.h>
#include <xenvet/legacy.h>
#include <xenvet/parser.h>
#include <xenvet/rules.h>
#include <xenvet/seal.h>

/* Large enough for the smallest policies; what lies beyond is proved by xv_byte_get and xv_byte_put, whatever the size.
 */
#define ARENA (256u << 10)

static uint8_t arena_bytes[ARENA];
static uint64_t parser_memory[65536 / 8];
static uint8_t input[XV_WANT_MAX];
static volatile int more;
static volatile uint64_t told;

static uint64_t any64(void) {
    return (uint64_t)Frama_C_unsigned_long_interval(0, 0xffffffffffffffffUL);
}

static uint32_t any32(void) {
    return Frama_C_unsigned_int_interval(0, 0xffffffffU);
}

static struct xv_policy any_policy(void) {
    struct xv_policy policy = {
        .max_guest_pages = any64(),
        .max_stream_bytes = any64(),
        .max_emulator_bytes = any64(),
        .max_checkpoint_bytes = any64(),
        .max_checkpoint_records = any32(),
        .max_records = any64(),
        .max_vcpus = any32(),
        .max_config_bytes = any32(),
        .max_emulator_keys = any32(),
        .max_rounds = any32(),
        .config_slack_pages = any32(),
        .formats = any32(),
        .guests = any32(),
        .tolerate = any32(),
        .allow = any32(),
        .xen_min = any32(),
        .xen_max = any32(),
        .target_xen = any32(),
        .max_xenstore_buffer = any64(),
        .max_xenstore_nodes = any32(),
        .max_xenstore_names = any32(),
        .max_xenstore_depth = any32(),
        .max_xenstore_connections = any32(),
        .max_xenstore_watches = any32(),
        .max_xenstore_transactions = any32(),
    };

    return policy;
}

static void token(void *context, enum xv_config_token kind, uint64_t start, uint64_t end) {
    (void)context;
    told = (uint64_t)kind + start + end;
}

static void tell(void *context, const struct xv_fact *fact) {
    (void)context;
    told = fact->kind + fact->offset + fact->a + fact->b + fact->c + (uint64_t)fact->text[0];
}

/* One step as a caller might take it, right or wrong: as many octets as were demanded, or any other number. */
static void step(struct xv_parser *p) {
    told = xv_parser_demand(p).n;
    switch (Frama_C_interval(1, 5)) {
    case 1:
        Frama_C_make_unknown((char *)input, sizeof(input));
        (void)xv_parser_feed(p, input, Frama_C_unsigned_long_interval(0, sizeof(input)));
        break;
    case 2:
        (void)xv_parser_pass(p, any64());
        break;
    case 3:
        (void)xv_parser_eof(p, any64());
        break;
    case 4:
        (void)xv_parser_refuse(p, (enum xv_code)any32());
        break;
    default:
        (void)xv_parser_input_changed(p);
        break;
    }
}

/* The handshake of a migration, fed anything in any order. */
static void converse(void) {
    struct xv_handshake handshake;
    bool whole = false;

    xv_handshake_init(&handshake, (enum xv_protocol)Frama_C_interval(0, 2));
    if (more)
        xv_handshake_init_go_ahead(&handshake);
    while (more) {
        enum xv_direction direction = (enum xv_direction)Frama_C_interval(0, 1);
        struct xv_turn_demand d = xv_handshake_demand(&handshake, direction);

        Frama_C_make_unknown((char *)input, sizeof(input));
        if (d.turn == XV_TURN_MESSAGE || more)
            (void)xv_handshake_feed(&handshake, direction, input, Frama_C_unsigned_long_interval(0, sizeof(input)),
                                    &whole);
        if (more)
            (void)xv_handshake_stream_done(&handshake);
        if (more)
            (void)xv_handshake_went_ahead(&handshake);
        if (more)
            (void)xv_handshake_eof(&handshake, direction);
    }
    told = xv_handshake_committed(&handshake) + xv_handshake_done(&handshake);
}

/* A seal and the items of an image, all of them any octets. */
static void sealed(void) {
    uint8_t digest[XV_DIGEST] = {0};
    struct xv_sha256 hash;
    struct xv_seal seal;

    xv_sha256_begin(&hash);
    while (more) {
        Frama_C_make_unknown((char *)input, sizeof(input));
        told = xv_sha256_take(&hash, input, Frama_C_unsigned_long_interval(0, sizeof(input)));
    }
    xv_sha256_end(&hash, digest);
    Frama_C_make_unknown((char *)input, sizeof(input));
    told = (uint64_t)xv_seal_begin(&seal, input, any64());
    while (more) {
        Frama_C_make_unknown((char *)input, sizeof(input));
        told = (uint64_t)xv_seal_item(&seal, input, any64(), digest);
    }
    told = (uint64_t)xv_seal_finish(&seal);
}

int main(void) {
    struct xv_policy policy = any_policy();
    struct xv_arena arena = {arena_bytes, Frama_C_unsigned_long_interval(0, ARENA)};
    struct xv_observer observer = {more ? tell : NULL, NULL, any32()};
    struct xv_record_rule rule;
    struct xv_parser *p;

    if (xv_parser_size() > sizeof(parser_memory))
        return 1;
    switch (Frama_C_interval(0, 2)) {
    case 0:
        xv_policy_strict(&policy);
        break;
    case 1:
        xv_policy_lenient(&policy);
        break;
    default:
        break;
    }
    p = xv_parser_init(parser_memory, &policy, arena, observer);
    if (more)
        xv_parser_keep_config(p, token, NULL);
    while (more)
        step(p);
    converse();
    sealed();
    told = xv_parser_dropped(p) + xv_parser_in_libxc(p) + xv_parser_guests(p);
    told += xv_parser_committed(p) + xv_parser_report(p)->offset + xv_parser_summary(p)->bytes;
    told += xv_verdict_of((enum xv_code)any32()) != NULL;
    told += xv_parser_item(p) + xv_legacy_param(any32());
    told += xv_record_rule_at(any64(), &rule);
    told += xv_verdict_at(any64()) != NULL;
    told += xv_tolerance_name(any32()) != NULL;
    told += xv_tolerance_text(any32()) != NULL;
    told += xv_allowance_name(any32()) != NULL;
    told += xv_allowance_text(any32()) != NULL;
    return 0;
}
