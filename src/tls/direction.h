/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One direction of a connection: searches TLS in it, and again when missing bytes made it lose
 * the records; hands the bytes to its talk in between. Knows no messages.
 */
#ifndef CAS_TLS_DIRECTION_H
#define CAS_TLS_DIRECTION_H

#include <stdbool.h>
#include <stdint.h>

#include <casniff/types.h>

#include "bytes/budget.h"
#include "tls/doubts.h"
#include "tls/finder.h"
#include "tls/talk.h"

enum cas_direction_state {
    CAS_DIRECTION_SEARCHES,
    CAS_DIRECTION_READS,
    CAS_DIRECTION_ENDED
};

struct cas_direction {
    enum cas_direction_state state;
    unsigned end; /* of the flow */
    bool is_after_plaintext;
    bool is_refused;       /* TLS was found, but there was no memory to read it */
    uint32_t missing;      /* reasons of what was missing where it searched */
    struct cas_talk *talk; /* NULL before TLS was found, and when it is refused */
    struct cas_doubts doubts;
    struct cas_finder finder;
    struct cas_budget *budget;
    const struct cas_talk_handler *handler;
};

/* budget and handler must outlive it, and it must not be moved. */
void cas_direction_init(struct cas_direction *direction, unsigned end,
                        enum cas_finder_mode mode, struct cas_budget *budget,
                        const struct cas_talk_handler *handler);
void cas_direction_finish(struct cas_direction *direction);

/* Each of them may hand up messages. */
/* What is left of bytes behind its end is returned. */
struct cas_view cas_direction_bytes(struct cas_direction *direction, struct cas_view bytes);
void cas_direction_hole(struct cas_direction *direction, uint64_t len, enum cas_reason reason);
void cas_direction_doubt(struct cas_direction *direction, struct cas_doubt doubt);
/* Both hellos are known. */
void cas_direction_unlock(struct cas_direction *direction,
                          const struct cas_unlocking *unlocking);
bool cas_direction_awaits_keys(const struct cas_direction *direction);
/* TLS was not found; in these bytes, which came again with this offset, it begins before that
 * one: the search goes back there. */
bool cas_direction_again(struct cas_direction *direction, uint64_t offset,
                         struct cas_view bytes, uint64_t before);
/* TLS was found, whether or not it could be read. */
static inline bool cas_direction_is_tls(const struct cas_direction *direction)
{
    return direction->talk != NULL || direction->is_refused;
}
/* It searches, and nothing of what came so far can be of what it will find. */
bool cas_direction_has_nothing(const struct cas_direction *direction);
/* Something of it was seen, nothing is missing up to TLS, and no TLS can be where nobody looks
 * for it any more. */
bool cas_direction_was_searched_whole(const struct cas_direction *direction);
/* Nothing more of it is read. */
void cas_direction_leave(struct cas_direction *direction);
/* Nobody will read on behind its end. */
void cas_direction_drop_backlog(struct cas_direction *direction);
/* Somebody may. */
bool cas_direction_has_backlog(const struct cas_direction *direction);
/* Nothing more comes of it. */
void cas_direction_close(struct cas_direction *direction, enum cas_reason reason);

#endif
