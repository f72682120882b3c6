/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The secrets of TLS connections in the NSS key log format, as SSLKEYLOGFILE gives them: with
 * them the encrypted part of a handshake is read. They are kept in memory only, wiped, and
 * never printed.
 */
#ifndef CASNIFF_KEYLOG_H
#define CASNIFF_KEYLOG_H

#include <stdbool.h>
#include <stddef.h>

#include <casniff/error.h>
#include <casniff/types.h>

struct cas_keylog;

/* Who may read the file. */
enum cas_keylog_access {
    CAS_KEYLOG_PRIVATE, /* a file that everybody may read is refused */
    CAS_KEYLOG_ANY
};

CAS_API CAS_MUST_CHECK struct cas_keylog *cas_keylog_create(void);

/* Wipes the secrets. keylog may be NULL. */
CAS_API void cas_keylog_destroy(struct cas_keylog *keylog);

/*
 * Adds the secrets of a file. Lines of labels that are not needed are passed over; one that is
 * no line of a key log ends it, and out_error names it.
 *
 * CAS_ERR_IO when the file cannot be read, CAS_ERR_USAGE when everybody may read it and access
 * is CAS_KEYLOG_PRIVATE, CAS_ERR_FORMAT, CAS_ERR_NOMEM.
 */
CAS_API CAS_MUST_CHECK enum cas_err cas_keylog_add_file(struct cas_keylog *keylog,
                                                        const char *path,
                                                        enum cas_keylog_access access,
                                                        struct cas_error *out_error);

/* The same of text in memory; name stands for it in errors. */
CAS_API CAS_MUST_CHECK enum cas_err cas_keylog_add_text(struct cas_keylog *keylog,
                                                        const char *name, struct cas_view text,
                                                        struct cas_error *out_error);

/*
 * Adds the secrets that a capture carries in itself: Decryption Secrets Blocks of a pcapng
 * file, in its first 16 MiB, not compressed. Any other file has none.
 *
 * CAS_ERR_IO, CAS_ERR_NOMEM; CAS_ERR_FORMAT when a block is no key log: out_error names the
 * line in it.
 */
CAS_API CAS_MUST_CHECK enum cas_err cas_keylog_add_capture(struct cas_keylog *keylog,
                                                           const char *path,
                                                           struct cas_error *out_error);

/* Connections of which a secret is known. */
CAS_API size_t cas_keylog_connections(const struct cas_keylog *keylog);

#endif
