/* SPDX-License-Identifier: MIT */
#ifndef XENVET_SIM_SHA256_H
#define XENVET_SIM_SHA256_H

#include <stddef.h>
#include <stdint.h>

void sha256_hex(const void *data, size_t len, char out[65]);

#endif
