/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tls/direction.h"

void cas_direction_init(struct cas_direction *direction, unsigned end,
                        enum cas_finder_mode mode, struct cas_budget *budget,
                        const struct cas_talk_handler *handler)
{
    *direction = (struct cas_direction){
        .end = end,
        .finder = cas_finder_init(mode, 0),
        .doubts = cas_doubts_init(budget),
        .budget = budget,
        .handler = handler,
    };
    if (mode == CAS_FINDER_MIDDLE) {
        direction->missing = CAS_REASON_BIT(CAS_REASON_MIDSTREAM);
    }
}

void cas_direction_drop_backlog(struct cas_direction *direction)
{
    if (direction->talk != NULL) {
        cas_backlog_destroy(direction->talk->backlog);
        direction->talk->backlog = NULL;
    }
}

bool cas_direction_has_backlog(const struct cas_direction *direction)
{
    return direction->talk != NULL && direction->talk->backlog != NULL &&
           !cas_backlog_is_lost(direction->talk->backlog);
}

void cas_direction_finish(struct cas_direction *direction)
{
    cas_talk_destroy(direction->talk);
    direction->talk = NULL;
    cas_doubts_finish(&direction->doubts);
}

/* What it said stays known; all else is given back. */
static void end(struct cas_direction *direction)
{
    direction->state = CAS_DIRECTION_ENDED;
    if (direction->talk != NULL && !direction->talk->is_over) {
        cas_talk_end(direction->talk);
    }
    cas_doubts_finish(&direction->doubts);
}

void cas_direction_leave(struct cas_direction *direction)
{
    if (direction->state != CAS_DIRECTION_ENDED) {
        end(direction);
    }
}

/* No TLS is within reach. */
static void give_up(struct cas_direction *direction)
{
    if (direction->talk != NULL) {
        direction->talk->facts.lost_framing = true;
    }
    end(direction);
}

static void read_on(struct cas_direction *direction, struct cas_reader *bytes)
{
    cas_talk_bytes(direction->talk, bytes);
    if (direction->talk->is_over) {
        end(direction);
    }
}

/* False without memory. */
static bool begin_talk(struct cas_direction *direction, const struct cas_found *found)
{
    struct cas_talk *talk = cas_talk_create(direction->budget, found->offset);
    if (talk == NULL) {
        return false;
    }
    talk->end = direction->end;
    talk->doubts = &direction->doubts;
    talk->handler = direction->handler;
    direction->talk = talk;
    direction->is_after_plaintext =
        found->offset > 0 && direction->finder.mode == CAS_FINDER_HELLO;
    return true;
}

/*
 * It was found behind missing bytes, and not by the hello with which everything begins:
 * messages may be missing, and that one begins here is sure only at the first byte of a
 * capture.
 */
static void distrust(struct cas_direction *direction, const struct cas_found *found)
{
    struct cas_talk *talk = direction->talk;

    talk->facts.reasons |= direction->missing;
    cas_handshake_lose(&talk->handshake);
    talk->handshake.is_lost =
        found->kind != CAS_FOUND_HELLO && found->kind != CAS_FOUND_HANDSHAKE;
    if (found->offset > 0) {
        talk->handshake.reasons |= CAS_REASON_BIT(CAS_REASON_FRAMING);
    }
}

static void start(struct cas_direction *direction, const struct cas_found *found)
{
    struct cas_reader carried = cas_reader_init(found->carried);
    bool is_beginning = direction->talk == NULL && found->kind == CAS_FOUND_HELLO;

    if (direction->talk == NULL && !begin_talk(direction, found)) {
        direction->is_refused = true;
        end(direction);
        return;
    }
    cas_record_layer_resume(&direction->talk->records, found->offset);
    direction->talk->records.is_ssl2_first = found->kind == CAS_FOUND_SSL2_HELLO;
    if (direction->finder.mode == CAS_FINDER_MIDDLE && !is_beginning) {
        distrust(direction, found);
    }
    direction->state = CAS_DIRECTION_READS;
    read_on(direction, &carried);
}

static void after_search(struct cas_direction *direction, enum cas_finder_step step,
                         const struct cas_found *found)
{
    switch (step) {
    case CAS_FINDER_MORE:
        cas_doubts_forget(&direction->doubts,
                          direction->finder.next - direction->finder.carried_len);
        return;
    case CAS_FINDER_FOUND:
        start(direction, found);
        return;
    case CAS_FINDER_NEVER:
        give_up(direction);
        return;
    }
}

struct cas_view cas_direction_bytes(struct cas_direction *direction, struct cas_view bytes)
{
    struct cas_reader r = cas_reader_init(bytes);
    struct cas_found found = { 0 };

    if (direction->state == CAS_DIRECTION_SEARCHES) {
        after_search(direction, cas_finder_push(&direction->finder, &r, &found), &found);
    }
    if (direction->state == CAS_DIRECTION_READS) {
        read_on(direction, &r);
    }
    struct cas_view rest = cas_reader_rest(&r);
    if (direction->state == CAS_DIRECTION_ENDED && direction->talk != NULL) {
        cas_talk_store(direction->talk, rest);
    }
    return rest;
}

/* Anew; what was passed over before that is not forgotten. */
static void search_from(struct cas_direction *direction, enum cas_finder_mode mode,
                        uint64_t offset)
{
    struct cas_passed passed = direction->finder.passed;

    direction->finder = cas_finder_init(mode, offset);
    direction->finder.passed = passed;
    direction->state = CAS_DIRECTION_SEARCHES;
}

