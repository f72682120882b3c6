/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fuzz/dn_reference.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bytes/text.h"
#include "x509/oids.h"

/* As dn.h and der.h promise. */
#define ATTRIBUTES_MAX 512
#define OID_MAX        64
#define ARC_MAX        20

/* --- piles --- */

static void put(struct pile *pile, const void *bytes, size_t len)
{
    if (pile->len + len > pile->room) {
        pile->room = 2 * (pile->len + len);
        pile->bytes = realloc(pile->bytes, pile->room);
        if (pile->bytes == NULL) {
            abort();
        }
    }
    if (len > 0) {
        memcpy(pile->bytes + pile->len, bytes, len);
    }
    pile->len += len;
}

static void put_byte(struct pile *pile, unsigned byte)
{
    const uint8_t one = (uint8_t)byte;
    put(pile, &one, 1);
}

static void put_text(struct pile *pile, const char *text)
{
    put(pile, text, strlen(text));
}

static void put_hex(struct pile *pile, const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        char digits[3];
        snprintf(digits, sizeof(digits), "%02X", bytes[i]);
        put_text(pile, digits);
    }
}

static void put_utf8(struct pile *pile, uint32_t c)
{
    if (c < 0x80) {
        put_byte(pile, c);
    } else if (c < 0x800) {
        put_byte(pile, 0xc0 + c / 64);
        put_byte(pile, 0x80 + c % 64);
    } else if (c < 0x10000) {
        put_byte(pile, 0xe0 + c / 4096);
        put_byte(pile, 0x80 + c / 64 % 64);
        put_byte(pile, 0x80 + c % 64);
    } else {
        put_byte(pile, 0xf0 + c / 262144);
        put_byte(pile, 0x80 + c / 4096 % 64);
        put_byte(pile, 0x80 + c / 64 % 64);
        put_byte(pile, 0x80 + c % 64);
    }
}

static void put_element(struct pile *pile, unsigned tag, const uint8_t *content, size_t len)
{
    put_byte(pile, tag);
    if (len >= 0x1000000) {
        put_byte(pile, 0x84);
        put_byte(pile, (unsigned)(len / 0x1000000));
    } else if (len >= 0x10000) {
        put_byte(pile, 0x83);
    } else if (len >= 0x100) {
        put_byte(pile, 0x82);
    } else if (len >= 0x80) {
        put_byte(pile, 0x81);
    }
    if (len >= 0x10000) {
        put_byte(pile, (unsigned)(len / 0x10000 % 0x100));
    }
    if (len >= 0x100) {
        put_byte(pile, (unsigned)(len / 0x100 % 0x100));
    }
    put_byte(pile, (unsigned)(len % 0x100));
    put(pile, content, len);
}

/* --- elements --- */

struct element {
    unsigned tag; /* 0: there is none */
    size_t from;  /* of the element, of its content, and behind both */
    size_t content;
    size_t to;
};

static struct element element_at(const uint8_t *b, size_t at, size_t end)
{
    const struct element none = { 0 };
    struct element e = { .from = at };
    size_t len = 0;
    if (end - at < 2 || b[at] == 0 || b[at] % 32 == 31) {
        return none;
    }
    if (b[at + 1] < 0x80) {
        len = b[at + 1];
        e.content = at + 2;
    } else {
        size_t digits = b[at + 1] - 0x80u;
        if (digits == 0 || digits > 4 || end - at - 2 < digits || b[at + 2] == 0) {
            return none;
        }
        for (size_t i = 0; i < digits; i++) {
            len = len * 256 + b[at + 2 + i];
        }
        if (len < 0x80) {
            return none;
        }
        e.content = at + 2 + digits;
    }
    if (end - e.content < len) {
        return none;
    }
    e.tag = b[at];
    e.to = e.content + len;
    return e;
}

/* --- object identifiers --- */

static bool is_oid(const uint8_t *b, size_t from, size_t to)
{
    if (to == from || to - from > OID_MAX || b[to - 1] >= 0x80) {
        return false;
    }
    size_t begin = from;
    for (size_t i = from; i < to; i++) {
        if ((i == begin && b[i] == 0x80) || i - begin >= ARC_MAX) {
            return false;
        }
        if (b[i] < 0x80) {
            begin = i + 1;
        }
    }
    return true;
}

/* An arc has 140 bits at most. */
struct wide {
    uint32_t word[5]; /* the lowest first */
};

