/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "bytes/digest.h"
#include "x509/asn1_time.h"
#include "x509/cert.h"
#include "x509/cert_parts.h"
#include "x509/der.h"
#include "x509/dn.h"
#include "x509/oids.h"
#include "x509/wolf.h"

/* The shortest alternative name, two bytes of DER, becomes twelve of text: the worst there is.
 */
#define TEXT_MAX ((size_t)16 * CAS_CERT_SIZE_MAX)
#define NOTE_MAX 4096

enum string {
    SUBJECT,
    ISSUER,
    SERIAL,
    NOT_BEFORE,
    NOT_AFTER,
    KEY_TYPE,
    KEY_CURVE,
    SIG_ALG,
    NOTE,
    STRINGS
};

/*
 * What is said of one certificate: first all text, each string with its NUL, then, when its
 * length is known, the one block that holds struct, pointers and text.
 */
struct teller {
    struct cas_cert cert;
    struct cas_cert_info info; /* its pointers are set last */
    struct cas_buf text;
    size_t at[STRINGS]; /* where a string begins, plus one; 0 when there is none */
    size_t san_at;
    size_t eku_at;
    struct cas_buf note;
};

struct block {
    struct cas_cert_info info;
    const char *pointers[];
};

static void begin(struct teller *t, enum string string)
{
    t->at[string] = t->text.len + 1;
}

static void end(struct teller *t)
{
    cas_buf_append_u8(&t->text, '\0');
}

/* A name of its own, or the OID with dots. */
static void say_name(struct teller *t, enum string string, const char *name,
                     struct cas_view oid)
{
    begin(t, string);
    cas_buf_append_text(&t->text, name != NULL ? name : cas_oid_dotted(oid).text);
    end(t);
}

static void say_dn(struct teller *t, enum string string, struct cas_view name)
{
    begin(t, string);
    cas_dn_format(name, &t->text);
    end(t);
}

/* unreadable is the value that stands for a date which could not be read. */
static void say_time(struct teller *t, enum string string, int64_t s, int64_t unreadable)
{
    if (s != unreadable) {
        begin(t, string);
        cas_asn1_time_format(s, &t->text);
        end(t);
    }
}

static void add_note(struct teller *t, const char *text, const char *more)
{
    cas_buf_append_text(&t->note, t->note.len > 0 ? "; " : "");
    cas_buf_append_text(&t->note, text);
    cas_buf_append_text(&t->note, more);
}

/* Without the zero in front that only says "not negative", as everybody prints serials. */
static void say_serial(struct teller *t)
{
    struct cas_view serial = t->cert.serial;
    bool has_sign = serial.len > 1 && serial.data[0] == 0;
    begin(t, SERIAL);
    cas_buf_append_hex(&t->text, cas_view_part(serial, has_sign ? 1 : 0, serial.len));
    end(t);
}

static void say_key(struct teller *t)
{
    struct cas_cert_key key = cas_cert_key_of(&t->cert);
    say_name(t, KEY_TYPE, key.type, t->cert.key_oid);
    t->info.key_bits = key.bits;
    if (key.curve != NULL || key.curve_oid.len > 0) {
        say_name(t, KEY_CURVE, key.curve, key.curve_oid);
    }
}

static void say_purposes(struct teller *t)
{
    struct cas_reader r = cas_reader_init(t->cert.eku);
    t->eku_at = t->text.len;
    while (cas_reader_left(&r) > 0) {
        struct cas_view oid = cas_der_next(&r).content;
        const char *name = cas_oid_purpose_name(oid);
        cas_buf_append_text(&t->text, name != NULL ? name : cas_oid_dotted(oid).text);
        end(t);
        t->info.eku_len++;
    }
}

static void say_all(struct teller *t)
{
    const struct cas_cert *cert = &t->cert;
    say_dn(t, SUBJECT, cert->subject);
    say_dn(t, ISSUER, cert->issuer);
    say_serial(t);
    say_time(t, NOT_BEFORE, cert->not_before_s, INT64_MIN);
    say_time(t, NOT_AFTER, cert->not_after_s, INT64_MAX);
    t->info.not_before_s = cert->not_before_s;
    t->info.not_after_s = cert->not_after_s;
    say_name(t, SIG_ALG, cas_oid_signature_name(cert->sig_oid), cert->sig_oid);
    say_key(t);
    t->info.is_ca = cert->is_ca;
    t->san_at = t->text.len;
    cas_cert_append_san(cert, &t->text);
    t->info.san_len = cert->san_count;
    say_purposes(t);
}

static bool has_content(struct cas_view name, struct cas_view content)
{
    struct cas_reader r = cas_reader_init(name);
    return content.len == 0 || cas_view_equal(cas_der_next(&r).content, content);
}

