/* SPDX-License-Identifier: MIT */
#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <xenvet/parser.h>

#include "convert_options.h"
#include "gate_options.h"
#include "layers.h"
#include "policy_json.h"
#include "restore_options.h"
#include "text.h"

enum {
    OPT_HELP = 'h',
    OPT_QUIET = 'q',
    OPT_JSON = 256,
    OPT_MARKDOWN,
    OPT_POLICY,
    OPT_PRESET,
    OPT_FORMAT,
    OPT_GUESTS,
    OPT_ALLOW,
    OPT_REFUSE,
    OPT_TOLERATE,
    OPT_NO_TOLERATE,
    OPT_MAX_MEMORY,
    OPT_TARGET_XEN,
    OPT_XEN_MIN,
    OPT_XEN_MAX,
    OPT_WITHOUT_LAYER,
    OPT_SEAL,
    OPT_PUBKEY,
    OPT_SIGN,
    OPT_GATE,                                       /* + enum xv_gate_option */
    OPT_RESTORE = OPT_GATE + XV_GATE_OPTIONS,       /* + enum xv_restore_option */
    OPT_CONVERT = OPT_RESTORE + XV_RESTORE_OPTIONS, /* + enum xv_convert_option */
    OPT_LIMIT = OPT_CONVERT + XV_CONVERT_OPTIONS,   /* + index of xv_limit_at(); the last */
};

#define READS  (XV_COMMAND_CHECK | XV_COMMAND_INSPECT)
#define SEALED (XV_COMMAND_CHECK | XV_COMMAND_GATE | XV_COMMAND_RESTORE)
#define ONE    (READS | XV_COMMAND_SEAL) /* commands whose operand is an image */
#define RUNS   (ONE | XV_COMMAND_GATE | XV_COMMAND_RESTORE | XV_COMMAND_CONVERT)
#define JUDGES (RUNS | XV_COMMAND_POLICY)
#define EVERY  (JUDGES | XV_COMMAND_VERDICTS | XV_COMMAND_RECORDS | XV_COMMAND_SANDBOX)

struct known_option {
    const char *name;
    int argument;
    int value;
    unsigned commands;
};

