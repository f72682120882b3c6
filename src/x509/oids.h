/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names of object identifiers, in the spelling that OpenSSL made usual. */
#ifndef CAS_X509_OIDS_H
#define CAS_X509_OIDS_H

#include <stdint.h>

#include <casniff/types.h>

/* All take the content of an OBJECT IDENTIFIER and give a constant string, NULL when unknown.
 */

/* An attribute type's short name as RFC 4514 and OpenSSL print it: "CN", "emailAddress", ... */
const char *cas_oid_attribute_name(struct cas_view oid);

/* "serverAuth", "clientAuth", ... */
const char *cas_oid_purpose_name(struct cas_view oid);

/* "sha256WithRSAEncryption", "ecdsa-with-SHA256", "ED25519", "ML-DSA-44", ... */
const char *cas_oid_signature_name(struct cas_view oid);

/* "RSA", "EC", "Ed25519", ... */
const char *cas_oid_key_name(struct cas_view oid);

/* "P-256", "secp256k1", ...; *out_bits is the size of the field, set only when it is known. */
const char *cas_oid_curve_name(struct cas_view oid, uint32_t *out_bits);

#endif
