/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tls/certificate.h"

/* Length of the list's own length field. */
#define LIST_HEADER_LEN 3

/* DER: the tag of a SEQUENCE, and the lengths that one or two bytes behind them hold. */
#define DER_SEQUENCE 0x30
#define DER_LEN_U8   0x81
#define DER_LEN_U16  0x82

bool cas_certificate_next(struct cas_reader *r, const struct cas_certificate_message *message,
                          struct cas_view *out_der)
{
    if (cas_reader_left(r) == 0) {
        return false;
    }
    *out_der = cas_reader_vec24(r);
    if (message->has_extensions) {
        (void)cas_reader_vec16(r);
    }
    return cas_reader_ok(r);
}

/* Read as a list, it would begin with a certificate of more than three million bytes. */
static bool is_raw_key(struct cas_view list)
{
    struct cas_reader r = cas_reader_init(list);
    uint8_t tag = cas_reader_u8(&r);
    size_t len = cas_reader_u8(&r);
    if (len == DER_LEN_U8) {
        len = cas_reader_u8(&r);
    } else if (len == DER_LEN_U16) {
        len = cas_reader_u16(&r);
    }
    return cas_reader_ok(&r) && tag == DER_SEQUENCE && len == cas_reader_left(&r);
}

/* declared_len: of the list. What is cut by missing bytes only is no fault of the sender's. */
static bool has_bad_certificate(const struct cas_certificate_message *message,
                                uint32_t declared_len)
{
    struct cas_reader r = cas_reader_init(message->list);
    struct cas_view der = { 0 };
    while (cas_certificate_next(&r, message, &der)) {
        if (der.len == 0) {
            return true;
        }
    }
    return !cas_reader_done(&r) && message->list.len == declared_len;
}

/*
 * RFC 5246, 7.4.2: u24 certificate_list<0..2^24-1>, each u24 ASN.1Cert<1..2^24-1>
 * RFC 7250, 3, where both agreed on it: u24 ASN.1_subjectPublicKeyInfo<1..2^24-1>, and no list
 */
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
        out_certificate->is_raw_key = is_raw_key(out_certificate->list);
        out_certificate->is_malformed =
            len != message->sight.declared_len - LIST_HEADER_LEN ||
            (!out_certificate->is_raw_key && has_bad_certificate(out_certificate, len));
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
            len + 1 + context.len + LIST_HEADER_LEN != message->sight.declared_len ||
            has_bad_certificate(out_certificate, len);
    } else {
        out_certificate->is_malformed = message->sight.reasons == 0;
    }
}
