/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include <casniff/error.h>

#include "support/support.h"
#include "support/tls12_sealer.h"
#include "support/tls_records.h"
#include "tls/conversation.h"

#define HANDSHAKE 22
#define ALERT     21
#define CHANGE    20
#define DATA      23

#define SHAKES_MAX 4

/* What one connection's handshakes told. */
struct shake {
    unsigned num_requests;
    uint32_t names_len;
    uint32_t request_reasons;
    unsigned num_server_certs;
    unsigned num_client_certs;
    bool is_renewed;
    bool client_finished;
    bool server_finished;
    uint64_t alerts;
    bool server_lacks;
    bool client_lacks;
};

struct bench {
    struct cas_budget budget;
    struct cas_counters counters;
    struct cas_keylog *keylog;
    struct cas_tls_context context;
    struct cas_conversation *conversation;
    struct shake shake[SHAKES_MAX];
    unsigned num_done;
    enum cas_want want;
    uint64_t sent[2];
    const char *anomaly; /* the last one */
};

static void on_request(void *user, const struct cas_frame *frame,
                       const struct cas_cert_request *request)
{
    struct bench *bench = user;
    (void)frame;
    bench->shake[bench->num_done].num_requests++;
    bench->shake[bench->num_done].names_len = request->list_declared_len;
    bench->shake[bench->num_done].request_reasons = request->sight.reasons;
}

static void on_certificate(void *user, const struct cas_frame *frame, bool from_server,
                           const struct cas_certificate_message *message)
{
    struct bench *bench = user;
    (void)frame;
    (void)message;
    bench->shake[bench->num_done].num_server_certs += from_server;
    bench->shake[bench->num_done].num_client_certs += !from_server;
}

static void on_anomaly(void *user, const struct cas_frame *frame, const char *code,
                       const char *text)
{
    struct bench *bench = user;
    (void)frame;
    (void)text;
    bench->anomaly = code;
}

static void on_done(void *user, const struct cas_frame *frame,
                    const struct cas_conversation_facts *facts)
{
    struct bench *bench = user;
    (void)frame;
    ck_assert_uint_lt(bench->num_done, SHAKES_MAX - 1);
    struct shake *shake = &bench->shake[bench->num_done++];
    shake->is_renewed = facts->is_renewed;
    shake->client_finished = facts->client.has_encrypted_handshake;
    shake->server_finished = facts->server.has_encrypted_handshake;
    shake->alerts = facts->alerts_count;
    shake->server_lacks = facts->server.may_lack_messages;
    shake->client_lacks = facts->client.may_lack_messages;
}

static void begin(struct bench *bench, const char *keylog)
{
    struct cas_error error;
    *bench = (struct bench){
        .budget = { .limit = 1 << 24 },
        .context = { .handler = { on_request, on_certificate, on_anomaly, on_done } },
        .keylog = cas_keylog_create(),
        .want = CAS_WANT_BYTES,
    };
    ck_assert_int_eq(cas_keylog_add_text(bench->keylog, "test", text_view(keylog), &error),
                     CAS_OK);
    bench->context.budget = &bench->budget;
    bench->context.counters = &bench->counters;
    bench->context.keylog = bench->keylog;
    bench->conversation = cas_conversation_create(&bench->context, bench, false);
    ck_assert_ptr_nonnull(bench->conversation);
}

static void end(struct bench *bench)
{
    cas_conversation_destroy(bench->conversation);
    cas_keylog_destroy(bench->keylog);
    ck_assert_uint_eq(bench->budget.used, 0);
}

static void renew(struct bench *bench)
{
    while (bench->want == CAS_WANT_NEITHER && cas_conversation_renew(bench->conversation)) {
        bench->want = cas_conversation_read_on(bench->conversation, NULL);
    }
}

