/* SPDX-License-Identifier: MIT */
/*
 * xenvet-restore: the only program that is linked with Xen's libraries. xenvet starts it; it is of no use to a person.
 *
 *     xenvet-restore --build            descriptors and messages as in backend_ipc.h
 *     xenvet-restore --destroy MARK     removes what carries the mark
 *     xenvet-restore --reap             removes what monitors that are gone have left
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "build.h"
#include "host.h"
#include "remove.h"

static int usage(void) {
    (void)fputs("xenvet-restore is a part of xenvet restore; see xenvet-restore(1)\n", stderr);
    return 2;
}

static int remove_with(const char *mark) {
    struct xv_host host;
    const char *what = NULL;
    bool all;

    if (!xv_host_open(&host, &what)) {
        (void)fprintf(stderr, "xenvet restore: %s: %s\n", what, strerror(errno));
        xv_host_close(&host);
        return 1;
    }
    all = mark != NULL ? xv_remove_marked(&host, mark, true) : xv_remove_leftovers(&host);
    xv_host_close(&host);
    return all ? 0 : 1;
}

int main(int argc, char **argv) {
    (void)signal(SIGPIPE, SIG_IGN);
    if (argc == 2 && strcmp(argv[1], "--build") == 0) {
        (void)signal(SIGHUP, SIG_IGN); /* the channel alone says when to stop, and there is a domain to remove then */
        return xv_build_run();
    }
    if (argc == 2 && strcmp(argv[1], "--reap") == 0)
        return remove_with(NULL);
    if (argc == 3 && strcmp(argv[1], "--destroy") == 0)
        return remove_with(argv[2]);
    return usage();
}
