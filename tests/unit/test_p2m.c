/* SPDX-License-Identifier: MIT */
#include "pv_guest.h"

static void info(void **state) {
    static struct guest g;
    (void)state;

    for (unsigned width = 0; width < 256; width++) {
        for (unsigned levels = 0; levels < 8; levels++) {
            bool good = (width == 8 && levels == 4) || (width == 4 && levels == 3);

            guest_begin(&g, 64, false);
            assert_int_equal(send_info(&g, (uint8_t)width, (uint8_t)levels), good ? XV_ACCEPTED : XV_PV_INFO);
            if (good)
                assert_int_equal(g.p->sum.guest, width == 8 ? XV_GUEST_PV64 : XV_GUEST_PV32);
            guest_end(&g);
        }
    }
}

static void info_reserved(void **state) {
    static struct guest g;
    (void)state;

    for (unsigned octet = 2; octet < 8; octet++) {
        uint8_t body[8] = {8, 4};

        body[octet] = 1;
        guest_begin(&g, 64, false);
        assert_int_equal(run(g.p, xv_pv_info_body, 8, body, 8), XV_PV_INFO_RESERVED);
        guest_end(&g);
    }
    for (uint32_t length = 0; length <= 9; length++) {
        static const uint8_t body[9] = {8, 4};

        guest_begin(&g, 64, false);
        assert_int_equal(run(g.p, xv_pv_info_body, 9, body, length), length == 8 ? XV_ACCEPTED : XV_RECORD_LENGTH);
        guest_end(&g);
    }
}

/* The domain header says only that the guest is PV; a policy may want one width. */
static void info_refused(void **state) {
    static struct guest g;
    (void)state;

    guest_begin(&g, 64, false);
    g.p->policy.guests = XV_GUEST_PV32;
    assert_int_equal(send_info(&g, 4, 3), XV_ACCEPTED);
    assert_int_equal(send_info(&g, 8, 4), XV_DOMAIN_REFUSED);
    guest_end(&g);
}

/* One record, for a guest of this width and a limit of 4096 pages. */
static enum xv_code first(uint8_t width, uint32_t start, uint32_t end, const uint64_t *frames, size_t n) {
    static struct guest g;
    enum xv_code code;

    guest_begin(&g, 4096, false);
    assert_int_equal(send_info(&g, width, width == 8 ? 4 : 3), XV_ACCEPTED);
    code = send_p2m(&g, start, end, frames, n);
    if (code == XV_ACCEPTED)
        assert_int_equal(g.p->sum.max_pfn, end);
    guest_end(&g);
    return code;
}

static void range(void **state) {
    const uint64_t frames[] = {0, 1, 2, 3, 4, 5, 6, 7, 8};
    (void)state;

    assert_int_equal(first(8, 0, 0, frames, 1), XV_P2M_END);
    assert_int_equal(first(8, 0, 1, frames, 1), XV_ACCEPTED);
    assert_int_equal(first(8, 1, 600, frames, 2), XV_P2M_START);
    assert_int_equal(first(8, 512, 600, frames, 1), XV_P2M_START);
    assert_int_equal(first(8, 600, 599, frames, 1), XV_P2M_END);
    assert_int_equal(first(8, 0, 4094, frames, 8), XV_ACCEPTED);
    assert_int_equal(first(8, 0, 4095, frames, 8), XV_ACCEPTED);
    assert_int_equal(first(8, 0, 4096, frames, 9), XV_P2M_LIMIT);
    assert_int_equal(first(8, 0, UINT32_MAX, frames, 1), XV_P2M_LIMIT);
}

/* The configuration lowers the limit. */
static void range_by_config(void **state) {
    static struct guest g;
    const uint64_t frame = 1;
    (void)state;

    for (uint32_t end = 39; end <= 41; end++) {
        guest_begin(&g, 4096, false);
        g.p->config.present = true;
        g.p->sum.config_max_memkb = 4 * 31;
        g.p->policy.config_slack_pages = 10;
        assert_true(xv_memory_init(g.p, false, 0));
        assert_int_equal(send_info(&g, 8, 4), XV_ACCEPTED);
        assert_int_equal(send_p2m(&g, 0, end, &frame, 1), end > 40 ? XV_P2M_LIMIT : XV_ACCEPTED);
        guest_end(&g);
    }
}

static void length(void **state) {
    static struct guest g;
    const uint64_t frames[] = {0, 1, 2, 3, 4};
    (void)state;

    assert_int_equal(first(8, 0, 511, frames, 1), XV_ACCEPTED);
    assert_int_equal(first(8, 0, 511, frames, 2), XV_RECORD_LENGTH);
    assert_int_equal(first(8, 0, 512, frames, 2), XV_ACCEPTED);
    assert_int_equal(first(8, 0, 512, frames, 1), XV_RECORD_LENGTH);
    assert_int_equal(first(4, 0, 1023, frames, 1), XV_ACCEPTED);
    assert_int_equal(first(4, 0, 1024, frames, 2), XV_ACCEPTED);
    assert_int_equal(first(4, 0, 1024, frames, 3), XV_RECORD_LENGTH);
    guest_begin(&g, 64, false); /* not even the range */
    assert_int_equal(run(g.p, xv_p2m_frames_body, 8, (const uint8_t *)"\0\0\0\0\1\0\0", 7), XV_RECORD_LENGTH);
    guest_end(&g);
}

