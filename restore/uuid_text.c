/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "uuid_text.h"

#include <errno.h>
#include <sys/random.h>

static const char digits[] = "0123456789abcdef";

static bool is_dash(unsigned at) {
    return at == 8 || at == 13 || at == 18 || at == 23;
}

static int digit_of(char c) {
    for (int i = 0; i < 16; i++) {
        if (digits[i] == c || (i > 9 && digits[i] - 'a' + 'A' == c))
            return i;
    }
    return -1;
}

bool xv_uuid_parse(const char *text, uint8_t uuid[16]) {
    unsigned nibbles = 0;

    for (unsigned i = 0; i < XV_UUID_TEXT - 1; i++) {
        int digit = digit_of(text[i]);

        if (is_dash(i) && text[i] == '-')
            continue;
        if (is_dash(i) || digit < 0)
            return false;
        uuid[nibbles / 2] = (uint8_t)(nibbles % 2 ? uuid[nibbles / 2] | digit : digit << 4);
        nibbles++;
    }
    return text[XV_UUID_TEXT - 1] == 0;
}

void xv_uuid_print(char text[XV_UUID_TEXT], const uint8_t uuid[16]) {
    unsigned nibbles = 0;

    for (unsigned i = 0; i < XV_UUID_TEXT - 1; i++) {
        if (is_dash(i)) {
            text[i] = '-';
            continue;
        }
        text[i] = digits[nibbles % 2 ? uuid[nibbles / 2] & 15 : uuid[nibbles / 2] >> 4];
        nibbles++;
    }
    text[XV_UUID_TEXT - 1] = 0;
}

bool xv_uuid_random(char text[XV_UUID_TEXT]) {
    uint8_t uuid[16];

    if (getrandom(uuid, sizeof uuid, 0) != (ssize_t)sizeof uuid)
        return false;
    uuid[6] = (uint8_t)((uuid[6] & 0x0f) | 0x40); /* version 4, variant 1 */
    uuid[8] = (uint8_t)((uuid[8] & 0x3f) | 0x80);
    xv_uuid_print(text, uuid);
    return true;
}
