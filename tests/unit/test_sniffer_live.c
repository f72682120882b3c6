/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a live capture is told, and when: within a second of the end of the handshake, however
 * it ends; and what comes to light after that is told as well.
 */
#include <string.h>

#include <casniff/sniffer.h>

#include "support/frames.h"
#include "support/support.h"
#include "support/tls_records.h"

#define MS     UINT64_C(1000)
#define SECOND UINT64_C(1000000)

/* The handshake messages that have numbers of their own here: RFC 5246, 7.4. */
enum {
    SERVER_HELLO_DONE = 14,
    CLIENT_KEY_EXCHANGE = 16
};
enum {
    RECORD_HANDSHAKE = 22,
    RECORD_DATA = 23
};

static const struct cas_view nothing;

/* One connection, a sniffer that hears it live, and what that told. */
struct scene {
    struct frames frames;
    struct talk talk;
    size_t heard; /* frames pushed */
    struct cas_sniffer *sniffer;
    uint64_t monotonic_us;
    uint64_t wall_us;
    unsigned handshakes;
    unsigned lists;
    enum cas_established established;
    enum cas_requested requested;
    uint64_t told_us;
    enum cas_seen seen;        /* of the list told last */
    enum cas_seen server_seen; /* at the end */
    char iface[16];
};

static void on_handshake(void *user, const struct cas_handshake_event *event)
{
    struct scene *scene = user;
    scene->handshakes++;
    scene->established = event->tls.established;
    scene->requested = event->client_auth.requested;
    scene->told_us = event->head.timestamp_us;
    if (event->head.in_iface != NULL) {
        strcpy(scene->iface, event->head.in_iface);
    }
}

static void on_list(void *user, const struct cas_ca_list_event *event)
{
    struct scene *scene = user;
    scene->lists++;
    scene->seen = event->ca_list->seen;
}

static void on_server(void *user, const struct cas_server_event *event)
{
    struct scene *scene = user;
    if (event->ca_list != NULL) {
        scene->server_seen = event->ca_list->seen;
    }
}

static void pass(struct scene *scene, uint64_t us)
{
    for (uint64_t left = us; left > 0;) {
        uint64_t step = left < 100 * MS ? left : 100 * MS;
        scene->monotonic_us += step;
        scene->wall_us += step;
        const struct cas_tick now = { scene->monotonic_us, scene->wall_us };
        (void)cas_sniffer_tick(scene->sniffer, &now);
        left -= step;
    }
}

static void open_scene(struct scene *scene)
{
    struct cas_sniffer_config config = cas_sniffer_defaults();
    *scene = (struct scene){ .monotonic_us = 1, .wall_us = 5000 * SECOND };
    config.sink = (struct cas_sink){
        .user = scene, .handshake = on_handshake, .ca_list = on_list, .server = on_server
    };
    config.clock = CAS_CLOCK_CALLER;
    scene->sniffer = cas_sniffer_create(&config);
    ck_assert_ptr_nonnull(scene->sniffer);
    scene->talk = talk_init(&scene->frames);
    pass(scene, SECOND);
    talk_handshake(&scene->talk);
}

static void close_scene(struct scene *scene)
{
    cas_sniffer_finish(scene->sniffer);
    cas_sniffer_destroy(scene->sniffer);
    frames_free(&scene->frames);
}

/* The frames made since the last time, captured now. */
static void hear(struct scene *scene)
{
    for (; scene->heard < scene->frames.len; scene->heard++) {
        struct cas_frame *frame = &scene->frames.frame[scene->heard];
        frame->timestamp_us = scene->wall_us;
        cas_sniffer_push(scene->sniffer, frame);
    }
}

static void say(struct scene *scene, unsigned from, struct cas_buf *records)
{
    talk_send(&scene->talk, from, cas_buf_view(records), 1460);
    cas_buf_finish(records);
    hear(scene);
}

/* A segment without data, or a lone reset. */
static void signal_end(struct scene *scene, unsigned from, uint8_t flags)
{
    talk_say(&scene->talk, from, flags, nothing);
    hear(scene);
}

static void say_hello(struct scene *scene)
{
    struct cas_buf records = tls_buf();
    struct cas_buf message = tls_buf();
    tls_client_hello(&message, "host.example");
    tls_record(&records, RECORD_HANDSHAKE, 0x0301, cas_buf_view(&message));
    cas_buf_finish(&message);
    say(scene, 0, &records);
}