bool cas_direction_again(struct cas_direction *direction, uint64_t offset,
                         struct cas_view bytes, uint64_t before)
{
    struct cas_finder finder = cas_finder_init(direction->finder.mode, offset);
    struct cas_reader r = cas_reader_init(bytes);
    struct cas_found found = { 0 };

    if (cas_direction_is_tls(direction) ||
        cas_finder_push(&finder, &r, &found) != CAS_FINDER_FOUND || found.offset >= before) {
        return false;
    }
    search_from(direction, direction->finder.mode, offset);
    return true;
}

/* A hole of len bytes covers a record's header. */
static void lose_framing(struct cas_direction *direction, uint64_t len, enum cas_reason reason)
{
    struct cas_talk *talk = direction->talk;

    if (talk->records.is_encrypted) {
        cas_talk_lose_backlog(talk);
        cas_talk_cut(talk, reason); /* of what was decrypted */
        give_up(direction);         /* nothing there can be recognised again */
        return;
    }
    talk->facts.reasons |= CAS_REASON_BIT(reason);
    cas_talk_cut(talk, reason);
    cas_handshake_lose(&talk->handshake);
    direction->missing |= CAS_REASON_BIT(reason);
    search_from(direction, CAS_FINDER_MIDDLE, talk->records.offset + len);
}

void cas_direction_hole(struct cas_direction *direction, uint64_t len, enum cas_reason reason)
{
    struct cas_found found = { 0 };

    if (direction->state == CAS_DIRECTION_SEARCHES) {
        direction->missing |= CAS_REASON_BIT(reason);
        after_search(direction, cas_finder_miss(&direction->finder, len, &found), &found);
    }
    if (direction->state == CAS_DIRECTION_ENDED && direction->talk != NULL) {
        cas_talk_store_missing(direction->talk, len);
    }
    if (direction->state != CAS_DIRECTION_READS) {
        return;
    }
    if (!cas_talk_miss(direction->talk, &len, reason)) {
        lose_framing(direction, len, reason);
    } else if (direction->talk->is_over) {
        end(direction);
        cas_talk_store_missing(direction->talk, len);
    }
}

/* A wrong checksum is nobody's doing that should be told beside the reason. */
static void tell_doubt(struct cas_direction *direction, uint32_t reasons)
{
    const struct cas_talk_handler *handler = direction->handler;
    if ((reasons & CAS_REASON_BIT(CAS_REASON_URGENT)) != 0) {
        handler->anomaly(handler->ctx, direction->talk, CAS_ANOMALY_URGENT);
    } else if ((reasons & CAS_REASON_BIT(CAS_REASON_OVERLAP)) != 0) {
        handler->anomaly(handler->ctx, direction->talk, CAS_ANOMALY_OVERLAP);
    } else if ((reasons & CAS_REASON_BIT(CAS_REASON_SEQUENCE)) != 0) {
        handler->anomaly(handler->ctx, direction->talk, CAS_ANOMALY_SEQUENCE);
    }
}

void cas_direction_doubt(struct cas_direction *direction, struct cas_doubt doubt)
{
    struct cas_talk *talk = direction->talk;
    bool is_reading = direction->state != CAS_DIRECTION_SEARCHES;
    uint64_t searched = direction->finder.next - direction->finder.carried_len;
    uint64_t told = is_reading && talk != NULL ? cas_talk_told_up_to(talk) : searched;
    uint64_t needed = is_reading && talk != NULL ? cas_talk_needs_from(talk) : searched;

    if (talk != NULL && doubt.from < told && doubt.to > talk->begin &&
        (doubt.from < talk->clear_end || doubt.from < talk->flight_end)) {
        talk->facts.reasons |= doubt.reasons;
        tell_doubt(direction, doubt.reasons);
    }
    if (direction->state != CAS_DIRECTION_ENDED && doubt.to > needed) {
        cas_doubts_add(&direction->doubts, doubt);
    }
}

void cas_direction_unlock(struct cas_direction *direction,
                          const struct cas_unlocking *unlocking)
{
    if (direction->talk == NULL || direction->talk->is_over) {
        return;
    }
    cas_talk_unlock(direction->talk, unlocking);
    if (direction->talk->is_over) {
        end(direction);
    }
}

bool cas_direction_awaits_keys(const struct cas_direction *direction)
{
    return direction->talk != NULL && cas_talk_awaits_keys(direction->talk);
}

bool cas_direction_has_nothing(const struct cas_direction *direction)
{
    return direction->state == CAS_DIRECTION_SEARCHES && direction->talk == NULL &&
           direction->finder.carried_len == 0;
}

bool cas_direction_was_searched_whole(const struct cas_direction *direction)
{
    const struct cas_finder *finder = &direction->finder;
    uint64_t searched = finder->next - finder->carried_len;

    if (direction->missing != 0 || direction->is_refused) {
        return false;
    }
    return direction->talk != NULL ||
           (finder->next > 0 && searched - finder->start < CAS_FINDER_REACH);
}

void cas_direction_close(struct cas_direction *direction, enum cas_reason reason)
{
    struct cas_found found = { 0 };

    if (direction->state == CAS_DIRECTION_SEARCHES) {
        after_search(direction, cas_finder_miss(&direction->finder, 0, &found), &found);
    }
    if (direction->state == CAS_DIRECTION_SEARCHES) {
        give_up(direction);
    }
    if (direction->state == CAS_DIRECTION_READS) {
        direction->talk->facts.is_read_on = cas_talk_has_read_all(direction->talk);
        cas_talk_cut(direction->talk, reason);
        end(direction);
    }
}
