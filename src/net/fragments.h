/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Puts IP packets together from their fragments (RFC 791, 3.2; RFC 8200, 4.5), for a while and
 * within a share of the memory. Knows IP; knows nothing of what is in the packets, but that it
 * may be TCP.
 *
 * Which bytes count where fragments overlap is for each receiver to say, and receivers differ:
 * such a packet is discarded with all that still comes of it (RFC 5722; IPv4 alike). A fragment
 * that comes twice just as it was is none of that. A packet that was put together is remembered
 * for a moment: fragments that say the same of it are copies, and one that says something else
 * brings it into doubt, for one of the two is a forgery. Nothing is guessed: a packet of which
 * a part is missing after a while, or which had to make room, is told as lost, and counted.
 *
 * At most 1,024 packets at once, and 4 MiB or a sixteenth of the memory. The oldest go first,
 * of those that are finished or of those that wait: of which there are more.
 */
#ifndef CAS_NET_FRAGMENTS_H
#define CAS_NET_FRAGMENTS_H

#include <stdbool.h>
#include <stdint.h>

#include <casniff/counters.h>
#include <casniff/types.h>

#include "bytes/budget.h"
#include "net/ip.h"
#include "net/kept.h"
#include "net/link.h"

#define CAS_FRAGMENTS_PACKETS 1024
#define CAS_FRAGMENTS_BYTES   ((size_t)4 << 20)

struct cas_fragments_config {
    struct cas_budget *budget;
    struct cas_counters *counters;
    struct cas_kept_pool *pool; /* their frames are kept there; NULL: they are not */
    uint8_t hash_key[16];
    void *ctx;
    /*
     * A packet will not be put together, though its beginning is there: what there is of it.
     * wire_len goes as far as any fragment did: with more of them it is told again. frames are
     * those of the fragments since then; NULL: none are kept. Valid during the call. False when
     * nobody lacks it: more of it is not told.
     *
     * disputing is NULL, or the frame of a fragment that contradicts the packet as it was put
     * together, and given, before: what came of it is in doubt.
     */
    bool (*lost)(void *ctx, const struct cas_link_packet *link,
                 const struct cas_ip_packet *packet, const struct cas_kept *frames,
                 const struct cas_frame *disputing);
};

/* A packet as if it had come whole. Valid until cas_fragments_let_go(). */
struct cas_joined {
    struct cas_ip_packet packet;   /* its addresses are those of the last fragment */
    const struct cas_kept *frames; /* of all its fragments; NULL: none are kept */
};

struct cas_fragments;

/* NULL when memory is refused. */
struct cas_fragments *cas_fragments_create(const struct cas_fragments_config *config);

/* Tells nothing. */
void cas_fragments_destroy(struct cas_fragments *fragments);

/* A fragment came, as cas_ip_parse() told it. True: it was the last that was missing. */
bool cas_fragments_push(struct cas_fragments *fragments, const struct cas_link_packet *link,
                        const struct cas_ip_packet *fragment, const struct cas_frame *frame,
                        uint64_t now_us, struct cas_joined *out_joined);

/* What the last call gave is not needed any more; its bytes are remembered. */
void cas_fragments_let_go(struct cas_fragments *fragments);

/* When the first fragment came of the packet that waits longest; UINT64_MAX: none waits. */
uint64_t cas_fragments_since(const struct cas_fragments *fragments);

/* Loses those of which the first fragment came before a time; a bounded number of them. */
void cas_fragments_expire(struct cas_fragments *fragments, uint64_t before_us);

/* The capture has ended: loses all that wait. */
void cas_fragments_finish(struct cas_fragments *fragments);

#endif
