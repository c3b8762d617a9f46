/* SPDX-License-Identifier: MIT */
#ifndef XENVET_FORGET_H
#define XENVET_FORGET_H

/*
 * Makes libFuzzer believe that this input reached nothing, so that it does not become one to mutate. For harnesses that
 * care for accepted images only: what is made from a rejected image is nearly always rejected, too.
 */
void fuzz_forget(void);

#endif
