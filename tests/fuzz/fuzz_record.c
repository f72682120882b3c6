/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Target: cas_record_next. First byte: length of the pieces, and whether encryption has begun.
 * What is told does not depend on the pieces, and the bodies are the input without headers.
 */
#include <stdlib.h>

#include "bytes/buf.h"
#include "tls/record.h"

#define OUT_MAX (1u << 24)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Headers and bodies one after the other; false where the framing broke. */
static bool read_all(struct cas_view bytes, size_t piece_len, bool is_encrypted,
                     struct cas_buf *out)
{
    struct cas_record_layer layer = cas_record_layer_init(0);
    enum cas_record_step step = CAS_RECORD_SHORT;

    layer.is_encrypted = is_encrypted;
    for (size_t at = 0; at < bytes.len && step != CAS_RECORD_BAD; at += piece_len) {
        struct cas_reader r = cas_reader_init(cas_view_part(bytes, at, piece_len));
        struct cas_record_part part = { 0 };
        while ((step = cas_record_next(&layer, &r, &part)) == CAS_RECORD_PART) {
            if (part.at == 0) {
                cas_buf_append_format(out, "[%u %u %u %llu]", part.record.type,
                                      part.record.version, part.record.len,
                                      (unsigned long long)part.record.offset);
            }
            if (part.at + part.bytes.len > part.record.len) {
                abort();
            }
            cas_buf_append(out, part.bytes);
        }
    }
    return step != CAS_RECORD_BAD;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0) {
        return 0;
    }
    bool is_encrypted = (data[0] & 0x80) != 0;
    struct cas_view bytes = cas_view_part(cas_view_of(data, size), 1, size);
    struct cas_buf whole = cas_buf_init(OUT_MAX, NULL);
    struct cas_buf pieces = cas_buf_init(OUT_MAX, NULL);
    bool is_good = read_all(bytes, size, is_encrypted, &whole);

    if (read_all(bytes, (data[0] & 0x7fu) + 1, is_encrypted, &pieces) != is_good ||
        !cas_view_equal(cas_buf_view(&whole), cas_buf_view(&pieces))) {
        abort();
    }
    cas_buf_finish(&pieces);
    cas_buf_finish(&whole);
    return 0;
}
