/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tls/hello.h"

#include "bytes/reader.h"

/*
 * RFC 5246, 7.4.1.2:
 *   u16 client_version, random[32], u8 session_id<0..32>, u16 cipher_suites<2..2^16-2>,
 *   u8 compression_methods<1..2^8-1>, u16 extensions<0..2^16-1> or nothing
 */
void cas_client_hello_parse(struct cas_view body, struct cas_client_hello *out_hello)
{
    struct cas_reader r = cas_reader_init(body);

    *out_hello = (struct cas_client_hello){ .cipher_len = 2 };
    out_hello->version = cas_reader_u16(&r);
    out_hello->random = cas_reader_bytes(&r, 32);
    out_hello->session_id = cas_reader_vec8(&r);
    out_hello->ciphers = cas_reader_vec16(&r);
    cas_reader_skip(&r, cas_reader_u8(&r));
    if (cas_reader_left(&r) > 0) {
        uint16_t len = cas_reader_u16(&r);
        struct cas_view rest = cas_reader_rest(&r);
        out_hello->extensions = cas_view_part(rest, 0, len);
        out_hello->has_extensions = cas_reader_ok(&r);
        out_hello->is_whole = cas_reader_ok(&r) && rest.len == len;
    } else {
        out_hello->is_whole = cas_reader_done(&r);
    }
    out_hello->is_whole &= out_hello->session_id.len <= 32 && out_hello->ciphers.len % 2 == 0;
}

/*
 * RFC 5246, E.2, after its length field:
 *   u8 msg_type, u16 version, u16 cipher_spec_length, u16 session_id_length,
 *   u16 challenge_length, then the three
 */
void cas_client_hello_parse_ssl2(struct cas_view body, struct cas_client_hello *out_hello)
{
    struct cas_reader r = cas_reader_init(body);

    *out_hello = (struct cas_client_hello){ .cipher_len = 3 };
    cas_reader_skip(&r, 1);
    out_hello->version = cas_reader_u16(&r);
    uint16_t ciphers_len = cas_reader_u16(&r);
    uint16_t session_id_len = cas_reader_u16(&r);
    uint16_t challenge_len = cas_reader_u16(&r);
    out_hello->ciphers = cas_reader_bytes(&r, ciphers_len);
    out_hello->session_id = cas_reader_bytes(&r, session_id_len);
    cas_reader_skip(&r, challenge_len);
    out_hello->is_whole = cas_reader_done(&r) && session_id_len <= 32 && ciphers_len % 3 == 0;
}
