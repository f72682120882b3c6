/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Renegotiations of TLS 1.2 long after the handshake, without keys: what is told, when, and
 * whatever was lost in between.
 */
#include <string.h>

#include <casniff/sniffer.h>

#include "support/frames.h"
#include "support/support.h"
#include "support/tls_records.h"

#define MS     UINT64_C(1000)
#define SECOND UINT64_C(1000000)
#define MSS    1460

/* RFC 5246, 7.4 and 6.2.1. */
enum {
    SERVER_HELLO_DONE = 14,
    CLIENT_KEY_EXCHANGE = 16
};
enum {
    RECORD_CHANGE = 20,
    RECORD_ALERT = 21,
    RECORD_HANDSHAKE = 22,
    RECORD_DATA = 23
};

#define CLIENT 0u
#define SERVER 1u

/* One connection, a sniffer that hears it, and what that told last. */
struct scene {
    struct frames frames;
    struct talk talk;
    size_t heard; /* frames pushed */
    struct cas_sniffer *sniffer;
    uint64_t now_us;
    unsigned handshakes;
    struct cas_handshake_event event;
    char sni[32];
    enum cas_diagnosis_code diagnosis;
    uint64_t asked; /* or maybe: connections of that server, at the end */
};

static void on_handshake(void *user, const struct cas_handshake_event *event)
{
    struct scene *scene = user;
    scene->handshakes++;
    scene->event = *event;
    strcpy(scene->sni, event->tls.sni != NULL ? event->tls.sni : "");
    ck_assert_uint_ge(event->client_auth.diagnosis_len, 1);
    scene->diagnosis = event->client_auth.diagnosis[0].code;
}

static void on_server(void *user, const struct cas_server_event *event)
{
    struct scene *scene = user;
    scene->asked +=
        event->requested[CAS_REQUESTED_HIDDEN] + event->requested[CAS_REQUESTED_YES];
    ck_assert_uint_eq(event->handshakes, 1);
}

static void pass(struct scene *scene, uint64_t us)
{
    for (uint64_t left = us; left > 0;) {
        uint64_t step = left < 100 * MS ? left : 100 * MS;
        scene->now_us += step;
        const struct cas_tick now = { scene->now_us, scene->now_us };
        (void)cas_sniffer_tick(scene->sniffer, &now);
        left -= step;
    }
}

static void hear(struct scene *scene)
{
    for (; scene->heard < scene->frames.len; scene->heard++) {
        struct cas_frame *frame = &scene->frames.frame[scene->heard];
        frame->timestamp_us = scene->now_us;
        cas_sniffer_push(scene->sniffer, frame);
    }
}

/* The records go out, but the capture lacks them. */
static void miss(struct scene *scene)
{
    scene->heard = scene->frames.len;
}

static void send(struct scene *scene, unsigned from, struct cas_buf *records)
{
    talk_send(&scene->talk, from, cas_buf_view(records), MSS);
    cas_buf_finish(records);
}

static void say(struct scene *scene, unsigned from, struct cas_buf *records)
{
    send(scene, from, records);
    hear(scene);
}

static void say_record(struct scene *scene, unsigned from, unsigned type, size_t len)
{
    struct cas_buf records = tls_buf();
    tls_opaque(&records, type, len);
    say(scene, from, &records);
}

static void say_hellos(struct scene *scene, size_t snaplen)
{
    struct cas_buf records = tls_buf();
    struct cas_buf message = tls_buf();
    tls_client_hello(&message, "host.example");
    tls_record(&records, RECORD_HANDSHAKE, 0x0301, cas_buf_view(&message));
    say(scene, CLIENT, &records);
    cas_buf_clear(&message);
    tls_server_hello(&message, 0x0303);
    records = tls_buf();
    tls_record(&records, RECORD_HANDSHAKE, 0x0303, cas_buf_view(&message));
    send(scene, SERVER, &records);
    frames_cut(&scene->frames, snaplen);
    hear(scene);
    cas_buf_clear(&message);
    tls_certificate(&message, 1, 200);
    tls_message(&message, SERVER_HELLO_DONE, 0);
    records = tls_buf();
    tls_records(&records, RECORD_HANDSHAKE, 0x0303, cas_buf_view(&message), 16384);
    say(scene, SERVER, &records);
    cas_buf_clear(&message);
    tls_message(&message, CLIENT_KEY_EXCHANGE, 66);
    records = tls_buf();
    tls_record(&records, RECORD_HANDSHAKE, 0x0303, cas_buf_view(&message));
    say(scene, CLIENT, &records);
    cas_buf_finish(&message);
}

