/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tls/facts.h"

#include <string.h>

#include "bytes/text.h"
#include "tls/extensions.h"
#include "tls/fingerprint_cache.h"
#include "tls/hello.h"
#include "tls/server_hello.h"

/* One byte may become three characters; a name's length field pays for its end. */
#define TEXTS_MAX ((size_t)3 * CAS_CLIENT_HELLO_MAX)

/*
 * A ClientHello on its way into the facts. All its texts share one buffer; where they lie is
 * kept as offsets while it grows.
 */
struct intake {
    struct cas_client_hello_facts *facts;
    struct cas_budget *budget;
    bool has_sni;
    size_t sni_at;
    size_t alpn_at[CAS_TLS_ALPN_MAX];
};

/* The text, escaped and ended; false, and nothing, when there is no memory. */
static bool keep_text(struct cas_buf *texts, struct cas_view text, size_t *out_at)
{
    size_t at = texts->len;

    cas_text_append_escaped(texts, text);
    cas_buf_append_u8(texts, '\0');
    if (!cas_buf_ok(texts)) {
        cas_buf_cut(texts, at);
        return false;
    }
    *out_at = at;
    return true;
}

static bool keep_sni(struct intake *intake, struct cas_view data)
{
    struct cas_view name = cas_extension_host_name(data);

    if (name.len == 0 || intake->has_sni) {
        return true;
    }
    intake->has_sni = keep_text(&intake->facts->texts, name, &intake->sni_at);
    return intake->has_sni;
}

/* RFC 7301, 3.1: u16 protocol_name_list, each u8 ProtocolName<1..2^8-1> */
static bool keep_alpn(struct intake *intake, struct cas_view data)
{
    struct cas_client_hello_facts *facts = intake->facts;
    struct cas_reader r = cas_reader_init(cas_extension_vec16(data));

    while (cas_reader_left(&r) > 0 && facts->alpn_len < CAS_TLS_ALPN_MAX) {
        struct cas_view name = cas_reader_vec8(&r);
        if (!cas_reader_ok(&r)) {
            return true;
        }
        if (!keep_text(&facts->texts, name, &intake->alpn_at[facts->alpn_len])) {
            return false;
        }
        facts->alpn_len++;
    }
    return true;
}

