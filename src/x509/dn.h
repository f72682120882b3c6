/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A distinguished name (RFC 5280, 4.1.2.4) in DER: checked, printed, and brought into a form in
 * which equal names are equal bytes. Our own walker, because the libraries drop, cut or
 * mislabel attributes. Allocates nothing but what the output buffer needs; does not recurse.
 */
#ifndef CAS_X509_DN_H
#define CAS_X509_DN_H

#include <stdbool.h>

#include <casniff/types.h>

#include "bytes/buf.h"

/* Attributes in one name; one with more counts as malformed. */
#define CAS_DN_ATTRIBUTES_MAX 512

/* Strict DER, exactly one Name, nothing after it. An empty SEQUENCE is a Name. */
bool cas_dn_is_valid(struct cas_view der);

/*
 * Appends the name as RFC 4514 prints it: last RDN first, "CN=..,O=..", known types by short
 * name and others dotted with "#hex", every string type as UTF-8, hostile characters and
 * RFC 4514's specials escaped. What is no valid Name becomes "#" and the hex of its bytes; the
 * empty Name becomes nothing.
 */
void cas_dn_format(struct cas_view der, struct cas_buf *out);

/*
 * Appends the canonical encoding, in which names compare equal that RFC 5280, 7.1 calls equal:
 * OpenSSL's form (its SHA-1 is what `openssl x509 -subject_hash` shows). False, and nothing
 * appended, when der is no valid Name.
 */
bool cas_dn_canonical(struct cas_view der, struct cas_buf *out);

/* True when one attribute value of the name contains this ASCII text, ignoring case. */
bool cas_dn_contains(struct cas_view der, const char *text);

#endif