static void send_bytes(struct bench *bench, unsigned side, struct cas_view bytes)
{
    if (bench->want != CAS_WANT_NEITHER && bytes.len > 0) {
        struct cas_view exact = exact_copy(bytes);
        bench->want =
            cas_conversation_bytes(bench->conversation, NULL, side, bench->sent[side], exact);
        exact_free(exact);
    }
    bench->sent[side] += bytes.len;
    renew(bench);
}

static void send_hole(struct bench *bench, unsigned side, size_t len)
{
    if (bench->want != CAS_WANT_NEITHER) {
        bench->want = cas_conversation_hole(bench->conversation, NULL, side, bench->sent[side],
                                            len, CAS_REASON_GAP);
    }
    bench->sent[side] += len;
    renew(bench);
}

/* As the analysis does it. */
static void close_it(struct bench *bench)
{
    cas_conversation_close(bench->conversation, NULL, CAS_REASON_CLOSED);
    bench->want = CAS_WANT_NEITHER;
    renew(bench);
    if (bench->want != CAS_WANT_NEITHER) {
        cas_conversation_close(bench->conversation, NULL, CAS_REASON_CLOSED);
    }
}

/* Both sides of a connection as they are built. */
struct wire {
    struct cas_buf bytes[2];
    struct tls12_sealer sealer[2];
    size_t request_at; /* of the server's bytes: in the body of the record with the request */
    /* Of each side's last handshake: its hello's record, and the one behind it. */
    size_t hello_at[2];
    size_t second_at[2];
    size_t begin_at[2]; /* and its first record: of the server a HelloRequest */
};

static void wire_begin(struct wire *wire)
{
    *wire = (struct wire){ .bytes = { tls_buf(), tls_buf() } };
}

static void wire_finish(struct wire *wire)
{
    cas_buf_finish(&wire->bytes[0]);
    cas_buf_finish(&wire->bytes[1]);
}

/* From here on: records of the next keys. */
static void change_keys(struct wire *wire, unsigned side)
{
    wire->sealer[side] = side == 0 ? tls12_sealer_client() : tls12_sealer_server();
}

static void seal(struct wire *wire, unsigned side, unsigned type, struct cas_view content)
{
    tls12_seal(&wire->bytes[side], &wire->sealer[side], type, content);
}

static void seal_finished(struct wire *wire, unsigned side)
{
    struct cas_buf message = tls_buf();
    change_keys(wire, side);
    tls_message(&message, 20, 12);
    seal(wire, side, HANDSHAKE, cas_buf_view(&message));
    cas_buf_finish(&message);
}

static void first_handshake(struct wire *wire)
{
    struct cas_buf message = tls_buf();
    tls_client_hello(&message, "host.example");
    tls_records(&wire->bytes[0], HANDSHAKE, 0x0301, cas_buf_view(&message), 16384);
    cas_buf_clear(&message);
    tls_server_hello(&message, 0x0303);
    tls_certificate(&message, 1, 100);
    tls_message(&message, 12, 70);
    tls_message(&message, 14, 0);
    tls_records(&wire->bytes[1], HANDSHAKE, 0x0303, cas_buf_view(&message), 16384);
    cas_buf_clear(&message);
    tls_message(&message, 16, 66);
    tls_records(&wire->bytes[0], HANDSHAKE, 0x0303, cas_buf_view(&message), 16384);
    for (unsigned side = 0; side < 2; side++) {
        tls_change_cipher_spec(&wire->bytes[side]);
        seal_finished(wire, side);
    }
    cas_buf_finish(&message);
}

static void data(struct wire *wire)
{
    seal(wire, 0, DATA, text_view("GET / HTTP/1.1\r\n\r\n"));
    seal(wire, 1, DATA, text_view("HTTP/1.1 200 OK\r\n\r\n"));
}

