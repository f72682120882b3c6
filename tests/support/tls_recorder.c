/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "support/tls_recorder.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bytes/reader.h"
#include "support/support.h"
#include "support/tls_records.h"
#include "tls/conversation_inside.h"

#define BUDGET (64u << 20)

static void sight(struct cas_buf *out, const struct cas_message_sight *sight)
{
    cas_buf_append_format(out, "len %u records %u reasons %x long %d %d broken %d ",
                          sight->declared_len, sight->records, sight->reasons,
                          sight->is_record_too_long, sight->is_message_too_long_for_record,
                          sight->is_broken);
}

static void view(struct cas_buf *out, const char *name, struct cas_view bytes)
{
    cas_buf_append_format(out, "%s ", name);
    cas_buf_append_hex(out, bytes);
    cas_buf_append_text(out, " ");
}

static void on_request(void *user, const struct cas_frame *frame,
                       const struct cas_cert_request *request)
{
    struct tls_recorder *recorder = user;
    struct cas_buf *out = &recorder->text;

    (void)frame;
    recorder->num_requests++;
    recorder->any_whole_request |= request->sight.reasons == 0 && !request->sight.is_broken;
    if (request->sight.reasons == 0 && !request->sight.is_broken) {
        cas_buf_clear(&recorder->whole_list);
        cas_buf_append(&recorder->whole_list, request->list);
    }
    recorder->last_request = *request;
    cas_buf_append_text(out, "request ");
    sight(out, &request->sight);
    cas_buf_append_format(out, "sigalgs %d declared %u trailing %zu malformed %d ",
                          request->has_signature_algorithms, request->list_declared_len,
                          request->trailing_len, request->is_malformed);
    view(out, "types", request->certificate_types);
    view(out, "algorithms", request->signature_algorithms);
    view(out, "list", request->list);
    view(out, "rest", request->rest_of_message);
    cas_buf_append_text(out, "\n");
}

static void on_certificate(void *user, const struct cas_frame *frame, bool from_server,
                           const struct cas_certificate_message *message)
{
    struct tls_recorder *recorder = user;
    /* Only the server's go into the text in order: the other side's are counted. */
    struct cas_buf client = tls_buf();
    struct cas_buf *out = from_server ? &recorder->text : &client;

    (void)frame;
    recorder->num_certificates++;
    cas_buf_append_text(out, "certificate ");
    sight(out, &message->sight);
    view(out, "list", message->list);
    cas_buf_append_format(out, "malformed %d\n", message->is_malformed);
    cas_buf_append(&recorder->facts_text, cas_buf_view(&client));
    cas_buf_finish(&client);
}

static void on_anomaly(void *user, const struct cas_frame *frame, const char *code,
                       const char *text)
{
    struct tls_recorder *recorder = user;

    (void)frame;
    ck_assert_ptr_nonnull(code);
    ck_assert_ptr_nonnull(text);
    recorder->num_anomalies++;
    (void)snprintf(recorder->last_anomaly, sizeof(recorder->last_anomaly), "%s", code);
}

static void direction(struct cas_buf *out, const char *name,
                      const struct cas_direction_facts *facts)
{
    cas_buf_append_format(out, "%s seen %d certs %u requests %u %d done %d kx %d cv %d ccs %d ",
                          name, facts->is_seen, facts->certificates, facts->cert_requests,
                          facts->has_refused_request, facts->has_hello_done,
                          facts->has_key_exchange, facts->has_certificate_verify,
                          facts->has_change_cipher_spec);
    cas_buf_append_format(out, "enc %d %u alert %d data %d lost %d bad %d reasons %x lack %d\n",
                          facts->has_encrypted_handshake, facts->encrypted_handshakes,
                          facts->has_encrypted_alert, facts->has_application_data,
                          facts->lost_framing, facts->is_malformed, facts->reasons,
                          facts->may_lack_messages);
}

static void client_hello(struct cas_buf *out, const struct cas_client_hello_facts *hello)
{
    cas_buf_append_format(out, "hello %d %d version %x max %x ticket %d ", hello->is_seen,
                          hello->is_whole, hello->version, hello->version_max,
                          hello->offers_ticket_or_psk);
    cas_buf_append_text(out, hello->sni != NULL ? hello->sni : "-");
    for (size_t i = 0; i < hello->alpn_len; i++) {
        cas_buf_append_text(out, " ");
        cas_buf_append_text(out, hello->alpn[i]);
    }
    view(out, " id", cas_view_of(hello->session_id, hello->session_id_len));
    cas_buf_append_format(out, "ja3 %s ja4 %s ", hello->ja3, hello->ja4);
    view(out, "names", hello->ca_names);
    cas_buf_append_format(out, "%d\n", hello->has_ca_names);
}

