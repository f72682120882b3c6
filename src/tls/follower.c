/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tls/follower.h"

#include <string.h>

#include "bytes/reader.h"

_Static_assert(sizeof(struct cas_followed) == 16, "one for each side of many connections");

#define SEARCH_UNIT 64

/* A HelloRequest in one record, with whatever protection, is not longer; a hello is, or what
 * follows it. */
#define OFFER_MAX 96

#define MAJOR 3

/* One call of push: decided on a copy, for it may be taken back. */
struct look {
    struct cas_follower *follower;
    const struct cas_tls_context *context;
    const struct cas_glimpse *glimpse;
    struct cas_followed side;
    uint32_t next;
    size_t from; /* where in the glimpse a search begins */
    unsigned found;
    bool is_doubtful;
};

static bool is_searching(const struct cas_followed *side)
{
    return side->state == CAS_FOLLOWED_LOST;
}

/* --- what came --- */

static struct cas_later *need_later(struct cas_follower *follower,
                                    const struct cas_tls_context *context)
{
    if (follower->later == NULL) {
        follower->later = cas_budget_alloc(context->budget, sizeof(*follower->later));
    }
    return follower->later;
}

static void drop_later(struct cas_follower *follower, const struct cas_tls_context *context)
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
static void add_later(struct look *look, uint8_t type, uint16_t len)
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
static void mix(struct look *look)
{
    unsigned end = look->glimpse->end;

    if (!look->side.has_change) {
        struct cas_later *later = need_later(look->follower, look->context);
        if (later != NULL) {
            later->side[end].is_mixed = true;
        }
    }
}

static void take_record(struct look *look, uint8_t type, uint16_t len)
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
    struct look look = {
        .follower = follower,
        .context = context,
        .glimpse = &glimpse,
        .side = follower->side[end],
    };

    take_record(&look, record->type, record->len);
    follower->side[end] = look.side;
}

/* --- headers --- */

/* What stands at the position that is awaited is no header, or was not captured. */
static void lose(struct look *look)
{
    int32_t at = (int32_t)(look->next - look->glimpse->seq);

    look->from = at >= 0 ? (size_t)at + 1 : 0;
    look->side.state = CAS_FOLLOWED_LOST;
    look->side.header_len = 0;
    look->side.searched = 0;
}

static uint16_t body_len(const uint8_t header[CAS_RECORD_HEADER_LEN])
{
    return (uint16_t)(header[3] << 8 | header[4]);
}

static bool is_possible(const uint8_t header[CAS_RECORD_HEADER_LEN])
{
    return header[0] >= CAS_RECORD_CHANGE_CIPHER_SPEC && header[0] <= CAS_RECORD_HEARTBEAT &&
           header[1] == MAJOR && body_len(header) <= CAS_RECORD_CIPHERTEXT_MAX;
}

/* Where nothing but itself speaks for it. */
static bool is_plausible(const struct look *look, const uint8_t header[CAS_RECORD_HEADER_LEN])
{
    return is_possible(header) && header[0] != CAS_RECORD_HEARTBEAT &&
           header[2] == look->follower->minor && body_len(header) > 0;
}

/* A forged handshake would be told: the glimpse that has its header must be believed. */
static bool is_believed(struct look *look, const uint8_t header[CAS_RECORD_HEADER_LEN])
{
    look->is_doubtful = header[0] != CAS_RECORD_APPLICATION_DATA && !look->glimpse->is_believed;
    return !look->is_doubtful;
}

/* Nor may forged bytes end the following: what is no header, or not all of one, says nothing as
 * long as it is not believed. */
static bool is_doubted(struct look *look)
{
    look->is_doubtful = !look->glimpse->is_believed;
    return look->is_doubtful;
}

/* A whole header at the position that is awaited. False: in doubt, or it is none. */
static bool take_header(struct look *look, const uint8_t header[CAS_RECORD_HEADER_LEN])
{
    if (!is_believed(look, header)) {
        return false;
    }
    take_record(look, header[0], body_len(header));
    look->next += CAS_RECORD_HEADER_LEN + body_len(header);
    look->side.header_len = 0;
    return true;
}

/* From where a header is awaited on. False: nothing more to be done here. */
static bool follow_one(struct look *look)
{
    const struct cas_glimpse *glimpse = look->glimpse;
    struct cas_followed *side = &look->side;
    uint32_t at = look->next + side->header_len - glimpse->seq;

    if ((int32_t)at < 0) {
        lose(look);
        return false;
    }
    if (at >= glimpse->wire_len) {
        return false;
    }
    struct cas_view more =
        cas_view_part(glimpse->bytes, at, CAS_RECORD_HEADER_LEN - (size_t)side->header_len);
    if (more.len > 0) {
        memcpy(side->header + side->header_len, more.data, more.len);
        side->header_len = (uint8_t)(side->header_len + more.len);
    }
    if (side->header_len < CAS_RECORD_HEADER_LEN) {
        if (!is_doubted(look) && at + more.len < glimpse->wire_len) {
            lose(look); /* it was not captured */
        }
        return false;
    }
    if (!is_possible(side->header)) {
        if (!is_doubted(look)) {
            lose(look);
        }
        return false;
    }
    return take_header(look, side->header);
}

/* --- search --- */

static void found(struct look *look)
{
    struct cas_followed *side = &look->side;

    if (!is_believed(look, side->header)) {
        return;
    }
    look->found++;
    side->is_broken = true;
    side->state = CAS_FOLLOWED_HEADERS;
    take_record(look, side->header[0], body_len(side->header));
    look->next = side->candidate + CAS_RECORD_HEADER_LEN + body_len(side->header);
    side->header_len = 0;
}

enum proof {
    PROOF_YES,
    PROOF_NO,
    PROOF_LATER /* what the candidate says lies behind the glimpse */
};

