/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Target: a conversation of TLS 1.3 with its keys. Both hellos are there; the rest is steps of
 * u8 kind, u8 len, len bytes: bit 0 of kind is the end; bits 1 and 2 say what the bytes are:
 *   0  content that is sealed with that end's next key, its type the last byte,
 *   1  the same, and the end's keys change behind it,
 *   2  bytes as they are,
 *   3  len bytes are missing.
 * First byte: bit 0 early data is offered, bit 1 a later request is allowed, bit 2 little
 * memory, bit 3 all of the server's bytes come first, so that they wait for the client's hello.
 *
 * Run as given, and again byte by byte: both tell the same unless memory is short. A request
 * that is told whole is whole; no fact of the hellos changes.
 */
#include <stdlib.h>
#include <string.h>

#include <nettle/gcm.h>

#include "bytes/reader.h"
#include "fuzz/heard.h"
#include "tls/conversation.h"
#include "tls/keylog.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define OUT_MAX    (1u << 20)
#define RECORD_MAX 300
#define EPOCHS     2

enum step_kind {
    STEP_SEALED,
    STEP_LAST_SEALED,
    STEP_BYTES,
    STEP_HOLE
};

/* RFC 8448, 3: of the client, of the server; of the handshake, of the traffic behind it. */
static const char *const lines[2][EPOCHS] = {
    { "CLIENT_HANDSHAKE_TRAFFIC_SECRET %s "
      "b3eddb126e067f35a780b3abf45e2d8f3b1a950738f52e9600746a0e27a55a21",
      "CLIENT_TRAFFIC_SECRET_0 %s "
      "9e40646ce79a7f9dc05af8889bce6552875afa0b06df0087f792ebb7c17504a5" },
    { "SERVER_HANDSHAKE_TRAFFIC_SECRET %s "
      "b67b7d690cc16c4e75e54213cb2d37b4e9c912bcded9105d42befd59d391ad38",
      "SERVER_TRAFFIC_SECRET_0 %s "
      "a11af9f05531f856ad47116b45a950328204b4f44bfb6b3a4b4f1f3fcb631643" },
};
static const char random_hex[] =
    "a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1";

struct key {
    uint8_t key[16];
    uint8_t iv[12];
};

static const struct key keys[2][EPOCHS] = {
    { { { 0xdb, 0xfa, 0xa6, 0x93, 0xd1, 0x76, 0x2c, 0x5b, 0x66, 0x6a, 0xf5, 0xd9, 0x50, 0x25,
          0x8d, 0x01 },
        { 0x5b, 0xd3, 0xc7, 0x1b, 0x83, 0x6e, 0x0b, 0x76, 0xbb, 0x73, 0x26, 0x5f } },
      { { 0x17, 0x42, 0x2d, 0xda, 0x59, 0x6e, 0xd5, 0xd9, 0xac, 0xd8, 0x90, 0xe3, 0xc6, 0x3f,
          0x50, 0x51 },
        { 0x5b, 0x78, 0x92, 0x3d, 0xee, 0x08, 0x57, 0x90, 0x33, 0xe5, 0x23, 0xd9 } } },
    { { { 0x3f, 0xce, 0x51, 0x60, 0x09, 0xc2, 0x17, 0x27, 0xd0, 0xf2, 0xe4, 0xe8, 0x6e, 0xe4,
          0x03, 0xbc },
        { 0x5d, 0x31, 0x3e, 0xb2, 0x67, 0x12, 0x76, 0xee, 0x13, 0x00, 0x0b, 0x30 } },
      { { 0x9f, 0x02, 0x28, 0x3b, 0x6c, 0x9c, 0x07, 0xef, 0xc2, 0x6b, 0xb9, 0xf2, 0xac, 0x92,
          0xe3, 0x56 },
        { 0xcf, 0x78, 0x2b, 0x88, 0xdd, 0x83, 0x54, 0x9a, 0xad, 0xf1, 0xe9, 0x84 } } },
};

struct run {
    struct cas_budget budget;
    struct cas_counters counters;
    struct cas_tls_context context;
    struct cas_conversation *conversation;
    struct cas_buf told;
    uint64_t sent[2];
    uint64_t number[2]; /* of the next record of the present keys */
    unsigned epoch[2];
    enum cas_want want[2];
    size_t piece_len;
    unsigned num_done;
};

static void on_request(void *user, const struct cas_frame *frame,
                       const struct cas_cert_request *request)
{
    struct run *run = user;
    (void)frame;
    if (request->sight.reasons == 0 && !request->is_malformed &&
        request->list.len != request->list_declared_len) {
        abort();
    }
    cas_buf_append_format(&run->told, "[%u %x %u %d]", request->sight.declared_len,
                          request->sight.reasons, request->sight.records,
                          request->is_malformed);
    cas_buf_append(&run->told, request->list);
}