static void say_server_flight(struct scene *scene, size_t names)
{
    struct cas_buf records = tls_buf();
    struct cas_buf messages = tls_buf();
    tls_server_hello(&messages, 0x0303);
    tls_certificate(&messages, 1, 200);
    if (names > 0) {
        tls_cert_request(&messages, names, 40);
    }
    tls_message(&messages, SERVER_HELLO_DONE, 0);
    tls_records(&records, RECORD_HANDSHAKE, 0x0303, cas_buf_view(&messages), 16384);
    cas_buf_finish(&messages);
    say(scene, 1, &records);
}

static void say_finished(struct scene *scene, unsigned from)
{
    struct cas_buf records = tls_buf();
    if (from == 0) {
        struct cas_buf message = tls_buf();
        tls_certificate(&message, 0, 0);
        tls_message(&message, CLIENT_KEY_EXCHANGE, 66);
        tls_record(&records, RECORD_HANDSHAKE, 0x0303, cas_buf_view(&message));
        cas_buf_finish(&message);
    }
    tls_change_cipher_spec(&records);
    tls_opaque(&records, RECORD_HANDSHAKE, 40);
    say(scene, from, &records);
}

static void say_opaque(struct scene *scene, unsigned from, unsigned type)
{
    struct cas_buf records = tls_buf();
    tls_opaque(&records, type, 160);
    say(scene, from, &records);
}

static void say_alert(struct scene *scene, unsigned from)
{
    struct cas_buf records = tls_buf();
    tls_alert(&records, 2, 40);
    say(scene, from, &records);
}

static void expect_told(const struct scene *scene, unsigned handshakes, unsigned lists)
{
    ck_assert_uint_eq(scene->handshakes, handshakes);
    ck_assert_uint_eq(scene->lists, lists);
}

static uint64_t counted(const struct scene *scene, enum cas_counter counter)
{
    return cas_sniffer_counters(scene->sniffer)->value[counter];
}

START_TEST(an_established_connection_that_stays_silent_is_told)
{
    struct scene scene;
    open_scene(&scene);
    cas_sniffer_set_iface(scene.sniffer, "near");
    say_hello(&scene);
    say_server_flight(&scene, 3);
    pass(&scene, 5 * SECOND);
    expect_told(&scene, 0, 0); /* the client may still answer */
    say_finished(&scene, 0);
    say_finished(&scene, 1);
    cas_sniffer_set_iface(scene.sniffer, "another");
    uint64_t over_us = scene.wall_us;
    pass(&scene, 400 * MS);
    expect_told(&scene, 1, 1);
    ck_assert_int_eq(scene.established, CAS_ESTABLISHED_YES);
    ck_assert_int_eq(scene.seen, CAS_SEEN_COMPLETE);
    ck_assert_uint_eq(scene.told_us, over_us);
    ck_assert_str_eq(scene.iface, "near");
    say_opaque(&scene, 0, RECORD_DATA);
    say_opaque(&scene, 1, RECORD_DATA);
    talk_close(&scene.talk);
    hear(&scene);
    pass(&scene, 10 * SECOND);
    close_scene(&scene);
    expect_told(&scene, 1, 1);
}
END_TEST

/* A client that sends for minutes does not put it off. */
START_TEST(traffic_does_not_put_it_off)
{
    struct scene scene;
    open_scene(&scene);
    say_hello(&scene);
    say_server_flight(&scene, 3);
    say_finished(&scene, 0);
    say_finished(&scene, 1);
    for (unsigned i = 0; i < 5; i++) {
        say_opaque(&scene, 0, RECORD_DATA);
        pass(&scene, 100 * MS);
    }
    expect_told(&scene, 1, 1);
    close_scene(&scene);
    expect_told(&scene, 1, 1);
}
END_TEST

/* How a connection can end after its handshake has failed. */
static void end_by(struct scene *scene, int way)
{
    switch (way) {
    case 0: /* the server refuses, and both close */
        say_alert(scene, 1);
        talk_close(&scene->talk);
        break;
    case 1: /* the server refuses and resets */
        say_alert(scene, 1);
        talk_say(&scene->talk, 1, RST, nothing);
        break;
    case 2: /* the client refuses and closes; the server takes its time */
        say_alert(scene, 0);
        talk_say(&scene->talk, 0, FIN | ACK, nothing);
        break;
    case 3: /* the client closes without a word */
        talk_close(&scene->talk);
        break;
    default: /* or resets */
        talk_say(&scene->talk, 0, RST, nothing);
        break;
    }
    hear(scene);
}
#define ENDS 5

