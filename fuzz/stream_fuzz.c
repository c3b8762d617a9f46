/* SPDX-License-Identifier: MIT */
/*
 * Any image in any container, through the public functions. The first eight octets choose policy, pieces and limits;
 * they are those of gate_fuzz.c, so seeds serve both. Oracles: the same twice; pieces of opaque octets do not matter,
 * down to the summary; a cut image is accepted only where a stream may end; a lower limit never makes a rejected image
 * acceptable.
 */
#include "drive.h"

#define SWITCHES  8u
#define PAGES_MAX 16384u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void policy_of(struct xv_policy *policy, const uint8_t *switches) {
    static const uint64_t pages[] = {4096, 64, 1024, PAGES_MAX};

    if (switches[0] & 1)
        xv_policy_lenient(policy);
    else
        xv_policy_strict(policy);
    if (switches[0] & 2)
        policy->allow |= XV_ALLOW_CHECKPOINTED;
    if (switches[0] & 4)
        policy->allow |= XV_ALLOW_VERIFY;
    policy->max_guest_pages = pages[switches[1] & 3];
    policy->max_vcpus = 1u + switches[2] % 16;
    policy->tolerate ^= switches[3] | (uint32_t)(switches[4] & 0x3f) << 8;
    policy->target_xen = switches[5] & 0x80 ? XV_XEN(4, switches[5] & 0x1f) : 0;
}

static void tighten(struct xv_policy *policy, uint8_t dice) {
    policy->max_records = dice & 1 ? 1u + dice : policy->max_records;
    policy->max_stream_bytes = dice & 2 ? 64u * dice : policy->max_stream_bytes;
    policy->max_guest_pages -= dice & 4 ? policy->max_guest_pages / 4 : 0;
    policy->max_emulator_bytes = dice & 8 ? dice : policy->max_emulator_bytes;
    policy->max_checkpoint_bytes = dice & 16 ? dice : policy->max_checkpoint_bytes;
    policy->max_config_bytes = dice & 32 ? 16u * dice : policy->max_config_bytes;
    policy->max_emulator_keys = dice & 64 ? dice & 15 : policy->max_emulator_keys;
    policy->max_rounds = dice & 128 ? 1 + (dice & 3u) : policy->max_rounds;
}

static struct drive_verdict judge(const struct xv_policy *policy, const uint8_t *image, size_t n, size_t piece,
                                  struct xv_summary *sum) {
    static uint8_t memory[1u << 17] __attribute__((aligned(16))), bytes[1u << 18];
    struct xv_arena arena = {bytes, (size_t)xv_policy_arena_bytes(policy)};
    struct drive_verdict v;
    struct xv_parser *p;

    if (xv_parser_size() > sizeof(memory) || arena.size > sizeof(bytes))
        abort();
    memset(bytes, 0, arena.size);
    p = xv_parser_init(memory, policy, arena, (struct xv_observer){NULL, NULL, 0});
    v = drive(p, image, n, piece);
    *sum = *xv_parser_summary(p);
    return v;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct xv_policy policy, tight;
    struct xv_summary sum, other;
    struct drive_verdict first, again;
    const uint8_t *image = data + SWITCHES;
    size_t n, cut;

    if (size <= SWITCHES)
        return 0;
    n = size - SWITCHES;
    policy_of(&policy, data);
    first = judge(&policy, image, n, 0, &sum);
    again = judge(&policy, image, n, 1 + 16u * data[6], &other);
    if (!drive_same(&first, &again) || memcmp(&sum, &other, sizeof(sum)) != 0)
        abort();
    cut = n * (data[7] + (size_t)1) / 257;
    again = judge(&policy, image, cut, 0, &other);
    if (again.code == XV_ACCEPTED && !again.at_end && !(again.checkpointed && other.checkpoints))
        abort();
    if (again.committed > first.committed)
        abort();
    tight = policy;
    tighten(&tight, (uint8_t)(data[6] ^ data[7]));
    if (first.code != XV_ACCEPTED && xv_policy_valid(&tight) && judge(&tight, image, n, 0, &other).code == XV_ACCEPTED)
        abort();
    return 0;
}
