/* SPDX-License-Identifier: MIT */
/* simstream KIND PAGES: writes one of the test streams to standard output. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "make_stream.h"

int main(int argc, char **argv) {
    static const char *const kinds[] = {"pv64", "pv32", "hvm", "remus"};
    struct bytes b;
    int failed;

    for (unsigned int k = 0; argc == 3 && k < 4; k++) {
        if (strcmp(argv[1], kinds[k]))
            continue;
        make_stream(&b, (enum stream_kind)k, (unsigned int)strtoul(argv[2], NULL, 0));
        failed = fwrite(b.p, 1, b.n, stdout) != b.n || fflush(stdout);
        bytes_free(&b);
        return failed;
    }
    fputs("usage: simstream pv64|pv32|hvm|remus PAGES >STREAM\n", stderr);
    return 2;
}
