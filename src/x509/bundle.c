/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "x509/bundle.h"

#include <stdio.h>

#include "x509/cert.h"
#include "x509/cert_parts.h"
#include "x509/der.h"
#include "x509/stores.h"

void cas_store_give(struct cas_store *store, struct cas_view der)
{
    struct cas_cert cert;
    struct cas_cert_faults faults;
    if (cas_cert_cut(der, &cert, &faults)) {
        store->origin.entry++;
        store->num_certificates++;
        store->handler->certificate(store->handler->user, &store->origin, cert.der);
        return;
    }
    char why[96];
    (void)snprintf(why, sizeof(why), "no certificate in strict DER: breaks at byte %zu of %zu",
                   faults.broken_at, der.len);
    cas_store_complain(store, why);
}

void cas_store_complain(struct cas_store *store, const char *why)
{
    store->origin.entry++;
    store->num_bad++;
    store->handler->bad(store->handler->user, &store->origin, why);
}

/*
 * PFX ::= SEQUENCE { version INTEGER (3), authSafe ContentInfo, ... } (RFC 7292), often in BER:
 * the length is passed over, whatever its form.
 */
static bool is_pkcs12(struct cas_view bytes)
{
    static const uint8_t version_3[] = { CAS_DER_INTEGER, 1, 3, CAS_DER_SEQUENCE };
    struct cas_reader r = cas_reader_init(bytes);
    uint8_t tag = cas_reader_u8(&r);
    uint8_t len = cas_reader_u8(&r);
    cas_reader_skip(&r, len > 0x80 ? len & 0x7fu : 0);
    return tag == CAS_DER_SEQUENCE && cas_view_equal(cas_reader_bytes(&r, sizeof(version_3)),
                                                     cas_view_of(version_3, sizeof(version_3)));
}

/* Text as Windows tools redirect it. */
static bool is_utf16(struct cas_view bytes)
{
    struct cas_reader r = cas_reader_init(bytes);
    uint16_t mark = cas_reader_u16(&r);
    return mark == 0xfffe || mark == 0xfeff;
}

static bool begins_with_certificate(struct cas_view bytes)
{
    struct cas_cert cert;
    return cas_cert_split(bytes, &cert);
}

static bool begins_with_sequence(struct cas_view bytes)
{
    struct cas_reader r = cas_reader_init(bytes);
    return cas_der_next(&r).tag == CAS_DER_SEQUENCE;
}

/* Certificates and PKCS#7, one after the other. */
static void read_der(struct cas_view bytes, struct cas_store *store)
{
    struct cas_reader r = cas_reader_init(bytes);
    while (cas_reader_left(&r) > 0) {
        struct cas_view each = cas_der_next(&r).whole;
        if (!cas_reader_ok(&r)) {
            cas_store_complain(store, "what follows is no DER");
        } else if (begins_with_certificate(each) || !cas_pkcs7_read(each, store)) {
            cas_store_give(store, each);
        }
    }
}

/* Reads by the first format that the bytes are of; NULL, or why it is none. */
static const char *read_any(struct cas_view bytes, struct cas_store *store)
{
    if (cas_jks_is(bytes)) {
        cas_jks_read(bytes, store);
    } else if (cas_sst_is(bytes)) {
        cas_sst_read(bytes, store);
    } else if (is_pkcs12(bytes)) {
        return "PKCS#12 is not read, for it may be encrypted: export its certificates as PEM "
               "with `openssl pkcs12 -in FILE -nokeys -out FILE.pem`";
    } else if (!begins_with_certificate(bytes) && cas_pem_is(bytes)) {
        cas_pem_read(bytes, store);
    } else if (begins_with_sequence(bytes)) {
        read_der(bytes, store);
    } else if (is_utf16(bytes)) {
        return "text in UTF-16 is not read: convert it to UTF-8";
    } else if (!cas_pkcs7_read(bytes, store)) { /* in BER */
        return "no certificates in a known format: give PEM, DER, PKCS#7, .sst, JKS or JCEKS";
    }
    return NULL;
}

enum cas_err cas_bundle_read(struct cas_view bytes, const char *path,
                             const struct cas_bundle_handler *handler,
                             struct cas_error *out_error)
{
    struct cas_store store = { .handler = handler, .origin = { .path = path } };
    const char *why = read_any(bytes, &store);
    if (store.out_of_memory) {
        return cas_error_set(out_error, CAS_ERR_NOMEM, "%s: not enough memory", path);
    }
    if (why == NULL && store.num_certificates + store.num_bad == 0) {
        why = "no certificate is in it";
    }
    return why == NULL ? CAS_OK : cas_error_set(out_error, CAS_ERR_FORMAT, "%s: %s", path, why);
}
