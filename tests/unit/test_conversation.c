/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "support/support.h"
#include "support/tls_recorder.h"
#include "support/tls_records.h"

#define CLIENT 0u
#define SERVER 1u

static const struct tls_flight_options usual = { 16384, 3, 40 };

struct flights {
    struct cas_buf client;
    struct cas_buf server;
};

static struct flights build(const struct tls_flight_options *options)
{
    struct flights flights = { tls_buf(), tls_buf() };
    tls_client_flight(&flights.client, options);
    tls_server_flight(&flights.server, options);
    return flights;
}

static void flights_finish(struct flights *flights)
{
    cas_buf_finish(&flights->client);
    cas_buf_finish(&flights->server);
}

static void expect_same(const struct tls_recorder *got, const struct tls_recorder *wanted)
{
    ck_assert_uint_eq(got->num_done, wanted->num_done);
    ck_assert_uint_eq(got->text.len, wanted->text.len);
    ck_assert(cas_view_equal(cas_buf_view(&got->text), cas_buf_view(&wanted->text)));
    ck_assert_msg(
        cas_view_equal(cas_buf_view(&got->facts_text), cas_buf_view(&wanted->facts_text)),
        "%.*s\nwanted\n%.*s", (int)got->facts_text.len, (const char *)got->facts_text.data,
        (int)wanted->facts_text.len, (const char *)wanted->facts_text.data);
}

static void run(struct tls_recorder *recorder, const struct flights *flights)
{
    tls_recorder_init(recorder, false);
    tls_recorder_bytes(recorder, CLIENT, cas_buf_view(&flights->client));
    tls_recorder_bytes(recorder, SERVER, cas_buf_view(&flights->server));
    tls_recorder_close(recorder, CAS_REASON_CAPTURE_END);
}

/* One direction alone, as the server's half of a mirror port. */
static void run_one(struct tls_recorder *recorder, unsigned end, struct cas_view bytes)
{
    tls_recorder_init(recorder, false);
    tls_recorder_bytes(recorder, end, bytes);
    tls_recorder_close(recorder, CAS_REASON_CAPTURE_END);
}

START_TEST(a_handshake_of_tls12_gives_its_facts)
{
    struct flights flights = build(&usual);
    struct tls_recorder recorder;
    run(&recorder, &flights);
    const struct cas_conversation_facts *facts = tls_recorder_facts(&recorder);

    ck_assert_uint_eq(recorder.num_done, 1);
    ck_assert_uint_eq(recorder.num_requests, 1);
    ck_assert_uint_eq(recorder.num_certificates, 2);
    ck_assert(recorder.any_whole_request);
    ck_assert_uint_eq(recorder.last_request.list_declared_len, 3 * (2 + 40));
    ck_assert_uint_eq(recorder.last_request.trailing_len, 0);
    ck_assert_uint_eq(recorder.last_request.sight.records, 1);
    ck_assert_int_eq(facts->client_end, 0);
    ck_assert(!facts->is_after_plaintext);
    ck_assert(facts->client_hello.is_whole);
    ck_assert_str_eq(facts->client_hello.sni, "host.example");
    ck_assert_uint_eq(facts->client_hello.alpn_len, 1);
    ck_assert_str_eq(facts->client_hello.alpn[0], "h2");
    ck_assert_uint_eq(facts->server_hello.version, 0x0303);
    ck_assert_uint_eq(facts->server_hello.cipher, 0xc02f);
    ck_assert_uint_eq(facts->server_hello.session_id_len, 4);
    ck_assert(facts->server.has_hello_done && facts->server.has_key_exchange);
    ck_assert(facts->client.has_key_exchange && !facts->client.has_certificate_verify);
    ck_assert(facts->client.has_change_cipher_spec && facts->server.has_change_cipher_spec);
    ck_assert_uint_eq(facts->client.encrypted_handshakes, 1);
    ck_assert_uint_eq(facts->server.encrypted_handshakes, 1);
    ck_assert(facts->client.has_application_data && facts->server.has_application_data);
    ck_assert_uint_eq(facts->client.reasons | facts->server.reasons, 0);
    ck_assert_uint_eq(recorder.counters.value[CAS_COUNT_TLS_CONNECTIONS], 1);
    ck_assert_uint_eq(recorder.counters.value[CAS_COUNT_CERT_REQUESTS], 1);
    ck_assert_uint_eq(recorder.counters.value[CAS_COUNT_TLS_MALFORMED], 0);
    ck_assert_uint_eq(recorder.counters.value[CAS_COUNT_RENEGOTIATIONS], 0);
    tls_recorder_finish(&recorder);
    flights_finish(&flights);
}
END_TEST

START_TEST(nothing_more_is_wanted_after_both_sides_first_application_data)
{
    struct flights flights = build(&usual);
    struct tls_recorder recorder;
    tls_recorder_init(&recorder, false);
    tls_recorder_bytes(&recorder, CLIENT, cas_buf_view(&flights.client));
    ck_assert_int_eq(recorder.want[CLIENT], CAS_WANT_NOTHING);
    ck_assert_uint_eq(recorder.num_done, 0);
    tls_recorder_bytes(&recorder, SERVER, cas_buf_view(&flights.server));
    ck_assert_int_eq(recorder.want[SERVER], CAS_WANT_NOTHING);
    ck_assert_uint_eq(recorder.num_done, 1);
    cas_conversation_close(recorder.conversation, NULL, CAS_REASON_CLOSED);
    ck_assert_uint_eq(recorder.num_done, 1);
    tls_recorder_finish(&recorder);
    flights_finish(&flights);
}
END_TEST

/* Records from one byte to more than everything. */
static const size_t record_lens[] = { 1, 2, 3, 4, 5, 7, 41, 300, 1000, 16384 };

