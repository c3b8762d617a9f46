/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include "build_plan.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "uuid_text.h"

uint32_t xv_plan_guests(const struct xv_restore_options *o, const struct xv_policy *policy) {
    uint32_t pv = XV_GUEST_PV64 | (policy->tolerate & XV_TOLERATE_PV32_BACKEND ? XV_GUEST_PV32 : 0u);

    if (o->type == XV_GUEST_PV64)
        return pv;
    return o->type != 0 ? o->type : pv | XV_GUEST_PVH;
}

/* The lowest bit is the kind to make; xc_domain_restore() turns a PV domain into a 32-bit one if it has to. */
static uint32_t lowest(uint32_t bits) {
    return bits & (~bits + 1u);
}

static bool choose_uuid(struct xv_build *build, const struct xv_summary *s, const struct xv_restore_options *o) {
    const char *wanted = o->uuid != NULL ? o->uuid : s->config_uuid;
    uint8_t uuid[16];

    if (strlen(wanted) == XV_UUID_TEXT - 1 && xv_uuid_parse(wanted, uuid)) {
        xv_uuid_print(build->uuid, uuid);
        return true;
    }
    return xv_uuid_random(build->uuid);
}

static void choose_name(struct xv_build *build, const struct xv_summary *s, const struct xv_restore_options *o) {
    const char *name = o->name != NULL ? o->name : s->config_name;

    if (name[0] != 0)
        (void)snprintf(build->name, sizeof build->name, "%s", name);
    else
        (void)snprintf(build->name, sizeof build->name, "restored-%.8s", build->uuid);
}

bool xv_plan_make(struct xv_build *build, const struct xv_begun *begun, const struct xv_restore_options *o,
                  uint32_t guests, const char **fault) {
    const struct xv_summary *s = &begun->summary;

    memset(build, 0, sizeof *build);
    *fault = NULL;
    build->guest = lowest(begun->guests & guests);
    build->vcpus = o->vcpus != 0 ? o->vcpus : s->config_max_vcpus;
    build->max_kb = o->memory_kb != 0 ? o->memory_kb : s->config_max_memkb;
    build->target_kb = o->memory_kb != 0 || s->config_target_memkb == 0 ? build->max_kb : s->config_target_memkb;
    build->owner = (int32_t)getpid();
    build->paused = o->paused;
    if (build->guest == 0)
        *fault = "the guest is none that this back end restores";
    else if (build->max_kb == 0)
        *fault = "the image does not say how much memory the guest has: give --memory";
    else if (build->vcpus == 0 && s->format == XV_FORMAT_XL)
        build->vcpus = 1; /* what libxl takes for granted */
    else if (build->vcpus == 0)
        *fault = "the image does not say how many vCPUs the guest has: give --vcpus";
    if (*fault == NULL && (!xv_uuid_random(build->mark) || !choose_uuid(build, s, o)))
        *fault = "no random numbers";
    choose_name(build, s, o);
    return *fault == NULL;
}
