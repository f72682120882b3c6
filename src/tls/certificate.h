/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A Certificate message of SSL 3.0 to TLS 1.2, or what came of it; the list is split above. */
#ifndef CAS_TLS_CERTIFICATE_H
#define CAS_TLS_CERTIFICATE_H

#include "tls/conversation.h"
#include "tls/handshake.h"

void cas_certificate_parse(const struct cas_handshake_message *message,
                           struct cas_certificate_message *out_certificate);

#endif
