/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * OpenSSL's canonical form of a name: the RDNs one after the other, without the SEQUENCE around
 * them. A value of a usual string type becomes an UTF8String in lower case (ASCII only),
 * without white space at its ends and with single spaces inside; any other stays as it is.
 */
#include <stdlib.h>

#include "bytes/text.h"
#include "x509/dn.h"
#include "x509/dn_walk.h"

/* No cap: a value at most doubles, when it was Latin-1. */
#define SCRATCH_MAX (SIZE_MAX / 2)

/* Where the parts are put together from the inside out, for a length stands before its bytes.
 */
struct canon {
    struct cas_buf value;     /* the characters of one value */
    struct cas_buf attribute; /* one attribute */
    struct cas_buf set;       /* all attributes of one RDN, in the order they had */
    struct cas_buf sorted;
    size_t ends[CAS_DN_ATTRIBUTES_MAX]; /* of the attributes in the set */
    size_t num_ends;
};

static bool is_space(uint32_t c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static void fold(struct cas_dn_text text, struct cas_buf *out)
{
    bool space_is_due = false;
    while (!cas_dn_text_is_over(&text)) {
        uint32_t c = cas_dn_text_next(&text);
        if (is_space(c)) {
            space_is_due = out->len > 0;
            continue;
        }
        if (space_is_due) {
            cas_buf_append_u8(out, ' ');
            space_is_due = false;
        }
        cas_text_append_utf8(out, c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    }
}

/* Appends an element around the content; a failure inside is a failure outside. */
static void enclose(struct cas_buf *out, uint8_t tag, const struct cas_buf *content)
{
    if (cas_buf_ok(content)) {
        cas_der_append(out, tag, cas_buf_view(content));
    } else {
        out->failed = true;
    }
}

static void append_value(struct canon *canon, struct cas_view value)
{
    struct cas_dn_text text;
    if (!cas_dn_text_open(value, &text) || text.tag == CAS_DER_NUMERIC_STRING) {
        cas_buf_append(&canon->attribute, value);
        return;
    }
    cas_buf_clear(&canon->value);
    fold(text, &canon->value);
    enclose(&canon->attribute, CAS_DER_UTF8_STRING, &canon->value);
}

static void append_attribute(struct canon *canon, const struct cas_dn_attribute *attribute)
{
    cas_buf_clear(&canon->attribute);
    cas_der_append(&canon->attribute, CAS_DER_OID, attribute->type);
    append_value(canon, attribute->value);
    enclose(&canon->set, CAS_DER_SEQUENCE, &canon->attribute);
    canon->ends[canon->num_ends++] = canon->set.len;
}

static int compare(const void *a, const void *b)
{
    const struct cas_view *left = a;
    const struct cas_view *right = b;
    return cas_view_compare(*left, *right);
}

/* X.690, 11.6: the elements of a SET OF stand in the order of their encodings. */
static void append_set(struct canon *canon, struct cas_buf *out)
{
    struct cas_view elements[CAS_DN_ATTRIBUTES_MAX] = { 0 };
    size_t from = 0;
    for (size_t i = 0; i < canon->num_ends; i++) {
        elements[i] = cas_view_part(cas_buf_view(&canon->set), from, canon->ends[i] - from);
        from = canon->ends[i];
    }
    qsort(elements, canon->num_ends, sizeof(elements[0]), compare);
    cas_buf_clear(&canon->sorted);
    for (size_t i = 0; i < canon->num_ends; i++) {
        cas_buf_append(&canon->sorted, elements[i]);
    }
    canon->sorted.failed |= canon->set.failed;
    enclose(out, CAS_DER_SET, &canon->sorted);
}

static void append_rdns(struct canon *canon, const struct cas_dn_list *list,
                        struct cas_buf *out)
{
    for (size_t i = 0; i < list->len; i++) {
        append_attribute(canon, &list->attributes[i]);
        if (i + 1 == list->len || list->attributes[i + 1].rdn != list->attributes[i].rdn) {
            append_set(canon, out);
            cas_buf_clear(&canon->set);
            canon->num_ends = 0;
        }
    }
}

bool cas_dn_canonical(struct cas_view der, struct cas_buf *out)
{
    CAS_DN_LIST list;
    if (!cas_dn_split(der, &list)) {
        return false;
    }
    struct canon canon = {
        .value = cas_buf_init(SCRATCH_MAX, NULL),
        .attribute = cas_buf_init(SCRATCH_MAX, NULL),
        .set = cas_buf_init(SCRATCH_MAX, NULL),
        .sorted = cas_buf_init(SCRATCH_MAX, NULL),
    };
    append_rdns(&canon, &list, out);
    cas_buf_finish(&canon.value);
    cas_buf_finish(&canon.attribute);
    cas_buf_finish(&canon.set);
    cas_buf_finish(&canon.sorted);
    return true;
}
