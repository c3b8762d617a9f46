/* SPDX-License-Identifier: MIT */
#include "exit_status.h"

int xv_exit_of(uint32_t ending) {
    switch (ending) {
    case XV_ENDED_ACCEPTED:
        return XV_EXIT_ACCEPTED;
    case XV_ENDED_REJECTED:
        return XV_EXIT_REJECTED;
    default:
        return XV_EXIT_SYSTEM;
    }
}
