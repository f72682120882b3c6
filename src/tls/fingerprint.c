/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tls/fingerprint.h"

#include <string.h>

#include "bytes/buf.h"
#include "bytes/digest.h"
#include "bytes/reader.h"
#include "tls/conversation.h"
#include "tls/extensions.h"
#include "tls/hello_insides.h"

/* More than the longest hello gives: 32767 ciphers or 16384 extensions of up to 6 digits. */
#define TEXT_MAX (1u << 19)
/* Room for the text of a usual hello, so that it need not grow. */
#define TEXT_USUAL 512
/* JA4 shows so many hex digits of a digest. */
#define JA4_DIGITS 12
/* JA4 has two digits for a count. */
#define JA4_COUNT_MAX 99u

static void append_number(struct cas_buf *out, size_t start, uint16_t number)
{
    if (out->len > start) {
        cas_buf_append_u8(out, '-');
    }
    cas_buf_append_decimal(out, number);
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

static void append_point_formats(struct cas_buf *out, struct cas_view formats)
{
    struct cas_reader r = cas_reader_init(formats);
    size_t start = out->len;

    while (cas_reader_left(&r) > 0) {
        append_number(out, start, cas_reader_u8(&r));
    }
}

static struct cas_buf begin_text(struct cas_budget *budget)
{
    struct cas_buf text = cas_buf_init(TEXT_MAX, budget);
    cas_buf_reserve(&text, TEXT_USUAL);
    return text;
}

static void copy_out(const struct cas_buf *text, char *out_text)
{
    memcpy(out_text, text->data, text->len);
    out_text[text->len] = '\0';
}

/* The MD5 of the text as hex; the text is given back. */
static bool finish_ja3(struct cas_buf *text, char out_text[CAS_JA3_SIZE])
{
    uint8_t digest[CAS_MD5_BYTES];
    bool ok = cas_buf_ok(text);

    if (ok) {
        cas_md5(cas_buf_view(text), digest);
        cas_buf_clear(text);
        cas_buf_append_hex(text, cas_view_of(digest, sizeof(digest)));
        copy_out(text, out_text);
    }
    cas_buf_finish(text);
    return ok;
}

/* version,ciphers,extensions,groups,point formats */
bool cas_ja3(const struct cas_client_hello *hello, struct cas_budget *budget,
             char out_text[CAS_JA3_SIZE])
{
    struct cas_buf text = begin_text(budget);
    const struct cas_hello_insides insides = cas_hello_insides_of(hello);

    cas_buf_append_decimal(&text, hello->version);
    cas_buf_append_u8(&text, ',');
    append_numbers(&text, hello->ciphers);
    cas_buf_append_u8(&text, ',');
    append_extension_types(&text, hello->extensions);
    cas_buf_append_u8(&text, ',');
    append_numbers(&text, insides.groups);
    cas_buf_append_u8(&text, ',');
    append_point_formats(&text, insides.formats);
    return finish_ja3(&text, out_text);
}

/* version,cipher,extensions */
bool cas_ja3s(const struct cas_server_hello *hello, struct cas_budget *budget,
              char out_text[CAS_JA3_SIZE])
{
    struct cas_buf text = begin_text(budget);

    cas_buf_append_decimal(&text, hello->legacy_version);
    cas_buf_append_u8(&text, ',');
    cas_buf_append_decimal(&text, hello->cipher);
    cas_buf_append_u8(&text, ',');
    append_extension_types(&text, hello->extensions);
    return finish_ja3(&text, out_text);
}

/* Numbers of a hello in a vector of their own, to be sorted. */
struct numbers {
    uint16_t *number;
    size_t len;
    size_t size;
    size_t count; /* of all that the hello has, with those that are not in the vector */
    struct cas_budget *budget;
};

/* Room for the ciphers or for the types of the extensions: 4 bytes are the least of one. */
static bool numbers_init(struct numbers *numbers, const struct cas_client_hello *hello,
                         struct cas_budget *budget)
{
    size_t ciphers = hello->ciphers.len / 2;
    size_t types = hello->extensions.len / 4;
    size_t size = ciphers > types ? ciphers : types;

    *numbers = (struct numbers){ .size = size, .budget = budget };
    numbers->number = cas_budget_alloc(budget, (size + 1) * sizeof(uint16_t));
    return numbers->number != NULL;
}

static void numbers_clear(struct numbers *numbers)
{
    numbers->len = 0;
    numbers->count = 0;
}

static void numbers_finish(struct numbers *numbers)
{
    cas_budget_free(numbers->budget, numbers->number, (numbers->size + 1) * sizeof(uint16_t));
}

static void numbers_add(struct numbers *numbers, uint16_t number)
{
    if (numbers->len < numbers->size && !cas_extension_is_grease(number)) {
        numbers->number[numbers->len++] = number;
        numbers->count++;
    }
}

/*
 * Shell's sort, with Knuth's gaps: in place, next to nothing for the few numbers of an honest
 * hello, and no quadratic trap when somebody sends 32767 of them.
 */
static void numbers_sort(struct numbers *numbers)
{
    uint16_t *number = numbers->number;
    size_t gap = 1;

    while (gap < numbers->len / 3) {
        gap = 3 * gap + 1;
    }
    for (; gap > 0; gap /= 3) {
        for (size_t i = gap; i < numbers->len; i++) {
            uint16_t moved = number[i];
            size_t to = i;
            for (; to >= gap && number[to - gap] > moved; to -= gap) {
                number[to] = number[to - gap];
            }
            number[to] = moved;
        }
    }
}

/* "002f" */
static void append_hex16(struct cas_buf *out, uint16_t number)
{
    static const char digits[] = "0123456789abcdef";
    const uint8_t text[] = {
        (uint8_t)digits[number >> 12],
        (uint8_t)digits[number >> 8 & 15],
        (uint8_t)digits[number >> 4 & 15],
        (uint8_t)digits[number & 15],
    };
    cas_buf_append(out, cas_view_of(text, sizeof(text)));
}

/* "002f,0035,..." */
static void append_sorted(struct cas_buf *out, struct numbers *numbers)
{
    numbers_sort(numbers);
    for (size_t i = 0; i < numbers->len; i++) {
        if (i > 0) {
            cas_buf_append_u8(out, ',');
        }
        append_hex16(out, numbers->number[i]);
    }
}

/* The signature algorithms keep their order. */
static void append_algorithms(struct cas_buf *out, struct cas_view algorithms)
{
    struct cas_reader r = cas_reader_init(algorithms);
    uint8_t separator = '_';

    while (cas_reader_left(&r) > 1) {
        uint16_t algorithm = cas_reader_u16(&r);
        if (!cas_extension_is_grease(algorithm)) {
            cas_buf_append_u8(out, separator);
            append_hex16(out, algorithm);
            separator = ',';
        }
    }
}

/* The digest of a text, cut. */
struct short_digest {
    uint8_t bytes[JA4_DIGITS / 2];
};

/* Zeros for no text. The text is emptied, its failure stays. */
static struct short_digest take_digest(struct cas_buf *text)
{
    struct short_digest cut = { 0 };
    uint8_t digest[CAS_SHA256_BYTES];

    if (cas_buf_ok(text) && text->len > 0) {
        cas_sha256(cas_buf_view(text), digest);
        memcpy(cut.bytes, digest, sizeof(cut.bytes));
    }
    cas_buf_cut(text, 0);
    return cut;
}

static void append_digest(struct cas_buf *out, const struct short_digest *digest)
{
    cas_buf_append_u8(out, '_');
    cas_buf_append_hex(out, cas_view_of(digest->bytes, sizeof(digest->bytes)));
}

static const char *ja4_version(uint16_t version)
{
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
static void append_ja4_alpn(struct cas_buf *out, struct cas_view name)
{
    static const char digits[] = "0123456789abcdef";

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

static void append_count(struct cas_buf *out, size_t count)
{
    size_t shown = count < JA4_COUNT_MAX ? count : JA4_COUNT_MAX;
    cas_buf_append_u8(out, (uint8_t)('0' + shown / 10));
    cas_buf_append_u8(out, (uint8_t)('0' + shown % 10));
}

struct counts {
    size_t ciphers;
    size_t types;
};

/* The first part: what is told in the clear. */
static void append_ja4_start(struct cas_buf *out, const struct cas_hello_insides *insides,
                             struct counts counts)
{
    cas_buf_append_u8(out, 't');
    cas_buf_append_text(out, ja4_version(insides->version));
    cas_buf_append_u8(out, insides->has_name ? 'd' : 'i');
    append_count(out, counts.ciphers);
    append_count(out, counts.types);
    append_ja4_alpn(out, insides->protocol);
}

static void collect_ciphers(struct numbers *numbers, const struct cas_client_hello *hello)
{
    struct cas_reader r = cas_reader_init(hello->ciphers);

    numbers_clear(numbers);
    while (cas_reader_left(&r) > 1) {
        numbers_add(numbers, cas_reader_u16(&r));
    }
}

/* Server name and ALPN are told in the first part: they depend on where the client goes. */
static void collect_types(struct numbers *numbers, const struct cas_client_hello *hello)
{
    struct cas_reader list = cas_reader_init(hello->extensions);
    struct cas_extension extension = { 0 };

    numbers_clear(numbers);
    while (cas_extension_next(&list, &extension)) {
        if (extension.type == CAS_EXTENSION_SERVER_NAME ||
            extension.type == CAS_EXTENSION_ALPN) {
            numbers->count++;
        } else {
            numbers_add(numbers, extension.type);
        }
    }
}

/* start_digest of the ciphers_digest of the extensions and signature algorithms */
static void append_ja4(struct cas_buf *text, const struct cas_client_hello *hello,
                       struct numbers *numbers)
{
    const struct cas_hello_insides insides = cas_hello_insides_of(hello);
    struct counts counts = { 0 };

    collect_ciphers(numbers, hello);
    counts.ciphers = numbers->count;
    append_sorted(text, numbers);
    struct short_digest of_ciphers = take_digest(text);

    collect_types(numbers, hello);
    counts.types = numbers->count;
    append_sorted(text, numbers);
    append_algorithms(text, insides.algorithms);
    struct short_digest of_types = take_digest(text);

    append_ja4_start(text, &insides, counts);
    append_digest(text, &of_ciphers);
    append_digest(text, &of_types);
}

bool cas_ja4(const struct cas_client_hello *hello, struct cas_budget *budget,
             char out_text[CAS_JA4_SIZE])
{
    struct numbers numbers = { 0 };
    struct cas_buf text = begin_text(budget);
    bool ok = numbers_init(&numbers, hello, budget);

    if (ok) {
        append_ja4(&text, hello, &numbers);
        ok = cas_buf_ok(&text);
    }
    if (ok) {
        copy_out(&text, out_text);
    }
    cas_buf_finish(&text);
    numbers_finish(&numbers);
    return ok;
}
