/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files of certificates: PEM bundles with comments, concatenated DER, PKCS#7 (PEM, DER, BER),
 * Windows .sst, JKS and JCEKS, and directories of these; told by content, never by name. Gives
 * each certificate in the file's order; does not judge it.
 *
 * PEM blocks of other kinds (private keys, requests, CRLs) are passed over in silence. Of a
 * Java keystore comes what Java itself trusts: the certificate entries and, of each private
 * key's chain, the first certificate. PKCS#12 is refused with the command that exports it.
 */
#ifndef CAS_X509_BUNDLE_H
#define CAS_X509_BUNDLE_H

#include <stddef.h>

#include <casniff/api.h>
#include <casniff/error.h>
#include <casniff/types.h>

/* Files above this are refused. */
#define CAS_BUNDLE_SIZE_MAX (64u << 20)

struct cas_bundle_origin {
    const char *path;
    unsigned line;  /* of the PEM block's BEGIN, from 1; 0 in a binary file */
    unsigned entry; /* from 1 in this file */
};

struct cas_bundle_handler {
    void *user;
    /* A certificate that cas_cert_split() accepts; der is valid during the call. */
    void (*certificate)(void *user, const struct cas_bundle_origin *origin,
                        struct cas_view der);
    /* An entry that cannot be used, and why. */
    void (*bad)(void *user, const struct cas_bundle_origin *origin, const char *why);
};

/*
 * Bytes of one file, already read. CAS_ERR_FORMAT when it is none of the formats, or nothing
 * that should be a certificate is in it; CAS_ERR_NOMEM.
 */
CAS_MUST_CHECK enum cas_err cas_bundle_read(struct cas_view bytes, const char *path,
                                            const struct cas_bundle_handler *handler,
                                            struct cas_error *out_error);

/*
 * A file, or all regular files of a directory in the order of their names (a directory's own
 * unusable files are told to bad(); of several links to one file the first by name is read).
 * Nothing that could wait is opened: no FIFO, no device.
 * CAS_ERR_IO, CAS_ERR_FORMAT, CAS_ERR_NOMEM with a sentence.
 */
CAS_MUST_CHECK enum cas_err cas_bundle_read_path(const char *path,
                                                 const struct cas_bundle_handler *handler,
                                                 struct cas_error *out_error);

#endif
