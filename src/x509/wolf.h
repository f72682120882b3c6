/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * wolfSSL behind a wall: wolf.c is the only file that includes its headers, and it calls
 * wc_InitDecodedCert, wc_ParseCert(NO_VERIFY), wc_FreeDecodedCert, wc_BerToDer and the few
 * helpers named there; nothing that imports a key, verifies, or builds an X509 object.
 */
#ifndef CAS_X509_WOLF_H
#define CAS_X509_WOLF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <casniff/types.h>

#include "bytes/buf.h"

struct cas_wolf_cert {
    bool is_ca;
    /* Content of the Names as wolfSSL found them, into the input; empty in a build of it that
     * does not tell. */
    struct cas_view subject;
    struct cas_view issuer;
};

/*
 * Parses der, which cas_cert_split() accepted and which holds at most CAS_CERT_SAN_MAX
 * alternative names. NULL when wolfSSL accepts it, else its reason, a constant string;
 * *out_cert is filled in the first case only.
 */
const char *cas_wolf_parse(struct cas_view der, struct cas_wolf_cert *out_cert);

/* BER with indefinite lengths to DER, appended to out; false when it is not BER,
 * and when memory is short: out has failed then. */
bool cas_wolf_ber_to_der(struct cas_view ber, struct cas_buf *out);

/* The version in use, e.g. "5.5.4". */
const char *cas_wolf_version(void);

/*
 * The library in use is the one that the headers describe: parses a known certificate and
 * compares. False: certificates are told from the slices alone. Nothing is remembered, for it
 * costs only what a certificate costs.
 */
bool cas_wolf_self_test(void);

#endif
