/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tls/server_hello.h"

#include "bytes/reader.h"
#include "tls/conversation.h"
#include "tls/extensions.h"

/* RFC 8446, 4.1.3: SHA-256 of "HelloRetryRequest" */
static const uint8_t retry_random[32] = {
    0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c,
    0x02, 0x1e, 0x65, 0xb8, 0x91, 0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb,
    0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
};

/*
 * RFC 8446, 4.1.3 and 4.2.1: TLS 1.3 says TLS 1.2 in legacy_version, which counts only where
 * supported_versions is absent: not where it may be among what was not read.
 */
static void read_version(struct cas_server_hello *hello)
{
    struct cas_view data = { 0 };

    if (cas_extension_find(hello->extensions, CAS_EXTENSION_SUPPORTED_VERSIONS, &data)) {
        struct cas_reader r = cas_reader_init(data);
        uint16_t version = cas_reader_u16(&r);
        hello->version = cas_reader_done(&r) ? cas_extension_final_version(version) : 0;
        hello->is_whole &= cas_reader_done(&r);
    } else if (hello->is_whole || hello->legacy_version < CAS_TLS_VERSION_TLS12) {
        hello->version = cas_extension_final_version(hello->legacy_version);
    }
}

static void read_extensions(struct cas_server_hello *hello)
{
    struct cas_view data = { 0 };

    read_version(hello);
    hello->is_psk_accepted =
        cas_extension_find(hello->extensions, CAS_EXTENSION_PRE_SHARED_KEY, &data);
    hello->is_encrypt_then_mac =
        cas_extension_find(hello->extensions, CAS_EXTENSION_ENCRYPT_THEN_MAC, &data);
    hello->is_mac_truncated =
        cas_extension_find(hello->extensions, CAS_EXTENSION_TRUNCATED_HMAC, &data);
    if (hello->is_psk_accepted) {
        struct cas_reader r = cas_reader_init(data);
        hello->psk_index = cas_reader_u16(&r);
    }
    hello->has_certificates_also =
        cas_extension_find(hello->extensions, CAS_EXTENSION_CERT_WITH_EXTERN_PSK, &data);
}

/*
 * RFC 5246, 7.4.1.3, and RFC 8446, 4.1.3:
 *   u16 server_version, random[32], u8 session_id<0..32>, u16 cipher_suite,
 *   u8 compression_method, u16 extensions<0..2^16-1> or nothing
 * Drafts of TLS 1.3 before 22 had neither session id nor compression method.
 */
void cas_server_hello_parse(const struct cas_handshake_message *message,
                            struct cas_server_hello *out_hello)
{
    struct cas_reader r = cas_reader_init(message->body);

    *out_hello = (struct cas_server_hello){ .legacy_version = cas_reader_u16(&r) };
    bool is_draft =
        cas_extension_final_version(out_hello->legacy_version) != out_hello->legacy_version;
    out_hello->random = cas_reader_bytes(&r, 32);
    out_hello->is_retry_request =
        cas_view_equal(out_hello->random, cas_view_of(retry_random, sizeof(retry_random)));
    if (!is_draft) {
        out_hello->session_id = cas_reader_vec8(&r);
    }
    out_hello->cipher = cas_reader_u16(&r);
    if (!is_draft) {
        out_hello->compression = cas_reader_u8(&r);
    }
    if (cas_reader_left(&r) > 0) {
        uint16_t len = cas_reader_u16(&r);
        struct cas_view rest = cas_reader_rest(&r);
        out_hello->extensions = cas_view_part(rest, 0, len);
        out_hello->is_whole = cas_reader_ok(&r) && rest.len == len &&
                              cas_extension_list_is_exact(out_hello->extensions);
    } else {
        out_hello->is_whole = cas_reader_done(&r);
    }
    out_hello->is_whole &=
        out_hello->session_id.len <= 32 && message->body.len == message->sight.declared_len;
    read_extensions(out_hello);
}
