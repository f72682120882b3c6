/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bytes/base64.h"

#include <assert.h>

#include <nettle/base64.h>

void cas_base64_encode(struct cas_view bytes, char *out_text, size_t out_size)
{
    size_t len = BASE64_ENCODE_RAW_LENGTH(bytes.len);
    assert(len < out_size);
    (void)out_size;
    base64_encode_raw(out_text, bytes.len, bytes.data);
    out_text[len] = '\0';
}