START_TEST(facts_do_not_depend_on_pieces_or_on_which_side_came_first)
{
    struct tls_flight_options options = usual;
    options.record_len = record_lens[_i];
    struct flights flights = build(&options);
    struct tls_recorder wanted;
    run(&wanted, &flights);
    ck_assert(wanted.any_whole_request);

    for (size_t piece = 1; piece < 60; piece += piece < 12 ? 1 : 13) {
        struct tls_recorder recorder;
        tls_recorder_init(&recorder, false);
        tls_recorder_pieces(&recorder, SERVER, cas_buf_view(&flights.server), piece);
        tls_recorder_pieces(&recorder, CLIENT, cas_buf_view(&flights.client), piece);
        tls_recorder_close(&recorder, CAS_REASON_CAPTURE_END);
        expect_same(&recorder, &wanted);
        tls_recorder_finish(&recorder);
    }
    tls_recorder_finish(&wanted);
    flights_finish(&flights);
}
END_TEST

/* A small generator of our own, so that a failure comes again. */
static uint32_t next_random(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 8;
}

START_TEST(facts_do_not_depend_on_how_the_sides_alternate)
{
    struct flights flights = build(&usual);
    struct tls_recorder wanted;
    run(&wanted, &flights);
    uint32_t state = (uint32_t)_i + 1;
    struct cas_view left[2] = { cas_buf_view(&flights.client), cas_buf_view(&flights.server) };
    struct tls_recorder recorder;

    tls_recorder_init(&recorder, false);
    while (left[0].len + left[1].len > 0) {
        unsigned end = next_random(&state) & 1;
        size_t len = 1 + next_random(&state) % 200;
        struct cas_view piece = cas_view_part(left[end], 0, len);
        tls_recorder_bytes(&recorder, end, piece);
        left[end] = cas_view_part(left[end], piece.len, left[end].len);
    }
    tls_recorder_close(&recorder, CAS_REASON_CAPTURE_END);
    expect_same(&recorder, &wanted);
    tls_recorder_finish(&recorder);
    tls_recorder_finish(&wanted);
    flights_finish(&flights);
}
END_TEST

START_TEST(a_stream_that_ends_anywhere_never_gives_a_false_whole)
{
    struct flights flights = build(&usual);
    struct tls_recorder whole;
    run_one(&whole, SERVER, cas_buf_view(&flights.server));
    struct cas_buf request_end = tls_buf();
    tls_cert_request(&request_end, 3, 40);

    for (size_t len = 0; len < flights.server.len; len++) {
        struct tls_recorder recorder;
        run_one(&recorder, SERVER, cas_view_part(cas_buf_view(&flights.server), 0, len));
        if (recorder.any_whole_request) {
            /* everything of it has come: what it says is what the whole stream says */
            ck_assert_uint_eq(recorder.last_request.list.len, whole.last_request.list.len);
            ck_assert_uint_eq(recorder.last_request.sight.declared_len, request_end.len - 4);
        }
        const struct cas_conversation_facts *facts = tls_recorder_facts(&recorder);
        ck_assert(!recorder.any_whole_request || facts->server.cert_requests == 1);
        ck_assert(facts->server.lost_framing == false);
        tls_recorder_finish(&recorder);
    }
    cas_buf_finish(&request_end);
    tls_recorder_finish(&whole);
    flights_finish(&flights);
}
END_TEST

/* One record a message, coalesced, and in pieces: hole lengths of 1, of a few, of a segment. */
static const struct {
    size_t record_len;
    size_t hole_len;
} holes[] = {
    { 16384, 1 }, { 16384, 7 }, { 16384, 150 }, { 97, 1 },
    { 97, 11 },   { 97, 150 },  { 1, 1 },       { 5, 3 },
};

START_TEST(a_request_with_a_missing_byte_is_never_whole)
{
    struct tls_flight_options options = usual;
    options.record_len = holes[_i].record_len;
    struct flights flights = build(&options);
    struct cas_view server = cas_buf_view(&flights.server);
    size_t hole_len = holes[_i].hole_len;
    struct tls_recorder wanted;
    run_one(&wanted, SERVER, server);
    size_t num_whole = 0;

    for (size_t at = 0; at + hole_len <= server.len; at++) {
        struct tls_recorder recorder;
        tls_recorder_init(&recorder, false);
        tls_recorder_bytes(&recorder, SERVER, cas_view_part(server, 0, at));
        tls_recorder_hole(&recorder, SERVER, hole_len, CAS_REASON_GAP);
        tls_recorder_bytes(&recorder, SERVER, cas_view_part(server, at + hole_len, server.len));
        tls_recorder_close(&recorder, CAS_REASON_CAPTURE_END);
        if (recorder.any_whole_request) {
            /* the hole was elsewhere: the request is the same as without it */
            ck_assert_uint_eq(recorder.last_request.list.len, wanted.last_request.list.len);
            ck_assert_uint_eq(recorder.last_request.list_declared_len, 3 * 42);
            num_whole++;
        }
        tls_recorder_finish(&recorder);
    }
    ck_assert_uint_gt(num_whole, 0);
    tls_recorder_finish(&wanted);
    flights_finish(&flights);
}
END_TEST

START_TEST(a_hole_in_a_body_does_not_lose_what_follows)
{
    /* every message in a record of its own; the hole is in the Certificate */
    struct cas_buf server = tls_buf();
    struct cas_buf message = tls_buf();
    tls_server_hello(&message, 0x0303);
    tls_record(&server, 22, 0x0303, cas_buf_view(&message));
    cas_buf_clear(&message);
    tls_certificate(&message, 1, 500);
    tls_record(&server, 22, 0x0303, cas_buf_view(&message));
    size_t hole_at = server.len - 200;
    cas_buf_clear(&message);
    tls_cert_request(&message, 4, 30);
    tls_record(&server, 22, 0x0303, cas_buf_view(&message));

    struct cas_view all = cas_buf_view(&server);
    struct tls_recorder recorder;
    tls_recorder_init(&recorder, false);
    tls_recorder_bytes(&recorder, SERVER, cas_view_part(all, 0, hole_at));
    tls_recorder_hole(&recorder, SERVER, 100, CAS_REASON_SNAPLEN);
    tls_recorder_bytes(&recorder, SERVER, cas_view_part(all, hole_at + 100, all.len));
    tls_recorder_close(&recorder, CAS_REASON_CAPTURE_END);
    const struct cas_conversation_facts *facts = tls_recorder_facts(&recorder);
    ck_assert(recorder.any_whole_request);
    ck_assert_uint_eq(facts->server.certificates, 1);
    ck_assert_uint_eq(facts->server.reasons, CAS_REASON_BIT(CAS_REASON_SNAPLEN));
    ck_assert(!facts->server.may_lack_messages);
    tls_recorder_finish(&recorder);
    cas_buf_finish(&message);
    cas_buf_finish(&server);
}
END_TEST

