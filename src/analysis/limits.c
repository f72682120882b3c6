/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include <casniff/limits.h>

#define LIST_MAX    65535u    /* the u16 in front of the list */
#define MESSAGE_MAX 16777215u /* the u24 in front of a handshake message */

#define SERVER CAS_LIMIT_SERVER
#define CLIENT CAS_LIMIT_CLIENT

static const struct cas_limit limits[] = {
    { "schannel-16k", "Windows Schannel (IIS, NPS, AD FS)", SERVER, CAS_COUNTS_LIST,
      CAS_EFFECT_TRUNCATES, 16384,
      "Microsoft KB 2801679 and KB 931125: \"16 kilobytes\"; what it counts is not documented",
      "documented" },
    { "schannel-2003", "Windows Server 2003 Schannel", SERVER, CAS_COUNTS_LIST,
      CAS_EFFECT_TRUNCATES, 12288, "Microsoft KB 933430, as quoted elsewhere", "unverified" },
    { "mbedtls-12", "Mbed TLS, TLS 1.2 server", SERVER, CAS_COUNTS_MESSAGE,
      CAS_EFFECT_TRUNCATES, 16384, "MBEDTLS_SSL_OUT_CONTENT_LEN; Mbed TLS 2.28.3", "measured" },
    { "s2n-send", "s2n-tls server", SERVER, CAS_COUNTS_LIST, CAS_EFFECT_FAILS, 20000,
      "tls/extensions/s2n_cert_authorities.h", "read in its source" },
    { "openssl-send", "OpenSSL 1.1.0 and later, server", SERVER, CAS_COUNTS_LIST,
      CAS_EFFECT_FAILS, LIST_MAX, "OpenSSL 3.0: alert 80 internal_error above it", "measured" },
    { "java-send12", "Java JSSE, TLS 1.2 server", SERVER, CAS_COUNTS_LIST, CAS_EFFECT_FAILS,
      LIST_MAX, "OpenJDK 17: alert 80 internal_error above it", "measured" },
    { "java-send13", "Java JSSE, TLS 1.3 server", SERVER, CAS_COUNTS_DER, CAS_EFFECT_OMITS,
      LIST_MAX, "OpenJDK 17: sends no list above it", "measured" },
    { "go-send12", "Go crypto/tls, TLS 1.2 server", SERVER, CAS_COUNTS_LIST, CAS_EFFECT_WRAPS,
      LIST_MAX, "Go 1.19", "measured" },
    { "gnutls-send12", "GnuTLS, TLS 1.2 server", SERVER, CAS_COUNTS_LIST, CAS_EFFECT_WRAPS,
      LIST_MAX, "GnuTLS 3.7.9", "measured" },
    { "wolfssl-send12", "wolfSSL, TLS 1.2 server", SERVER, CAS_COUNTS_MESSAGE, CAS_EFFECT_FAILS,
      16384, "wolfSSL 5.5.4: one record longer than 2^14", "measured" },
    { "mbedtls-recv", "Mbed TLS client", CLIENT, CAS_COUNTS_MESSAGE, CAS_EFFECT_FAILS, 16384,
      "MBEDTLS_SSL_IN_CONTENT_LEN; Mbed TLS 2.28.3", "measured" },
    { "wolfssl-recv", "wolfSSL client", CLIENT, CAS_COUNTS_BODY, CAS_EFFECT_FAILS, 18462,
      "MAX_CERTIFICATE_SZ; wolfSSL 5.5.4", "measured" },
    { "java-recv", "Java JSSE client", CLIENT, CAS_COUNTS_BODY, CAS_EFFECT_FAILS, 32768,
      "jdk.tls.maxHandshakeMessageSize; OpenJDK 17", "measured" },
    { "schannel-recv", "Windows Schannel client", CLIENT, CAS_COUNTS_MESSAGE, CAS_EFFECT_FAILS,
      32768, "Microsoft: MessageLimitClient, for fragmented messages", "documented" },
    { "rustls-recv", "rustls client", CLIENT, CAS_COUNTS_BODY, CAS_EFFECT_FAILS, 65535,
      "msgs/deframer", "read in its source" },
    { "go-recv", "Go crypto/tls client", CLIENT, CAS_COUNTS_BODY, CAS_EFFECT_FAILS, 65536,
      "maxHandshake; Go 1.19", "measured" },
    { "s2n-recv", "s2n-tls client", CLIENT, CAS_COUNTS_BODY, CAS_EFFECT_FAILS, 65536,
      "tls/s2n_tls_parameters.h", "read in its source" },
    { "openssl-recv", "OpenSSL 1.1.0 and later, client", CLIENT, CAS_COUNTS_BODY,
      CAS_EFFECT_FAILS, 102400, "SSL_CTX_set_max_cert_list()", "read in its source" },
    { "boringssl-recv", "BoringSSL client", CLIENT, CAS_COUNTS_BODY, CAS_EFFECT_FAILS, 102400,
      "SSL_CTX_set_max_cert_list()", "read in its source" },
    { "libressl-recv", "LibreSSL client", CLIENT, CAS_COUNTS_BODY, CAS_EFFECT_FAILS, 102400,
      "SSL_CTX_set_max_cert_list()", "read in its source" },
    { "nss-recv", "NSS client (Firefox)", CLIENT, CAS_COUNTS_BODY, CAS_EFFECT_FAILS, 131071,
      "65,535 bytes pass; the maximum read in its source", "read in its source" },
    { "gnutls-recv", "GnuTLS client", CLIENT, CAS_COUNTS_BODY, CAS_EFFECT_FAILS, 131072,
      "MAX_HANDSHAKE_PACKET_SIZE; 65,535 bytes pass", "read in its source" },
    { "tls-vector", "the protocol itself", CAS_LIMIT_PROTOCOL, CAS_COUNTS_LIST,
      CAS_EFFECT_FAILS, LIST_MAX, "RFC 5246, 7.4.4: certificate_authorities<0..2^16-1>",
      "documented" },
};

