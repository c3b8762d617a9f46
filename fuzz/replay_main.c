/* SPDX-License-Identifier: MIT */
/*
 * main() of a harness without a fuzzer: each file, and each file of each folder, goes through it once, and so does the
 * empty input. Folders that do not exist are empty. A finding ends the program; its name is the last one on standard
 * error. With XENVET_REPLAY_SECONDS=N each input goes through it many times, N seconds together, for a speed.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned inputs;
static double patience;      /* seconds for each input; 0: once */
static double spent;         /* seconds */
static unsigned long long n; /* executions in them */

/* Of a core, whoever else uses the machine. */
static double now(void) {
    struct timespec t;

    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void again_and_again(const uint8_t *bytes, size_t size) {
    double begin = now(), end;

    do {
        for (unsigned i = 0; i < 64; i++)
            (void)LLVMFuzzerTestOneInput(bytes, size);
        n += 64;
        end = now();
    } while (end - begin < patience);
    spent += end - begin;
}

/* The octets lie in a block of their exact size, so that a sanitizer sees one too many. */
static int replay_file(const char *path, size_t size) {
    uint8_t *bytes = malloc(size ? size : 1);
    FILE *file = fopen(path, "rb");
    int bad = !bytes || !file || fread(bytes, 1, size, file) != size;

    if (bad) {
        perror(path);
    } else {
        fprintf(stderr, "\r%s", path);
        (void)LLVMFuzzerTestOneInput(bytes, size);
        if (patience > 0)
            again_and_again(bytes, size);
        inputs++;
    }
    if (file)
        (void)fclose(file);
    free(bytes);
    return bad;
}

static int replay_folder(const char *folder) {
    struct dirent **entries;
    char path[4096];
    struct stat st;
    int bad = 0, found = scandir(folder, &entries, NULL, alphasort);

    for (int i = 0; i < found; i++) {
        int length = snprintf(path, sizeof(path), "%s/%s", folder, entries[i]->d_name);

        if (entries[i]->d_name[0] != '.' && length > 0 && (size_t)length < sizeof(path) && stat(path, &st) == 0 &&
            S_ISREG(st.st_mode))
            bad |= replay_file(path, (size_t)st.st_size);
        free(entries[i]);
    }
    if (found >= 0)
        free(entries);
    return bad || found < 0;
}

int main(int argc, char **argv) {
    const char *seconds = getenv("XENVET_REPLAY_SECONDS");
    struct stat st;
    int bad = 0;

    patience = seconds ? strtod(seconds, NULL) : 0;
    (void)LLVMFuzzerTestOneInput((const uint8_t *)"", 0);
    for (int i = 1; i < argc; i++) {
        if (stat(argv[i], &st) != 0) {
            bad |= errno != ENOENT;
            continue;
        }
        bad |= S_ISDIR(st.st_mode) ? replay_folder(argv[i]) : replay_file(argv[i], (size_t)st.st_size);
    }
    fprintf(stderr, "\r%u inputs\n", inputs);
    if (spent > 0)
        printf("%llu executions, %.3f s\n", n, spent);
    return bad;
}
