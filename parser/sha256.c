/* SPDX-License-Identifier: MIT */
/* SHA-256 (FIPS 180-4). */
#include <string.h>

#include <xenvet/parser.h>
#include <xenvet/seal.h>

#include "cursor.h"

#define ROUNDS 64u

static const uint32_t constants[ROUNDS] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static uint32_t rotated(uint32_t x, uint32_t n) {
    return x >> n | x << (32 - n);
}

static void expand(uint32_t w[ROUNDS]) {
    for (uint32_t i = 16; i < ROUNDS; i++) {
        uint32_t a = w[i - 15], b = w[i - 2];
        uint32_t s0 = rotated(a, 7) ^ rotated(a, 18) ^ a >> 3;
        uint32_t s1 = rotated(b, 17) ^ rotated(b, 19) ^ b >> 10;

        w[i] = w[i - 16] + s0 + w[i - 7] + s1;
    }
}

/* One block, whose 16 words are in w. */
static void compress(struct xv_sha256 *h, uint32_t w[ROUNDS]) {
    uint32_t s[8];

    expand(w);
    memcpy(s, h->state, sizeof(s));
    for (uint32_t i = 0; i < ROUNDS; i++) {
        uint32_t s1 = rotated(s[4], 6) ^ rotated(s[4], 11) ^ rotated(s[4], 25);
        uint32_t s0 = rotated(s[0], 2) ^ rotated(s[0], 13) ^ rotated(s[0], 22);
        uint32_t t1 = s[7] + s1 + ((s[4] & s[5]) ^ (~s[4] & s[6])) + constants[i] + w[i];
        uint32_t t2 = s0 + ((s[0] & s[1]) ^ (s[0] & s[2]) ^ (s[1] & s[2]));

        s[7] = s[6];
        s[6] = s[5];
        s[5] = s[4];
        s[4] = s[3] + t1;
        s[3] = s[2];
        s[2] = s[1];
        s[1] = s[0];
        s[0] = t1 + t2;
    }
    for (uint32_t i = 0; i < 8; i++)
        h->state[i] += s[i];
}

/* The next 16 words of the cursor, which holds them. */
static void take_block(struct xv_sha256 *h, struct xv_cursor *c) {
    uint32_t w[ROUNDS] = {0};

    for (uint32_t i = 0; i < 16; i++)
        (void)xv_get_u32_be(c, &w[i]);
    compress(h, w);
}

void xv_sha256_begin(struct xv_sha256 *h) {
    static const uint32_t first[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                      0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};

    memset(h, 0, sizeof(*h));
    memcpy(h->state, first, sizeof(first));
}

static void take_octet(struct xv_sha256 *h, uint8_t octet) {
    uint32_t fill = h->fill;

    if (fill >= sizeof(h->block))
        fill = 0;
    h->block[fill] = octet;
    h->fill = fill + 1;
    if (h->fill == sizeof(h->block)) {
        struct xv_cursor c = xv_cursor_over(h->block, sizeof(h->block), 0);

        h->fill = 0;
        take_block(h, &c);
    }
}

bool xv_sha256_take(struct xv_sha256 *h, const uint8_t *bytes, size_t n) {
    struct xv_cursor c = xv_cursor_over(bytes, n, 0);
    uint8_t octet = 0;

    if (n > XV_WANT_MAX)
        return false;
    h->octets += n;
    while (xv_left(&c) > 0) {
        if (h->fill == 0 && xv_left(&c) >= sizeof(h->block))
            take_block(h, &c);
        else if (xv_get_u8(&c, &octet))
            take_octet(h, octet);
    }
    return true;
}

void xv_sha256_end(struct xv_sha256 *h, uint8_t out[XV_DIGEST]) {
    uint64_t bits = h->octets * 8;

    take_octet(h, 0x80);
    while (h->fill != sizeof(h->block) - 8)
        take_octet(h, 0);
    for (uint32_t i = 0; i < 8; i++)
        take_octet(h, (uint8_t)(bits >> (56 - 8 * i) & 0xff));
    for (uint32_t i = 0; i < XV_DIGEST; i++)
        out[i] = (uint8_t)(h->state[i / 4] >> (24 - 8 * (i % 4)) & 0xff);
}