/* A second header where the candidate says. */
static enum proof prove(const struct look *look)
{
    const struct cas_followed *side = &look->side;
    const struct cas_glimpse *glimpse = look->glimpse;
    uint32_t at =
        side->candidate + CAS_RECORD_HEADER_LEN + body_len(side->header) - glimpse->seq;

    if ((int32_t)at >= 0 && at >= glimpse->wire_len) {
        return PROOF_LATER;
    }
    struct cas_view second = (int32_t)at < 0
                                 ? (struct cas_view){ 0 }
                                 : cas_view_part(glimpse->bytes, at, CAS_RECORD_HEADER_LEN);
    return second.len == CAS_RECORD_HEADER_LEN && is_plausible(look, second.data) ? PROOF_YES
                                                                                  : PROOF_NO;
}

static void try_candidate(struct look *look, size_t at, const uint8_t *header)
{
    if (!is_plausible(look, header) || !is_believed(look, header)) {
        return;
    }
    look->side.candidate = look->glimpse->seq + (uint32_t)at;
    memcpy(look->side.header, header, CAS_RECORD_HEADER_LEN);
    look->side.header_len = CAS_RECORD_HEADER_LEN;
    switch (prove(look)) {
    case PROOF_YES:
        found(look);
        break;
    case PROOF_NO:
        look->side.header_len = 0;
        break;
    case PROOF_LATER:
        break;
    }
}

/* The first place in the glimpse that is a header, or may be one. */
static void search(struct look *look)
{
    struct cas_view bytes = look->glimpse->bytes;
    struct cas_reader r = cas_reader_init(bytes);

    cas_reader_skip(&r, look->from + 1);
    while (cas_reader_left(&r) > 0 && look->side.header_len == 0 && !look->is_doubtful &&
           is_searching(&look->side)) {
        (void)cas_reader_until(&r, MAJOR);
        size_t at = cas_reader_offset(&r) - 2;
        struct cas_view header = cas_view_part(bytes, at, CAS_RECORD_HEADER_LEN);
        if (header.len == CAS_RECORD_HEADER_LEN) {
            try_candidate(look, at, header.data);
        }
    }
}

static void search_on(struct look *look)
{
    struct cas_followed *side = &look->side;
    const struct cas_glimpse *glimpse = look->glimpse;

    if (side->header_len > 0) {
        switch (prove(look)) {
        case PROOF_YES:
            found(look);
            return;
        case PROOF_NO:
            side->header_len = 0;
            break;
        case PROOF_LATER:
            break;
        }
    }
    if (side->header_len == 0) {
        search(look);
    }
    uint32_t searched = side->searched + glimpse->wire_len / SEARCH_UNIT + 1;
    side->searched = (uint16_t)(searched < UINT16_MAX ? searched : UINT16_MAX);
    if (is_searching(side) && searched > CAS_FOLLOWER_REACH / SEARCH_UNIT) {
        side->state = CAS_FOLLOWED_NOT;
    }
}

/* --- from outside --- */

void cas_follower_begin(struct cas_follower *follower, unsigned end, uint8_t minor)
{
    struct cas_followed *side = &follower->side[end];

    side->state = CAS_FOLLOWED_HEADERS;
    side->header_len = 0;
    follower->minor = minor;
}

void cas_follower_leave(struct cas_follower *follower, unsigned end)
{
    follower->side[end].state = CAS_FOLLOWED_NOT;
}

static void push(struct look *look)
{
    while (!look->is_doubtful) {
        while (look->side.state == CAS_FOLLOWED_HEADERS && follow_one(look)) {
        }
        if (!is_searching(&look->side) || look->is_doubtful) {
            return;
        }
        search_on(look);
        if (look->side.state != CAS_FOLLOWED_HEADERS) {
            return;
        }
    }
}

bool cas_follower_push(struct cas_follower *follower, const struct cas_tls_context *context,
                       struct cas_glimpse *glimpse)
{
    struct cas_followed *side = &follower->side[glimpse->end];
    struct look look = {
        .follower = follower,
        .context = context,
        .glimpse = glimpse,
        .side = *side,
        .next = glimpse->next,
    };

    push(&look);
    if (look.is_doubtful) {
        return false;
    }
    if (look.side.state == CAS_FOLLOWED_NOT) {
        cas_count(context->counters, CAS_COUNT_SYNC_LOST);
        cas_count(context->counters, CAS_COUNT_SYNC_GIVEN_UP);
    }
    cas_count_add(context->counters, CAS_COUNT_SYNC_LOST, look.found);
    cas_count_add(context->counters, CAS_COUNT_SYNC_FOUND, look.found);
    *side = look.side;
    if (side->state == CAS_FOLLOWED_LOST) {
        look.next = glimpse->seq + glimpse->wire_len;
    }
    glimpse->next = look.next;
    glimpse->is_last = side->state == CAS_FOLLOWED_NOT;
    return true;
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

bool cas_follower_is_on(const struct cas_follower *follower)
{
    return follower->side[0].state != CAS_FOLLOWED_NOT ||
           follower->side[1].state != CAS_FOLLOWED_NOT;
}

void cas_follower_forget(struct cas_follower *follower, const struct cas_tls_context *context)
{
    for (unsigned end = 0; end < 2; end++) {
        follower->side[end].has_handshake = false;
        follower->side[end].has_change = false;
    }
    drop_later(follower, context);
}

void cas_follower_finish(struct cas_follower *follower, const struct cas_tls_context *context)
{
    for (unsigned end = 0; end < 2; end++) {
        cas_count_add(context->counters, CAS_COUNT_SYNC_LOST,
                      is_searching(&follower->side[end]));
    }
    drop_later(follower, context);
}
