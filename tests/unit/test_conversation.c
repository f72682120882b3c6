/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "support/support.h"
#include "support/tls_recorder.h"
#include "support/tls_records.h"

static const struct tls_flight_options usual = { 16384, 3, 40 };

static void expect_same(const struct tls_recorder *got, const struct tls_recorder *wanted)
{
    ck_assert_uint_eq(got->num_done, wanted->num_done);
    ck_assert(cas_view_equal(cas_buf_view(&got->text), cas_buf_view(&wanted->text)));
    ck_assert_msg(
        cas_view_equal(cas_buf_view(&got->facts_text), cas_buf_view(&wanted->facts_text)),
        "%.*s\nwanted\n%.*s", (int)got->facts_text.len, (const char *)got->facts_text.data,
        (int)wanted->facts_text.len, (const char *)wanted->facts_text.data);
}

START_TEST(a_handshake_of_tls12_gives_its_facts)
{
    struct tls_flights flights = tls_flights_build(&usual);
    struct tls_recorder recorder;
    tls_recorder_run(&recorder, &flights);
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
    tls_flights_finish(&flights);
}
END_TEST

START_TEST(nothing_more_is_wanted_after_both_sides_first_application_data)
{
    struct tls_flights flights = tls_flights_build(&usual);
    struct tls_recorder recorder;
    tls_recorder_init(&recorder, false);
    tls_recorder_bytes(&recorder, TLS_CLIENT, cas_buf_view(&flights.client));
    ck_assert_int_eq(recorder.want[TLS_CLIENT], CAS_WANT_BYTES); /* for doubts */
    ck_assert_uint_eq(recorder.num_done, 0);
    tls_recorder_bytes(&recorder, TLS_SERVER, cas_buf_view(&flights.server));
    ck_assert_int_eq(recorder.want[TLS_SERVER], CAS_WANT_NEITHER);
    ck_assert_uint_eq(recorder.num_done, 1);
    cas_conversation_close(recorder.conversation, NULL, CAS_REASON_CLOSED);
    ck_assert_uint_eq(recorder.num_done, 1);
    tls_recorder_finish(&recorder);
    tls_flights_finish(&flights);
}
END_TEST

/* Records from one byte to more than everything. */
static const size_t record_lens[] = { 1, 2, 3, 4, 5, 7, 41, 300, 1000, 16384 };

START_TEST(facts_do_not_depend_on_pieces_or_on_which_side_came_first)
{
    struct tls_flight_options options = usual;
    options.record_len = record_lens[_i];
    struct tls_flights flights = tls_flights_build(&options);
    struct tls_recorder wanted;
    tls_recorder_run(&wanted, &flights);
    ck_assert(wanted.any_whole_request);

    for (size_t piece = 1; piece < 60; piece += piece < 12 ? 1 : 13) {
        struct tls_recorder recorder;
        tls_recorder_init(&recorder, false);
        tls_recorder_pieces(&recorder, TLS_SERVER, cas_buf_view(&flights.server), piece);
        tls_recorder_pieces(&recorder, TLS_CLIENT, cas_buf_view(&flights.client), piece);
        tls_recorder_close(&recorder, CAS_REASON_CAPTURE_END);
        expect_same(&recorder, &wanted);
        tls_recorder_finish(&recorder);
    }
    tls_recorder_finish(&wanted);
    tls_flights_finish(&flights);
}
END_TEST

START_TEST(facts_do_not_depend_on_how_the_sides_alternate)
{
    struct tls_flights flights = tls_flights_build(&usual);
    struct tls_recorder wanted;
    tls_recorder_run(&wanted, &flights);
    uint32_t state = (uint32_t)_i + 1;
    struct cas_view left[2] = { cas_buf_view(&flights.client), cas_buf_view(&flights.server) };
    struct tls_recorder recorder;

    tls_recorder_init(&recorder, false);
    while (left[0].len + left[1].len > 0) {
        unsigned end = tls_random(&state) & 1;
        size_t len = 1 + tls_random(&state) % 200;
        struct cas_view piece = cas_view_part(left[end], 0, len);
        tls_recorder_bytes(&recorder, end, piece);
        left[end] = cas_view_part(left[end], piece.len, left[end].len);
    }
    tls_recorder_close(&recorder, CAS_REASON_CAPTURE_END);
    expect_same(&recorder, &wanted);
    tls_recorder_finish(&recorder);
    tls_recorder_finish(&wanted);
    tls_flights_finish(&flights);
}
END_TEST

