/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The secrets of TLS connections in the NSS key log format, as SSLKEYLOGFILE gives them: with
 * them the encrypted part of a handshake is read. They are kept in memory only, wiped, and
 * never printed.
 *
 * They may come before the packets or while these are read; which of both, a sniffer that has
 * the key log need not be told.
 */
#ifndef CASNIFF_KEYLOG_H
#define CASNIFF_KEYLOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <casniff/error.h>
#include <casniff/types.h>

struct cas_keylog;

/* Who may read the file. */
enum cas_keylog_access {
    CAS_KEYLOG_PRIVATE, /* a file that everybody may read is refused */
    CAS_KEYLOG_ANY
};

/* So far. */
struct cas_keylog_stats {
    uint64_t connections; /* of which a secret is held now */
    uint64_t dropped;     /* of which the secrets were dropped, the oldest, for room */
    uint64_t bad_lines;   /* that are none of a key log, or contradict an earlier one */
};

CAS_API CAS_MUST_CHECK struct cas_keylog *cas_keylog_create(void);

/* Wipes the secrets. keylog may be NULL. */
CAS_API void cas_keylog_destroy(struct cas_keylog *keylog);

/* What it may hold, in bytes: the oldest secrets go first. 300 MiB before it is called. */
CAS_API void cas_keylog_limit(struct cas_keylog *keylog, size_t bytes);

CAS_API struct cas_keylog_stats cas_keylog_stats(const struct cas_keylog *keylog);

/* Connections of which a secret is known. */
CAS_API size_t cas_keylog_connections(const struct cas_keylog *keylog);

/*
 * Adds the secrets of text in memory; name stands for it in errors. Lines of labels that are
 * not needed are passed over; so are those that are no line of a key log, and then the result
 * is CAS_ERR_FORMAT, and out_error names the first one. One that has another secret than an
 * earlier one is counted with them, and that is all.
 */
CAS_API CAS_MUST_CHECK enum cas_err cas_keylog_add_text(struct cas_keylog *keylog,
                                                        const char *name, struct cas_view text,
                                                        struct cas_error *out_error);

/*
 * Adds the secrets that a capture carries in itself: Decryption Secrets Blocks of a pcapng
 * file, packed or not, wherever they stand in it. Any other file has none; of a pipe nothing is
 * read (struct cas_keylog_blocks is for those).
 *
 * CAS_ERR_IO, CAS_ERR_NOMEM; CAS_ERR_FORMAT when a line is none of a key log: out_error names
 * the first one, in its block, and the others are taken.
 */
CAS_API CAS_MUST_CHECK enum cas_err cas_keylog_add_capture(struct cas_keylog *keylog,
                                                           const char *path,
                                                           struct cas_error *out_error);

/* --- a capture that cannot be read twice --- */

struct cas_keylog_blocks;

/* name stands for it in errors, and is not copied. NULL without memory. */
CAS_API CAS_MUST_CHECK struct cas_keylog_blocks *
cas_keylog_blocks_create(struct cas_keylog *keylog, const char *name);

/* The capture's next bytes, unpacked, however they are cut. Of anything but pcapng nothing is
 * taken. */
CAS_API void cas_keylog_blocks_push(struct cas_keylog_blocks *blocks, struct cas_view bytes);

/* As cas_keylog_add_capture() of all bytes so far: CAS_OK or CAS_ERR_FORMAT. */
CAS_API CAS_MUST_CHECK enum cas_err
cas_keylog_blocks_result(const struct cas_keylog_blocks *blocks, struct cas_error *out_error);

/* blocks may be NULL. */
CAS_API void cas_keylog_blocks_destroy(struct cas_keylog_blocks *blocks);

/* --- a file that may grow --- */

struct cas_keylog_file;

/* What was read at once. */
struct cas_keylog_news {
    bool is_more;       /* there is more to be read */
    bool was_cut;       /* the file is shorter than it was: it was read from its beginning */
    bool is_unfinished; /* it ends within a line, which waits for its end */
    uint64_t bad_lines;
    struct cas_error first_bad; /* which one, and why */
};

/* Without a file yet. name stands for it in errors, and is not copied. NULL without memory. */
CAS_API CAS_MUST_CHECK struct cas_keylog_file *
cas_keylog_file_create(struct cas_keylog *keylog, const char *name,
                       enum cas_keylog_access access);

/*
 * Reads from the beginning of this file from now on, which may be a pipe; fd is file's when
 * the result is CAS_OK, and the one before is closed.
 *
 * CAS_ERR_IO for a directory and the like, CAS_ERR_USAGE when everybody may read it and access
 * is CAS_KEYLOG_PRIVATE: the file before is read on then.
 */
CAS_API CAS_MUST_CHECK enum cas_err cas_keylog_file_use(struct cas_keylog_file *file, int fd,
                                                        struct cas_error *out_error);

/*
 * Reads on, some most bytes at once. A pipe that has nothing at present is waited for, unless
 * it is one that does not block.
 *
 * CAS_ERR_IO when it cannot be read; bad lines are passed over.
 */
CAS_API CAS_MUST_CHECK enum cas_err cas_keylog_file_read(struct cas_keylog_file *file,
                                                         size_t most,
                                                         struct cas_keylog_news *out_news,
                                                         struct cas_error *out_error);

/* Nothing more comes: what waits for its end is taken as a line. CAS_OK, or CAS_ERR_FORMAT when
 * it is none. */
CAS_API CAS_MUST_CHECK enum cas_err cas_keylog_file_end(struct cas_keylog_file *file,
                                                        struct cas_error *out_error);

/* Its secrets stay. file may be NULL. */
CAS_API void cas_keylog_file_destroy(struct cas_keylog_file *file);

#endif
