/* SPDX-License-Identifier: MIT */
/* Console and xenstore, both by polling: the guest takes no interrupts. Every
 * wait is bounded, because a domain can be restored with empty rings. */
#include "guest.h"

#define PATIENCE 4000 /* waits of 1 ms: 4 s */

void console_drain(void) {
    for (int i = 0; i < PATIENCE; i++) {
        platform_refresh();
        if (rings.console->out_cons == rings.console->out_prod)
            return;
        notify(rings.console_port);
        sleep_ms(0, 1);
    }
}

void console_print(const char *text) {
    platform_refresh();
    while (*text) {
        uint32_t used = rings.console->out_prod - rings.console->out_cons;

        if (used >= sizeof(rings.console->out)) {
            console_drain();
            if (rings.console->out_prod - rings.console->out_cons >= sizeof(rings.console->out))
                return; /* nobody listens */
        }
        rings.console->out[MASK_XENCONS_IDX(rings.console->out_prod, rings.console->out)] = *text++;
        barrier();
        rings.console->out_prod++;
    }
    notify(rings.console_port);
}

static bool store_send(const void *bytes, size_t size) {
    const char *from = bytes;
    int patience = PATIENCE;

    while (size) {
        if (rings.store->req_prod - rings.store->req_cons >= XENSTORE_RING_SIZE) {
            if (!patience--)
                return false;
            sleep_ms(0, 1);
            platform_refresh();
            continue;
        }
        rings.store->req[MASK_XENSTORE_IDX(rings.store->req_prod)] = *from++;
        barrier();
        rings.store->req_prod++;
        size--;
    }
    notify(rings.store_port);
    return true;
}

static bool store_receive(void *bytes, size_t size) {
    char *to = bytes;
    int patience = PATIENCE;

    while (size) {
        if (rings.store->rsp_prod == rings.store->rsp_cons) {
            if (!patience--)
                return false;
            sleep_ms(0, 1);
            platform_refresh();
            continue;
        }
        barrier();
        *to++ = rings.store->rsp[MASK_XENSTORE_IDX(rings.store->rsp_cons)];
        barrier();
        rings.store->rsp_cons++;
        size--;
    }
    notify(rings.store_port);
    return true;
}

/* One request and its reply; replies to earlier, given-up requests are read
 * and dropped. */
static bool store_talk(uint32_t type, const char *body, size_t size, char *reply, size_t room) {
    static uint32_t last_id;
    struct xsd_sockmsg message = {.type = type, .req_id = ++last_id, .len = (uint32_t)size};

    platform_refresh();
    if (!store_send(&message, sizeof(message)) || !store_send(body, size))
        return false;
    for (;;) {
        size_t kept = 0;
        char c;

        if (!store_receive(&message, sizeof(message)))
            return false;
        for (uint32_t i = 0; i < message.len; i++) {
            if (!store_receive(&c, 1))
                return false;
            if (kept + 1 < room)
                reply[kept++] = c;
        }
        if (message.req_id == last_id) {
            reply[kept] = 0;
            return message.type == type;
        }
    }
}

static size_t length(const char *text) {
    size_t n = 0;

    while (text[n])
        n++;
    return n;
}

bool store_read(const char *path, char *value, size_t size) {
    return store_talk(XS_READ, path, length(path) + 1, value, size);
}

bool store_write_empty(const char *path) {
    static char reply[16];

    /* path, NUL, no value */
    return store_talk(XS_WRITE, path, length(path) + 1, reply, sizeof(reply));
}
