/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A connection of TLS 1.2 or older behind its handshake: record headers alone, so that another
 * handshake is noticed. Nothing is copied and nothing read but five bytes a record. Of each
 * side it is known where the next header stands; what lies before it need not be shown.
 *
 *      |17 03 03 40 18| ............ 16,408 bytes ............ |17 03 03 ...
 *      next                                                    then here
 *
 * When that header does not come, or is none, another is searched in what does: one of the
 * connection's version is believed when it is followed by a second where it says. Within
 * CAS_FOLLOWER_REACH, else that side is given up.
 *
 * The first byte that came wins, but whoever forges a header takes out all that it says is its
 * body. So when the last header comes again, and differs, neither is believed: another one is
 * searched in what follows.
 *
 * Counted here: CAS_COUNT_SYNC_LOST, _SYNC_FOUND, _SYNC_GIVEN_UP.
 */
#ifndef CAS_TLS_FOLLOWER_H
#define CAS_TLS_FOLLOWER_H

#include <stdbool.h>
#include <stdint.h>

#include "net/flows.h"
#include "tls/conversation.h"
#include "tls/later.h"
#include "tls/record.h"

/* So many bytes are searched for one header: more than a hundred records of the usual length.
 */
#define CAS_FOLLOWER_REACH (1u << 20)

enum cas_followed_state {
    CAS_FOLLOWED_READ,    /* somebody else reads it, and notes what is found */
    CAS_FOLLOWED_HEADERS, /* a header is awaited */
    CAS_FOLLOWED_LOST,    /* it did not come: another is searched */
    CAS_FOLLOWED_NOT      /* given up, or never begun */
};

/* Many are kept, so it is small. */
struct cas_followed {
    uint32_t candidate; /* searching: where a header stands that may be one */
    uint16_t searched;  /* how far, in units */
    /* As far as it came, or else the last one; searching: the candidate's. */
    uint8_t header[CAS_RECORD_HEADER_LEN];
    uint8_t header_len;
    uint8_t state;      /* enum cas_followed_state */
    bool has_handshake; /* a handshake record came that is more than an offer */
    bool has_change;    /* ChangeCipherSpec came */
    bool is_broken;     /* records may have been missed since there was application data */
};

struct cas_follower {
    struct cas_followed side[2]; /* by the flow's ends */
    struct cas_later *later;     /* what came; NULL: nothing, or no memory for it */
    uint8_t minor;               /* of the records' version */
};

/* Of positions. */
struct cas_follower_range {
    uint32_t from;
    uint32_t to; /* behind the last */
};

/* A header is awaited at this position. */
void cas_follower_begin(struct cas_follower *follower, unsigned end, uint8_t minor);

/* And this was the last one. */
void cas_follower_set_last(struct cas_follower *follower, unsigned end,
                           const struct cas_record *record);

/* This end cannot be followed. */
void cas_follower_leave(struct cas_follower *follower, unsigned end);

/*
 * Bytes of an end, in order, maybe not all that were sent. glimpse->next is the position
 * awaited, and is set to the next one; is_last is set when no more of this end is of use. False
 * when a record other than application data begins in it and the glimpse is not believed: then
 * nothing was done.
 */
bool cas_follower_push(struct cas_follower *follower, const struct cas_tls_context *context,
                       struct cas_glimpse *glimpse);

/*
 * Bytes of an end are in doubt, though they came; next is what is awaited of it. True when that
 * is not known any more: then it is what comes next, whatever that is.
 */
bool cas_follower_doubt(struct cas_follower *follower, unsigned end, uint32_t next,
                        struct cas_follower_range range);

/* A record behind the first handshake, seen by who reads that end. frame may be NULL. */
void cas_follower_note(struct cas_follower *follower, const struct cas_tls_context *context,
                       unsigned end, const struct cas_record *record,
                       const struct cas_frame *frame);

/* What came of another handshake is told by who has read it: it is forgotten. */
void cas_follower_forget(struct cas_follower *follower, const struct cas_tls_context *context);

/* Another handshake was begun, and taken up: both ends have shown it, or one has gone on beyond
 * an offer, which may be refused. */
bool cas_follower_has_handshake(const struct cas_follower *follower);

/* And its end was seen, of both that are followed. */
bool cas_follower_has_end(const struct cas_follower *follower);

/* Something may still be seen. */
bool cas_follower_is_on(const struct cas_follower *follower);

/* Gives back memory; what was being searched is counted as lost. */
void cas_follower_finish(struct cas_follower *follower, const struct cas_tls_context *context);

#endif
