/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bytes/base64.h"

#include <assert.h>

#include <nettle/base64.h>

#include "bytes/reader.h"

#define CHUNK 1024

void cas_base64_encode(struct cas_view bytes, char *out_text, size_t out_size)
{
    size_t len = BASE64_ENCODE_RAW_LENGTH(bytes.len);
    assert(len < out_size);
    (void)out_size;
    base64_encode_raw(out_text, bytes.len, bytes.data);
    out_text[len] = '\0';
}

bool cas_base64_decode(struct cas_view text, struct cas_buf *out)
{
    struct base64_decode_ctx ctx;
    base64_decode_init(&ctx);
    for (size_t at = 0; at < text.len; at += CHUNK) {
        struct cas_view chunk = cas_view_part(text, at, CHUNK);
        uint8_t bytes[BASE64_DECODE_LENGTH(CHUNK)];
        size_t len = sizeof(bytes);
        if (base64_decode_update(&ctx, &len, bytes, chunk.len, (const char *)chunk.data) == 0) {
            return false;
        }
        cas_buf_append(out, cas_view_of(bytes, len));
    }
    return base64_decode_final(&ctx) != 0;
}
