/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include "nodes.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <xenvet/policy.h>

#define CONSOLE_LIMIT "1048576"

/* One transaction of writes; the first failure stays. */
struct writer {
    const struct xv_host *host;
    xs_transaction_t t;
    uint32_t domid;
    char base[64];
    bool failed;
};

static void path_of(const struct writer *w, char path[XV_PATH], const char *key) {
    (void)snprintf(path, XV_PATH, "%s%s%s", w->base, key[0] != 0 ? "/" : "", key);
}

__attribute__((format(printf, 3, 4))) static void put(struct writer *w, const char *key, const char *format, ...) {
    char path[XV_PATH], value[XV_PATH];
    va_list args;
    int n;

    va_start(args, format);
    /* NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized): a false alarm when clang-tidy gets several files */
    n = vsnprintf(value, sizeof value, format, args);
    va_end(args);
    path_of(w, path, key);
    if (!w->failed &&
        (n < 0 || (size_t)n >= sizeof value || !xs_write(w->host->xs, w->t, path, value, (unsigned int)n)))
        w->failed = true;
}

/* Permissions are inherited by what is made below; the first entry is the owner and everybody else's access. */
static void permit(struct writer *w, const char *key, struct xs_permissions *permissions, unsigned int n) {
    char path[XV_PATH];

    path_of(w, path, key);
    if (!w->failed && !xs_set_permissions(w->host->xs, w->t, path, permissions, n))
        w->failed = true;
}

/* A directory that the guest may read. */
static void make_readable(struct writer *w, const char *key) {
    struct xs_permissions permissions[2] = {{.id = 0, .perms = XS_PERM_NONE}, {.id = w->domid, .perms = XS_PERM_READ}};
    char path[XV_PATH];

    path_of(w, path, key);
    if (!w->failed && !xs_mkdir(w->host->xs, w->t, path))
        w->failed = true;
    permit(w, key, permissions, 2);
}

/* An empty node that belongs to the guest. */
static void give(struct writer *w, const char *key) {
    struct xs_permissions permissions[1] = {{.id = w->domid, .perms = XS_PERM_NONE}};

    put(w, key, "%s", "");
    permit(w, key, permissions, 1);
}

static bool begin(struct writer *w, const struct xv_host *host, uint32_t domid) {
    memset(w, 0, sizeof *w);
    w->host = host;
    w->domid = domid;
    w->t = xs_transaction_start(host->xs);
    w->failed = w->t == XBT_NULL;
    return !w->failed;
}

static void base(struct writer *w, const char *format, uint32_t domid) {
    (void)snprintf(w->base, sizeof w->base, "%s%u", format, domid);
}

/* Ends the transaction: true once it is done, false with errno EAGAIN if it must be made again. */
static bool end(struct writer *w) {
    int saved = errno;
    bool done;

    if (w->t == XBT_NULL)
        return false;
    done = xs_transaction_end(w->host->xs, w->t, w->failed);
    if (w->failed)
        errno = saved == EAGAIN ? EIO : saved;
    return done && !w->failed;
}

static const char *type_name(const struct xv_build *build) {
    return build->guest == XV_GUEST_HVM ? "hvm" : build->guest == XV_GUEST_PVH ? "pvh" : "pv";
}

static void domain_skeleton(struct writer *w, const struct xv_build *build) {
    static const char *const readable[] = {"cpu", "memory", "device", "control"};
    static const char *const given[] = {
        "device/suspend/event-channel",
        "control/shutdown",
        "control/feature-poweroff",
        "control/feature-reboot",
        "control/feature-suspend",
        "control/sysrq",
        "data",
        "drivers",
        "feature",
        "attr",
        "error",
    };

    base(w, "/local/domain/", w->domid);
    if (!xv_host_remove(w->host, w->t, w->base)) /* whatever an earlier domain of this number left */
        w->failed = true;
    make_readable(w, "");
    put(w, "vm", "/vm/%s", build->uuid);
    put(w, "name", "%s", build->name);
    put(w, "domid", "%" PRIu32, w->domid);
    for (size_t i = 0; i < sizeof readable / sizeof readable[0]; i++)
        make_readable(w, readable[i]);
    for (size_t i = 0; i < sizeof given / sizeof given[0]; i++)
        give(w, given[i]);
    put(w, "control/platform-feature-multiprocessor-suspend", "1");
    put(w, "control/platform-feature-xs_reset_watches", "1");
}