/* A HelloRequest, and a handshake with this many names in its request; 0: none. */
static void next_handshake(struct wire *wire, size_t num_names)
{
    struct cas_buf message = tls_buf();
    tls_message(&message, 0, 0);
    wire->begin_at[0] = wire->bytes[0].len;
    wire->begin_at[1] = wire->bytes[1].len;
    seal(wire, 1, HANDSHAKE, cas_buf_view(&message));
    cas_buf_clear(&message);
    tls_client_hello(&message, "host.example");
    wire->hello_at[0] = wire->bytes[0].len;
    seal(wire, 0, HANDSHAKE, cas_buf_view(&message));
    cas_buf_clear(&message);
    tls_server_hello(&message, 0x0303);
    tls_certificate(&message, 1, 100);
    wire->hello_at[1] = wire->bytes[1].len;
    seal(wire, 1, HANDSHAKE, cas_buf_view(&message));
    cas_buf_clear(&message);
    wire->second_at[0] = wire->bytes[0].len;
    wire->second_at[1] = wire->bytes[1].len;
    wire->request_at = wire->bytes[1].len + 100;
    if (num_names > 0) {
        tls_cert_request(&message, num_names, 40);
    }
    tls_message(&message, 14, 0);
    seal(wire, 1, HANDSHAKE, cas_buf_view(&message));
    cas_buf_clear(&message);
    if (num_names > 0) {
        tls_certificate(&message, 1, 200);
    }
    tls_message(&message, 16, 66);
    seal(wire, 0, HANDSHAKE, cas_buf_view(&message));
    for (unsigned side = 0; side < 2; side++) {
        seal(wire, side, CHANGE, text_view("\x01"));
        seal_finished(wire, side);
    }
    cas_buf_finish(&message);
}

static void send_side(struct bench *bench, const struct wire *wire, unsigned side, size_t piece)
{
    struct cas_view bytes = cas_buf_view(&wire->bytes[side]);
    for (size_t at = 0; at < bytes.len; at += piece) {
        send_bytes(bench, side, cas_view_part(bytes, at, piece));
    }
}

static void expect_asked(const struct shake *shake, size_t num_names)
{
    ck_assert(shake->is_renewed);
    ck_assert_uint_eq(shake->num_requests, num_names > 0);
    ck_assert_uint_eq(shake->names_len, num_names * (2 + 40));
    ck_assert_uint_eq(shake->request_reasons, 0);
    ck_assert_uint_eq(shake->num_server_certs, 1);
    ck_assert_uint_eq(shake->num_client_certs, num_names > 0);
    ck_assert(shake->client_finished && shake->server_finished);
}

static void expect_not_asked_at_first(const struct shake *shake)
{
    ck_assert(!shake->is_renewed);
    ck_assert_uint_eq(shake->num_requests, 0);
    ck_assert_uint_eq(shake->num_server_certs, 1);
    ck_assert(shake->client_finished && shake->server_finished);
}

/* In every split, and whichever side is heard first. */
START_TEST(each_handshake_is_told_as_it_was)
{
    const size_t pieces[] = { 1, 7, 100, SIZE_MAX };
    struct wire wire;
    wire_begin(&wire);
    first_handshake(&wire);
    data(&wire);
    next_handshake(&wire, 3);
    data(&wire);
    next_handshake(&wire, 0);
    data(&wire);
    for (unsigned i = 0; i < 8; i++) {
        struct bench bench;
        begin(&bench, tls12_sealer_keylog);
        send_side(&bench, &wire, i % 2, pieces[i / 2]);
        send_side(&bench, &wire, 1 - i % 2, pieces[i / 2]);
        close_it(&bench);
        ck_assert_uint_eq(bench.num_done, 3);
        expect_not_asked_at_first(&bench.shake[0]);
        expect_asked(&bench.shake[1], 3);
        expect_asked(&bench.shake[2], 0);
        ck_assert_ptr_null(bench.anomaly);
        ck_assert_uint_eq(bench.counters.value[CAS_COUNT_RENEGOTIATIONS], 2);
        ck_assert_uint_eq(bench.counters.value[CAS_COUNT_TLS_CONNECTIONS], 1);
        end(&bench);
    }
    wire_finish(&wire);
}
END_TEST