static void on_done(void *user, const struct cas_frame *frame,
                    const struct cas_conversation_facts *facts)
{
    struct tls_recorder *recorder = user;
    struct cas_buf *out = &recorder->facts_text;
    const struct cas_server_hello_facts *server = &facts->server_hello;

    (void)frame;
    recorder->num_done++;
    ck_assert(facts->is_tls);
    cas_buf_append_format(out, "client end %d after plaintext %d\n", facts->client_end,
                          facts->is_after_plaintext);
    client_hello(out, &facts->client_hello);
    cas_buf_append_format(out, "server %d %d retry %d version %x cipher %x psk %d ja3s %s ",
                          server->is_seen, server->is_whole, server->is_retry, server->version,
                          server->cipher, server->is_psk_accepted, server->ja3s);
    view(out, "id", cas_view_of(server->session_id, server->session_id_len));
    cas_buf_append_text(out, "\n");
    direction(out, "client", &facts->client);
    direction(out, "server", &facts->server);
    for (size_t i = 0; i < facts->alerts_len; i++) {
        cas_buf_append_format(out, "alert %d %u %u\n", facts->alerts[i].from_server,
                              facts->alerts[i].level, facts->alerts[i].description);
    }
    cas_buf_append_format(out, "alerts %llu\n", (unsigned long long)facts->alerts_count);
}

void tls_recorder_init(struct tls_recorder *recorder, bool is_midstream)
{
    *recorder = (struct tls_recorder){
        .budget = { .limit = BUDGET },
        .context = {
            .handler = {
                .cert_request = on_request,
                .certificate = on_certificate,
                .anomaly = on_anomaly,
                .done = on_done,
            },
        },
        .text = tls_buf(),
        .facts_text = tls_buf(),
        .whole_list = tls_buf(),
        .want = { CAS_WANT_BYTES, CAS_WANT_BYTES },
    };
    recorder->context.budget = &recorder->budget;
    recorder->context.counters = &recorder->counters;
    recorder->conversation =
        cas_conversation_create(&recorder->context, recorder, is_midstream);
    ck_assert_ptr_nonnull(recorder->conversation);
}

void tls_recorder_use_keys(struct tls_recorder *recorder, struct cas_keylog *keylog)
{
    cas_conversation_destroy(recorder->conversation);
    recorder->context.keylog = keylog;
    recorder->conversation = cas_conversation_create(&recorder->context, recorder, false);
    ck_assert_ptr_nonnull(recorder->conversation);
}

void tls_recorder_finish(struct tls_recorder *recorder)
{
    cas_conversation_destroy(recorder->conversation);
    ck_assert_uint_eq(recorder->budget.used, 0);
    cas_buf_finish(&recorder->whole_list);
    cas_buf_finish(&recorder->text);
    cas_buf_finish(&recorder->facts_text);
}

void tls_recorder_bytes(struct tls_recorder *recorder, unsigned end, struct cas_view bytes)
{
    if (recorder->want[end] == CAS_WANT_BYTES) {
        struct cas_view copy = exact_copy(bytes);
        recorder->want[end] = cas_conversation_bytes(recorder->conversation, NULL, end,
                                                     recorder->sent[end], copy);
        exact_free(copy);
    }
    recorder->sent[end] += bytes.len;
}

void tls_recorder_pieces(struct tls_recorder *recorder, unsigned end, struct cas_view bytes,
                         size_t piece_len)
{
    for (size_t at = 0; at < bytes.len; at += piece_len) {
        tls_recorder_bytes(recorder, end, cas_view_part(bytes, at, piece_len));
    }
}

void tls_recorder_hole(struct tls_recorder *recorder, unsigned end, uint64_t len,
                       enum cas_reason reason)
{
    if (recorder->want[end] == CAS_WANT_BYTES && len > 0) {
        recorder->want[end] = cas_conversation_hole(recorder->conversation, NULL, end,
                                                    recorder->sent[end], len, reason);
    }
    recorder->sent[end] += len;
}

void tls_recorder_close(struct tls_recorder *recorder, enum cas_reason reason)
{
    if (recorder->want[0] == CAS_WANT_BYTES || recorder->want[1] == CAS_WANT_BYTES) {
        cas_conversation_close(recorder->conversation, NULL, reason);
    }
}

void tls_recorder_run(struct tls_recorder *recorder, const struct tls_flights *flights)
{
    tls_recorder_init(recorder, false);
    tls_recorder_bytes(recorder, TLS_CLIENT, cas_buf_view(&flights->client));
    tls_recorder_bytes(recorder, TLS_SERVER, cas_buf_view(&flights->server));
    tls_recorder_close(recorder, CAS_REASON_CAPTURE_END);
}

void tls_recorder_run_one(struct tls_recorder *recorder, unsigned end, struct cas_view bytes)
{
    tls_recorder_init(recorder, false);
    tls_recorder_bytes(recorder, end, bytes);
    tls_recorder_close(recorder, CAS_REASON_CAPTURE_END);
}

/* What is known so far: a conversation tells it at its end only. */
static const struct cas_conversation_facts *facts_of(struct cas_conversation *conversation)
{
    static const struct cas_conversation_facts nothing = { .client_end = -1 };
    if (!conversation->has_facts) {
        return &nothing;
    }
    cas_conversation_settle(conversation);
    return &conversation->facts;
}

const struct cas_conversation_facts *tls_recorder_facts(const struct tls_recorder *recorder)
{
    const struct cas_conversation_progress progress =
        cas_conversation_progress(recorder->conversation);
    const struct cas_conversation_facts *facts = facts_of(recorder->conversation);
    ck_assert(progress.is_tls == facts->is_tls);
    ck_assert(progress.has_client_hello == facts->client_hello.is_seen);
    ck_assert(progress.has_server_hello == facts->server_hello.is_seen);
    ck_assert(progress.has_server_certificate == (facts->server.certificates > 0));
    return facts;
}