static const struct known_option known[] = {
    {"help", no_argument, OPT_HELP, EVERY},
    {"quiet", no_argument, OPT_QUIET, XV_COMMAND_CHECK | XV_COMMAND_GATE | XV_COMMAND_RESTORE | XV_COMMAND_CONVERT},
    {"json", no_argument, OPT_JSON, READS | XV_COMMAND_VERDICTS | XV_COMMAND_SANDBOX},
    {"markdown", no_argument, OPT_MARKDOWN, XV_COMMAND_VERDICTS},
    {"policy", required_argument, OPT_POLICY, JUDGES},
    {"preset", required_argument, OPT_PRESET, JUDGES},
    {"format", required_argument, OPT_FORMAT, JUDGES},
    {"guests", required_argument, OPT_GUESTS, JUDGES},
    {"allow", required_argument, OPT_ALLOW, JUDGES},
    {"refuse", required_argument, OPT_REFUSE, JUDGES},
    {"tolerate", required_argument, OPT_TOLERATE, JUDGES},
    {"no-tolerate", required_argument, OPT_NO_TOLERATE, JUDGES},
    {"max-memory", required_argument, OPT_MAX_MEMORY, JUDGES},
    {"target-xen", required_argument, OPT_TARGET_XEN, JUDGES},
    {"xen-min", required_argument, OPT_XEN_MIN, JUDGES},
    {"xen-max", required_argument, OPT_XEN_MAX, JUDGES},
    {"without-layer", required_argument, OPT_WITHOUT_LAYER, RUNS},
    {"seal", required_argument, OPT_SEAL, SEALED},
    {"pubkey", required_argument, OPT_PUBKEY, SEALED},
    {"sign", required_argument, OPT_SIGN, XV_COMMAND_SEAL},
    {"protocol", required_argument, OPT_GATE + XV_GATE_PROTOCOL, XV_COMMAND_GATE},
    {"no-handshake", no_argument, OPT_GATE + XV_GATE_NO_HANDSHAKE, XV_COMMAND_GATE},
    {"keep-config", no_argument, OPT_GATE + XV_GATE_KEEP_CONFIG, XV_COMMAND_GATE},
    {"config", required_argument, OPT_GATE + XV_GATE_CONFIG, XV_COMMAND_GATE},
    {"in", required_argument, OPT_GATE + XV_GATE_IN, XV_COMMAND_GATE},
    {"out", required_argument, OPT_GATE + XV_GATE_OUT, XV_COMMAND_GATE},
    {"stall", required_argument, OPT_GATE + XV_GATE_STALL, XV_COMMAND_GATE},
    {"log-json", required_argument, OPT_GATE + XV_GATE_LOG_JSON, XV_COMMAND_GATE},
    {"metrics", required_argument, OPT_GATE + XV_GATE_METRICS, XV_COMMAND_GATE},
    {"xl", required_argument, OPT_GATE + XV_GATE_XL, XV_COMMAND_GATE},
    {"backend", required_argument, OPT_RESTORE + XV_RESTORE_BACKEND, XV_COMMAND_RESTORE},
    {"name", required_argument, OPT_RESTORE + XV_RESTORE_NAME, XV_COMMAND_RESTORE},
    {"uuid", required_argument, OPT_RESTORE + XV_RESTORE_UUID, XV_COMMAND_RESTORE},
    {"type", required_argument, OPT_RESTORE + XV_RESTORE_TYPE, XV_COMMAND_RESTORE},
    {"memory", required_argument, OPT_RESTORE + XV_RESTORE_MEMORY, XV_COMMAND_RESTORE},
    {"vcpus", required_argument, OPT_RESTORE + XV_RESTORE_VCPUS, XV_COMMAND_RESTORE},
    {"paused", no_argument, OPT_RESTORE + XV_RESTORE_PAUSED, XV_COMMAND_RESTORE},
    {"config", required_argument, OPT_RESTORE + XV_RESTORE_CONFIG, XV_COMMAND_RESTORE},
    {"out", required_argument, OPT_RESTORE + XV_RESTORE_OUT, XV_COMMAND_RESTORE},
    {"stall", required_argument, OPT_RESTORE + XV_RESTORE_STALL, XV_COMMAND_RESTORE},
    {"log-json", required_argument, OPT_RESTORE + XV_RESTORE_LOG_JSON, XV_COMMAND_RESTORE},
    {"metrics", required_argument, OPT_RESTORE + XV_RESTORE_METRICS, XV_COMMAND_RESTORE},
    {"reap", no_argument, OPT_RESTORE + XV_RESTORE_REAP, XV_COMMAND_RESTORE},
    {"from", required_argument, OPT_CONVERT + XV_CONVERT_FROM, XV_COMMAND_CONVERT},
    {"to", required_argument, OPT_CONVERT + XV_CONVERT_TO, XV_COMMAND_CONVERT},
    {"lossy", no_argument, OPT_CONVERT + XV_CONVERT_LOSS, XV_COMMAND_CONVERT},
    {"config", required_argument, OPT_CONVERT + XV_CONVERT_CONFIG, XV_COMMAND_CONVERT},
    {"max-guest-pages", required_argument, OPT_LIMIT + 0, JUDGES},
    {"max-vcpus", required_argument, OPT_LIMIT + 1, JUDGES},
    {"max-records", required_argument, OPT_LIMIT + 2, JUDGES},
    {"max-stream-bytes", required_argument, OPT_LIMIT + 3, JUDGES},
    {"max-config-bytes", required_argument, OPT_LIMIT + 4, JUDGES},
    {"max-emulator-bytes", required_argument, OPT_LIMIT + 5, JUDGES},
    {"max-emulator-keys", required_argument, OPT_LIMIT + 6, JUDGES},
    {"max-rounds", required_argument, OPT_LIMIT + 7, JUDGES},
    {"max-checkpoint-records", required_argument, OPT_LIMIT + 8, JUDGES},
    {"max-checkpoint-bytes", required_argument, OPT_LIMIT + 9, JUDGES},
    {"config-slack-pages", required_argument, OPT_LIMIT + 10, JUDGES},
    {"timeout", required_argument, OPT_LIMIT + 11, JUDGES},
    {"idle", required_argument, OPT_LIMIT + 12, JUDGES},
    {"max-xenstore-nodes", required_argument, OPT_LIMIT + 13, JUDGES},
    {"max-xenstore-names", required_argument, OPT_LIMIT + 14, JUDGES},
    {"max-xenstore-depth", required_argument, OPT_LIMIT + 15, JUDGES},
    {"max-xenstore-connections", required_argument, OPT_LIMIT + 16, JUDGES},
    {"max-xenstore-watches", required_argument, OPT_LIMIT + 17, JUDGES},
    {"max-xenstore-transactions", required_argument, OPT_LIMIT + 18, JUDGES},
    {"max-xenstore-buffer", required_argument, OPT_LIMIT + 19, JUDGES},
};

