/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between the files of the follower. */
#ifndef CAS_TLS_FOLLOWER_INSIDE_H
#define CAS_TLS_FOLLOWER_INSIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tls/follower.h"

/* One call of push: decided on a copy, for it may be taken back. */
struct cas_look {
    struct cas_follower *follower;
    const struct cas_tls_context *context;
    const struct cas_glimpse *glimpse;
    struct cas_followed side;
    uint32_t next;
    size_t from; /* where in the glimpse a search begins */
    unsigned found;
    bool is_doubtful;
};

/* --- follower_records.c --- */

/* The header of a record was read. */
void cas_look_take_record(struct cas_look *look, uint8_t type, uint16_t len);

/* What was made of the records of this end may be wrong; later may be NULL. */
void cas_followed_distrust(struct cas_followed *side, struct cas_later *later, unsigned end);

void cas_follower_drop_later(struct cas_follower *follower,
                             const struct cas_tls_context *context);

#endif
