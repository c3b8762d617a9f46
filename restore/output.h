/* SPDX-License-Identifier: MIT */
#ifndef XENVET_OUTPUT_H
#define XENVET_OUTPUT_H

/* Standard output as scripts need it: what could not be written is an error, not a silence. */
#include <jansson.h>
#include <stdbool.h>

/* Makes descriptors 0 to 2 exist, so that no file opened later takes their place; writing to a closed one still fails.
 */
void xv_output_begin(void);

/* One JSON document and a newline; consumes the reference. False without memory, or if `root` is NULL. */
bool xv_output_json(json_t *root);

/* Flushes and closes standard output: `status`, or XV_EXIT_SYSTEM with a message if something was lost. */
int xv_output_end(int status);

#endif
