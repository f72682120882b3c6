/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tls/keylog.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>

#include "bytes/keyhash.h"
#include "bytes/reader.h"

/* The longest line that means something: label, random, secret, and room for other labels. */
#define LINE_MAX_LEN 1024
#define BUCKETS_MIN  64
/* Connections: some 300 MiB of secrets. */
#define ENTRIES_MAX 1048576

struct entry {
    struct entry *next;
    struct cas_secrets secrets;
};

struct cas_keylog {
    struct entry **buckets;
    size_t buckets_len; /* a power of two */
    size_t len;
    struct cas_keyhash keyhash;
};

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

/* A line on its way into the table. */
struct line {
    const char *name; /* of the file */
    unsigned long number;
    struct cas_error *out_error;
};

struct cas_keylog *cas_keylog_create(void)
{
    uint8_t key[CAS_KEYHASH_KEY_LEN];
    if (getrandom(key, sizeof(key), 0) != (ssize_t)sizeof(key)) {
        return NULL;
    }
    struct cas_keylog *keylog = calloc(1, sizeof(*keylog));
    if (keylog == NULL) {
        return NULL;
    }
    keylog->keyhash = cas_keyhash_init(key);
    keylog->buckets_len = BUCKETS_MIN;
    keylog->buckets = calloc(keylog->buckets_len, sizeof(struct entry *));
    if (keylog->buckets == NULL) {
        free(keylog);
        return NULL;
    }
    return keylog;
}

void cas_keylog_destroy(struct cas_keylog *keylog)
{
    if (keylog == NULL) {
        return;
    }
    for (size_t i = 0; i < keylog->buckets_len; i++) {
        struct entry *entry = keylog->buckets[i];
        while (entry != NULL) {
            struct entry *next = entry->next;
            explicit_bzero(entry, sizeof(*entry));
            free(entry);
            entry = next;
        }
    }
    free(keylog->buckets);
    free(keylog);
}

/* A client chooses its random, which may be meant to fall into one bucket. */
static size_t bucket_of(const struct cas_keylog *keylog, size_t buckets_len,
                        const uint8_t random[CAS_RANDOM_LEN])
{
    uint64_t hash = cas_keyhash_of(&keylog->keyhash, cas_view_of(random, CAS_RANDOM_LEN));
    return (size_t)hash & (buckets_len - 1);
}

static struct entry *find(const struct cas_keylog *keylog, const uint8_t random[CAS_RANDOM_LEN])
{
    struct entry *entry = keylog->buckets[bucket_of(keylog, keylog->buckets_len, random)];
    while (entry != NULL && memcmp(entry->secrets.client_random, random, CAS_RANDOM_LEN) != 0) {
        entry = entry->next;
    }
    return entry;
}

const struct cas_secrets *cas_keylog_find(const struct cas_keylog *keylog,
                                          const uint8_t client_random[CAS_RANDOM_LEN])
{
    const struct entry *entry = find(keylog, client_random);
    return entry != NULL ? &entry->secrets : NULL;
}

size_t cas_keylog_connections(const struct cas_keylog *keylog)
{
    return keylog->len;
}

static bool grow(struct cas_keylog *keylog)
{
    size_t len = keylog->buckets_len * 2;
    struct entry **buckets = calloc(len, sizeof(struct entry *));
    if (buckets == NULL) {
        return false;
    }
    for (size_t i = 0; i < keylog->buckets_len; i++) {
        struct entry *entry = keylog->buckets[i];
        while (entry != NULL) {
            struct entry *next = entry->next;
            size_t at = bucket_of(keylog, len, entry->secrets.client_random);
            entry->next = buckets[at];
            buckets[at] = entry;
            entry = next;
        }
    }
    free(keylog->buckets);
    keylog->buckets = buckets;
    keylog->buckets_len = len;
    return true;
}

/* The entry of this random, a new one when there is none; NULL without memory. */
static struct entry *need(struct cas_keylog *keylog, const uint8_t random[CAS_RANDOM_LEN])
{
    struct entry *entry = find(keylog, random);
    if (entry != NULL || (keylog->len == keylog->buckets_len && !grow(keylog))) {
        return entry;
    }
    entry = calloc(1, sizeof(*entry));
    if (entry != NULL) {
        size_t at = bucket_of(keylog, keylog->buckets_len, random);
        memcpy(entry->secrets.client_random, random, CAS_RANDOM_LEN);
        entry->next = keylog->buckets[at];
        keylog->buckets[at] = entry;
        keylog->len++;
    }
    return entry;
}

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
static enum cas_err complain(const struct line *line, const char *what)
{
    return cas_error_set(line->out_error, CAS_ERR_FORMAT, "%s:%lu: %s", line->name,
                         line->number, what);
}

static bool is_length_of(enum cas_secret_kind kind, size_t len)
{
    return len == 48 || (kind != CAS_SECRET_MASTER && len == 32);
}

static enum cas_err take_secret(struct cas_keylog *keylog, const struct line *line,
                                enum cas_secret_kind kind, struct cas_reader *words)
{
    uint8_t random[CAS_RANDOM_LEN];
    struct cas_secret secret = { 0 };
    enum cas_err err = CAS_OK;