#define KNOWN (sizeof(known) / sizeof(known[0]))

struct parse {
    struct xv_options *out;
    const char *command;
    const char *policy, *preset;
    enum xv_options_result result;
};

__attribute__((format(printf, 2, 3))) static bool complain(struct parse *p, const char *format, ...) {
    va_list args;
    va_start(args, format);
    (void)fprintf(stderr, "xenvet %s: ", p->command);
    /* NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized): a false alarm when clang-tidy gets several files */
    (void)vfprintf(stderr, format, args);
    (void)fputc('\n', stderr);
    va_end(args);
    p->result = XV_OPTIONS_USAGE;
    return false;
}

static const char *option_name(int value) {
    for (size_t i = 0; i < KNOWN; i++) {
        if (known[i].value == value)
            return known[i].name;
    }
    return "";
}

static void list_names(const struct xv_name_set *set) {
    (void)fprintf(stderr, "known:");
    for (unsigned bit = 0; bit < 32; bit++) {
        if (set->name(bit) != NULL)
            (void)fprintf(stderr, "%s %s", bit > 0 ? "," : "", set->name(bit));
    }
    (void)fputc('\n', stderr);
}

/* The bits of "a,b,c". */
static bool parse_names(struct parse *p, int option, const struct xv_name_set *set, const char *text, uint32_t *bits) {
    *bits = 0;
    for (;;) {
        char name[64];
        size_t n = strcspn(text, ",");
        uint32_t bit;
        (void)snprintf(name, sizeof name, "%.*s", n < sizeof name ? (int)n : (int)sizeof name - 1, text);
        bit = xv_name_bit(set, name);
        if (bit == 0 || n >= sizeof name) {
            char shown[64];
            (void)complain(p, "--%s: unknown name '%s'", option_name(option), xv_text_name(shown, sizeof shown, name));
            list_names(set);
            return false;
        }
        *bits |= bit;
        if (text[n] == '\0')
            return true;
        text += n + 1;
    }
}

/* A decimal number, with K, M, G or T if `octets`. */
bool xv_number_parse(const char *text, bool octets, uint64_t *out) {
    static const char suffixes[] = "KMGT";
    char *end = NULL;
    if (text[0] < '0' || text[0] > '9')
        return false;
    errno = 0;
    unsigned long long value = strtoull(text, &end, 10);
    if (errno != 0)
        return false;
    if (octets && *end != '\0') {
        const char *suffix = strchr(suffixes, *end);
        unsigned shift = suffix != NULL ? 10u * (unsigned)(suffix - suffixes + 1) : 0;
        if (suffix == NULL || value > UINT64_MAX >> shift)
            return false;
        value <<= shift;
        end++;
    }
    *out = value;
    return *end == '\0';
}

static bool set_limit(struct parse *p, int option, const char *text) {
    const struct xv_limit *limit = xv_limit_at((size_t)(option - OPT_LIMIT));
    uint64_t value = 0;
    char shown[64];
    if (limit == NULL || !xv_number_parse(text, limit->octets, &value))
        return complain(p, "--%s: '%s' is not a number%s", option_name(option), xv_text_name(shown, sizeof shown, text),
                        limit != NULL && limit->octets ? " (K, M, G and T may follow)" : "");
    if (!xv_limit_put(&p->out->settings, limit, value))
        return complain(p, "--%s: %s is out of range", option_name(option), text);
    return true;
}

static bool set_memory(struct parse *p, const char *text) {
    uint64_t value = 0;
    char shown[64];
    if (!xv_number_parse(text, true, &value) || value < 4096)
        return complain(p, "--max-memory: '%s' is not a size like 512M or 16G",
                        xv_text_name(shown, sizeof shown, text));
    p->out->settings.policy.max_guest_pages = value / 4096;
    return true;
}

static bool set_release(struct parse *p, int option, uint32_t *field, const char *text) {
    char shown[64];
    return xv_release_parse(text, field) || complain(p, "--%s: '%s' is not a Xen release like 4.17",
                                                     option_name(option), xv_text_name(shown, sizeof shown, text));
}

static bool set_format(struct parse *p, const char *text) {
    uint32_t bits = 0;
    if (strcmp(text, "auto") == 0)
        return true;
    if (!parse_names(p, OPT_FORMAT, xv_name_set_at(XV_SET_FORMATS), text, &bits))
        return false;
    p->out->settings.policy.formats = bits;
    return true;
}