/* The texts do not move any more. */
static void point_at_texts(struct intake *intake)
{
    struct cas_client_hello_facts *facts = intake->facts;
    char *texts = (char *)facts->texts.data;

    if (intake->has_sni) {
        facts->sni = &texts[intake->sni_at];
    }
    for (size_t i = 0; i < facts->alpn_len; i++) {
        facts->alpn[i] = &texts[intake->alpn_at[i]];
    }
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

/* RFC 8449, 4: u16 RecordSizeLimit, in TLS 1.3 with the byte of the content type. */
static bool is_short_limit(struct cas_view data)
{
    struct cas_reader r = cas_reader_init(data);
    return cas_reader_u16(&r) <= CAS_RECORD_PLAINTEXT_MAX;
}

/*
 * RFC 8446, 4.2.11: u16 identities, each u16 identity and u32 obfuscated_ticket_age, which is 0
 * when the key was agreed on outside of TLS.
 */
static uint32_t psks_with_age(struct cas_view data)
{
    struct cas_reader r = cas_reader_init(cas_extension_vec16(data));
    uint32_t with_age = 0;

    for (uint32_t bit = 1; bit != 0 && cas_reader_left(&r) > 0; bit <<= 1) {
        (void)cas_reader_vec16(&r);
        if (cas_reader_u32(&r) != 0) {
            with_age |= bit;
        }
    }
    return with_age;
}

static bool keep_extension(struct intake *intake, const struct cas_extension *extension)
{
    struct cas_client_hello_facts *facts = intake->facts;

    switch (extension->type) {
    case CAS_EXTENSION_SERVER_NAME:
        return keep_sni(intake, extension->data);
    case CAS_EXTENSION_ALPN:
        return keep_alpn(intake, extension->data);
    case CAS_EXTENSION_SESSION_TICKET:
        facts->offers_ticket_or_psk |= extension->data.len > 0;
        return true;
    case CAS_EXTENSION_PRE_SHARED_KEY:
        facts->offers_ticket_or_psk = true;
        facts->psks_with_age = psks_with_age(extension->data);
        return true;
    case CAS_EXTENSION_SUPPORTED_VERSIONS:
        facts->version_max = cas_extension_highest_version(extension->data);
        facts->offers_tls13 = facts->version_max >= CAS_TLS_VERSION_TLS13;
        return true;
    case CAS_EXTENSION_EARLY_DATA:
        facts->offers_early_data = true;
        return true;
    case CAS_EXTENSION_POST_HANDSHAKE_AUTH:
        facts->allows_later_request = true;
        return true;
    case CAS_EXTENSION_MAX_FRAGMENT_LENGTH:
        facts->limits_records = true;
        return true;
    case CAS_EXTENSION_RECORD_SIZE_LIMIT:
        facts->limits_records |= is_short_limit(extension->data);
        return true;
    case CAS_EXTENSION_ENCRYPTED_CLIENT_HELLO:
        facts->offers_ech = true;
        return true;
    case CAS_EXTENSION_CERTIFICATE_AUTHORITIES:
        return keep_ca_names(facts, extension->data, intake->budget);
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
    struct intake intake = { .facts = facts, .budget = budget };
    bool ok = true;

    facts->texts = cas_buf_init(TEXTS_MAX, budget);
    facts->version = hello->version;
    facts->version_max = hello->version;
    facts->session_id_len = keep_session_id(facts->session_id, hello->session_id);
    facts->has_random = hello->random.len == sizeof(facts->random);
    if (facts->has_random) {
        memcpy(facts->random, hello->random.data, sizeof(facts->random));
    }
    while (cas_extension_next(&list, &extension)) {
        ok = keep_extension(&intake, &extension) && ok;
    }
    point_at_texts(&intake);
    return ok;
}

/* Of a whole hello; SSLv2-compatible ones have none. */
static bool keep_fingerprints(struct cas_client_hello_facts *facts,
                              const struct cas_client_hello *hello, struct cas_budget *budget,
                              struct cas_fingerprint_cache *cache)
{
    struct cas_client_fingerprints prints = { 0 };

    if (!facts->is_whole || hello->cipher_len != 2) {
        return true;
    }
    bool ok = cas_fingerprints_of_client(cache, hello, budget, &prints);
    memcpy(facts->ja3, prints.ja3, sizeof(facts->ja3));
    memcpy(facts->ja4, prints.ja4, sizeof(facts->ja4));
    return ok;
}

struct cas_facts_result cas_client_hello_facts_take(struct cas_client_hello_facts *facts,
                                                    const struct cas_handshake_message *message,
                                                    struct cas_budget *budget,
                                                    struct cas_fingerprint_cache *prints)
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
    bool ok = keep_client_hello(facts, &hello, budget);
    ok = keep_fingerprints(facts, &hello, budget, prints) && ok;
    result.is_refused = !ok;
    return result;
}

struct cas_facts_result cas_server_hello_facts_take(struct cas_server_hello_facts *facts,
                                                    const struct cas_handshake_message *message,
                                                    struct cas_budget *budget,
                                                    struct cas_fingerprint_cache *prints)
{
    struct cas_server_hello hello = { 0 };
    struct cas_facts_result result = { 0 };

    cas_server_hello_parse(message, &hello);
    result.is_malformed = message->sight.reasons == 0 && !hello.is_whole;
    if (facts->is_final) {
        return result;
    }
    /* RFC 8446, 4.1.4: only a HelloRetryRequest has another ServerHello behind it. */
    bool was_retry = facts->is_seen;
    bool has_random = hello.random.len == sizeof(facts->random);
    *facts = (struct cas_server_hello_facts){
        .is_seen = true,
        .is_whole = message->sight.reasons == 0 && hello.is_whole,
        .is_retry = was_retry || hello.is_retry_request,
        .is_final = has_random && !hello.is_retry_request,
        .has_random = has_random,
        .version = hello.version,
        .cipher = hello.cipher,
        .is_psk_accepted = hello.is_psk_accepted,
        .is_encrypt_then_mac = hello.is_encrypt_then_mac,
        .is_protected_oddly = hello.compression != 0 || hello.is_mac_truncated,
        .psk_index = hello.psk_index,
        .has_certificates_also = hello.has_certificates_also,
    };
    if (has_random) {
        memcpy(facts->random, hello.random.data, hello.random.len);
    }
    facts->session_id_len = keep_session_id(facts->session_id, hello.session_id);
    if (facts->is_whole) {
        struct cas_server_fingerprints of_server = { 0 };
        result.is_refused = !cas_fingerprints_of_server(prints, &hello, budget, &of_server);
        memcpy(facts->ja3s, of_server.ja3s, sizeof(facts->ja3s));
    }
    return result;
}

void cas_client_hello_facts_finish(struct cas_client_hello_facts *facts,
                                   struct cas_budget *budget)
{
    cas_buf_finish(&facts->texts);
    cas_budget_free(budget, (void *)(uintptr_t)facts->ca_names.data, facts->ca_names.len);
    *facts = (struct cas_client_hello_facts){ 0 };
}
