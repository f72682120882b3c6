/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The handshake event, put together from the facts of a conversation. */
#ifndef CAS_ANALYSIS_HANDSHAKE_EVENT_H
#define CAS_ANALYSIS_HANDSHAKE_EVENT_H

#include "analysis/conclude.h"
#include "analysis/known_certs.h"
#include "analysis/run.h"

/* What the messages of a handshake carried. */
struct cas_handshake_parts {
    struct cas_list_report *report; /* held; NULL when no request was seen */
    struct cas_known_certs server_certs;
    struct cas_known_certs client_certs;
    enum cas_answer certificate_message; /* the client's: EMPTY, CERTIFICATE, or UNSEEN */
};

/* The event without its head; it lives in run->scratch, and as long as facts and parts. */
struct cas_handshake_event cas_handshake_event_make(struct cas_run *run,
                                                    const struct cas_conversation_facts *facts,
                                                    const struct cas_conclusion *conclusion,
                                                    const struct cas_handshake_parts *parts,
                                                    int64_t now_s);

#endif
