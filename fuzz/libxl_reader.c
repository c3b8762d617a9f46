/* SPDX-License-Identifier: MIT */
/*
 * Restores the libxl stream on standard input with the distribution's libxl: its stream reader, its xenstore writes and
 * its libxl-save-helper, on the simulated Xen (libxensim in LD_PRELOAD). It is over when the stream was read and the
 * domain built: when libxl begins to wait for the console, or starts a device model.
 *
 *     libxl_reader pv|pvh|hvm VCPUS MAX_MEMKB
 *
 * Exit status: 0 restored, 3 libxenguest refused it, 4 libxl did, 5 nothing can be said here.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xenctrl.h>
#include <xenstore.h>

#include <libxl.h>
#include <libxl_utils.h>

enum { RESTORED, REFUSED_BY_LIBXC = 3, REFUSED_BY_LIBXL, CANNOT_SAY };

#define SECONDS 30 /* libxl has no reason to wait for anything */

static bool libxc_said_no, libxl_said_no; /* libxl goes on after some errors, like a xenstore write that failed */

static _Noreturn void over(void) {
    _exit(libxl_said_no ? REFUSED_BY_LIBXL : RESTORED);
}

/* --- what libxl asks of a host that the simulator has not got ---------------------------------------------------- */

long xc_sharing_freed_pages(xc_interface *xch) {
    (void)xch;
    return 0;
}

long xc_sharing_used_frames(xc_interface *xch) {
    (void)xch;
    return 0;
}

xc_cpupoolinfo_t *xc_cpupool_getinfo(xc_interface *xch, uint32_t id) {
    xc_cpupoolinfo_t *info = id ? NULL : calloc(1, sizeof(*info) + 8);

    (void)xch;
    if (info) {
        info->cpumap = (uint8_t *)(info + 1);
        info->cpumap[0] = 1;
        info->sched_id = XEN_SCHEDULER_CREDIT2;
    }
    return info;
}

void xc_cpupool_infofree(xc_interface *xch, xc_cpupoolinfo_t *info) {
    (void)xch;
    free(info);
}

int xc_sched_id(xc_interface *xch, int *id) {
    (void)xch;
    *id = XEN_SCHEDULER_CREDIT2;
    return 0;
}

int xc_sched_credit2_domain_get(xc_interface *xch, uint32_t domid, struct xen_domctl_sched_credit2 *of) {
    (void)xch, (void)domid, (void)of;
    return 0;
}

int xc_sched_credit2_domain_set(xc_interface *xch, uint32_t domid, struct xen_domctl_sched_credit2 *to) {
    (void)xch, (void)domid, (void)to;
    return 0;
}

int xc_get_max_cpus(xc_interface *xch) {
    (void)xch;
    return 1;
}

int xc_get_max_nodes(xc_interface *xch) {
    (void)xch;
    return 1;
}

/* --- where it is over --------------------------------------------------------------------------------------------- */

bool xs_watch(struct xs_handle *h, const char *path, const char *token) {
    static const char last[] = "/console/tty";
    bool (*real)(struct xs_handle *, const char *, const char *);
    size_t n = strlen(path);

    *(void **)&real = dlsym(RTLD_NEXT, "xs_watch");
    if (n >= sizeof(last) && strcmp(path + n - (sizeof(last) - 1), last) == 0)
        over();
    return real(h, path, token);
}

static void message(struct xentoollog_logger *l, xentoollog_level level, int error, const char *context,
                    const char *format, va_list args) {
    char text[512];

    (void)l, (void)error;
    (void)vsnprintf(text, sizeof(text), format, args);
    if (strstr(text, "Spawning device-model"))
        over();
    if (level >= XTL_ERROR) {
        if (context && strcmp(context, "xc") == 0)
            libxc_said_no = true;
        else
            libxl_said_no = true;
        fprintf(stderr, "%s: %s\n", context ? context : "libxl", text);
    }
}

