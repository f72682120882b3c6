/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tls/facts.h"

#include <string.h>

#include "bytes/text.h"
#include "tls/extensions.h"
#include "tls/fingerprint.h"
#include "tls/hello.h"
#include "tls/server_hello.h"

/* Of 65535 bytes each may become three characters. */
#define ESCAPED_MAX 196608u

/* The text, escaped, in memory of its own; NULL when there is none. */
static char *keep_text(struct cas_view text, struct cas_budget *budget)
{
    struct cas_buf escaped = cas_buf_init(ESCAPED_MAX, budget);
    char *kept = NULL;

    cas_text_append_escaped(&escaped, text);
    if (cas_buf_ok(&escaped)) {
        kept = cas_budget_alloc(budget, escaped.len + 1);
    }
    if (kept != NULL && escaped.len > 0) {
        memcpy(kept, escaped.data, escaped.len);
    }
    cas_buf_finish(&escaped);
    return kept;
}

static void free_text(char *text, struct cas_budget *budget)
{
    if (text != NULL) {
        cas_budget_free(budget, text, strlen(text) + 1);
    }
}

static bool keep_sni(struct cas_client_hello_facts *facts, struct cas_view data,
                     struct cas_budget *budget)
{
    struct cas_view name = cas_extension_host_name(data);
    if (name.len == 0 || facts->sni != NULL) {
        return true;
    }
    facts->sni = keep_text(name, budget);
    return facts->sni != NULL;
}

/* RFC 7301, 3.1: u16 protocol_name_list, each u8 ProtocolName<1..2^8-1> */
static bool keep_alpn(struct cas_client_hello_facts *facts, struct cas_view data,
                      struct cas_budget *budget)
{
    struct cas_reader r = cas_reader_init(cas_extension_vec16(data));

    while (cas_reader_left(&r) > 0 && facts->alpn_len < CAS_TLS_ALPN_MAX) {
        struct cas_view name = cas_reader_vec8(&r);
        char *kept = cas_reader_ok(&r) ? keep_text(name, budget) : NULL;
        if (kept == NULL) {
            return !cas_reader_ok(&r);
        }
        facts->alpn[facts->alpn_len++] = kept;
    }
    return true;
}

/* RFC 8446, 4.2.4: u16 authorities, each u16 DistinguishedName */
static bool keep_ca_names(struct cas_client_hello_facts *facts, struct cas_view data,
                          struct cas_budget *budget)
{
    struct cas_view names = cas_extension_vec16(data);
    uint8_t *kept = NULL;

    if (facts->has_ca_names) {
        return true;
    }
    facts->has_ca_names = true;
    if (names.len == 0) {
        return true;
    }
    kept = cas_budget_alloc(budget, names.len);
    if (kept == NULL) {
        return false;
    }
    memcpy(kept, names.data, names.len);
    facts->ca_names = cas_view_of(kept, names.len);
    return true;
}

static bool keep_extension(struct cas_client_hello_facts *facts,
                           const struct cas_extension *extension, struct cas_budget *budget)
{
    switch (extension->type) {
    case CAS_EXTENSION_SERVER_NAME:
        return keep_sni(facts, extension->data, budget);
    case CAS_EXTENSION_ALPN:
        return keep_alpn(facts, extension->data, budget);
    case CAS_EXTENSION_SESSION_TICKET:
        facts->offers_ticket_or_psk |= extension->data.len > 0;
        return true;
    case CAS_EXTENSION_PRE_SHARED_KEY:
        facts->offers_ticket_or_psk = true;
        return true;
    case CAS_EXTENSION_SUPPORTED_VERSIONS:
        facts->version_max = cas_extension_highest_version(extension->data);
        return true;
    case CAS_EXTENSION_CERTIFICATE_AUTHORITIES:
        return keep_ca_names(facts, extension->data, budget);
    default:
        return true;
    }
}

static size_t keep_session_id(uint8_t out_id[32], struct cas_view session_id)
{
    struct cas_view id = cas_view_part(session_id, 0, 32);
    if (id.len > 0) {
        memcpy(out_id, id.data, id.len);
    }
    return id.len;
}

static bool keep_client_hello(struct cas_client_hello_facts *facts,
                              const struct cas_client_hello *hello, struct cas_budget *budget)
{
    struct cas_reader list = cas_reader_init(hello->extensions);
    struct cas_extension extension = { 0 };
    bool ok = true;

    facts->version = hello->version;
    facts->version_max = hello->version;
    facts->session_id_len = keep_session_id(facts->session_id, hello->session_id);
    while (cas_extension_next(&list, &extension)) {
        ok = keep_extension(facts, &extension, budget) && ok;
    }
    if (facts->is_whole && hello->cipher_len == 2) {
        ok = cas_ja3(hello, budget, facts->ja3) && ok;
        ok = cas_ja4(hello, budget, facts->ja4) && ok;
    }
    return ok;
}

struct cas_facts_result cas_client_hello_facts_take(struct cas_client_hello_facts *facts,
                                                    const struct cas_handshake_message *message,
                                                    struct cas_budget *budget)
{
    struct cas_client_hello hello = { 0 };
    struct cas_facts_result result = { 0 };

    if (message->type == CAS_HANDSHAKE_SSL2_CLIENT_HELLO) {
        cas_client_hello_parse_ssl2(message->body, &hello);
    } else {
        cas_client_hello_parse(message->body, &hello);
    }
    facts->is_seen = true;
    facts->is_whole = message->sight.reasons == 0 && hello.is_whole;
    result.is_malformed = message->sight.reasons == 0 && !hello.is_whole;
    result.is_refused = !keep_client_hello(facts, &hello, budget);
    return result;
}

struct cas_facts_result cas_server_hello_facts_take(struct cas_server_hello_facts *facts,
                                                    const struct cas_handshake_message *message,
                                                    struct cas_budget *budget)
{
    struct cas_server_hello hello = { 0 };
    struct cas_facts_result result = { 0 };
    bool is_final = facts->is_seen && !facts->is_retry;

    cas_server_hello_parse(message->body, &hello);
    result.is_malformed = message->sight.reasons == 0 && !hello.is_whole;
    if (is_final) {
        return result;
    }
    bool was_retry = facts->is_retry;
    *facts = (struct cas_server_hello_facts){
        .is_seen = true,
        .is_whole = message->sight.reasons == 0 && hello.is_whole,
        .is_retry = was_retry || hello.is_retry_request,
        .version = hello.version,
        .cipher = hello.cipher,
        .is_psk_accepted = hello.is_psk_accepted,
    };
    facts->session_id_len = keep_session_id(facts->session_id, hello.session_id);
    if (facts->is_whole) {
        result.is_refused = !cas_ja3s(&hello, budget, facts->ja3s);
    }
    return result;
}

void cas_client_hello_facts_finish(struct cas_client_hello_facts *facts,
                                   struct cas_budget *budget)
{
    free_text(facts->sni, budget);
    for (size_t i = 0; i < facts->alpn_len; i++) {
        free_text(facts->alpn[i], budget);
    }
    cas_budget_free(budget, (void *)(uintptr_t)facts->ca_names.data, facts->ca_names.len);
    *facts = (struct cas_client_hello_facts){ 0 };
}