START_TEST(the_server_s_side_alone_is_enough)
{
    struct tls_flights flights = tls_flights_build(&usual);
    struct tls_recorder recorder;
    tls_recorder_run_one(&recorder, TLS_CLIENT, cas_buf_view(&flights.server));
    const struct cas_conversation_facts *facts = tls_recorder_facts(&recorder);
    ck_assert(recorder.any_whole_request);
    ck_assert_int_eq(facts->client_end, 1); /* whoever sent the first packet */
    ck_assert(!facts->client.is_seen && facts->server.is_seen);
    ck_assert(!facts->client_hello.is_seen);
    tls_recorder_finish(&recorder);
    tls_flights_finish(&flights);
}
END_TEST

START_TEST(tls13_ends_with_records_that_tell_all)
{
    struct tls_flights flights = { tls_buf(), tls_buf() };
    struct cas_buf message = tls_buf();
    uint8_t random[32] = { 7 };
    tls_client_hello13(&message, "host.example");
    tls_record(&flights.client, 22, 0x0301, cas_buf_view(&message));
    tls_change_cipher_spec(&flights.client);
    tls_opaque(&flights.client, 23, 53);
    tls_opaque(&flights.client, 23, 35);
    cas_buf_clear(&message);
    tls_server_hello13(&message, cas_view_of(random, 32));
    tls_record(&flights.server, 22, 0x0303, cas_buf_view(&message));
    tls_change_cipher_spec(&flights.server);
    tls_opaque(&flights.server, 23, 1200);
    tls_opaque(&flights.server, 23, 154);
    struct tls_recorder recorder;
    tls_recorder_run(&recorder, &flights);
    const struct cas_conversation_facts *facts = tls_recorder_facts(&recorder);
    ck_assert_uint_eq(recorder.num_done, 1);
    ck_assert(recorder.want[0] == CAS_WANT_NEITHER || recorder.want[1] == CAS_WANT_NEITHER);
    ck_assert_uint_eq(facts->client_hello.version_max, 0x0304);
    ck_assert_uint_eq(facts->server_hello.version, 0x0304);
    ck_assert_uint_eq(facts->server_hello.cipher, 0x1301);
    ck_assert(!facts->server_hello.is_retry);
    ck_assert(facts->server.has_application_data && facts->client.has_application_data);
    ck_assert_uint_eq(recorder.counters.value[CAS_COUNT_TLS13_CONNECTIONS], 1);
    tls_recorder_finish(&recorder);
    cas_buf_finish(&message);
    tls_flights_finish(&flights);
}
END_TEST

START_TEST(a_retry_keeps_the_first_name_and_the_last_server_hello)
{
    struct tls_flights flights = { tls_buf(), tls_buf() };
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
    tls_recorder_run(&recorder, &flights);
    const struct cas_conversation_facts *facts = tls_recorder_facts(&recorder);
    ck_assert_str_eq(facts->client_hello.sni, "first.example");
    ck_assert(facts->server_hello.is_retry);
    ck_assert_uint_eq(facts->server_hello.version, 0x0304);
    ck_assert(!facts->client.has_encrypted_handshake);
    ck_assert(!facts->client.is_malformed && !facts->server.is_malformed);
    ck_assert_uint_eq(recorder.counters.value[CAS_COUNT_RENEGOTIATIONS], 0);
    tls_recorder_finish(&recorder);
    cas_buf_finish(&message);
    tls_flights_finish(&flights);
}
END_TEST

