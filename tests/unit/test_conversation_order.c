/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The module conversation where messages come twice, or not in their order. */
#include "support/support.h"
#include "support/tls_recorder.h"
#include "support/tls_records.h"
#include "tls/talk.h"

#define COUNT(table) ((int)(sizeof(table) / sizeof((table)[0])))

enum {
    PROTOCOL = CAS_REASON_BIT(CAS_REASON_PROTOCOL)
};

/* One character a message, each in a record of its own. */
static void append(struct cas_buf *out, char kind)
{
    static const uint8_t random[32] = { 7 };
    struct cas_buf message = tls_buf();

    switch (kind) {
    case 'h': /* ClientHello */
        tls_client_hello(&message, "host.example");
        break;
    case 'H': /* ServerHello */
        tls_server_hello(&message, 0x0303);
        break;
    case 'O': /* an older one */
        tls_server_hello(&message, 0x0301);
        break;
    case 'T': /* of TLS 1.3 */
        tls_server_hello13(&message, cas_view_of(random, sizeof(random)));
        break;
    case 'R': /* HelloRetryRequest */
        tls_server_hello13(&message, cas_view_of(tls_retry_random, 32));
        break;
    case 'c': /* the client's Certificate, empty */
        tls_certificate(&message, 0, 0);
        break;
    case 'C': /* Certificate */
        tls_certificate(&message, 1, 300);
        break;
    case 'A': /* CertificateRequest */
        tls_cert_request(&message, 3, 40);
        break;
    case 'B': /* another one */
        tls_cert_request(&message, 5, 40);
        break;
    case 'K': /* ServerKeyExchange */
        tls_message(&message, 12, 100);
        break;
    case 'D': /* ServerHelloDone */
        tls_message(&message, 14, 0);
        break;
    case 'k': /* ClientKeyExchange */
        tls_message(&message, 16, 66);
        break;
    case 'v': /* CertificateVerify */
        tls_message(&message, 15, 70);
        break;
    case 'q': /* HelloRequest */
        tls_message(&message, 0, 0);
        break;
    case 't': /* NewSessionTicket */
        tls_message(&message, 4, 50);
        break;
    case 's': /* CertificateStatus (RFC 6066, 8) */
        tls_message(&message, 22, 60);
        break;
    case 'd': /* SupplementalData (RFC 4680) */
        tls_message(&message, 23, 10);
        break;
    case '?': /* what nobody knows */
        tls_message(&message, 99, 10);
        break;
    default:
        ck_abort_msg("no message: %c", kind);
    }
    tls_record(out, 22, 0x0303, cas_buf_view(&message));
    cas_buf_finish(&message);
}

static struct cas_buf flight(const char *kinds)
{
    struct cas_buf bytes = tls_buf();
    for (size_t i = 0; kinds[i] != '\0'; i++) {
        append(&bytes, kinds[i]);
    }
    return bytes;
}

struct order {
    const char *client;
    const char *server;
};

/* The client's flight and then the server's, or the other way round. */
static void run(struct tls_recorder *recorder, const struct order *order, unsigned first)
{
    struct cas_buf bytes[2] = { flight(order->client), flight(order->server) };

    tls_recorder_init(recorder, false);
    for (unsigned i = 0; i < 2; i++) {
        unsigned end = i == 0 ? first : 1 - first;
        if (bytes[end].len > 0) {
            tls_recorder_bytes(recorder, end, cas_buf_view(&bytes[end]));
        }
    }
    tls_recorder_close(recorder, CAS_REASON_CAPTURE_END);
    cas_buf_finish(&bytes[0]);
    cas_buf_finish(&bytes[1]);
}

/* RFC 5246, 7.3; RFC 4680, 2; RFC 5077, 3.1; RFC 6066, 8; RFC 8446, 4.1.4 */
static const struct order right_orders[] = {
    { "hckv", "HCKAD" },   { "hk", "HCD" },          { "hck", "HCAD" }, { "hk", "HKD" },
    { "hdck", "HdCsKAD" }, { "hck", "HCAD" },        { "h", "Ht" },     { "hk", "HCDt" },
    { "hck", "qHCADq" },   { "h?c?k?", "H?C?A?D?" }, { "hh", "RT" },    { "hck", "" },
    { "", "HCKAD" },
};