static void frame_range(void **state) {
    const uint64_t in[] = {600, 599}, out[] = {599, 601}, far[] = {(uint64_t)1 << 32 | 1, 2};
    (void)state;

    assert_int_equal(first(8, 0, 600, in, 2), XV_ACCEPTED);
    assert_int_equal(first(8, 0, 600, out, 2), XV_P2M_FRAME_RANGE);
    assert_int_equal(first(8, 0, 600, far, 2), XV_P2M_FRAME_RANGE);
}

/* A list that takes several pieces: more than 1024 frames. */
static void long_list(void **state) {
    static struct guest g;
    static uint64_t frames[2049];
    (void)state;

    for (uint64_t i = 0; i < 2049; i++)
        frames[i] = 2049 - i;
    guest_begin(&g, 2049 * 512, false);
    assert_int_equal(send_info(&g, 8, 4), XV_ACCEPTED);
    assert_int_equal(send_p2m(&g, 0, 2048 * 512, frames, 2049), XV_ACCEPTED);
    assert_int_equal(g.p->pv.p2m_frames, 2049);
    assert_int_equal(xv_arena_get_u32(g.p, g.p->memory.p2m_at + 4 * 2048), 1);
    frames[2048] = 2048 * 512 + 1;
    assert_int_equal(send_p2m(&g, 0, 2048 * 512 + 1, frames, 2049), XV_P2M_FRAME_CHANGED);
    guest_end(&g);
}

static void growth(void **state) {
    static struct guest g;
    const uint64_t frames[] = {4, 5, 6, 7, 8}, other[] = {4, 6};
    (void)state;

    guest_pv(&g, 8);                                                      /* one frame, P2M */
    assert_int_equal(send_p2m(&g, 0, MAX_PFN, frames, 1), XV_P2M_GROWTH); /* no larger */
    forgive(&g);
    assert_int_equal(send_p2m(&g, 0, MAX_PFN - 1, frames, 1), XV_P2M_GROWTH);
    forgive(&g);
    assert_int_equal(send_p2m(&g, 1024, 1030, frames + 2, 1), XV_P2M_START); /* index 1 is left out */
    forgive(&g);
    assert_int_equal(send_p2m(&g, 512, 1030, frames + 1, 2), XV_ACCEPTED);
    assert_int_equal(g.p->pv.p2m_frames, 3);
    assert_int_equal(send_p2m(&g, 512, 1031, other, 2), XV_P2M_FRAME_CHANGED);
    assert_int_equal(g.p->report.found, 4);
    assert_int_equal(g.p->report.allowed_min, 5);
    forgive(&g);
    assert_int_equal(send_p2m(&g, 1536, 1536, frames + 3, 1), XV_ACCEPTED); /* one page more */
    assert_int_equal(send_p2m(&g, 1540, 1539, frames, 1), XV_P2M_END);
    assert_int_equal(g.p->report.allowed_min, 1540);
    forgive(&g);
    assert_int_equal(send_p2m(&g, 0, 0, frames, 1), XV_P2M_END);
    assert_int_equal(g.p->report.allowed_min, 1);
    guest_end(&g);

    guest_pv(&g, 8);
    for (uint32_t i = 1; i <= 9; i++)
        assert_int_equal(send_p2m(&g, 0, MAX_PFN + i, frames, 1), i <= 8 ? XV_ACCEPTED : XV_P2M_GROWTH);
    guest_end(&g);
}

static void complete(void **state) {
    static struct guest g;
    const uint64_t same[] = {P2M, P2M};
    (void)state;

    guest_sent(&g, 8);
    assert_true(xv_p2m_complete(g.p, 5));
    assert_true(xv_p2m_is_frame(g.p, P2M));
    assert_false(xv_p2m_is_frame(g.p, 0)); /* what an empty cell behind the list would name */
    assert_true(xv_p2m_complete(g.p, 5));  /* the next checkpoint */
    assert_false(xv_p2m_is_frame(g.p, 0));
    g.p->libxc.state = XV_S_MEMORY;
    assert_int_equal(send_page(&g, 0xf, 0), XV_ACCEPTED); /* page 0 may be anything: the list does not name it */
    assert_true(xv_p2m_complete(g.p, 5));
    assert_int_equal(send_page(&g, 0, P2M), XV_ACCEPTED);
    assert_true(xv_p2m_is_frame(g.p, P2M));
    assert_int_equal(send_page(&g, 0xf, P2M), XV_P2M_FRAME_TYPE); /* proved once, it must stay */
    guest_end(&g);

    guest_pv(&g, 8);
    assert_false(xv_p2m_complete(g.p, 5)); /* never sent */
    assert_int_equal(g.p->report.code, XV_P2M_FRAME_TYPE);
    assert_int_equal(g.p->report.found, P2M);
    forgive(&g);
    assert_int_equal(send_page(&g, 0xe, P2M), XV_ACCEPTED); /* memory without contents */
    assert_false(xv_p2m_complete(g.p, 5));
    forgive(&g);
    assert_int_equal(send_page(&g, 1, P2M), XV_ACCEPTED); /* a page table */
    assert_false(xv_p2m_complete(g.p, 5));
    guest_end(&g);

    guest_pv(&g, 8);
    assert_int_equal(send_p2m(&g, 0, 600, same, 2), XV_ACCEPTED);
    send_all(&g);
    assert_false(xv_p2m_complete(g.p, 5));
    assert_int_equal(g.p->report.code, XV_P2M_FRAME_DUPLICATE);
    assert_int_equal(g.p->report.found, P2M);
    guest_end(&g);
}

