/* SPDX-License-Identifier: MIT */
#include "conclude.h"

#include <string.h>

static void copy_name(char *to, size_t size, const char *from) {
    for (size_t i = 0; i + 1 < size && from[i]; i++)
        to[i] = from[i];
}

void xv_conclude(struct xv_outcome *o, const struct xv_parser *parser, enum xv_drive drive, int error) {
    static const uint32_t endings[] = {
        [XV_DRIVE_DONE] = XV_ENDED_ACCEPTED,       [XV_DRIVE_ERROR] = XV_ENDED_ERROR,
        [XV_DRIVE_DIRECTORY] = XV_ENDED_DIRECTORY, [XV_DRIVE_LATE] = XV_ENDED_LATE,
        [XV_DRIVE_IDLE] = XV_ENDED_IDLE,           [XV_DRIVE_BROKEN] = XV_ENDED_INTERNAL,
        [XV_DRIVE_BACKEND] = XV_ENDED_BACKEND,
    };
    const struct xv_report *report = xv_parser_report(parser);

    memset(o, 0, sizeof *o);
    o->ending = endings[drive];
    o->error = error;
    o->summary = *xv_parser_summary(parser);
    o->code = (uint32_t)report->code;
    o->has = report->has;
    o->offset = report->offset;
    o->record = report->record;
    o->record_type = report->record_type;
    o->found = report->found;
    o->allowed_min = report->allowed_min;
    o->allowed_max = report->allowed_max;
    if (report->record_name != NULL)
        copy_name(o->record_name, sizeof o->record_name, report->record_name);
    if (drive == XV_DRIVE_DONE && o->code != XV_ACCEPTED)
        o->ending = XV_ENDED_REJECTED;
}
