/* SPDX-License-Identifier: MIT */
#ifndef XENVET_OPTIONS_H
#define XENVET_OPTIONS_H

#include <stdbool.h>

#include <xenvet/handshake.h>

#include "convert/convert.h"
#include "settings.h"

/* The commands, as bits: each option says which of them know it. */
enum xv_command {
    XV_COMMAND_CHECK = 1 << 0,
    XV_COMMAND_INSPECT = 1 << 1,
    XV_COMMAND_POLICY = 1 << 2,
    XV_COMMAND_VERDICTS = 1 << 3,
    XV_COMMAND_RECORDS = 1 << 4,
    XV_COMMAND_GATE = 1 << 5,
    XV_COMMAND_SANDBOX = 1 << 6,
    XV_COMMAND_RESTORE = 1 << 7,
    XV_COMMAND_CONVERT = 1 << 8,
    XV_COMMAND_SEAL = 1 << 10,
};

enum xv_restore_backend { XV_BACKEND_LIBXENGUEST, XV_BACKEND_XL, XV_BACKEND_FILE };

/* Of `restore` alone. */
struct xv_restore_options {
    enum xv_restore_backend backend;
    const char *name, *uuid;                       /* NULL: the image's; uuid "": a new one */
    const char *config, *out, *log_json, *metrics; /* files, or NULL */
    uint32_t type;                                 /* an enum xv_guest bit, 0: the image says it */
    uint32_t vcpus;                                /* 0: likewise */
    uint64_t memory_kb;                            /* likewise */
    bool paused, reap;
    uint32_t stall_seconds;
};

/* Of `gate` alone. */
struct xv_gate_options {
    char **command; /* the consumer, NULL: --in and --out */
    const char *in, *out;
    const char *config, *log_json, *metrics; /* files, or NULL */
    const char *xl;                          /* what is asked of domains, "none", or NULL: see gate_command.c */
    enum xv_protocol protocol;
    bool no_handshake, keep_config;
    uint32_t stall_seconds;
};

/* Of `convert` alone. */
struct xv_convert_options {
    const char *in, *out;
    const char *config; /* a file, or NULL */
    enum xv_convert_to to;
    bool lossy;
    uint32_t stall_seconds;
};

struct xv_options {
    enum xv_command command;
    struct xv_settings settings;
    bool json, markdown, quiet, help;
    uint32_t layers;           /* of the sandbox, enum xv_sandbox_layer bits */
    const char *seal, *pubkey; /* of check, gate and restore: files, or NULL */
    const char *sign;          /* of seal: a file, or NULL */
    struct xv_gate_options gate;
    struct xv_restore_options restore;
    struct xv_convert_options convert;
    const char *path; /* the operand of check, inspect, restore and seal; "-" is standard input */
};

enum xv_options_result {
    XV_OPTIONS_GOOD,
    XV_OPTIONS_USAGE,  /* the command line or the policy file is wrong; a message is on stderr */
    XV_OPTIONS_SYSTEM, /* the policy file could not be read; likewise */
};

/* argv[0] is the name of the command. */
enum xv_options_result xv_options_parse(struct xv_options *out, enum xv_command command, int argc, char **argv);

/* A decimal number, with K, M, G or T behind it if `octets`. */
bool xv_number_parse(const char *text, bool octets, uint64_t *out);

#endif
