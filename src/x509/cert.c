/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * RFC 5280, 4.1:
 *   Certificate          SEQUENCE { TBSCertificate, AlgorithmIdentifier, BIT STRING }
 *   TBSCertificate       SEQUENCE { [0] version OPTIONAL, INTEGER serial, AlgorithmIdentifier,
 *                          Name issuer, Validity, Name subject, SubjectPublicKeyInfo,
 *                          [1] issuerUniqueID OPTIONAL, [2] subjectUniqueID OPTIONAL,
 *                          [3] Extensions OPTIONAL }
 *   AlgorithmIdentifier  SEQUENCE { OBJECT IDENTIFIER, parameters ANY OPTIONAL }
 *   Validity             SEQUENCE { Time notBefore, Time notAfter }
 *   SubjectPublicKeyInfo SEQUENCE { AlgorithmIdentifier, BIT STRING }
 */
#include "x509/cert.h"

#include "x509/asn1_time.h"
#include "x509/cert_parts.h"
#include "x509/der.h"

#define NOT_BROKEN SIZE_MAX

struct cutter {
    struct cas_view der;
    struct cas_cert cert;
    struct cas_cert_faults faults;
};

/* The end of a level: all of it must have been read. The innermost fault is the one told. */
static bool is_whole(struct cutter *c, const struct cas_reader *level)
{
    if (cas_reader_done(level)) {
        return true;
    }
    if (c->faults.broken_at == NOT_BROKEN) {
        c->faults.broken_at = cas_reader_offset_in(level, c->der);
    }
    return false;
}

struct algorithm {
    struct cas_view oid;
    struct cas_view params;
};

static bool cut_algorithm(struct cutter *c, struct cas_view content, struct algorithm *out)
{
    struct cas_reader r = cas_reader_init(content);
    out->oid = cas_der_take(&r, CAS_DER_OID).content;
    if (!cas_oid_is_valid(out->oid)) {
        cas_reader_fail(&r);
    }
    if (cas_reader_left(&r) > 0) {
        out->params = cas_der_next(&r).whole;
    }
    return is_whole(c, &r);
}

/* An unreadable date is no reason to refuse the rest. */
static bool cut_validity(struct cutter *c, struct cas_view content)
{
    struct cas_reader r = cas_reader_init(content);
    struct cas_der not_before = cas_der_next(&r);
    struct cas_der not_after = cas_der_next(&r);
    c->cert.not_before_s = INT64_MIN;
    c->cert.not_after_s = INT64_MAX;
    (void)cas_asn1_time_parse(&not_before, &c->cert.not_before_s);
    (void)cas_asn1_time_parse(&not_after, &c->cert.not_after_s);
    return is_whole(c, &r);
}

static bool cut_key(struct cutter *c, struct cas_view content)
{
    struct cas_reader r = cas_reader_init(content);
    struct cas_view identifier = cas_der_take(&r, CAS_DER_SEQUENCE).content;
    struct cas_reader bits = cas_reader_init(cas_der_take(&r, CAS_DER_BIT_STRING).content);
    struct algorithm algorithm = { 0 };
    if (!is_whole(c, &r) || !cut_algorithm(c, identifier, &algorithm)) {
        return false;
    }
    cas_reader_skip(&bits, 1); /* how many bits of the last byte do not count */
    c->cert.key_oid = algorithm.oid;
    c->cert.key_params = algorithm.params;
    c->cert.key_bits = cas_reader_rest(&bits);
    return is_whole(c, &bits);
}

static bool cut_extensions(struct cutter *c, struct cas_view explicit_tag)
{
    struct cas_reader outer = cas_reader_init(explicit_tag);
    struct cas_reader r = cas_reader_init(cas_der_take(&outer, CAS_DER_SEQUENCE).content);
    return is_whole(c, &outer) &&
           (cas_cert_read_extensions(&r, &c->cert, &c->faults) || is_whole(c, &r));
}