START_TEST(messages_in_their_order_are_no_anomaly)
{
    for (unsigned first = 0; first < 2; first++) {
        struct tls_recorder recorder;
        run(&recorder, &right_orders[_i], first);
        const struct cas_conversation_facts *facts = tls_recorder_facts(&recorder);
        ck_assert_uint_eq(recorder.num_anomalies, 0);
        ck_assert_uint_eq((facts->client.reasons | facts->server.reasons) & PROTOCOL, 0);
        tls_recorder_finish(&recorder);
    }
}
END_TEST

static const struct order servers_at_fault[] = {
    { "hck", "HCABD" },                       /* two requests: which list counts? */
    { "hck", "HCDA" },                        /* behind the end of the flight */
    { "hck", "HCCAD" },                       /* two Certificates */
    { "hck", "HOCAD" },                       /* two ServerHellos */
    { "hck", "HHCAD" },                       /* even the same one */
    { "hck", "HACD" },                        /* a request before the Certificate */
    { "hck", "HCAKD" },                       /* and before the ServerKeyExchange */
    { "hck", "HCKKAD" },                      /* two of these */
    { "hck", "HCADD" },                       /* two ends */
    { "hck", "HCADHCBD" },                    /* a whole flight in front of another */
    { "hck", "HCDHCBD" },                     /* that one asks for nothing */
    { "hh", "RTT" },       { "hck", "AHCD" }, /* a request in front of the hello */
    { "hck", "AHCBD" },                       /* and one in its place */
    { "hck", "CAHCD" },                       /* more than that in front */
    { "hck", "DAHCD" },
};

START_TEST(a_server_that_breaks_the_order_is_not_believed)
{
    for (unsigned first = 0; first < 2; first++) {
        struct tls_recorder recorder;
        run(&recorder, &servers_at_fault[_i], first);
        const struct cas_conversation_facts *facts = tls_recorder_facts(&recorder);
        ck_assert_uint_eq(recorder.num_anomalies, 1);
        ck_assert_str_eq(recorder.last_anomaly, "unexpected_message");
        ck_assert_uint_eq(facts->server.reasons, PROTOCOL);
        ck_assert_uint_eq(facts->client.reasons, 0);
        tls_recorder_finish(&recorder);
    }
}
END_TEST

static const struct order clients_at_fault[] = {
    { "hcCk", "HCAD" },  { "hCck", "HCAD" }, { "hkC", "HCAD" }, { "hkk", "HCAD" },
    { "hckvc", "HCAD" }, { "hhh", "RT" },    { "hch", "HCAD" },
};

START_TEST(a_client_that_breaks_the_order_is_not_believed)
{
    for (unsigned first = 0; first < 2; first++) {
        struct tls_recorder recorder;
        run(&recorder, &clients_at_fault[_i], first);
        const struct cas_conversation_facts *facts = tls_recorder_facts(&recorder);
        ck_assert_uint_eq(recorder.num_anomalies, 1);
        ck_assert_str_eq(recorder.last_anomaly, "unexpected_message");
        ck_assert_uint_eq(facts->client.reasons, PROTOCOL);
        ck_assert_uint_eq(facts->server.reasons, 0);
        ck_assert_uint_le(facts->client.certificates, 1);
        tls_recorder_finish(&recorder);
    }
}
END_TEST

/* A request that comes too late is still one: nobody says that there was none. */
START_TEST(a_request_behind_the_end_of_the_flight_is_shown)
{
    static const struct order late = { "hck", "HCDA" };
    struct tls_recorder recorder;
    run(&recorder, &late, TLS_CLIENT);
    ck_assert_uint_eq(recorder.num_requests, 1);
    ck_assert_uint_eq(tls_recorder_facts(&recorder)->server.cert_requests, 1);
    tls_recorder_finish(&recorder);
}
END_TEST

/* RFC 5246, 7.3: the ServerHello comes first. What was seen before it is shown, in doubt. */
START_TEST(a_request_in_front_of_the_hello_is_shown)
{
    static const char *const flights[] = { "AHCD", "CAHCD", "DAHCD", "qAHCD", "tAHCD", "sAH" };
    const struct order early = { "hk", flights[_i] };
    for (unsigned first = 0; first < 2; first++) {
        struct tls_recorder recorder;
        run(&recorder, &early, first);
        const struct cas_conversation_facts *facts = tls_recorder_facts(&recorder);
        ck_assert_uint_eq(recorder.num_requests, 1);
        ck_assert_uint_eq(facts->server.cert_requests, 1);
        ck_assert_uint_eq(facts->server.reasons, PROTOCOL);
        ck_assert_str_eq(recorder.last_anomaly, "unexpected_message");
        /* the hello behind it counts */
        ck_assert_uint_eq(facts->server_hello.version, 0x0303);
        ck_assert(!facts->is_after_plaintext);
        tls_recorder_finish(&recorder);
    }
}
END_TEST