static bool set_names(struct parse *p, int option, const char *text) {
    struct xv_policy *policy = &p->out->settings.policy;
    bool allowances = option == OPT_ALLOW || option == OPT_REFUSE;
    size_t set = option == OPT_GUESTS ? XV_SET_GUESTS : allowances ? XV_SET_ALLOW : XV_SET_TOLERATE;
    uint32_t bits = 0;
    if (!parse_names(p, option, xv_name_set_at(set), text, &bits))
        return false;
    if (option == OPT_GUESTS)
        policy->guests = bits;
    else if (option == OPT_ALLOW)
        policy->allow |= bits;
    else if (option == OPT_REFUSE)
        policy->allow &= ~bits;
    else if (option == OPT_TOLERATE)
        policy->tolerate |= bits;
    else
        policy->tolerate &= ~bits;
    return true;
}

static bool drop_layer(struct parse *p, const char *text) {
    uint32_t layer = xv_layer_by_name(text);
    char shown[64];
    if (layer != 0) {
        p->out->layers &= ~layer;
        return true;
    }
    (void)complain(p, "--without-layer: unknown name '%s'", xv_text_name(shown, sizeof shown, text));
    (void)fprintf(stderr, "known:");
    for (unsigned bit = 0; xv_layer_name(bit) != NULL; bit++)
        (void)fprintf(stderr, "%s %s", bit > 0 ? "," : "", xv_layer_name(bit));
    (void)fputc('\n', stderr);
    return false;
}

/* The first pass: what the other options build on. */
static bool take_base(struct parse *p, int option, const char *text) {
    switch (option) {
    case OPT_HELP:
        p->out->help = true;
        return true;
    case OPT_POLICY:
        p->policy = text;
        return true;
    case OPT_PRESET:
        p->preset = text;
        return true;
    default:
        return true;
    }
}

static bool take_seal(struct parse *p, int option, const char *text) {
    if (option == OPT_SEAL)
        p->out->seal = text;
    else if (option == OPT_PUBKEY)
        p->out->pubkey = text;
    else
        p->out->sign = text;
    return true;
}

static bool take_option(struct parse *p, int option, const char *text) {
    struct xv_policy *policy = &p->out->settings.policy;
    const char *fault;
    switch (option) {
    case OPT_HELP:
    case OPT_POLICY:
    case OPT_PRESET:
        return true;
    case OPT_QUIET:
        p->out->quiet = true;
        return true;
    case OPT_JSON:
        p->out->json = true;
        return true;
    case OPT_MARKDOWN:
        p->out->markdown = true;
        return true;
    case OPT_WITHOUT_LAYER:
        return drop_layer(p, text);
    case OPT_SEAL:
    case OPT_PUBKEY:
    case OPT_SIGN:
        return take_seal(p, option, text);
    case OPT_FORMAT:
        return set_format(p, text);
    case OPT_GUESTS:
    case OPT_ALLOW:
    case OPT_REFUSE:
    case OPT_TOLERATE:
    case OPT_NO_TOLERATE:
        return set_names(p, option, text);
    case OPT_MAX_MEMORY:
        return set_memory(p, text);
    case OPT_TARGET_XEN:
        return set_release(p, option, &policy->target_xen, text);
    case OPT_XEN_MIN:
        return set_release(p, option, &policy->xen_min, text);
    case OPT_XEN_MAX:
        return set_release(p, option, &policy->xen_max, text);
    default:
        if (option >= OPT_LIMIT)
            return set_limit(p, option, text);
        fault = option >= OPT_CONVERT   ? xv_convert_option(p->out, option - OPT_CONVERT, text)
                : option >= OPT_RESTORE ? xv_restore_option(&p->out->restore, option - OPT_RESTORE, text)
                                        : xv_gate_option(&p->out->gate, option - OPT_GATE, text);
        return fault == NULL || complain(p, "--%s: %s", option_name(option), fault);
    }
}

/* What follows the consumer's name belongs to the consumer. */
static const char *short_options(enum xv_command command) {
    if (command == XV_COMMAND_GATE)
        return "+:hq";
    return command & (XV_COMMAND_CHECK | XV_COMMAND_RESTORE | XV_COMMAND_CONVERT) ? ":hq" : ":h";
}

