/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "x509/der.h"

#define HIGH_TAG  0x1f
#define LONG_FORM 0x80

/* Nothing that casniff reads is 4 GiB long. */
#define LENGTH_BYTES_MAX 4

/*
 * X.690, 8.1.3 and 10.1:
 *   u8 0..127                            the length itself
 *   u8 0x80 | n, then n bytes            the length, in as few bytes as it needs;
 *                                        n is not 0, which is BER's indefinite length
 */
static size_t take_length(struct cas_reader *r)
{
    uint8_t first = cas_reader_u8(r);
    if (first < LONG_FORM) {
        return first;
    }
    struct cas_view bytes = cas_reader_bytes(r, first & 0x7fu);
    if (bytes.len == 0 || bytes.len > LENGTH_BYTES_MAX || bytes.data[0] == 0) {
        cas_reader_fail(r);
        return 0;
    }
    size_t len = 0;
    for (size_t i = 0; i < bytes.len; i++) {
        len = len << 8 | bytes.data[i];
    }
    if (len < LONG_FORM) {
        cas_reader_fail(r);
    }
    return len;
}

struct cas_der cas_der_next(struct cas_reader *r)
{
    struct cas_reader ahead = *r;
    uint8_t tag = cas_reader_u8(&ahead);
    size_t len = take_length(&ahead);
    struct cas_view content = cas_reader_bytes(&ahead, len);
    if (!cas_reader_ok(&ahead) || tag == 0 || (tag & HIGH_TAG) == HIGH_TAG) {
        cas_reader_fail(r);
        return (struct cas_der){ 0 };
    }
    struct cas_view whole = cas_reader_bytes(r, r->left - cas_reader_left(&ahead));
    return (struct cas_der){ .tag = tag, .whole = whole, .content = content };
}

uint8_t cas_der_peek(const struct cas_reader *r)
{
    struct cas_reader ahead = *r;
    return cas_reader_left(&ahead) > 0 ? cas_reader_u8(&ahead) : 0;
}

struct cas_der cas_der_take(struct cas_reader *r, uint8_t tag)
{
    if (cas_der_peek(r) != tag) {
        cas_reader_fail(r);
    }
    return cas_der_next(r);
}

struct cas_der cas_der_take_optional(struct cas_reader *r, uint8_t tag)
{
    return cas_der_peek(r) == tag ? cas_der_next(r) : (struct cas_der){ 0 };
}

bool cas_der_is_one(struct cas_view bytes)
{
    struct cas_reader r = cas_reader_init(bytes);
    (void)cas_der_next(&r);
    return cas_reader_done(&r);
}

/* Bytes that a number has, 0 for 0. */
static unsigned num_bytes_of(size_t number)
{
    unsigned num_bytes = 0;
    for (; number > 0; number >>= 8) {
        num_bytes++;
    }
    return num_bytes;
}

size_t cas_der_len(size_t content_len)
{
    return 2 + (content_len < LONG_FORM ? 0 : num_bytes_of(content_len)) + content_len;
}

void cas_der_append_header(struct cas_buf *out, uint8_t tag, size_t content_len)
{
    unsigned num_bytes = content_len < LONG_FORM ? 0 : num_bytes_of(content_len);
    uint8_t *to = cas_buf_room(out, 2 + num_bytes);
    if (to == NULL) {
        return;
    }
    to[0] = tag;
    to[1] = (uint8_t)(num_bytes == 0 ? content_len : LONG_FORM | num_bytes);
    for (unsigned i = 0; i < num_bytes; i++) {
        to[2 + i] = (uint8_t)(content_len >> (8 * (num_bytes - 1 - i)));
    }
    cas_buf_added(out, 2 + num_bytes);
}

void cas_der_append(struct cas_buf *out, uint8_t tag, struct cas_view content)
{
    cas_der_append_header(out, tag, content.len);
    cas_buf_append(out, content);
}

/*
 * The next arc: base 128, the top bit set in all bytes but the last. Empty, and the reader
 * failed, when it has no end, is too long, or begins with a zero digit.
 */
static struct cas_view take_arc(struct cas_reader *r)
{
    struct cas_reader ahead = *r;
    size_t len = 1;
    while ((cas_reader_u8(&ahead) & 0x80) != 0) {
        len++;
    }
    struct cas_view arc =
        cas_reader_ok(&ahead) ? cas_reader_bytes(r, len) : (struct cas_view){ 0 };
    if (arc.len == 0 || arc.len > CAS_OID_ARC_LEN_MAX || arc.data[0] == 0x80) {
        cas_reader_fail(r);
        return (struct cas_view){ 0 };
    }
    return arc;
}

bool cas_oid_is_valid(struct cas_view oid)
{
    struct cas_reader r = cas_reader_init(oid);
    while (cas_reader_left(&r) > 0) {
        (void)take_arc(&r);
    }
    return cas_reader_done(&r) && oid.len > 0 && oid.len <= CAS_OID_LEN_MAX;
}

/* A number in decimal, the lowest digit first: an arc may be longer than any integer type. */
struct decimal {
    uint8_t digits[CAS_OID_ARC_LEN_MAX * 3];
    size_t len;
};

static void multiply_add(struct decimal *number, unsigned factor, unsigned carry)
{
    for (size_t i = 0; i < number->len; i++) {
        carry += number->digits[i] * factor;
        number->digits[i] = (uint8_t)(carry % 10);
        carry /= 10;
    }
    while (carry > 0) {
        number->digits[number->len++] = (uint8_t)(carry % 10);
        carry /= 10;
    }
}

static struct decimal decimal_of(struct cas_view arc)
{
    struct decimal number = { 0 };
    for (size_t i = 0; i < arc.len; i++) {
        multiply_add(&number, 128, arc.data[i] & 0x7fu);
    }
    return number;
}

/* number -= less, which must not be above it. */
static void subtract(struct decimal *number, unsigned less)
{
    for (size_t i = 0; less > 0; i++) {
        unsigned take = less % 10;
        less /= 10;
        if (number->digits[i] < take) {
            number->digits[i] = (uint8_t)(number->digits[i] + 10);
            less++;
        }
        number->digits[i] = (uint8_t)(number->digits[i] - take);
    }
    while (number->len > 0 && number->digits[number->len - 1] == 0) {
        number->len--;
    }
}

static size_t put_decimal(char *text, size_t at, const struct decimal *number)
{
    for (size_t i = number->len; i > 0; i--) {
        text[at++] = (char)('0' + number->digits[i - 1]);
    }
    if (number->len == 0) {
        text[at++] = '0';
    }
    return at;
}

/* The first arc stands for two: 40 * x + y, where x is 0, 1 or 2 (X.690, 8.19.4). */
static size_t put_first_two(char *text, struct cas_view arc)
{
    unsigned first = 2;
    if (arc.len == 1 && arc.data[0] < 80) {
        first = arc.data[0] / 40;
    }
    struct decimal second = decimal_of(arc);
    subtract(&second, 40 * first);
    text[0] = (char)('0' + first);
    text[1] = '.';
    return put_decimal(text, 2, &second);
}

struct cas_oid_text cas_oid_dotted(struct cas_view oid)
{
    struct cas_oid_text out = { .text = "" };
    if (!cas_oid_is_valid(oid)) {
        return out;
    }
    struct cas_reader r = cas_reader_init(oid);
    size_t at = put_first_two(out.text, take_arc(&r));
    while (cas_reader_left(&r) > 0) {
        struct decimal arc = decimal_of(take_arc(&r));
        out.text[at++] = '.';
        at = put_decimal(out.text, at, &arc);
    }
    out.text[at] = '\0';
    return out;
}
