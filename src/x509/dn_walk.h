/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A name taken apart once, for who asks several things of it: its attributes in order, and the
 * characters of their values whatever string type they have.
 */
#ifndef CAS_X509_DN_WALK_H
#define CAS_X509_DN_WALK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <casniff/types.h>

#include "bytes/reader.h"
#include "bytes/unset.h"
#include "x509/der.h"
#include "x509/dn.h"

/* Views into the name. */
struct cas_dn_attribute {
    struct cas_view type; /* the OID's content */
    struct cas_der value;
    size_t rdn; /* attributes of one RDN have the same number */
};

struct cas_dn_list {
    struct cas_dn_attribute attributes[CAS_DN_ATTRIBUTES_MAX];
    size_t len;
};

/* A list to be filled. What lies behind len is never read. */
#define CAS_DN_LIST CAS_UNSET struct cas_dn_list

/* False when der is no valid Name, as dn.h says. */
bool cas_dn_split(struct cas_view der, struct cas_dn_list *out_list);

/* What dn.h promises of a valid name, of one that is split already. */
void cas_dn_list_format(const struct cas_dn_list *list, struct cas_buf *out);
void cas_dn_list_canonical(const struct cas_dn_list *list, struct cas_buf *out);
bool cas_dn_list_contains(const struct cas_dn_list *list, const char *text);

/* The characters of a value. */
struct cas_dn_text {
    uint8_t tag;
    struct cas_reader in;
};

/* False when the value is no string, or its bytes are none of its type. */
bool cas_dn_text_open(const struct cas_der *value, struct cas_dn_text *out_text);

static inline bool cas_dn_text_is_over(const struct cas_dn_text *text)
{
    return cas_reader_left(&text->in) == 0;
}

/*
 * What is left of a text in which a byte of ASCII is a character, for who takes many of them at
 * once with cas_dn_text_skip(); an empty view when characters are wider.
 */
static inline struct cas_view cas_dn_text_bytes(const struct cas_dn_text *text)
{
    bool is_wide = text->tag == CAS_DER_BMP_STRING || text->tag == CAS_DER_UNIVERSAL_STRING;
    return cas_view_of(text->in.at, is_wide ? 0 : cas_reader_left(&text->in));
}

static inline void cas_dn_text_skip(struct cas_dn_text *text, size_t len)
{
    cas_reader_skip(&text->in, len);
}

/* The next code point, when it is not in ASCII or the characters are wide. */
uint32_t cas_dn_text_next_other(struct cas_dn_text *text);

/* The next code point; the text must not be over. */
static inline uint32_t cas_dn_text_next(struct cas_dn_text *text)
{
    struct cas_view bytes = cas_dn_text_bytes(text);
    if (bytes.len == 0 || bytes.data[0] >= 0x80) {
        return cas_dn_text_next_other(text);
    }
    cas_dn_text_skip(text, 1);
    return bytes.data[0];
}

/* RFC 5280, 7.1, by way of RFC 4518: names that differ in the case of ASCII letters are equal.
 */
static inline uint32_t cas_dn_lower(uint32_t c)
{
    return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
}

#endif