static void direction(struct cas_buf *out, const struct cas_direction_facts *facts)
{
    cas_buf_append_format(out, "(%u %u %d %d %d %d %d ", facts->certificates,
                          facts->cert_requests, facts->is_decrypted, facts->has_finished,
                          facts->is_decrypted_on, facts->is_read_on, facts->has_closed);
    cas_buf_append_format(out, "%d %d %d %d %d %d %x)", facts->has_later_request,
                          facts->has_ticket, facts->has_hidden_certificate,
                          facts->has_wrong_key, facts->is_unsealing_cut, facts->is_malformed,
                          facts->reasons);
    if (facts->is_read_on && (facts->lost_framing || facts->is_malformed ||
                              facts->is_unsealing_cut || !facts->has_finished)) {
        abort();
    }
}

static void on_done(void *user, const struct cas_frame *frame,
                    const struct cas_conversation_facts *facts)
{
    struct run *run = user;
    (void)frame;
    run->num_done++;
    if (facts->client_end != 0 || facts->server_hello.cipher != 0x1301 ||
        facts->server_hello.is_retry || facts->client_hello.sni != NULL) {
        abort();
    }
    direction(&run->told, &facts->client);
    direction(&run->told, &facts->server);
}

static void send_bytes(struct run *run, unsigned end, struct cas_view bytes)
{
    for (size_t at = 0; at < bytes.len; at += run->piece_len) {
        struct cas_view piece = cas_view_part(bytes, at, run->piece_len);
        if (run->want[end] == CAS_WANT_BYTES) {
            run->want[end] =
                cas_conversation_bytes(run->conversation, NULL, end, run->sent[end], piece);
        }
        run->sent[end] += piece.len;
    }
}

static void send_hole(struct run *run, unsigned end, uint64_t len)
{
    if (run->want[end] == CAS_WANT_BYTES && len > 0) {
        run->want[end] = cas_conversation_hole(run->conversation, NULL, end, run->sent[end],
                                               len, CAS_REASON_GAP);
    }
    run->sent[end] += len;
}

/* content is what is encrypted: a type is its last byte. */
static void send_sealed(struct run *run, unsigned end, struct cas_view content)
{
    const struct key *key = &keys[end][run->epoch[end]];
    size_t len = content.len + GCM_DIGEST_SIZE;
    uint8_t record[RECORD_MAX] = { 23, 3, 3, (uint8_t)(len >> 8), (uint8_t)len };
    uint8_t nonce[GCM_IV_SIZE];
    struct gcm_aes128_ctx ctx;

    memcpy(nonce, key->iv, sizeof(nonce));
    nonce[sizeof(nonce) - 1] ^= (uint8_t)run->number[end];
    nonce[sizeof(nonce) - 2] ^= (uint8_t)(run->number[end] >> 8);
    run->number[end]++;
    gcm_aes128_set_key(&ctx, key->key);
    gcm_aes128_set_iv(&ctx, sizeof(nonce), nonce);
    gcm_aes128_update(&ctx, 5, record);
    gcm_aes128_encrypt(&ctx, content.len, &record[5], content.data);
    gcm_aes128_digest(&ctx, GCM_DIGEST_SIZE, &record[5 + content.len]);
    send_bytes(run, end, cas_view_of(record, 5 + len));
}

/* All steps of these ends. */
static void walk(struct run *run, struct cas_view steps, unsigned ends)
{
    struct cas_reader r = cas_reader_init(steps);

    while (cas_reader_left(&r) > 0) {
        uint8_t step = cas_reader_u8(&r);
        uint8_t len = cas_reader_u8(&r);
        unsigned end = step & 1;
        enum step_kind kind = (enum step_kind)(step >> 1 & 3);
        size_t left = cas_reader_left(&r);
        struct cas_view bytes = { 0 };
        if (kind != STEP_HOLE) {
            bytes = cas_reader_bytes(&r, len < left ? len : left);
        }
        if ((ends >> end & 1) == 0) {
            continue;
        }
        switch (kind) {
        case STEP_SEALED:
        case STEP_LAST_SEALED:
            send_sealed(run, end, bytes);
            if (kind == STEP_LAST_SEALED && run->epoch[end] + 1 < EPOCHS) {
                run->epoch[end]++;
                run->number[end] = 0;
            }
            break;
        case STEP_BYTES:
            send_bytes(run, end, bytes);
            break;
        case STEP_HOLE:
            send_hole(run, end, len);
            break;
        }
    }
}

