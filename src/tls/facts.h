/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Hellos into the facts that are kept of them. */
#ifndef CAS_TLS_FACTS_H
#define CAS_TLS_FACTS_H

#include <stdbool.h>
#include <stdint.h>

#include "bytes/budget.h"
#include "tls/conversation.h"
#include "tls/fingerprint_cache.h"
#include "tls/handshake.h"

/* How a message was read. */
struct cas_facts_result {
    bool is_malformed;
    bool is_refused; /* for lack of memory not everything was kept */
};

/* facts are empty; prints may be NULL. */
struct cas_facts_result cas_client_hello_facts_take(struct cas_client_hello_facts *facts,
                                                    const struct cas_handshake_message *message,
                                                    struct cas_budget *budget,
                                                    struct cas_fingerprint_cache *prints);
void cas_client_hello_facts_finish(struct cas_client_hello_facts *facts,
                                   struct cas_budget *budget);

/* facts may hold an earlier ServerHello: it is replaced if it was a HelloRetryRequest. */
struct cas_facts_result cas_server_hello_facts_take(struct cas_server_hello_facts *facts,
                                                    const struct cas_handshake_message *message,
                                                    struct cas_budget *budget,
                                                    struct cas_fingerprint_cache *prints);

#endif
