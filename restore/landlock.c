/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "landlock.h"

#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The kernel's interface; the headers of Debian 12 stop at version 2. */
#define CREATE_VERSION 1u

struct ruleset {
    uint64_t fs;
    uint64_t net;
    uint64_t scoped;
};

/* What each version of the interface added, as the number of the highest right of each kind. */
static const struct {
    unsigned fs_rights, net_rights, scopes;
    size_t size; /* octets of struct ruleset that it reads */
} versions[] = {
    {0, 0, 0, 0},   {13, 0, 0, 8},  {14, 0, 0, 8},  {15, 0, 0, 8},
    {15, 2, 0, 16}, {16, 2, 0, 16}, {16, 2, 2, 24}, {16, 2, 2, 24},
};

int xv_landlock_version(void) {
    long version = syscall(SYS_landlock_create_ruleset, NULL, 0, CREATE_VERSION);

    return version > 0 ? (int)version : 0;
}

static uint64_t low_bits(unsigned n) {
    return ((uint64_t)1 << n) - 1;
}

bool xv_landlock_deny_all(void) {
    long version = syscall(SYS_landlock_create_ruleset, NULL, 0, CREATE_VERSION);
    size_t row = version > 7 ? 7 : (size_t)version;
    struct ruleset rules;
    long fd;
    bool done;

    if (version < 1)
        return false;
    rules = (struct ruleset){low_bits(versions[row].fs_rights), low_bits(versions[row].net_rights),
                             low_bits(versions[row].scopes)};
    fd = syscall(SYS_landlock_create_ruleset, &rules, versions[row].size, 0);
    if (fd < 0)
        return false;
    done = syscall(SYS_landlock_restrict_self, (int)fd, 0) == 0;
    (void)close((int)fd);
    return done;
}