/* Behind plaintext it is not read, but it is not nothing. */
START_TEST(a_message_between_plaintext_and_the_hello_is_noticed)
{
    static const char *const flights[] = { "AHCD", "AHCBD", "CHCD", "qHCD", "?HCD", "DHCD" };
    for (unsigned first = 0; first < 2; first++) {
        struct cas_buf bytes[2] = { tls_buf(), tls_buf() };
        struct tls_recorder recorder;
        struct cas_buf client = flight("hk");
        struct cas_buf server = flight(flights[_i]);
        tls_text(&bytes[0], "STARTTLS\r\n");
        tls_bytes(&bytes[0], cas_buf_view(&client));
        tls_text(&bytes[1], "220 ready\r\n");
        tls_bytes(&bytes[1], cas_buf_view(&server));
        tls_recorder_init(&recorder, false);
        tls_recorder_pieces(&recorder, first, cas_buf_view(&bytes[first]), 7);
        tls_recorder_pieces(&recorder, 1 - first, cas_buf_view(&bytes[1 - first]), 7);
        tls_recorder_close(&recorder, CAS_REASON_CAPTURE_END);
        const struct cas_conversation_facts *facts = tls_recorder_facts(&recorder);
        ck_assert_uint_eq(recorder.num_anomalies, 1);
        ck_assert_str_eq(recorder.last_anomaly, "unexpected_message");
        ck_assert_uint_eq(facts->server.reasons, PROTOCOL);
        ck_assert(facts->server.may_lack_messages);
        ck_assert_uint_eq(facts->server.cert_requests, _i == 1);
        ck_assert_uint_eq(facts->client.reasons, 0);
        tls_recorder_finish(&recorder);
        cas_buf_finish(&client);
        cas_buf_finish(&server);
        cas_buf_finish(&bytes[0]);
        cas_buf_finish(&bytes[1]);
    }
}
END_TEST

/* RFC 5246, 7.3: the hellos open the handshake, each of one side. */
static const struct {
    struct order order; /* end 0's flight, end 1's */
    int client_end;
    unsigned requests; /* of the server that are taken for its own */
    unsigned anomalies;
} roles[] = {
    { { "qhck", "HCAD" }, 0, 1, 1 },   /* the client begins with a HelloRequest */
    { { "Dhck", "HCAD" }, 0, 1, 1 },   /* or with the end of a server's flight */
    { { "qHDhck", "HCAD" }, 0, 1, 1 }, /* or says both hellos */
    { { "hck", "kHCAD" }, 0, 1, 1 },   /* the server begins as a client */
    { { "kHCAD", "qhck" }, 1, 1, 1 },  /* both mislead, and the server has connected */
    { { "HCAD", "q" }, 1, 1, 1 },      /* one hello among two servers */
    { { "q", "HCAD" }, 0, 1, 1 },
    { { "hck", "k" }, 0, 0, 1 }, /* and beside what only a client says */
    { { "k", "hck" }, 1, 0, 1 },
    { { "q", "qAD" }, 0, 1, 1 }, /* none: who has connected is the client */
};

START_TEST(a_hello_tells_who_is_the_client)
{
    for (unsigned first = 0; first < 2; first++) {
        struct tls_recorder recorder;
        run(&recorder, &roles[_i].order, first);
        const struct cas_conversation_facts *facts = tls_recorder_facts(&recorder);
        ck_assert_int_eq(facts->client_end, roles[_i].client_end);
        ck_assert_uint_eq(facts->server.cert_requests, roles[_i].requests);
        ck_assert_uint_eq(recorder.num_anomalies, roles[_i].anomalies);
        tls_recorder_finish(&recorder);
    }
}
END_TEST

/* One of them is a forgery in the client's direction, and which is not known. */
START_TEST(what_two_servers_say_is_in_doubt)
{
    static const struct order both = { "HCAD", "HCAD" };
    for (unsigned first = 0; first < 2; first++) {
        struct tls_recorder recorder;
        run(&recorder, &both, first);
        const struct cas_conversation_facts *facts = tls_recorder_facts(&recorder);
        ck_assert_uint_ne(facts->server.reasons & PROTOCOL, 0);
        ck_assert_uint_ne(facts->client.reasons & PROTOCOL, 0);
        ck_assert_str_eq(recorder.last_anomaly, "unexpected_message");
        tls_recorder_finish(&recorder);
    }
}
END_TEST