static bool cut_tbs(struct cutter *c, struct cas_view content)
{
    struct cas_reader r = cas_reader_init(content);
    (void)cas_der_take_optional(&r, CAS_DER_CONTEXT_CONSTRUCTED(0));
    c->cert.serial = cas_der_take(&r, CAS_DER_INTEGER).content;
    struct cas_view signature = cas_der_take(&r, CAS_DER_SEQUENCE).content;
    c->cert.issuer = cas_der_take(&r, CAS_DER_SEQUENCE).whole;
    struct cas_view validity = cas_der_take(&r, CAS_DER_SEQUENCE).content;
    c->cert.subject = cas_der_take(&r, CAS_DER_SEQUENCE).whole;
    struct cas_der key = cas_der_take(&r, CAS_DER_SEQUENCE);
    c->cert.spki = key.whole;
    (void)cas_der_take_optional(&r, CAS_DER_CONTEXT(1));
    (void)cas_der_take_optional(&r, CAS_DER_CONTEXT(2));
    struct cas_der extensions = cas_der_take_optional(&r, CAS_DER_CONTEXT_CONSTRUCTED(3));

    struct algorithm inner = { 0 };
    if (!is_whole(c, &r) || !cut_algorithm(c, signature, &inner) ||
        !cut_validity(c, validity) || !cut_key(c, key.content)) {
        return false;
    }
    c->faults.sig_oids_differ = !cas_view_equal(inner.oid, c->cert.sig_oid);
    return extensions.tag == 0 || cut_extensions(c, extensions.content);
}

static bool cut_certificate(struct cutter *c)
{
    struct cas_reader outer = cas_reader_init(c->der);
    struct cas_der whole = cas_der_take(&outer, CAS_DER_SEQUENCE);
    if (!cas_reader_ok(&outer)) {
        return is_whole(c, &outer);
    }
    c->cert.der = whole.whole;
    c->cert.trailing_len = cas_reader_left(&outer);

    struct cas_reader r = cas_reader_init(whole.content);
    struct cas_der tbs = cas_der_take(&r, CAS_DER_SEQUENCE);
    struct cas_view identifier = cas_der_take(&r, CAS_DER_SEQUENCE).content;
    (void)cas_der_take(&r, CAS_DER_BIT_STRING);
    struct algorithm algorithm = { 0 };
    if (!is_whole(c, &r) || !cut_algorithm(c, identifier, &algorithm)) {
        return false;
    }
    c->cert.tbs = tbs.whole;
    c->cert.sig_oid = algorithm.oid;
    return cut_tbs(c, tbs.content);
}

bool cas_cert_cut(struct cas_view der, struct cas_cert *out_cert,
                  struct cas_cert_faults *out_faults)
{
    struct cutter c = { .der = der, .faults = { .broken_at = NOT_BROKEN } };
    if (!cut_certificate(&c)) {
        out_faults->broken_at = c.faults.broken_at;
        return false;
    }
    *out_cert = c.cert;
    *out_faults = c.faults;
    return true;
}

bool cas_cert_split(struct cas_view der, struct cas_cert *out_cert)
{
    struct cas_cert_faults faults;
    return cas_cert_cut(der, out_cert, &faults);
}

bool cas_cert_allows_client_auth(const struct cas_cert *cert)
{
    static const uint8_t client_auth[] = { 0x2b, 6, 1, 5, 5, 7, 3, 2 }; /* 1.3.6.1.5.5.7.3.2 */
    static const uint8_t any[] = { 0x55, 0x1d, 0x25, 0 };               /* 2.5.29.37.0 */
    struct cas_reader r = cas_reader_init(cert->eku);
    bool allowed = !cert->has_eku;
    while (cas_reader_left(&r) > 0) {
        struct cas_view oid = cas_der_next(&r).content;
        allowed |= cas_view_equal(oid, cas_view_of(client_auth, sizeof(client_auth))) ||
                   cas_view_equal(oid, cas_view_of(any, sizeof(any)));
    }
    return allowed;
}