/* A ClientHello with supported_versions, and with what flags say. */
static void send_client_hello(struct run *run, uint8_t flags)
{
    uint8_t hello[80] = { 22, 3, 1, 0, 0, 1, 0, 0, 0, 3, 3 };
    struct cas_buf more = cas_buf_init(64, NULL);
    size_t at = 11;

    memset(&hello[at], 0xa1, 32);
    at += 32;
    cas_buf_append(&more, cas_view_of("\0\0\2\x13\1\1\0", 7)); /* id, one suite, compression */
    size_t extensions = 7 + (flags & 1 ? 4u : 0u) + (flags & 2 ? 4u : 0u);
    cas_buf_append_u8(&more, 0);
    cas_buf_append_u8(&more, (uint8_t)extensions);
    cas_buf_append(&more, cas_view_of("\0\x2b\0\3\2\3\4", 7));
    if (flags & 1) {
        cas_buf_append(&more, cas_view_of("\0\x2a\0\0", 4));
    }
    if (flags & 2) {
        cas_buf_append(&more, cas_view_of("\0\x31\0\0", 4));
    }
    memcpy(&hello[at], more.data, more.len);
    at += more.len;
    cas_buf_finish(&more);
    hello[4] = (uint8_t)(at - 5);
    hello[8] = (uint8_t)(at - 9);
    send_bytes(run, 0, cas_view_of(hello, at));
}

static void send_server_hello(struct run *run)
{
    static const uint8_t tail[] = { 0, 0x13, 1, 0, 0, 6, 0, 0x2b, 0, 2, 3, 4 };
    uint8_t hello[9 + 2 + 32 + sizeof(tail)] = { 22, 3, 3, 0, 50, 2, 0, 0, 46, 3, 3 };

    memset(&hello[11], 0xb2, 32);
    memcpy(&hello[43], tail, sizeof(tail));
    send_bytes(run, 1, cas_view_of(hello, sizeof(hello)));
}

static void start(struct run *run, struct cas_keylog *keylog, uint8_t flags, size_t piece_len)
{
    *run = (struct run){
        .budget = { .limit = flags & 4 ? 9000 : 1u << 24 },
        .context = { .handler = { on_request, on_certificate, on_anomaly, on_done },
                     .keylog = keylog },
        .told = cas_buf_init(OUT_MAX, NULL),
        .want = { CAS_WANT_BYTES, CAS_WANT_BYTES },
        .piece_len = piece_len,
    };
    run->context.budget = &run->budget;
    run->context.counters = &run->counters;
    run->conversation = cas_conversation_create(&run->context, run, false);
    if (run->conversation == NULL) {
        abort();
    }
}

static void run_once(struct run *run, struct cas_keylog *keylog, struct cas_view input,
                     size_t piece_len)
{
    uint8_t flags = input.data[0];
    struct cas_view steps = cas_view_part(input, 1, input.len);

    start(run, keylog, flags, piece_len);
    if (flags & 8) {
        send_server_hello(run);
        walk(run, steps, 2);
        send_client_hello(run, flags);
        walk(run, steps, 1);
    } else {
        send_client_hello(run, flags);
        send_server_hello(run);
        walk(run, steps, 3);
    }
    if (run->want[0] == CAS_WANT_BYTES || run->want[1] == CAS_WANT_BYTES) {
        cas_conversation_close(run->conversation, NULL, CAS_REASON_CLOSED);
    }
    cas_conversation_destroy(run->conversation);
    if (run->budget.used != 0 || run->num_done != 1) {
        abort();
    }
}

static struct cas_keylog *make_keylog(void)
{
    struct cas_keylog *keylog = cas_keylog_create();
    struct cas_buf text = cas_buf_init(4096, NULL);

    for (size_t i = 0; i < 4; i++) {
        const char *line = lines[i / 2][i % 2];
        size_t label = strcspn(line, "%");
        cas_buf_append(&text, cas_view_of(line, label));
        cas_buf_append_text(&text, random_hex);
        cas_buf_append_text(&text, line + label + 2);
        cas_buf_append_text(&text, "\n");
    }
    if (keylog == NULL ||
        cas_keylog_add_text(keylog, "keys", cas_buf_view(&text), NULL) != CAS_OK) {
        abort();
    }
    cas_buf_finish(&text);
    return keylog;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cas_view input = cas_view_of(data, size);
    struct run together;
    struct run apart;
    if (size == 0) {
        return 0;
    }
    struct cas_keylog *keylog = make_keylog();
    run_once(&together, keylog, input, SIZE_MAX);
    run_once(&apart, keylog, input, 1);
    if ((data[0] & 4) == 0 &&
        !cas_view_equal(cas_buf_view(&together.told), cas_buf_view(&apart.told))) {
        abort();
    }
    cas_buf_finish(&together.told);
    cas_buf_finish(&apart.told);
    cas_keylog_destroy(keylog);
    return 0;
}