START_TEST(a_request_with_a_hole_tells_what_lies_before_it)
{
    struct tls_flight_options options = { 16384, 100, 60 };
    struct flights flights = build(&options);
    struct cas_view all = cas_buf_view(&flights.server);
    size_t at = all.len - 4000; /* inside the list */
    struct tls_recorder recorder;

    tls_recorder_init(&recorder, false);
    tls_recorder_bytes(&recorder, SERVER, cas_view_part(all, 0, at));
    tls_recorder_hole(&recorder, SERVER, 50, CAS_REASON_GAP);
    tls_recorder_bytes(&recorder, SERVER, cas_view_part(all, at + 50, all.len));
    tls_recorder_close(&recorder, CAS_REASON_CAPTURE_END);
    ck_assert_uint_eq(recorder.num_requests, 1);
    ck_assert_uint_eq(recorder.last_request.sight.reasons, CAS_REASON_BIT(CAS_REASON_GAP));
    ck_assert_uint_eq(recorder.last_request.list_declared_len, 6200);
    ck_assert_uint_eq(recorder.last_request.sight.declared_len, 3 + 6 + 2 + 6200);
    ck_assert_uint_lt(recorder.last_request.list.len, 6200);
    ck_assert_uint_gt(recorder.last_request.list.len, 1000);
    ck_assert(!recorder.last_request.is_malformed);
    ck_assert_uint_eq(recorder.last_request.trailing_len, 0);
    ck_assert(tls_recorder_facts(&recorder)->server.has_hello_done);
    tls_recorder_finish(&recorder);
    flights_finish(&flights);
}
END_TEST

START_TEST(a_hole_over_a_record_header_is_survived_at_the_next_sure_record)
{
    struct cas_buf server = tls_buf();
    struct cas_buf message = tls_buf();
    tls_server_hello(&message, 0x0303);
    tls_record(&server, 22, 0x0303, cas_buf_view(&message));
    size_t hole_at = server.len; /* the whole header of the Certificate's record */
    cas_buf_clear(&message);
    tls_certificate(&message, 1, 500);
    tls_record(&server, 22, 0x0303, cas_buf_view(&message));
    cas_buf_clear(&message);
    tls_cert_request(&message, 4, 30);
    tls_record(&server, 22, 0x0303, cas_buf_view(&message));
    tls_change_cipher_spec(&server);
    tls_opaque(&server, 22, 40);

    struct cas_view all = cas_buf_view(&server);
    struct tls_recorder recorder;
    tls_recorder_init(&recorder, false);
    tls_recorder_bytes(&recorder, SERVER, cas_view_part(all, 0, hole_at));
    tls_recorder_hole(&recorder, SERVER, 5, CAS_REASON_GAP);
    tls_recorder_bytes(&recorder, SERVER, cas_view_part(all, hole_at + 5, all.len));
    tls_recorder_close(&recorder, CAS_REASON_CAPTURE_END);
    const struct cas_conversation_facts *facts = tls_recorder_facts(&recorder);
    ck_assert_uint_eq(recorder.num_requests, 1);
    ck_assert(!recorder.any_whole_request); /* its beginning was guessed */
    ck_assert_uint_eq(recorder.last_request.list.len, 4 * 32);
    ck_assert(facts->server.may_lack_messages);
    ck_assert(!facts->server.lost_framing);
    ck_assert_uint_eq(facts->server.encrypted_handshakes, 1);
    tls_recorder_finish(&recorder);
    cas_buf_finish(&message);
    cas_buf_finish(&server);
}
END_TEST

START_TEST(a_hole_over_an_encrypted_header_loses_framing)
{
    struct cas_buf server = tls_buf();
    struct cas_buf message = tls_buf();
    tls_server_hello(&message, 0x0303);
    tls_record(&server, 22, 0x0303, cas_buf_view(&message));
    tls_change_cipher_spec(&server);
    struct tls_recorder recorder;
    tls_recorder_init(&recorder, false);
    tls_recorder_bytes(&recorder, SERVER, cas_buf_view(&server));
    tls_recorder_hole(&recorder, SERVER, 20, CAS_REASON_GAP);
    ck_assert_int_eq(recorder.want[SERVER], CAS_WANT_NOTHING);
    tls_recorder_close(&recorder, CAS_REASON_CAPTURE_END);
    ck_assert(tls_recorder_facts(&recorder)->server.lost_framing);
    tls_recorder_finish(&recorder);
    cas_buf_finish(&message);
    cas_buf_finish(&server);
}
END_TEST

START_TEST(the_server_s_side_alone_is_enough)
{
    struct flights flights = build(&usual);
    struct tls_recorder recorder;
    run_one(&recorder, CLIENT, cas_buf_view(&flights.server));
    const struct cas_conversation_facts *facts = tls_recorder_facts(&recorder);
    ck_assert(recorder.any_whole_request);
    ck_assert_int_eq(facts->client_end, 1); /* whoever sent the first packet */
    ck_assert(!facts->client.is_seen && facts->server.is_seen);
    ck_assert(!facts->client_hello.is_seen);
    tls_recorder_finish(&recorder);
    flights_finish(&flights);
}
END_TEST