static void say_finished(struct scene *scene, unsigned from)
{
    struct cas_buf records = tls_buf();
    tls_change_cipher_spec(&records);
    tls_opaque(&records, RECORD_HANDSHAKE, 40);
    say(scene, from, &records);
}

/* A handshake without a request; of the ServerHello's frame so many bytes are captured. */
static void begin_scene_cut(struct scene *scene, size_t snaplen)
{
    struct cas_sniffer_config config = cas_sniffer_defaults();
    *scene = (struct scene){ .now_us = 5000 * SECOND };
    config.sink =
        (struct cas_sink){ .user = scene, .handshake = on_handshake, .server = on_server };
    config.clock = CAS_CLOCK_CALLER;
    scene->sniffer = cas_sniffer_create(&config);
    ck_assert_ptr_nonnull(scene->sniffer);
    scene->talk = talk_init(&scene->frames);
    scene->talk.seq[0] = 0xffffff00u; /* numbers wrap soon */
    scene->talk.seq[1] = 0xfffffff0u;
    pass(scene, SECOND);
    talk_handshake(&scene->talk);
    hear(scene);
    say_hellos(scene, snaplen);
    say_finished(scene, CLIENT);
    say_finished(scene, SERVER);
    ck_assert_uint_eq(scene->handshakes, 0);
}

static void begin_scene(struct scene *scene)
{
    begin_scene_cut(scene, 65535);
}

/* The same, a request for a page, its answer. */
static void open_scene(struct scene *scene)
{
    begin_scene(scene);
    say_record(scene, CLIENT, RECORD_DATA, 300);
    say_record(scene, SERVER, RECORD_DATA, 16384);
    ck_assert_uint_eq(scene->handshakes, 1);
    ck_assert_int_eq(scene->event.client_auth.requested, CAS_REQUESTED_NO);
}

static uint64_t counted(const struct scene *scene, enum cas_counter counter)
{
    return cas_sniffer_counters(scene->sniffer)->value[counter];
}

/* Ends it: so many renegotiations were told in all. */
static void close_scene(struct scene *scene, unsigned renegotiations)
{
    cas_sniffer_finish(scene->sniffer);
    ck_assert_uint_eq(scene->handshakes, 1 + renegotiations);
    ck_assert_uint_eq(counted(scene, CAS_COUNT_RENEGOTIATIONS), renegotiations);
    ck_assert_uint_eq(scene->asked, renegotiations);
    cas_sniffer_destroy(scene->sniffer);
    frames_free(&scene->frames);
}

static void say_bulk(struct scene *scene, unsigned records)
{
    for (unsigned i = 0; i < records; i++) {
        say_record(scene, SERVER, RECORD_DATA, 16408);
    }
}

/* As IIS does it. */
static void renegotiate(struct scene *scene)
{
    say_record(scene, SERVER, RECORD_HANDSHAKE, 28); /* HelloRequest */
    say_record(scene, CLIENT, RECORD_HANDSHAKE, 250);
    say_record(scene, SERVER, RECORD_HANDSHAKE, 9000);
    say_record(scene, CLIENT, RECORD_HANDSHAKE, 2000);
    say_record(scene, CLIENT, RECORD_CHANGE, 25);
    say_record(scene, CLIENT, RECORD_HANDSHAKE, 40);
    say_record(scene, SERVER, RECORD_CHANGE, 25);
    say_record(scene, SERVER, RECORD_HANDSHAKE, 40);
}

static void expect_renegotiation(const struct scene *scene)
{
    const struct cas_handshake_event *event = &scene->event;
    ck_assert_uint_eq(scene->handshakes, 2);
    ck_assert(event->tls.is_renegotiation);
    ck_assert_str_eq(scene->sni, "host.example");
    ck_assert_str_eq(event->tls.version, "TLS 1.2");
    ck_assert_int_eq(scene->diagnosis, CAS_DIAGNOSIS_REQUEST_HIDDEN_RENEGOTIATION);
    ck_assert_uint_eq(event->head.src.port, 50000);
    ck_assert_uint_eq(event->head.dest.port, 443);
}

