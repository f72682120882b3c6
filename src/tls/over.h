/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether a handshake is over as far as it matters, although more may come. */
#ifndef CAS_TLS_OVER_H
#define CAS_TLS_OVER_H

#include <stdbool.h>

#include "net/flows.h"
#include "tls/direction.h"

/* As cas_conversation_is_over(): of two sides of which one at least has spoken TLS. */
bool cas_over(const struct cas_direction sides[2], enum cas_close ending);

#endif
