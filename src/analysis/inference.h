/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * TLS 1.3 without keys: what the lengths of the encrypted records tell of the handshake in
 * them. Tells nothing unless one reading of them is left.
 */
#ifndef CAS_ANALYSIS_INFERENCE_H
#define CAS_ANALYSIS_INFERENCE_H

#include <stdbool.h>
#include <stdint.h>

#include <casniff/events.h>

#include "tls/conversation.h"

struct cas_inference {
    enum cas_requested requested; /* in the handshake; YES, NO, or HIDDEN: not told */
    enum cas_answer answer;       /* HIDDEN: not told */
    /*
     * The CertificateRequest with its header, when one was sent: these many bytes at least and
     * at most. Equal: exactly; most 0: nothing is known.
     */
    uint32_t request_least;
    uint32_t request_most;
    uint32_t around_list;    /* of it, beside the list of names: at least these many */
    bool client_broke_off;   /* it sent an alert in place of its answer */
    bool server_sent_alert;  /* after the client's answer, and nothing else */
    bool may_be_asked_later; /* the client allows a request after the handshake */
};

struct cas_inference cas_infer(const struct cas_conversation_facts *facts);

#endif