START_TEST(doubt_about_a_byte_of_a_message_reaches_it_before_and_after_the_byte)
{
    struct flights flights = build(&usual);
    struct cas_view all = cas_buf_view(&flights.server);
    struct tls_recorder plain;
    run_one(&plain, SERVER, all);
    size_t list_len = plain.last_request.list.len;
    size_t at = all.len - 5 - 200 - 5 - 40 - 6 - 4 - list_len / 2; /* inside the list */

    for (int when = 0; when < 2; when++) {
        struct tls_recorder recorder;
        tls_recorder_init(&recorder, false);
        if (when == 0) {
            cas_conversation_doubt(recorder.conversation, NULL, SERVER, at, 1,
                                   CAS_REASON_OVERLAP);
        }
        tls_recorder_bytes(&recorder, SERVER, cas_view_part(all, 0, at + 1));
        if (when == 1) {
            cas_conversation_doubt(recorder.conversation, NULL, SERVER, at, 1,
                                   CAS_REASON_OVERLAP);
        }
        tls_recorder_bytes(&recorder, SERVER, cas_view_part(all, at + 1, all.len));
        tls_recorder_close(&recorder, CAS_REASON_CAPTURE_END);
        ck_assert_uint_eq(recorder.last_request.sight.reasons,
                          CAS_REASON_BIT(CAS_REASON_OVERLAP));
        ck_assert_uint_eq(recorder.last_request.list.len, list_len);
        ck_assert_uint_eq(recorder.num_anomalies, 0);
        tls_recorder_finish(&recorder);
    }
    tls_recorder_finish(&plain);
    flights_finish(&flights);
}
END_TEST

START_TEST(doubt_that_comes_after_a_message_was_told_is_kept_for_its_side)
{
    struct flights flights = build(&usual);
    struct cas_view all = cas_buf_view(&flights.server);
    struct tls_recorder recorder;
    tls_recorder_init(&recorder, false);
    tls_recorder_bytes(&recorder, SERVER, cas_view_part(all, 0, all.len - 205));
    ck_assert(recorder.any_whole_request);
    cas_conversation_doubt(recorder.conversation, NULL, SERVER, 900, 1, CAS_REASON_URGENT);
    tls_recorder_close(&recorder, CAS_REASON_CAPTURE_END);
    const struct cas_conversation_facts *facts = tls_recorder_facts(&recorder);
    ck_assert_uint_eq(facts->server.reasons, CAS_REASON_BIT(CAS_REASON_URGENT));
    ck_assert_uint_eq(recorder.num_anomalies, 1);
    tls_recorder_finish(&recorder);
    flights_finish(&flights);
}
END_TEST

START_TEST(doubt_elsewhere_leaves_a_message_alone)
{
    struct flights flights = build(&usual);
    struct tls_recorder recorder;
    tls_recorder_init(&recorder, false);
    /* a byte of the Certificate */
    cas_conversation_doubt(recorder.conversation, NULL, SERVER, 100, 1, CAS_REASON_OVERLAP);
    tls_recorder_bytes(&recorder, SERVER, cas_buf_view(&flights.server));
    tls_recorder_close(&recorder, CAS_REASON_CAPTURE_END);
    ck_assert(recorder.any_whole_request);
    tls_recorder_finish(&recorder);
    flights_finish(&flights);
}
END_TEST

START_TEST(tls13_ends_with_the_first_encrypted_records)
{
    struct flights flights = { tls_buf(), tls_buf() };
    struct cas_buf message = tls_buf();
    uint8_t random[32] = { 7 };
    tls_client_hello13(&message, "host.example");
    tls_record(&flights.client, 22, 0x0301, cas_buf_view(&message));
    tls_change_cipher_spec(&flights.client);
    tls_opaque(&flights.client, 23, 53);
    cas_buf_clear(&message);
    tls_server_hello13(&message, cas_view_of(random, 32));
    tls_record(&flights.server, 22, 0x0303, cas_buf_view(&message));
    tls_change_cipher_spec(&flights.server);
    tls_opaque(&flights.server, 23, 1200);
    struct tls_recorder recorder;
    run(&recorder, &flights);
    const struct cas_conversation_facts *facts = tls_recorder_facts(&recorder);
    ck_assert_uint_eq(recorder.num_done, 1);
    ck_assert_int_eq(recorder.want[0], CAS_WANT_NOTHING);
    ck_assert_int_eq(recorder.want[1], CAS_WANT_NOTHING);
    ck_assert_uint_eq(facts->client_hello.version_max, 0x0304);
    ck_assert_uint_eq(facts->server_hello.version, 0x0304);
    ck_assert_uint_eq(facts->server_hello.cipher, 0x1301);
    ck_assert(!facts->server_hello.is_retry);
    ck_assert(facts->server.has_application_data && facts->client.has_application_data);
    ck_assert_uint_eq(recorder.counters.value[CAS_COUNT_TLS13_CONNECTIONS], 1);
    tls_recorder_finish(&recorder);
    cas_buf_finish(&message);
    flights_finish(&flights);
}
END_TEST

START_TEST(a_retry_keeps_the_first_name_and_the_last_server_hello)
{
    struct flights flights = { tls_buf(), tls_buf() };
    struct cas_buf message = tls_buf();
    uint8_t random[32] = { 7 };
    tls_client_hello13(&message, "first.example");
    tls_record(&flights.client, 22, 0x0301, cas_buf_view(&message));
    tls_change_cipher_spec(&flights.client);
    cas_buf_clear(&message);
    tls_client_hello13(&message, "second.example");
    tls_record(&flights.client, 22, 0x0303, cas_buf_view(&message));
    tls_opaque(&flights.client, 23, 53);
    cas_buf_clear(&message);
    tls_server_hello13(&message, cas_view_of(tls_retry_random, 32));
    tls_record(&flights.server, 22, 0x0303, cas_buf_view(&message));
    tls_change_cipher_spec(&flights.server);
    cas_buf_clear(&message);
    tls_server_hello13(&message, cas_view_of(random, 32));
    tls_record(&flights.server, 22, 0x0303, cas_buf_view(&message));
    tls_opaque(&flights.server, 23, 1200);
    struct tls_recorder recorder;
    run(&recorder, &flights);
    const struct cas_conversation_facts *facts = tls_recorder_facts(&recorder);
    ck_assert_str_eq(facts->client_hello.sni, "first.example");
    ck_assert(facts->server_hello.is_retry);
    ck_assert_uint_eq(facts->server_hello.version, 0x0304);
    ck_assert(!facts->client.has_encrypted_handshake);
    ck_assert(!facts->client.is_malformed && !facts->server.is_malformed);
    ck_assert_uint_eq(recorder.counters.value[CAS_COUNT_RENEGOTIATIONS], 0);
    tls_recorder_finish(&recorder);
    cas_buf_finish(&message);
    flights_finish(&flights);
}
END_TEST

