/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tls/conversation.h"

#include <assert.h>

#include "bytes/fetch.h"
#include "tls/conversation_inside.h"
#include "tls/direction.h"
#include "tls/follower.h"
#include "tls/join.h"
#include "tls/over.h"

/* So many bytes of a direction are still heard after its handshake has ended. */
#define HEARD_AFTER_MAX 16384

/*
 * Another handshake that the server has taken up before it sent data. One behind that is left
 * to who follows the connection on, however far the client has got by then: what is told does
 * not depend on whose bytes came first. Once the connection has ended nobody does, and all that
 * was seen counts.
 */
static bool has_later(const struct cas_conversation *conversation)
{
    const struct cas_follower *follower = &conversation->follower;
    unsigned server = conversation->facts.client_end == 1 ? 0 : 1;
    bool is_reading = follower->side[server].state == CAS_FOLLOWED_READ;
    bool has_begun = is_reading ? follower->side[server].has_handshake
                                : conversation->has_later_before_data[server];

    if (conversation->direction[server].talk == NULL) {
        return follower->side[1 - server].has_change;
    }
    /* Nothing that long is said by a server that was not asked. */
    bool is_answer = follower->side[server].has_handshake &&
                     follower->side[1 - server].state == CAS_FOLLOWED_NOT;
    return (has_begun || conversation->is_closed) &&
           (is_answer || cas_follower_has_handshake(follower));
}

/* What only both sides together tell: that both claim one role; and which of the bytes in front
 * of a hello are records. */
static void remark_both(struct cas_conversation *conversation)
{
    if (cas_join_are_equal(conversation->direction)) {
        cas_conversation_remark(conversation, CAS_ANOMALY_WRONG_SIDE);
    }
    for (unsigned end = 0; end < 2; end++) {
        const struct cas_direction *side = &conversation->direction[end];
        if (side->talk != NULL && side->finder.passed.has_handshake) {
            cas_conversation_remark(conversation, CAS_ANOMALY_WRONG_SIDE);
        }
    }
}

/*
 * Both sides may pretend to be the client. When both have said its hello, end 0 is believed,
 * and remains so: a hello of the other one is of no use any more.
 */
void cas_conversation_settle(struct cas_conversation *conversation)
{
    struct cas_conversation_facts *facts = &conversation->facts;

    cas_join(conversation->direction, facts);
    remark_both(conversation);
    bool is_read = conversation->is_renewable || conversation->is_renewed;
    facts->is_renewed = conversation->is_renewed;
    facts->later = is_read ? NULL : conversation->follower.later;
    facts->has_later_handshake = !is_read &&
                                 facts->server_hello.version < CAS_TLS_VERSION_TLS13 &&
                                 has_later(conversation);
    if (conversation->hello_end >= 0 && conversation->hello_end != facts->client_end) {
        cas_conversation_drop_hello(conversation);
    }
    conversation->has_facts = true;
}

struct cas_conversation *cas_conversation_create(const struct cas_tls_context *context,
                                                 void *user, bool is_midstream)
{
    struct cas_conversation *conversation =
        cas_budget_alloc(context->budget, sizeof(*conversation));
    if (conversation == NULL) {
        return NULL;
    }
    conversation->context = context;
    conversation->user = user;
    conversation->is_midstream = is_midstream;
    conversation->hello_end = -1;
    cas_conversation_listen(conversation);
    for (unsigned end = 0; end < 2; end++) {
        cas_direction_init(&conversation->direction[end], end,
                           is_midstream ? CAS_FINDER_MIDDLE : CAS_FINDER_HELLO, context->budget,
                           &conversation->handler);
    }
    return conversation;
}

static void count_tls(const struct cas_conversation *conversation)
{
    const struct cas_conversation_facts *facts = &conversation->facts;
    struct cas_counters *counters = conversation->context->counters;

    cas_count(counters, CAS_COUNT_TLS_CONNECTIONS);
    if (facts->server_hello.version == CAS_TLS_VERSION_TLS13) {
        cas_count(counters, CAS_COUNT_TLS13_CONNECTIONS);
        if (facts->client.is_unsealing_cut || facts->server.is_unsealing_cut) {
            cas_count(counters, CAS_COUNT_TLS_DECRYPTION_CUT);
        }
    } else if (facts->has_later_handshake) {
        cas_count(counters, CAS_COUNT_RENEGOTIATIONS);
    }
}

/*
 * Plaintext may carry anything, a recorded handshake too: a file that is fetched, say. Behind
 * it a server's part is believed when the other side has a ClientHello, or may have one where
 * it was not seen; and a client's part, of who did not open the connection, when it was
 * answered.
 */
