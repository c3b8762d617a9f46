/* SPDX-License-Identifier: MIT */
/*
 * What is thought of images, one line each: name, verdict, offset, and why verifier.c refuses it or "-".
 *
 *     image_verdict FILE...        inputs of a harness of images: eight octets of policy, then the image
 *     image_verdict --raw FILE...  images, under the lenient policy
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gate_feed.h"
#include "image_policy.h"
#include "verifier.h"

static uint8_t *slurp(const char *path, size_t *n) {
    uint8_t *bytes = malloc(FUZZ_GATE_MAX * 64);
    FILE *file = fopen(path, "rb");

    *n = bytes && file ? fread(bytes, 1, FUZZ_GATE_MAX * 64, file) : 0;
    if (!bytes || !file) {
        perror(path);
        exit(2);
    }
    (void)fclose(file);
    return bytes;
}

static void tell(const char *path, bool raw) {
    struct xv_policy policy;
    struct fuzz_gate gate;
    const char *why;
    size_t n, head = raw ? 0 : FUZZ_SWITCHES;
    uint8_t *bytes = slurp(path, &n);

    head = head < n ? head : n;
    if (raw || n < FUZZ_SWITCHES)
        xv_policy_lenient(&policy);
    else
        fuzz_image_policy(&policy, bytes);
    fuzz_gate_run(&gate, &policy, bytes + head, n - head, 0);
    why = verifier_refuses(bytes + head, n - head);
    printf("%s\t%s\t%llu\t%s\n", path, xv_verdict_of(gate.code)->name, (unsigned long long)gate.offset,
           why ? why : "-");
    free(bytes);
}

int main(int argc, char **argv) {
    bool raw = argc > 1 && strcmp(argv[1], "--raw") == 0;

    for (int i = raw ? 2 : 1; i < argc; i++)
        tell(argv[i], raw);
    return 0;
}
