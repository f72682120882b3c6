/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A file as a stream of bytes, unpacked on the way if it is packed with gzip or zstd: told by
 * its first bytes, not by its name, so that it works for pipes. Knows nothing of captures.
 */
#ifndef CAS_NET_COMPRESSED_H
#define CAS_NET_COMPRESSED_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <casniff/capture.h>
#include <casniff/error.h>

struct cas_compressed;

/*
 * Opens path ("-" is standard input, which stays open when the stream is closed) for reading
 * from its start. Whatever the stream gives is shown to the tap. One thread at a time may use
 * the stream, which is not to be asked to seek. *out_compressed tells how far it is, and is to
 * be closed after the stream.
 *
 * CAS_ERR_IO when it cannot be opened or read, or is a directory; CAS_ERR_FORMAT when it is
 * empty, or packed in a way that this build cannot unpack; CAS_ERR_NOMEM.
 */
CAS_MUST_CHECK enum cas_err
cas_compressed_open(const char *path, const struct cas_capture_tap *tap, FILE **out_stream,
                    struct cas_compressed **out_compressed, struct cas_error *out_error);

/* compressed may be NULL. */
void cas_compressed_close(struct cas_compressed *compressed);

/* Bytes read of the file, as it is on disk, and its size; both 0 when it is a pipe. */
void cas_compressed_progress(const struct cas_compressed *compressed, uint64_t *out_read,
                             uint64_t *out_size);

/* Why the unpacked stream ended before its time, e.g. "the gzip data breaks off"; NULL when it
 * did not. A constant string. */
const char *cas_compressed_damage(const struct cas_compressed *compressed);

#endif