START_TEST(every_end_is_told_within_a_second)
{
    struct scene scene;
    open_scene(&scene);
    say_hello(&scene);
    say_server_flight(&scene, 3);
    pass(&scene, SECOND);
    end_by(&scene, _i);
    ck_assert_uint_eq(scene.handshakes, 0);
    pass(&scene, 400 * MS);
    expect_told(&scene, 1, 1);
    ck_assert_int_eq(scene.established, CAS_ESTABLISHED_NO);
    ck_assert_int_eq(scene.requested, CAS_REQUESTED_YES);
    ck_assert_int_eq(scene.seen, CAS_SEEN_COMPLETE);
    pass(&scene, 70 * SECOND);
    close_scene(&scene);
    expect_told(&scene, 1, 1);
    ck_assert_int_eq(scene.server_seen, CAS_SEEN_COMPLETE);
}
END_TEST

/* T12 */
START_TEST(a_reset_before_the_list_hides_nothing)
{
    struct scene scene;
    open_scene(&scene);
    say_hello(&scene);
    signal_end(&scene, _i == 0 ? 0 : 1, RST);
    pass(&scene, 4 * SECOND);
    expect_told(&scene, 0, 0);
    say_server_flight(&scene, 3);
    say_finished(&scene, 0);
    say_finished(&scene, 1);
    pass(&scene, SECOND);
    expect_told(&scene, 1, 1);
    ck_assert_int_eq(scene.seen, CAS_SEEN_COMPLETE);
    ck_assert_int_eq(scene.established, CAS_ESTABLISHED_YES);
    close_scene(&scene);
}
END_TEST

START_TEST(a_list_that_comes_after_false_fins_is_told)
{
    struct scene scene;
    open_scene(&scene);
    say_hello(&scene);
    struct talk before = scene.talk;
    talk_close(&scene.talk);
    hear(&scene);
    pass(&scene, SECOND);
    expect_told(&scene, 1, 0);
    scene.talk = before;
    say_server_flight(&scene, 3);
    say_finished(&scene, 0);
    say_finished(&scene, 1);
    say_opaque(&scene, 0, RECORD_DATA);
    say_opaque(&scene, 1, RECORD_DATA);
    expect_told(&scene, 1, 1);
    ck_assert_int_eq(scene.seen, CAS_SEEN_COMPLETE);
    ck_assert_uint_eq(counted(&scene, CAS_COUNT_CERT_LISTS_COMPLETE), 1);
    close_scene(&scene);
    ck_assert_int_eq(scene.server_seen, CAS_SEEN_COMPLETE);
}
END_TEST

/* Promise 1: the same bytes again, and different, after the list was told. */
START_TEST(a_doubt_that_comes_later_takes_complete_back)
{
    struct scene scene;
    open_scene(&scene);
    say_hello(&scene);
    struct talk before = scene.talk;
    say_server_flight(&scene, 3);
    struct talk after = scene.talk;
    end_by(&scene, _i);
    pass(&scene, SECOND);
    expect_told(&scene, 1, 1);
    ck_assert_int_eq(scene.seen, CAS_SEEN_COMPLETE);
    ck_assert_uint_eq(counted(&scene, CAS_COUNT_CERT_LISTS_COMPLETE), 1);
    scene.talk = before;
    struct cas_buf others = tls_buf();
    tls_fill(&others, 0x77, after.seq[1] - before.seq[1]);
    say(&scene, 1, &others);
    pass(&scene, 70 * SECOND);
    expect_told(&scene, 1, 2);
    ck_assert_int_eq(scene.seen, CAS_SEEN_AMBIGUOUS);
    ck_assert_uint_eq(counted(&scene, CAS_COUNT_CERT_LISTS_COMPLETE), 0);
    ck_assert_uint_eq(counted(&scene, CAS_COUNT_CERT_LISTS_AMBIGUOUS), 1);
    close_scene(&scene);
    ck_assert_int_eq(scene.server_seen, CAS_SEEN_AMBIGUOUS);
}
END_TEST

