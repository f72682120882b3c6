/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Record headers behind the handshake: found, lost and found again. */
#include "bytes/buf.h"
#include "support/frames.h"
#include "support/support.h"
#include "tls/follower.h"

/* So that numbers wrap soon. */
#define START 0xffffff00u

enum {
    CHANGE = 20,
    ALERT = 21,
    HANDSHAKE = 22,
    DATA = 23
};

struct stage {
    struct cas_budget budget;
    struct cas_counters counters;
    struct cas_tls_context context;
    struct cas_follower follower;
    uint32_t next[2];
    struct cas_buf said[2];
    bool is_unbelieved; /* what is shown */
};

static void open_stage(struct stage *stage)
{
    *stage = (struct stage){ .budget = { .limit = 1 << 20 }, .next = { START, START } };
    stage->context.budget = &stage->budget;
    stage->context.counters = &stage->counters;
    for (unsigned end = 0; end < 2; end++) {
        stage->said[end] = cas_buf_init((size_t)4 << 20, NULL);
        cas_follower_begin(&stage->follower, end, 3);
    }
}

static void close_stage(struct stage *stage)
{
    cas_follower_finish(&stage->follower, &stage->context);
    ck_assert_uint_eq(stage->budget.used, 0);
    cas_buf_finish(&stage->said[0]);
    cas_buf_finish(&stage->said[1]);
}

/* Bodies of other records' first bytes, which must not mislead. */
static void write(struct stage *stage, unsigned end, uint8_t type, uint16_t len)
{
    const uint8_t header[] = { type, 3, 3, (uint8_t)(len >> 8), (uint8_t)len };
    cas_buf_append(&stage->said[end], cas_view_of(header, sizeof(header)));
    for (uint16_t i = 0; i < len; i++) {
        cas_buf_append_u8(&stage->said[end], HANDSHAKE);
    }
}

/* Of what an end has said, len bytes from this offset on; captured so many of them. */
static bool show_cut(struct stage *stage, unsigned end, size_t from, size_t len,
                     size_t captured)
{
    struct cas_view part = cas_view_part(cas_buf_view(&stage->said[end]), from, len);
    struct cas_view seen = exact_copy(cas_view_part(part, 0, captured));
    struct cas_glimpse glimpse = {
        .end = end,
        .seq = START + (uint32_t)from,
        .bytes = seen,
        .wire_len = (uint32_t)part.len,
        .is_believed = !stage->is_unbelieved,
        .next = stage->next[end],
    };
    bool is_done = cas_follower_push(&stage->follower, &stage->context, &glimpse);
    stage->next[end] = glimpse.next;
    exact_free(seen);
    return is_done;
}

static void show(struct stage *stage, unsigned end, size_t from, size_t len)
{
    ck_assert(show_cut(stage, end, from, len, len));
}

static void show_all(struct stage *stage, unsigned end)
{
    show(stage, end, 0, stage->said[end].len);
}

static uint64_t counted(const struct stage *stage, enum cas_counter counter)
{
    return stage->counters.value[counter];
}

static void assert_sync(const struct stage *stage, uint64_t lost, uint64_t found,
                        uint64_t given_up)
{
    ck_assert_uint_eq(counted(stage, CAS_COUNT_SYNC_LOST), lost);
    ck_assert_uint_eq(counted(stage, CAS_COUNT_SYNC_FOUND), found);
    ck_assert_uint_eq(counted(stage, CAS_COUNT_SYNC_GIVEN_UP), given_up);
}

static bool has_handshake(const struct stage *stage)
{
    return cas_follower_has_handshake(&stage->follower);
}

