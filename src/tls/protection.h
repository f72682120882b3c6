/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Opens the records of one direction of TLS 1.3 with a traffic secret (RFC 8446, 5 and 7.3).
 * Every record is authenticated. Knows no messages.
 */
#ifndef CAS_TLS_PROTECTION_H
#define CAS_TLS_PROTECTION_H

#include <stdbool.h>
#include <stdint.h>

#include <casniff/types.h>

#include "bytes/budget.h"
#include "bytes/buf.h"
#include "tls/keylog.h"

struct cas_protection;

/* NULL when the suite is not known, the secret has not its length, or memory is refused. */
struct cas_protection *cas_protection_create(uint16_t cipher, const struct cas_secret *secret,
                                             struct cas_budget *budget);
/* Wipes the keys. */
void cas_protection_destroy(struct cas_protection *protection);

enum cas_opening {
    CAS_OPENING_GOOD,
    CAS_OPENING_BAD, /* not of this secret, not the next record, or altered */
    CAS_OPENING_NO_MEMORY
};

/*
 * The next record: its 5-byte header and its body. The content comes to lie in out_content,
 * which is cleared, and *out_type is its type. A record that is not good does not count.
 */
enum cas_opening cas_protection_open(struct cas_protection *protection, struct cas_view header,
                                     struct cas_view body, struct cas_buf *out_content,
                                     uint8_t *out_type);

/* KeyUpdate (RFC 8446, 7.2): the next record is of the next secret. */
void cas_protection_update(struct cas_protection *protection);

#endif
