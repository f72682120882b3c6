/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The certification authorities that a server is meant to trust, in the order of the files:
 * what its CertificateRequest is compared with.
 */
#ifndef CASNIFF_TRUST_STORE_H
#define CASNIFF_TRUST_STORE_H

#include <stdbool.h>
#include <stddef.h>

#include <casniff/error.h>
#include <casniff/types.h>

struct cas_trust_store;

/* An entry that could not be used: where, and why. Valid during the call. */
typedef void cas_trust_store_complaint(void *user, const char *where, const char *why);

CAS_API CAS_MUST_CHECK struct cas_trust_store *cas_trust_store_create(void);
CAS_API void cas_trust_store_destroy(struct cas_trust_store *store);

/*
 * Adds all certificates of a file or a directory: PEM bundle, DER, PKCS#7, Windows .sst, JKS,
 * told by content. Order is kept, what is there already is skipped. Each unusable entry is told
 * to complain (which may be NULL) and the rest is used.
 *
 * CAS_ERR_IO when the path cannot be read, CAS_ERR_FORMAT when not one certificate is in it,
 * CAS_ERR_NOMEM.
 */
CAS_API CAS_MUST_CHECK enum cas_err cas_trust_store_add(struct cas_trust_store *store,
                                                        const char *path,
                                                        cas_trust_store_complaint *complain,
                                                        void *user,
                                                        struct cas_error *out_error);

/* Certificates kept, and distinct subjects among them. */
CAS_API size_t cas_trust_store_entries(const struct cas_trust_store *store);
CAS_API size_t cas_trust_store_names(const struct cas_trust_store *store);

/* How many of the distinct subjects have a CA's certificate. */
CAS_API size_t cas_trust_store_authorities(const struct cas_trust_store *store);

/* The first certificate is a CA's: a client's own certificate hardly ever is. */
CAS_API bool cas_trust_store_begins_with_authority(const struct cas_trust_store *store);

#endif
