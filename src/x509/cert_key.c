/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "x509/cert_parts.h"
#include "x509/der.h"
#include "x509/oids.h"

/* How long the number is, without its leading zeros. */
static uint32_t bits_of_integer(struct cas_view integer)
{
    struct cas_reader r = cas_reader_init(integer);
    uint8_t first = 0;
    while (cas_reader_left(&r) > 0 && first == 0) {
        first = cas_reader_u8(&r);
    }
    uint32_t bits = (uint32_t)cas_reader_left(&r) * 8;
    for (; first > 0; first >>= 1) {
        bits++;
    }
    return bits;
}

/* SEQUENCE { INTEGER, ... }: RSA's modulus, the prime of DSA and DH. */
static uint32_t bits_of_first(struct cas_view sequence)
{
    struct cas_reader outer = cas_reader_init(sequence);
    struct cas_reader r = cas_reader_init(cas_der_take(&outer, CAS_DER_SEQUENCE).content);
    return bits_of_integer(cas_der_take(&r, CAS_DER_INTEGER).content);
}

/* ECParameters ::= CHOICE { namedCurve OBJECT IDENTIFIER, ... } (RFC 5480, 2.1.1) */
static void read_curve(struct cas_view params, struct cas_cert_key *key)
{
    struct cas_reader r = cas_reader_init(params);
    struct cas_der curve = cas_der_next(&r);
    if (curve.tag != CAS_DER_OID || !cas_oid_is_valid(curve.content)) {
        key->curve = "explicit parameters";
        return;
    }
    key->curve_oid = curve.content;
    key->curve = cas_oid_curve_name(curve.content, &key->bits);
}

struct cas_cert_key cas_cert_key_of(const struct cas_cert *cert)
{
    struct cas_cert_key key = { .type = cas_oid_key_name(cert->key_oid) };
    if (key.type == NULL) {
        return key;
    }
    if (strcmp(key.type, "EC") == 0) {
        read_curve(cert->key_params, &key);
    } else if (strcmp(key.type, "RSA") == 0 || strcmp(key.type, "RSA-PSS") == 0) {
        key.bits = bits_of_first(cert->key_bits);
    } else if (strcmp(key.type, "DSA") == 0 || strcmp(key.type, "DH") == 0) {
        key.bits = bits_of_first(cert->key_params);
    }
    return key;
}
