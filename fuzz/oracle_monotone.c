/* SPDX-License-Identifier: MIT */
#include "oracles.h"

/* One limit becomes smaller, or one permission goes. */
static void tighten(struct xv_policy *p, uint32_t dice) {
    uint32_t by = dice >> 8 & 7;

    switch (dice % 10) {
    case 0:
        p->max_guest_pages = (p->max_guest_pages >> by) + 1;
        break;
    case 1:
        p->max_stream_bytes = (dice >> 8 & 0xfffff) + 1;
        break;
    case 2:
        p->max_vcpus = (p->max_vcpus >> by) + (p->max_vcpus >> by == 0);
        break;
    case 3:
        p->max_records = (dice >> 8 & 63) + 1;
        break;
    case 4:
        p->max_rounds = by + 1;
        break;
    case 5:
        p->max_checkpoint_bytes = dice >> 8 & 0xffff;
        break;
    case 6:
        p->max_checkpoint_records = by;
        break;
    case 7:
        p->tolerate &= ~(1u << (dice >> 8 & 15));
        break;
    case 8:
        p->allow &= ~(1u << (dice >> 8 & 15));
        break;
    default:
        p->max_config_bytes = (dice >> 8 & 4095) + 1;
        break;
    }
}

void oracle_monotone(const struct fuzz_case *c, const struct fuzz_gate *first) {
    struct xv_policy tighter = *c->policy;
    struct fuzz_gate second;

    tighten(&tighter, c->dice);
    if (tighter.max_guest_pages > c->policy->max_guest_pages || tighter.max_rounds > c->policy->max_rounds ||
        first->code == XV_ACCEPTED)
        return;
    fuzz_gate_run(&second, &tighter, c->bytes, c->n, 0);
    if (second.code == XV_ACCEPTED)
        oracle_fails("monotone", first, &second);
}