START_TEST(handshakes_after_finished_are_a_renegotiation)
{
    struct tls_flights flights = { tls_buf(), tls_buf() };
    tls_client_flight(&flights.client, &usual);
    tls_opaque(&flights.client, 22, 200); /* ClientHello, behind data */
    tls_server_flight(&flights.server, &usual);
    cas_buf_cut(&flights.server, flights.server.len - 205); /* no data yet */
    tls_opaque(&flights.server, 22, 28);                    /* HelloRequest */
    tls_opaque(&flights.server, 22, 9000);                  /* ServerHello ... */
    tls_opaque(&flights.server, 23, 300);
    struct tls_recorder recorder;
    tls_recorder_run(&recorder, &flights);
    const struct cas_conversation_facts *facts = tls_recorder_facts(&recorder);
    ck_assert_uint_eq(facts->server.encrypted_handshakes, 3);
    ck_assert(facts->has_later_handshake);
    ck_assert_uint_eq(recorder.counters.value[CAS_COUNT_RENEGOTIATIONS], 1);
    ck_assert_uint_eq(recorder.num_done, 1);
    tls_recorder_finish(&recorder);
    tls_flights_finish(&flights);
}
END_TEST

/* RFC 5246, 7.4.1.1: a client may ignore a HelloRequest, or refuse with an alert. */
START_TEST(an_offer_alone_is_no_renegotiation)
{
    struct tls_flights flights = { tls_buf(), tls_buf() };
    tls_client_flight(&flights.client, &usual);
    tls_server_flight(&flights.server, &usual);
    cas_buf_cut(&flights.server, flights.server.len - 205);
    tls_opaque(&flights.server, 22, 28);
    tls_opaque(&flights.server, 23, 300);
    struct tls_recorder recorder;
    tls_recorder_run(&recorder, &flights);
    const struct cas_conversation_facts *facts = tls_recorder_facts(&recorder);
    ck_assert_uint_eq(facts->server.encrypted_handshakes, 2);
    ck_assert(!facts->has_later_handshake);
    ck_assert_uint_eq(recorder.counters.value[CAS_COUNT_RENEGOTIATIONS], 0);
    tls_recorder_finish(&recorder);
    tls_flights_finish(&flights);
}
END_TEST

START_TEST(alerts_in_the_clear_are_told_with_their_side)
{
    struct tls_flights flights = tls_flights_build(&usual);
    cas_buf_cut(&flights.server, flights.server.len - 205 - 45 - 6);
    tls_alert(&flights.server, 2, 40);
    struct tls_recorder recorder;
    tls_recorder_run(&recorder, &flights);
    const struct cas_conversation_facts *facts = tls_recorder_facts(&recorder);
    ck_assert_uint_eq(facts->alerts_len, 1);
    ck_assert_uint_eq(facts->alerts_count, 1);
    ck_assert(facts->alerts[0].from_server);
    ck_assert_uint_eq(facts->alerts[0].level, 2);
    ck_assert_uint_eq(facts->alerts[0].description, 40);
    ck_assert(!facts->server.has_encrypted_alert);
    tls_recorder_finish(&recorder);
    tls_flights_finish(&flights);
}
END_TEST

START_TEST(an_encrypted_alert_is_only_noticed)
{
    struct tls_flights flights = tls_flights_build(&usual);
    cas_buf_cut(&flights.server, flights.server.len - 205);
    tls_opaque(&flights.server, 21, 26);
    struct tls_recorder recorder;
    tls_recorder_run(&recorder, &flights);
    const struct cas_conversation_facts *facts = tls_recorder_facts(&recorder);
    ck_assert(facts->server.has_encrypted_alert);
    ck_assert_uint_eq(facts->alerts_count, 0);
    tls_recorder_finish(&recorder);
    tls_flights_finish(&flights);
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
    struct tls_flights flights = tls_flights_build(&usual);
    struct cas_buf server = tls_buf();
    tls_text(&server, plaintext_starts[_i]);
    tls_bytes(&server, cas_buf_view(&flights.server));
    for (size_t piece = 1; piece < server.len * 2; piece = piece * 3 + 1) {
        struct tls_recorder recorder;
        tls_recorder_init(&recorder, false);
        tls_recorder_pieces(&recorder, TLS_SERVER, cas_buf_view(&server), piece);
        tls_recorder_close(&recorder, CAS_REASON_CAPTURE_END);
        ck_assert(recorder.any_whole_request);
        ck_assert(tls_recorder_facts(&recorder)->is_after_plaintext);
        tls_recorder_finish(&recorder);
    }
    cas_buf_finish(&server);
    tls_flights_finish(&flights);
}
END_TEST

