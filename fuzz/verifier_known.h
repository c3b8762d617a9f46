/* SPDX-License-Identifier: MIT */
#ifndef XENVET_VERIFIER_KNOWN_H
#define XENVET_VERIFIER_KNOWN_H

/*
 * Defects of verify-stream-v2: refusals of what the specification allows and xenvet accepts.
 * X("the refusal, from its beginning", when it may be, "why it is a defect"); `sum` is the summary of the image.
 * One more, which verifier.c does not repeat: with Python 3 it compares an octet with a string, and so refuses each
 * EMULATOR_XENSTORE_DATA that is not empty (tests/differential.py has it).
 */
#define VERIFIER_DEFECTS(X) \
    X("libxc: unknown type", sum->tolerated &XV_TOLERATE_OPTIONAL_RECORD, \
      "a reader may skip unknown optional records") \
    X("libxc: unknown type", sum->checkpointed, \
      "after CHECKPOINT it goes on with libxc's types, where records of libxl come") \
    X("truncated", sum->checkpointed, "a checkpointed stream ends where the link breaks") \
    X("", sum->checkpointed && sum->format != XV_FORMAT_LIBXC, "records of libxl, taken for those of libxc")

#endif
