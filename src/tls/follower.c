/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tls/follower.h"

#include <string.h>

#include "bytes/reader.h"
#include "tls/follower_inside.h"

_Static_assert(sizeof(struct cas_followed) == 16, "one for each side of many connections");

#define SEARCH_UNIT 64

#define MAJOR 3

static bool is_searching(const struct cas_followed *side)
{
    return side->state == CAS_FOLLOWED_LOST;
}

static uint32_t end_of(const struct cas_glimpse *glimpse)
{
    return glimpse->seq + glimpse->wire_len;
}

/* --- headers --- */

/* What stands at the position that is awaited is no header, or was not captured. */
static void lose(struct cas_look *look)
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
static bool is_plausible(const struct cas_look *look,
                         const uint8_t header[CAS_RECORD_HEADER_LEN])
{
    return is_possible(header) && header[0] != CAS_RECORD_HEARTBEAT &&
           header[2] == look->follower->minor && body_len(header) > 0;
}

/* A forged handshake would be told: the glimpse that has its header must be believed. */
static bool is_believed(struct cas_look *look, const uint8_t header[CAS_RECORD_HEADER_LEN])
{
    look->is_doubtful = header[0] != CAS_RECORD_APPLICATION_DATA && !look->glimpse->is_believed;
    return !look->is_doubtful;
}

/* Nor may forged bytes end the following: what is no header, or not all of one, says nothing as
 * long as it is not believed. */
static bool is_doubted(struct cas_look *look)
{
    look->is_doubtful = !look->glimpse->is_believed;
    return look->is_doubtful;
}

/* A whole header at the position that is awaited. False: in doubt, or it is none. */
static bool take_header(struct cas_look *look, const uint8_t header[CAS_RECORD_HEADER_LEN])
{
    if (!is_believed(look, header)) {
        return false;
    }
    cas_look_take_record(look, header[0], body_len(header));
    look->next += CAS_RECORD_HEADER_LEN + body_len(header);
    look->side.header_len = 0;
    return true;
}

/* From where a header is awaited on. False: nothing more to be done here. */
static bool follow_one(struct cas_look *look)
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

/* --- what comes again --- */

/* The header that decided where the next one is awaited, or what came of that one. */
struct known {
    uint32_t at;
    struct cas_view bytes;
};

static struct known known_header(const struct cas_followed *side, uint32_t next)
{
    uint32_t len = side->header_len;
    uint32_t at = next;

    if (side->state == CAS_FOLLOWED_LOST) {
        at = side->candidate;
    } else if (side->state != CAS_FOLLOWED_HEADERS) {
        len = 0;
    } else if (len == 0 && side->header[0] != 0) {
        len = CAS_RECORD_HEADER_LEN;
        at = next - len - body_len(side->header);
    }
    return (struct known){ .at = at, .bytes = cas_view_of(side->header, len) };
}

static void forget_header(struct cas_followed *side)
{
    side->searched = side->state == CAS_FOLLOWED_LOST ? side->searched : 0;
    side->state = CAS_FOLLOWED_LOST;
    side->header_len = 0;
}

static bool contradicts(const struct cas_look *look)
{
    const struct cas_glimpse *glimpse = look->glimpse;
    struct known known = known_header(&look->side, look->next);
    int32_t ahead = (int32_t)(known.at - glimpse->seq);
    uint32_t before = ahead < 0 ? 0 - (uint32_t)ahead : 0;
    struct cas_view old = cas_view_part(known.bytes, before, known.bytes.len);
    struct cas_view again =
        cas_view_part(glimpse->bytes, ahead > 0 ? (size_t)ahead : 0, old.len);

    return !cas_view_equal(cas_view_part(old, 0, again.len), again);
}

/*
 * True: nothing in these bytes is looked at, for whoever forged them could have put another
 * header there. What follows is.
 */
static bool is_contradicted(struct cas_look *look)
{
    if (!contradicts(look)) {
        return false;
    }
    if (!is_doubted(look)) {
        cas_followed_distrust(&look->side, look->follower->later, look->glimpse->end);
        forget_header(&look->side);
    }
    return true;
}

/* --- search --- */

static void found(struct cas_look *look)
{
    struct cas_followed *side = &look->side;

    if (!is_believed(look, side->header)) {
        return;
    }
    look->found++;
    side->is_broken = true;
    side->state = CAS_FOLLOWED_HEADERS;
    cas_look_take_record(look, side->header[0], body_len(side->header));
    look->next = side->candidate + CAS_RECORD_HEADER_LEN + body_len(side->header);
    side->header_len = 0;
}

enum proof {
    PROOF_YES,
    PROOF_NO,
    PROOF_LATER /* what the candidate says lies behind the glimpse */
};

/* A second header where the candidate says. */
static enum proof prove(const struct cas_look *look)
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

static void try_candidate(struct cas_look *look, size_t at, const uint8_t *header)
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
static void search(struct cas_look *look)
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

static void search_on(struct cas_look *look)
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
    side->header[0] = 0;
    follower->minor = minor;
}

void cas_follower_leave(struct cas_follower *follower, unsigned end)
{
    follower->side[end].state = CAS_FOLLOWED_NOT;
}

void cas_follower_set_last(struct cas_follower *follower, unsigned end,
                           const struct cas_record *record)
{
    const uint8_t header[] = { record->type, (uint8_t)(record->version >> 8),
                               (uint8_t)record->version, (uint8_t)(record->len >> 8),
                               (uint8_t)record->len };

    memcpy(follower->side[end].header, header, sizeof(header));
}

bool cas_follower_doubt(struct cas_follower *follower, unsigned end, uint32_t next,
                        struct cas_follower_range range)
{
    struct cas_followed *side = &follower->side[end];
    struct known known = known_header(side, next);
    bool is_met = known.bytes.len > 0 && (int32_t)(range.to - known.at) > 0 &&
                  (int32_t)(known.at + (uint32_t)known.bytes.len - range.from) > 0;

    cas_followed_distrust(side, follower->later, end);
    if (is_met) {
        forget_header(side);
    }
    return is_met;
}

/* Once it is lost, next is how far the search has come. */
static bool is_searched(const struct cas_look *look)
{
    return (int32_t)(end_of(look->glimpse) - look->next) <= 0;
}

static void push(struct cas_look *look)
{
    if (is_contradicted(look) || (is_searching(&look->side) && is_searched(look))) {
        return;
    }
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
    struct cas_look look = {
        .follower = follower,
        .context = context,
        .glimpse = glimpse,
        .side = *side,
        .next = glimpse->next,
    };

    bool was_searching = is_searching(side);
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
    if (is_searching(side) && !(was_searching && is_searched(&look))) {
        look.next = end_of(glimpse);
    }
    glimpse->next = look.next;
    glimpse->is_last = side->state == CAS_FOLLOWED_NOT;
    return true;
}

bool cas_follower_is_on(const struct cas_follower *follower)
{
    return follower->side[0].state != CAS_FOLLOWED_NOT ||
           follower->side[1].state != CAS_FOLLOWED_NOT;
}

void cas_follower_finish(struct cas_follower *follower, const struct cas_tls_context *context)
{
    for (unsigned end = 0; end < 2; end++) {
        cas_count_add(context->counters, CAS_COUNT_SYNC_LOST,
                      is_searching(&follower->side[end]));
        cas_follower_leave(follower, end); /* counted once */
    }
    cas_follower_drop_later(follower, context);
}
