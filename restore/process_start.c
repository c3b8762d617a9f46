/* SPDX-License-Identifier: MIT */
#include "process_start.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Field 22 of /proc/PID/stat; the second one is in parentheses and may hold anything. */
unsigned long long xv_process_start(long pid) {
    char path[64], text[1024];
    unsigned long long since = 0;
    FILE *file;
    size_t n;
    char *at;

    (void)snprintf(path, sizeof path, "/proc/%ld/stat", pid);
    file = fopen(path, "re");
    if (file == NULL)
        return 0;
    n = fread(text, 1, sizeof text - 1, file);
    (void)fclose(file);
    text[n] = 0;
    at = strrchr(text, ')');
    for (int field = 2; at != NULL && field < 22; field++)
        at = strchr(at + 1, ' ');
    if (at != NULL)
        since = strtoull(at, NULL, 10);
    return since;
}
