/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A CertificateRequest, or what came of it. Splits the message; the names
 * in the list are split above.
 */
#ifndef CAS_TLS_CERT_REQUEST_H
#define CAS_TLS_CERT_REQUEST_H

#include <stdint.h>

#include "tls/conversation.h"
#include "tls/handshake.h"

/*
 * version is the negotiated one, 0 when the ServerHello was not seen: then the form that uses
 * up the whole message is taken, or else that of the record's version.
 */
void cas_cert_request_parse(const struct cas_handshake_message *message, uint16_t version,
                            struct cas_cert_request *out_request);

/* The form of TLS 1.3: its list is an extension, and empty where that is absent. */
void cas_cert_request_parse13(const struct cas_handshake_message *message,
                              struct cas_cert_request *out_request);

#endif
