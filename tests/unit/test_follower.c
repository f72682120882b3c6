/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bytes/buf.h"
#include "support/support.h"
#include "tls/follower.h"

static void record(struct cas_buf *buf, uint8_t type, uint16_t len)
{
    const uint8_t header[] = { type, 3, 3, (uint8_t)(len >> 8), (uint8_t)len };
    cas_buf_append(buf, cas_view_of(header, sizeof(header)));
    for (uint16_t i = 0; i < len; i++) {
        cas_buf_append_u8(buf, 0x16); /* no content misleads */
    }
}

static struct cas_follower started(void)
{
    struct cas_follower follower = { 0 };
    const struct cas_record_layer records = cas_record_layer_init(1000);
    cas_follower_begin(&follower, 0, &records);
    cas_follower_begin(&follower, 1, &records);
    return follower;
}

START_TEST(a_handshake_behind_data_is_seen_in_every_split)
{
    struct cas_buf bytes = cas_buf_init(4096, NULL);
    record(&bytes, 23, 300);
    record(&bytes, 23, 0);
    record(&bytes, 22, 28);
    for (size_t split = 0; split <= bytes.len; split++) {
        struct cas_view all = cas_buf_view(&bytes);
        struct cas_follower follower = started();
        cas_follower_push(&follower, 0, all);
        ck_assert(!follower.has_handshake); /* it may be refused */
        cas_follower_push(&follower, 1, cas_view_part(all, 0, split));
        ck_assert(follower.has_handshake == (split > 315));
        cas_follower_push(&follower, 1, cas_view_part(all, split, all.len));
        ck_assert(follower.has_handshake);
        ck_assert(!cas_follower_is_on(&follower));
    }
    cas_buf_finish(&bytes);
}
END_TEST

START_TEST(what_is_missing_inside_a_record_does_not_matter)
{
    struct cas_buf bytes = cas_buf_init(4096, NULL);
    record(&bytes, 23, 300);
    record(&bytes, 22, 28);
    struct cas_view all = cas_buf_view(&bytes);
    struct cas_follower follower = started();
    cas_follower_push(&follower, 0, cas_view_part(all, 0, 10));
    cas_follower_miss(&follower, 0, 295);
    cas_follower_push(&follower, 0, cas_view_part(all, 305, all.len));
    ck_assert(follower.side[0].has_handshake && !follower.has_lost);
    cas_follower_push(&follower, 1, all);
    ck_assert(follower.has_handshake);
    cas_buf_finish(&bytes);
}
END_TEST

START_TEST(a_missing_header_ends_that_side_only)
{
    struct cas_buf bytes = cas_buf_init(4096, NULL);
    record(&bytes, 23, 300);
    record(&bytes, 22, 28);
    struct cas_view all = cas_buf_view(&bytes);
    struct cas_follower follower = started();
    cas_follower_push(&follower, 0, cas_view_part(all, 0, 10));
    cas_follower_miss(&follower, 0, 296);
    ck_assert(follower.has_lost && !follower.has_handshake);
    ck_assert(cas_follower_is_on(&follower));
    cas_follower_push(&follower, 0, cas_view_part(all, 306, all.len));
    ck_assert(!follower.has_handshake);
    cas_follower_push(&follower, 1, all);
    ck_assert(follower.has_handshake);
    cas_buf_finish(&bytes);
}
END_TEST

START_TEST(it_ends_soon)
{
    struct cas_buf bytes = cas_buf_init(65536, NULL);
    struct cas_follower follower = started();
    record(&bytes, 23, 20);
    for (size_t i = 0; i < CAS_FOLLOWER_RECORDS_MAX + 1; i++) {
        ck_assert(follower.side[0].is_on);
        cas_follower_push(&follower, 0, cas_buf_view(&bytes));
    }
    ck_assert(!follower.side[0].is_on);
    cas_buf_clear(&bytes);
    record(&bytes, 23, 16384);
    for (size_t i = 0; i < 8; i++) {
        cas_follower_push(&follower, 1, cas_buf_view(&bytes));
    }
    ck_assert(!cas_follower_is_on(&follower));
    cas_buf_finish(&bytes);
}
END_TEST

START_TEST(what_is_no_record_ends_it)
{
    struct cas_follower follower = started();
    cas_follower_push(&follower, 0, text_view("GET / HTTP/1.0"));
    ck_assert(!follower.side[0].is_on && !follower.has_handshake);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("follower");
    TCase *tcase = tcase_create("follower");
    tcase_add_test(tcase, a_handshake_behind_data_is_seen_in_every_split);
    tcase_add_test(tcase, what_is_missing_inside_a_record_does_not_matter);
    tcase_add_test(tcase, a_missing_header_ends_that_side_only);
    tcase_add_test(tcase, it_ends_soon);
    tcase_add_test(tcase, what_is_no_record_ends_it);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