/* What each end sends: plaintext, then perhaps a flight of TLS. */
struct quotation {
    const char *text[2];
    unsigned flight[2]; /* whose: a client's, a server's, or nobody's */
    bool has_hole;      /* at the end of what end 0 sends */
    bool is_tls;
};

#define NO_FLIGHT 2u

static const char request_text[] = "GET /flight.bin HTTP/1.1\r\nHost: x\r\n\r\n";
static const char answer_text[] = "HTTP/1.1 200 OK\r\n\r\n";

static const struct quotation quotations[] = {
    /* a download and an upload of a server's flight, and a download of a client's */
    { { request_text, answer_text }, { NO_FLIGHT, TLS_SERVER }, false, false },
    { { request_text, answer_text }, { TLS_SERVER, NO_FLIGHT }, false, false },
    { { request_text, answer_text }, { NO_FLIGHT, TLS_CLIENT }, false, false },
    /* both ways */
    { { request_text, answer_text }, { TLS_SERVER, TLS_SERVER }, false, false },
    /* the ClientHello may be what is missing, or was never captured */
    { { request_text, answer_text }, { NO_FLIGHT, TLS_SERVER }, true, true },
    { { "", answer_text }, { NO_FLIGHT, TLS_SERVER }, false, true },
    /* as the protocols do that begin TLS in this way; and a server that does not understand */
    { { "STARTTLS\r\n", "220 ready\r\n" }, { TLS_CLIENT, TLS_SERVER }, false, true },
    { { "", "220 ready\r\n" }, { TLS_CLIENT, TLS_SERVER }, false, true },
    { { "STARTTLS\r\n", "500 what?\r\n" }, { TLS_CLIENT, NO_FLIGHT }, false, true },
};

static struct cas_buf quote(const struct quotation *quotation, unsigned end)
{
    struct cas_buf bytes = tls_buf();
    tls_text(&bytes, quotation->text[end]);
    if (quotation->flight[end] == TLS_CLIENT) {
        tls_client_flight(&bytes, &usual);
    } else if (quotation->flight[end] == TLS_SERVER) {
        tls_server_flight(&bytes, &usual);
    }
    return bytes;
}

START_TEST(a_handshake_that_is_only_quoted_in_plaintext_is_none)
{
    const struct quotation *quotation = &quotations[_i];
    struct cas_buf bytes[2] = { quote(quotation, 0), quote(quotation, 1) };
    for (unsigned i = 0; i < 4; i++) {
        struct tls_recorder recorder;
        tls_recorder_init(&recorder, false);
        for (unsigned j = 0; j < 2; j++) {
            unsigned end = (i + j) % 2;
            size_t piece = i < 2 ? bytes[end].len : 3;
            if (bytes[end].len > 0) {
                tls_recorder_pieces(&recorder, end, cas_buf_view(&bytes[end]), piece);
            }
            if (end == 0 && quotation->has_hole) {
                tls_recorder_hole(&recorder, end, 100, CAS_REASON_GAP);
            }
        }
        tls_recorder_close(&recorder, CAS_REASON_CLOSED);
        ck_assert_uint_eq(recorder.num_done, quotation->is_tls ? 1 : 0);
        ck_assert_uint_eq(recorder.counters.value[CAS_COUNT_TLS_CONNECTIONS],
                          recorder.num_done);
        ck_assert_uint_eq(recorder.counters.value[CAS_COUNT_NOT_TLS], 1 - recorder.num_done);
        tls_recorder_finish(&recorder);
    }
    cas_buf_finish(&bytes[0]);
    cas_buf_finish(&bytes[1]);
}
END_TEST