START_TEST(a_handshake_behind_data_is_seen_in_every_split)
{
    struct stage stage;
    open_stage(&stage);
    write(&stage, 0, DATA, 300);
    write(&stage, 0, DATA, 0);
    write(&stage, 0, HANDSHAKE, 128);
    size_t len = stage.said[0].len;
    close_stage(&stage);
    for (size_t split = 0; split <= len; split++) {
        open_stage(&stage);
        for (unsigned end = 0; end < 2; end++) {
            write(&stage, end, DATA, 300);
            write(&stage, end, DATA, 0);
            write(&stage, end, HANDSHAKE, 128);
        }
        show_all(&stage, 0);
        ck_assert(!has_handshake(&stage)); /* it may be refused */
        show(&stage, 1, 0, split);
        ck_assert(has_handshake(&stage) == (split >= 315));
        show(&stage, 1, split, len);
        ck_assert(has_handshake(&stage));
        assert_sync(&stage, 0, 0, 0);
        close_stage(&stage);
    }
}
END_TEST

/* Nobody changes keys alone: what went before was lost, of both ends. */
START_TEST(change_cipher_spec_of_one_end_shows_a_handshake)
{
    for (unsigned end = 0; end < 2; end++) {
        struct stage stage;
        open_stage(&stage);
        write(&stage, end, DATA, 300);
        write(&stage, end, CHANGE, 25);
        show_all(&stage, end);
        ck_assert(has_handshake(&stage));
        close_stage(&stage);
    }
}
END_TEST

START_TEST(segments_between_headers_need_not_come)
{
    struct stage stage;
    open_stage(&stage);
    for (unsigned end = 0; end < 2; end++) {
        write(&stage, end, DATA, 16384);
        write(&stage, end, HANDSHAKE, 128);
        show(&stage, end, 0, 1448);
        show(&stage, end, 15000, 1448);
    }
    ck_assert(has_handshake(&stage));
    assert_sync(&stage, 0, 0, 0);
    close_stage(&stage);
}
END_TEST

/* Records of one segment each: every one that is missing takes a header with it. */
static void write_small(struct stage *stage, unsigned end, unsigned records)
{
    for (unsigned i = 0; i < records; i++) {
        write(stage, end, DATA, 95);
    }
}

START_TEST(a_lost_header_is_found_again_where_two_follow_each_other)
{
    struct stage stage;
    open_stage(&stage);
    write_small(&stage, 0, 8);
    show(&stage, 0, 0, 100);
    show(&stage, 0, 250, 50); /* no header in it */
    show(&stage, 0, 300, 100);
    assert_sync(&stage, 0, 0, 0);
    show(&stage, 0, 400, 100);
    assert_sync(&stage, 1, 1, 0);
    ck_assert_uint_eq(stage.next[0], START + 500);
    close_stage(&stage);
}
END_TEST

START_TEST(one_is_found_in_the_middle_of_a_segment)
{
    struct stage stage;
    open_stage(&stage);
    write(&stage, 0, DATA, 5000);
    write(&stage, 0, DATA, 5000);
    write(&stage, 0, DATA, 5000);
    write(&stage, 0, HANDSHAKE, 128);
    write(&stage, 1, HANDSHAKE, 128);
    show_all(&stage, 1);
    show(&stage, 0, 0, 1000);
    show(&stage, 0, 5010, 4000); /* the second header is lost */
    show(&stage, 0, 9010, 4000);
    assert_sync(&stage, 0, 0, 0);
    show(&stage, 0, 13010, 4000);
    assert_sync(&stage, 1, 1, 0);
    ck_assert(has_handshake(&stage));
    ck_assert_ptr_nonnull(stage.follower.later);
    ck_assert(!stage.follower.later->side[0].is_broken); /* data came before it */
    close_stage(&stage);
}
END_TEST

START_TEST(what_is_lost_just_before_it_may_belong_to_it)
{
    struct stage stage;
    open_stage(&stage);
    write_small(&stage, 0, 2);
    write(&stage, 0, HANDSHAKE, 128);
    write(&stage, 0, HANDSHAKE, 128);
    show(&stage, 0, 0, 100);
    show(&stage, 0, 200, 266); /* the second record is lost */
    assert_sync(&stage, 1, 1, 0);
    ck_assert_ptr_nonnull(stage.follower.later);
    ck_assert(stage.follower.later->side[0].is_broken);
    close_stage(&stage);
}
END_TEST

