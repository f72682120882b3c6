/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A connection of TLS 1.2 or older behind its handshake: record headers alone, so that another
 * handshake is noticed. Nothing is copied and nothing read but five bytes a record. Small, for
 * there may be many; and it ends soon: a server that asks for a certificate late does so before
 * it answers the first requests.
 */
#ifndef CAS_TLS_FOLLOWER_H
#define CAS_TLS_FOLLOWER_H

#include <stdbool.h>
#include <stdint.h>

#include <casniff/types.h>

#include "tls/record.h"

/* Of each direction, behind its handshake: so many records, so many bytes. */
#define CAS_FOLLOWER_RECORDS_MAX 64
#define CAS_FOLLOWER_BYTES_MAX   131072

struct cas_followed {
    struct cas_record_layer records;
    uint32_t bytes;
    bool is_on;
    bool has_handshake; /* a handshake record came */
};

struct cas_follower {
    struct cas_followed side[2]; /* by the flow's ends */
    bool has_handshake;          /* one was seen: nothing more is looked for */
    bool has_lost;               /* a header was missing: that side is not followed any more */
};

/* Begins where the records of this end stand. */
void cas_follower_begin(struct cas_follower *follower, unsigned end,
                        const struct cas_record_layer *records);

void cas_follower_push(struct cas_follower *follower, unsigned end, struct cas_view bytes);
void cas_follower_miss(struct cas_follower *follower, unsigned end, uint64_t len);

bool cas_follower_is_on(const struct cas_follower *follower);

#endif
