/* SPDX-License-Identifier: MIT */
#include "mark.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../process_start.h"
#include "../uuid_text.h"

bool xv_mark_owner(struct xv_mark *mark, long owner) {
    mark->owner = owner;
    mark->since = xv_process_start(owner);
    return mark->since != 0;
}

bool xv_mark_owner_lives(const struct xv_mark *mark) {
    return mark->since != 0 && xv_process_start(mark->owner) == mark->since;
}

static void path_of(char path[XV_PATH], const char *text) {
    (void)snprintf(path, XV_PATH, XV_MARKS "/%s", text);
}

bool xv_mark_write(const struct xv_host *host, const struct xv_mark *mark) {
    char path[XV_PATH], value[XV_PATH];
    int n = snprintf(value, sizeof value, "%ld %llu %ld %s", mark->owner, mark->since,
                     mark->domid == XV_NO_DOMAIN ? -1L : (long)mark->domid, mark->uuid);

    path_of(path, mark->text);
    return xs_write(host->xs, XBT_NULL, path, value, (unsigned int)n);
}

/* The next number of a value, and the blank behind it; false if there is none. */
static bool next_number(char **at, long long *number) {
    char *end = *at;

    errno = 0;
    *number = strtoll(*at, &end, 10);
    if (errno != 0 || end == *at || *end != ' ')
        return false;
    *at = end + 1;
    return true;
}

bool xv_mark_read(const struct xv_host *host, const char *text, struct xv_mark *mark) {
    char path[XV_PATH], value[XV_PATH], *at = value;
    long long owner = 0, since = 0, domid = -1;
    uint8_t uuid[16];

    memset(mark, 0, sizeof *mark);
    mark->domid = XV_NO_DOMAIN;
    (void)snprintf(mark->text, sizeof mark->text, "%s", text);
    path_of(path, mark->text);
    if (!xv_host_read(host, XBT_NULL, path, value, sizeof value) || !next_number(&at, &owner) ||
        !next_number(&at, &since) || !next_number(&at, &domid) || strlen(at) != XV_MARK_TEXT - 1 ||
        !xv_uuid_parse(at, uuid))
        return false;
    mark->owner = (long)owner;
    mark->since = (unsigned long long)since;
    memcpy(mark->uuid, at, sizeof mark->uuid);
    if (domid > 0 && domid < DOMID_FIRST_RESERVED)
        mark->domid = (uint32_t)domid;
    return true;
}

/* In one transaction: somebody may be adding a mark. False with errno, EAGAIN if somebody was. */
static bool tidy(const struct xv_host *host) {
    xs_transaction_t t = xs_transaction_start(host->xs);
    unsigned int n = 1;
    char **marks;
    bool gone;

    if (t == XBT_NULL)
        return false;
    marks = xs_directory(host->xs, t, XV_MARKS, &n);
    gone = marks == NULL && errno == ENOENT;
    free(marks);
    if (gone || (marks != NULL && n != 0)) {
        (void)xs_transaction_end(host->xs, t, true);
        return true;
    }
    gone = marks != NULL && xs_rm(host->xs, t, XV_MARKS);
    return xs_transaction_end(host->xs, t, !gone) && gone;
}

bool xv_marks_tidy(const struct xv_host *host) {
    while (!tidy(host)) {
        if (errno != EAGAIN)
            return false;
    }
    return true;
}

bool xv_mark_remove(const struct xv_host *host, const char *text) {
    char path[XV_PATH];

    path_of(path, text);
    return xv_host_remove(host, XBT_NULL, path) && xv_marks_tidy(host);
}