START_TEST(one_behind_a_megabyte_is_told_when_it_ends)
{
    struct scene scene;
    open_scene(&scene);
    say_bulk(&scene, 70); /* a megabyte */
    pass(&scene, 600 * SECOND);
    ck_assert_uint_eq(scene.handshakes, 1);
    uint64_t begun_us = scene.now_us;
    renegotiate(&scene);
    expect_renegotiation(&scene);
    ck_assert_uint_eq(scene.event.head.timestamp_us, begun_us);
    ck_assert_uint_eq(counted(&scene, CAS_COUNT_SYNC_LOST), 0);
    close_scene(&scene, 1);
}
END_TEST

/* Ethernet, IPv4 and TCP: 54 bytes; headers of record and message: 9; then the hello. */
START_TEST(behind_a_hello_that_was_cut_it_has_no_version_and_no_cipher_either)
{
    struct scene scene;
    begin_scene_cut(&scene, 54 + 9 + 2 + 10);
    say_record(&scene, CLIENT, RECORD_DATA, 300);
    say_record(&scene, SERVER, RECORD_DATA, 16384);
    ck_assert_uint_eq(scene.handshakes, 1);
    ck_assert_ptr_null(scene.event.tls.version);
    ck_assert_ptr_null(scene.event.tls.cipher);
    ck_assert_int_eq(scene.event.client_auth.requested, CAS_REQUESTED_NO);
    renegotiate(&scene);
    ck_assert(scene.event.tls.is_renegotiation);
    ck_assert_ptr_null(scene.event.tls.version);
    ck_assert_ptr_null(scene.event.tls.cipher);
    close_scene(&scene, 1);
}
END_TEST

START_TEST(loss_before_it_is_counted_and_survived)
{
    struct scene scene;
    open_scene(&scene);
    for (unsigned i = 0; i < 4; i++) {
        struct cas_buf records = tls_buf();
        tls_opaque(&records, RECORD_DATA, 16408);
        send(&scene, SERVER, &records);
        miss(&scene);
        say_bulk(&scene, 5);
    }
    ck_assert_uint_eq(counted(&scene, CAS_COUNT_SYNC_LOST), 4);
    ck_assert_uint_eq(counted(&scene, CAS_COUNT_SYNC_FOUND), 4);
    renegotiate(&scene);
    expect_renegotiation(&scene);
    close_scene(&scene, 1);
}
END_TEST

START_TEST(segments_of_it_in_another_order_show_it_too)
{
    struct scene scene;
    open_scene(&scene);
    size_t begun = scene.frames.len;
    struct cas_buf records = tls_buf();
    for (unsigned i = 0; i < 8; i++) {
        tls_opaque(&records, RECORD_DATA, 2000);
    }
    tls_opaque(&records, RECORD_HANDSHAKE, 9000);
    send(&scene, SERVER, &records);
    struct cas_frame frame = scene.frames.frame[begun];
    scene.frames.frame[begun] = scene.frames.frame[begun + 6];
    scene.frames.frame[begun + 6] = frame;
    hear(&scene);
    say_record(&scene, CLIENT, RECORD_HANDSHAKE, 250);
    cas_sniffer_finish(scene.sniffer);
    expect_renegotiation(&scene);
    cas_sniffer_destroy(scene.sniffer);
    frames_free(&scene.frames);
}
END_TEST

/* A person chooses a certificate, and leaves. */
START_TEST(one_that_stands_still_is_told_after_a_minute)
{
    struct scene scene;
    open_scene(&scene);
    say_record(&scene, SERVER, RECORD_HANDSHAKE, 28);
    pass(&scene, 100 * SECOND);
    ck_assert_uint_eq(scene.handshakes, 1); /* it may be refused */
    say_record(&scene, CLIENT, RECORD_HANDSHAKE, 250);
    say_record(&scene, SERVER, RECORD_HANDSHAKE, 9000);
    pass(&scene, 58 * SECOND);
    ck_assert_uint_eq(scene.handshakes, 1);
    pass(&scene, 4 * SECOND);
    expect_renegotiation(&scene);
    close_scene(&scene, 1);
}
END_TEST

