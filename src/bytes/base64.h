/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Base64 (RFC 4648, 4), by nettle: base64.c is the only file that knows it. */
#ifndef CAS_BYTES_BASE64_H
#define CAS_BYTES_BASE64_H

#include <stddef.h>

#include <casniff/types.h>

/* Writes the text with its end; out_size holds it: 4 characters for each 3 bytes, and 1. */
void cas_base64_encode(struct cas_view bytes, char *out_text, size_t out_size);

#endif