/* Plaintext in the place of both flights, and then they come all the same. */
START_TEST(a_handshake_in_the_place_of_plaintext_is_found)
{
    struct tls_flights flights = tls_flights_build(&usual);
    const struct cas_view flight[2] = { cas_buf_view(&flights.client),
                                        cas_buf_view(&flights.server) };
    struct tls_recorder recorder;
    tls_recorder_init(&recorder, false);
    for (unsigned end = 0; end < 2; end++) {
        struct cas_conversation *conversation = recorder.conversation;
        tls_recorder_bytes(&recorder, end, text_view("forged"));
        ck_assert(
            !cas_conversation_again(conversation, end, 0, text_view("forged"), UINT64_MAX));
        ck_assert(!cas_conversation_again(conversation, end, 0,
                                          cas_view_part(flight[end], 0, 40), UINT64_MAX));
        ck_assert(!cas_conversation_again(conversation, end, 0, flight[end], 0));
        ck_assert(cas_conversation_again(conversation, end, 0, flight[end], 1));
        cas_conversation_doubt(conversation, NULL, end, 0, 6, CAS_REASON_OVERLAP);
        recorder.sent[end] = 0;
        tls_recorder_bytes(&recorder, end, flight[end]);
        ck_assert(!cas_conversation_again(conversation, end, 0, flight[end],
                                          UINT64_MAX)); /* it was found */
    }
    tls_recorder_close(&recorder, CAS_REASON_CLOSED);
    ck_assert_uint_eq(recorder.num_done, 1);
    ck_assert_uint_eq(recorder.num_requests, 1);
    /* It is in the record whose header came where the plaintext was. */
    ck_assert_uint_eq(recorder.last_request.sight.reasons, CAS_REASON_BIT(CAS_REASON_OVERLAP));
    tls_recorder_finish(&recorder);
    tls_flights_finish(&flights);
}
END_TEST

START_TEST(a_refusal_after_a_plaintext_start_counts_when_the_other_side_is_tls)
{
    struct tls_flights flights = tls_flights_build(&usual);
    struct cas_buf server = tls_buf();
    tls_text(&server, "220 ready\r\n");
    tls_alert(&server, 2, 70);
    struct tls_recorder alone;
    tls_recorder_run_one(&alone, TLS_SERVER, cas_buf_view(&server));
    ck_assert_uint_eq(alone.num_done, 0);
    ck_assert_uint_eq(alone.counters.value[CAS_COUNT_NOT_TLS], 1);
    struct tls_flights both = { flights.client, server };
    struct tls_recorder recorder;
    tls_recorder_run(&recorder, &both);
    const struct cas_conversation_facts *facts = tls_recorder_facts(&recorder);
    ck_assert_uint_eq(facts->alerts_count, 1);
    ck_assert(facts->alerts[0].from_server);
    ck_assert_uint_eq(facts->alerts[0].description, 70);
    tls_recorder_finish(&recorder);
    tls_recorder_finish(&alone);
    cas_buf_finish(&server);
    tls_flights_finish(&flights);
}
END_TEST

/* RFC 6066, 3: unrecognized_name, say. Behind a fatal alert there is no TLS (RFC 5246, 7.2.2).
 */
