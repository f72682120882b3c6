/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Target: cas_dn_format, cas_dn_canonical, cas_dn_contains. The text is safe to print; the
 * canonical form of a canonical form is itself.
 */
#include <stdlib.h>

#include "bytes/text.h"
#include "x509/der.h"
#include "x509/dn.h"

#define OUT_MAX (1u << 26)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_text(struct cas_view name)
{
    struct cas_buf out = cas_buf_init(OUT_MAX, NULL);
    cas_dn_format(name, &out);
    struct cas_reader r = cas_reader_init(cas_buf_view(&out));
    while (cas_reader_left(&r) > 0) {
        if (!cas_text_is_safe(cas_text_next(&r))) {
            abort();
        }
    }
    if (!cas_dn_is_valid(name) && (out.len == 0 || out.data[0] != '#')) {
        abort();
    }
    cas_buf_finish(&out);
}

static void check_canonical(struct cas_view name)
{
    struct cas_buf once = cas_buf_init(OUT_MAX, NULL);
    struct cas_buf wrapped = cas_buf_init(OUT_MAX, NULL);
    struct cas_buf twice = cas_buf_init(OUT_MAX, NULL);
    if (cas_dn_canonical(name, &once) != cas_dn_is_valid(name)) {
        abort();
    }
    cas_der_append(&wrapped, CAS_DER_SEQUENCE, cas_buf_view(&once));
    if (cas_dn_canonical(cas_buf_view(&wrapped), &twice) &&
        !cas_view_equal(cas_buf_view(&once), cas_buf_view(&twice))) {
        abort();
    }
    cas_buf_finish(&once);
    cas_buf_finish(&wrapped);
    cas_buf_finish(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cas_view name = cas_view_of(data, size);
    check_text(name);
    check_canonical(name);
    (void)cas_dn_contains(name, "NT AUTHORITY");
    return 0;
}