/* However the request is cut into records, and these into segments. */
START_TEST(a_request_in_front_of_the_hello_is_shown_in_pieces)
{
    struct cas_buf client = flight("hk");
    struct cas_buf messages = tls_buf();
    tls_cert_request(&messages, 3, 40);
    tls_server_hello(&messages, 0x0303);
    tls_message(&messages, 14, 0);
    for (size_t record_len = 1; record_len <= messages.len; record_len++) {
        struct cas_buf server = tls_buf();
        struct tls_recorder recorder;
        tls_records(&server, 22, 0x0303, cas_buf_view(&messages), record_len);
        tls_recorder_init(&recorder, false);
        tls_recorder_bytes(&recorder, TLS_CLIENT, cas_buf_view(&client));
        tls_recorder_pieces(&recorder, TLS_SERVER, cas_buf_view(&server), 1);
        tls_recorder_close(&recorder, CAS_REASON_CAPTURE_END);
        const struct cas_conversation_facts *facts = tls_recorder_facts(&recorder);
        ck_assert_uint_eq(facts->server.cert_requests, 1);
        ck_assert_uint_eq(facts->server.reasons, PROTOCOL);
        ck_assert(facts->server_hello.is_whole);
        tls_recorder_finish(&recorder);
        cas_buf_finish(&server);
    }
    cas_buf_finish(&messages);
    cas_buf_finish(&client);
}
END_TEST

/*
 * Another protocol's header cuts the request, which then ends so many bytes too early: with the
 * server's last record, and with one behind it, whose length is another one then.
 */
START_TEST(foreign_bytes_within_a_request_make_it_doubtful)
{
    size_t header_len = (size_t)_i + 1;
    static const char *const ends[] = { "", "D" };
    for (size_t i = 0; i < 2; i++) {
        struct tls_recorder recorder;
        struct cas_buf client = flight("h");
        struct cas_buf whole = flight("HCA");
        struct cas_buf behind = flight(ends[i]);
        struct cas_buf server = tls_buf();
        size_t cut = whole.len - 20;
        tls_bytes(&server, cas_view_part(cas_buf_view(&whole), 0, cut));
        tls_fill(&server, 0x2a, header_len);
        tls_bytes(&server, cas_view_part(cas_buf_view(&whole), cut, whole.len));
        tls_bytes(&server, cas_buf_view(&behind));
        tls_recorder_init(&recorder, false);
        tls_recorder_bytes(&recorder, TLS_CLIENT, cas_buf_view(&client));
        tls_recorder_pieces(&recorder, TLS_SERVER, cas_buf_view(&server), 7);
        tls_recorder_close(&recorder, CAS_REASON_CLOSED);
        const struct cas_conversation_facts *facts = tls_recorder_facts(&recorder);
        ck_assert_uint_eq(recorder.num_requests, 1);
        ck_assert_uint_eq(facts->server.reasons, PROTOCOL);
        ck_assert_uint_eq(facts->client.reasons, 0);
        tls_recorder_finish(&recorder);
        cas_buf_finish(&client);
        cas_buf_finish(&whole);
        cas_buf_finish(&behind);
        cas_buf_finish(&server);
    }
}
END_TEST

/* Nothing but TLS is expected behind the flight; behind its end, and behind the clear, anything
 * may come. */
START_TEST(foreign_bytes_behind_the_end_of_tls_are_no_doubt)
{
    static const struct {
        unsigned change_cipher_spec;
        unsigned alert; /* 0: none */
        uint32_t reasons;
    } cases[] = {
        { 0, 0, PROTOCOL }, { 1, 0, 0 }, { 0, 2, 0 }, /* fatal: RFC 5246, 7.2.2 */
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct tls_recorder recorder;
        struct cas_buf server = flight("HCAD");
        if (cases[i].change_cipher_spec > 0) {
            tls_change_cipher_spec(&server);
        }
        if (cases[i].alert > 0) {
            tls_alert(&server, cases[i].alert, 40);
        }
        tls_text(&server, "HTTP/1.1 400 Bad Request\r\n");
        tls_recorder_run_one(&recorder, TLS_SERVER, cas_buf_view(&server));
        ck_assert_uint_eq(tls_recorder_facts(&recorder)->server.reasons, cases[i].reasons);
        tls_recorder_finish(&recorder);
        cas_buf_finish(&server);
    }
}
END_TEST

