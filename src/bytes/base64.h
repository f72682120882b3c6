/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Base64 (RFC 4648, 4), by nettle. */
#ifndef CAS_BYTES_BASE64_H
#define CAS_BYTES_BASE64_H

#include <stdbool.h>
#include <stddef.h>

#include <casniff/types.h>

#include "bytes/buf.h"

/* Writes the text with its end; out_size holds it: 4 characters for each 3 bytes, and 1. */
void cas_base64_encode(struct cas_view bytes, char *out_text, size_t out_size);

/*
 * Appends what text stands for; white space anywhere in it is passed over. False when it is no
 * base64; what was appended until then stays. Whether it fitted is asked of out.
 */
bool cas_base64_decode(struct cas_view text, struct cas_buf *out);

#endif
