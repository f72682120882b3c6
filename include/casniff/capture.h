/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A source of frames: saved captures in any form that libpcap reads. (Live interfaces join
 * here.) Knows nothing of what is inside a frame.
 */
#ifndef CASNIFF_CAPTURE_H
#define CASNIFF_CAPTURE_H

#include <stdbool.h>

#include <casniff/error.h>
#include <casniff/types.h>

struct cas_capture;

enum cas_capture_next {
    CAS_CAPTURE_FRAME,  /* out_frame is filled */
    CAS_CAPTURE_END,    /* nothing more */
    CAS_CAPTURE_DAMAGED /* the input broke off; what came before is good */
};

/*
 * Opens a saved capture: pcap, pcapng, with micro- or nanoseconds, compressed with gzip or zstd
 * where the build has them; "-" is standard input. filter is a BPF expression, NULL or "" for
 * everything.
 *
 * CAS_ERR_IO when the file cannot be read, CAS_ERR_FORMAT when it is not a capture,
 * CAS_ERR_USAGE when the filter does not compile, CAS_ERR_NOMEM.
 */
CAS_API CAS_MUST_CHECK enum cas_err cas_capture_open_file(const char *path, const char *filter,
                                                          struct cas_capture **out_capture,
                                                          struct cas_error *out_error);

/*
 * The next frame. Its number counts from 1 in this capture; its bytes are valid until the next
 * call. On CAS_CAPTURE_DAMAGED out_error tells where and why.
 */
CAS_API enum cas_capture_next cas_capture_next(struct cas_capture *capture,
                                               struct cas_frame *out_frame,
                                               struct cas_error *out_error);

/* Bytes of the file read so far and in all; both 0 when the input is a pipe. */
CAS_API void cas_capture_progress(const struct cas_capture *capture, uint64_t *out_read,
                                  uint64_t *out_size);

/* "libpcap version 1.10.3 ..." as the library in use says it. */
CAS_API const char *cas_capture_library(void);

CAS_API void cas_capture_close(struct cas_capture *capture);

#endif
