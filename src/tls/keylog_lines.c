/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tls/keylog_lines.h"

#include <inttypes.h>
#include <string.h>

#include "bytes/reader.h"

struct label {
    const char *name;
    enum cas_secret_kind kind;
};

static const struct label labels[] = {
    { "CLIENT_HANDSHAKE_TRAFFIC_SECRET", CAS_SECRET_CLIENT_HANDSHAKE },
    { "SERVER_HANDSHAKE_TRAFFIC_SECRET", CAS_SECRET_SERVER_HANDSHAKE },
    { "CLIENT_TRAFFIC_SECRET_0", CAS_SECRET_CLIENT_TRAFFIC },
    { "SERVER_TRAFFIC_SECRET_0", CAS_SECRET_SERVER_TRAFFIC },
    { "CLIENT_RANDOM", CAS_SECRET_MASTER },
};

static int digit_of(uint8_t c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* All of text as hex digits, at most max bytes; 0 when it is anything else. */
static size_t read_hex(struct cas_view text, uint8_t *out_bytes, size_t max)
{
    struct cas_reader r = cas_reader_init(text);
    if (text.len % 2 != 0 || text.len / 2 > max) {
        return 0;
    }
    for (size_t i = 0; i < text.len / 2; i++) {
        int high = digit_of(cas_reader_u8(&r));
        int low = digit_of(cas_reader_u8(&r));
        if (high < 0 || low < 0) {
            return 0;
        }
        out_bytes[i] = (uint8_t)(high << 4 | low);
    }
    return text.len / 2;
}

/* The next word; words are parted by one blank. */
static struct cas_view next_word(struct cas_reader *line)
{
    struct cas_reader ahead = *line;
    size_t len = 0;
    while (cas_reader_left(&ahead) > 0 && cas_reader_u8(&ahead) != ' ') {
        len++;
    }
    struct cas_view word = cas_reader_bytes(line, len);
    if (cas_reader_left(line) > 0) {
        cas_reader_skip(line, 1);
    }
    return word;
}

static const struct label *find_label(struct cas_view word)
{
    for (size_t i = 0; i < sizeof(labels) / sizeof(labels[0]); i++) {
        if (cas_view_equal(word, cas_view_of(labels[i].name, strlen(labels[i].name)))) {
            return &labels[i];
        }
    }
    return NULL;
}

/* A name of capitals, digits and underlines. */
static bool looks_like_label(struct cas_view word)
{
    struct cas_reader r = cas_reader_init(word);
    while (cas_reader_left(&r) > 0) {
        uint8_t c = cas_reader_u8(&r);
        if (!(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9') && c != '_') {
            return false;
        }
    }
    return word.len > 0;
}

/* What is wrong is named, never what is in the line: it may be a secret. */
static void complain(struct cas_keylog_lines *lines, const char *what)
{
    if (lines->bad == 0) {
        (void)cas_error_set(&lines->first_bad, CAS_ERR_FORMAT, "%s:%" PRIu64 ": %s",
                            lines->name, lines->number, what);
    }
    lines->bad++;
    cas_keylog_count_bad_line(lines->keylog);
}

static bool is_length_of(enum cas_secret_kind kind, size_t len)
{
    return len == 48 || (kind != CAS_SECRET_MASTER && len == 32);
}

static void take_secret(struct cas_keylog_lines *lines, enum cas_secret_kind kind,
                        struct cas_reader *words)
{
    uint8_t random[CAS_RANDOM_LEN];
    struct cas_secret secret = { 0 };

    if (read_hex(next_word(words), random, sizeof(random)) != sizeof(random)) {
        complain(lines, "the client's random must be 64 hex digits");
        return;
    }
    secret.len = (uint8_t)read_hex(next_word(words), secret.bytes, sizeof(secret.bytes));
    if (is_length_of(kind, secret.len) && cas_reader_left(words) == 0) {
        cas_keylog_put(lines->keylog, random, kind, &secret);
    } else {
        complain(lines,
                 kind == CAS_SECRET_MASTER
                     ? "the secret must be 96 hex digits, and nothing behind them"
                     : "the secret must be 64 or 96 hex digits, and nothing behind them");
    }
    explicit_bzero(&secret, sizeof(secret));
}

static void take_line(struct cas_keylog_lines *lines, struct cas_view text)
{
    lines->number++;
    if (text.len > 0 && text.data[text.len - 1] == '\r') {
        text.len--;
    }
    if (text.len == 0 || text.data[0] == '#') {
        return;
    }
    struct cas_reader words = cas_reader_init(text);
    struct cas_view word = next_word(&words);
    const struct label *label = find_label(word);
    if (label != NULL) {
        take_secret(lines, label->kind, &words);
    } else if (!looks_like_label(word) || cas_reader_left(&words) == 0) {
        complain(lines, "this is no line of a key log (LABEL RANDOM SECRET)");
    }
}

struct cas_keylog_lines cas_keylog_lines_init(struct cas_keylog *keylog, const char *name)
{
    return (struct cas_keylog_lines){ .keylog = keylog, .name = name };
}

bool cas_keylog_lines_is_begun(const struct cas_keylog_lines *lines)
{
    return lines->begun_len > 0 || lines->is_too_long;
}

void cas_keylog_lines_end(struct cas_keylog_lines *lines)
{
    if (lines->is_too_long) {
        lines->number++;
        complain(lines, "this line is too long for a key log");
    } else if (lines->begun_len > 0) {
        take_line(lines, cas_view_of(lines->begun, lines->begun_len));
    }
    cas_keylog_lines_finish(lines);
}

void cas_keylog_lines_finish(struct cas_keylog_lines *lines)
{
    explicit_bzero(lines->begun, lines->begun_len);
    lines->begun_len = 0;
    lines->is_too_long = false;
}

static void begin(struct cas_keylog_lines *lines, struct cas_view part)
{
    if (lines->is_too_long || part.len > sizeof(lines->begun) - lines->begun_len) {
        cas_keylog_lines_finish(lines);
        lines->is_too_long = true;
    } else if (part.len > 0) {
        memcpy(lines->begun + lines->begun_len, part.data, part.len);
        lines->begun_len += part.len;
    }
}

void cas_keylog_lines_push(struct cas_keylog_lines *lines, struct cas_view bytes)
{
    while (bytes.len > 0) {
        const uint8_t *end = memchr(bytes.data, '\n', bytes.len);
        size_t len = end != NULL ? (size_t)(end - bytes.data) : bytes.len;
        begin(lines, cas_view_part(bytes, 0, len));
        bytes = cas_view_part(bytes, end != NULL ? len + 1 : len, SIZE_MAX);
        if (end != NULL && cas_keylog_lines_is_begun(lines)) {
            cas_keylog_lines_end(lines);
        } else if (end != NULL) {
            lines->number++; /* an empty one */
        }
    }
}

enum cas_err cas_keylog_add_text(struct cas_keylog *keylog, const char *name,
                                 struct cas_view text, struct cas_error *out_error)
{
    struct cas_keylog_lines lines = cas_keylog_lines_init(keylog, name);
    cas_keylog_lines_push(&lines, text);
    cas_keylog_lines_end(&lines);
    if (lines.bad == 0) {
        return CAS_OK;
    }
    return cas_error_set(out_error, CAS_ERR_FORMAT, "%s", lines.first_bad.text);
}
