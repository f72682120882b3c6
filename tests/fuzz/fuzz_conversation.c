/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Target: a whole conversation. First byte: bit 0 midstream, bit 1 little memory. Then steps of
 * u8 kind, u8 len: bit 0 of kind is the end, bits 1 and 2 are bytes (0, 1: len of them follow),
 * a hole (2) or doubt about the len bytes before (3).
 *
 * Run as given, and again with one end after the other, byte by byte: both tell the same. With
 * doubt or little memory, when it comes does count: then only one run.
 */
#include <stdlib.h>
#include <string.h>

#include "bytes/buf.h"
#include "bytes/reader.h"
#include "fuzz/heard.h"
#include "tls/conversation.h"

#define OUT_MAX (1u << 24)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum kind {
    KIND_BYTES = 0,
    KIND_HOLE = 2,
    KIND_DOUBT = 3
};

struct run {
    struct cas_budget budget;
    struct cas_counters counters;
    struct cas_tls_context context;
    struct cas_conversation *conversation;
    struct cas_buf requests;
    struct cas_buf facts;
    uint64_t sent[2];
    enum cas_want want[2];
    unsigned num_done;
};

static void on_request(void *user, const struct cas_frame *frame,
                       const struct cas_cert_request *request)
{
    struct run *run = user;
    (void)frame;
    if (request->list.len > request->list_declared_len ||
        (request->sight.reasons == 0 && !request->is_malformed &&
         request->list.len != request->list_declared_len)) {
        abort();
    }
    cas_buf_append_format(&run->requests, "[%u %x %u %d %d]", request->sight.declared_len,
                          request->sight.reasons, request->sight.records,
                          request->sight.is_broken, request->is_malformed);
    cas_buf_append(&run->requests, request->list);
}

static void direction(struct cas_buf *out, const struct cas_direction_facts *facts)
{
    cas_buf_append_format(out, "[%d %u %u %d %d %d %d %d %u", facts->is_seen,
                          facts->certificates, facts->cert_requests, facts->has_hello_done,
                          facts->has_key_exchange, facts->has_certificate_verify,
                          facts->has_change_cipher_spec, facts->has_encrypted_handshake,
                          facts->encrypted_handshakes);
    cas_buf_append_format(out, " %d %d %d %d %x %d]", facts->has_encrypted_alert,
                          facts->has_application_data, facts->lost_framing, facts->is_malformed,
                          facts->reasons, facts->may_lack_messages);
}

static void on_done(void *user, const struct cas_frame *frame,
                    const struct cas_conversation_facts *facts)
{
    struct run *run = user;
    struct cas_buf *out = &run->facts;
    (void)frame;
    run->num_done++;
    cas_buf_append_format(
        out, "%d %d %d %d %d %x %x %d %s %s %d %d %x %x %s %llu", facts->is_tls,
        facts->client_end, facts->is_after_plaintext, facts->client_hello.is_seen,
        facts->client_hello.is_whole, facts->client_hello.version,
        facts->client_hello.version_max, facts->client_hello.offers_ticket_or_psk,
        facts->client_hello.ja3, facts->client_hello.ja4, facts->server_hello.is_seen,
        facts->server_hello.is_retry, facts->server_hello.version, facts->server_hello.cipher,
        facts->server_hello.ja3s, (unsigned long long)facts->alerts_count);
    cas_buf_append_text(out, facts->client_hello.sni != NULL ? facts->client_hello.sni : "");
    direction(out, &facts->client);
    direction(out, &facts->server);
    for (size_t i = 0; i < facts->alerts_len; i++) {
        cas_buf_append_format(out, "%d %u %u", facts->alerts[i].from_server,
                              facts->alerts[i].level, facts->alerts[i].description);
    }
}

static void send_bytes(struct run *run, unsigned end, struct cas_view bytes)
{
    if (run->want[end] == CAS_WANT_BYTES && bytes.len > 0) {
        run->want[end] =
            cas_conversation_bytes(run->conversation, NULL, end, run->sent[end], bytes);
    }
    run->sent[end] += bytes.len;
}

