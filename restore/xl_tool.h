/* SPDX-License-Identifier: MIT */
#ifndef XENVET_XL_TOOL_H
#define XENVET_XL_TOOL_H

/* The few things that are asked of the xl command beside receiving a domain. Each call ends within XV_XL_SECONDS. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define XV_XL_SECONDS 60u
#define XV_XL_NAME    256u

struct xv_xl_domain {
    uint32_t domid;
    char uuid[40];
    char name[XV_XL_NAME]; /* as xl prints it, cut, what is not printable ASCII replaced by '?' */
};

struct xv_xl_domains {
    struct xv_xl_domain *items;
    size_t count;
};

/* `xl vm-list`. False with errno if it cannot be had; otherwise `items` is to be freed. */
bool xv_xl_list(const char *xl, struct xv_xl_domains *domains);

bool xv_xl_has(const struct xv_xl_domains *domains, uint32_t domid);

/* True if it runs or ever ran, and if that cannot be told. */
bool xv_xl_ran(const char *xl, uint32_t domid);

bool xv_xl_destroy(const char *xl, uint32_t domid);
bool xv_xl_rename(const char *xl, uint32_t domid, const char *name);

#endif