START_TEST(a_handshake_at_once_is_told_for_itself)
{
    struct bench bench;
    struct wire wire;
    wire_begin(&wire);
    first_handshake(&wire);
    next_handshake(&wire, 3);
    begin(&bench, tls12_sealer_keylog);
    send_side(&bench, &wire, 0, 50);
    send_side(&bench, &wire, 1, 50);
    close_it(&bench);
    ck_assert_uint_eq(bench.num_done, 2);
    expect_not_asked_at_first(&bench.shake[0]);
    expect_asked(&bench.shake[1], 3);
    end(&bench);
    wire_finish(&wire);
}
END_TEST

START_TEST(nothing_is_told_of_data_alone)
{
    struct bench bench;
    struct wire wire;
    wire_begin(&wire);
    first_handshake(&wire);
    for (int i = 0; i < 50; i++) {
        data(&wire);
    }
    begin(&bench, tls12_sealer_keylog);
    send_side(&bench, &wire, 0, 50);
    send_side(&bench, &wire, 1, 50);
    ck_assert_int_eq(bench.want, CAS_WANT_BYTES);
    close_it(&bench);
    ck_assert_uint_eq(bench.num_done, 1);
    end(&bench);
    wire_finish(&wire);
}
END_TEST

START_TEST(a_wrong_secret_is_a_finding_and_tells_nothing)
{
    char keylog[256];
    struct bench bench;
    struct wire wire;
    wire_begin(&wire);
    first_handshake(&wire);
    data(&wire);
    next_handshake(&wire, 3);
    size_t len = strlen(tls12_sealer_keylog);
    ck_assert_uint_lt(len, sizeof(keylog));
    memcpy(keylog, tls12_sealer_keylog, len + 1);
    keylog[len - 2] = '8';
    begin(&bench, keylog);
    send_side(&bench, &wire, 0, 50);
    send_side(&bench, &wire, 1, 50);
    close_it(&bench);
    ck_assert_uint_eq(bench.num_done, 1);
    ck_assert_str_eq(bench.anomaly, "wrong_key");
    end(&bench);
    wire_finish(&wire);
}
END_TEST

/* A hole in the record of the request: nothing is made up, and what came is not lost. */
START_TEST(what_is_behind_a_hole_is_not_believed)
{
    struct bench bench;
    struct wire wire;
    wire_begin(&wire);
    first_handshake(&wire);
    data(&wire);
    next_handshake(&wire, 3);
    struct cas_view server = cas_buf_view(&wire.bytes[1]);
    begin(&bench, tls12_sealer_keylog);
    send_side(&bench, &wire, 0, 50);
    send_bytes(&bench, 1, cas_view_part(server, 0, wire.request_at));
    send_hole(&bench, 1, 1);
    send_bytes(&bench, 1, cas_view_part(server, wire.request_at + 1, server.len));
    close_it(&bench);
    ck_assert_uint_eq(bench.num_done, 1);
    ck_assert_uint_eq(bench.shake[1].num_requests, 0);
    end(&bench);
    wire_finish(&wire);
}
END_TEST

START_TEST(an_altered_record_is_a_finding)
{
    struct bench bench;
    struct wire wire;
    wire_begin(&wire);
    first_handshake(&wire);
    data(&wire);
    next_handshake(&wire, 3);
    wire.bytes[1].data[wire.request_at] ^= 1;
    begin(&bench, tls12_sealer_keylog);
    send_side(&bench, &wire, 0, 50);
    send_side(&bench, &wire, 1, 50);
    close_it(&bench);
    ck_assert_uint_eq(bench.num_done, 1);
    ck_assert_str_eq(bench.anomaly, "damaged_record");
    end(&bench);
    wire_finish(&wire);
}
END_TEST

/* One byte of a forger's: the type of the record with the request, or with the answer. What
 * remains is read, and nobody says that there was none. */