/* What people call a profile without its version or side. */
static const struct {
    const char *alias;
    const char *name;
} aliases[] = {
    { "schannel", "schannel-16k" },  { "iis", "schannel-16k" },
    { "mbedtls", "mbedtls-12" },     { "s2n", "s2n-send" },
    { "openssl", "openssl-send" },   { "java", "java-recv" },
    { "go", "go-send12" },           { "gnutls", "gnutls-send12" },
    { "wolfssl", "wolfssl-send12" }, { "boringssl", "boringssl-recv" },
    { "wire", "tls-vector" },
};

const struct cas_limit *cas_limits(size_t *out_len)
{
    *out_len = sizeof(limits) / sizeof(limits[0]);
    return limits;
}

static bool find_named(const char *name, struct cas_limit *out_limit)
{
    for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
        if (strcmp(limits[i].name, name) == 0) {
            *out_limit = limits[i];
            return true;
        }
    }
    return false;
}

/* Decimal digits only. */
static bool parse_bytes(const char *text, uint32_t *out_bytes)
{
    uint32_t bytes = 0;
    if (text[0] == '\0') {
        return false;
    }
    for (const char *c = text; *c != '\0'; c++) {
        if (*c < '0' || *c > '9') {
            return false;
        }
        bytes = bytes * 10 + (uint32_t)(*c - '0');
        if (bytes > MESSAGE_MAX) {
            return false;
        }
    }
    *out_bytes = bytes;
    return bytes > 0;
}

bool cas_limit_find(const char *text, struct cas_limit *out_limit)
{
    uint32_t bytes = 0;
    if (parse_bytes(text, &bytes)) {
        *out_limit = (struct cas_limit){
            .name = "given",
            .stack = "given on the command line",
            .side = CAS_LIMIT_SERVER,
            .counts = CAS_COUNTS_LIST,
            .effect = CAS_EFFECT_TRUNCATES,
            .bytes = bytes,
            .source = "--limit",
            .standing = "given",
        };
        return true;
    }
    for (size_t i = 0; i < sizeof(aliases) / sizeof(aliases[0]); i++) {
        if (strcmp(aliases[i].alias, text) == 0) {
            return find_named(aliases[i].name, out_limit);
        }
    }
    return find_named(text, out_limit);
}

const char *cas_limit_side_name(enum cas_limit_side side)
{
    static const char *const names[] = { "server", "client", "protocol" };
    return names[side];
}

const char *cas_limit_counts_name(enum cas_limit_counts counts)
{
    static const char *const names[] = { "list", "names only", "message body", "message" };
    return names[counts];
}

const char *cas_limit_effect_name(enum cas_limit_effect effect)
{
    static const char *const names[] = { "truncates", "wraps", "omits the list", "fails" };
    return names[effect];
}
