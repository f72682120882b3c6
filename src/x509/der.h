/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * DER (X.690), read strictly: definite lengths in their shortest form, one-byte tags, nothing
 * beyond its parent. Knows elements and object identifiers; does not know what they mean.
 */
#ifndef CAS_X509_DER_H
#define CAS_X509_DER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <casniff/types.h>

#include "bytes/buf.h"
#include "bytes/reader.h"

enum {
    CAS_DER_BOOLEAN = 0x01,
    CAS_DER_INTEGER = 0x02,
    CAS_DER_BIT_STRING = 0x03,
    CAS_DER_OCTET_STRING = 0x04,
    CAS_DER_OID = 0x06,
    CAS_DER_UTF8_STRING = 0x0c,
    CAS_DER_NUMERIC_STRING = 0x12,
    CAS_DER_PRINTABLE_STRING = 0x13,
    CAS_DER_T61_STRING = 0x14,
    CAS_DER_IA5_STRING = 0x16,
    CAS_DER_UTC_TIME = 0x17,
    CAS_DER_GENERALIZED_TIME = 0x18,
    CAS_DER_VISIBLE_STRING = 0x1a,
    CAS_DER_UNIVERSAL_STRING = 0x1c,
    CAS_DER_BMP_STRING = 0x1e,
    CAS_DER_SEQUENCE = 0x30,
    CAS_DER_SET = 0x31,
};

/* [n] of a CHOICE or an optional field. */
#define CAS_DER_CONTEXT(n)             (0x80 | (n))
#define CAS_DER_CONTEXT_CONSTRUCTED(n) (0xa0 | (n))

/* An element; both views lie in the input. */
struct cas_der {
    uint8_t tag;
    struct cas_view whole; /* with its header */
    struct cas_view content;
};

/* The next element. When it is not strict DER the reader fails and the element is empty. */
struct cas_der cas_der_next(struct cas_reader *r);

/* The next element's tag without taking it; 0, which is no tag, at the end. */
uint8_t cas_der_peek(const struct cas_reader *r);

/* The next element, which must have this tag, or the reader fails. */
struct cas_der cas_der_take(struct cas_reader *r, uint8_t tag);

/* The same, or an empty element with tag 0 when the next one has another tag. */
struct cas_der cas_der_take_optional(struct cas_reader *r, uint8_t tag);

/* bytes is one strict element and nothing else. */
bool cas_der_is_one(struct cas_view bytes);

/* The length of an element with so much content, of less than 4 GiB. */
size_t cas_der_len(size_t content_len);

/* Appends what stands in front of an element's content, which is to follow. */
void cas_der_append_header(struct cas_buf *out, uint8_t tag, size_t content_len);

/* Appends an element with this content, of less than 4 GiB. */
void cas_der_append(struct cas_buf *out, uint8_t tag, struct cas_view content);

/* Object identifiers whose content is longer, or with a longer arc, count as malformed. */
#define CAS_OID_LEN_MAX     64
#define CAS_OID_ARC_LEN_MAX 20 /* 140 bits: a UUID fits */

/* No byte of an OID becomes more than three digits and a dot. */
#define CAS_OID_TEXT_MAX (4 * CAS_OID_LEN_MAX + 8)

struct cas_oid_text {
    char text[CAS_OID_TEXT_MAX];
};

/* The content of an OBJECT IDENTIFIER: whole arcs, each in its shortest form. */
bool cas_oid_is_valid(struct cas_view oid);

/* "2.5.4.3"; "" when it is not valid. */
struct cas_oid_text cas_oid_dotted(struct cas_view oid);

#endif
