/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A second opinion on distinguished names, slow and plain: X.690, RFC 4514 and OpenSSL's
 * canonical form read anew, by index, without a line of src/x509 but the table of attribute
 * names, and of src/bytes but the set of the safe characters.
 */
#ifndef CAS_FUZZ_DN_REFERENCE_H
#define CAS_FUZZ_DN_REFERENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes that grow. */
struct pile {
    uint8_t *bytes;
    size_t len;
    size_t room;
};

bool dn_reference_is_valid(const uint8_t *name, size_t len);
void dn_reference_format(const uint8_t *name, size_t len, struct pile *out);
/* Of a valid name. */
void dn_reference_canonical(const uint8_t *name, size_t len, struct pile *out);
bool dn_reference_contains(const uint8_t *name, size_t len, const char *text);

#endif