static void times_128_plus(struct wide *w, uint32_t digit)
{
    uint64_t carry = digit;
    for (size_t i = 0; i < 5; i++) {
        carry += (uint64_t)w->word[i] * 128;
        w->word[i] = (uint32_t)carry;
        carry >>= 32;
    }
}

static uint32_t divide_by_10(struct wide *w)
{
    uint64_t rest = 0;
    for (size_t i = 5; i-- > 0;) {
        rest = (rest << 32) + w->word[i];
        w->word[i] = (uint32_t)(rest / 10);
        rest %= 10;
    }
    return (uint32_t)rest;
}

static bool is_below(const struct wide *w, uint32_t limit)
{
    return (w->word[1] | w->word[2] | w->word[3] | w->word[4]) == 0 && w->word[0] < limit;
}

static void take_off(struct wide *w, uint32_t less)
{
    for (size_t i = 0; i < 5 && less > 0; i++) {
        uint32_t before = w->word[i];
        w->word[i] -= less;
        less = before < less ? 1 : 0;
    }
}

static void put_wide(struct pile *out, struct wide w)
{
    char digits[48];
    size_t at = sizeof(digits) - 1;
    digits[at] = '\0';
    do {
        digits[--at] = (char)('0' + divide_by_10(&w));
    } while (!is_below(&w, 1));
    put_text(out, digits + at);
}

static void put_oid(struct pile *out, const uint8_t *b, size_t from, size_t to)
{
    struct wide arc = { { 0 } };
    bool is_first = true;
    for (size_t i = from; i < to; i++) {
        times_128_plus(&arc, b[i] % 128u);
        if (b[i] >= 0x80) {
            continue;
        }
        if (is_first) {
            uint32_t top = is_below(&arc, 40) ? 0 : is_below(&arc, 80) ? 1 : 2;
            put_byte(out, '0' + top);
            take_off(&arc, top * 40);
        }
        put_text(out, ".");
        put_wide(out, arc);
        arc = (struct wide){ { 0 } };
        is_first = false;
    }
}

/* --- names --- */

struct attribute {
    struct element type;
    struct element value;
    size_t rdn;
};

struct name {
    struct attribute attribute[ATTRIBUTES_MAX];
    size_t len;
};

static bool take_attribute(const uint8_t *b, struct element sequence, size_t rdn,
                           struct name *name)
{
    if (sequence.tag != 0x30 || name->len == ATTRIBUTES_MAX) {
        return false;
    }
    struct element type = element_at(b, sequence.content, sequence.to);
    if (type.tag != 6 || !is_oid(b, type.content, type.to)) {
        return false;
    }
    struct element value = element_at(b, type.to, sequence.to);
    if (value.tag == 0 || value.to != sequence.to) {
        return false;
    }
    name->attribute[name->len++] = (struct attribute){ type, value, rdn };
    return true;
}

static bool take_rdn(const uint8_t *b, struct element set, size_t rdn, struct name *name)
{
    if (set.tag != 0x31 || set.content == set.to) {
        return false;
    }
    for (size_t at = set.content; at < set.to;) {
        struct element sequence = element_at(b, at, set.to);
        if (!take_attribute(b, sequence, rdn, name)) {
            return false;
        }
        at = sequence.to;
    }
    return true;
}

static bool take_name(const uint8_t *b, size_t len, struct name *name)
{
    struct element all = element_at(b, 0, len);
    name->len = 0;
    if (all.tag != 0x30 || all.to != len) {
        return false;
    }
    size_t at = all.content;
    for (size_t rdn = 0; at < len; rdn++) {
        struct element set = element_at(b, at, len);
        if (!take_rdn(b, set, rdn, name)) {
            return false;
        }
        at = set.to;
    }
    return true;
}

/* --- values --- */

struct letters {
    uint32_t *code;
    size_t len;
};

static uint32_t big_endian(const uint8_t *b, size_t bytes)
{
    uint32_t value = 0;
    for (size_t i = 0; i < bytes; i++) {
        value = value * 256 + b[i];
    }
    return value;
}