START_TEST(what_nothing_confirms_is_not_believed)
{
    struct stage stage;
    open_stage(&stage);
    write(&stage, 0, DATA, 1000);
    cas_buf_clear(&stage.said[0]);
    for (unsigned i = 0; i < 400; i++) {
        const uint8_t header[] = { HANDSHAKE, 3, 3, 0, 100, 1 };
        cas_buf_append(&stage.said[0], cas_view_of(header, sizeof(header)));
    }
    write(&stage, 1, HANDSHAKE, 128);
    show_all(&stage, 1);
    show(&stage, 0, 10, 2390);
    ck_assert(!has_handshake(&stage));
    assert_sync(&stage, 0, 0, 0);
    close_stage(&stage);
    assert_sync(&stage, 1, 0, 0); /* it ended so */
}
END_TEST

START_TEST(what_is_not_found_is_given_up)
{
    struct stage stage;
    open_stage(&stage);
    for (unsigned i = 0; i < 3u << 20; i++) {
        cas_buf_append_u8(&stage.said[0], (uint8_t)(i % 251));
    }
    size_t at = 10;
    while (stage.follower.side[0].state != CAS_FOLLOWED_NOT) {
        ck_assert_uint_lt(at, 2u << 20);
        show(&stage, 0, at, 1000);
        at += 1000;
    }
    ck_assert_uint_gt(at, 1000000);
    assert_sync(&stage, 1, 0, 1);
    ck_assert(cas_follower_is_on(&stage.follower));
    /* The other one alone must show more than an offer. */
    write(&stage, 1, HANDSHAKE, 128);
    write(&stage, 1, HANDSHAKE, 4000);
    show_all(&stage, 1);
    ck_assert(!has_handshake(&stage));
    size_t before = stage.said[1].len;
    write(&stage, 1, CHANGE, 25);
    write(&stage, 1, HANDSHAKE, 40);
    show(&stage, 1, before, stage.said[1].len);
    ck_assert(has_handshake(&stage) && cas_follower_has_end(&stage.follower));
    close_stage(&stage);
    assert_sync(&stage, 1, 0, 1);
}
END_TEST

START_TEST(what_is_no_record_loses_it)
{
    struct stage stage;
    open_stage(&stage);
    cas_buf_append(&stage.said[0], text_view("GET / HTTP/1.0\r\n\r\n"));
    show_all(&stage, 0);
    ck_assert_int_eq(stage.follower.side[0].state, CAS_FOLLOWED_LOST);
    ck_assert(!has_handshake(&stage));
    close_stage(&stage);
}
END_TEST

/* A snaplen of 60 bytes of data: headers within it are seen. */
START_TEST(a_snaplen_hides_what_lies_behind_it_only)
{
    struct stage stage;
    open_stage(&stage);
    for (unsigned end = 0; end < 2; end++) {
        write(&stage, end, DATA, 1443);
        write(&stage, end, HANDSHAKE, 128);
        ck_assert(show_cut(&stage, end, 0, 1448, 60));
        ck_assert(show_cut(&stage, end, 1448, 33, 33));
    }
    ck_assert(has_handshake(&stage));
    assert_sync(&stage, 0, 0, 0);
    size_t at = stage.said[0].len;
    write(&stage, 0, DATA, 195);
    write(&stage, 0, DATA, 195);
    ck_assert(show_cut(&stage, 0, at, 400, 60));
    ck_assert_int_eq(stage.follower.side[0].state, CAS_FOLLOWED_LOST);
    close_stage(&stage);
}
END_TEST

/* RFC 5246, 7.2.2: no_renegotiation is a warning, and the connection goes on. */
START_TEST(an_offer_that_is_refused_is_no_handshake)
{
    struct stage stage;
    open_stage(&stage);
    write(&stage, 1, HANDSHAKE, 28); /* HelloRequest */
    write(&stage, 0, ALERT, 26);
    show_all(&stage, 1);
    show_all(&stage, 0);
    ck_assert(!has_handshake(&stage));
    size_t at = stage.said[0].len;
    size_t then = stage.said[1].len;
    write(&stage, 0, HANDSHAKE, 200); /* ClientHello */
    write(&stage, 0, DATA, 200);
    write(&stage, 1, ALERT, 26);
    show(&stage, 0, at, 1000);
    show(&stage, 1, then, 1000);
    ck_assert(!has_handshake(&stage));
    ck_assert(stage.follower.later->side[0].is_mixed);
    ck_assert(stage.follower.later->side[1].is_mixed);
    close_stage(&stage);
}
END_TEST

