/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "x509/dn_walk.h"

#include "bytes/text.h"

/* AttributeTypeAndValue ::= SEQUENCE { type OBJECT IDENTIFIER, value ANY } */
static bool split_attribute(struct cas_view sequence, struct cas_dn_attribute *out_attribute)
{
    struct cas_reader r = cas_reader_init(sequence);
    out_attribute->type = cas_der_take(&r, CAS_DER_OID).content;
    out_attribute->value = cas_der_next(&r);
    return cas_reader_done(&r) && cas_oid_is_valid(out_attribute->type);
}

/* RelativeDistinguishedName ::= SET SIZE (1..MAX) OF AttributeTypeAndValue, in any order. */
static bool split_rdn(struct cas_view set, size_t rdn, struct cas_dn_list *list)
{
    struct cas_reader r = cas_reader_init(set);
    if (set.len == 0) {
        return false;
    }
    while (cas_reader_left(&r) > 0) {
        struct cas_view sequence = cas_der_take(&r, CAS_DER_SEQUENCE).content;
        if (list->len == CAS_DN_ATTRIBUTES_MAX ||
            !split_attribute(sequence, &list->attributes[list->len])) {
            return false;
        }
        list->attributes[list->len].rdn = rdn;
        list->len++;
    }
    return cas_reader_done(&r);
}

/* Name ::= SEQUENCE OF RelativeDistinguishedName (RFC 5280, 4.1.2.4) */
bool cas_dn_split(struct cas_view der, struct cas_dn_list *out_list)
{
    struct cas_reader outer = cas_reader_init(der);
    struct cas_reader r = cas_reader_init(cas_der_take(&outer, CAS_DER_SEQUENCE).content);
    out_list->len = 0;
    if (!cas_reader_done(&outer)) {
        return false;
    }
    for (size_t rdn = 0; cas_reader_left(&r) > 0; rdn++) {
        if (!split_rdn(cas_der_take(&r, CAS_DER_SET).content, rdn, out_list)) {
            return false;
        }
    }
    return cas_reader_done(&r);
}

/* UCS-2 by the letter, UTF-16 in practice: a pair of surrogates is one character. */
static uint32_t next_bmp(struct cas_reader *r)
{
    uint32_t first = cas_reader_u16(r);
    if (first < 0xd800 || first > 0xdfff) {
        return first;
    }
    uint32_t second = cas_reader_u16(r);
    if (first > 0xdbff || second < 0xdc00 || second > 0xdfff) {
        return CAS_TEXT_INVALID;
    }
    return 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00);
}

static uint32_t next_universal(struct cas_reader *r)
{
    uint32_t code_point = cas_reader_u32(r);
    bool is_surrogate = code_point >= 0xd800 && code_point <= 0xdfff;
    return code_point > 0x10ffff || is_surrogate ? CAS_TEXT_INVALID : code_point;
}

/* T61 is read as Latin-1, as everybody does; the subsets of ASCII too, should they leave it. */
uint32_t cas_dn_text_next_other(struct cas_dn_text *text)
{
    switch (text->tag) {
    case CAS_DER_UTF8_STRING:
        return cas_text_next(&text->in);
    case CAS_DER_BMP_STRING:
        return next_bmp(&text->in);
    case CAS_DER_UNIVERSAL_STRING:
        return next_universal(&text->in);
    default:
        return cas_reader_u8(&text->in);
    }
}

static bool is_string(uint8_t tag)
{
    switch (tag) {
    case CAS_DER_UTF8_STRING:
    case CAS_DER_NUMERIC_STRING:
    case CAS_DER_PRINTABLE_STRING:
    case CAS_DER_T61_STRING:
    case CAS_DER_IA5_STRING:
    case CAS_DER_VISIBLE_STRING:
    case CAS_DER_UNIVERSAL_STRING:
    case CAS_DER_BMP_STRING:
        return true;
    default:
        return false;
    }
}

/* Whether the bytes of a string are characters, to the last. */
static bool is_readable(struct cas_dn_text text)
{
    if (text.tag == CAS_DER_UTF8_STRING) {
        cas_dn_text_skip(&text, cas_text_ascii_len(cas_dn_text_bytes(&text)));
    } else if (cas_dn_text_bytes(&text).len > 0) {
        return true; /* every byte is one */
    }
    while (!cas_dn_text_is_over(&text)) {
        if (cas_dn_text_next(&text) == CAS_TEXT_INVALID) {
            return false;
        }
    }
    return cas_reader_ok(&text.in);
}

bool cas_dn_text_open(const struct cas_der *value, struct cas_dn_text *out_text)
{
    struct cas_dn_text text = { .tag = value->tag, .in = cas_reader_init(value->content) };
    if (!is_string(value->tag) || !is_readable(text)) {
        return false;
    }
    *out_text = text;
    return true;
}
