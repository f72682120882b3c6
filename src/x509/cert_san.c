/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <arpa/inet.h>
#include <sys/socket.h>

#include "bytes/text.h"
#include "x509/cert_parts.h"
#include "x509/der.h"
#include "x509/dn.h"
#include "x509/dn_walk.h"

static void append_hex(struct cas_buf *out, struct cas_view bytes)
{
    cas_buf_append_u8(out, '#');
    cas_buf_append_hex(out, bytes);
}

/* SEQUENCE { type-id OBJECT IDENTIFIER, value [0] EXPLICIT ANY }, e.g. Windows' user name */
static void append_other_name(struct cas_buf *out, struct cas_view content)
{
    struct cas_reader r = cas_reader_init(content);
    struct cas_view type = cas_der_take(&r, CAS_DER_OID).content;
    struct cas_view value = cas_der_take(&r, CAS_DER_CONTEXT_CONSTRUCTED(0)).content;
    struct cas_dn_text text;
    if (!cas_reader_done(&r) || !cas_oid_is_valid(type) || !cas_der_is_one(value)) {
        append_hex(out, content);
        return;
    }
    cas_buf_append_text(out, cas_oid_dotted(type).text);
    cas_buf_append_u8(out, '=');
    struct cas_reader inner = cas_reader_init(value);
    struct cas_der element = cas_der_next(&inner);
    if (!cas_dn_text_open(&element, &text)) {
        append_hex(out, value);
        return;
    }
    struct cas_buf utf8 = cas_buf_init(SIZE_MAX / 2, NULL);
    while (!cas_dn_text_is_over(&text)) {
        cas_text_append_utf8(&utf8, cas_dn_text_next(&text));
    }
    cas_text_append_escaped(out, cas_buf_view(&utf8));
    out->failed |= utf8.failed;
    cas_buf_finish(&utf8);
}

static void append_address(struct cas_buf *out, struct cas_view bytes)
{
    char text[INET6_ADDRSTRLEN] = "";
    int family = bytes.len == 4 ? AF_INET : AF_INET6;
    if ((bytes.len == 4 || bytes.len == 16) &&
        inet_ntop(family, bytes.data, text, sizeof(text)) != NULL) {
        cas_buf_append_text(out, text);
    } else {
        append_hex(out, bytes);
    }
}

static void append_registered_id(struct cas_buf *out, struct cas_view oid)
{
    if (cas_oid_is_valid(oid)) {
        cas_buf_append_text(out, cas_oid_dotted(oid).text);
    } else {
        append_hex(out, oid);
    }
}

static void append_directory_name(struct cas_buf *out, struct cas_view name)
{
    cas_dn_format(name, out);
}

/* RFC 5280, 4.2.1.6: the kinds by their numbers, under the names OpenSSL's configuration uses.
 */
static const struct kind {
    const char *prefix;
    void (*append)(struct cas_buf *out, struct cas_view content);
} kinds[] = {
    { "otherName:", append_other_name },   { "email:", cas_text_append_escaped },
    { "DNS:", cas_text_append_escaped },   { "x400Address:", append_hex },
    { "dirName:", append_directory_name }, { "ediPartyName:", append_hex },
    { "URI:", cas_text_append_escaped },   { "IP:", append_address },
    { "RID:", append_registered_id },
};

void cas_cert_append_san(const struct cas_cert *cert, struct cas_buf *out)
{
    struct cas_reader r = cas_reader_init(cert->san);
    while (cas_reader_left(&r) > 0) {
        struct cas_der name = cas_der_next(&r);
        const struct kind *kind = &kinds[name.tag & 0x1f]; /* 0 to 8, or it were not kept */
        cas_buf_append_text(out, kind->prefix);
        kind->append(out, name.content);
        cas_buf_append_u8(out, '\0');
    }
}