static void no_progress(struct xentoollog_logger *l, const char *c, const char *w, int p, unsigned long d,
                        unsigned long t) {
    (void)l, (void)c, (void)w, (void)p, (void)d, (void)t;
}

static void no_destroy(struct xentoollog_logger *l) {
    (void)l;
}

/* --- the host and the domain ----------------------------------------------------------------------------------------
 */

/* libxl's fixed paths are this process's own. */
static bool own_directories(void) {
    if (unshare(CLONE_NEWNS) && unshare(CLONE_NEWUSER | CLONE_NEWNS))
        return false;
    return mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 && mount("none", "/run", "tmpfs", 0, NULL) == 0 &&
           mount("none", "/var/lib/xen", "tmpfs", 0, NULL) == 0 && mkdir("/run/xen", 0700) == 0 &&
           mkdir("/run/lock", 0700) == 0;
}

static bool xenstore_of_host(void) {
    static const char *const nodes[][2] = {
        {"/local/pool/0/name", "Pool-0"}, {"/local/domain/0/name", "Domain-0"}, {"/local/domain/0/domid", "0"}};
    struct xs_handle *h = xs_open(0);
    bool good = h != NULL;

    for (size_t i = 0; good && i < sizeof(nodes) / sizeof(nodes[0]); i++)
        good = xs_write(h, XBT_NULL, nodes[i][0], nodes[i][1], (unsigned)strlen(nodes[i][1]));
    if (h)
        xs_close(h);
    return good;
}

static void configure(libxl_ctx *ctx, libxl_domain_config *c, const char *type, int vcpus, uint64_t memkb) {
    libxl_domain_config_init(c);
    c->c_info.type = strcmp(type, "pv") == 0    ? LIBXL_DOMAIN_TYPE_PV
                     : strcmp(type, "pvh") == 0 ? LIBXL_DOMAIN_TYPE_PVH
                                                : LIBXL_DOMAIN_TYPE_HVM;
    c->c_info.name = strdup("fuzzed");
    libxl_uuid_generate(&c->c_info.uuid);
    libxl_defbool_set(&c->c_info.run_hotplug_scripts, false);
    libxl_domain_build_info_init_type(&c->b_info, c->c_info.type);
    libxl_defbool_set(&c->b_info.numa_placement, false);
    if (c->c_info.type == LIBXL_DOMAIN_TYPE_HVM) {
        libxl_defbool_set(&c->b_info.nested_hvm, true); /* as in restore_oracle.c */
        c->b_info.device_model = strdup("/bin/true");
    }
    c->b_info.max_vcpus = vcpus;
    libxl_bitmap_init(&c->b_info.avail_vcpus);
    (void)libxl_cpu_bitmap_alloc(ctx, &c->b_info.avail_vcpus, vcpus);
    libxl_bitmap_set_any(&c->b_info.avail_vcpus);
    c->b_info.max_memkb = c->b_info.target_memkb = memkb;
}

int main(int argc, char **argv) {
    xentoollog_logger logger = {message, no_progress, no_destroy};
    libxl_domain_restore_params params;
    libxl_domain_config config;
    libxl_ctx *ctx = NULL;
    uint32_t domid = 0;

    (void)alarm(SECONDS);
    if (argc != 4 || !own_directories() || !xenstore_of_host() || libxl_ctx_alloc(&ctx, LIBXL_VERSION, 0, &logger))
        return CANNOT_SAY;
    configure(ctx, &config, argv[1], atoi(argv[2]), strtoull(argv[3], NULL, 10));
    libxl_domain_restore_params_init(&params);
    params.stream_version = 2;
    if (libxl_domain_create_restore(ctx, &config, &domid, STDIN_FILENO, -1, &params, NULL, NULL) == 0)
        return RESTORED;
    return libxc_said_no ? REFUSED_BY_LIBXC : REFUSED_BY_LIBXL;
}
