/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Target: allocations that fail, in each parser that makes some: the first byte says which one,
 * the rest is its input. First it runs with all memory; then again and again, and each time
 * another allocation fails, alone or with all behind it. What it tells without saying that
 * memory is short is the same as with all memory; nothing crashes, and nothing is lost.
 *
 * The whole library is put to the same test by tests/integration/no_memory.c.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <casniff/sniffer.h>

#include "bytes/reader.h"
#include "fuzz/heard.h"
#include "support/scarce.h"
#include "tls/conversation.h"
#include "tls/keylog.h"
#include "x509/bundle.h"
#include "x509/cert.h"
#include "x509/dn.h"

#define OUT_MAX (1u << 26)

/* Allocations that are made to fail one by one; of more so many, spread over all. */
#define FAILURES_MAX 40

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What a parser said, as a sum: nothing here may allocate. */
struct said {
    uint64_t sum;
    bool is_short; /* of memory, as it says itself */
};

static void say(struct said *said, const void *bytes, size_t len)
{
    const uint8_t *at = bytes;
    said->sum = (said->sum ^ len) * 0x100000001b3u;
    for (size_t i = 0; i < len; i++) {
        said->sum = (said->sum ^ at[i]) * 0x100000001b3u;
    }
}

static void say_number(struct said *said, uint64_t number)
{
    say(said, &number, sizeof(number));
}

static void say_text(struct said *said, const char *text)
{
    say(said, text != NULL ? text : "", text != NULL ? strlen(text) : 0);
}

static void say_buf(struct said *said, struct cas_buf *buf)
{
    said->is_short |= !cas_buf_ok(buf);
    say(said, buf->data, buf->len);
    cas_buf_finish(buf);
}

/* --- the parsers --- */

static void read_name(struct cas_view input, struct said *said)
{
    struct cas_buf text = cas_buf_init(OUT_MAX, NULL);
    struct cas_buf canonical = cas_buf_init(OUT_MAX, NULL);
    cas_dn_format(input, &text);
    say_number(said, cas_dn_canonical(input, &canonical));
    say_buf(said, &text);
    say_buf(said, &canonical);
}

static void read_certificate(struct cas_view input, struct said *said)
{
    size_t size = 0;
    struct cas_cert_info *info = cas_cert_describe(input, &size);
    said->is_short |= info == NULL;
    if (info == NULL) {
        return;
    }
    const char *const texts[] = { info->subject,   info->issuer,  info->serial, info->key_type,
                                  info->key_curve, info->sig_alg, info->note };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        say_text(said, texts[i]);
    }
    for (size_t i = 0; i < info->san_len; i++) {
        say_text(said, info->san[i]);
    }
    say_number(said, size);
    cas_cert_info_destroy(info);
}

static void hear_certificate(void *user, const struct cas_bundle_origin *origin,
                             struct cas_view der)
{
    say_number(user, origin->entry);
    say(user, der.data, der.len);
}

static void hear_bad(void *user, const struct cas_bundle_origin *origin, const char *why)
{
    say_number(user, origin->entry);
    say_text(user, why);
}

static void read_bundle(struct cas_view input, struct said *said)
{
    const struct cas_bundle_handler handler = { said, hear_certificate, hear_bad };
    enum cas_err err = cas_bundle_read(input, "FILE", &handler, NULL);
    said->is_short |= err == CAS_ERR_NOMEM;
    say_number(said, err);
}

static void say_keylog(struct said *said, struct cas_keylog *keylog)
{
    const struct cas_keylog_stats stats = cas_keylog_stats(keylog);
    said->is_short |= stats.dropped > 0;
    say_number(said, stats.connections);
    say_number(said, stats.bad_lines);
    cas_keylog_destroy(keylog);
}

static void read_keylog(struct cas_view input, struct said *said)
{
    struct cas_keylog *keylog = cas_keylog_create();
    said->is_short |= keylog == NULL;
    if (keylog != NULL) {
        say_number(said, cas_keylog_add_text(keylog, "keys", input, NULL));
        say_keylog(said, keylog);
    }
}

static void read_blocks(struct cas_view input, struct said *said)
{
    struct cas_keylog *keylog = cas_keylog_create();
    struct cas_keylog_blocks *blocks =
        keylog != NULL ? cas_keylog_blocks_create(keylog, "FILE") : NULL;
    said->is_short |= blocks == NULL;
    if (blocks == NULL) {
        cas_keylog_destroy(keylog);
        return;
    }
    cas_keylog_blocks_push(blocks, input);
    say_number(said, cas_keylog_blocks_result(blocks, NULL));
    cas_keylog_blocks_destroy(blocks);
    say_keylog(said, keylog);
}

