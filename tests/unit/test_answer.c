/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is told of a client's answer to a request in the clear, from the frames to the event:
 * where its messages are in order, and where they are not (RFC 5246, 7.3).
 */
#include <stdio.h>
#include <string.h>

#include <casniff/sniffer.h>

#include "support/cert_text.h"
#include "support/frames.h"
#include "support/support.h"
#include "support/tls_records.h"

#define SEGMENT_MAX 1460

/* One TLS 1.2 connection, and what was told of it. */
struct scene {
    struct frames frames;
    struct talk talk;
    unsigned handshakes;
    unsigned anomalies;
    enum cas_requested requested;
    enum cas_answer answer;
    enum cas_seen seen; /* of the list; of a connection that has one */
    bool has_list;
    bool is_resumed;
    size_t client_certs;
    bool client_certs_incomplete;
    bool server_certs_incomplete;
    char diagnosis[200]; /* "EXPIRED:warning OK:info" */
};

static void on_handshake(void *user, const struct cas_handshake_event *event)
{
    struct scene *scene = user;
    const struct cas_client_auth_info *auth = &event->client_auth;
    size_t at = 0;

    scene->handshakes++;
    scene->requested = auth->requested;
    scene->answer = auth->answer;
    scene->has_list = event->ca_list != NULL;
    scene->is_resumed = event->tls.resumed;
    scene->seen = event->ca_list != NULL ? event->ca_list->seen : CAS_SEEN_COMPLETE;
    scene->client_certs = event->tls.client_certs_len;
    scene->client_certs_incomplete = event->tls.client_certs_incomplete;
    scene->server_certs_incomplete = event->tls.server_certs_incomplete;
    for (size_t i = 0; i < auth->diagnosis_len; i++) {
        at += (size_t)snprintf(scene->diagnosis + at, sizeof(scene->diagnosis) - at, "%s%s:%s",
                               i > 0 ? " " : "", cas_diagnosis_name(auth->diagnosis[i].code),
                               cas_severity_name(auth->diagnosis[i].severity));
    }
}

static void on_anomaly(void *user, const struct cas_anomaly_event *event)
{
    struct scene *scene = user;
    (void)event;
    scene->anomalies++;
}

/* A Certificate message of one certificate, which has expired. */
static void append_certificate(struct cas_buf *out)
{
    struct cas_view der = cert_copy(
        &(struct cert_parts){ .validity = "30{17'200101000000Z' 17'210101000000Z'}" });
    tls_u8(out, 11);
    size_t message = tls_open(out, 3);
    size_t list = tls_open(out, 3);
    size_t certificate = tls_open(out, 3);
    tls_bytes(out, der);
    tls_close(out, 3, certificate);
    tls_close(out, 3, list);
    tls_close(out, 3, message);
    exact_free(der);
}

/* One character a message, each in a record of its own. */
static void append(struct cas_buf *out, char kind)
{
    struct cas_buf message = tls_buf();
    switch (kind) {
    case 'h': /* ClientHello */
        tls_client_hello(&message, "host.example");
        break;
    case 'H': /* ServerHello */
        tls_server_hello(&message, 0x0303);
        break;
    case 'C': /* Certificate */
        append_certificate(&message);
        break;
    case 'c': /* an empty one */
        tls_certificate(&message, 0, 0);
        break;
    case 'A': /* CertificateRequest */
        tls_cert_request(&message, 3, 40);
        break;
    case 'D': /* ServerHelloDone */
        tls_message(&message, 14, 0);
        break;
    case 'u': /* CertificateURL */
        tls_message(&message, 21, 90);
        break;
    case 'k': /* ClientKeyExchange */
        tls_message(&message, 16, 66);
        break;
    default:
        ck_abort_msg("no message: %c", kind);
    }
    tls_record(out, 22, 0x0303, cas_buf_view(&message));
    cas_buf_finish(&message);
}

static void say(struct scene *scene, unsigned from, const char *kinds)
{
    struct cas_buf records = tls_buf();
    for (size_t i = 0; kinds[i] != '\0'; i++) {
        append(&records, kinds[i]);
    }
    talk_send(&scene->talk, from, cas_buf_view(&records), SEGMENT_MAX);
    cas_buf_finish(&records);
}

/* The last len bytes that this end has sent, again, as others. */
static void say_again(struct scene *scene, unsigned from, size_t len)
{
    struct cas_buf other = tls_buf();
    tls_fill(&other, 0xa5, len);
    scene->talk.seq[from] -= (uint32_t)len;
    talk_send(&scene->talk, from, cas_buf_view(&other), SEGMENT_MAX);
    cas_buf_finish(&other);
}

