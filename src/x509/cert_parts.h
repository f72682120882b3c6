/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files of cert.h share: a certificate cut with the reasons why not, its extensions,
 * its alternative names and its key.
 */
#ifndef CAS_X509_CERT_PARTS_H
#define CAS_X509_CERT_PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <casniff/types.h>

#include "bytes/buf.h"
#include "bytes/reader.h"
#include "x509/cert.h"

struct cas_cert_faults {
    size_t broken_at;            /* where it stops to be a certificate, when it is none */
    const char *extension;       /* name of the first one that cannot be read; NULL */
    const char *extension_fault; /* "an extension cannot be read: " or "... occurs twice: " */
    bool sig_oids_differ;        /* inside and outside of what is signed */
};

/* cas_cert_split() with what is wrong: broken_at is set when false, the rest when true. */
bool cas_cert_cut(struct cas_view der, struct cas_cert *out_cert,
                  struct cas_cert_faults *out_faults);

/*
 * The content of Extensions ::= SEQUENCE OF Extension into the fields of cert. False when it is
 * no such SEQUENCE; one that is not understood is left away and told in faults.
 */
bool cas_cert_read_extensions(struct cas_reader *extensions, struct cas_cert *cert,
                              struct cas_cert_faults *faults);

/* Appends each name of cert->san as "DNS:...", "IP:...", ..., each with a NUL behind it. */
void cas_cert_append_san(const struct cas_cert *cert, struct cas_buf *out);

struct cas_cert_key {
    const char *type;          /* constant; NULL when cert->key_oid is unknown */
    uint32_t bits;             /* 0 when unknown */
    const char *curve;         /* constant; NULL when unknown or none */
    struct cas_view curve_oid; /* of a named curve, known or not; else empty */
};

/* Reads sizes and names off the DER; never computes with a key. */
struct cas_cert_key cas_cert_key_of(const struct cas_cert *cert);

#endif
