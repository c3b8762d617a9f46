/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "exit_status.h"
#include "output.h"
#include "text.h"
#include "usage.h"

struct command {
    const char *name;
    enum xv_command id;
    int (*run)(const struct xv_options *options);
};

static const struct command commands[] = {
    {"check", XV_COMMAND_CHECK, xv_command_check},       {"convert", XV_COMMAND_CONVERT, xv_command_convert},
    {"gate", XV_COMMAND_GATE, xv_command_gate},          {"inspect", XV_COMMAND_INSPECT, xv_command_inspect},
    {"policy", XV_COMMAND_POLICY, xv_command_policy},    {"records", XV_COMMAND_RECORDS, xv_command_records},
    {"sandbox", XV_COMMAND_SANDBOX, xv_command_sandbox}, {"restore", XV_COMMAND_RESTORE, xv_command_restore},
    {"seal", XV_COMMAND_SEAL, xv_command_seal},          {"verdicts", XV_COMMAND_VERDICTS, xv_command_verdicts},
};

static int run_command(const struct command *command, int argc, char **argv) {
    struct xv_options options;
    switch (xv_options_parse(&options, command->id, argc, argv)) {
    case XV_OPTIONS_USAGE:
        return XV_EXIT_USAGE;
    case XV_OPTIONS_SYSTEM:
        return XV_EXIT_SYSTEM;
    case XV_OPTIONS_GOOD:
        break;
    }
    if (options.help) {
        xv_usage_of(stdout, command->id);
        return XV_EXIT_ACCEPTED;
    }
    return command->run(&options);
}

static int run(int argc, char **argv) {
    char shown[64];
    if (argc < 2) {
        xv_usage(stderr);
        return XV_EXIT_USAGE;
    }
    if (strcmp(argv[1], "--version") == 0) {
        (void)puts("xenvet " XENVET_VERSION);
        return XV_EXIT_ACCEPTED;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "help") == 0) {
        xv_usage(stdout);
        return XV_EXIT_ACCEPTED;
    }
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        if (strcmp(argv[1], commands[i].name) == 0)
            return run_command(&commands[i], argc - 1, argv + 1);
    }
    (void)fprintf(
        stderr,
        "xenvet: unknown command '%s'\nknown: check, convert, gate, inspect, policy, records, restore, sandbox, seal, verdicts; see xenvet --help\n",
        xv_text_name(shown, sizeof shown, argv[1]));
    return XV_EXIT_USAGE;
}

int main(int argc, char **argv) {
    xv_output_begin();
    return xv_output_end(run(argc, argv));
}