START_TEST(one_that_is_broken_off_is_told_at_the_end)
{
    struct scene scene;
    open_scene(&scene);
    say_record(&scene, SERVER, RECORD_HANDSHAKE, 28);
    say_record(&scene, CLIENT, RECORD_HANDSHAKE, 250);
    say_record(&scene, SERVER, RECORD_HANDSHAKE, 9000);
    say_record(&scene, CLIENT, RECORD_ALERT, 26);
    talk_close(&scene.talk);
    hear(&scene);
    pass(&scene, 62 * SECOND);
    expect_renegotiation(&scene);
    close_scene(&scene, 1);
}
END_TEST

START_TEST(one_that_is_refused_is_none)
{
    struct scene scene;
    open_scene(&scene);
    say_record(&scene, CLIENT, RECORD_HANDSHAKE, 250);
    say_record(&scene, SERVER, RECORD_ALERT, 26); /* no_renegotiation */
    say_bulk(&scene, 3);
    say_record(&scene, SERVER, RECORD_HANDSHAKE, 28);
    say_record(&scene, CLIENT, RECORD_ALERT, 26);
    say_bulk(&scene, 3);
    close_scene(&scene, 0);
}
END_TEST

/* Server's packets alone, as when the other direction takes another way from then on. */
START_TEST(one_side_alone_shows_it_by_its_end)
{
    struct scene scene;
    open_scene(&scene);
    say_record(&scene, SERVER, RECORD_HANDSHAKE, 28);
    say_record(&scene, SERVER, RECORD_HANDSHAKE, 9000);
    say_record(&scene, SERVER, RECORD_CHANGE, 25);
    say_record(&scene, SERVER, RECORD_HANDSHAKE, 40);
    pass(&scene, 62 * SECOND);
    expect_renegotiation(&scene);
    close_scene(&scene, 1);
}
END_TEST

/* A large upload, to which the server says nothing at first. */
START_TEST(one_behind_an_upload_is_told)
{
    struct scene scene;
    begin_scene(&scene);
    for (unsigned i = 0; i < 20; i++) {
        say_record(&scene, CLIENT, RECORD_DATA, 16408);
    }
    ck_assert_uint_eq(scene.handshakes, 1);
    ck_assert_int_eq(scene.event.client_auth.requested, CAS_REQUESTED_NO);
    ck_assert_uint_eq(counted(&scene, CAS_COUNT_FLOWS_WATCHED), 1);
    renegotiate(&scene);
    expect_renegotiation(&scene);
    close_scene(&scene, 1);
}
END_TEST

START_TEST(a_forged_handshake_with_a_bad_checksum_is_none)
{
    struct scene scene;
    open_scene(&scene);
    const struct talk before = scene.talk;
    scene.talk.spec.sum = FRAME_SUM_BAD;
    renegotiate(&scene);
    scene.talk = before;
    say_bulk(&scene, 3);
    say_record(&scene, CLIENT, RECORD_DATA, 300);
    close_scene(&scene, 0);
}
END_TEST

START_TEST(a_new_connection_of_that_port_is_another)
{
    struct scene scene;
    open_scene(&scene);
    scene.talk.seq[0] = 7000;
    scene.talk.seq[1] = 8000;
    talk_handshake(&scene.talk);
    hear(&scene);
    say_record(&scene, SERVER, RECORD_HANDSHAKE, 28);
    say_record(&scene, CLIENT, RECORD_HANDSHAKE, 250);
    cas_sniffer_finish(scene.sniffer);
    ck_assert_uint_eq(counted(&scene, CAS_COUNT_RENEGOTIATIONS), 0);
    cas_sniffer_destroy(scene.sniffer);
    frames_free(&scene.frames);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("following");
    TCase *tcase = tcase_create("following");
    tcase_add_test(tcase, one_behind_a_megabyte_is_told_when_it_ends);
    tcase_add_test(tcase, behind_a_hello_that_was_cut_it_has_no_version_and_no_cipher_either);
    tcase_add_test(tcase, loss_before_it_is_counted_and_survived);
    tcase_add_test(tcase, segments_of_it_in_another_order_show_it_too);
    tcase_add_test(tcase, one_that_stands_still_is_told_after_a_minute);
    tcase_add_test(tcase, one_that_is_broken_off_is_told_at_the_end);
    tcase_add_test(tcase, one_that_is_refused_is_none);
    tcase_add_test(tcase, one_side_alone_shows_it_by_its_end);
    tcase_add_test(tcase, one_behind_an_upload_is_told);
    tcase_add_test(tcase, a_forged_handshake_with_a_bad_checksum_is_none);
    tcase_add_test(tcase, a_new_connection_of_that_port_is_another);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
