/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L
#include "build.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <xenctrl.h>

#include <xen/hvm/params.h>
#include <xenguest.h>
#include <xenvet/policy.h>

#include "../uuid_text.h"
#include "mark.h"
#include "nodes.h"
#include "remove.h"
#include "xen_compat.h"

/* Beyond the guest's memory: ring pages, and what libxl leaves room for. */
#define EXTRA_KB 4096u

/* Frames of 4 KiB for page tables of the hypervisor: per vCPU, and per MiB of guest memory (libxl's formula). */
#define PAGING_PER_VCPU 256u
#define PAGING_PER_MIB  2u

struct builder {
    struct xv_host host;
    struct xv_build build;
    struct xv_mark mark;
    struct xv_rings rings;
    uint8_t handle[16], uuid[16];
    uint32_t domid;
    bool marked;        /* something may have to be removed */
    const char *detail; /* more than errno tells, NULL if there is nothing */
};

static bool send_message(struct xv_backend_message *message) {
    ssize_t n;

    message->version = XV_BACKEND_VERSION;
    do {
        n = send(XV_BACKEND_CONTROL, message, sizeof *message, MSG_NOSIGNAL);
    } while (n < 0 && errno == EINTR);
    return n == (ssize_t)sizeof *message;
}

static bool say(const struct builder *b, enum xv_backend_kind kind) {
    struct xv_backend_message message;

    memset(&message, 0, sizeof message);
    message.kind = kind;
    message.domid = b->domid;
    return send_message(&message);
}

/* Waits for one message of this kind; anything else, and a monitor that is gone, is false. */
static bool expect(enum xv_backend_kind kind, struct xv_backend_message *message) {
    ssize_t n;

    do {
        n = recv(XV_BACKEND_CONTROL, message, sizeof *message, 0);
    } while (n < 0 && errno == EINTR);
    errno = n < 0 ? errno : ECONNRESET;
    return n == (ssize_t)sizeof *message && message->version == XV_BACKEND_VERSION && message->kind == (uint32_t)kind;
}

static bool open_host(struct builder *b) {
    const char *missing = NULL;
    bool open = xv_host_open(&b->host, &missing);

    b->detail = open ? NULL : missing;
    return open;
}

static bool same_uuid(void *context, const xc_domaininfo_t *domain) {
    struct builder *b = context;

    if (memcmp(domain->handle, b->uuid, 16) == 0)
        b->detail = "a domain with this uuid exists; --uuid new gives the guest another one";
    return b->detail == NULL;
}

static bool check_uuid(struct builder *b) {
    errno = EEXIST;
    return xv_host_domains(&b->host, same_uuid, b) && b->detail == NULL;
}

static bool write_mark(struct builder *b) {
    b->mark.domid = XV_NO_DOMAIN;
    memcpy(b->mark.text, b->build.mark, sizeof b->mark.text);
    memcpy(b->mark.uuid, b->build.uuid, sizeof b->mark.uuid);
    if (!xv_mark_owner(&b->mark, b->build.owner))
        return false;
    b->marked = true;
    return xv_mark_write(&b->host, &b->mark);
}

static bool is_pv(const struct builder *b) {
    return b->build.guest == XV_GUEST_PV64 || b->build.guest == XV_GUEST_PV32;
}

static bool create(struct builder *b) {
    struct xv_new_domain domain = {
        .hvm = !is_pv(b),
        .emulation = b->build.guest == XV_GUEST_PVH   ? XEN_X86_EMU_LAPIC
                     : b->build.guest == XV_GUEST_HVM ? XEN_X86_EMU_ALL & ~XEN_X86_EMU_VPCI
                                                      : 0,
        .vcpus = b->build.vcpus,
        .handle = b->handle,
    };

    return xv_xen_create(b->host.xch, &domain, &b->domid) == 0;
}

/* From here on the node alone tells what is to be removed, even if the domain should be gone already. */
static bool note_domid(struct builder *b) {
    b->mark.domid = b->domid;
    return xv_mark_write(&b->host, &b->mark);
}

static bool begin_nodes(struct builder *b) {
    switch (xv_nodes_begin(&b->host, b->domid, &b->build)) {
    case XV_NODES_DONE:
        return true;
    case XV_NODES_NAME_TAKEN:
        errno = EEXIST;
        b->detail = "a domain with this name exists; --name gives the guest another one";
        return false;
    case XV_NODES_FAILED:
    default:
        return false;
    }
}

static bool set_memory(struct builder *b) {
    uint64_t frames = (uint64_t)PAGING_PER_VCPU * b->build.vcpus + PAGING_PER_MIB * (b->build.max_kb / 1024 + 1);

    if (xc_domain_max_vcpus(b->host.xch, b->domid, b->build.vcpus) != 0 ||
        xc_domain_setmaxmem(b->host.xch, b->domid, b->build.max_kb + EXTRA_KB) != 0)
        return false;
    if (!is_pv(b))
        return xv_xen_set_paging(b->host.xch, b->domid, frames * 4) == 0;
    (void)xc_domain_set_memmap_limit(b->host.xch, b->domid, (unsigned long)b->build.max_kb); /* a wish, as in libxl */
    return true;
}

