/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tls/cert_request.h"

#include <stdbool.h>

#include "bytes/reader.h"
#include "tls/extensions.h"

/* RFC 8446, 4.2.4: one name of one byte. TLS 1.2 has an empty list where this has none. */
#define AUTHORITIES_MIN 3

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

/* An extension that is one vector. */
struct vector13 {
    struct cas_view bytes;
    bool is_there;
    bool is_broken; /* it is not all of the extension; or that is there again */
};

/* Of repeated ones the first counts. */
static void take_vector(struct vector13 *vector, struct cas_view extension)
{
    struct cas_reader r = cas_reader_init(extension);
    struct cas_view bytes = cas_reader_vec16(&r);

    vector->is_broken |= vector->is_there || !cas_reader_done(&r);
    if (!vector->is_there) {
        vector->bytes = bytes;
    }
    vector->is_there = true;
}

/*
 * RFC 8446, 4.2: u16 extension_type, u16 extension_data, no type twice; of them here
 *   4.2.3: signature_algorithms, u16<2..2^16-2>, which must be there
 *   4.2.4: certificate_authorities<3..2^16-1>, each u16 DistinguishedName<1..2^16-1>
 */
static void read_extensions(struct cas_view extensions, struct cas_cert_request *request)
{
    struct cas_reader r = cas_reader_init(extensions);
    struct cas_extension extension = { 0 };
    struct vector13 algorithms = { 0 };
    struct vector13 authorities = { 0 };

    while (cas_extension_next(&r, &extension)) {
        if (extension.type == CAS_EXTENSION_SIGNATURE_ALGORITHMS) {
            take_vector(&algorithms, extension.data);
        } else if (extension.type == CAS_EXTENSION_CERTIFICATE_AUTHORITIES) {
            take_vector(&authorities, extension.data);
        }
    }
    request->signature_algorithms = algorithms.bytes;
    request->list = authorities.bytes;
    request->is_malformed = !cas_reader_done(&r) || algorithms.is_broken ||
                            authorities.is_broken || algorithms.bytes.len == 0 ||
                            algorithms.bytes.len % 2 != 0 ||
                            (authorities.is_there && authorities.bytes.len < AUTHORITIES_MIN);
}

/* RFC 8446, 4.3.2: u8 certificate_request_context<0..2^8-1>, u16 extensions<2..2^16-1> */
void cas_cert_request_parse13(const struct cas_handshake_message *message,
                              struct cas_cert_request *out_request)
{
    struct cas_reader r = cas_reader_init(message->body);
    struct cas_cert_request request = { .sight = message->sight,
                                        .has_signature_algorithms = true };

    (void)cas_reader_vec8(&r);
    struct cas_view extensions = cas_reader_vec16(&r);
    if (cas_reader_ok(&r)) {
        read_extensions(extensions, &request);
    }
    request.is_malformed |= !cas_reader_done(&r) && message->sight.reasons == 0;
    request.list_declared_len = (uint32_t)request.list.len;
    request.rest_of_message = request.list;
    *out_request = request;
}