static bool is_quoted(const struct cas_direction sides[2], unsigned end)
{
    const struct cas_talk *talk = sides[end].talk;
    const struct cas_direction *other = &sides[1 - end];

    if (talk == NULL || !sides[end].is_after_plaintext ||
        !cas_direction_was_searched_whole(other)) {
        return false;
    }
    if (talk->role == CAS_ROLE_CLIENT) {
        return end == 1 && other->talk == NULL && !other->finder.passed.has_alert;
    }
    return other->talk == NULL || other->talk->role != CAS_ROLE_CLIENT;
}

static bool is_tls(const struct cas_conversation *conversation)
{
    const struct cas_direction *sides = conversation->direction;

    return (cas_direction_is_tls(&sides[0]) && !is_quoted(sides, 0)) ||
           (cas_direction_is_tls(&sides[1]) && !is_quoted(sides, 1));
}

static void finish(struct cas_conversation *conversation)
{
    const struct cas_tls_context *context = conversation->context;

    conversation->is_done = true;
    cas_conversation_end_waiting(conversation);
    if (conversation->is_told || is_tls(conversation)) {
        cas_conversation_prepare_renewal(conversation);
        cas_conversation_settle(conversation);
        if (!conversation->is_told) {
            count_tls(conversation);
        }
        context->handler.done(conversation->user, conversation->frame, &conversation->facts);
    } else if (conversation->is_any_seen) {
        cas_count(context->counters, CAS_COUNT_NOT_TLS);
    }
}

/* It has ended behind its Finished: where the next record begins is known, or will be. */
static bool can_be_followed(const struct cas_direction *side)
{
    return side->talk != NULL && side->talk->facts.encrypted_handshakes > 0 &&
           !side->talk->facts.is_malformed;
}

/* Where a record's header is in doubt, what hides behind it may not be found again. */
static void doubt_followed(struct cas_conversation *conversation, unsigned end,
                           struct cas_follower_range range)
{
    uint32_t *next = &conversation->next[end];

    if (cas_follower_doubt(&conversation->follower, end, *next, range)) {
        *next = conversation->heard[end];
        cas_conversation_remark(conversation, CAS_ANOMALY_OVERLAP);
    }
}

/* From behind the last record that the side has read. */
static void follow_from(struct cas_conversation *conversation, unsigned end)
{
    const struct cas_talk *talk = conversation->direction[end].talk;
    const struct cas_record *last = &talk->records.record;
    struct cas_follower *follower = &conversation->follower;
    uint64_t next = cas_record_layer_next(&talk->records);

    conversation->next[end] = (uint32_t)next;
    cas_follower_begin(follower, end, (uint8_t)last->version);
    if (next == last->body_offset + last->len) {
        cas_follower_set_last(follower, end, last);
    }
    if (talk->is_end_doubted) {
        const struct cas_follower_range header = { (uint32_t)last->offset,
                                                   (uint32_t)last->body_offset };
        doubt_followed(conversation, end, header);
    }
}

/* A side has ended. */
static void begin_to_follow(struct cas_conversation *conversation, unsigned end)
{
    const struct cas_direction *side = &conversation->direction[end];
    struct cas_follower *follower = &conversation->follower;

    if (side->state != CAS_DIRECTION_ENDED || follower->side[end].state != CAS_FOLLOWED_READ ||
        conversation->is_done) {
        return;
    }
    conversation->has_later_before_data[end] = follower->side[end].has_handshake;
    if (can_be_followed(side)) {
        follow_from(conversation, end);
    } else {
        cas_follower_leave(follower, end);
    }
}

/* Bytes behind the end of a side: record headers alone are looked at. */
static void follow(struct cas_conversation *conversation, unsigned end, uint64_t offset,
                   struct cas_view bytes)
{
    begin_to_follow(conversation, end);
    if (conversation->direction[end].state != CAS_DIRECTION_ENDED || bytes.len == 0 ||
        conversation->follower.side[end].state == CAS_FOLLOWED_NOT) {
        return;
    }
    struct cas_glimpse glimpse = {
        .frame = conversation->frame,
        .end = end,
        .seq = (uint32_t)offset,
        .bytes = bytes,
        .wire_len = (uint32_t)bytes.len,
        .is_believed = true,
        .next = conversation->next[end],
    };
    (void)cas_follower_push(&conversation->follower, conversation->context, &glimpse);
    conversation->next[end] = glimpse.next;
}

bool cas_conversation_take_follower(struct cas_conversation *conversation,
                                    struct cas_follower *out_follower, uint32_t out_next[2])
{
    struct cas_follower *follower = &conversation->follower;
    bool is_old = conversation->facts.server_hello.version < CAS_TLS_VERSION_TLS13;

