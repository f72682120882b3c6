/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Target: cas_keylog_add_pcapng. A refusal says why; the same bytes give the same secrets. */
#include <stdlib.h>

#include "bytes/reader.h"
#include "tls/keylog.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cas_keylog *keylog = cas_keylog_create();
    struct cas_error error = { 0 };
    if (keylog == NULL) {
        return 0;
    }
    enum cas_err err = cas_keylog_add_pcapng(keylog, "FILE", cas_view_of(data, size), &error);
    size_t known = cas_keylog_connections(keylog);
    enum cas_err again = cas_keylog_add_pcapng(keylog, "FILE", cas_view_of(data, size), NULL);
    if (err != again || cas_keylog_connections(keylog) != known ||
        (err != CAS_OK && error.text[0] == '\0')) {
        abort();
    }
    cas_keylog_destroy(keylog);
    return 0;
}