START_TEST(handshakes_after_finished_are_a_renegotiation)
{
    struct flights flights = { tls_buf(), tls_buf() };
    tls_client_flight(&flights.client, &usual);
    tls_server_flight(&flights.server, &usual);
    cas_buf_cut(&flights.server, flights.server.len - 205); /* no data yet */
    tls_opaque(&flights.server, 22, 28);                    /* HelloRequest */
    tls_opaque(&flights.server, 22, 9000);                  /* ServerHello ... */
    tls_opaque(&flights.server, 23, 300);
    struct tls_recorder recorder;
    run(&recorder, &flights);
    const struct cas_conversation_facts *facts = tls_recorder_facts(&recorder);
    ck_assert_uint_eq(facts->server.encrypted_handshakes, 3);
    ck_assert_uint_eq(recorder.counters.value[CAS_COUNT_RENEGOTIATIONS], 1);
    ck_assert_uint_eq(recorder.num_done, 1);
    tls_recorder_finish(&recorder);
    flights_finish(&flights);
}
END_TEST

START_TEST(a_side_is_not_followed_forever_after_encryption_began)
{
    struct flights flights = build(&usual);
    struct tls_recorder recorder;
    struct cas_buf more = tls_buf();
    tls_opaque(&more, 22, 16000);
    tls_recorder_init(&recorder, false);
    tls_recorder_bytes(
        &recorder, SERVER,
        cas_view_part(cas_buf_view(&flights.server), 0, flights.server.len - 205));
    size_t num_records = 0;
    while (recorder.want[SERVER] == CAS_WANT_BYTES) {
        tls_recorder_bytes(&recorder, SERVER, cas_buf_view(&more));
        num_records++;
    }
    ck_assert_uint_le(num_records, 6);
    tls_recorder_close(&recorder, CAS_REASON_CAPTURE_END);
    cas_buf_finish(&more);
    tls_recorder_finish(&recorder);
    flights_finish(&flights);
}
END_TEST

START_TEST(alerts_in_the_clear_are_told_with_their_side)
{
    struct flights flights = build(&usual);
    cas_buf_cut(&flights.server, flights.server.len - 205 - 45 - 6);
    tls_alert(&flights.server, 2, 40);
    struct tls_recorder recorder;
    run(&recorder, &flights);
    const struct cas_conversation_facts *facts = tls_recorder_facts(&recorder);
    ck_assert_uint_eq(facts->alerts_len, 1);
    ck_assert_uint_eq(facts->alerts_count, 1);
    ck_assert(facts->alerts[0].from_server);
    ck_assert_uint_eq(facts->alerts[0].level, 2);
    ck_assert_uint_eq(facts->alerts[0].description, 40);
    ck_assert(!facts->server.has_encrypted_alert);
    tls_recorder_finish(&recorder);
    flights_finish(&flights);
}
END_TEST

START_TEST(an_encrypted_alert_is_only_noticed)
{
    struct flights flights = build(&usual);
    cas_buf_cut(&flights.server, flights.server.len - 205);
    tls_opaque(&flights.server, 21, 26);
    struct tls_recorder recorder;
    run(&recorder, &flights);
    const struct cas_conversation_facts *facts = tls_recorder_facts(&recorder);
    ck_assert(facts->server.has_encrypted_alert);
    ck_assert_uint_eq(facts->alerts_count, 0);
    tls_recorder_finish(&recorder);
    flights_finish(&flights);
}
END_TEST

/* ServerHello and half a message, then a record that must not come here. */
static struct cas_buf half_a_request(void)
{
    struct cas_buf messages = tls_buf();
    struct cas_buf server = tls_buf();
    tls_server_hello(&messages, 0x0303);
    tls_cert_request(&messages, 5, 50);
    tls_record(&server, 22, 0x0303,
               cas_view_part(cas_buf_view(&messages), 0, messages.len / 2));
    cas_buf_finish(&messages);
    return server;
}

START_TEST(another_record_inside_a_message_breaks_the_protocol)
{
    static const unsigned types[] = { 20, 21, 23 };
    struct cas_buf server = half_a_request();
    if (types[_i] == 20) {
        tls_change_cipher_spec(&server);
    } else if (types[_i] == 21) {
        tls_alert(&server, 2, 80);
    } else {
        tls_opaque(&server, 23, 100);
    }
    struct tls_recorder recorder;
    run_one(&recorder, SERVER, cas_buf_view(&server));
    const struct cas_conversation_facts *facts = tls_recorder_facts(&recorder);
    ck_assert_uint_eq(recorder.num_requests, 1);
    ck_assert(recorder.last_request.sight.is_broken);
    ck_assert(!recorder.any_whole_request);
    ck_assert(facts->server.is_malformed);
    ck_assert_uint_eq(facts->alerts_count, types[_i] == 21 ? 1 : 0);
    ck_assert_uint_eq(recorder.counters.value[CAS_COUNT_TLS_MALFORMED], 1);
    tls_recorder_finish(&recorder);
    cas_buf_finish(&server);
}
END_TEST

