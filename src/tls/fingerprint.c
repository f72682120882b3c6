/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tls/fingerprint.h"

#include <stdlib.h>
#include <string.h>

#include "bytes/buf.h"
#include "bytes/digest.h"
#include "bytes/reader.h"
#include "tls/conversation.h"
#include "tls/extensions.h"

/* More than the longest hello gives: 32767 ciphers or 16384 extensions of up to 6 digits. */
#define TEXT_MAX (1u << 19)
/* JA4 shows so many hex digits of a digest. */
#define JA4_DIGITS 12
/* JA4 has two digits for a count. */
#define JA4_COUNT_MAX 99u

static void append_number(struct cas_buf *out, size_t start, uint16_t number)
{
    cas_buf_append_format(out, out->len > start ? "-%u" : "%u", (unsigned)number);
}

/* The u16 of a vector, without GREASE, with hyphens between them. */
static void append_numbers(struct cas_buf *out, struct cas_view numbers)
{
    struct cas_reader r = cas_reader_init(numbers);
    size_t start = out->len;

    while (cas_reader_left(&r) > 1) {
        uint16_t number = cas_reader_u16(&r);
        if (!cas_extension_is_grease(number)) {
            append_number(out, start, number);
        }
    }
}

static void append_extension_types(struct cas_buf *out, struct cas_view extensions)
{
    struct cas_reader r = cas_reader_init(extensions);
    struct cas_extension extension = { 0 };
    size_t start = out->len;

    while (cas_extension_next(&r, &extension)) {
        if (!cas_extension_is_grease(extension.type)) {
            append_number(out, start, extension.type);
        }
    }
}

static void append_groups(struct cas_buf *out, struct cas_view extensions)
{
    struct cas_view data = { 0 };
    if (cas_extension_find(extensions, CAS_EXTENSION_SUPPORTED_GROUPS, &data)) {
        append_numbers(out, cas_extension_vec16(data));
    }
}

static void append_point_formats(struct cas_buf *out, struct cas_view extensions)
{
    struct cas_view data = { 0 };
    (void)cas_extension_find(extensions, CAS_EXTENSION_EC_POINT_FORMATS, &data);
    struct cas_reader r = cas_reader_init(cas_extension_vec8(data));
    size_t start = out->len;

    while (cas_reader_left(&r) > 0) {
        append_number(out, start, cas_reader_u8(&r));
    }
}

/* The MD5 of the text as hex; the text is given back. */
static bool finish_ja3(struct cas_buf *text, char out_text[CAS_JA3_SIZE])
{
    static const char digits[] = "0123456789abcdef";
    uint8_t digest[CAS_MD5_BYTES];
    bool ok = cas_buf_ok(text);

    if (ok) {
        cas_md5(cas_buf_view(text), digest);
        for (size_t i = 0; i < sizeof(digest); i++) {
            out_text[2 * i] = digits[digest[i] >> 4];
            out_text[2 * i + 1] = digits[digest[i] & 15];
        }
        out_text[CAS_JA3_SIZE - 1] = '\0';
    }
    cas_buf_finish(text);
    return ok;
}

/* version,ciphers,extensions,groups,point formats */
bool cas_ja3(const struct cas_client_hello *hello, struct cas_budget *budget,
             char out_text[CAS_JA3_SIZE])
{
    struct cas_buf text = cas_buf_init(TEXT_MAX, budget);

    cas_buf_append_format(&text, "%u,", (unsigned)hello->version);
    append_numbers(&text, hello->ciphers);
    cas_buf_append_u8(&text, ',');
    append_extension_types(&text, hello->extensions);
    cas_buf_append_u8(&text, ',');
    append_groups(&text, hello->extensions);
    cas_buf_append_u8(&text, ',');
    append_point_formats(&text, hello->extensions);
    return finish_ja3(&text, out_text);
}

