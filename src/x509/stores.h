/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The store formats, one function each, for bundle.c: they find the entries and hand each to
 * cas_store_give(). They know nothing of files.
 */
#ifndef CAS_X509_STORES_H
#define CAS_X509_STORES_H

#include <stdbool.h>

#include <casniff/types.h>

#include "x509/bundle.h"

/* Where in a file we are, who is told, and what was told so far. */
struct cas_store {
    const struct cas_bundle_handler *handler;
    struct cas_bundle_origin origin;
    size_t num_certificates;
    size_t num_bad;
    bool out_of_memory;
};

/* An entry that should be a certificate: told as that, or as bad. */
void cas_store_give(struct cas_store *store, struct cas_view der);

/* An entry that cannot be used. */
void cas_store_complain(struct cas_store *store, const char *why);

/* A line of the text begins with "-----BEGIN ". */
bool cas_pem_is(struct cas_view text);

/*
 * All blocks with certificates or PKCS#7 in them; what stands around them, and blocks of other
 * kinds such as private keys, is passed over.
 */
void cas_pem_read(struct cas_view text, struct cas_store *store);

/*
 * A SignedData, as in .p7b and .p7c files: its certificates, or false, and nothing told, when
 * it is none. DER, or BER with indefinite lengths.
 */
bool cas_pkcs7_read(struct cas_view bytes, struct cas_store *store);

/* Windows' serialized certificate store. */
bool cas_sst_is(struct cas_view bytes);
void cas_sst_read(struct cas_view bytes, struct cas_store *store);

/*
 * Java's JKS and JCEKS, without the password, which guards the keys alone. What Java itself
 * trusts is told: the certificate entries, and the first certificate of each private key's
 * chain.
 */
bool cas_jks_is(struct cas_view bytes);
void cas_jks_read(struct cas_view bytes, struct cas_store *store);

#endif
