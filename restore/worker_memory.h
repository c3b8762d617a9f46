/* SPDX-License-Identifier: MIT */
#ifndef XENVET_WORKER_MEMORY_H
#define XENVET_WORKER_MEMORY_H

/* All memory of a worker, mapped before the first octet is read; its size follows from the policy alone. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "convert/convert.h"
#include "ipc.h"

struct xv_worker_memory {
    uint8_t *parser;
    uint8_t *buffer; /* XV_INPUT_BUFFER octets */
    uint8_t *arena;
    size_t arena_size;
    uint8_t *hold; /* the gate's: the largest item that the policy lets through, held until it is accepted */
    size_t hold_size;
    uint8_t *config; /* the gate's: the configuration re-encoded */
    size_t config_size;
    /* of a conversion */
    struct xv_convert *convert;
    uint8_t *vet_parser, *vet_arena;     /* as large as those above */
    uint8_t *again_parser, *again_arena; /* likewise: for the second reading */
    uint8_t *made;                       /* as large as the hold */
    struct xv_convert_frame *frames;
    uint32_t *slots; /* two for each frame */
    uint32_t frames_max;
    const uint8_t *seal; /* what the image must be, or NULL */
};

/* Untouched pages of it cost nothing. A seal comes as a descriptor on the control channel. False with errno. */
bool xv_worker_map(struct xv_worker_memory *memory, const struct xv_hello *hello);

#endif