START_TEST(a_record_that_is_made_to_look_like_data_is_missed)
{
    unsigned side = (unsigned)_i;
    struct bench bench;
    struct wire wire;
    wire_begin(&wire);
    first_handshake(&wire);
    data(&wire);
    next_handshake(&wire, 3);
    wire.bytes[side].data[wire.second_at[side]] = DATA;
    begin(&bench, tls12_sealer_keylog);
    send_side(&bench, &wire, 0, 50);
    send_side(&bench, &wire, 1, 50);
    close_it(&bench);
    ck_assert_uint_eq(bench.num_done, 2);
    ck_assert_str_eq(bench.anomaly, "damaged_record");
    const struct shake *shake = &bench.shake[1];
    ck_assert_uint_eq(shake->num_requests, side == 0);
    ck_assert_uint_eq(shake->num_client_certs, side == 1);
    ck_assert(shake->client_lacks == (side == 0));
    ck_assert(shake->server_lacks == (side == 1));
    ck_assert(shake->client_finished && shake->server_finished);
    end(&bench);
    wire_finish(&wire);
}
END_TEST

/* With the hello gone nobody looks at what else is passed over. */
START_TEST(a_side_without_its_hello_lacks_messages)
{
    unsigned side = (unsigned)_i;
    struct bench bench;
    struct wire wire;
    wire_begin(&wire);
    first_handshake(&wire);
    data(&wire);
    next_handshake(&wire, 3);
    wire.bytes[side].data[wire.hello_at[side]] = DATA;
    wire.bytes[side].data[wire.second_at[side]] = DATA;
    begin(&bench, tls12_sealer_keylog);
    send_side(&bench, &wire, 0, 50);
    send_side(&bench, &wire, 1, 50);
    close_it(&bench);
    ck_assert_uint_eq(bench.num_done, 2);
    ck_assert(side == 0 ? bench.shake[1].client_lacks : bench.shake[1].server_lacks);
    end(&bench);
    wire_finish(&wire);
}
END_TEST

/* RFC 5246, 7.4.1.1: what is refused goes on with data. It is none of the next handshake. */
START_TEST(data_behind_a_refused_hello_and_within_a_handshake_is_no_doubt)
{
    struct bench bench;
    struct wire wire;
    struct cas_buf message = tls_buf();
    wire_begin(&wire);
    first_handshake(&wire);
    tls_client_hello(&message, "host.example");
    seal(&wire, 0, HANDSHAKE, cas_buf_view(&message));
    cas_buf_clear(&message);
    seal(&wire, 1, ALERT, text_view("\x01\x64"));
    tls_fill(&message, 'x', 16384);
    for (int i = 0; i < 20; i++) {
        seal(&wire, 0, DATA, cas_buf_view(&message));
    }
    cas_buf_clear(&message);
    tls_client_hello(&message, "host.example");
    seal(&wire, 0, HANDSHAKE, cas_buf_view(&message));
    seal(&wire, 0, DATA, text_view("between"));
    next_handshake(&wire, 3);
    begin(&bench, tls12_sealer_keylog);
    send_side(&bench, &wire, 0, 5000);
    send_side(&bench, &wire, 1, 5000);
    close_it(&bench);
    ck_assert_uint_eq(bench.num_done, 2);
    expect_asked(&bench.shake[1], 3);
    ck_assert(!bench.shake[1].client_lacks && !bench.shake[1].server_lacks);
    ck_assert_ptr_null(bench.anomaly);
    cas_buf_finish(&message);
    end(&bench);
    wire_finish(&wire);
}
END_TEST