START_TEST(a_request_in_one_record_too_long_is_read_and_marked)
{
    struct cas_buf messages = tls_buf();
    struct cas_buf server = tls_buf();
    tls_server_hello(&messages, 0x0303);
    tls_record(&server, 22, 0x0303, cas_buf_view(&messages));
    cas_buf_clear(&messages);
    tls_cert_request(&messages, 400, 48); /* 20,000 bytes of list */
    tls_record(&server, 22, 0x0303, cas_buf_view(&messages));
    struct tls_recorder recorder;
    run_one(&recorder, SERVER, cas_buf_view(&server));
    ck_assert(recorder.any_whole_request);
    ck_assert_uint_eq(recorder.last_request.list.len, 20000);
    ck_assert(recorder.last_request.sight.is_record_too_long);
    ck_assert(recorder.last_request.sight.is_message_too_long_for_record);
    ck_assert_uint_eq(recorder.counters.value[CAS_COUNT_TLS_MALFORMED], 1);
    tls_recorder_finish(&recorder);
    cas_buf_finish(&messages);
    cas_buf_finish(&server);
}
END_TEST

START_TEST(the_longest_legal_request_is_read_over_nine_records)
{
    struct cas_buf messages = tls_buf();
    struct cas_buf server = tls_buf();
    tls_server_hello(&messages, 0x0303);
    tls_record(&server, 22, 0x0303, cas_buf_view(&messages));
    cas_buf_clear(&messages);
    tls_u8(&messages, 13);
    tls_u24(&messages, 131329);
    tls_u8(&messages, 255);
    tls_fill(&messages, 1, 255);
    tls_u16(&messages, 65534);
    tls_fill(&messages, 4, 65534);
    tls_u16(&messages, 65535);
    tls_fill(&messages, 0x30, 65535);
    tls_records(&server, 22, 0x0303, cas_buf_view(&messages), 16384);
    struct tls_recorder recorder;
    run_one(&recorder, SERVER, cas_buf_view(&server));
    ck_assert(recorder.any_whole_request);
    ck_assert_uint_eq(recorder.last_request.list.len, 65535);
    ck_assert_uint_eq(recorder.last_request.sight.records, 9);
    tls_recorder_finish(&recorder);
    cas_buf_finish(&messages);
    cas_buf_finish(&server);
}
END_TEST

START_TEST(a_claim_of_16_mib_costs_nothing)
{
    static const unsigned types[] = { 13, 11, 2, 99 };
    struct cas_buf server = tls_buf();
    struct cas_buf messages = tls_buf();
    tls_server_hello(&messages, 0x0303);
    tls_u8(&messages, types[_i]);
    tls_u24(&messages, 0xffffff);
    tls_fill(&messages, 1, 14000);
    tls_record(&server, 22, 0x0303, cas_buf_view(&messages));
    struct tls_recorder recorder;
    tls_recorder_init(&recorder, false);
    tls_recorder_bytes(&recorder, SERVER, cas_view_part(cas_buf_view(&server), 0, 200));
    size_t used = recorder.budget.used;
    tls_recorder_pieces(&recorder, SERVER,
                        cas_view_part(cas_buf_view(&server), 200, server.len), 1000);
    ck_assert_uint_eq(recorder.budget.used, used);
    tls_recorder_close(&recorder, CAS_REASON_CLOSED);
    ck_assert(!recorder.any_whole_request);
    if (types[_i] == 13) {
        ck_assert_uint_eq(recorder.last_request.sight.reasons,
                          CAS_REASON_BIT(CAS_REASON_CLOSED) |
                              CAS_REASON_BIT(CAS_REASON_MESSAGE_CAP));
        ck_assert_uint_eq(recorder.counters.value[CAS_COUNT_TLS_MESSAGES_CAPPED], 1);
    }
    tls_recorder_finish(&recorder);
    cas_buf_finish(&messages);
    cas_buf_finish(&server);
}
END_TEST

START_TEST(without_memory_no_request_is_whole)
{
    struct flights flights = build(&usual);
    struct tls_recorder recorder;

    for (size_t limit = 0; limit < 8000; limit += 50) {
        tls_recorder_init(&recorder, false);
        recorder.budget.limit = recorder.budget.used + limit;
        tls_recorder_pieces(&recorder, SERVER, cas_buf_view(&flights.server), 100);
        tls_recorder_pieces(&recorder, CLIENT, cas_buf_view(&flights.client), 100);
        tls_recorder_close(&recorder, CAS_REASON_CAPTURE_END);
        ck_assert_uint_eq(recorder.num_done, 1);
        if (recorder.any_whole_request) {
            ck_assert_uint_eq(recorder.last_request.list.len, 3 * 42);
        }
        tls_recorder_finish(&recorder);
    }
    flights_finish(&flights);
}
END_TEST

static const char *plaintext_starts[] = {
    "220 mail.example ESMTP\r\n250-mail\r\n250 STARTTLS\r\n220 ready\r\n",
    "* OK IMAP\r\na OK begin TLS\r\n",
    "S",
    "HTTP/1.1 200 Connection established\r\n\r\n",
    "<stream:stream><proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>",
    "\x16\x03\x16\x03\x01", /* looks like it begins, twice */
};

START_TEST(tls_is_found_after_a_plaintext_start)
{
    struct flights flights = build(&usual);
    struct cas_buf server = tls_buf();
    tls_text(&server, plaintext_starts[_i]);
    tls_bytes(&server, cas_buf_view(&flights.server));
    for (size_t piece = 1; piece < server.len * 2; piece = piece * 3 + 1) {
        struct tls_recorder recorder;
        tls_recorder_init(&recorder, false);
        tls_recorder_pieces(&recorder, SERVER, cas_buf_view(&server), piece);
        tls_recorder_close(&recorder, CAS_REASON_CAPTURE_END);
        ck_assert(recorder.any_whole_request);
        ck_assert(tls_recorder_facts(&recorder)->is_after_plaintext);
        tls_recorder_finish(&recorder);
    }
    cas_buf_finish(&server);
    flights_finish(&flights);
}
END_TEST

