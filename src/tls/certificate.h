/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A Certificate message, or what came of it; the list is split above. */
#ifndef CAS_TLS_CERTIFICATE_H
#define CAS_TLS_CERTIFICATE_H

#include "tls/conversation.h"
#include "tls/handshake.h"

void cas_certificate_parse(const struct cas_handshake_message *message,
                           struct cas_certificate_message *out_certificate);

/* The form of TLS 1.3. */
void cas_certificate_parse13(const struct cas_handshake_message *message,
                             struct cas_certificate_message *out_certificate);

#endif
