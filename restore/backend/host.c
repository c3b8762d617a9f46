/* SPDX-License-Identifier: MIT */
#include "host.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define AT_ONCE 64u

bool xv_host_open(struct xv_host *host, const char **what) {
    xentoollog_logger *log =
        (xentoollog_logger *)xtl_createlogger_stdiostream(stderr, XTL_ERROR, XTL_STDIOSTREAM_HIDE_PROGRESS);

    memset(host, 0, sizeof *host);
    *what = "cannot reach the hypervisor";
    host->xch = xc_interface_open(log, log, 0);
    if (host->xch == NULL)
        return false;
    *what = "cannot reach xenstore";
    host->xs = xs_open(0);
    return host->xs != NULL;
}

void xv_host_close(struct xv_host *host) {
    if (host->xs != NULL)
        xs_close(host->xs);
    if (host->xch != NULL)
        (void)xc_interface_close(host->xch);
    memset(host, 0, sizeof *host);
}

bool xv_host_domains(const struct xv_host *host, bool (*take)(void *context, const xc_domaininfo_t *domain),
                     void *context) {
    xc_domaininfo_t info[AT_ONCE];
    uint32_t first = 0;
    int n;

    do {
        n = xc_domain_getinfolist(host->xch, first, AT_ONCE, info);
        for (int i = 0; i < n; i++) {
            if (!take(context, &info[i]))
                return true;
            first = info[i].domain + 1u;
        }
    } while (n > 0);
    return n == 0;
}

bool xv_host_read(const struct xv_host *host, xs_transaction_t t, const char *path, char *out, size_t size) {
    unsigned int n = 0;
    char *value = xs_read(host->xs, t, path, &n);
    bool fits = value != NULL && n < size && memchr(value, 0, n) == NULL;

    if (fits) {
        memcpy(out, value, n);
        out[n] = 0;
    }
    free(value);
    return fits;
}

bool xv_host_remove(const struct xv_host *host, xs_transaction_t t, const char *path) {
    return xs_rm(host->xs, t, path) || errno == ENOENT;
}
