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

/* Where the parts are put together, for a length stands before its bytes. */
struct canon {
    struct cas_buf value; /* the characters of one value */
    struct cas_buf set;   /* all attributes of one RDN, in the order they had */
    size_t num_attributes;
};

static bool is_space(uint32_t c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/*
 * The ASCII at the front, which nearly all values are from end to end, in one go. Takes and
 * returns whether a space is due before the next character.
 */
static bool fold_ascii(struct cas_dn_text *text, bool space_is_due, struct cas_buf *out)
{
    struct cas_view bytes = cas_dn_text_bytes(text);
    uint8_t *to = cas_buf_room(out, bytes.len + 1);
    size_t taken = 0;
    size_t len = 0;
    for (; to != NULL && taken < bytes.len && bytes.data[taken] < 0x80; taken++) {
        uint8_t c = bytes.data[taken];
        if (c <= ' ' && is_space(c)) {
            space_is_due = out->len + len > 0;
            continue;
        }
        if (space_is_due) {
            to[len++] = ' ';
            space_is_due = false;
        }
        to[len++] = (uint8_t)cas_dn_lower(c);
    }
    cas_buf_added(out, len);
    cas_dn_text_skip(text, taken);
    return space_is_due;
}

static void fold(struct cas_dn_text text, struct cas_buf *out)
{
    bool space_is_due = fold_ascii(&text, false, out);
    while (!cas_dn_text_is_over(&text)) {
        uint32_t c = cas_dn_text_next(&text);
        if (is_space(c)) {
            space_is_due = out->len > 0;
            continue;
        }
        if (space_is_due) {
            cas_buf_append_u8(out, ' ');
        }
        cas_text_append_utf8(out, cas_dn_lower(c));
        space_is_due = fold_ascii(&text, false, out);
    }
}

/* Appends bytes that were put together elsewhere; a failure there is a failure here. */
static void append_made(struct cas_buf *out, const struct cas_buf *made)
{
    out->failed |= made->failed;
    cas_buf_append(out, cas_buf_view(made));
}

static void append_attribute(struct canon *canon, const struct cas_dn_attribute *attribute)
{
    struct cas_buf *set = &canon->set;
    struct cas_dn_text text;
    size_t type_len = cas_der_len(attribute->type.len);
    canon->num_attributes++;
    if (!cas_dn_text_open(&attribute->value, &text) || text.tag == CAS_DER_NUMERIC_STRING) {
        cas_der_append_header(set, CAS_DER_SEQUENCE, type_len + attribute->value.whole.len);
        cas_der_append(set, CAS_DER_OID, attribute->type);
        cas_buf_append(set, attribute->value.whole);
        return;
    }
    cas_buf_clear(&canon->value);
    fold(text, &canon->value);
    size_t value_len = cas_der_len(canon->value.len);
    cas_der_append_header(set, CAS_DER_SEQUENCE, type_len + value_len);
    cas_der_append(set, CAS_DER_OID, attribute->type);
    cas_der_append_header(set, CAS_DER_UTF8_STRING, canon->value.len);
    append_made(set, &canon->value);
}

static int compare(const void *a, const void *b)
{
    const struct cas_view *left = a;
    const struct cas_view *right = b;
    return cas_view_compare(*left, *right);
}

/* X.690, 11.6: the elements of a SET OF, here two or more, stand in the order of their
 * encodings. */
static void append_sorted(struct cas_view set, struct cas_buf *out)
{
    CAS_UNSET struct cas_view elements[CAS_DN_ATTRIBUTES_MAX];
    struct cas_reader r = cas_reader_init(set);
    size_t len = 0;
    do {
        elements[len++] = cas_der_next(&r).whole;
    } while (cas_reader_left(&r) > 0);
    qsort(elements, len, sizeof(elements[0]), compare);
    for (size_t i = 0; i < len; i++) {
        cas_buf_append(out, elements[i]);
    }
}

/* The RDN whose attributes were put together. Nearly all have one. */
static void append_rdn(struct canon *canon, struct cas_buf *out)
{
    cas_der_append_header(out, CAS_DER_SET, canon->set.len);
    if (canon->num_attributes == 1 || !cas_buf_ok(&canon->set)) {
        append_made(out, &canon->set);
    } else {
        append_sorted(cas_buf_view(&canon->set), out);
    }
    cas_buf_clear(&canon->set);
    canon->num_attributes = 0;
}

static void append_rdns(struct canon *canon, const struct cas_dn_list *list,
                        struct cas_buf *out)
{
    for (size_t i = 0; i < list->len; i++) {
        append_attribute(canon, &list->attributes[i]);
        if (i + 1 == list->len || list->attributes[i + 1].rdn != list->attributes[i].rdn) {
            append_rdn(canon, out);
        }
    }
}

void cas_dn_list_canonical(const struct cas_dn_list *list, struct cas_buf *out)
{
    struct canon canon = {
        .value = cas_buf_init(SCRATCH_MAX, NULL),
        .set = cas_buf_init(SCRATCH_MAX, NULL),
    };
    append_rdns(&canon, list, out);
    cas_buf_finish(&canon.value);
    cas_buf_finish(&canon.set);
}

bool cas_dn_canonical(struct cas_view der, struct cas_buf *out)
{
    CAS_DN_LIST list;
    if (!cas_dn_split(der, &list)) {
        return false;
    }
    cas_dn_list_canonical(&list, out);
    return true;
}
