/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Base64 (RFC 4648, 4), by nettle. */
#ifndef CAS_BYTES_BASE64_H
#define CAS_BYTES_BASE64_H

#include <stdbool.h>

#include <casniff/types.h>

#include "bytes/buf.h"

/*
 * Appends what text stands for; white space anywhere in it is passed over. False when it is no
 * base64; what was appended until then stays. Whether it fitted is asked of out.
 */
bool cas_base64_decode(struct cas_view text, struct cas_buf *out);

#endif