/* RFC 3629, section 4. The number of bytes of the character, 0: there is none. */
static size_t utf8_at(const uint8_t *b, size_t left, uint32_t *out_code)
{
    static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
    size_t bytes = b[0] < 0x80 ? 1 : b[0] < 0xc0 ? 0 : b[0] < 0xe0 ? 2 : b[0] < 0xf0 ? 3 : 4;
    if (bytes == 0 || b[0] >= 0xf8 || bytes > left) {
        return 0;
    }
    uint32_t code = bytes == 1 ? b[0] : b[0] % (1u << (7 - bytes));
    for (size_t i = 1; i < bytes; i++) {
        if (b[i] / 64 != 2) {
            return 0;
        }
        code = code * 64 + b[i] % 64;
    }
    *out_code = code;
    return code < least[bytes] || code > 0x10ffff || code / 2048 == 27 ? 0 : bytes;
}

/* The number of bytes of the next letter in a string of this tag; 0: it is none. */
static size_t letter_at(unsigned tag, const uint8_t *b, size_t left, uint32_t *out_code)
{
    if (tag == 12) {
        return utf8_at(b, left, out_code);
    }
    if (tag == 28) {
        *out_code = left >= 4 ? big_endian(b, 4) : 0;
        return left >= 4 && *out_code <= 0x10ffff && *out_code / 2048 != 27 ? 4 : 0;
    }
    if (tag != 30) {
        *out_code = b[0];
        return 1;
    }
    *out_code = left >= 2 ? big_endian(b, 2) : 0;
    if (left < 2 || *out_code / 2048 != 27) {
        return left >= 2 ? 2 : 0;
    }
    uint32_t low = left >= 4 ? big_endian(b + 2, 2) : 0;
    bool is_pair = *out_code / 1024 == 54 && low / 1024 == 55;
    *out_code = 0x10000 + *out_code % 1024 * 1024 + low % 1024;
    return is_pair ? 4 : 0;
}

/* False when the value is no string, or no good one. The caller frees. */
static bool read_letters(const uint8_t *b, struct element value, struct letters *out)
{
    static const unsigned strings[] = { 12, 18, 19, 20, 22, 26, 28, 30 };
    bool is_good = false;
    for (size_t i = 0; i < sizeof(strings) / sizeof(strings[0]); i++) {
        is_good |= value.tag == strings[i];
    }
    out->len = 0;
    out->code = calloc(value.to - value.content + 1, sizeof(uint32_t));
    if (out->code == NULL) {
        abort();
    }
    for (size_t at = value.content; is_good && at < value.to;) {
        size_t bytes = letter_at(value.tag, b + at, value.to - at, &out->code[out->len++]);
        is_good = bytes > 0;
        at += bytes;
    }
    return is_good;
}

/* --- RFC 4514 --- */

static void put_letter(struct pile *out, const struct letters *letters, size_t i)
{
    uint32_t c = letters->code[i];
    bool is_edge = i == 0 || i + 1 == letters->len;
    if (!cas_text_is_safe(c)) {
        struct pile utf8 = { 0 };
        put_utf8(&utf8, c);
        for (size_t k = 0; k < utf8.len; k++) {
            put_text(out, "\\");
            put_hex(out, utf8.bytes + k, 1);
        }
        free(utf8.bytes);
        return;
    }
    if ((c == ' ' && is_edge) || (c == '#' && i == 0) || c == ',' || c == '+' || c == '"' ||
        c == '\\' || c == '<' || c == '>' || c == ';') {
        put_text(out, "\\");
    }
    put_utf8(out, c);
}

static void put_attribute(struct pile *out, const uint8_t *b, const struct attribute *a)
{
    const char *known = cas_oid_attribute_name(
        (struct cas_view){ b + a->type.content, a->type.to - a->type.content });
    struct letters letters;
    bool is_text = read_letters(b, a->value, &letters);
    if (known != NULL) {
        put_text(out, known);
    } else {
        put_oid(out, b, a->type.content, a->type.to);
    }
    put_text(out, "=");
    if (known == NULL || !is_text) {
        put_text(out, "#");
        put_hex(out, b + a->value.from, a->value.to - a->value.from);
    } else {
        for (size_t i = 0; i < letters.len; i++) {
            put_letter(out, &letters, i);
        }
    }
    free(letters.code);
}

void dn_reference_format(const uint8_t *name, size_t len, struct pile *out)
{
    struct name parts;
    if (!take_name(name, len, &parts)) {
        put_text(out, "#");
        put_hex(out, name, len);
        return;
    }
    for (size_t i = parts.len; i-- > 0;) {
        put_attribute(out, name, &parts.attribute[i]);
        if (i > 0) {
            bool is_together = parts.attribute[i].rdn == parts.attribute[i - 1].rdn;
            put_text(out, is_together ? "+" : ",");
        }
    }
}

