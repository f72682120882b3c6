/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Target: cas_keylog_add_text. A refusal names a line that is there; what is taken is found
 * again, line by line as at once.
 */
#include <stdlib.h>
#include <string.h>

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
    enum cas_err err = cas_keylog_add_text(keylog, "keys", cas_view_of(data, size), &error);
    if (err != CAS_OK &&
        (strncmp(error.text, "keys:", 5) != 0 || strtoul(&error.text[5], NULL, 10) == 0 ||
         strtoul(&error.text[5], NULL, 10) > size)) {
        abort();
    }
    size_t known = cas_keylog_connections(keylog);
    enum cas_err again = cas_keylog_add_text(keylog, "keys", cas_view_of(data, size), NULL);
    if (again != err || cas_keylog_connections(keylog) != known) {
        abort();
    }
    cas_keylog_destroy(keylog);
    return 0;
}
