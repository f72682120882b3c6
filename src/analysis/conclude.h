/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From what was seen of a handshake to what happened in it: was a certificate asked for, what
 * was the answer, was the connection established. Concludes only what the facts carry.
 */
#ifndef CAS_ANALYSIS_CONCLUDE_H
#define CAS_ANALYSIS_CONCLUDE_H

#include <stdbool.h>

#include <casniff/events.h>

#include "analysis/inference.h"
#include "tls/conversation.h"

/* Why no more of the handshake comes. */
enum cas_handshake_end {
    CAS_HANDSHAKE_OVER,   /* it went as far as it can be followed */
    CAS_HANDSHAKE_CLOSED, /* the connection was closed before that */
    CAS_HANDSHAKE_RESET,  /* or reset, which somebody else may have sent: it may have gone on */
    CAS_HANDSHAKE_LEFT    /* the capture ended, or the connection was given up */
};

struct cas_conclusion {
    bool is_tls13;
    bool is_resumed;
    bool is_psk; /* TLS 1.3: of a pre-shared key, from an earlier session or another source */
    bool
        offers_ech; /* RFC 9849: when it is refused, the client answers without a certificate */
    bool is_decrypted;         /* the encrypted part was read, with a key log */
    bool is_renegotiated;      /* an encrypted handshake came after the first */
    bool has_several_requests; /* which of them was answered is not known */
    /* What the client said is not beyond doubt, its Certificate message or what is around it.
     */
    bool is_answer_in_doubt;
    bool has_skipped_answer; /* it was asked, and went on without any Certificate message */
    enum cas_requested requested;
    enum cas_how how; /* of requested and answer */
    enum cas_answer answer;
    enum cas_established established;
    struct cas_inference inference;                  /* of TLS 1.3, or of the renegotiation */
    const struct cas_alert_facts *fatal_from_client; /* the first that was read; or NULL */
    const struct cas_alert_facts *fatal_from_server;
};

/* certificate_message: what the client's Certificate message held; UNSEEN when none was whole.
 */
struct cas_conclusion cas_conclude(const struct cas_conversation_facts *facts,
                                   enum cas_answer certificate_message,
                                   enum cas_handshake_end end);

#endif
