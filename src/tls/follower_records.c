/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the records that are followed say of another handshake. */
#include "tls/follower_inside.h"

/* A HelloRequest in one record, with whatever protection, is not longer; a hello is, or what
 * follows it. */
#define OFFER_MAX 96

static struct cas_later *need_later(struct cas_follower *follower,
                                    const struct cas_tls_context *context)
{
    if (follower->later == NULL) {
        follower->later = cas_budget_alloc(context->budget, sizeof(*follower->later));
    }
    return follower->later;
}

void cas_follower_drop_later(struct cas_follower *follower,
                             const struct cas_tls_context *context)
{
    cas_budget_free(context->budget, follower->later, sizeof(*follower->later));
    follower->later = NULL;
}

static void add_record(struct cas_later_side *side, uint16_t len)
{
    if (side->records < CAS_LATER_RECORDS_MAX) {
        side->len[side->records] = len;
    }
    if (side->records < UINT8_MAX) {
        side->records++;
    }
}

static void add_change(struct cas_later_side *side)
{
    if (!side->has_change) {
        side->has_change = true;
        side->before_change = side->records;
    }
}

/* Of a record of the handshake, or of ChangeCipherSpec. */
static void add_later(struct cas_look *look, uint8_t type, uint16_t len)
{
    struct cas_followed *side = &look->side;
    const struct cas_frame *frame = look->glimpse->frame;
    unsigned end = look->glimpse->end;

    side->has_handshake |= type == CAS_RECORD_HANDSHAKE && len > OFFER_MAX;
    side->has_change |= type == CAS_RECORD_CHANGE_CIPHER_SPEC;
    struct cas_later *later = need_later(look->follower, look->context);
    if (later == NULL) {
        return;
    }
    later->side[end].is_broken |= side->is_broken;
    if (type == CAS_RECORD_HANDSHAKE) {
        add_record(&later->side[end], len);
    } else {
        add_change(&later->side[end]);
    }
    if (frame != NULL) {
        later->last_us = frame->timestamp_us;
        later->last_frame = frame->number;
    }
}

/* What does not belong into a handshake of this side, which has not ended. An alert may refuse
 * what the other side offers. */
static void mix(struct cas_look *look)
{
    unsigned end = look->glimpse->end;

    if (!look->side.has_change) {
        struct cas_later *later = need_later(look->follower, look->context);
        if (later != NULL) {
            later->side[end].is_mixed = true;
        }
    }
}

void cas_look_take_record(struct cas_look *look, uint8_t type, uint16_t len)
{
    switch (type) {
    case CAS_RECORD_HANDSHAKE:
    case CAS_RECORD_CHANGE_CIPHER_SPEC:
        add_later(look, type, len);
        break;
    case CAS_RECORD_ALERT:
        mix(look);
        break;
    case CAS_RECORD_APPLICATION_DATA:
        look->side.is_broken &= look->side.has_handshake;
        if (look->side.has_handshake) {
            mix(look);
        }
        break;
    default:
        break;
    }
}

void cas_follower_note(struct cas_follower *follower, const struct cas_tls_context *context,
                       unsigned end, const struct cas_record *record,
                       const struct cas_frame *frame)
{
    const struct cas_glimpse glimpse = { .frame = frame, .end = end };
    struct cas_look look = {
        .follower = follower,
        .context = context,
        .glimpse = &glimpse,
        .side = follower->side[end],
    };

    cas_look_take_record(&look, record->type, record->len);
    follower->side[end] = look.side;
}

void cas_followed_distrust(struct cas_followed *side, struct cas_later *later, unsigned end)
{
    side->is_broken = true;
    if (later != NULL) {
        later->side[end].is_broken = true;
    }
}

/* Nobody sends ChangeCipherSpec before the other side's hello, nor without one of its own. */
bool cas_follower_has_handshake(const struct cas_follower *follower)
{
    const struct cas_followed *side = follower->side;

    return (side[0].has_handshake && side[1].has_handshake) || side[0].has_change ||
           side[1].has_change;
}

bool cas_follower_has_end(const struct cas_follower *follower)
{
    const struct cas_later *later = follower->later;

    for (unsigned end = 0; end < 2; end++) {
        if (follower->side[end].state != CAS_FOLLOWED_NOT && later != NULL &&
            !cas_later_is_complete(&later->side[end])) {
            return false;
        }
    }
    return cas_follower_has_handshake(follower);
}

void cas_follower_forget(struct cas_follower *follower, const struct cas_tls_context *context)
{
    for (unsigned end = 0; end < 2; end++) {
        follower->side[end].has_handshake = false;
        follower->side[end].has_change = false;
    }
    cas_follower_drop_later(follower, context);
}
