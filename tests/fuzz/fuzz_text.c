/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Target: cas_text_append_escaped. Whatever comes in, only safe UTF-8 comes out. */
#include <stdlib.h>

#include "bytes/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cas_buf out = cas_buf_init(1u << 24, NULL);
    cas_text_append_escaped(&out, cas_view_of(data, size));
    struct cas_reader r = cas_reader_init(cas_buf_view(&out));
    while (cas_reader_left(&r) > 0) {
        if (!cas_text_is_safe(cas_text_next(&r))) {
            abort();
        }
    }
    cas_buf_finish(&out);
    return 0;
}