/* version,cipher,extensions */
bool cas_ja3s(const struct cas_server_hello *hello, struct cas_budget *budget,
              char out_text[CAS_JA3_SIZE])
{
    struct cas_buf text = cas_buf_init(TEXT_MAX, budget);

    cas_buf_append_format(&text, "%u,%u,", (unsigned)hello->legacy_version,
                          (unsigned)hello->cipher);
    append_extension_types(&text, hello->extensions);
    return finish_ja3(&text, out_text);
}

/* Numbers of a hello in a vector of their own, to be sorted. */
struct numbers {
    uint16_t *number;
    size_t len;
    size_t size;
    struct cas_budget *budget;
};

static bool numbers_init(struct numbers *numbers, size_t size, struct cas_budget *budget)
{
    *numbers = (struct numbers){ .size = size, .budget = budget };
    numbers->number = cas_budget_alloc(budget, (size + 1) * sizeof(uint16_t));
    return numbers->number != NULL;
}

static void numbers_finish(struct numbers *numbers)
{
    cas_budget_free(numbers->budget, numbers->number, (numbers->size + 1) * sizeof(uint16_t));
}

static void numbers_add(struct numbers *numbers, uint16_t number)
{
    if (numbers->len < numbers->size && !cas_extension_is_grease(number)) {
        numbers->number[numbers->len++] = number;
    }
}

static int by_value(const void *a, const void *b)
{
    const uint16_t *x = a;
    const uint16_t *y = b;
    return (*x > *y) - (*x < *y);
}

/* "002f,0035,..." */
static void append_sorted(struct cas_buf *out, struct numbers *numbers)
{
    qsort(numbers->number, numbers->len, sizeof(uint16_t), by_value);
    for (size_t i = 0; i < numbers->len; i++) {
        cas_buf_append_format(out, i > 0 ? ",%04x" : "%04x", (unsigned)numbers->number[i]);
    }
}

/* The signature algorithms keep their order. */
static void append_algorithms(struct cas_buf *out, struct cas_view extensions)
{
    struct cas_view data = { 0 };
    (void)cas_extension_find(extensions, CAS_EXTENSION_SIGNATURE_ALGORITHMS, &data);
    struct cas_reader r = cas_reader_init(cas_extension_vec16(data));
    char separator = '_';

    while (cas_reader_left(&r) > 1) {
        uint16_t algorithm = cas_reader_u16(&r);
        if (!cas_extension_is_grease(algorithm)) {
            cas_buf_append_format(out, "%c%04x", separator, (unsigned)algorithm);
            separator = ',';
        }
    }
}

/* The text's digest, cut, behind an underscore; zeros for no text. The text is emptied. */
static void append_digest(struct cas_buf *out, struct cas_buf *text)
{
    uint8_t digest[CAS_SHA256_BYTES] = { 0 };

    if (text->len > 0) {
        cas_sha256(cas_buf_view(text), digest);
    }
    cas_buf_append_u8(out, '_');
    cas_buf_append_hex(out, cas_view_of(digest, JA4_DIGITS / 2));
    out->failed |= !cas_buf_ok(text);
    cas_buf_clear(text);
}

static void append_ja4_ciphers(struct cas_buf *out, struct cas_buf *text,
                               struct numbers *ciphers)
{
    append_sorted(text, ciphers);
    append_digest(out, text);
}

/* Server name and ALPN are told in the first part: they depend on where the client goes. */
static void append_ja4_extensions(struct cas_buf *out, struct cas_buf *text,
                                  struct numbers *types, struct cas_view extensions)
{
    size_t kept = 0;
    for (size_t i = 0; i < types->len; i++) {
        if (types->number[i] != CAS_EXTENSION_SERVER_NAME &&
            types->number[i] != CAS_EXTENSION_ALPN) {
            types->number[kept++] = types->number[i];
        }
    }
    types->len = kept;
    append_sorted(text, types);
    append_algorithms(text, extensions);
    append_digest(out, text);
}

