/* SPDX-License-Identifier: MIT */
/* What `inspect` shows of a xenstore state. */
#include "inspect_report.h"

#include "report.h"
#include "text.h"

#define SHOWN 64u

static unsigned long long wide(uint64_t value) {
    return (unsigned long long)value;
}

/* A list under its title, one line for each item. */
static void print_list(FILE *out, const char *title, const struct xv_list *list,
                       void (*print)(FILE *out, const struct xv_item *item)) {
    uint32_t shown = list->count < SHOWN ? list->count : SHOWN;
    uint64_t more = list->count - shown + list->omitted;
    if (list->count == 0)
        return;
    (void)fprintf(out, "\n%s\n", title);
    for (uint32_t i = 0; i < shown; i++)
        print(out, &list->items[i]);
    if (more > 0)
        (void)fprintf(out, "  ... and %llu more\n", wide(more));
}

static void print_connection(FILE *out, const struct xv_item *i) {
    (void)fprintf(out, "  %-6llu %s %llu", wide(i->a), (i->b & XV_XENSTORE_SOCKET) != 0 ? "socket" : "domain",
                  wide(i->b & 0xffffffffu));
    if (i->c != 0)
        (void)fprintf(out, ", %llu octets of requests and %llu of responses on their way", wide(i->c >> 32),
                      wide(i->c & 0xffffffffu));
    (void)fputc('\n', out);
}

static void print_watch(FILE *out, const struct xv_item *i) {
    (void)fprintf(out, "  %-6llu %s", wide(i->a), i->text);
    if (i->b != UINT64_MAX)
        (void)fprintf(out, ", depth %llu", wide(i->b));
    (void)fputc('\n', out);
}

static void print_transaction(FILE *out, const struct xv_item *i) {
    (void)fprintf(out, "  %-6llu %llu\n", wide(i->a), wide(i->b));
}

static void print_node(FILE *out, const struct xv_item *i) {
    (void)fprintf(out, "  %-56s owner %-5llu %4llu octet%s", i->text, wide(i->c & 0xffffffffu), wide(i->b),
                  xv_plural(i->b));
    if (i->a != 0)
        (void)fprintf(out, ", in transaction %llu of %llu", wide(i->a & 0xffffffffu), wide(i->a >> 32));
    (void)fputc('\n', out);
}

static void print_quota(FILE *out, const struct xv_item *i) {
    if (i->b == XV_XENSTORE_ALL)
        (void)fprintf(out, "  all    %-24s %llu\n", i->text, wide(i->a));
    else
        (void)fprintf(out, "  %-6llu %-24s %llu\n", wide(i->b), i->text, wide(i->a));
}

static void print_domain(FILE *out, const struct xv_item *i) {
    (void)fprintf(out, "  %-6llu features 0x%llx\n", wide(i->a), wide(i->b));
}

void xv_inspect_xenstore_text(FILE *out, const struct xv_inspection *in) {
    print_list(out, "connections, by their id", &in->xenstore_connections, print_connection);
    print_list(out, "domains", &in->xenstore_domains, print_domain);
    print_list(out, "quotas, by domain", &in->xenstore_quotas, print_quota);
    print_list(out, "watches, by connection", &in->xenstore_watches, print_watch);
    print_list(out, "transactions, by connection", &in->xenstore_transactions, print_transaction);
    print_list(out, "nodes", &in->xenstore_nodes, print_node);
}

static void put(json_t *object, const char *key, json_t *value) {
    (void)json_object_set_new(object, key, value);
}

static void put_connection(json_t *o, const struct xv_item *i) {
    bool socket = (i->b & XV_XENSTORE_SOCKET) != 0;
    put(o, "id", xv_json_count(i->a));
    put(o, "domid", socket ? json_null() : xv_json_count(i->b));
    put(o, "descriptor", socket ? xv_json_count(i->b & 0xffffffffu) : json_null());
    put(o, "request_octets", xv_json_count(i->c >> 32));
    put(o, "response_octets", xv_json_count(i->c & 0xffffffffu));
}

static void put_watch(json_t *o, const struct xv_item *i) {
    put(o, "connection", xv_json_count(i->a));
    put(o, "path", json_string(i->text));
    put(o, "depth", i->b == UINT64_MAX ? json_null() : xv_json_count(i->b));
}

static void put_transaction(json_t *o, const struct xv_item *i) {
    put(o, "connection", xv_json_count(i->a));
    put(o, "id", xv_json_count(i->b));
}

static void put_node(json_t *o, const struct xv_item *i) {
    put(o, "path", json_string(i->text));
    put(o, "owner", xv_json_count(i->c & 0xffffffffu));
    put(o, "permissions", xv_json_count(i->c >> 32));
    put(o, "octets", xv_json_count(i->b));
    put(o, "connection", i->a != 0 ? xv_json_count(i->a >> 32) : json_null());
    put(o, "transaction", i->a != 0 ? xv_json_count(i->a & 0xffffffffu) : json_null());
}

static void put_quota(json_t *o, const struct xv_item *i) {
    put(o, "domid", i->b == XV_XENSTORE_ALL ? json_null() : xv_json_count(i->b));
    put(o, "name", json_string(i->text));
    put(o, "value", xv_json_hex(i->a));
}

static void put_domain(json_t *o, const struct xv_item *i) {
    put(o, "domid", xv_json_count(i->a));
    put(o, "features", xv_json_hex(i->b));
}

json_t *xv_inspect_xenstore_json(const struct xv_outcome *outcome, const struct xv_inspection *in) {
    json_t *o;
    if (outcome->summary.xenstore_version == 0)
        return json_null();
    o = json_object();
    put(o, "connections", xv_inspect_list(&in->xenstore_connections, put_connection));
    put(o, "domains", xv_inspect_list(&in->xenstore_domains, put_domain));
    put(o, "quotas", xv_inspect_list(&in->xenstore_quotas, put_quota));
    put(o, "watches", xv_inspect_list(&in->xenstore_watches, put_watch));
    put(o, "transactions", xv_inspect_list(&in->xenstore_transactions, put_transaction));
    put(o, "nodes", xv_inspect_list(&in->xenstore_nodes, put_node));
    return o;
}
