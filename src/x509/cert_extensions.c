/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "x509/cert_parts.h"
#include "x509/der.h"

/* All return false when the value is not what its extension says, and leave cert alone then. */

/* KeyIdentifier ::= OCTET STRING */
static bool read_ski(struct cas_reader *r, struct cas_cert *cert)
{
    struct cas_view id = cas_der_take(r, CAS_DER_OCTET_STRING).content;
    if (!cas_reader_done(r)) {
        return false;
    }
    cert->ski = id;
    return true;
}

/* SEQUENCE { [0] KeyIdentifier, [1] GeneralNames, [2] INTEGER }, all OPTIONAL */
static bool read_aki(struct cas_reader *r, struct cas_cert *cert)
{
    struct cas_reader fields = cas_reader_init(cas_der_take(r, CAS_DER_SEQUENCE).content);
    struct cas_view id = cas_der_take_optional(&fields, CAS_DER_CONTEXT(0)).content;
    (void)cas_der_take_optional(&fields, CAS_DER_CONTEXT_CONSTRUCTED(1));
    (void)cas_der_take_optional(&fields, CAS_DER_CONTEXT(2));
    if (!cas_reader_done(r) || !cas_reader_done(&fields)) {
        return false;
    }
    cert->aki = id;
    return true;
}

/* KeyUsage ::= BIT STRING of up to nine bits, the first byte being the number of unused ones */
static bool read_key_usage(struct cas_reader *r, struct cas_cert *cert)
{
    struct cas_reader bits = cas_reader_init(cas_der_take(r, CAS_DER_BIT_STRING).content);
    cas_reader_skip(&bits, 1);
    if (!cas_reader_done(r) || !cas_reader_ok(&bits) || cas_reader_left(&bits) > 2) {
        return false;
    }
    cert->has_key_usage = true;
    cert->key_usage = (uint16_t)(cas_reader_u8(&bits) << 8);
    cert->key_usage |= cas_reader_u8(&bits);
    return true;
}

/* SEQUENCE { cA BOOLEAN DEFAULT FALSE, pathLenConstraint INTEGER OPTIONAL } */
static bool read_basic_constraints(struct cas_reader *r, struct cas_cert *cert)
{
    struct cas_reader fields = cas_reader_init(cas_der_take(r, CAS_DER_SEQUENCE).content);
    struct cas_der ca = cas_der_take_optional(&fields, CAS_DER_BOOLEAN);
    (void)cas_der_take_optional(&fields, CAS_DER_INTEGER);
    if (!cas_reader_done(r) || !cas_reader_done(&fields) ||
        (ca.tag != 0 && ca.content.len != 1)) {
        return false;
    }
    cert->has_basic_constraints = true;
    cert->is_ca = ca.tag != 0 && ca.content.data[0] != 0;
    return true;
}

/* GeneralNames ::= SEQUENCE OF GeneralName, which is a CHOICE of [0] to [8] */
static bool read_san(struct cas_reader *r, struct cas_cert *cert)
{
    struct cas_view names = cas_der_take(r, CAS_DER_SEQUENCE).content;
    struct cas_reader each = cas_reader_init(names);
    size_t count = 0;
    while (cas_reader_left(&each) > 0) {
        uint8_t tag = cas_der_next(&each).tag;
        if ((tag & 0xc0) != 0x80 || (tag & 0x1f) > 8) {
            return false;
        }
        count++;
    }
    if (!cas_reader_done(r) || !cas_reader_done(&each)) {
        return false;
    }
    cert->san = names;
    cert->san_count = count;
    return true;
}

/* ExtKeyUsageSyntax ::= SEQUENCE OF OBJECT IDENTIFIER */
static bool read_eku(struct cas_reader *r, struct cas_cert *cert)
{
    struct cas_view purposes = cas_der_take(r, CAS_DER_SEQUENCE).content;
    struct cas_reader each = cas_reader_init(purposes);
    while (cas_reader_left(&each) > 0) {
        if (!cas_oid_is_valid(cas_der_take(&each, CAS_DER_OID).content)) {
            return false;
        }
    }
    if (!cas_reader_done(r) || !cas_reader_done(&each)) {
        return false;
    }
    cert->has_eku = true;
    cert->eku = purposes;
    return true;
}

/* Those that casniff reads, all of id-ce: 2.5.29.x. */
static const struct extension {
    uint8_t x;
    const char *name;
    bool (*read)(struct cas_reader *value, struct cas_cert *cert);
} known[] = {
    { 14, "subjectKeyIdentifier", read_ski },
    { 15, "keyUsage", read_key_usage },
    { 17, "subjectAltName", read_san },
    { 19, "basicConstraints", read_basic_constraints },
    { 35, "authorityKeyIdentifier", read_aki },
    { 37, "extKeyUsage", read_eku },
};

#define NUM_KNOWN (sizeof(known) / sizeof(known[0]))

static size_t find(struct cas_view oid)
{
    size_t i = 0;
    while (i < NUM_KNOWN &&
           !cas_view_equal(oid, cas_view_of((uint8_t[]){ 0x55, 0x1d, known[i].x }, 3))) {
        i++;
    }
    return i;
}

static void complain(struct cas_cert_faults *faults, const char *name, const char *fault)
{
    if (faults->extension == NULL) {
        faults->extension = name;
        faults->extension_fault = fault;
    }
}

/* Extension ::= SEQUENCE { OBJECT IDENTIFIER, critical BOOLEAN DEFAULT FALSE, OCTET STRING } */
static bool cut_extension(struct cas_view content, struct cas_view *out_oid,
                          struct cas_view *out_value)
{
    struct cas_reader r = cas_reader_init(content);
    *out_oid = cas_der_take(&r, CAS_DER_OID).content;
    (void)cas_der_take_optional(&r, CAS_DER_BOOLEAN);
    *out_value = cas_der_take(&r, CAS_DER_OCTET_STRING).content;
    return cas_reader_done(&r);
}

bool cas_cert_read_extensions(struct cas_reader *extensions, struct cas_cert *cert,
                              struct cas_cert_faults *faults)
{
    unsigned seen = 0;
    while (cas_reader_left(extensions) > 0) {
        struct cas_reader before = *extensions;
        struct cas_view oid = { 0 };
        struct cas_view value = { 0 };
        struct cas_view sequence = cas_der_take(extensions, CAS_DER_SEQUENCE).content;
        if (cas_reader_ok(extensions) && !cut_extension(sequence, &oid, &value)) {
            *extensions = before; /* it is this one that is told */
            cas_reader_fail(extensions);
        }
        size_t i = find(oid);
        if (i == NUM_KNOWN) {
            continue;
        }
        struct cas_reader inside = cas_reader_init(value);
        if ((seen & 1u << i) != 0) {
            complain(faults, known[i].name, "an extension occurs twice: ");
        } else if (!known[i].read(&inside, cert)) {
            complain(faults, known[i].name, "an extension cannot be read: ");
        }
        seen |= 1u << i;
    }
    return cas_reader_done(extensions);
}
