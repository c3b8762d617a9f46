/* SPDX-License-Identifier: MIT */
/*
 * simtoolstack p|h VCPUS MAX_KB <STREAM: a separate program, linked to the distribution's shared libraries as
 * xenvet-restore is, to be run with LD_PRELOAD=libxensim.so and XENVET_SIM_DIR.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "toolstack.h"

#include <xenguest.h>

static int static_data_done(unsigned int missing, void *data) {
    (void)missing, (void)data;
    return 0;
}

static int restore_stdin(struct toolstack *t, void *arg) {
    struct restore_callbacks callbacks = {.static_data_done = static_data_done};

    (void)arg;
    return xc_domain_restore(t->xch, STDIN_FILENO, t->domid, t->store_port, &t->store_gfn, 0, t->console_port,
                             &t->console_gfn, 0, XC_STREAM_PLAIN, &callbacks, -1);
}

int main(int argc, char **argv) {
    struct toolstack t = {.restore = restore_stdin};
    int rc;

    if (argc != 4)
        return 2;
    t.hvm = argv[1][0] == 'h';
    t.vcpus = (unsigned int)strtoul(argv[2], NULL, 0);
    t.max_kb = strtoull(argv[3], NULL, 0);
    t.xch = xc_interface_open(NULL, NULL, 0);
    t.xs = t.xch ? xs_open(0) : NULL;
    if (!t.xs)
        return 3;
    rc = toolstack_run(&t);
    if (!rc)
        printf("%u\n", t.domid);
    xs_close(t.xs);
    xc_interface_close(t.xch);
    return rc ? 1 : 0;
}
