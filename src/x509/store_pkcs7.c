/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * RFC 5652:
 *   ContentInfo SEQUENCE { OBJECT IDENTIFIER signedData, [0] { SignedData } }
 *   SignedData  SEQUENCE { INTEGER, SET digestAlgorithms, SEQUENCE content,
 *                 [0] certificates OPTIONAL, [1] crls OPTIONAL, SET signers }
 */
#include "x509/der.h"
#include "x509/stores.h"
#include "x509/wolf.h"

#define BER_MAX CAS_BUNDLE_SIZE_MAX

static const uint8_t signed_data[] = { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 2 };

/* False when it is no SignedData in strict DER; no certificates are an empty view. */
static bool find_certificates(struct cas_view der, struct cas_view *out_certificates)
{
    struct cas_reader outer = cas_reader_init(der);
    struct cas_reader info = cas_reader_init(cas_der_take(&outer, CAS_DER_SEQUENCE).content);
    struct cas_view oid = cas_der_take(&info, CAS_DER_OID).content;
    struct cas_reader content =
        cas_reader_init(cas_der_take(&info, CAS_DER_CONTEXT_CONSTRUCTED(0)).content);
    struct cas_reader r = cas_reader_init(cas_der_take(&content, CAS_DER_SEQUENCE).content);
    (void)cas_der_take(&r, CAS_DER_INTEGER);
    (void)cas_der_take(&r, CAS_DER_SET);
    (void)cas_der_take(&r, CAS_DER_SEQUENCE);
    struct cas_view certificates =
        cas_der_take_optional(&r, CAS_DER_CONTEXT_CONSTRUCTED(0)).content;
    if (!cas_view_equal(oid, cas_view_of(signed_data, sizeof(signed_data))) ||
        !cas_reader_ok(&r)) {
        return false;
    }
    *out_certificates = certificates;
    return true;
}

/* CertificateSet ::= SET OF Certificate, or of other things, which have context tags */
static void give_each(struct cas_view certificates, struct cas_store *store)
{
    struct cas_reader r = cas_reader_init(certificates);
    while (cas_reader_left(&r) > 0) {
        struct cas_der each = cas_der_next(&r);
        if (!cas_reader_ok(&r)) {
            cas_store_complain(store, "the PKCS#7 breaks off here: this is no DER");
        } else if (each.tag == CAS_DER_SEQUENCE) {
            cas_store_give(store, each.whole);
        } else {
            cas_store_complain(store, "no X.509 certificate but one of another kind");
        }
    }
}

bool cas_pkcs7_read(struct cas_view bytes, struct cas_store *store)
{
    struct cas_view certificates = { 0 };
    if (find_certificates(bytes, &certificates)) {
        give_each(certificates, store);
        return true;
    }
    struct cas_reader r = cas_reader_init(bytes);
    if (cas_reader_u8(&r) != CAS_DER_SEQUENCE) {
        return false;
    }
    struct cas_buf der = cas_buf_init(BER_MAX, NULL);
    bool found = cas_wolf_ber_to_der(bytes, &der) &&
                 find_certificates(cas_buf_view(&der), &certificates);
    if (found) {
        give_each(certificates, store);
    }
    store->out_of_memory |= !cas_buf_ok(&der);
    cas_buf_finish(&der);
    return found;
}