/* ChangeCipherSpec, Finished, and data. */
static void finish(struct scene *scene, unsigned from)
{
    struct cas_buf records = tls_buf();
    tls_change_cipher_spec(&records);
    tls_opaque(&records, 22, 40);
    tls_opaque(&records, 23, 60);
    talk_send(&scene->talk, from, cas_buf_view(&records), SEGMENT_MAX);
    cas_buf_finish(&records);
}

static void begin(struct scene *scene)
{
    *scene = (struct scene){ 0 };
    scene->talk = talk_init(&scene->frames);
    talk_handshake(&scene->talk);
    say(scene, 0, "h");
}

static void tell(struct scene *scene)
{
    struct cas_sniffer_config config = cas_sniffer_defaults();
    config.sink =
        (struct cas_sink){ .user = scene, .handshake = on_handshake, .anomaly = on_anomaly };
    struct cas_sniffer *sniffer = cas_sniffer_create(&config);
    ck_assert_ptr_nonnull(sniffer);
    talk_close(&scene->talk);
    for (size_t i = 0; i < scene->frames.len; i++) {
        cas_sniffer_push(sniffer, &scene->frames.frame[i]);
    }
    cas_sniffer_finish(sniffer);
    cas_sniffer_destroy(sniffer);
    frames_free(&scene->frames);
    ck_assert_uint_eq(scene->handshakes, 1);
}

/* Both flights, and what ends the handshake. */
static void run(struct scene *scene, const char *server, const char *client)
{
    begin(scene);
    say(scene, 1, server);
    say(scene, 0, client);
    finish(scene, 0);
    finish(scene, 1);
    tell(scene);
}

START_TEST(an_answer_in_order_is_told_with_its_faults)
{
    struct scene scene;
    run(&scene, "HCAD", "Ck");
    ck_assert_uint_eq(scene.anomalies, 0);
    ck_assert_int_eq(scene.seen, CAS_SEEN_COMPLETE);
    ck_assert_int_eq(scene.answer, CAS_ANSWER_CERTIFICATE);
    ck_assert_uint_eq(scene.client_certs, 1);
    ck_assert(!scene.client_certs_incomplete);
    ck_assert(!scene.server_certs_incomplete);
    ck_assert_ptr_nonnull(strstr(scene.diagnosis, "EXPIRED:warning"));
    run(&scene, "HCAD", "ck");
    ck_assert_int_eq(scene.answer, CAS_ANSWER_EMPTY);
    ck_assert_str_eq(scene.diagnosis, "CLIENT_SENT_NONE:warning");
}
END_TEST

START_TEST(a_request_in_front_of_the_hello_is_in_doubt)
{
    static const char *const servers[] = { "AHCD", "CAHCD" };
    for (size_t i = 0; i < 2; i++) {
        struct scene scene;
        run(&scene, servers[i], "k");
        ck_assert_uint_eq(scene.anomalies, 1);
        ck_assert_int_eq(scene.requested, CAS_REQUESTED_YES);
        ck_assert(scene.has_list);
        ck_assert_int_eq(scene.seen, CAS_SEEN_AMBIGUOUS);
    }
}
END_TEST

/* Which of them is the client's is not known. */
START_TEST(of_two_certificate_messages_neither_is_held_against_the_client)
{
    static const char *const clients[] = { "CCk", "Cck", "cCk", "CkC" };
    for (size_t i = 0; i < 4; i++) {
        struct scene scene;
        run(&scene, "HCAD", clients[i]);
        ck_assert_uint_eq(scene.anomalies, 1);
        ck_assert(scene.client_certs_incomplete);
        ck_assert(!scene.server_certs_incomplete);
        ck_assert_str_eq(scene.diagnosis, "");
    }
}
END_TEST

/* A doubt comes when the chain was told long ago. */
START_TEST(a_chain_whose_bytes_come_again_and_differ_is_in_doubt)
{
    for (unsigned end = 0; end < 2; end++) {
        struct scene scene;
        begin(&scene);
        say(&scene, 1, "HCAD");
        say(&scene, 0, "C");
        say_again(&scene, end, 20);
        say(&scene, 0, "k");
        finish(&scene, 0);
        finish(&scene, 1);
        tell(&scene);
        ck_assert_uint_eq(scene.anomalies, 1);
        ck_assert_uint_eq(scene.client_certs, 1);
        ck_assert(scene.client_certs_incomplete == (end == 0));
        ck_assert(scene.server_certs_incomplete == (end == 1));
        ck_assert_int_eq(scene.seen, end == 0 ? CAS_SEEN_COMPLETE : CAS_SEEN_AMBIGUOUS);
        ck_assert_str_eq(scene.diagnosis, end == 0 ? "" : "EXPIRED:warning");
    }
}
END_TEST

