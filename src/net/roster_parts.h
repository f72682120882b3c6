/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files of net/roster.h need of one another, and nobody else:
 *
 *     roster.c         the whole: what is done for each frame, for a new connection, at the end
 *     roster_time.c    whose time is over
 *     roster_room.c    who goes for room, and when room is short
 *     roster_lists.c   on which list an entry is; how a connection becomes a tomb
 */
#ifndef CAS_NET_ROSTER_PARTS_H
#define CAS_NET_ROSTER_PARTS_H

#include <stdbool.h>
#include <stdint.h>

#include "net/roster.h"

/* The lists of those that are followed. */
#define CAS_ROSTER_LIVING 4
extern const enum cas_table_list cas_roster_living[CAS_ROSTER_LIVING];

static inline struct cas_connection *cas_roster_connection(const struct cas_roster *roster,
                                                           uint32_t index)
{
    return roster->table.entry[index].is.connection;
}

static inline bool cas_roster_is_tomb(const struct cas_roster *roster, uint32_t index)
{
    return cas_table_is_tomb(&roster->table.entry[index]);
}

/* The clock in seconds, as tombs keep it. */
static inline uint16_t cas_roster_coarse_now(const struct cas_roster *roster)
{
    return (uint16_t)(roster->clock_us / 1000000);
}

/* --- roster_lists.c --- */

/* What those need that go next after this one is fetched into the cache. */
void cas_roster_fetch_next(const struct cas_roster *roster, uint32_t index);

/* A tomb that is watched becomes a mere one. frame may be NULL here and below. */
void cas_roster_unwatch(struct cas_roster *roster, uint32_t index,
                        const struct cas_frame *frame);

/* The same for room: counted, where it might have told more. */
void cas_roster_evict_watch(struct cas_roster *roster, uint32_t index,
                            const struct cas_frame *frame);

/* A tomb goes from the table. */
void cas_roster_forget(struct cas_roster *roster, uint32_t index);

/* Closes a connection; it becomes a tomb, or what is watched: what its last bytes bring may
 * begin a watch. */
void cas_roster_bury(struct cas_roster *roster, uint32_t index, const struct cas_frame *frame,
                     enum cas_close close, enum cas_reason reason);

/* --- roster_time.c --- */

/* Never back, and by a second at most. */
void cas_roster_advance_clock(struct cas_roster *roster, uint64_t timestamp_us);

/* Ends those that have been silent too long, and tells those that are ripe: so many of each
 * list at most. */
void cas_roster_expire(struct cas_roster *roster, unsigned most, const struct cas_frame *frame);

/* --- roster_room.c --- */

/* Emergency begins at 80 % of the table or of the memory beside it, and ends at 50 % of both.
 */
void cas_roster_judge_room(struct cas_roster *roster);

/* Kept frames are for the curious: they go before they cost a verdict, or patience. */
void cas_roster_shed_frames(struct cas_roster *roster);

/* Above the mark somebody goes. */
void cas_roster_free_memory(struct cas_roster *roster, const struct cas_frame *frame);

/* There is a place in the table for this one. */
void cas_roster_make_room(struct cas_roster *roster, const struct cas_arrival *arrival);

#endif
