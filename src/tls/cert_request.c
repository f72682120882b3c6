/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tls/cert_request.h"

#include <stdbool.h>

#include "bytes/reader.h"
#include "tls/extensions.h"

enum form {
    FORM_PLAIN,          /* SSL 3.0 to TLS 1.1 */
    FORM_WITH_ALGORITHMS /* TLS 1.2 */
};

/*
 * RFC 5246, 7.4.4 (RFC 4346 and older have no supported_signature_algorithms):
 *   u8  certificate_types<1..2^8-1>
 *   u16 supported_signature_algorithms<2..2^16-2>
 *   u16 certificate_authorities<0..2^16-1>, each u16 DistinguishedName<1..2^16-1>
 *
 * What the list's length means is checked against the declared length of the message: it is
 * known even where bytes are missing. True when the message is used up exactly.
 */
static bool parse(const struct cas_handshake_message *message, enum form form,
                  struct cas_cert_request *out_request)
{
    struct cas_reader r = cas_reader_init(message->body);
    struct cas_cert_request request = { .sight = message->sight };

    request.certificate_types = cas_reader_vec8(&r);
    if (form == FORM_WITH_ALGORITHMS) {
        request.has_signature_algorithms = true;
        request.signature_algorithms = cas_reader_vec16(&r);
    }
    request.list_declared_len = cas_reader_u16(&r);
    size_t before_list = cas_reader_offset(&r);
    request.rest_of_message = cas_reader_rest(&r);
    request.list = cas_view_part(request.rest_of_message, 0, request.list_declared_len);
    request.is_malformed = request.signature_algorithms.len % 2 != 0;
    if (cas_reader_ok(&r)) {
        size_t left = message->sight.declared_len - before_list;
        request.is_malformed |= request.list_declared_len > left;
        request.trailing_len =
            request.list_declared_len < left ? left - request.list_declared_len : 0;
    } else {
        request.is_malformed |= message->sight.reasons == 0;
    }
    *out_request = request;
    return cas_reader_ok(&r) && !request.is_malformed && request.trailing_len == 0;
}

void cas_cert_request_parse(const struct cas_handshake_message *message, uint16_t version,
                            struct cas_cert_request *out_request)
{
    uint16_t assumed = version != 0 ? version : message->record_version;
    enum form likely = assumed >= CAS_TLS_VERSION_TLS12 ? FORM_WITH_ALGORITHMS : FORM_PLAIN;
    enum form other = likely == FORM_PLAIN ? FORM_WITH_ALGORITHMS : FORM_PLAIN;
    struct cas_cert_request otherwise = { 0 };

    bool is_exact = parse(message, likely, out_request);
    if (version == 0 && !is_exact && parse(message, other, &otherwise)) {
        *out_request = otherwise;
    }
}

/*
 * RFC 8446, 4.3.2: u8 certificate_request_context<0..2^8-1>, u16 extensions<2..2^16-1>; in it
 * 4.2.3: signature_algorithms, 4.2.4: certificate_authorities, each u16<2..2^16-2>.
 */
void cas_cert_request_parse13(const struct cas_handshake_message *message,
                              struct cas_cert_request *out_request)
{
    struct cas_reader r = cas_reader_init(message->body);
    struct cas_cert_request request = { .sight = message->sight,
                                        .has_signature_algorithms = true };
    struct cas_view data = { 0 };

    (void)cas_reader_vec8(&r);
    struct cas_view extensions = cas_reader_vec16(&r);
    request.is_malformed = !cas_reader_done(&r) && message->sight.reasons == 0;
    if (cas_extension_find(extensions, CAS_EXTENSION_SIGNATURE_ALGORITHMS, &data)) {
        request.signature_algorithms = cas_extension_vec16(data);
    }
    if (cas_extension_find(extensions, CAS_EXTENSION_CERTIFICATE_AUTHORITIES, &data)) {
        struct cas_reader list = cas_reader_init(data);
        request.list = cas_reader_vec16(&list);
        request.list_declared_len = (uint32_t)request.list.len;
        request.is_malformed |= !cas_reader_done(&list);
    }
    request.rest_of_message = request.list;
    *out_request = request;
}
