/* SPDX-License-Identifier: MIT */
#ifndef XENVET_UUID_TEXT_H
#define XENVET_UUID_TEXT_H

#include <stdbool.h>
#include <stdint.h>

#define XV_UUID_TEXT 37u

/* "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx"; false if the text is anything else. */
bool xv_uuid_parse(const char *text, uint8_t uuid[16]);
void xv_uuid_print(char text[XV_UUID_TEXT], const uint8_t uuid[16]);

/* A random one; false with errno. */
bool xv_uuid_random(char text[XV_UUID_TEXT]);

#endif
