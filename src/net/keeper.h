/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which frames are kept for what may become a finding: those of the connections that are
 * followed, from their SYNs on. And those that are shown to the handler at once, for their
 * connection is over. Knows segments; knows nothing of findings.
 */
#ifndef CAS_NET_KEEPER_H
#define CAS_NET_KEEPER_H

#include <casniff/counters.h>

#include "bytes/budget.h"
#include "net/connection.h"
#include "net/embryos.h"
#include "net/kept.h"

struct cas_keeper;

/* Charged to the budget; NULL when memory is refused. */
struct cas_keeper *cas_keeper_create(struct cas_budget *budget, struct cas_counters *counters);
void cas_keeper_destroy(struct cas_keeper *keeper);

/* What the connections' frames are kept in. */
struct cas_kept_pool *cas_keeper_pool(struct cas_keeper *keeper);

/* A segment on its way to its connection: told before, for it may complete the handshake. */
void cas_keeper_keep(struct cas_keeper *keeper, struct cas_connection *connection,
                     const struct cas_arrival *arrival);

/* Which early frames were kept of an embryo (which may be NULL): for cas_keeper_adopt(). */
unsigned cas_keeper_expected(const struct cas_embryo *embryo);

/* A SYN, FIN or RST without data of a connection of which no data was seen, or the ACK that had
 * the first right checksum of its side; its embryo remembers that there is such a frame. One
 * that came in fragments is not kept, but missed. */
void cas_keeper_keep_early(struct cas_keeper *keeper, struct cas_embryo *embryo,
                           const struct cas_arrival *arrival);

/* A bare ACK of nobody: the third of a handshake, perhaps. */
void cas_keeper_keep_ack(struct cas_keeper *keeper, const struct cas_arrival *arrival);

/* A connection begins: the early frames become its first. Those that are expected and have been
 * overwritten are missing. */
void cas_keeper_adopt(struct cas_keeper *keeper, struct cas_connection *connection,
                      const struct cas_arrival *arrival, unsigned expected);

/* A segment of a connection that is over: the handler is shown its frame, or each of those of
 * its fragments. */
void cas_keeper_tell_late(const struct cas_flow_handler *handler,
                          const struct cas_arrival *arrival);

#endif
