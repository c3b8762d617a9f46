/* SPDX-License-Identifier: MIT */
#ifndef XENVET_XL_TOOL_H
#define XENVET_XL_TOOL_H

/* The few things that are asked of the xl command beside the restore itself. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct xv_xl_domain {
    uint32_t domid;
    char name[64]; /* as xl prints it, cut, what is not printable ASCII replaced by '?' */
};

struct xv_xl_domains {
    struct xv_xl_domain *items;
    size_t count;
};

/* `xl list`. False if it cannot be had; otherwise `items` is to be freed. */
bool xv_xl_list(struct xv_xl_domains *domains);

bool xv_xl_has(const struct xv_xl_domains *domains, uint32_t domid);

bool xv_xl_destroy(uint32_t domid);
bool xv_xl_rename(uint32_t domid, const char *name);

#endif
