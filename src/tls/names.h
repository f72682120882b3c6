/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * IANA's names of TLS numbers (registries "Transport Layer Security (TLS) Parameters" and
 * "TLS Extensions"). Constant strings; NULL for a number without a name here.
 */
#ifndef CAS_TLS_NAMES_H
#define CAS_TLS_NAMES_H

#include <stdint.h>

/* "SSL 2.0", "SSL 3.0", "TLS 1.0" ... "TLS 1.3". */
const char *cas_tls_version_name(uint16_t version);
/* "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256" */
const char *cas_tls_cipher_name(uint16_t cipher);
/* "warning", "fatal" */
const char *cas_tls_alert_level_name(uint8_t level);
/* "handshake_failure" */
const char *cas_tls_alert_name(uint8_t description);
/* "rsa_sign", "ecdsa_sign" (RFC 5246, 7.4.4) */
const char *cas_tls_certificate_type_name(uint8_t type);
/* "rsa_pss_rsae_sha256", "ecdsa_secp256r1_sha256"; for TLS 1.2 pairs without a TLS 1.3 name
 * "rsa_pkcs1_sha224"-like names made of hash and signature. */
const char *cas_tls_signature_scheme_name(uint16_t scheme);

#endif
