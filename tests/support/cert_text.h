/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A certificate from parts in the notation of der_text.h; a part that is NULL gets a usual one.
 */
#ifndef CAS_TEST_CERT_TEXT_H
#define CAS_TEST_CERT_TEXT_H

#include "support/der_text.h"

struct cert_parts {
    const char *version;       /* "a0{02:02}" */
    const char *serial;        /* "02:1234" */
    const char *inner_sig_alg; /* ecdsa-with-SHA256 */
    const char *sig_alg;
    const char *issuer;     /* CN=Issuer */
    const char *validity;   /* 2020-01-01 to 2049-12-31 */
    const char *subject;    /* CN=Subject */
    const char *key;        /* P-256, the generator of the curve */
    const char *extensions; /* what is inside [3] { SEQUENCE { ... } }; none when NULL */
    const char *tail;       /* behind the extensions in what is signed; "" */
    const char *after;      /* behind the certificate; "" */
};

/* To be freed with exact_free(). */
struct cas_view cert_copy(const struct cert_parts *parts);

/* An extension 2.5.29.x, e.g. EXTENSION("13", "30{01:ff}"). */
#define EXTENSION(x_hex, value) "30{06:551d" x_hex " 04{" value "}}"

#endif
