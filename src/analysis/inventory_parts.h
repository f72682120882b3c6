/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the inventory is made of: its servers and their lists, made, found and given up. */
#ifndef CAS_ANALYSIS_INVENTORY_PARTS_H
#define CAS_ANALYSIS_INVENTORY_PARTS_H

#include "analysis/bucket.h"
#include "analysis/inventory.h"

/* "TLS 1.2", "0x7f1c" */
#define CAS_VERSION_TEXT_MAX 16

/* What became of a connection, for all that is known of its client certificate. */
enum cas_outcome {
    CAS_OUTCOME_GOOD,
    CAS_OUTCOME_DOUBTFUL,
    CAS_OUTCOME_FAILED
};

/* One list of a server, or what was seen of it without a list. */
struct cas_inventory_listing {
    struct cas_inventory_host *host;
    struct cas_inventory_listing *next_of_host;
    struct cas_inventory_listing *next; /* in the order of their first handshake */
    struct cas_inventory_listing *previous;
    size_t charged;                     /* its part of the inventory's share */
    struct cas_arena arena;             /* failures */
    char version[CAS_VERSION_TEXT_MAX]; /* of TLS; "" when unknown */
    struct cas_list_report *report;     /* held; NULL when no list was seen */
    uint64_t told_us;                   /* its list went out */
    uint64_t first_us;
    uint64_t last_us;
    uint64_t handshakes;
    uint64_t resumed;
    uint64_t requested[CAS_REQUESTED_HIDDEN + 1];
    uint64_t answers[CAS_ANSWER_HIDDEN + 1];
    uint64_t inferred;
    struct cas_failure_info failures[2 * CAS_FAILURES_MAX];
    size_t failures_len;
    uint64_t failures_count[CAS_OUTCOME_FAILED + 1];
};

/* What its servers share whatever the SNI, for that is the client's word. */
struct cas_inventory_place {
    struct cas_inventory_place *next_in_bucket;
    uint64_t hash;
    struct cas_endpoint endpoint;
    size_t hosts;                            /* it is there as long as one of them is */
    const struct cas_inventory_host *newest; /* of them */
    struct cas_alert_memory memory;
    struct cas_ration ration; /* of saved handshakes */
};

struct cas_inventory_host {
    struct cas_inventory_place *place;
    struct cas_inventory_host *next_in_bucket;
    struct cas_inventory_host *newer;
    struct cas_inventory_host *older;
    uint64_t hash;
    size_t charged;
    char *sni; /* owned: the state's */
    struct cas_inventory_listing *listings;
    struct cas_inventory_listing *current; /* whose list was shown last; or NULL */
    struct cas_bucket returns;             /* lists that come again are told so often */
    struct cas_state_server state;
};

/* NULL when it is not there. */
struct cas_inventory_host *cas_inventory_find(const struct cas_inventory *inventory,
                                              const struct cas_endpoint *endpoint,
                                              const char *sni);

/* As the one seen last, for which others may go; NULL when there is no room. */
struct cas_inventory_host *cas_inventory_add(struct cas_inventory *inventory,
                                             const struct cas_endpoint *endpoint,
                                             const char *sni);

/* As the one seen before all others, if there is room beside them. */
struct cas_inventory_host *cas_inventory_add_oldest(struct cas_inventory *inventory,
                                                    const struct cas_endpoint *endpoint,
                                                    const char *sni);

/* The host was seen now. */
void cas_inventory_touch(struct cas_inventory *inventory, struct cas_inventory_host *host);
void cas_inventory_remove(struct cas_inventory *inventory, struct cas_inventory_host *host);

/* A list of the host, which holds report; other lists, or hosts, go for it. NULL when there is
 * no room. */
struct cas_inventory_listing *cas_inventory_add_listing(struct cas_inventory *inventory,
                                                        struct cas_inventory_host *host,
                                                        struct cas_list_report *report);

#endif
