/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Target: what lies encrypted behind a handshake of TLS 1.2, with its key log. The handshake is
 * given; then steps of u8 kind, u8 len: bit 0 of kind is the end, bits 1 to 3 are
 *   0, 1: len bytes follow, sealed as a handshake record     2: the same as application data
 *   3: the same as an alert      4: the same as ChangeCipherSpec
 *   5: ChangeCipherSpec, and a Finished of the next keys
 *   6: len bytes follow, as they are                         7: a hole of len bytes
 *
 * Run as given, and again with one end after the other, byte by byte: both tell the same, as
 * long as nothing is missing.
 */
#include <stdlib.h>
#include <string.h>

#include <casniff/error.h>

#include "bytes/reader.h"
#include "fuzz/heard.h"
#include "support/tls12_sealer.h"
#include "tls/conversation.h"

#define OUT_MAX   (1u << 24)
#define WHOLE_MAX 16384 /* more than that may be heard in one order only */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct run {
    struct cas_budget budget;
    struct cas_counters counters;
    struct cas_tls_context context;
    struct cas_conversation *conversation;
    struct cas_buf told;
    struct tls12_sealer sealer[2];
    uint64_t sent[2];
    enum cas_want want;
};

static void on_request(void *user, const struct cas_frame *frame,
                       const struct cas_cert_request *request)
{
    struct run *run = user;
    (void)frame;
    cas_buf_append_format(&run->told, "[%u %x %d]", request->sight.declared_len,
                          request->sight.reasons, request->is_malformed);
}

static void on_done(void *user, const struct cas_frame *frame,
                    const struct cas_conversation_facts *facts)
{
    struct run *run = user;
    (void)frame;
    cas_buf_append_format(&run->told, "done %d %u %u %u %d %d %llu;", facts->is_renewed,
                          facts->server.cert_requests, facts->server.certificates,
                          facts->client.certificates, facts->client.has_finished,
                          facts->server.has_finished, (unsigned long long)facts->alerts_count);
}

static void renew(struct run *run)
{
    while (run->want == CAS_WANT_NEITHER && cas_conversation_renew(run->conversation)) {
        run->want = cas_conversation_read_on(run->conversation, NULL);
    }
}

static void send_bytes(struct run *run, unsigned end, struct cas_view bytes, size_t piece_len)
{
    for (size_t at = 0; at < bytes.len; at += piece_len) {
        struct cas_view piece = cas_view_part(bytes, at, piece_len);
        if (run->want != CAS_WANT_NEITHER) {
            run->want =
                cas_conversation_bytes(run->conversation, NULL, end, run->sent[end], piece);
        }
        run->sent[end] += piece.len;
        renew(run);
    }
}

static void send_hole(struct run *run, unsigned end, uint64_t len)
{
    if (run->want != CAS_WANT_NEITHER && len > 0) {
        run->want = cas_conversation_hole(run->conversation, NULL, end, run->sent[end], len,
                                          CAS_REASON_GAP);
    }
    run->sent[end] += len;
    renew(run);
}

static void append_hello(struct cas_buf *out, const char *begin, size_t begin_len, char random)
{
    cas_buf_append(out, cas_view_of(begin, begin_len));
    for (int i = 0; i < 32; i++) {
        cas_buf_append_u8(out, (uint8_t)random);
    }
}

static void append_finished(struct run *run, unsigned end, struct cas_buf *out)
{
    static const uint8_t message[16] = { 20, 0, 0, 12 };
    run->sealer[end] = end == 0 ? tls12_sealer_client() : tls12_sealer_server();
    tls12_seal(out, &run->sealer[end], 22, cas_view_of(message, sizeof(message)));
}

/* RFC 5246, 7.4: hellos with one cipher suite, an empty key exchange, Finished. */
static void append_handshake(struct run *run, unsigned end, struct cas_buf *out)
{
    static const char client[] = "\x16\x03\x01\x00\x2d\x01\x00\x00\x29\x03\x03";
    static const char client_end[] = "\x00\x00\x02\xc0\x2f\x01\x00"
                                     "\x16\x03\x03\x00\x04\x10\x00\x00\x00"
                                     "\x14\x03\x03\x00\x01\x01";
    static const char server[] = "\x16\x03\x03\x00\x2e\x02\x00\x00\x26\x03\x03";
    static const char server_end[] = "\x00\xc0\x2f\x00\x0e\x00\x00\x00"
                                     "\x14\x03\x03\x00\x01\x01";
    if (end == 0) {
        append_hello(out, client, sizeof(client) - 1, '\xa1');
        cas_buf_append(out, cas_view_of(client_end, sizeof(client_end) - 1));
    } else {
        append_hello(out, server, sizeof(server) - 1, '\xb2');
        cas_buf_append(out, cas_view_of(server_end, sizeof(server_end) - 1));
    }
    append_finished(run, end, out);
}