START_TEST(only_what_is_believed_shows_a_handshake)
{
    struct stage stage;
    open_stage(&stage);
    stage.is_unbelieved = true;
    write(&stage, 0, DATA, 100);
    write(&stage, 0, HANDSHAKE, 128);
    size_t len = stage.said[0].len;
    ck_assert(show_cut(&stage, 0, 0, 105, 105));
    ck_assert(!show_cut(&stage, 0, 0, len, len));
    ck_assert(!stage.follower.side[0].has_handshake);
    ck_assert_uint_eq(stage.next[0], START + 105);
    stage.is_unbelieved = false;
    ck_assert(show_cut(&stage, 0, 0, len, len));
    ck_assert(stage.follower.side[0].has_handshake);
    close_stage(&stage);
}
END_TEST

/* Forged bytes that nobody received must not end the following. */
START_TEST(only_what_is_believed_loses_it)
{
    for (size_t len = 1; len <= 16; len++) {
        struct stage stage;
        open_stage(&stage);
        cas_buf_append(&stage.said[0], text_view("GET / HTTP/1.0\r\n\r\n"));
        stage.is_unbelieved = true;
        ck_assert(!show_cut(&stage, 0, 0, len, len));
        ck_assert_int_eq(stage.follower.side[0].state, CAS_FOLLOWED_HEADERS);
        ck_assert_uint_eq(stage.follower.side[0].header_len, 0);
        close_stage(&stage);
    }
}
END_TEST

START_TEST(lengths_are_noted_up_to_the_end_of_both)
{
    struct stage stage;
    open_stage(&stage);
    write(&stage, 0, HANDSHAKE, 224);
    write(&stage, 0, HANDSHAKE, 31);
    write(&stage, 0, HANDSHAKE, 61);
    write(&stage, 0, CHANGE, 25);
    write(&stage, 0, HANDSHAKE, 40);
    write(&stage, 1, HANDSHAKE, 128);
    write(&stage, 1, HANDSHAKE, 5000);
    show(&stage, 1, 0, 33);
    show(&stage, 0, 0, 229);
    show(&stage, 1, 33, 5005);
    show(&stage, 0, 229, 1000);
    ck_assert(!cas_follower_has_end(&stage.follower));
    size_t at = stage.said[1].len;
    write(&stage, 1, CHANGE, 25);
    write(&stage, 1, HANDSHAKE, 40);
    show(&stage, 1, at, 75);
    ck_assert(cas_follower_has_end(&stage.follower));
    const struct cas_later *later = stage.follower.later;
    const struct cas_later_side *client = &later->side[0];
    ck_assert_uint_eq(client->records, 4);
    ck_assert_uint_eq(client->before_change, 3);
    ck_assert_uint_eq(client->len[0], 224);
    ck_assert_uint_eq(client->len[1], 31);
    ck_assert_uint_eq(client->len[2], 61);
    ck_assert_uint_eq(client->len[3], 40);
    ck_assert(!client->is_mixed && !later->side[1].is_mixed);
    ck_assert_uint_eq(later->side[1].before_change, 2);
    ck_assert(!client->is_broken && !later->side[1].is_broken);
    close_stage(&stage);
}
END_TEST

/* Bytes of nobody's stream, at this offset. */
static bool show_other(struct stage *stage, unsigned end, size_t from, struct cas_view bytes)
{
    struct cas_glimpse glimpse = {
        .end = end,
        .seq = START + (uint32_t)from,
        .bytes = bytes,
        .wire_len = (uint32_t)bytes.len,
        .is_believed = !stage->is_unbelieved,
        .next = stage->next[end],
    };
    bool is_done = cas_follower_push(&stage->follower, &stage->context, &glimpse);
    stage->next[end] = glimpse.next;
    return is_done;
}

static const uint8_t swallowing[] = { DATA, 3, 3, 0x40, 0 };

