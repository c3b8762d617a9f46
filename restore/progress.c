/* SPDX-License-Identifier: MIT */
#include "progress.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "text.h"

#define FIRST_MS 1000
#define EVERY_MS 200

static int64_t now_ms(void) {
    struct timespec t = {0, 0};
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void tick(void *context, uint64_t offset, uint64_t size) {
    struct xv_progress *progress = context;
    char done[XV_TEXT_SHORT];
    int64_t now;
    now = now_ms();
    if (now < progress->next_ms)
        return;
    progress->next_ms = now + EVERY_MS;
    progress->shown = true;
    (void)xv_text_octets(done, sizeof done, offset);
    if (size >= 100)
        (void)fprintf(stderr, "\r\033[K%s, %u %%", done, (unsigned)(offset / (size / 100)));
    else
        (void)fprintf(stderr, "\r\033[K%s", done);
}

xv_progress_tick *xv_progress_begin(struct xv_progress *progress) {
    progress->shown = false;
    progress->next_ms = now_ms() + FIRST_MS;
    return isatty(STDERR_FILENO) == 1 ? tick : NULL;
}

void xv_progress_end(struct xv_progress *progress) {
    if (progress->shown)
        (void)fprintf(stderr, "\r\033[K");
    progress->shown = false;
}
