/* SPDX-License-Identifier: MIT */
/* The guest's life: it counts on its console, checks that memory and vector
 * registers keep what it put there, and suspends when asked. Every line carries
 * an identity drawn at boot, so that a restored guest is told from a new one. */
#include "guest.h"

#define PATTERN_WORDS (16 * 1024) /* 64 KiB: enough to notice, small in an image */
#define DIRTY_PAGES   16          /* written each tick: live migration has work */
#define TICK_MS       250

static uint32_t pattern[PATTERN_WORDS] PAGE_ALIGNED;
static volatile uint32_t dirty[DIRTY_PAGES][PAGE / 4] PAGE_ALIGNED;
static uint32_t vectors_set[32] __attribute__((aligned(16)));
static uint32_t vectors_now[32] __attribute__((aligned(16)));
static volatile uint32_t cpu1_count;
static volatile bool cpu1_running, park, parked;

void *memset(void *to, int byte, size_t size) {
    uint8_t *p = to;

    while (size--)
        *p++ = (uint8_t)byte;
    return to;
}

void *memcpy(void *to, const void *from, size_t size) {
    uint8_t *p = to;
    const uint8_t *q = from;

    while (size--)
        *p++ = *q++;
    return to;
}

/* ---- one line of text ---- */

static char line[160];
static size_t line_length;

static void put(const char *text) {
    while (*text && line_length + 1 < sizeof(line))
        line[line_length++] = *text++;
    line[line_length] = 0;
}

static void put_number(uint32_t value, uint32_t base, unsigned int width) {
    char digits[12];
    unsigned int i = sizeof(digits) - 1;

    digits[i] = 0;
    do {
        digits[--i] = "0123456789abcdef"[value % base];
        value /= base;
    } while (i > 0 && (value || sizeof(digits) - 1 - i < width));
    put(digits + i);
}

static uint32_t identity;

static void begin(const char *word) {
    line_length = 0;
    put(word);
    put(" id=");
    put_number(identity, 16, 8);
}

static void finish(void) {
    put("\n");
    console_print(line);
}

/* ---- what must survive ---- */

static uint32_t next_random(uint32_t x) {
    x ^= x << 13;
    x ^= x >> 17;
    x ^= x << 5;
    return x;
}

static void pattern_fill(void) {
    uint32_t x = identity;

    for (size_t i = 0; i < PATTERN_WORDS; i++)
        pattern[i] = x = next_random(x);
}

static bool pattern_kept(void) {
    uint32_t x = identity;

    for (size_t i = 0; i < PATTERN_WORDS; i++) {
        x = next_random(x);
        if (pattern[i] != x)
            return false;
    }
    return true;
}

/* The compiler is told not to use vector registers, so what is loaded here
 * stays until somebody loses it. */
static void vectors_fill(void) {
    for (uint32_t i = 0; i < 32; i++)
        vectors_set[i] = identity + i * 0x01010101;
    __asm__ volatile("movaps (%0),%%xmm0\n\tmovaps 16(%0),%%xmm1\n\t"
                     "movaps 32(%0),%%xmm2\n\tmovaps 48(%0),%%xmm3\n\t"
                     "movaps 64(%0),%%xmm4\n\tmovaps 80(%0),%%xmm5\n\t"
                     "movaps 96(%0),%%xmm6\n\tmovaps 112(%0),%%xmm7" ::"r"(vectors_set)
                     : "memory");
}

static bool vectors_kept(void) {
    __asm__ volatile("movaps %%xmm0,(%0)\n\tmovaps %%xmm1,16(%0)\n\t"
                     "movaps %%xmm2,32(%0)\n\tmovaps %%xmm3,48(%0)\n\t"
                     "movaps %%xmm4,64(%0)\n\tmovaps %%xmm5,80(%0)\n\t"
                     "movaps %%xmm6,96(%0)\n\tmovaps %%xmm7,112(%0)" ::"r"(vectors_now)
                     : "memory");
    for (size_t i = 0; i < 32; i++)
        if (vectors_now[i] != vectors_set[i])
            return false;
    return true;
}

/* ---- the second vCPU ---- */

/* While the first one suspends, shared info is not mapped: the second waits
 * where it does not look at it. */
void cpu1_main(void) {
    cpu1_running = true;
    for (;;) {
        if (park) {
            parked = true;
            yield();
            continue;
        }
        parked = false;
        cpu1_count++;
        sleep_ms(1, 100);
    }
}

static void park_cpu1(bool wanted) {
    park = wanted;
    for (uint32_t i = 0; cpu1_running && parked != wanted && i < 2000; i++)
        sleep_ms(0, 1);
}

/* Milliseconds without a 64-bit division, which needs a library in 32-bit code:
 * 2^20 ns are 1.048576 ms. Longer than a minute, or a clock that went back
 * (another host), is not told. */
static void put_away(uint64_t ns) {
    uint32_t units = (uint32_t)(ns >> 20);

    put(" away=");
    if (ns >> 36) {
        put("unknown");
        return;
    }
    put_number(units + units * 48 / 1000, 10, 1);
    put("ms");
}

/* ---- orders from the toolstack ---- */

static void obey(uint32_t n) {
    static char order[32];

    if (!store_read("control/shutdown", order, sizeof(order)) || !order[0])
        return;
    if (order[0] == 's') { /* suspend */
        uint64_t left;

        store_write_empty("control/shutdown");
        begin("SUSPEND");
        put(" n=");
        put_number(n, 10, 1);
        finish();
        park_cpu1(true);
        console_drain();
        left = clock_ns(0);
        platform_suspend();
        park_cpu1(false);
        begin("RESUME");
        put(" n=");
        put_number(n, 10, 1);
        put_away(clock_ns(0) - left);
        finish();
    } else if (order[0] == 'p' || order[0] == 'h') { /* poweroff, halt */
        struct sched_shutdown down = {.reason = SHUTDOWN_poweroff};

        store_write_empty("control/shutdown");
        console_drain();
        hypercall(__HYPERVISOR_sched_op, SCHEDOP_shutdown, (unsigned long)&down, 0, 0);
    }
}

void guest_main(void) {
    long error;

    platform_refresh();
    identity = (uint32_t)tsc() | 1;
    for (int i = 0; i < 8; i++)
        identity = next_random(identity);
    pattern_fill();
    vectors_fill();
    error = platform_start_cpu1();
    begin("BOOT");
    put(" kind=");
    put(platform_kind());
    put(" cpus=");
    put(error ? "1" : "2");
    finish();

    for (uint32_t n = 0;; n++) {
        for (size_t i = 0; i < DIRTY_PAGES; i++)
            dirty[i][n % (PAGE / 4)] = n;
        begin("TICK");
        put(" n=");
        put_number(n, 10, 1);
        put(pattern_kept() ? " mem=ok" : " mem=BAD");
        put(vectors_kept() ? " fpu=ok" : " fpu=BAD");
        if (!error) {
            put(" cpu1=");
            put_number(cpu1_count, 10, 1);
        }
        finish();
        obey(n);
        sleep_ms(0, TICK_MS);
    }
}
