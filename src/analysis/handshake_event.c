/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/handshake_event.h"

#include "analysis/diagnosis.h"
#include "analysis/request_size.h"
#include "bytes/buf.h"
#include "bytes/reader.h"
#include "tls/names.h"
#include "x509/dn.h"

/* Text of one name of a ClientHello's list. */
#define DN_TEXT_MAX (1u << 20)

static void tell_alerts(struct cas_tls_info *tls, struct cas_arena *arena,
                        const struct cas_conversation_facts *facts)
{
    struct cas_alert_info *alerts = cas_arena_array(arena, facts->alerts_len, sizeof(*alerts));
    if (alerts == NULL) {
        return;
    }
    for (size_t i = 0; i < facts->alerts_len; i++) {
        const struct cas_alert_facts *alert = &facts->alerts[i];
        alerts[i] = (struct cas_alert_info){
            .from = alert->from_server ? CAS_SIDE_SERVER : CAS_SIDE_CLIENT,
            .level = cas_tls_alert_level_name(alert->level),
            .description = cas_tls_alert_name(alert->description),
            .code = alert->description,
        };
    }
    tls->alerts = alerts;
    tls->alerts_len = facts->alerts_len;
}

static const struct cas_cert_info *const *
tell_certs(struct cas_arena *arena, const struct cas_known_certs *certs, size_t *out_len)
{
    const struct cas_cert_info **infos = cas_arena_array(arena, certs->len, sizeof(*infos));
    *out_len = 0;
    for (size_t i = 0; infos != NULL && i < certs->len; i++) {
        infos[(*out_len)++] = certs->cert[i]->info;
    }
    return infos;
}

/* Extension 47 of the ClientHello (RFC 8446, 4.2.4): u16 Name<1..2^16-1> each. */
static void tell_hello_names(struct cas_tls_info *tls, struct cas_arena *arena,
                             struct cas_view names)
{
    size_t max = names.len / 2;
    const char **texts = cas_arena_array(arena, max, sizeof(*texts));
    struct cas_buf text = cas_buf_init(DN_TEXT_MAX, arena->budget);
    struct cas_reader r = cas_reader_init(names);
    size_t len = 0;
    while (texts != NULL && cas_reader_left(&r) > 0) {
        struct cas_view name = cas_reader_vec16(&r);
        if (cas_reader_ok(&r)) {
            cas_buf_clear(&text);
            cas_dn_format(name, &text);
            texts[len++] = cas_arena_string_of(arena, &text);
        }
    }
    cas_buf_finish(&text);
    if (cas_arena_ok(arena)) {
        tls->hello_ca_names = texts;
        tls->hello_ca_names_len = len;
    }
}

static const char *cipher_name(struct cas_arena *arena, uint16_t cipher)
{
    const char *name = cas_tls_cipher_name(cipher);
    return name != NULL ? name : cas_arena_format(arena, "0x%04x", cipher);
}

static const char *version_name(struct cas_arena *arena, uint16_t version)
{
    const char *name = cas_tls_version_name(version);
    return name != NULL ? name : cas_arena_format(arena, "0x%04x", version);
}

static const char *text_or_null(const char *text)
{
    return text[0] != '\0' ? text : NULL;
}

/*
 * A chain of which others may have been part: so it was read, or so it turned out later, when
 * bytes came again and differed, or a second Certificate came.
 */
static bool is_incomplete(const struct cas_known_certs *certs,
                          const struct cas_direction_facts *side)
{
    return certs->is_incomplete ||
           (side->certificates > 0 && (side->reasons & CAS_REASONS_OF_DOUBT) != 0);
}

static struct cas_tls_info tell_tls(struct cas_arena *arena,
                                    const struct cas_conversation_facts *facts,
                                    const struct cas_conclusion *conclusion,
                                    const struct cas_handshake_parts *parts)
{
    struct cas_tls_info tls = {
        .sni = facts->client_hello.sni,
        .alpn = (const char *const *)facts->client_hello.alpn,
        .alpn_len = facts->client_hello.alpn_len,
        .resumed = conclusion->is_resumed,
        .is_renegotiation = facts->is_renewed,
        .established = conclusion->established,
        .ja3 = text_or_null(facts->client_hello.ja3),
        .ja3s = text_or_null(facts->server_hello.ja3s),
        .ja4 = text_or_null(facts->client_hello.ja4),
    };
    const struct cas_server_hello_facts *server = &facts->server_hello;
    if (server->is_whole || server->version != 0) {
        tls.version = version_name(arena, server->version);
    }
    if (server->is_whole || server->cipher != 0) {
        tls.cipher = cipher_name(arena, server->cipher);
    }
    tell_alerts(&tls, arena, facts);
    tls.server_certs = tell_certs(arena, &parts->server_certs, &tls.server_certs_len);
    tls.client_certs = tell_certs(arena, &parts->client_certs, &tls.client_certs_len);
    tls.server_certs_left_out = parts->server_certs.left_out;
    tls.client_certs_left_out = parts->client_certs.left_out;
    tls.server_certs_incomplete = is_incomplete(&parts->server_certs, &facts->server);
    tls.client_certs_incomplete = is_incomplete(&parts->client_certs, &facts->client);
    if (facts->client_hello.has_ca_names) {
        tell_hello_names(&tls, arena, facts->client_hello.ca_names);
    }
    return tls;
}

struct cas_handshake_event cas_handshake_event_make(struct cas_run *run,
                                                    const struct cas_conversation_facts *facts,
                                                    const struct cas_conclusion *conclusion,
                                                    const struct cas_handshake_parts *parts,
                                                    int64_t now_s)
{
    struct cas_arena *arena = &run->scratch;
    struct cas_handshake_event event = {
        .tls = tell_tls(arena, facts, conclusion, parts),
        .client_auth = {
            .requested = conclusion->requested,
            .how = conclusion->how,
            .answer = conclusion->answer,
            .request_size = conclusion->is_decrypted
                                ? NULL
                                : cas_request_size_tell(&conclusion->inference,
                                                        &run->reporter.rules, arena),
            .encrypted_alert =
                conclusion->inference.server_sent_alert && !conclusion->is_decrypted,
        },
        .ca_list = parts->report != NULL ? &parts->report->info : NULL,
    };
    const struct cas_diagnosis_case diagnosis_case = {
        .conclusion = conclusion,
        .request_size = event.client_auth.request_size,
        .report = parts->report,
        .reporter = &run->reporter,
        .store = run->config.store,
        .client_cert = run->config.client_cert,
        .certs = parts->client_certs.cert,
        .certs_len = parts->client_certs.len,
        .certs_incomplete = event.tls.client_certs_incomplete,
        .now_s = now_s,
    };
    event.client_auth.diagnosis =
        cas_diagnose(&diagnosis_case, arena, &event.client_auth.diagnosis_len);
    return event;
}