static void vm_nodes(struct writer *w, const struct xv_build *build) {
    struct timespec now = {0, 0};

    (void)clock_gettime(CLOCK_REALTIME, &now);
    (void)snprintf(w->base, sizeof w->base, "/vm/%s", build->uuid);
    if (!xv_host_remove(w->host, w->t, w->base))
        w->failed = true;
    make_readable(w, "");
    put(w, "uuid", "%s", build->uuid);
    put(w, "name", "%s", build->name);
    put(w, "start_time", "%lld.%02ld", (long long)now.tv_sec, now.tv_nsec / 10000000);
}

/* xl asks this node what kind of domain it is. */
static void xl_nodes(struct writer *w, const struct xv_build *build) {
    base(w, "/libxl/", w->domid);
    if (!xv_host_remove(w->host, w->t, w->base))
        w->failed = true;
    put(w, "type", "%s", type_name(build));
}

struct name_search {
    const struct xv_host *host;
    xs_transaction_t t;
    const char *name;
    uint32_t self;
    bool taken;
};

static bool compare_name(void *context, const xc_domaininfo_t *domain) {
    struct name_search *s = context;
    char path[XV_PATH], name[256];

    (void)snprintf(path, sizeof path, "/local/domain/%u/name", (unsigned)domain->domain);
    s->taken =
        domain->domain != s->self && xv_host_read(s->host, s->t, path, name, sizeof name) && strcmp(name, s->name) == 0;
    return !s->taken;
}

enum xv_nodes_result xv_nodes_begin(const struct xv_host *host, uint32_t domid, const struct xv_build *build) {
    struct name_search search = {.host = host, .name = build->name, .self = domid};
    struct writer w;

    do {
        if (!begin(&w, host, domid))
            return XV_NODES_FAILED;
        search.t = w.t;
        w.failed = !xv_host_domains(host, compare_name, &search) || search.taken;
        if (!w.failed) {
            domain_skeleton(&w, build);
            vm_nodes(&w, build);
            xl_nodes(&w, build);
        }
        if (end(&w))
            return XV_NODES_DONE;
    } while (errno == EAGAIN && !search.taken);
    return search.taken ? XV_NODES_NAME_TAKEN : XV_NODES_FAILED;
}

static void completion(struct writer *w, const struct xv_build *build, const struct xv_rings *rings) {
    base(w, "/local/domain/", w->domid);
    put(w, "memory/static-max", "%" PRIu64, build->max_kb);
    put(w, "memory/target", "%" PRIu64, build->target_kb);
    put(w, "memory/videoram", "0");
    for (uint32_t i = 0; i < build->vcpus; i++) {
        char key[48];

        (void)snprintf(key, sizeof key, "cpu/%u/availability", i);
        put(w, key, "online");
    }
    put(w, "store/port", "%u", rings->store_port);
    put(w, "store/ring-ref", "%lu", rings->store_frame);
    put(w, "console/backend-id", "%u", rings->console_domid);
    put(w, "console/limit", CONSOLE_LIMIT);
    put(w, "console/type", "xenconsoled");
    put(w, "console/output", "pty");
    put(w, "console/tty", "%s", "");
    put(w, "console/port", "%u", rings->console_port);
    put(w, "console/ring-ref", "%lu", rings->console_frame);
}

bool xv_nodes_complete(const struct xv_host *host, uint32_t domid, const struct xv_build *build,
                       const struct xv_rings *rings) {
    struct writer w;

    do {
        if (!begin(&w, host, domid))
            return false;
        completion(&w, build, rings);
        if (end(&w))
            return true;
    } while (errno == EAGAIN);
    return false;
}

bool xv_nodes_remove(const struct xv_host *host, uint32_t domid, const char *uuid) {
    char path[XV_PATH];

    (void)snprintf(path, sizeof path, "/local/domain/%u", domid);
    if (!xv_host_remove(host, XBT_NULL, path))
        return false;
    (void)snprintf(path, sizeof path, "/libxl/%u", domid);
    if (!xv_host_remove(host, XBT_NULL, path))
        return false;
    (void)snprintf(path, sizeof path, "/vm/%s", uuid != NULL ? uuid : "");
    return uuid == NULL || xv_host_remove(host, XBT_NULL, path);
}
