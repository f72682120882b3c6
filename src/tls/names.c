/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tls/names.h"

#include <stddef.h>

#include "tls/cipher_names.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static const struct cas_number_name versions[] = {
    { 0x0002, "SSL 2.0" }, { 0x0300, "SSL 3.0" }, { 0x0301, "TLS 1.0" },
    { 0x0302, "TLS 1.1" }, { 0x0303, "TLS 1.2" }, { 0x0304, "TLS 1.3" },
};

static const struct cas_number_name alert_levels[] = {
    { 1, "warning" },
    { 2, "fatal" },
};

static const struct cas_number_name alerts[] = {
    { 0, "close_notify" },
    { 1, "end_of_early_data" }, /* drafts of TLS 1.3 */
    { 10, "unexpected_message" },
    { 20, "bad_record_mac" },
    { 21, "decryption_failed" },
    { 22, "record_overflow" },
    { 30, "decompression_failure" },
    { 40, "handshake_failure" },
    { 41, "no_certificate" }, /* SSL 3.0 */
    { 42, "bad_certificate" },
    { 43, "unsupported_certificate" },
    { 44, "certificate_revoked" },
    { 45, "certificate_expired" },
    { 46, "certificate_unknown" },
    { 47, "illegal_parameter" },
    { 48, "unknown_ca" },
    { 49, "access_denied" },
    { 50, "decode_error" },
    { 51, "decrypt_error" },
    { 52, "too_many_cids_requested" },
    { 60, "export_restriction" },
    { 70, "protocol_version" },
    { 71, "insufficient_security" },
    { 80, "internal_error" },
    { 86, "inappropriate_fallback" },
    { 90, "user_canceled" },
    { 100, "no_renegotiation" },
    { 109, "missing_extension" },
    { 110, "unsupported_extension" },
    { 111, "certificate_unobtainable" },
    { 112, "unrecognized_name" },
    { 113, "bad_certificate_status_response" },
    { 114, "bad_certificate_hash_value" },
    { 115, "unknown_psk_identity" },
    { 116, "certificate_required" },
    { 117, "general_error" },
    { 120, "no_application_protocol" },
    { 121, "ech_required" },
};

/* Registry "TLS ClientCertificateType Identifiers"; 21, 22 and 80 are drafts' that were used.
 */
static const struct cas_number_name certificate_types[] = {
    { 1, "rsa_sign" },         { 2, "dss_sign" },          { 3, "rsa_fixed_dh" },
    { 4, "dss_fixed_dh" },     { 5, "rsa_ephemeral_dh" }, /* SSL 3.0 */
    { 6, "dss_ephemeral_dh" },                            /* SSL 3.0 */
    { 20, "fortezza_dms" },                               /* SSL 3.0 */
    { 21, "gost94_sign" },     { 22, "gost01_sign" },      { 64, "ecdsa_sign" },
    { 65, "rsa_fixed_ecdh" },  { 66, "ecdsa_fixed_ecdh" }, { 67, "gost_sign256" },
    { 68, "gost_sign512" },    { 80, "ibc_params" },
};

/* Registry "TLS SignatureScheme"; the pairs of TLS 1.2 (RFC 5246, 7.4.1.4.1) have its style. */
static const struct cas_number_name signature_schemes[] = {
    { 0x0001, "rsa_pkcs1_none" },
    { 0x0002, "dsa_none" },
    { 0x0003, "ecdsa_none" },
    { 0x0101, "rsa_pkcs1_md5" },
    { 0x0102, "dsa_md5" },
    { 0x0103, "ecdsa_md5" },
    { 0x0201, "rsa_pkcs1_sha1" },
    { 0x0202, "dsa_sha1" },
    { 0x0203, "ecdsa_sha1" },
    { 0x0301, "rsa_pkcs1_sha224" },
    { 0x0302, "dsa_sha224" },
    { 0x0303, "ecdsa_sha224" },
    { 0x0401, "rsa_pkcs1_sha256" },
    { 0x0402, "dsa_sha256" },
    { 0x0403, "ecdsa_secp256r1_sha256" },
    { 0x0420, "rsa_pkcs1_sha256_legacy" },
    { 0x0501, "rsa_pkcs1_sha384" },
    { 0x0502, "dsa_sha384" },
    { 0x0503, "ecdsa_secp384r1_sha384" },
    { 0x0520, "rsa_pkcs1_sha384_legacy" },
    { 0x0601, "rsa_pkcs1_sha512" },
    { 0x0602, "dsa_sha512" },
    { 0x0603, "ecdsa_secp521r1_sha512" },
    { 0x0620, "rsa_pkcs1_sha512_legacy" },
    { 0x0704, "eccsi_sha256" },
    { 0x0705, "iso_ibs1" },
    { 0x0706, "iso_ibs2" },
    { 0x0707, "iso_chinese_ibs" },
    { 0x0708, "sm2sig_sm3" },
    { 0x0709, "gostr34102012_256a" },
    { 0x070a, "gostr34102012_256b" },
    { 0x070b, "gostr34102012_256c" },
    { 0x070c, "gostr34102012_256d" },
    { 0x070d, "gostr34102012_512a" },
    { 0x070e, "gostr34102012_512b" },
    { 0x070f, "gostr34102012_512c" },
    { 0x0804, "rsa_pss_rsae_sha256" },
    { 0x0805, "rsa_pss_rsae_sha384" },
    { 0x0806, "rsa_pss_rsae_sha512" },
    { 0x0807, "ed25519" },
    { 0x0808, "ed448" },
    { 0x0809, "rsa_pss_pss_sha256" },
    { 0x080a, "rsa_pss_pss_sha384" },
    { 0x080b, "rsa_pss_pss_sha512" },
    { 0x081a, "ecdsa_brainpoolP256r1tls13_sha256" },
    { 0x081b, "ecdsa_brainpoolP384r1tls13_sha384" },
    { 0x081c, "ecdsa_brainpoolP512r1tls13_sha512" },
    { 0x0840, "gostr34102012_256" }, /* TLS 1.2, RFC 9189 */
    { 0x0841, "gostr34102012_512" },
    { 0x0904, "mldsa44" },
    { 0x0905, "mldsa65" },
    { 0x0906, "mldsa87" },
};

static const char *find(const struct cas_number_name *table, size_t len, uint16_t number)
{
    size_t low = 0;
    size_t high = len;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (table[middle].number == number) {
            return table[middle].name;
        }
        if (table[middle].number < number) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return NULL;
}

const char *cas_tls_version_name(uint16_t version)
{
    return find(versions, COUNT(versions), version);
}

const char *cas_tls_cipher_name(uint16_t cipher)
{
    return find(cas_cipher_names, cas_cipher_names_len, cipher);
}

const char *cas_tls_alert_level_name(uint8_t level)
{
    return find(alert_levels, COUNT(alert_levels), level);
}

const char *cas_tls_alert_name(uint8_t description)
{
    return find(alerts, COUNT(alerts), description);
}

const char *cas_tls_certificate_type_name(uint8_t type)
{
    return find(certificate_types, COUNT(certificate_types), type);
}

const char *cas_tls_signature_scheme_name(uint16_t scheme)
{
    return find(signature_schemes, COUNT(signature_schemes), scheme);
}