/* Promise 5: the server may ask later, where it is encrypted. */
/* RFC 5246, 7.3. Who sends a flight of his own in front of the server's is not believed. */
START_TEST(a_list_among_messages_out_of_order_is_in_doubt)
{
    struct scene scene;
    open_scene(&scene);
    say_hello(&scene);
    say_server_flight(&scene, 3);
    if (_i == 1) { /* it is told as if it were all */
        signal_end(&scene, 1, RST);
        pass(&scene, 2 * SECOND);
        expect_told(&scene, 1, 1);
        ck_assert_int_eq(scene.seen, CAS_SEEN_COMPLETE);
    }
    if (_i == 2) { /* two Certificates of the client */
        struct cas_buf records = tls_buf();
        struct cas_buf message = tls_buf();
        tls_certificate(&message, 1, 200);
        tls_record(&records, RECORD_HANDSHAKE, 0x0303, cas_buf_view(&message));
        cas_buf_finish(&message);
        say(&scene, 0, &records);
    } else {
        say_server_flight(&scene, 5);
    }
    say_finished(&scene, 0);
    say_finished(&scene, 1);
    close_scene(&scene);
    expect_told(&scene, 1, _i == 1 ? 2 : 1);
    ck_assert_int_eq(scene.seen, CAS_SEEN_AMBIGUOUS);
    ck_assert_int_eq(scene.server_seen, CAS_SEEN_AMBIGUOUS);
}
END_TEST

START_TEST(where_no_list_was_asked_for_a_renegotiation_is_waited_for)
{
    struct scene scene;
    open_scene(&scene);
    say_hello(&scene);
    say_server_flight(&scene, 0);
    say_finished(&scene, 0);
    say_finished(&scene, 1);
    pass(&scene, 10 * SECOND);
    expect_told(&scene, 0, 0);
    say_opaque(&scene, 0, RECORD_DATA);
    say_opaque(&scene, 1, RECORD_HANDSHAKE);
    say_opaque(&scene, 0, RECORD_HANDSHAKE);
    say_opaque(&scene, 1, RECORD_DATA);
    expect_told(&scene, 1, 0);
    ck_assert_int_eq(scene.requested, CAS_REQUESTED_HIDDEN);
    close_scene(&scene);
}
END_TEST

START_TEST(what_ends_by_silence_has_the_time_of_the_tick)
{
    struct scene scene;
    open_scene(&scene);
    say_hello(&scene);
    uint64_t said_us = scene.wall_us;
    pass(&scene, 70 * SECOND);
    expect_told(&scene, 1, 0);
    ck_assert_uint_eq(scene.told_us, said_us + 60 * SECOND);
    close_scene(&scene);
}
END_TEST

/* O12: a year forward and back, of the wall clock only. */
START_TEST(a_stepped_wall_clock_ends_nothing)
{
    struct scene scene;
    open_scene(&scene);
    say_hello(&scene);
    scene.wall_us += 365 * 86400 * SECOND;
    pass(&scene, SECOND);
    say_server_flight(&scene, 3);
    scene.wall_us -= 2 * 365 * 86400 * SECOND / 1000;
    pass(&scene, SECOND);
    expect_told(&scene, 0, 0);
    say_finished(&scene, 0);
    say_finished(&scene, 1);
    pass(&scene, SECOND);
    expect_told(&scene, 1, 1);
    ck_assert_int_eq(scene.established, CAS_ESTABLISHED_YES);
    ck_assert_uint_eq(counted(&scene, CAS_COUNT_FLOWS_TIMED_OUT), 0);
    close_scene(&scene);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("sniffer_live");
    TCase *tcase = tcase_create("sniffer_live");
    tcase_add_test(tcase, an_established_connection_that_stays_silent_is_told);
    tcase_add_test(tcase, traffic_does_not_put_it_off);
    tcase_add_loop_test(tcase, every_end_is_told_within_a_second, 0, ENDS);
    tcase_add_loop_test(tcase, a_reset_before_the_list_hides_nothing, 0, 2);
    tcase_add_test(tcase, a_list_that_comes_after_false_fins_is_told);
    tcase_add_loop_test(tcase, a_doubt_that_comes_later_takes_complete_back, 0, ENDS);
    tcase_add_loop_test(tcase, a_list_among_messages_out_of_order_is_in_doubt, 0, 3);
    tcase_add_test(tcase, where_no_list_was_asked_for_a_renegotiation_is_waited_for);
    tcase_add_test(tcase, what_ends_by_silence_has_the_time_of_the_tick);
    tcase_add_test(tcase, a_stepped_wall_clock_ends_nothing);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
