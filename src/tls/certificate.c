/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tls/certificate.h"

#include "bytes/reader.h"

/* Length of the list's own length field. */
#define LIST_HEADER_LEN 3

/* RFC 5246, 7.4.2: u24 certificate_list<0..2^24-1>, each u24 ASN.1Cert<1..2^24-1> */
void cas_certificate_parse(const struct cas_handshake_message *message,
                           struct cas_certificate_message *out_certificate)
{
    struct cas_reader r = cas_reader_init(message->body);
    uint32_t len = cas_reader_u24(&r);
    struct cas_view rest = cas_reader_rest(&r);

    *out_certificate = (struct cas_certificate_message){
        .sight = message->sight,
        .list = cas_view_part(rest, 0, len),
    };
    if (cas_reader_ok(&r)) {
        out_certificate->is_malformed = len != message->sight.declared_len - LIST_HEADER_LEN;
    } else {
        out_certificate->is_malformed = message->sight.reasons == 0;
    }
}

/*
 * RFC 8446, 4.4.2: u8 certificate_request_context<0..2^8-1>,
 * u24 certificate_list<0..2^24-1>, each u24 cert_data<1..2^24-1>, u16 extensions<0..2^16-1>
 */
void cas_certificate_parse13(const struct cas_handshake_message *message,
                             struct cas_certificate_message *out_certificate)
{
    struct cas_reader r = cas_reader_init(message->body);
    struct cas_view context = cas_reader_vec8(&r);
    uint32_t len = cas_reader_u24(&r);
    struct cas_view rest = cas_reader_rest(&r);

    *out_certificate = (struct cas_certificate_message){
        .sight = message->sight,
        .list = cas_view_part(rest, 0, len),
        .has_extensions = true,
    };
    if (cas_reader_ok(&r)) {
        out_certificate->is_malformed =
            len + 1 + context.len + LIST_HEADER_LEN != message->sight.declared_len;
    } else {
        out_certificate->is_malformed = message->sight.reasons == 0;
    }
}
