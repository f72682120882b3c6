/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What both sides of a connection said, as the facts of one conversation. */
#ifndef CAS_TLS_JOIN_H
#define CAS_TLS_JOIN_H

#include "tls/conversation.h"
#include "tls/direction.h"

/*
 * Which end is the client, as the messages of both say; when they contradict, as their hellos
 * do, and else end 0, which has opened the connection. -1: nothing tells.
 */
int cas_join_client_end(const struct cas_direction sides[2]);

/*
 * Everything but the ClientHello, which stays as it is in facts. Where nothing tells which side
 * is the client, end 0 stands for it.
 */
void cas_join(const struct cas_direction sides[2], struct cas_conversation_facts *facts);

/* Both sides claim the same role: what either says may be a forger's. */
bool cas_join_are_equal(const struct cas_direction sides[2]);

#endif
