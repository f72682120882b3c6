/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Target: cas_dn_is_valid, cas_dn_format, cas_dn_canonical, cas_dn_contains. All say what the
 * reference says; the text is safe to print; the canonical form of a canonical form is itself.
 */
#include <stdio.h>
#include <stdlib.h>

#include "bytes/text.h"
#include "fuzz/dn_reference.h"
#include "x509/der.h"
#include "x509/dn.h"

#define OUT_MAX (1u << 26)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds, const char *what)
{
    if (!holds) {
        fprintf(stderr, "broken: %s\n", what);
        abort();
    }
}

static bool is_same(const struct cas_buf *out, const struct pile *pile)
{
    return cas_view_equal(cas_buf_view(out), cas_view_of(pile->bytes, pile->len));
}

static void check_text(struct cas_view name)
{
    struct cas_buf out = cas_buf_init(OUT_MAX, NULL);
    struct pile expected = { 0 };
    cas_dn_format(name, &out);
    dn_reference_format(name.data, name.len, &expected);
    require(is_same(&out, &expected), "another text than the reference has");
    struct cas_reader r = cas_reader_init(cas_buf_view(&out));
    while (cas_reader_left(&r) > 0) {
        require(cas_text_is_safe(cas_text_next(&r)), "unsafe text");
    }
    free(expected.bytes);
    cas_buf_finish(&out);
}

static void check_canonical(struct cas_view name)
{
    struct cas_buf once = cas_buf_init(OUT_MAX, NULL);
    struct cas_buf wrapped = cas_buf_init(OUT_MAX, NULL);
    struct cas_buf twice = cas_buf_init(OUT_MAX, NULL);
    struct pile expected = { 0 };
    if (cas_dn_canonical(name, &once)) {
        dn_reference_canonical(name.data, name.len, &expected);
    }
    require(is_same(&once, &expected), "another canonical form than the reference has");
    cas_der_append(&wrapped, CAS_DER_SEQUENCE, cas_buf_view(&once));
    require(!cas_dn_canonical(cas_buf_view(&wrapped), &twice) ||
                cas_view_equal(cas_buf_view(&once), cas_buf_view(&twice)),
            "a canonical form that has another one");
    free(expected.bytes);
    cas_buf_finish(&once);
    cas_buf_finish(&wrapped);
    cas_buf_finish(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char wanted[] = "NT AUTHORITY";
    struct cas_view name = cas_view_of(data, size);
    struct cas_buf canonical = cas_buf_init(OUT_MAX, NULL);
    bool is_valid = dn_reference_is_valid(data, size);
    require(cas_dn_is_valid(name) == is_valid, "valid or not");
    require(cas_dn_canonical(name, &canonical) == is_valid, "canonical though not valid");
    require(cas_dn_contains(name, wanted) == dn_reference_contains(data, size, wanted),
            "contains it or not");
    cas_buf_finish(&canonical);
    check_text(name);
    check_canonical(name);
    return 0;
}
