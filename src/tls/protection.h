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
#include "tls/keylog.h"
#include "tls/opener.h"

/*
 * False, and *out_opener stays as it is, when the suite is not known, the secret has not its
 * length, or memory is refused. A record that does not open does not count.
 */
bool cas_protection_opener(uint16_t cipher, const struct cas_secret *secret,
                           struct cas_budget *budget, struct cas_opener *out_opener);

#endif