START_TEST(a_refusal_after_a_plaintext_start_counts_when_the_other_side_is_tls)
{
    struct flights flights = build(&usual);
    struct cas_buf server = tls_buf();
    tls_text(&server, "220 ready\r\n");
    tls_alert(&server, 2, 70);
    struct tls_recorder alone;
    run_one(&alone, SERVER, cas_buf_view(&server));
    ck_assert_uint_eq(alone.num_done, 0);
    ck_assert_uint_eq(alone.counters.value[CAS_COUNT_NOT_TLS], 1);
    struct flights both = { flights.client, server };
    struct tls_recorder recorder;
    run(&recorder, &both);
    const struct cas_conversation_facts *facts = tls_recorder_facts(&recorder);
    ck_assert_uint_eq(facts->alerts_count, 1);
    ck_assert(facts->alerts[0].from_server);
    ck_assert_uint_eq(facts->alerts[0].description, 70);
    tls_recorder_finish(&recorder);
    tls_recorder_finish(&alone);
    cas_buf_finish(&server);
    flights_finish(&flights);
}
END_TEST

START_TEST(what_is_not_tls_is_given_up_and_counted)
{
    struct cas_buf text = tls_buf();
    while (text.len < 70000) {
        tls_text(&text, "GET / HTTP/1.1\r\nHost: x\r\n\r\n\x16\x03\x03");
    }
    struct tls_recorder recorder;
    tls_recorder_init(&recorder, false);
    tls_recorder_pieces(&recorder, CLIENT, cas_buf_view(&text), 1460);
    ck_assert_int_eq(recorder.want[CLIENT], CAS_WANT_NOTHING);
    tls_recorder_pieces(&recorder, SERVER, cas_buf_view(&text), 1460);
    ck_assert_int_eq(recorder.want[SERVER], CAS_WANT_NOTHING);
    ck_assert_uint_eq(recorder.num_done, 0);
    ck_assert_uint_eq(recorder.counters.value[CAS_COUNT_NOT_TLS], 1);
    ck_assert(!tls_recorder_facts(&recorder)->is_tls);
    tls_recorder_finish(&recorder);
    cas_buf_finish(&text);
}
END_TEST

/* The server's side is captured from each of its bytes on. */
START_TEST(a_capture_that_begins_late_never_claims_more_than_it_saw)
{
    struct tls_flight_options options = usual;
    options.record_len = _i == 0 ? 16384 : 97;
    struct flights flights = build(&options);
    struct cas_view all = cas_buf_view(&flights.server);
    for (size_t from = 0; from < all.len; from++) {
        struct tls_recorder recorder;
        tls_recorder_init(&recorder, true);
        tls_recorder_bytes(&recorder, SERVER, cas_view_part(all, from, all.len));
        tls_recorder_close(&recorder, CAS_REASON_CAPTURE_END);
        const struct cas_conversation_facts *facts = tls_recorder_facts(&recorder);
        if (recorder.any_whole_request) {
            ck_assert_uint_eq(recorder.last_request.list_declared_len, 3 * 42);
            ck_assert_uint_eq(recorder.last_request.list.len, 3 * 42);
        }
        ck_assert(from == 0 || !facts->is_tls ||
                  (facts->server.reasons & CAS_REASON_BIT(CAS_REASON_MIDSTREAM)) != 0 ||
                  facts->client_end == -1);
        tls_recorder_finish(&recorder);
    }
    flights_finish(&flights);
}
END_TEST

START_TEST(a_capture_may_begin_with_the_certificate)
{
    struct cas_buf messages = tls_buf();
    struct cas_buf server = tls_buf();
    tls_certificate(&messages, 2, 300);
    tls_record(&server, 22, 0x0303, cas_buf_view(&messages));
    cas_buf_clear(&messages);
    tls_cert_request(&messages, 3, 40);
    tls_record(&server, 22, 0x0303, cas_buf_view(&messages));
    struct tls_recorder recorder;
    tls_recorder_init(&recorder, true);
    tls_recorder_bytes(&recorder, CLIENT, cas_buf_view(&server));
    tls_recorder_close(&recorder, CAS_REASON_CAPTURE_END);
    const struct cas_conversation_facts *facts = tls_recorder_facts(&recorder);
    ck_assert(recorder.any_whole_request);
    ck_assert_int_eq(facts->client_end, 1);
    ck_assert(facts->server.may_lack_messages);
    ck_assert_uint_eq(facts->server.reasons, CAS_REASON_BIT(CAS_REASON_MIDSTREAM));
    tls_recorder_finish(&recorder);
    cas_buf_finish(&messages);
    cas_buf_finish(&server);
}
END_TEST

START_TEST(empty_records_are_counted_and_33_in_a_row_break_the_protocol)
{
    for (size_t count = 1; count <= 33; count += 16) {
        struct cas_buf server = tls_buf();
        struct cas_buf messages = tls_buf();
        tls_server_hello(&messages, 0x0303);
        tls_record(&server, 22, 0x0303, cas_buf_view(&messages));
        for (size_t i = 0; i < count; i++) {
            tls_opaque(&server, 22, 0);
        }
        cas_buf_clear(&messages);
        tls_cert_request(&messages, 3, 40);
        tls_record(&server, 22, 0x0303, cas_buf_view(&messages));
        struct tls_recorder recorder;
        run_one(&recorder, SERVER, cas_buf_view(&server));
        ck_assert(recorder.any_whole_request == (count < 33));
        ck_assert(tls_recorder_facts(&recorder)->server.is_malformed == (count == 33));
        ck_assert_uint_eq(recorder.counters.value[CAS_COUNT_TLS_MALFORMED], count);
        ck_assert_uint_le(recorder.num_anomalies, 2);
        tls_recorder_finish(&recorder);
        cas_buf_finish(&messages);
        cas_buf_finish(&server);
    }
}
END_TEST

START_TEST(more_than_65535_records_are_counted)
{
    struct cas_buf server = tls_buf();
    struct cas_buf messages = tls_buf();
    tls_server_hello(&messages, 0x0303);
    tls_cert_request(&messages, 2, 32760);
    tls_records(&server, 22, 0x0303, cas_buf_view(&messages), 1);
    struct tls_recorder recorder;
    tls_recorder_init(&recorder, false);
    tls_recorder_pieces(&recorder, SERVER, cas_buf_view(&server), 1460);
    tls_recorder_close(&recorder, CAS_REASON_CAPTURE_END);
    ck_assert(recorder.any_whole_request);
    ck_assert_uint_eq(recorder.last_request.sight.records, 4 + 3 + 6 + 2 + 2 * (2 + 32760));
    tls_recorder_finish(&recorder);
    cas_buf_finish(&messages);
    cas_buf_finish(&server);
}
END_TEST

