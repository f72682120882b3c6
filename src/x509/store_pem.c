/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PEM (RFC 7468), as tools write it:
 *   any text
 *   -----BEGIN label-----
 *   base64 over many lines
 *   -----END label-----
 */
#include <string.h>

#include "bytes/base64.h"
#include "bytes/reader.h"
#include "x509/cert.h"
#include "x509/stores.h"

#define BEGIN  "-----BEGIN "
#define END    "-----END "
#define DASHES "-----"

enum kind {
    KIND_OTHER, /* a private key, a request, ...: passed over */
    KIND_CERTIFICATE,
    KIND_PKCS7,
};

struct scanner {
    struct cas_view text;
    struct cas_reader in;
    unsigned line; /* number of the last line taken */

    /* The block that is open, when there is one. */
    bool is_open;
    struct cas_view label;
    size_t body_at;
};

static bool is_text(struct cas_view view, const char *text)
{
    return cas_view_equal(view, cas_view_of(text, strlen(text)));
}

static bool is_blank(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Without white space at its ends. */
static struct cas_view trim(struct cas_view line)
{
    size_t from = 0;
    size_t to = line.len;
    while (from < to && is_blank(line.data[from])) {
        from++;
    }
    while (to > from && is_blank(line.data[to - 1])) {
        to--;
    }
    return cas_view_part(line, from, to - from);
}

/* What stands between prefix and the dashes at the end of the line. */
static bool split_boundary(struct cas_view line, const char *prefix, struct cas_view *out_label)
{
    struct cas_reader r = cas_reader_init(line);
    bool is_boundary = is_text(cas_reader_bytes(&r, strlen(prefix)), prefix);
    if (!is_boundary || cas_reader_left(&r) < strlen(DASHES)) {
        return false;
    }
    *out_label = cas_reader_bytes(&r, cas_reader_left(&r) - strlen(DASHES));
    return is_text(cas_reader_rest(&r), DASHES);
}

static struct cas_view next_line(struct scanner *s)
{
    s->line++;
    return trim(cas_reader_until(&s->in, '\n'));
}

static struct scanner scanner_init(struct cas_view text)
{
    struct scanner s = { .text = text, .in = cas_reader_init(text) };
    struct cas_reader bom = s.in;
    if (is_text(cas_reader_bytes(&bom, 3), "\xef\xbb\xbf")) {
        s.in = bom;
    }
    return s;
}

bool cas_pem_is(struct cas_view text)
{
    struct scanner s = scanner_init(text);
    struct cas_view label = { 0 };
    while (cas_reader_left(&s.in) > 0) {
        if (split_boundary(next_line(&s), BEGIN, &label)) {
            return true;
        }
    }
    return false;
}

static enum kind kind_of(struct cas_view label)
{
    static const struct {
        const char *label;
        enum kind kind;
    } kinds[] = {
        { "CERTIFICATE", KIND_CERTIFICATE },
        { "X509 CERTIFICATE", KIND_CERTIFICATE },
        { "TRUSTED CERTIFICATE", KIND_CERTIFICATE }, /* OpenSSL's, with more behind it */
        { "PKCS7", KIND_PKCS7 },
        { "PKCS #7 SIGNED DATA", KIND_PKCS7 },
        { "CMS", KIND_PKCS7 },
    };
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (is_text(label, kinds[i].label)) {
            return kinds[i].kind;
        }
    }
    return KIND_OTHER;
}

/* Windows writes PKCS#7 under the label of a certificate too. */
static void give(struct cas_store *store, enum kind kind, struct cas_view der)
{
    struct cas_cert cert;
    if (kind == KIND_CERTIFICATE && cas_cert_split(der, &cert)) {
        cas_store_give(store, der);
    } else if (!cas_pkcs7_read(der, store)) {
        if (kind == KIND_CERTIFICATE) {
            cas_store_give(store, der);
        } else {
            cas_store_complain(store, "no PKCS#7 with certificates in it");
        }
    }
}

static void give_body(struct cas_store *store, enum kind kind, struct cas_view body)
{
    struct cas_buf der = cas_buf_init(body.len, NULL);
    if (!cas_base64_decode(body, &der)) {
        cas_store_complain(store, "its base64 is broken");
    } else if (!cas_buf_ok(&der)) {
        store->out_of_memory = true;
    } else {
        give(store, kind, cas_buf_view(&der));
    }
    cas_buf_finish(&der);
}

static void open_block(struct scanner *s, struct cas_store *store, struct cas_view label)
{
    if (s->is_open && kind_of(s->label) != KIND_OTHER) {
        cas_store_complain(store, "another BEGIN line comes before its END line");
    }
    s->is_open = true;
    s->label = label;
    s->body_at = cas_reader_offset(&s->in);
    store->origin.line = s->line;
}

/* The block ends with a line that began at body_end. */
static void close_block(struct scanner *s, struct cas_store *store, struct cas_view label,
                        size_t body_end)
{
    enum kind kind = s->is_open ? kind_of(s->label) : KIND_OTHER;
    s->is_open = false;
    if (kind == KIND_OTHER) {
        return;
    }
    if (!cas_view_equal(label, s->label)) {
        cas_store_complain(store, "its END line names another kind than its BEGIN line");
        return;
    }
    give_body(store, kind, cas_view_part(s->text, s->body_at, body_end - s->body_at));
}

void cas_pem_read(struct cas_view text, struct cas_store *store)
{
    struct scanner s = scanner_init(text);
    struct cas_view label = { 0 };
    while (cas_reader_left(&s.in) > 0) {
        size_t line_at = cas_reader_offset(&s.in);
        struct cas_view line = next_line(&s);
        if (split_boundary(line, BEGIN, &label)) {
            open_block(&s, store, label);
        } else if (split_boundary(line, END, &label)) {
            close_block(&s, store, label, line_at);
        }
    }
    if (s.is_open && kind_of(s.label) != KIND_OTHER) {
        cas_store_complain(store, "it has no END line");
    }
}
