/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What SYNs, their answers, FINs and RSTs say of a connection of which no data was seen yet:
 * which numbers its sides begin with, where they do not agree. Knows that any of them may be
 * forged, by somebody who sees the others or by somebody who guesses; nothing of the data that
 * decides between them.
 *
 *   - a SYN counts until it is answered; of several, the one that is
 *   - an answer to another SYN than that is another attempt, if there was such a SYN
 *   - what was said before, or without need, is kept as the other number:
 *     net/stream_numbers.h
 */
#ifndef CAS_NET_ATTEMPT_H
#define CAS_NET_ATTEMPT_H

#include <stdint.h>

#include "net/connection.h"
#include "net/embryos.h"

/* A SYN, with or without ACK. */
void cas_attempt_note_syn(struct cas_embryo *embryo, const struct cas_arrival *arrival);

/* The checksum of what came of it: good ones are remembered, and that wrong ones were believed.
 */
void cas_attempt_note_sum(struct cas_embryo *embryo, const struct cas_arrival *arrival);

/* A FIN or RST that was captured before the data that it ends. */
void cas_attempt_note_end(struct cas_embryo *embryo, const struct cas_arrival *arrival);

#endif