/* Its header comes first and says that all which follows is data; then the true one comes. */
START_TEST(a_forged_header_that_swallows_all_is_an_anomaly)
{
    struct bench bench;
    struct wire wire;
    wire_begin(&wire);
    first_handshake(&wire);
    data(&wire);
    next_handshake(&wire, 3);
    begin(&bench, tls12_sealer_keylog);
    for (unsigned side = 0; side < 2; side++) {
        struct cas_view all = cas_buf_view(&wire.bytes[side]);
        size_t at = wire.begin_at[side];
        send_bytes(&bench, side, cas_view_part(all, 0, at));
        send_bytes(&bench, side, cas_view_of((const uint8_t[]){ DATA, 3, 3, 0x40, 0 }, 5));
        cas_conversation_doubt(bench.conversation, NULL, side, at, 1, CAS_REASON_OVERLAP);
        send_bytes(&bench, side, cas_view_part(all, at + 5, all.len));
    }
    close_it(&bench);
    ck_assert_uint_eq(bench.num_done, 1);
    ck_assert_str_eq(bench.anomaly, "overlap");
    end(&bench);
    wire_finish(&wire);
}
END_TEST

/* RFC 5246, 7.2.2: what the server says in place of its Finished. */
START_TEST(an_encrypted_alert_is_opened)
{
    struct bench bench;
    struct wire wire;
    wire_begin(&wire);
    first_handshake(&wire);
    data(&wire);
    struct cas_buf message = tls_buf();
    tls_client_hello(&message, "host.example");
    seal(&wire, 0, HANDSHAKE, cas_buf_view(&message));
    seal(&wire, 1, ALERT, text_view("\x02\x28"));
    begin(&bench, tls12_sealer_keylog);
    send_side(&bench, &wire, 0, 50);
    send_side(&bench, &wire, 1, 50);
    close_it(&bench);
    ck_assert_uint_eq(bench.num_done, 2);
    ck_assert_uint_eq(bench.shake[1].alerts, 1);
    ck_assert(!bench.shake[1].server_finished);
    cas_buf_finish(&message);
    end(&bench);
    wire_finish(&wire);
}
END_TEST

/* Wherever the server's bytes end: no list that is not whole is told as whole. */
START_TEST(every_prefix_tells_what_it_holds)
{
    struct wire wire;
    wire_begin(&wire);
    first_handshake(&wire);
    data(&wire);
    next_handshake(&wire, 3);
    struct cas_view server = cas_buf_view(&wire.bytes[1]);
    for (size_t len = 0; len < server.len; len++) {
        struct bench bench;
        begin(&bench, tls12_sealer_keylog);
        send_side(&bench, &wire, 0, SIZE_MAX);
        send_bytes(&bench, 1, cas_view_part(server, 0, len));
        close_it(&bench);
        ck_assert_uint_le(bench.num_done, 2);
        ck_assert(bench.shake[1].num_requests == 0 || bench.shake[1].request_reasons == 0);
        ck_assert_ptr_null(bench.anomaly);
        end(&bench);
    }
    wire_finish(&wire);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("renewal");
    TCase *tcase = tcase_create("renewal");
    tcase_add_test(tcase, each_handshake_is_told_as_it_was);
    tcase_add_test(tcase, a_handshake_at_once_is_told_for_itself);
    tcase_add_test(tcase, nothing_is_told_of_data_alone);
    tcase_add_test(tcase, a_wrong_secret_is_a_finding_and_tells_nothing);
    tcase_add_test(tcase, what_is_behind_a_hole_is_not_believed);
    tcase_add_test(tcase, an_altered_record_is_a_finding);
    tcase_add_loop_test(tcase, a_record_that_is_made_to_look_like_data_is_missed, 0, 2);
    tcase_add_loop_test(tcase, a_side_without_its_hello_lacks_messages, 0, 2);
    tcase_add_test(tcase, data_behind_a_refused_hello_and_within_a_handshake_is_no_doubt);
    tcase_add_test(tcase, a_forged_header_that_swallows_all_is_an_anomaly);
    tcase_add_test(tcase, an_encrypted_alert_is_opened);
    tcase_add_test(tcase, every_prefix_tells_what_it_holds);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