START_TEST(a_warning_between_plaintext_and_the_hello_is_told)
{
    struct tls_flights flights = tls_flights_build(&usual);
    for (unsigned level = 1; level <= 2; level++) {
        struct cas_buf server = tls_buf();
        tls_text(&server, "220 ready\r\n");
        tls_alert(&server, level, 112);
        tls_bytes(&server, cas_buf_view(&flights.server));
        cas_buf_cut(&server, server.len - 205 - 45 - 6);
        for (unsigned i = 0; i < 4; i++) {
            tls_alert(&server, 1, 90 + i);
        }
        struct tls_flights both = { flights.client, server };
        struct tls_recorder recorder;
        tls_recorder_run(&recorder, &both);
        const struct cas_conversation_facts *facts = tls_recorder_facts(&recorder);
        ck_assert(recorder.any_whole_request);
        ck_assert_uint_eq(recorder.num_anomalies, 0);
        /* at most half of the room is one side's */
        ck_assert_uint_eq(facts->alerts_len, 4);
        ck_assert_uint_eq(facts->alerts_count, level == 1 ? 5 : 4);
        ck_assert(facts->alerts[0].from_server);
        ck_assert_uint_eq(facts->alerts[0].description, level == 1 ? 112 : 90);
        ck_assert_uint_eq(facts->alerts[1].description, level == 1 ? 90 : 91);
        tls_recorder_finish(&recorder);
        cas_buf_finish(&server);
    }
    tls_flights_finish(&flights);
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
    tls_recorder_pieces(&recorder, TLS_CLIENT, cas_buf_view(&text), 1460);
    ck_assert_int_eq(recorder.want[TLS_CLIENT], CAS_WANT_NOTHING);
    tls_recorder_pieces(&recorder, TLS_SERVER, cas_buf_view(&text), 1460);
    ck_assert_int_eq(recorder.want[TLS_SERVER], CAS_WANT_NEITHER);
    ck_assert_uint_eq(recorder.num_done, 0);
    ck_assert_uint_eq(recorder.counters.value[CAS_COUNT_NOT_TLS], 1);
    ck_assert(!tls_recorder_facts(&recorder)->is_tls);
    tls_recorder_finish(&recorder);
    cas_buf_finish(&text);
}
END_TEST

/* Resumption: the server's CCS and Finished follow its ServerHello at once. */
START_TEST(a_resumed_session_has_no_request)
{
    struct tls_flights flights = { tls_buf(), tls_buf() };
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
    tls_recorder_run(&recorder, &flights);
    const struct cas_conversation_facts *facts = tls_recorder_facts(&recorder);
    ck_assert_uint_eq(recorder.num_requests, 0);
    ck_assert_uint_eq(facts->server.certificates, 0);
    ck_assert(!facts->server.has_hello_done);
    ck_assert(facts->server.has_encrypted_handshake && facts->client.has_encrypted_handshake);
    ck_assert_uint_eq(facts->server.reasons, 0);
    tls_recorder_finish(&recorder);
    cas_buf_finish(&messages);
    tls_flights_finish(&flights);
}
END_TEST

static const char ssl2_hello[] = "801f"      /* length of a record of SSL 2.0 */
                                 "01"        /* TLS_CLIENT-HELLO */
                                 "0301"      /* up to TLS 1.0 */
                                 "0006 0000" /* two ciphers, no session id */
                                 "0010"      /* challenge */
                                 "00000a 010080 00112233445566778899aabbccddeeff";

START_TEST(an_ssl2_compatible_hello_opens_a_tls_session)
{
    struct tls_flights flights = tls_flights_build(&usual);
    struct cas_view hello = hex_copy(ssl2_hello);
    for (size_t piece = 1; piece <= hello.len; piece++) {
        struct tls_recorder recorder;
        tls_recorder_init(&recorder, false);
        tls_recorder_pieces(&recorder, TLS_CLIENT, hello, piece);
        tls_recorder_bytes(&recorder, TLS_SERVER, cas_buf_view(&flights.server));
        tls_recorder_close(&recorder, CAS_REASON_CAPTURE_END);
        const struct cas_conversation_facts *facts = tls_recorder_facts(&recorder);
        ck_assert(facts->client_hello.is_whole);
        ck_assert_uint_eq(facts->client_hello.version_max, 0x0301);
        ck_assert_int_eq(facts->client_end, 0);
        ck_assert(recorder.any_whole_request);
        tls_recorder_finish(&recorder);
    }
    exact_free(hello);
    tls_flights_finish(&flights);
}
END_TEST