/* Data, and behind it a handshake that begins with two records in segments of their own. */
static size_t write_handshake(struct stage *stage, unsigned end)
{
    write(stage, end, DATA, 300);
    size_t at = stage->said[end].len;
    write(stage, end, HANDSHAKE, 28);
    write(stage, end, HANDSHAKE, 200);
    write(stage, end, HANDSHAKE, 300);
    write(stage, end, CHANGE, 25);
    write(stage, end, HANDSHAKE, 40);
    return at;
}

/* Whichever came first: its body would hide all that follows. */
START_TEST(a_header_that_comes_again_and_differs_is_not_believed)
{
    const size_t first_len = 5 + 28;
    for (unsigned i = 0; i < 2 * sizeof(swallowing); i++) {
        struct stage stage;
        open_stage(&stage);
        struct cas_view forged = cas_view_of(swallowing, 1 + i / 2);
        for (unsigned end = 0; end < 2; end++) {
            size_t at = write_handshake(&stage, end);
            show(&stage, end, 0, at);
            if (i % 2 == 0) {
                ck_assert(show_other(&stage, end, at, forged));
            }
            show(&stage, end, at, first_len);
            if (i % 2 == 1) {
                ck_assert(show_other(&stage, end, at, forged));
            }
            ck_assert_int_eq(stage.follower.side[end].state, CAS_FOLLOWED_LOST);
            show(&stage, end, at + first_len, stage.said[end].len);
        }
        ck_assert(has_handshake(&stage));
        ck_assert(stage.follower.later->side[0].is_broken);
        close_stage(&stage);
        assert_sync(&stage, 2, 2, 0);
    }
}
END_TEST

START_TEST(only_what_is_believed_contradicts)
{
    struct stage stage;
    open_stage(&stage);
    size_t at = write_handshake(&stage, 0);
    show(&stage, 0, 0, at + 40);
    uint32_t next = stage.next[0];
    stage.is_unbelieved = true;
    ck_assert(!show_other(&stage, 0, at + 33, cas_view_of(swallowing, sizeof(swallowing))));
    ck_assert_uint_eq(stage.next[0], next);
    ck_assert_int_eq(stage.follower.side[0].state, CAS_FOLLOWED_HEADERS);
    close_stage(&stage);
}
END_TEST

/* The same bytes again, and other ones in a body: a keep-alive sends any byte. */
START_TEST(what_comes_again_without_another_header_changes_nothing)
{
    struct stage stage;
    open_stage(&stage);
    size_t at = write_handshake(&stage, 0);
    show(&stage, 0, 0, at + 40);
    uint32_t next = stage.next[0];
    show(&stage, 0, 0, at + 40);
    ck_assert(show_other(&stage, 0, at + 39, text_view("?")));
    ck_assert_uint_eq(stage.next[0], next);
    ck_assert_int_eq(stage.follower.side[0].state, CAS_FOLLOWED_HEADERS);
    close_stage(&stage);
}
END_TEST

/* Nor is one that is searched for, and awaits its second. */
START_TEST(a_candidate_that_is_contradicted_is_none)
{
    struct stage stage;
    open_stage(&stage);
    size_t at = write_handshake(&stage, 0);
    (void)write_handshake(&stage, 1);
    show_all(&stage, 1);
    cas_follower_doubt(&stage.follower, 0, stage.next[0],
                       (struct cas_follower_range){ START, START + 1 });
    ck_assert(show_other(&stage, 0, at, cas_view_of(swallowing, sizeof(swallowing))));
    show(&stage, 0, at, 33);
    show(&stage, 0, at + 33, stage.said[0].len);
    ck_assert(stage.follower.side[0].has_change);
    close_stage(&stage);
}
END_TEST

/* A search goes on from where it came, whatever is sent again. */
START_TEST(a_search_does_not_go_back)
{
    struct stage stage;
    open_stage(&stage);
    size_t at = write_handshake(&stage, 0);
    stage.next[0] += 1; /* a hole */
    show(&stage, 0, 40, 200);
    ck_assert_int_eq(stage.follower.side[0].state, CAS_FOLLOWED_LOST);
    uint32_t next = stage.next[0];
    show(&stage, 0, 40, 100);
    ck_assert_uint_eq(stage.next[0], next);
    show(&stage, 0, 240, stage.said[0].len);
    ck_assert(stage.follower.side[0].has_change && at > 240);
    close_stage(&stage);
}
END_TEST