    if (read_hex(next_word(words), random, sizeof(random)) != sizeof(random)) {
        return complain(line, "the client's random must be 64 hex digits");
    }
    secret.len = (uint8_t)read_hex(next_word(words), secret.bytes, sizeof(secret.bytes));
    if (!is_length_of(kind, secret.len) || cas_reader_left(words) > 0) {
        err = complain(line, kind == CAS_SECRET_MASTER
                                 ? "the secret must be 96 hex digits, and nothing behind them"
                                 : "the secret must be 64 or 96 hex digits, and nothing behind "
                                   "them");
    } else if (keylog->len >= ENTRIES_MAX && find(keylog, random) == NULL) {
        err = complain(line, "there are secrets of too many connections before this one");
    } else {
        struct entry *entry = need(keylog, random);
        if (entry != NULL) {
            entry->secrets.secret[kind] = secret;
        } else {
            err = cas_error_set(line->out_error, CAS_ERR_NOMEM, "out of memory");
        }
    }
    explicit_bzero(&secret, sizeof(secret));
    return err;
}

/*
 * The NSS key log format: LABEL <client random in hex> <secret in hex>, "#" begins a comment.
 */
static enum cas_err take_line(struct cas_keylog *keylog, const struct line *line,
                              struct cas_view text)
{
    struct cas_reader words = cas_reader_init(text);
    if (text.len == 0 || text.data[0] == '#') {
        return CAS_OK;
    }
    struct cas_view word = next_word(&words);
    const struct label *label = find_label(word);
    if (label != NULL) {
        return take_secret(keylog, line, label->kind, &words);
    }
    if (!looks_like_label(word) || cas_reader_left(&words) == 0) {
        return complain(line, "this is no line of a key log (LABEL RANDOM SECRET)");
    }
    return CAS_OK;
}

/* The next line, without its end. */
static struct cas_view next_line(struct cas_reader *text)
{
    struct cas_reader ahead = *text;
    size_t len = 0;
    while (cas_reader_left(&ahead) > 0 && cas_reader_u8(&ahead) != '\n') {
        len++;
    }
    struct cas_view line = cas_reader_bytes(text, len);
    if (cas_reader_left(text) > 0) {
        cas_reader_skip(text, 1);
    }
    if (line.len > 0 && line.data[line.len - 1] == '\r') {
        line.len--;
    }
    return line;
}

enum cas_err cas_keylog_add_text(struct cas_keylog *keylog, const char *name,
                                 struct cas_view text, struct cas_error *out_error)
{
    struct cas_reader r = cas_reader_init(text);
    struct line line = { .name = name, .out_error = out_error };
    enum cas_err err = CAS_OK;

    while (err == CAS_OK && cas_reader_left(&r) > 0) {
        line.number++;
        err = take_line(keylog, &line, next_line(&r));
    }
    return err;
}

/*
 * The next line of the file without its end, any byte in it; one that does not fit fills all of
 * text. False at the end.
 */
static bool read_line(FILE *file, uint8_t *text, size_t size, size_t *out_len)
{
    size_t len = 0;
    int c = 0;
    while (len < size && (c = getc(file)) != EOF && c != '\n') {
        text[len++] = (uint8_t)c;
    }
    *out_len = len;
    return len > 0 || c == '\n';
}

/* One line at a time, so that not the whole file lies in memory. */
static enum cas_err read_lines(struct cas_keylog *keylog, const struct line *of, FILE *file)
{
    uint8_t text[LINE_MAX_LEN];
    struct line line = *of;
    enum cas_err err = CAS_OK;
    size_t len = 0;

    while (err == CAS_OK && read_line(file, text, sizeof(text), &len)) {
        struct cas_reader r = cas_reader_init(cas_view_of(text, len));
        line.number++;
        err = len == sizeof(text) ? complain(&line, "this line is too long for a key log")
                                  : take_line(keylog, &line, next_line(&r));
    }
    explicit_bzero(text, sizeof(text));
    if (err == CAS_OK && ferror(file)) {
        return cas_error_set(of->out_error, CAS_ERR_IO, "%s: %s", of->name, strerror(errno));
    }
    return err;
}

enum cas_err cas_keylog_add_file(struct cas_keylog *keylog, const char *path,
                                 enum cas_keylog_access access, struct cas_error *out_error)
{
    const struct line line = { .name = path, .out_error = out_error };
    char buffer[BUFSIZ]; /* of the file: wiped, as all that secrets went through */
    struct stat status;
    enum cas_err err = CAS_OK;
    FILE *file = fopen(path, "re");

    if (file == NULL) {
        return cas_error_set(out_error, CAS_ERR_IO, "%s: %s", path, strerror(errno));
    }
    setvbuf(file, buffer, _IOFBF, sizeof(buffer));
    if (fstat(fileno(file), &status) != 0) {
        err = cas_error_set(out_error, CAS_ERR_IO, "%s: %s", path, strerror(errno));
    } else if (access == CAS_KEYLOG_PRIVATE && (status.st_mode & S_IROTH) != 0) {
        err = cas_error_set(out_error, CAS_ERR_USAGE,
                            "%s: everybody may read these secrets: chmod o-r it, or say "
                            "--keylog-world-readable",
                            path);
    } else {
        err = read_lines(keylog, &line, file);
    }
    fclose(file);
    explicit_bzero(buffer, sizeof(buffer));
    return err;
}