/* --- the canonical form --- */

static bool is_white(uint32_t c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\v' || c == '\f' || c == '\r';
}

static void put_folded(struct pile *out, const struct letters *letters)
{
    size_t begin = 0;
    size_t end = letters->len;
    while (begin < end && is_white(letters->code[begin])) {
        begin++;
    }
    while (end > begin && is_white(letters->code[end - 1])) {
        end--;
    }
    for (size_t i = begin; i < end; i++) {
        uint32_t c = letters->code[i];
        if (is_white(c)) {
            c = is_white(letters->code[i - 1]) ? 0 : ' ';
            if (c == 0) {
                continue;
            }
        }
        put_utf8(out, c >= 'A' && c <= 'Z' ? c + 32 : c);
    }
}

static void put_canonical_attribute(struct pile *out, const uint8_t *b,
                                    const struct attribute *a)
{
    struct pile inside = { 0 };
    struct letters letters;
    put(&inside, b + a->type.from, a->type.to - a->type.from);
    if (read_letters(b, a->value, &letters) && a->value.tag != 18) {
        struct pile folded = { 0 };
        put_folded(&folded, &letters);
        put_element(&inside, 12, folded.bytes, folded.len);
        free(folded.bytes);
    } else {
        put(&inside, b + a->value.from, a->value.to - a->value.from);
    }
    put_element(out, 0x30, inside.bytes, inside.len);
    free(letters.code);
    free(inside.bytes);
}

static bool is_before(const struct pile *a, const struct pile *b)
{
    size_t common = a->len < b->len ? a->len : b->len;
    int order = common > 0 ? memcmp(a->bytes, b->bytes, common) : 0;
    return order != 0 ? order < 0 : a->len < b->len;
}

/* The attributes [from, to) are one RDN: the smallest of them again and again. */
static void put_canonical_rdn(struct pile *out, const uint8_t *b, const struct name *name,
                              size_t from, size_t to)
{
    struct pile done[ATTRIBUTES_MAX] = { 0 };
    struct pile set = { 0 };
    for (size_t i = from; i < to; i++) {
        put_canonical_attribute(&done[i - from], b, &name->attribute[i]);
    }
    for (size_t round = from; round < to; round++) {
        struct pile *least = NULL;
        for (size_t i = 0; i < to - from; i++) {
            if (done[i].bytes != NULL && (least == NULL || is_before(&done[i], least))) {
                least = &done[i];
            }
        }
        put(&set, least->bytes, least->len);
        free(least->bytes);
        least->bytes = NULL;
    }
    put_element(out, 0x31, set.bytes, set.len);
    free(set.bytes);
}

void dn_reference_canonical(const uint8_t *name, size_t len, struct pile *out)
{
    struct name parts;
    if (!take_name(name, len, &parts)) {
        abort();
    }
    size_t from = 0;
    for (size_t i = 1; i <= parts.len; i++) {
        if (i == parts.len || parts.attribute[i].rdn != parts.attribute[from].rdn) {
            put_canonical_rdn(out, name, &parts, from, i);
            from = i;
        }
    }
}

/* --- the rest --- */

bool dn_reference_is_valid(const uint8_t *name, size_t len)
{
    struct name parts;
    return take_name(name, len, &parts);
}

static uint32_t lower(uint32_t c)
{
    return c >= 'A' && c <= 'Z' ? c + 32 : c;
}

static bool letters_contain(const struct letters *letters, const char *text)
{
    size_t len = strlen(text);
    for (size_t at = 0; at + len <= letters->len; at++) {
        size_t same = 0;
        while (same < len && lower(letters->code[at + same]) == lower((uint8_t)text[same])) {
            same++;
        }
        if (same == len) {
            return true;
        }
    }
    return false;
}

bool dn_reference_contains(const uint8_t *name, size_t len, const char *text)
{
    struct name parts;
    bool does = false;
    if (!take_name(name, len, &parts)) {
        return false;
    }
    for (size_t i = 0; i < parts.len; i++) {
        struct letters letters;
        bool is_text = read_letters(name, parts.attribute[i].value, &letters);
        does |= is_text && letters_contain(&letters, text);
        free(letters.code);
    }
    return does;
}
