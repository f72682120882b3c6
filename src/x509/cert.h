/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A certificate (RFC 5280, 4.1): cut into slices by a strict walk of our own, then told in
 * words. wolfSSL is asked only for what lies in x509/wolf.h; when it refuses, the slices still
 * give subject, issuer, serial, dates, size and fingerprint.
 */
#ifndef CAS_X509_CERT_H
#define CAS_X509_CERT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <casniff/api.h>
#include <casniff/error.h>
#include <casniff/events.h>
#include <casniff/types.h>

/* Certificates above this are told by size and fingerprint only. */
#define CAS_CERT_SIZE_MAX 65536
/* Alternative names above this are not given to wolfSSL, whose list is quadratic. */
#define CAS_CERT_SAN_MAX 1000

/* Where things lie in the DER; views into it. Absent parts are empty. */
struct cas_cert {
    struct cas_view der; /* the certificate alone, without what follows it */
    struct cas_view tbs;
    struct cas_view serial;  /* the INTEGER's content */
    struct cas_view sig_oid; /* content of the signature algorithm's OID */
    struct cas_view issuer;  /* Name, with its header */
    struct cas_view subject;
    struct cas_view spki;       /* SubjectPublicKeyInfo, with its header */
    struct cas_view key_oid;    /* content of its algorithm's OID */
    struct cas_view key_params; /* its algorithm's parameters, with header */
    struct cas_view key_bits;   /* content of the BIT STRING without the unused-bits byte */
    struct cas_view san;        /* content of the GeneralNames SEQUENCE */
    struct cas_view eku;        /* content of the SEQUENCE of OIDs */
    struct cas_view ski;        /* key identifier */
    struct cas_view aki;        /* authority's key identifier */
    int64_t not_before_s;       /* INT64_MIN when unreadable */
    int64_t not_after_s;        /* INT64_MAX when unreadable */
    bool has_basic_constraints;
    bool is_ca;
    bool has_key_usage;
    uint16_t key_usage; /* bit 0 (0x8000) digitalSignature ... as in the BIT STRING */
    bool has_eku;
    size_t san_count;
    size_t trailing_len; /* bytes after the certificate */
};

/* Cuts der. False when it is no certificate in strict DER; *out_cert is untouched then. */
CAS_MUST_CHECK bool cas_cert_split(struct cas_view der, struct cas_cert *out_cert);

/* clientAuth or anyExtendedKeyUsage is among its EKUs, or it has no EKU extension. */
bool cas_cert_allows_client_auth(const struct cas_cert *cert);

/*
 * Tells a certificate in words; also one that cannot be cut: then subject and issuer are NULL
 * and note says where it breaks. One allocation charged by the caller: *out_size is its size.
 * NULL when memory could not be had. Free with cas_cert_info_destroy().
 */
struct cas_cert_info *cas_cert_describe(struct cas_view der, size_t *out_size);
void cas_cert_info_destroy(struct cas_cert_info *info);

#endif
