/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/keeper.h"

#include <casniff/evidence.h>

#include "bytes/apart.h"
#include "net/early.h"
#include "net/ip.h"

/* What kept frames may take of the memory that the tables leave: the verdicts need the rest. */
#define POOL_SHARE  4
#define EARLY_SHARE 16

struct cas_keeper {
    struct cas_kept_pool pool;
    struct cas_early early;
};

struct cas_keeper *cas_keeper_create(struct cas_budget *budget, struct cas_counters *counters)
{
    struct cas_keeper *keeper = cas_budget_alloc(budget, sizeof(*keeper));
    if (keeper == NULL) {
        return NULL;
    }
    size_t room = budget->limit - budget->used;
    keeper->pool = (struct cas_kept_pool){
        .budget = budget,
        .counters = counters,
        .limit = room / POOL_SHARE,
    };
    if (!cas_early_init(&keeper->early, budget, room / EARLY_SHARE)) {
        cas_budget_free(budget, keeper, sizeof(*keeper));
        return NULL;
    }
    return keeper;
}

void cas_keeper_destroy(struct cas_keeper *keeper)
{
    if (keeper != NULL) {
        struct cas_budget *budget = keeper->pool.budget;
        cas_early_finish(&keeper->early, budget);
        cas_budget_free(budget, keeper, sizeof(*keeper));
    }
}

struct cas_kept_pool *cas_keeper_pool(struct cas_keeper *keeper)
{
    return &keeper->pool;
}

void cas_keeper_keep(struct cas_keeper *keeper, struct cas_connection *connection,
                     const struct cas_arrival *arrival)
{
    if (cas_connection_declines(connection, arrival)) {
        return;
    }
    if (arrival->joined != NULL) {
        cas_kept_append(&connection->kept, &keeper->pool, arrival->joined->frames);
    } else {
        cas_kept_add(&connection->kept, &keeper->pool, arrival->frame);
    }
}

unsigned cas_keeper_expected(const struct cas_embryo *embryo)
{
    return embryo == NULL ? 0 : embryo->flags / (unsigned)CAS_EMBRYO_EARLY & CAS_EARLY_ALL;
}

void cas_keeper_keep_early(struct cas_keeper *keeper, struct cas_embryo *embryo,
                           const struct cas_arrival *arrival)
{
    unsigned what = (arrival->tcp.flags & CAS_TCP_SYN) != 0 ? CAS_EARLY_SYN : CAS_EARLY_END;
    what <<= arrival->side;
    if (cas_keeper_expected(embryo) == 0) {
        cas_early_forget(&keeper->early, arrival->hash); /* an embryo's that was given up */
    }
    if (arrival->joined == NULL) {
        cas_early_add(&keeper->early, arrival->hash, arrival->frame, what);
    }
    embryo->flags |= (unsigned)CAS_EMBRYO_EARLY * what;
}

void cas_keeper_keep_ack(struct cas_keeper *keeper, const struct cas_arrival *arrival)
{
    if (arrival->joined == NULL) {
        cas_early_add_ack(&keeper->early, arrival->hash, arrival->frame);
    }
}

void cas_keeper_adopt(struct cas_keeper *keeper, struct cas_connection *connection,
                      const struct cas_arrival *arrival, unsigned expected)
{
    if (expected == 0) {
        cas_early_forget(&keeper->early, arrival->hash);
    }
    unsigned there =
        cas_early_take(&keeper->early, arrival->hash, &connection->kept, &keeper->pool);
    for (unsigned lost = expected & ~there; lost != 0; lost &= lost - 1) {
        cas_kept_miss(&connection->kept, &keeper->pool);
    }
}

CAS_APART void cas_keeper_tell_late(const struct cas_flow_handler *handler,
                                    const struct cas_arrival *arrival)
{
    const struct cas_endpoint end[2] = {
        cas_ip_end(arrival->ip.source, arrival->tcp.source_port),
        cas_ip_end(arrival->ip.destination, arrival->tcp.destination_port),
    };
    if (arrival->joined == NULL) {
        handler->late(handler->ctx, end, arrival->frame);
        return;
    }
    const struct cas_kept *frames = arrival->joined->frames;
    const struct cas_evidence all = { .frames_len = frames->len, .kept = frames };
    struct cas_evidence_cursor cursor = { 0 };
    struct cas_frame frame;
    while (cas_evidence_next(&all, &cursor, &frame)) {
        handler->late(handler->ctx, end, &frame);
    }
}