/* What a configuration could choose and a stream does not bring: libxl's defaults. */
static bool set_parameters(struct builder *b) {
    xc_interface *xch = b->host.xch;

    if (is_pv(b))
        return true;
    if (xc_hvm_param_set(xch, b->domid, HVM_PARAM_TIMER_MODE, HVMPTM_no_delay_for_missed_ticks) != 0)
        return false;
    return b->build.guest != XV_GUEST_HVM || (xc_hvm_param_set(xch, b->domid, HVM_PARAM_HPET_ENABLED, 1) == 0 &&
                                              xc_hvm_param_set(xch, b->domid, HVM_PARAM_VPT_ALIGN, 1) == 0);
}

/* Who serves a ring: dom0, unless a node names another domain. */
static uint32_t server(const struct builder *b, const char *path) {
    char text[16];

    return xv_host_read(&b->host, XBT_NULL, path, text, sizeof text) ? (uint32_t)strtoul(text, NULL, 10) : 0;
}

static bool open_channels(struct builder *b) {
    int port;

    b->rings.store_domid = server(b, "/tool/xenstored/domid");
    b->rings.console_domid = server(b, "/tool/xenconsoled/domid");
    port = xc_evtchn_alloc_unbound(b->host.xch, b->domid, b->rings.store_domid);
    if (port < 0)
        return false;
    b->rings.store_port = (uint32_t)port;
    port = xc_evtchn_alloc_unbound(b->host.xch, b->domid, b->rings.console_domid);
    b->rings.console_port = (uint32_t)port;
    return port >= 0;
}

/* Called by libxenguest when the stream's policies are known: versions before 3 bring none. */
static int static_data_done(unsigned int missing, void *data) {
    struct builder *b = data;

    return missing & XGR_SDD_MISSING_CPUID ? xv_xen_default_cpuid(b->host.xch, b->domid) : 0;
}

static bool restore(struct builder *b) {
    return say(b, XV_BACKEND_READY) &&
           xv_xen_restore(b->host.xch, XV_BACKEND_STREAM, b->domid, &b->rings, static_data_done, b) == 0;
}

static bool complete_nodes(struct builder *b) {
    return xv_nodes_complete(&b->host, b->domid, &b->build, &b->rings);
}

static bool introduce(struct builder *b) {
    return xs_introduce_domain(b->host.xs, b->domid, b->rings.store_frame, b->rings.store_port);
}

static bool await_commit(struct builder *b) {
    struct xv_backend_message message;

    return say(b, XV_BACKEND_RESTORED) && expect(XV_BACKEND_COMMIT, &message);
}

/* With its own handle the domain is no longer one under construction; the mark still lets the monitor take it back. */
static bool hand_over(struct builder *b) {
    return xc_domain_sethandle(b->host.xch, b->domid, b->uuid) == 0;
}

static bool unpause(struct builder *b) {
    return b->build.paused || xc_domain_unpause(b->host.xch, b->domid) == 0;
}

/* In this order; the text is what the operator reads when it fails. */
static const struct step {
    bool (*take)(struct builder *b);
    const char *what;
} steps[] = {
    {open_host, NULL},
    {check_uuid, "cannot list the domains"},
    {write_mark, "cannot mark the domain in xenstore"},
    {create, "cannot create a domain"},
    {note_domid, "cannot mark the domain in xenstore"},
    {begin_nodes, "cannot write the domain's xenstore nodes"},
    {set_memory, "cannot set the domain's vCPUs and memory"},
    {set_parameters, "cannot set the domain's parameters"},
    {open_channels, "cannot allocate event channels"},
    {restore, "libxenguest could not restore the domain"},
    {complete_nodes, "cannot write the domain's xenstore nodes"},
    {introduce, "xenstored does not take the domain"},
    {await_commit, "the monitor went away"},
    {hand_over, "cannot give the domain its handle"},
    {unpause, "cannot start the domain"},
};

static int fail(struct builder *b, const char *what) {
    struct xv_backend_message message;

    memset(&message, 0, sizeof message);
    message.kind = XV_BACKEND_FAILED;
    message.error = errno;
    (void)snprintf(message.what, sizeof message.what, "%s", b->detail != NULL ? b->detail : what);
    message.clean = !b->marked || xv_remove_marked(&b->host, b->mark.text, true);
    (void)send_message(&message);
    xv_host_close(&b->host);
    return 1;
}

/* True if the domain stays: the monitor knows of it, or is gone. */
static bool say_done(const struct builder *b) {
    for (int i = 0; i < 3; i++) {
        if (say(b, XV_BACKEND_DONE))
            return true;
    }
    return errno == EPIPE || errno == ECONNRESET;
}

int xv_build_run(void) {
    struct xv_backend_message message;
    struct builder b;

    memset(&b, 0, sizeof b);
    if (!expect(XV_BACKEND_BUILD, &message))
        return 2;
    b.build = message.build;
    b.domid = XV_NO_DOMAIN;
    if (!xv_uuid_parse(b.build.mark, b.handle) || !xv_uuid_parse(b.build.uuid, b.uuid))
        return 2;
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        errno = 0;
        if (!steps[i].take(&b))
            return fail(&b, steps[i].what);
    }
    /* the mark goes last: with it the monitor takes back a domain whose hand-over it did not hear of */
    if (say_done(&b))
        (void)xv_mark_remove(&b.host, b.mark.text); /* one that stays is removed by --reap, which lets the domain be */
    xv_host_close(&b.host);
    return 0;
}