static const char *ja4_version(const struct cas_client_hello *hello)
{
    struct cas_view data = { 0 };
    uint16_t version = hello->version;

    if (cas_extension_find(hello->extensions, CAS_EXTENSION_SUPPORTED_VERSIONS, &data)) {
        version = cas_extension_highest_version(data);
    }
    switch (version) {
    case CAS_TLS_VERSION_TLS13:
        return "13";
    case CAS_TLS_VERSION_TLS12:
        return "12";
    case CAS_TLS_VERSION_TLS11:
        return "11";
    case CAS_TLS_VERSION_TLS10:
        return "10";
    case CAS_TLS_VERSION_SSL3:
        return "s3";
    default:
        return "00";
    }
}

static bool is_alphanumeric(uint8_t byte)
{
    return (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= 'a' && byte <= 'z');
}

/* First and last character of the first protocol; hex digits when they are no such thing. */
static void append_ja4_alpn(struct cas_buf *out, struct cas_view extensions)
{
    static const char digits[] = "0123456789abcdef";
    struct cas_view data = { 0 };
    (void)cas_extension_find(extensions, CAS_EXTENSION_ALPN, &data);
    struct cas_view name = cas_extension_vec8(cas_extension_vec16(data));

    if (name.len == 0) {
        cas_buf_append_text(out, "00");
        return;
    }
    uint8_t first = name.data[0];
    uint8_t last = name.data[name.len - 1];
    bool is_text = is_alphanumeric(first) && is_alphanumeric(last);
    cas_buf_append_u8(out, is_text ? first : (uint8_t)digits[first >> 4]);
    cas_buf_append_u8(out, is_text ? last : (uint8_t)digits[last & 15]);
}

static unsigned shown(size_t count)
{
    return count < JA4_COUNT_MAX ? (unsigned)count : JA4_COUNT_MAX;
}

static void append_ja4(struct cas_buf *out, const struct cas_client_hello *hello,
                       struct numbers *ciphers, struct numbers *types)
{
    struct cas_view data = { 0 };
    struct cas_buf text = cas_buf_init(TEXT_MAX, out->budget);
    bool has_name = cas_extension_find(hello->extensions, CAS_EXTENSION_SERVER_NAME, &data);

    cas_buf_append_format(out, "t%s%c%02u%02u", ja4_version(hello), has_name ? 'd' : 'i',
                          shown(ciphers->len), shown(types->len));
    append_ja4_alpn(out, hello->extensions);
    append_ja4_ciphers(out, &text, ciphers);
    append_ja4_extensions(out, &text, types, hello->extensions);
    cas_buf_finish(&text);
}

static void collect(const struct cas_client_hello *hello, struct numbers *ciphers,
                    struct numbers *types)
{
    struct cas_reader r = cas_reader_init(hello->ciphers);
    while (cas_reader_left(&r) > 1) {
        numbers_add(ciphers, cas_reader_u16(&r));
    }
    struct cas_reader list = cas_reader_init(hello->extensions);
    struct cas_extension extension = { 0 };
    while (cas_extension_next(&list, &extension)) {
        numbers_add(types, extension.type);
    }
}

bool cas_ja4(const struct cas_client_hello *hello, struct cas_budget *budget,
             char out_text[CAS_JA4_SIZE])
{
    struct numbers ciphers = { 0 };
    struct numbers types = { 0 };
    struct cas_buf out = cas_buf_init(CAS_JA4_SIZE - 1, budget);
    bool ok = numbers_init(&ciphers, hello->ciphers.len / 2, budget);

    ok = numbers_init(&types, hello->extensions.len / 4, budget) && ok;
    if (ok) {
        collect(hello, &ciphers, &types);
        append_ja4(&out, hello, &ciphers, &types);
        ok = cas_buf_ok(&out);
    }
    if (ok) {
        memcpy(out_text, out.data, out.len);
        out_text[out.len] = '\0';
    }
    cas_buf_finish(&out);
    numbers_finish(&types);
    numbers_finish(&ciphers);
    return ok;
}
