/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is left of a finished connection in its entry of the table: enough to tell a new one
 * from its echo, and to know its FINs when they are evidence. Knows nothing of the table.
 */
#ifndef CAS_NET_TOMB_H
#define CAS_NET_TOMB_H

#include <stdbool.h>

#include "net/connection.h"
#include "net/table.h"

/* The entry keeps what it needs of its connection, which it forgets. */
void cas_tomb_make(struct cas_table_entry *entry, const struct cas_connection *connection);

/* Where that lies: beside a watch when there is one. */
struct cas_tomb *cas_tomb_of(struct cas_table_entry *entry);

/* Whether a SYN, or what follows one, shows that a new connection has taken a tomb's place. */
bool cas_tomb_is_reused(struct cas_table_entry *entry, const struct cas_arrival *arrival);

/* A SYN that may be a new connection's: it is remembered. */
void cas_tomb_note_syn(struct cas_table_entry *entry, const struct cas_arrival *arrival);

/* Whether this is the FIN or RST that is waited for; asked again, it is not. */
bool cas_tomb_awaits(struct cas_table_entry *entry, const struct cas_arrival *arrival);

#endif