    if (!conversation->is_done || !is_old || !cas_follower_is_on(follower)) {
        return false;
    }
    *out_follower = *follower;
    out_next[0] = conversation->next[0];
    out_next[1] = conversation->next[1];
    *follower = (struct cas_follower){ 0 };
    conversation->facts.later = NULL;
    return true;
}

/*
 * One side has sent much behind its handshake, and the other, which is as far, nothing: an
 * upload, say. That needs no order any more.
 */
static void leave_the_silent(struct cas_conversation *conversation, unsigned end)
{
    struct cas_direction *sides = conversation->direction;
    struct cas_direction *other = &sides[1 - end];

    if (sides[end].state == CAS_DIRECTION_ENDED && other->state == CAS_DIRECTION_READS &&
        conversation->heard_after[end] > HEARD_AFTER_MAX && can_be_followed(&sides[end]) &&
        can_be_followed(other)) {
        cas_direction_leave(other);
        begin_to_follow(conversation, 1 - end);
    }
}

/*
 * A direction that has ended is still heard for a while, as long as the other has not: bytes of
 * its handshake that are sent again, and differ, are only noticed while it is.
 */
static enum cas_want after(struct cas_conversation *conversation, unsigned end, uint64_t len)
{
    struct cas_direction *sides = conversation->direction;

    begin_to_follow(conversation, end);
    if (conversation->is_renewed) {
        return cas_conversation_read_renewed(conversation);
    }
    conversation->heard_after[end] += sides[end].state == CAS_DIRECTION_ENDED ? len : 0;
    leave_the_silent(conversation, end);
    if (sides[0].state == CAS_DIRECTION_ENDED && sides[1].state == CAS_DIRECTION_ENDED &&
        !conversation->is_done) {
        finish(conversation);
    }
    if (conversation->is_done) {
        return CAS_WANT_NEITHER;
    }
    if (sides[end].state != CAS_DIRECTION_ENDED) {
        return CAS_WANT_BYTES;
    }
    bool has_told = sides[end].talk != NULL;
    bool is_heard = conversation->heard_after[end] <= HEARD_AFTER_MAX ||
                    cas_direction_has_backlog(&sides[end]);
    return has_told && is_heard ? CAS_WANT_BYTES : CAS_WANT_NOTHING;
}

enum cas_want cas_conversation_bytes(struct cas_conversation *conversation,
                                     const struct cas_frame *frame, unsigned end,
                                     uint64_t offset, struct cas_view bytes)
{
    assert(end < 2);
    conversation->frame = frame;
    conversation->is_any_seen = true;
    conversation->heard[end] = (uint32_t)(offset + bytes.len);
    struct cas_view rest = cas_direction_bytes(&conversation->direction[end], bytes);
    follow(conversation, end, offset + (bytes.len - rest.len), rest);
    cas_conversation_unlock(conversation);
    return after(conversation, end, bytes.len);
}

bool cas_conversation_again(struct cas_conversation *conversation, unsigned end,
                            uint64_t offset, struct cas_view bytes, uint64_t before)
{
    assert(end < 2);
    return !conversation->is_done &&
           cas_direction_again(&conversation->direction[end], offset, bytes, before);
}

bool cas_conversation_has_nothing(const struct cas_conversation *conversation, unsigned end)
{
    return cas_direction_has_nothing(&conversation->direction[end]);
}

enum cas_want cas_conversation_hole(struct cas_conversation *conversation,
                                    const struct cas_frame *frame, unsigned end,
                                    uint64_t offset, uint64_t len, enum cas_reason reason)
{
    assert(end < 2);
    conversation->frame = frame;
    conversation->heard[end] = (uint32_t)(offset + len);
    cas_direction_hole(&conversation->direction[end], len, reason);
    cas_conversation_unlock(conversation);
    return after(conversation, end, len);
}

void cas_conversation_go_on(struct cas_conversation *conversation)
{
    conversation->frame = NULL;
    cas_conversation_unlock_sides(conversation);
    (void)after(conversation, 0, 0);
}

/* Both sides have sent encrypted handshake messages: what follows is theirs to protect. */
static bool is_settled(const struct cas_conversation *conversation)
{
    const struct cas_talk *talk[2] = { conversation->direction[0].talk,
                                       conversation->direction[1].talk };

    for (unsigned end = 0; end < 2; end++) {
        if (talk[end] == NULL ||
            (talk[end]->facts.encrypted_handshakes == 0 && !talk[end]->is_traffic)) {
            return false;
        }
    }
    return true;
}