/* RFC 3207, say: otherwise the server's part passes for a quotation. */
START_TEST(an_ssl2_compatible_hello_is_found_after_a_plaintext_start)
{
    struct tls_flights flights = tls_flights_build(&usual);
    struct cas_view hello = hex_copy(ssl2_hello);
    struct cas_buf client = tls_buf();
    struct cas_buf server = tls_buf();
    tls_text(&client, "STARTTLS\r\n");
    tls_bytes(&client, hello);
    tls_text(&server, "220 go ahead\r\n");
    tls_bytes(&server, cas_buf_view(&flights.server));
    for (size_t piece = 1; piece <= client.len; piece++) {
        struct tls_recorder recorder;
        tls_recorder_init(&recorder, false);
        tls_recorder_pieces(&recorder, TLS_CLIENT, cas_buf_view(&client), piece);
        tls_recorder_bytes(&recorder, TLS_SERVER, cas_buf_view(&server));
        tls_recorder_close(&recorder, CAS_REASON_CAPTURE_END);
        const struct cas_conversation_facts *facts = tls_recorder_facts(&recorder);
        ck_assert(facts->is_after_plaintext && facts->client_hello.is_whole);
        ck_assert_int_eq(facts->client_end, 0);
        ck_assert(recorder.any_whole_request);
        ck_assert_uint_eq(recorder.num_anomalies, 0);
        tls_recorder_finish(&recorder);
    }
    cas_buf_finish(&client);
    cas_buf_finish(&server);
    exact_free(hello);
    tls_flights_finish(&flights);
}
END_TEST

START_TEST(a_session_of_ssl2_is_only_counted)
{
    struct cas_buf hello = tls_buf();
    struct cas_view newer = hex_copy(ssl2_hello);
    tls_bytes(&hello, newer);
    hello.data[3] = 0x00; /* version 0x0002 */
    hello.data[4] = 0x02;
    struct tls_recorder recorder;
    tls_recorder_run_one(&recorder, TLS_CLIENT, cas_buf_view(&hello));
    const struct cas_conversation_facts *facts = tls_recorder_facts(&recorder);
    ck_assert_uint_eq(recorder.num_done, 1);
    ck_assert_uint_eq(facts->client_hello.version, CAS_TLS_VERSION_SSL2);
    tls_recorder_finish(&recorder);
    exact_free(newer);
    cas_buf_finish(&hello);
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
    tcase_add_test(tcase, the_server_s_side_alone_is_enough);
    tcase_add_test(tcase, tls13_ends_with_records_that_tell_all);
    tcase_add_test(tcase, a_retry_keeps_the_first_name_and_the_last_server_hello);
    tcase_add_test(tcase, handshakes_after_finished_are_a_renegotiation);
    tcase_add_test(tcase, an_offer_alone_is_no_renegotiation);
    tcase_add_test(tcase, alerts_in_the_clear_are_told_with_their_side);
    tcase_add_test(tcase, an_encrypted_alert_is_only_noticed);
    tcase_add_loop_test(tcase, tls_is_found_after_a_plaintext_start, 0,
                        COUNT(plaintext_starts));
    tcase_add_loop_test(tcase, a_handshake_that_is_only_quoted_in_plaintext_is_none, 0,
                        COUNT(quotations));
    tcase_add_test(tcase, a_handshake_in_the_place_of_plaintext_is_found);
    tcase_add_test(tcase, a_refusal_after_a_plaintext_start_counts_when_the_other_side_is_tls);
    tcase_add_test(tcase, a_warning_between_plaintext_and_the_hello_is_told);
    tcase_add_test(tcase, what_is_not_tls_is_given_up_and_counted);
    tcase_add_test(tcase, a_resumed_session_has_no_request);
    tcase_add_test(tcase, an_ssl2_compatible_hello_opens_a_tls_session);
    tcase_add_test(tcase, an_ssl2_compatible_hello_is_found_after_a_plaintext_start);
    tcase_add_test(tcase, a_session_of_ssl2_is_only_counted);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