START_TEST(doubts_lose_it_where_they_meet_the_last_header)
{
    for (uint32_t i = 0; i < 12; i++) {
        struct stage stage;
        open_stage(&stage);
        write(&stage, 0, DATA, 3);
        write(&stage, 0, HANDSHAKE, 300);
        show(&stage, 0, 0, 20); /* its header is at 8 */
        const struct cas_follower_range range = { START + i + 2, START + i + 3 };
        bool is_met = i + 2 >= 8 && i + 2 < 13;
        ck_assert(cas_follower_doubt(&stage.follower, 0, stage.next[0], range) == is_met);
        ck_assert(stage.follower.side[0].is_broken);
        close_stage(&stage);
    }
}
END_TEST

/* Whatever comes in whatever order: it ends, and what it counts adds up. */
START_TEST(any_order_of_anything_ends)
{
    struct dice dice = dice_init("follower");
    for (unsigned round = 0; round < 300; round++) {
        struct stage stage;
        open_stage(&stage);
        while (stage.said[0].len < 20000) {
            write(&stage, 0, (uint8_t)(20 + dice_roll(&dice, 5)),
                  (uint16_t)dice_roll(&dice, dice_roll(&dice, 4) == 0 ? 4000 : 60));
        }
        for (unsigned i = 0; i < 200; i++) {
            size_t len = 1 + dice_roll(&dice, 1448);
            stage.is_unbelieved = dice_roll(&dice, 2) == 0;
            (void)show_cut(&stage, 0, dice_roll(&dice, 20000), len,
                           dice_roll(&dice, 3) == 0 ? dice_roll(&dice, 200) : len);
        }
        close_stage(&stage);
        uint64_t lost = counted(&stage, CAS_COUNT_SYNC_LOST);
        ck_assert_uint_le(counted(&stage, CAS_COUNT_SYNC_FOUND), lost);
        ck_assert_uint_le(lost - counted(&stage, CAS_COUNT_SYNC_FOUND), 1);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("follower");
    TCase *tcase = tcase_create("follower");
    tcase_add_test(tcase, a_handshake_behind_data_is_seen_in_every_split);
    tcase_add_test(tcase, change_cipher_spec_of_one_end_shows_a_handshake);
    tcase_add_test(tcase, segments_between_headers_need_not_come);
    tcase_add_test(tcase, a_lost_header_is_found_again_where_two_follow_each_other);
    tcase_add_test(tcase, one_is_found_in_the_middle_of_a_segment);
    tcase_add_test(tcase, what_is_lost_just_before_it_may_belong_to_it);
    tcase_add_test(tcase, what_nothing_confirms_is_not_believed);
    tcase_add_test(tcase, what_is_not_found_is_given_up);
    tcase_add_test(tcase, what_is_no_record_loses_it);
    tcase_add_test(tcase, a_snaplen_hides_what_lies_behind_it_only);
    tcase_add_test(tcase, an_offer_that_is_refused_is_no_handshake);
    tcase_add_test(tcase, only_what_is_believed_shows_a_handshake);
    tcase_add_test(tcase, only_what_is_believed_loses_it);
    tcase_add_test(tcase, lengths_are_noted_up_to_the_end_of_both);
    tcase_add_test(tcase, a_header_that_comes_again_and_differs_is_not_believed);
    tcase_add_test(tcase, only_what_is_believed_contradicts);
    tcase_add_test(tcase, what_comes_again_without_another_header_changes_nothing);
    tcase_add_test(tcase, a_candidate_that_is_contradicted_is_none);
    tcase_add_test(tcase, a_search_does_not_go_back);
    tcase_add_test(tcase, doubts_lose_it_where_they_meet_the_last_header);
    tcase_add_test(tcase, any_order_of_anything_ends);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