/* What lies behind the first handshake, too, decides something: where the next record is. */
static void doubt_behind(struct cas_conversation *conversation, unsigned end,
                         struct cas_doubt doubt)
{
    const struct cas_talk *talk = conversation->direction[end].talk;
    const struct cas_follower_range range = { (uint32_t)doubt.from, (uint32_t)doubt.to };
    bool is_behind =
        conversation->is_renewed || (talk != NULL && talk->facts.encrypted_handshakes > 0);

    if (is_behind && doubt.to > talk->clear_end) {
        doubt_followed(conversation, end, range);
    }
}

void cas_conversation_doubt(struct cas_conversation *conversation,
                            const struct cas_frame *frame, unsigned end, uint64_t offset,
                            uint64_t len, enum cas_reason reason)
{
    struct cas_doubt doubt = {
        .from = offset,
        .to = len < UINT64_MAX - offset ? offset + len : UINT64_MAX,
        .reasons = CAS_REASON_BIT(reason),
    };

    assert(end < 2);
    conversation->frame = frame;
    /* Behind the handshakes, so much may be lost of the data that what follows is out of reach.
     */
    bool is_loss = reason == CAS_REASON_SEQUENCE && is_settled(conversation);
    if (!conversation->is_done && !is_loss) {
        cas_direction_doubt(&conversation->direction[end], doubt);
        doubt_behind(conversation, end, doubt);
    }
}

void cas_conversation_close(struct cas_conversation *conversation,
                            const struct cas_frame *frame, enum cas_reason reason)
{
    conversation->frame = frame;
    for (unsigned end = 0; end < 2; end++) {
        cas_direction_close(&conversation->direction[end], reason);
        begin_to_follow(conversation, end);
    }
    conversation->is_closed = true;
    if (conversation->is_renewed) {
        cas_conversation_close_renewed(conversation, reason);
        return;
    }
    (void)after(conversation, 0, 0);
}

bool cas_conversation_is_over(const struct cas_conversation *conversation,
                              enum cas_close ending)
{
    return !conversation->is_done && !conversation->is_told && is_tls(conversation) &&
           (!conversation->is_renewed || cas_conversation_has_begun(conversation)) &&
           !cas_conversation_awaits_keys(conversation) &&
           cas_over(conversation->direction, ending);
}

void cas_conversation_tell(struct cas_conversation *conversation)
{
    assert(!conversation->is_done && !conversation->is_told && is_tls(conversation));
    conversation->is_told = true;
    conversation->frame = NULL; /* the last one is gone */
    cas_conversation_settle(conversation);
    if (!conversation->is_renewed) {
        count_tls(conversation);
    }
    conversation->context->handler.done(conversation->user, NULL, &conversation->facts);
}

int cas_conversation_client_end(const struct cas_conversation *conversation)
{
    return conversation->has_facts ? cas_join_client_end(conversation->direction) : -1;
}

struct cas_conversation_progress
cas_conversation_progress(const struct cas_conversation *conversation)
{
    struct cas_conversation_progress progress = { 0 };
    if (!conversation->has_facts) {
        return progress;
    }
    int client_end = cas_join_client_end(conversation->direction);
    const struct cas_talk *server = conversation->direction[client_end > 0 ? 0 : 1].talk;
    progress.is_tls = true;
    progress.has_client_hello =
        conversation->facts.client_hello.is_seen &&
        (conversation->hello_end < 0 || conversation->hello_end == client_end);
    progress.has_server_hello = server != NULL && server->server_hello.is_seen;
    progress.has_server_certificate = server != NULL && server->facts.certificates > 0;
    return progress;
}

void cas_conversation_fetch(const struct cas_conversation *conversation, unsigned step)
{
    const struct cas_buf *texts = &conversation->facts.client_hello.texts;
    if (step == 0) {
        cas_fetch(conversation, sizeof(*conversation));
        return;
    }
    cas_fetch(conversation->direction[0].talk, sizeof(struct cas_talk));
    cas_fetch(conversation->direction[1].talk, sizeof(struct cas_talk));
    cas_fetch(texts->data, texts->len);
}

void cas_conversation_destroy(struct cas_conversation *conversation)
{
    if (conversation == NULL) {
        return;
    }
    struct cas_budget *budget = conversation->context->budget;
    for (unsigned end = 0; end < 2; end++) {
        cas_direction_finish(&conversation->direction[end]);
    }
    cas_conversation_end_waiting(conversation);
    if (conversation->context->keylog != NULL) {
        cas_keylog_release(conversation->context->keylog, conversation->secrets);
    }
    cas_conversation_drop_hello(conversation);
    cas_follower_finish(&conversation->follower, conversation->context);
    cas_budget_free(budget, conversation, sizeof(*conversation));
}
