/* SPDX-License-Identifier: MIT */
#include "forget.h"

#include <stdint.h>

/*
 * The counters of -fsanitize=fuzzer-no-link; elsewhere there are none. This file must not be instrumented itself: the
 * compiler would make a second pair of these symbols, and the linker might keep that one for the whole program.
 */
extern uint8_t __start___sancov_cntrs[] __attribute__((weak));
extern uint8_t __stop___sancov_cntrs[] __attribute__((weak));

#if defined(__clang__)
__attribute__((no_sanitize("coverage")))
#endif
void fuzz_forget(void) {
    for (uint8_t *p = __start___sancov_cntrs; p && p < __stop___sancov_cntrs; p++)
        *p = 0;
}