static void append_step(struct run *run, unsigned end, unsigned kind, struct cas_view content,
                        struct cas_buf *out)
{
    static const uint8_t types[] = { 22, 22, 23, 21, 20 };
    static const uint8_t change[] = { 1 };
    if (kind < sizeof(types)) {
        tls12_seal(out, &run->sealer[end], types[kind], content);
    } else if (kind == 5) {
        tls12_seal(out, &run->sealer[end], 20, cas_view_of(change, sizeof(change)));
        append_finished(run, end, out);
    } else {
        cas_buf_append(out, content);
    }
}

/* All steps of these ends; false when something was missing among them. */
static bool walk(struct run *run, struct cas_view steps, unsigned ends, size_t piece_len)
{
    struct cas_reader r = cas_reader_init(steps);
    struct cas_buf out = cas_buf_init(OUT_MAX, NULL);
    bool is_whole = true;

    for (unsigned end = 0; end < 2; end++) {
        cas_buf_clear(&out);
        append_handshake(run, end, &out);
        send_bytes(run, end,
                   (ends >> end & 1) != 0 ? cas_buf_view(&out) : (struct cas_view){ 0 },
                   piece_len);
    }
    while (cas_reader_left(&r) > 0) {
        uint8_t step = cas_reader_u8(&r);
        uint8_t len = cas_reader_u8(&r);
        unsigned end = step & 1;
        unsigned kind = step >> 1 & 7;
        size_t left = cas_reader_left(&r);
        size_t taken = kind == 5 || kind == 7 ? 0 : len < left ? len : left;
        struct cas_view content = cas_reader_bytes(&r, taken);
        is_whole &= kind != 7;
        if ((ends >> end & 1) == 0) {
            continue;
        }
        if (kind == 7) {
            send_hole(run, end, len);
            continue;
        }
        cas_buf_clear(&out);
        append_step(run, end, kind, content, &out);
        send_bytes(run, end, cas_buf_view(&out), piece_len);
    }
    cas_buf_finish(&out);
    return is_whole;
}

static void start(struct run *run, struct cas_keylog *keylog)
{
    *run = (struct run){
        .budget = { .limit = 1u << 24 },
        .context = { .handler = { on_request, on_certificate, on_anomaly, on_done } },
        .told = cas_buf_init(OUT_MAX, NULL),
        .want = CAS_WANT_BYTES,
    };
    run->context.budget = &run->budget;
    run->context.counters = &run->counters;
    run->context.keylog = keylog;
    run->conversation = cas_conversation_create(&run->context, run, false);
    if (run->conversation == NULL) {
        abort();
    }
}

static void stop(struct run *run)
{
    cas_conversation_close(run->conversation, NULL, CAS_REASON_CLOSED);
    run->want = CAS_WANT_NEITHER;
    renew(run);
    if (run->want != CAS_WANT_NEITHER) {
        cas_conversation_close(run->conversation, NULL, CAS_REASON_CLOSED);
    }
    cas_conversation_destroy(run->conversation);
    if (run->budget.used != 0) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cas_view steps = cas_view_of(data, size);
    struct cas_keylog *keylog = cas_keylog_create();
    struct cas_error error;
    struct run together;
    struct run apart;

    if (keylog == NULL ||
        cas_keylog_add_text(keylog, "given",
                            cas_view_of(tls12_sealer_keylog, strlen(tls12_sealer_keylog)),
                            &error) != CAS_OK) {
        abort();
    }
    start(&together, keylog);
    start(&apart, keylog);
    bool is_whole = walk(&together, steps, 3, SIZE_MAX);
    stop(&together);
    (void)walk(&apart, steps, 2, 1);
    (void)walk(&apart, steps, 1, 1);
    stop(&apart);
    if (is_whole && size < WHOLE_MAX &&
        !cas_view_equal(cas_buf_view(&together.told), cas_buf_view(&apart.told))) {
        abort();
    }
    cas_buf_finish(&together.told);
    cas_buf_finish(&apart.told);
    cas_keylog_destroy(keylog);
    return 0;
}