/* RFC 5246, 7.4.6: it must send one, if only an empty one. */
START_TEST(an_answer_that_is_skipped_is_told)
{
    struct scene scene;
    run(&scene, "HCAD", "k");
    ck_assert_uint_eq(scene.anomalies, 0);
    ck_assert_int_eq(scene.requested, CAS_REQUESTED_YES);
    ck_assert_int_eq(scene.seen, CAS_SEEN_COMPLETE);
    ck_assert_int_eq(scene.answer, CAS_ANSWER_NONE);
    ck_assert_str_eq(scene.diagnosis, "CLIENT_SKIPPED_ANSWER:warning");
}
END_TEST

START_TEST(an_answer_that_is_skipped_and_refused_is_an_error)
{
    struct scene scene;
    struct cas_buf alert = tls_buf();
    begin(&scene);
    say(&scene, 1, "HCAD");
    say(&scene, 0, "k");
    tls_alert(&alert, 2, 10); /* unexpected_message */
    talk_send(&scene.talk, 1, cas_buf_view(&alert), SEGMENT_MAX);
    cas_buf_finish(&alert);
    tell(&scene);
    ck_assert_str_eq(scene.diagnosis, "CLIENT_SKIPPED_ANSWER:error REJECTED_BY_ALERT:error");
}
END_TEST

/* Nothing was asked; or nobody knows who has asked, for the client would have refused it. */
START_TEST(what_was_not_asked_for_is_not_skipped)
{
    static const char *const servers[] = { "HCD", "AHCD", "HCDA" };
    for (size_t i = 0; i < 3; i++) {
        struct scene scene;
        run(&scene, servers[i], "k");
        ck_assert_int_eq(scene.answer, CAS_ANSWER_NONE);
        ck_assert_str_eq(scene.diagnosis, i == 0 ? "NO_REQUEST:info" : "");
    }
}
END_TEST

/* RFC 5246, 7.4.4: the server asks. Who shows a request there may have hidden the server's. */
START_TEST(a_request_of_the_client_s_leaves_open_whether_the_server_asked)
{
    static const char *const clients[] = { "Ack", "ACk", "Ak" };
    for (size_t i = 0; i < 3; i++) {
        struct scene scene;
        run(&scene, "HCD", clients[i]);
        ck_assert_uint_eq(scene.anomalies, 1);
        ck_assert_int_eq(scene.requested, CAS_REQUESTED_UNSEEN);
        ck_assert(!scene.has_list);
        ck_assert_str_eq(scene.diagnosis, "");
    }
}
END_TEST

/* RFC 6066, 5: the certificate is elsewhere. It has the place of a Certificate message. */
START_TEST(a_url_in_place_of_a_certificate_is_no_skipped_answer)
{
    static const char *const clients[] = { "uk", "ku" };
    for (unsigned i = 0; i < 2; i++) {
        struct scene scene;
        run(&scene, "HCAD", clients[i]);
        ck_assert_uint_eq(scene.anomalies, i);
        ck_assert_int_eq(scene.requested, CAS_REQUESTED_YES);
        ck_assert_int_eq(scene.answer, i == 0 ? CAS_ANSWER_UNSEEN : CAS_ANSWER_NONE);
        ck_assert_str_eq(scene.diagnosis, "");
    }
}
END_TEST

/* RFC 5246, 7.3: no ServerHelloDone; the answer has no place behind that. */
START_TEST(an_abbreviated_handshake_with_a_request_is_not_resumed)
{
    struct scene scene;
    run(&scene, "HA", "");
    ck_assert_int_eq(scene.requested, CAS_REQUESTED_YES);
    ck_assert(scene.has_list && !scene.is_resumed);
    ck_assert_str_eq(scene.diagnosis, "");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("answer");
    TCase *tcase = tcase_create("answer");
    tcase_add_test(tcase, an_answer_in_order_is_told_with_its_faults);
    tcase_add_test(tcase, a_request_in_front_of_the_hello_is_in_doubt);
    tcase_add_test(tcase, of_two_certificate_messages_neither_is_held_against_the_client);
    tcase_add_test(tcase, a_chain_whose_bytes_come_again_and_differ_is_in_doubt);
    tcase_add_test(tcase, an_answer_that_is_skipped_is_told);
    tcase_add_test(tcase, an_answer_that_is_skipped_and_refused_is_an_error);
    tcase_add_test(tcase, what_was_not_asked_for_is_not_skipped);
    tcase_add_test(tcase, a_request_of_the_client_s_leaves_open_whether_the_server_asked);
    tcase_add_test(tcase, a_url_in_place_of_a_certificate_is_no_skipped_answer);
    tcase_add_test(tcase, an_abbreviated_handshake_with_a_request_is_not_resumed);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