static void send_hole(struct run *run, unsigned end, uint64_t len)
{
    if (run->want[end] == CAS_WANT_BYTES && len > 0) {
        run->want[end] = cas_conversation_hole(run->conversation, NULL, end, run->sent[end],
                                               len, CAS_REASON_GAP);
    }
    run->sent[end] += len;
}

/* All steps of these ends; true when there was doubt among them. */
static bool walk(struct run *run, struct cas_view steps, unsigned ends, size_t piece_len)
{
    struct cas_reader r = cas_reader_init(steps);
    bool is_doubted = false;

    while (cas_reader_left(&r) > 0) {
        uint8_t step = cas_reader_u8(&r);
        uint8_t len = cas_reader_u8(&r);
        unsigned end = step & 1;
        unsigned kind = step >> 1 & 3;
        struct cas_view bytes = { 0 };
        if (kind < KIND_HOLE) {
            size_t left = cas_reader_left(&r);
            bytes = cas_reader_bytes(&r, len < left ? len : left);
        }
        if ((ends >> end & 1) == 0) {
            continue;
        }
        for (size_t at = 0; at < bytes.len; at += piece_len) {
            send_bytes(run, end, cas_view_part(bytes, at, piece_len));
        }
        if (kind == KIND_HOLE) {
            send_hole(run, end, len);
        } else if (kind == KIND_DOUBT) {
            uint64_t from = run->sent[end] > len ? run->sent[end] - len : 0;
            cas_conversation_doubt(run->conversation, NULL, end, from, len + 1u,
                                   CAS_REASON_OVERLAP);
            is_doubted = true;
        }
    }
    return is_doubted;
}

static bool start(struct run *run, uint8_t flags)
{
    *run = (struct run){
        .budget = { .limit = flags & 2 ? 3000 : 1u << 24 },
        .context = { .handler = { on_request, on_certificate, on_anomaly, on_done } },
        .requests = cas_buf_init(OUT_MAX, NULL),
        .facts = cas_buf_init(OUT_MAX, NULL),
        .want = { CAS_WANT_BYTES, CAS_WANT_BYTES },
    };
    run->context.budget = &run->budget;
    run->context.counters = &run->counters;
    run->conversation = cas_conversation_create(&run->context, run, (flags & 1) != 0);
    return run->conversation != NULL;
}

static void stop(struct run *run)
{
    if (run->want[0] == CAS_WANT_BYTES || run->want[1] == CAS_WANT_BYTES) {
        cas_conversation_close(run->conversation, NULL, CAS_REASON_CLOSED);
    }
    cas_conversation_destroy(run->conversation);
    if (run->budget.used != 0 || run->num_done > 1) {
        abort();
    }
}

static void compare_and_finish(struct run *a, struct run *b, bool is_comparable)
{
    bool is_same = cas_view_equal(cas_buf_view(&a->facts), cas_buf_view(&b->facts)) &&
                   a->requests.len == b->requests.len;
    if (is_comparable && !is_same) {
        abort();
    }
    cas_buf_finish(&a->requests);
    cas_buf_finish(&a->facts);
    cas_buf_finish(&b->requests);
    cas_buf_finish(&b->facts);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0) {
        return 0;
    }
    struct cas_view steps = cas_view_part(cas_view_of(data, size), 1, size);
    struct run together;
    struct run apart;

    if (!start(&together, data[0]) || !start(&apart, data[0])) {
        abort();
    }
    bool is_doubted = walk(&together, steps, 3, SIZE_MAX);
    stop(&together);
    (void)walk(&apart, steps, 2, 1);
    (void)walk(&apart, steps, 1, 1);
    stop(&apart);
    compare_and_finish(&together, &apart, !is_doubted && (data[0] & 2) == 0);
    return 0;
}