/* RFC 5246, 7.4.1.1: what is refused may be offered again. */
START_TEST(a_renegotiation_may_be_offered_often)
{
    const struct cas_handshake_message hello = { .type = CAS_HANDSHAKE_CLIENT_HELLO };
    const struct cas_handshake_message certificate = { .type = CAS_HANDSHAKE_CERTIFICATE };
    struct cas_talk talk = { .is_renewed = true };
    for (unsigned i = 0; i < 5; i++) {
        ck_assert(!cas_talk_is_out_of_order(&talk, &hello));
        cas_talk_note_step(&talk, hello.type);
    }
    ck_assert(!cas_talk_is_out_of_order(&talk, &certificate));
    cas_talk_note_step(&talk, certificate.type);
    ck_assert(cas_talk_is_out_of_order(&talk, &certificate));
    ck_assert(cas_talk_is_out_of_order(&talk, &hello));
}
END_TEST

/* Whatever is missing: what remains is in order. */
START_TEST(missing_bytes_do_not_break_the_order)
{
    struct cas_buf bytes = flight(_i % 2 == 0 ? "HCsKAD" : "RT");
    struct cas_view all = cas_buf_view(&bytes);
    size_t len = (size_t)_i * 37 + 1;

    for (size_t at = 0; at + len <= all.len; at++) {
        struct tls_recorder recorder;
        tls_recorder_init(&recorder, false);
        if (at > 0) {
            tls_recorder_bytes(&recorder, TLS_SERVER, cas_view_part(all, 0, at));
        }
        tls_recorder_hole(&recorder, TLS_SERVER, len, CAS_REASON_GAP);
        if (at + len < all.len) {
            tls_recorder_bytes(&recorder, TLS_SERVER, cas_view_part(all, at + len, all.len));
        }
        tls_recorder_close(&recorder, CAS_REASON_CAPTURE_END);
        ck_assert_str_ne(recorder.last_anomaly, "unexpected_message");
        tls_recorder_finish(&recorder);
    }
    cas_buf_finish(&bytes);
}
END_TEST

START_TEST(a_capture_that_begins_anywhere_does_not_break_the_order)
{
    struct cas_buf bytes = flight(_i == 0 ? "HCsKAD" : "RT");
    struct cas_view all = cas_buf_view(&bytes);

    for (size_t at = 1; at < all.len; at++) {
        struct tls_recorder recorder;
        tls_recorder_init(&recorder, true);
        tls_recorder_bytes(&recorder, TLS_SERVER, cas_view_part(all, at, all.len));
        tls_recorder_close(&recorder, CAS_REASON_CAPTURE_END);
        ck_assert_str_ne(recorder.last_anomaly, "unexpected_message");
        tls_recorder_finish(&recorder);
    }
    cas_buf_finish(&bytes);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("conversation_order");
    TCase *tcase = tcase_create("conversation_order");
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, messages_in_their_order_are_no_anomaly, 0, COUNT(right_orders));
    tcase_add_loop_test(tcase, a_server_that_breaks_the_order_is_not_believed, 0,
                        COUNT(servers_at_fault));
    tcase_add_loop_test(tcase, a_client_that_breaks_the_order_is_not_believed, 0,
                        COUNT(clients_at_fault));
    tcase_add_test(tcase, a_request_behind_the_end_of_the_flight_is_shown);
    tcase_add_loop_test(tcase, a_request_in_front_of_the_hello_is_shown, 0, 6);
    tcase_add_loop_test(tcase, a_message_between_plaintext_and_the_hello_is_noticed, 0, 6);
    tcase_add_test(tcase, what_two_servers_say_is_in_doubt);
    tcase_add_loop_test(tcase, a_hello_tells_who_is_the_client, 0, COUNT(roles));
    tcase_add_test(tcase, a_request_in_front_of_the_hello_is_shown_in_pieces);
    tcase_add_loop_test(tcase, foreign_bytes_within_a_request_make_it_doubtful, 0, 24);
    tcase_add_test(tcase, foreign_bytes_behind_the_end_of_tls_are_no_doubt);
    tcase_add_test(tcase, a_renegotiation_may_be_offered_often);
    tcase_add_loop_test(tcase, missing_bytes_do_not_break_the_order, 0, 16);
    tcase_add_loop_test(tcase, a_capture_that_begins_anywhere_does_not_break_the_order, 0, 2);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