static int hear_state(void *user, struct cas_view text)
{
    say(user, text.data, text.len);
    return 0;
}

static void read_state(struct cas_view input, struct said *said)
{
    struct cas_sniffer_config config = cas_sniffer_defaults();
    config.max_flows = 16;
    config.hash_key[0] = 1;
    struct cas_sniffer *sniffer = cas_sniffer_create(&config);
    said->is_short |= sniffer == NULL;
    if (sniffer == NULL) {
        return;
    }
    enum cas_err err = cas_sniffer_state_load(sniffer, input, NULL);
    said->is_short |= err == CAS_ERR_NOMEM;
    say_number(said, err);
    said->is_short |= cas_sniffer_state_save(sniffer, 1, hear_state, said) != 0;
    said->is_short |= cas_sniffer_counters(sniffer)->value[CAS_COUNT_SERVERS_CAPPED] > 0;
    cas_sniffer_destroy(sniffer);
}

static void hear_request(void *user, const struct cas_frame *frame,
                         const struct cas_cert_request *request)
{
    struct said *said = user;
    (void)frame;
    said->is_short |= (request->sight.reasons & CAS_REASON_BIT(CAS_REASON_MEMORY)) != 0;
    say_number(said, request->sight.reasons);
    say(said, request->list.data, request->list.len);
}

static void hear_done(void *user, const struct cas_frame *frame,
                      const struct cas_conversation_facts *facts)
{
    struct said *said = user;
    unsigned reasons = facts->client.reasons | facts->server.reasons;
    (void)frame;
    said->is_short |= (reasons & CAS_REASON_BIT(CAS_REASON_MEMORY)) != 0;
    say_number(said, facts->client_hello.version);
    say_number(said, facts->server_hello.cipher);
    say_number(said, facts->client.certificates);
    say_number(said, facts->server.certificates);
    say_number(said, facts->server.cert_requests);
}

/* The client's bytes, with their length before them, then the server's. */
static void read_conversation(struct cas_view input, struct said *said)
{
    struct cas_reader r = cas_reader_init(input);
    struct cas_budget budget = { .limit = 1u << 24 };
    struct cas_counters counters = { 0 };
    const struct cas_tls_context context = {
        .handler = { hear_request, on_certificate, on_anomaly, hear_done },
        .budget = &budget,
        .counters = &counters,
    };
    struct cas_view sent[2] = { cas_reader_vec16(&r), cas_reader_rest(&r) };
    struct cas_conversation *conversation = cas_conversation_create(&context, said, false);
    enum cas_want want = CAS_WANT_BYTES;
    said->is_short |= conversation == NULL;
    if (conversation == NULL) {
        return;
    }
    for (unsigned end = 0; end < 2 && want != CAS_WANT_NEITHER; end++) {
        for (size_t at = 0; at < sent[end].len && want == CAS_WANT_BYTES; at += 100) {
            want = cas_conversation_bytes(conversation, NULL, end, at,
                                          cas_view_part(sent[end], at, 100));
        }
        want = want == CAS_WANT_NOTHING ? CAS_WANT_BYTES : want;
    }
    if (want != CAS_WANT_NEITHER) {
        cas_conversation_close(conversation, NULL, CAS_REASON_CLOSED);
    }
    cas_conversation_destroy(conversation);
    if (budget.used != 0) {
        abort();
    }
}

static void (*const parsers[])(struct cas_view input, struct said *said) = {
    read_name,   read_certificate, read_bundle,       read_keylog,
    read_blocks, read_state,       read_conversation,
};

/* --- what must hold --- */

static struct said run(unsigned which, struct cas_view input, unsigned long fails,
                       enum scarce_then then, unsigned long *out_allocations)
{
    struct said said = { 0 };
    scarce_begin(fails, then);
    parsers[which](input, &said);
    *out_allocations = scarce_end();
    return said;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0) {
        return 0;
    }
    unsigned which = data[0] % (sizeof(parsers) / sizeof(parsers[0]));
    struct cas_view input = cas_view_part(cas_view_of(data, size), 1, size);
    unsigned long all = 0;
    const struct said truth = run(which, input, 0, SCARCE_ONCE, &all);
    unsigned long step = all / FAILURES_MAX + 1;
    for (unsigned long k = 1 + size % step; k <= all; k += step) {
        for (unsigned then = SCARCE_ONCE; then <= SCARCE_GOES_ON; then++) {
            unsigned long made = 0;
            struct said said = run(which, input, k, (enum scarce_then)then, &made);
            if (!said.is_short && said.sum != truth.sum) {
                fprintf(stderr, "broken: parser %u, allocation %lu of %lu: another result\n",
                        which, k, all);
                abort();
            }
        }
    }
    return 0;
}