static bool walk(struct parse *p, int argc, char **argv, bool (*take)(struct parse *p, int option, const char *text)) {
    struct option table[KNOWN + 1];
    size_t n = 0;
    int option;
    memset(table, 0, sizeof table);
    for (size_t i = 0; i < KNOWN; i++) {
        if ((known[i].commands & (unsigned)p->out->command) != 0)
            table[n++] = (struct option){known[i].name, known[i].argument, NULL, known[i].value};
    }
    optind = 0; /* makes getopt start afresh */
    opterr = 0;
    while ((option = getopt_long(argc, argv, short_options(p->out->command), table, NULL)) != -1) {
        char shown[64];
        const char *culprit = argv[optind > 0 ? optind - 1 : 0];
        if (option == ':')
            return complain(p, "%s: an argument is missing", xv_text_name(shown, sizeof shown, culprit));
        if (option == '?')
            return complain(p, "%s: unknown option, or not one of this command; see xenvet %s --help",
                            xv_text_name(shown, sizeof shown, culprit), p->command);
        if (!take(p, option, optarg))
            return false;
    }
    return true;
}

static bool load_base(struct parse *p) {
    struct xv_policy_error error;
    char shown[64];
    if (p->policy != NULL && p->preset != NULL)
        return complain(p, "--policy and --preset exclude each other; a policy file may name its \"base\"");
    if (p->policy == NULL) {
        const char *preset = p->preset != NULL ? p->preset : "strict";
        return xv_settings_preset(&p->out->settings, preset) ||
               complain(p, "--preset: unknown name '%s'\nknown: strict, lenient",
                        xv_text_name(shown, sizeof shown, preset));
    }
    if (xv_policy_read(p->policy, &p->out->settings, &error))
        return true;
    (void)fprintf(stderr, "xenvet %s: %s\n", p->command, error.text);
    p->result = error.system ? XV_OPTIONS_SYSTEM : XV_OPTIONS_USAGE;
    return false;
}

static bool take_operands(struct parse *p, int argc, char **argv) {
    bool wanted = (ONE & (unsigned)p->out->command) != 0;
    if (p->out->pubkey != NULL && p->out->seal == NULL)
        return complain(p, "--pubkey goes with --seal");
    if (p->out->command == XV_COMMAND_GATE) {
        const char *fault = xv_gate_operands(&p->out->gate, argc - optind, argv + optind);
        return fault == NULL || complain(p, "%s", fault);
    }
    if (p->out->command == XV_COMMAND_RESTORE) {
        const char *fault = xv_restore_operands(p->out, argc - optind, argv + optind);
        return fault == NULL || complain(p, "%s", fault);
    }
    if (p->out->command == XV_COMMAND_CONVERT) {
        const char *fault = xv_convert_operands(&p->out->convert, argc - optind, argv + optind);
        return fault == NULL || complain(p, "%s", fault);
    }
    if (wanted && optind >= argc)
        return complain(p, "no image given: name a file, or - for standard input");
    if (argc - optind > (wanted ? 1 : 0)) {
        char shown[64];
        return complain(p, "'%s': one argument too many",
                        xv_text_name(shown, sizeof shown, argv[optind + (wanted ? 1 : 0)]));
    }
    if (wanted)
        p->out->path = argv[optind];
    return true;
}

/* "max_records" as the option that sets it. */
static void option_of_key(const char *key, char *out, size_t size) {
    size_t n = 0;
    for (; key[n] != '\0' && n + 1 < size; n++)
        out[n] = (char)(key[n] == '_' ? '-' : key[n]);
    out[n] = '\0';
}

enum xv_options_result xv_options_parse(struct xv_options *out, enum xv_command command, int argc, char **argv) {
    struct parse p = {.out = out, .command = argv[0], .result = XV_OPTIONS_GOOD};
    const char *fault;
    memset(out, 0, sizeof *out);
    out->command = command;
    out->layers = XV_DEFAULT_LAYERS;
    if (!walk(&p, argc, argv, take_base))
        return p.result;
    if (out->help)
        return XV_OPTIONS_GOOD;
    if (!load_base(&p))
        return p.result;
    xv_gate_defaults(out);
    xv_restore_defaults(out);
    xv_convert_defaults(out);
    if (!walk(&p, argc, argv, take_option) || !take_operands(&p, argc, argv))
        return p.result;
    fault = xv_settings_fault(&out->settings);
    if (fault != NULL) {
        char name[64];
        option_of_key(fault, name, sizeof name);
        (void)complain(&p, "--%s: out of range", name);
    }
    return p.result;
}