/* A draft B image has no list of frames: nothing is asked of any page. */
static void no_list(void **state) {
    static struct guest g;
    (void)state;

    guest_begin(&g, 64, false);
    assert_int_equal(send_info(&g, 8, 4), XV_ACCEPTED);
    g.p->sum.max_pfn = MAX_PFN;
    assert_int_equal(send_page(&g, 0, 0), XV_ACCEPTED);
    assert_true(xv_p2m_complete(g.p, 5));
    assert_false(xv_p2m_is_frame(g.p, 0));
    assert_int_equal(send_page(&g, 0xf, 0), XV_ACCEPTED);
    assert_true(xv_p2m_complete(g.p, 5));
    guest_end(&g);
}

#define SHARED_FRAME 13u /* an ordinary page */

/* Linux lists one page for all frames that describe nothing. */
static void shared(void **state) {
    static struct guest g;
    uint64_t frames[MAX_PFN + 2];
    (void)state;

    for (uint32_t shared_by = 1; shared_by <= MAX_PFN + 1; shared_by++) {
        guest_begin(&g, 65536, false);
        assert_int_equal(send_info(&g, 8, 4), XV_ACCEPTED);
        frames[0] = P2M;
        for (uint32_t i = 1; i <= shared_by; i++)
            frames[i] = SHARED_FRAME;
        assert_int_equal(send_p2m(&g, 0, 512 * shared_by + 511, frames, shared_by + 1), XV_ACCEPTED);
        send_all(&g);
        if (shared_by + 1 <= g.p->sum.populated) {
            assert_true(xv_p2m_complete(g.p, 5));
            assert_true(xv_p2m_is_frame(g.p, SHARED_FRAME));
        } else { /* as many frames as pages, and one more */
            assert_false(xv_p2m_complete(g.p, 5));
            assert_int_equal(g.p->report.code, XV_P2M_SPARSE);
            assert_int_equal(g.p->report.found, g.p->sum.populated + 1);
            guest_end(&g);
            return;
        }
        guest_end(&g);
    }
    fail();
}

static void not_shared(void **state) {
    static struct guest g;
    const uint64_t frames[] = {P2M, SHARED_FRAME, SHARED_FRAME}, first[] = {P2M, P2M, SHARED_FRAME};
    const uint64_t table[] = {P2M, SHARED_FRAME, TOP};
    (void)state;

    guest_pv(&g, 8); /* one page that the second of them describes */
    assert_int_equal(send_p2m(&g, 0, 1535, frames, 3), XV_ACCEPTED);
    send_all(&g);
    assert_int_equal(send_page(&g, 0, 1024), XV_ACCEPTED);
    assert_false(xv_p2m_complete(g.p, 5));
    assert_int_equal(g.p->report.code, XV_P2M_FRAME_DUPLICATE);
    assert_int_equal(g.p->report.found, SHARED_FRAME);
    guest_end(&g);

    guest_pv(&g, 8); /* what describes nothing is the page that describes memory */
    assert_int_equal(send_p2m(&g, 0, 1535, first, 3), XV_ACCEPTED);
    send_all(&g);
    assert_false(xv_p2m_complete(g.p, 5));
    assert_int_equal(g.p->report.code, XV_P2M_FRAME_DUPLICATE);
    assert_int_equal(g.p->report.found, P2M);
    guest_end(&g);

    guest_pv(&g, 8); /* it too is an ordinary page */
    assert_int_equal(send_p2m(&g, 0, 1535, table, 3), XV_ACCEPTED);
    send_all(&g);
    assert_false(xv_p2m_complete(g.p, 5));
    assert_int_equal(g.p->report.code, XV_P2M_FRAME_TYPE);
    assert_int_equal(g.p->report.found, TOP);
    guest_end(&g);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(info),
        cmocka_unit_test(info_reserved),
        cmocka_unit_test(info_refused),
        cmocka_unit_test(range),
        cmocka_unit_test(length),
        cmocka_unit_test(frame_range),
        cmocka_unit_test(range_by_config),
        cmocka_unit_test(long_list),
        cmocka_unit_test(growth),
        cmocka_unit_test(complete),
        cmocka_unit_test(no_list),
        cmocka_unit_test(shared),
        cmocka_unit_test(not_shared),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