START_TEST(a_hello_request_in_the_clear_is_harmless)
{
    struct cas_buf server = tls_buf();
    struct cas_buf messages = tls_buf();
    tls_server_hello(&messages, 0x0303);
    tls_message(&messages, 0, 0);
    tls_cert_request(&messages, 3, 40);
    tls_record(&server, 22, 0x0303, cas_buf_view(&messages));
    struct tls_recorder recorder;
    run_one(&recorder, SERVER, cas_buf_view(&server));
    ck_assert(recorder.any_whole_request);
    ck_assert_uint_eq(recorder.counters.value[CAS_COUNT_TLS_MALFORMED], 0);
    tls_recorder_finish(&recorder);
    cas_buf_finish(&messages);
    cas_buf_finish(&server);
}
END_TEST

/* Resumption: the server's CCS and Finished follow its ServerHello at once. */
START_TEST(a_resumed_session_has_no_request)
{
    struct flights flights = { tls_buf(), tls_buf() };
    struct cas_buf messages = tls_buf();
    tls_client_hello(&messages, "host.example");
    tls_record(&flights.client, 22, 0x0301, cas_buf_view(&messages));
    cas_buf_clear(&messages);
    tls_server_hello(&messages, 0x0303);
    tls_record(&flights.server, 22, 0x0303, cas_buf_view(&messages));
    tls_change_cipher_spec(&flights.server);
    tls_opaque(&flights.server, 22, 40);
    tls_change_cipher_spec(&flights.client);
    tls_opaque(&flights.client, 22, 40);
    tls_opaque(&flights.client, 23, 40);
    struct tls_recorder recorder;
    run(&recorder, &flights);
    const struct cas_conversation_facts *facts = tls_recorder_facts(&recorder);
    ck_assert_uint_eq(recorder.num_requests, 0);
    ck_assert_uint_eq(facts->server.certificates, 0);
    ck_assert(!facts->server.has_hello_done);
    ck_assert(facts->server.has_encrypted_handshake && facts->client.has_encrypted_handshake);
    ck_assert_uint_eq(facts->server.reasons, 0);
    tls_recorder_finish(&recorder);
    cas_buf_finish(&messages);
    flights_finish(&flights);
}
END_TEST

#define COUNT(table) ((int)(sizeof(table) / sizeof((table)[0])))

int main(void)
{
    Suite *suite = suite_create("conversation");
    TCase *tcase = tcase_create("conversation");
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, a_handshake_of_tls12_gives_its_facts);
    tcase_add_test(tcase, nothing_more_is_wanted_after_both_sides_first_application_data);
    tcase_add_loop_test(tcase, facts_do_not_depend_on_pieces_or_on_which_side_came_first, 0,
                        COUNT(record_lens));
    tcase_add_loop_test(tcase, facts_do_not_depend_on_how_the_sides_alternate, 0, 20);
    tcase_add_test(tcase, a_stream_that_ends_anywhere_never_gives_a_false_whole);
    tcase_add_loop_test(tcase, a_request_with_a_missing_byte_is_never_whole, 0, COUNT(holes));
    tcase_add_test(tcase, a_hole_in_a_body_does_not_lose_what_follows);
    tcase_add_test(tcase, a_request_with_a_hole_tells_what_lies_before_it);
    tcase_add_test(tcase, a_hole_over_a_record_header_is_survived_at_the_next_sure_record);
    tcase_add_test(tcase, a_hole_over_an_encrypted_header_loses_framing);
    tcase_add_test(tcase, the_server_s_side_alone_is_enough);
    tcase_add_test(tcase, doubt_about_a_byte_of_a_message_reaches_it_before_and_after_the_byte);
    tcase_add_test(tcase, doubt_that_comes_after_a_message_was_told_is_kept_for_its_side);
    tcase_add_test(tcase, doubt_elsewhere_leaves_a_message_alone);
    tcase_add_test(tcase, tls13_ends_with_the_first_encrypted_records);
    tcase_add_test(tcase, a_retry_keeps_the_first_name_and_the_last_server_hello);
    tcase_add_test(tcase, handshakes_after_finished_are_a_renegotiation);
    tcase_add_test(tcase, a_side_is_not_followed_forever_after_encryption_began);
    tcase_add_test(tcase, alerts_in_the_clear_are_told_with_their_side);
    tcase_add_test(tcase, an_encrypted_alert_is_only_noticed);
    tcase_add_loop_test(tcase, another_record_inside_a_message_breaks_the_protocol, 0, 3);
    tcase_add_test(tcase, a_request_in_one_record_too_long_is_read_and_marked);
    tcase_add_test(tcase, the_longest_legal_request_is_read_over_nine_records);
    tcase_add_loop_test(tcase, a_claim_of_16_mib_costs_nothing, 0, 4);
    tcase_add_test(tcase, without_memory_no_request_is_whole);
    tcase_add_loop_test(tcase, tls_is_found_after_a_plaintext_start, 0,
                        COUNT(plaintext_starts));
    tcase_add_test(tcase, a_refusal_after_a_plaintext_start_counts_when_the_other_side_is_tls);
    tcase_add_test(tcase, what_is_not_tls_is_given_up_and_counted);
    tcase_add_loop_test(tcase, a_capture_that_begins_late_never_claims_more_than_it_saw, 0, 2);
    tcase_add_test(tcase, a_capture_may_begin_with_the_certificate);
    tcase_add_test(tcase, empty_records_are_counted_and_33_in_a_row_break_the_protocol);
    tcase_add_test(tcase, more_than_65535_records_are_counted);
    tcase_add_test(tcase, a_hello_request_in_the_clear_is_harmless);
    tcase_add_test(tcase, a_resumed_session_has_no_request);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
