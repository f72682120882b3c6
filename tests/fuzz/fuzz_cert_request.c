/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Target: cas_cert_request_parse and cas_certificate_parse, with their forms of TLS 1.3. First
 * byte: version, and whether the message was cut; then its body. The parts lie in the message,
 * and add up when nothing is wrong.
 */
#include <stdlib.h>

#include "bytes/reader.h"
#include "tls/cert_request.h"
#include "tls/certificate.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_request(const struct cas_handshake_message *message, uint16_t version)
{
    struct cas_cert_request request = { 0 };
    cas_cert_request_parse(message, version, &request);
    size_t parts = request.certificate_types.len + request.signature_algorithms.len +
                   request.rest_of_message.len + 3 + (request.has_signature_algorithms ? 2 : 0);

    if (request.list.len > request.rest_of_message.len ||
        request.list.len > request.list_declared_len) {
        abort();
    }
    if (message->sight.reasons == 0 && !request.is_malformed &&
        (parts != message->body.len || request.list.len != request.list_declared_len ||
         request.list.len + request.trailing_len != request.rest_of_message.len)) {
        abort();
    }
}

/* Its certificates have bytes, and fill the list. */
static void check_chain(const struct cas_handshake_message *message,
                        const struct cas_certificate_message *certificate)
{
    struct cas_reader r = cas_reader_init(certificate->list);
    struct cas_view der = { 0 };
    if (message->sight.reasons != 0 || certificate->is_malformed || certificate->is_raw_key) {
        return;
    }
    while (cas_certificate_next(&r, certificate, &der)) {
        if (der.len == 0) {
            abort();
        }
    }
    if (!cas_reader_done(&r)) {
        abort();
    }
}

static void check_certificate(const struct cas_handshake_message *message)
{
    struct cas_certificate_message certificate = { 0 };
    cas_certificate_parse(message, &certificate);
    if (message->sight.reasons == 0 && !certificate.is_malformed &&
        certificate.list.len + 3 != message->body.len) {
        abort();
    }
    check_chain(message, &certificate);
}

/*
 * RFC 8446, 4.2.3 and 4.2.4: algorithms there must be, of two bytes each; the list, which may
 * be absent, is behind its type, the length of that extension and its own, and of 3 bytes.
 */
static bool is_sound13(struct cas_view body, const struct cas_cert_request *request)
{
    size_t len = request->list.len;
    if (request->signature_algorithms.len == 0 || request->signature_algorithms.len % 2 != 0) {
        return false;
    }
    if (len == 0) {
        return true;
    }
    struct cas_reader r = cas_reader_init(body);
    cas_reader_skip(&r, (size_t)(request->list.data - body.data) - 6);
    return cas_reader_u16(&r) == 47 && cas_reader_u16(&r) == len + 2 &&
           cas_reader_u16(&r) == len && len >= 3;
}

static void check_tls13(const struct cas_handshake_message *message)
{
    struct cas_cert_request request = { 0 };
    struct cas_certificate_message certificate = { 0 };
    cas_cert_request_parse13(message, &request);
    cas_certificate_parse13(message, &certificate);
    if (request.list.len > message->body.len || request.list.len != request.list_declared_len ||
        request.trailing_len != 0 || certificate.list.len > message->body.len) {
        abort();
    }
    check_chain(message, &certificate);
    if (message->sight.reasons == 0 && !request.is_malformed &&
        !is_sound13(message->body, &request)) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0) {
        return 0;
    }
    static const uint16_t versions[] = { 0, 0x0300, 0x0301, 0x0303 };
    uint32_t missing = data[0] & 0x80 ? data[0] & 0x3fu : 0;
    struct cas_view body = cas_view_part(cas_view_of(data, size), 1, size);
    struct cas_handshake_message message = {
        .record_version = data[0] & 0x40 ? 0x0303 : 0x0301,
        .body = body,
        .sight = { .declared_len = (uint32_t)body.len + missing,
                   .reasons = missing > 0 ? CAS_REASON_BIT(CAS_REASON_GAP) : 0 },
    };

    check_request(&message, versions[data[0] & 3]);
    check_certificate(&message);
    check_tls13(&message);
    return 0;
}
