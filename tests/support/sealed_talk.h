/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A connection of TLS 1.3 with its keys: hellos in the clear, then whatever a test has sealed.
 */
#ifndef CAS_TEST_SEALED_TALK_H
#define CAS_TEST_SEALED_TALK_H

#include <stddef.h>

#include "support/tls_recorder.h"
#include "support/tls_sealer.h"

/* Extensions of the ClientHello (RFC 8446, 4.2). */
#define TLS_EARLY_DATA          42
#define TLS_POST_HANDSHAKE_AUTH 49

struct sealed_talk {
    struct tls_recorder recorder;
    struct cas_keylog *keylog;
    struct tls_sealer sealer[TLS_KEYS];
};

/* wrong: this secret in the key log is another one; TLS_KEYS: none. Nothing is sent. */
void sealed_talk_init(struct sealed_talk *talk, enum tls_key wrong);
void sealed_talk_finish(struct sealed_talk *talk);

/* Both hellos; extension: of the client's, 0 for none. */
void sealed_talk_hellos(struct sealed_talk *talk, unsigned extension);

/* init and hellos with the right keys. */
void sealed_talk_begin(struct sealed_talk *talk, unsigned extension);

/* One record, sent by the side whose key it is. */
void sealed_talk_say(struct sealed_talk *talk, enum tls_key key, unsigned type,
                     struct cas_view content);
/* A handshake record that holds one message with a body of len bytes. */
void sealed_talk_message(struct sealed_talk *talk, enum tls_key key, unsigned type, size_t len);
/* Bytes as they are. */
void sealed_talk_send(struct sealed_talk *talk, enum tls_key key, struct cas_view bytes);

/* A CertificateRequest that lists two names of 40 bytes. */
void sealed_talk_request(struct sealed_talk *talk, enum tls_key key);
/* EncryptedExtensions, that request if wanted, Certificate, CertificateVerify, Finished. */
void sealed_talk_server_flight(struct sealed_talk *talk, size_t requests);
/* An empty Certificate, if wanted, and Finished. */
void sealed_talk_client_flight(struct sealed_talk *talk, size_t certificates);

/* Both sides have closed. */
const struct cas_conversation_facts *sealed_talk_close(struct sealed_talk *talk);

#endif
