/* SPDX-License-Identifier: MIT */
#include "output.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "exit_status.h"

void xv_output_begin(void) {
    /* the wrong direction on purpose for 0 and 1: whoever uses them gets EBADF, as before */
    static const int modes[] = {O_WRONLY, O_RDONLY, O_WRONLY};
    for (int fd = 0; fd <= 2; fd++) {
        if (fcntl(fd, F_GETFD) < 0 && errno == EBADF)
            (void)open("/dev/null", modes[fd]);
    }
    (void)signal(SIGPIPE, SIG_IGN); /* a reader of the verdict that went away is an error to report, not a death */
}

bool xv_output_json(json_t *root) {
    bool good = root != NULL && json_dumpf(root, stdout, JSON_INDENT(2) | JSON_ENSURE_ASCII) == 0;
    (void)fputc('\n', stdout);
    if (root == NULL)
        (void)fprintf(stderr, "xenvet: out of memory\n");
    json_decref(root);
    return good;
}

int xv_output_end(int status) {
    int error = 0;
    if (ferror(stdout) || fflush(stdout) != 0)
        error = errno != 0 ? errno : EIO;
    if (fclose(stdout) != 0 && error == 0)
        error = errno;
    if (error == 0)
        return status;
    (void)fprintf(stderr, "xenvet: standard output: %s\n", strerror(error));
    return XV_EXIT_SYSTEM;
}