/* Asks wolfSSL for a second reading, where that is safe; see x509/wolf.h. */
static void note_second_reading(struct teller *t, const struct cas_cert_faults *faults)
{
    struct cas_wolf_cert other;
    if (t->cert.san_count > CAS_CERT_SAN_MAX) {
        add_note(t, "not given to wolfSSL, which is slow with so many alternative names", "");
        return;
    }
    if (faults->extension != NULL) {
        return;
    }
    if (!cas_wolf_self_test()) {
        add_note(t,
                 "not given to wolfSSL, for the one installed is not the one this was "
                 "built for: ",
                 cas_wolf_version());
        return;
    }
    const char *refusal = cas_wolf_parse(t->cert.der, &other);
    if (refusal != NULL) {
        add_note(t, "wolfSSL refuses it: ", refusal);
    } else if (!has_content(t->cert.subject, other.subject) ||
               !has_content(t->cert.issuer, other.issuer) || t->cert.is_ca != other.is_ca) {
        add_note(t, "wolfSSL reads it differently", "");
    }
}

static void note_oddities(struct teller *t, const struct cas_cert_faults *faults)
{
    const struct cas_cert *cert = &t->cert;
    if (!cas_dn_is_valid(cert->subject)) {
        add_note(t, "the subject is no valid name", "");
    }
    if (!cas_dn_is_valid(cert->issuer)) {
        add_note(t, "the issuer is no valid name", "");
    }
    if (cert->not_before_s == INT64_MIN) {
        add_note(t, "notBefore cannot be read", "");
    }
    if (cert->not_after_s == INT64_MAX) {
        add_note(t, "notAfter cannot be read", "");
    }
    if (faults->sig_oids_differ) {
        add_note(t, "the signature algorithm inside is another", "");
    }
    if (faults->extension != NULL) {
        add_note(t, faults->extension_fault, faults->extension);
    }
    if (cert->trailing_len > 0) {
        add_note(t, "bytes follow the certificate", "");
    }
}

static void tell(struct teller *t, struct cas_view der)
{
    struct cas_cert_faults faults = { 0 };
    struct cas_view told = der;
    if (der.len > CAS_CERT_SIZE_MAX) {
        add_note(t, "longer than casniff reads, so only its size and digest are told", "");
    } else if (!cas_cert_cut(der, &t->cert, &faults)) {
        cas_buf_append_format(&t->note,
                              "no certificate in strict DER: breaks at byte %zu of %zu",
                              faults.broken_at, der.len);
    } else {
        told = t->cert.der;
        say_all(t);
        note_oddities(t, &faults);
        note_second_reading(t, &faults);
    }
    t->info.size = told.len;
    cas_sha256(told, t->info.sha256);
}

/* Pointers to num strings that stand one behind the other. */
static void point_to_each(const char **pointers, size_t num, const char *text)
{
    size_t at = 0;
    for (size_t i = 0; i < num; i++) {
        pointers[i] = &text[at];
        at += strlen(pointers[i]) + 1;
    }
}

static const char *string_of(const struct teller *t, enum string string, const char *text)
{
    return t->at[string] > 0 ? &text[t->at[string] - 1] : NULL;
}

/* Everything into one block. */
static struct cas_cert_info *pack(const struct teller *t, size_t *out_size)
{
    size_t num_pointers = t->info.san_len + t->info.eku_len;
    size_t size = sizeof(struct block) + num_pointers * sizeof(char *) + t->text.len;
    struct block *block = malloc(size);
    if (block == NULL) {
        return NULL;
    }
    char *text = (char *)&block->pointers[num_pointers];
    if (t->text.len > 0) {
        memcpy(text, t->text.data, t->text.len);
    }
    block->info = t->info;
    block->info.subject = string_of(t, SUBJECT, text);
    block->info.issuer = string_of(t, ISSUER, text);
    block->info.serial = string_of(t, SERIAL, text);
    block->info.not_before = string_of(t, NOT_BEFORE, text);
    block->info.not_after = string_of(t, NOT_AFTER, text);
    block->info.key_type = string_of(t, KEY_TYPE, text);
    block->info.key_curve = string_of(t, KEY_CURVE, text);
    block->info.sig_alg = string_of(t, SIG_ALG, text);
    block->info.note = string_of(t, NOTE, text);
    const char **san = block->pointers;
    const char **eku = &block->pointers[t->info.san_len];
    point_to_each(san, t->info.san_len, &text[t->san_at]);
    point_to_each(eku, t->info.eku_len, &text[t->eku_at]);
    block->info.san = san;
    block->info.eku = eku;
    *out_size = size;
    return &block->info;
}

static void say_note(struct teller *t)
{
    if (t->note.len > 0) {
        begin(t, NOTE);
        cas_buf_append(&t->text, cas_buf_view(&t->note));
        end(t);
    }
}

struct cas_cert_info *cas_cert_describe(struct cas_view der, size_t *out_size)
{
    struct teller t = {
        .info = { .not_before_s = INT64_MIN, .not_after_s = INT64_MAX },
        .text = cas_buf_init(TEXT_MAX, NULL),
        .note = cas_buf_init(NOTE_MAX, NULL),
    };
    struct cas_cert_info *info = NULL;
    tell(&t, der);
    say_note(&t);
    if (cas_buf_ok(&t.text) && cas_buf_ok(&t.note)) {
        info = pack(&t, out_size);
    }
    cas_buf_finish(&t.text);
    cas_buf_finish(&t.note);
    return info;
}

void cas_cert_info_destroy(struct cas_cert_info *info)
{
    free(info);
}
