/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Target: both hellos into facts, with fingerprints. First byte: which hello, and whether it
 * was seen whole. Nothing is kept that is not given back, and texts are safe. Fingerprints that
 * are remembered from one input to the next are those that are made anew. A server that may
 * have said TLS 1.3 behind what was seen has not said TLS 1.2.
 */
#include <stdlib.h>
#include <string.h>

#include "bytes/text.h"
#include "tls/facts.h"
#include "tls/fingerprint_cache.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_text(const char *text)
{
    struct cas_reader r = cas_reader_init(cas_view_of(text, strlen(text)));
    while (cas_reader_left(&r) > 0) {
        if (!cas_text_is_safe(cas_text_next(&r))) {
            abort();
        }
    }
}

/* Of all inputs of a process: hellos that must be told apart meet here. */
static struct cas_fingerprint_cache *memory(void)
{
    static const uint8_t hash_key[CAS_KEYHASH_KEY_LEN] = { 1 };
    static struct cas_budget budget = { .limit = 1u << 22 };
    static struct cas_fingerprint_cache cache;
    if (cache.budget == NULL &&
        !cas_fingerprint_cache_init(&cache, 1u << 16, &budget, hash_key)) {
        abort();
    }
    return &cache;
}

static void check_remembered(const struct cas_handshake_message *message,
                             const struct cas_client_hello_facts *made)
{
    struct cas_budget budget = { .limit = 1u << 24 };
    struct cas_client_hello_facts facts = { 0 };
    (void)cas_client_hello_facts_take(&facts, message, &budget, memory());
    if (strcmp(facts.ja3, made->ja3) != 0 || strcmp(facts.ja4, made->ja4) != 0) {
        abort();
    }
    cas_client_hello_facts_finish(&facts, &budget);
    if (budget.used != 0) {
        abort();
    }
}

/* RFC 8446, 4.2.1: supported_versions of a ServerHello begins so. */
static bool may_hold_version(struct cas_view body)
{
    static const uint8_t begin[] = { 0, 43, 0, 2 };
    for (size_t at = 0; at + sizeof(begin) <= body.len; at++) {
        if (memcmp(body.data + at, begin, sizeof(begin)) == 0) {
            return true;
        }
    }
    return false;
}

static void check_server(const struct cas_handshake_message *message, struct cas_budget *budget)
{
    struct cas_budget enough = { .limit = 1u << 24 };
    struct cas_server_hello_facts facts = { 0 };
    struct cas_server_hello_facts again = { 0 };
    struct cas_facts_result result = cas_server_hello_facts_take(&facts, message, budget, NULL);
    (void)cas_server_hello_facts_take(&again, message, &enough, memory());
    if (!result.is_refused && strcmp(facts.ja3s, again.ja3s) != 0) {
        abort();
    }
    if (facts.is_whole != (message->sight.reasons == 0 && !result.is_malformed) ||
        (!facts.is_whole && facts.version >= CAS_TLS_VERSION_TLS12 &&
         !may_hold_version(message->body))) {
        abort();
    }
}

static void check_client(const struct cas_handshake_message *message, struct cas_budget *budget)
{
    struct cas_client_hello_facts facts = { 0 };
    struct cas_facts_result result = cas_client_hello_facts_take(&facts, message, budget, NULL);

    if (facts.is_whole != (message->sight.reasons == 0 && !result.is_malformed) ||
        facts.alpn_len > CAS_TLS_ALPN_MAX || facts.session_id_len > 32) {
        abort();
    }
    if (facts.sni != NULL) {
        check_text(facts.sni);
    }
    for (size_t i = 0; i < facts.alpn_len; i++) {
        check_text(facts.alpn[i]);
    }
    if (!result.is_refused) {
        check_remembered(message, &facts);
    }
    cas_client_hello_facts_finish(&facts, budget);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0) {
        return 0;
    }
    static const uint16_t types[] = { CAS_HANDSHAKE_CLIENT_HELLO, CAS_HANDSHAKE_SERVER_HELLO,
                                      CAS_HANDSHAKE_SSL2_CLIENT_HELLO };
    struct cas_budget budget = { .limit = data[0] & 0x40 ? size : 1u << 24 };
    struct cas_view body = cas_view_part(cas_view_of(data, size), 1, size);
    struct cas_handshake_message message = {
        .type = types[(data[0] & 0x3f) % 3],
        .body = body,
        .sight = { .declared_len = (uint32_t)body.len + (data[0] & 0x80 ? 1 : 0),
                   .reasons = data[0] & 0x80 ? CAS_REASON_BIT(CAS_REASON_GAP) : 0 },
    };

    if (message.type == CAS_HANDSHAKE_SERVER_HELLO) {
        check_server(&message, &budget);
    } else {
        check_client(&message, &budget);
    }
    if (budget.used != 0) {
        abort();
    }
    return 0;
}
