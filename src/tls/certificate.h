/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A Certificate message, or what came of it; what the certificates say is read above. */
#ifndef CAS_TLS_CERTIFICATE_H
#define CAS_TLS_CERTIFICATE_H

#include <stdbool.h>

#include "bytes/reader.h"
#include "tls/conversation.h"
#include "tls/handshake.h"

void cas_certificate_parse(const struct cas_handshake_message *message,
                           struct cas_certificate_message *out_certificate);

/* The form of TLS 1.3. */
void cas_certificate_parse13(const struct cas_handshake_message *message,
                             struct cas_certificate_message *out_certificate);

/*
 * The next certificate of message->list, which r reads; it lies in the list. False at its end,
 * and where one is longer than what is left: then r has failed.
 */
bool cas_certificate_next(struct cas_reader *r, const struct cas_certificate_message *message,
                          struct cas_view *out_der);

#endif
