/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tls/conversation.h"

#include <assert.h>

#include "bytes/fetch.h"
#include "tls/anomaly.h"
#include "tls/cert_request.h"
#include "tls/certificate.h"
#include "tls/conversation_inside.h"
#include "tls/direction.h"
#include "tls/facts.h"
#include "tls/follower.h"
#include "tls/join.h"
#include "tls/over.h"

/* So many bytes of a direction are still heard after its handshake has ended. */
#define HEARD_AFTER_MAX 16384

static void on_anomaly(void *ctx, struct cas_talk *talk, enum cas_talk_anomaly anomaly)
{
    struct cas_conversation *conversation = ctx;
    const struct cas_tls_context *context = conversation->context;
    const struct cas_anomaly_text text = cas_anomaly_text(anomaly);

    (void)talk;
    if (!cas_anomaly_is_doubt(anomaly)) {
        cas_count(context->counters, CAS_COUNT_TLS_MALFORMED);
    }
    if ((conversation->anomalies_told & cas_anomaly_bit(anomaly)) == 0) {
        conversation->anomalies_told |= cas_anomaly_bit(anomaly);
        context->handler.anomaly(conversation->user, conversation->frame, text.code, text.text);
    }
}

void cas_conversation_drop_hello(struct cas_conversation *conversation)
{
    cas_client_hello_facts_finish(&conversation->facts.client_hello,
                                  conversation->context->budget);
    conversation->hello_end = -1;
}

/*
 * Another handshake that the server has taken up before it sent data. One behind that is left
 * to who follows the connection on, however far the client has got by then: what is told does
 * not depend on whose bytes came first.
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
    return has_begun && cas_follower_has_handshake(follower);
}

/* What only both sides together tell: that both claim one role; and which of the bytes in front
 * of a hello are records. */
static void remark_both(struct cas_conversation *conversation)
{
    if (cas_join_are_equal(conversation->direction)) {
        on_anomaly(conversation, conversation->direction[0].talk, CAS_ANOMALY_WRONG_SIDE);
    }
    for (unsigned end = 0; end < 2; end++) {
        const struct cas_direction *side = &conversation->direction[end];
        if (side->talk != NULL && side->finder.passed.has_handshake) {
            on_anomaly(conversation, side->talk, CAS_ANOMALY_WRONG_SIDE);
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

static void note_result(struct cas_conversation *conversation, struct cas_talk *talk,
                        struct cas_facts_result result)
{
    if (result.is_malformed) {
        on_anomaly(conversation, talk, CAS_ANOMALY_BAD_MESSAGE);
    }
    if (result.is_refused) {
        talk->facts.reasons |= CAS_REASON_BIT(CAS_REASON_MEMORY);
    }
}

/* Where the hello of this side goes: away when that of end 0, which is believed, is there. */
static struct cas_client_hello_facts *place_of_hello(struct cas_conversation *conversation,
                                                     const struct cas_talk *talk,
                                                     struct cas_client_hello_facts *away)
{
    if (conversation->hello_end == 0) {
        return away;
    }
    if (conversation->hello_end > 0) {
        cas_conversation_drop_hello(conversation);
    }
    conversation->hello_end = (int)talk->end;
    return &conversation->facts.client_hello;
}

/*
 * Keys are looked for behind a piece of the stream, which may hold the hello and 64 KiB of what
 * they open.
 */
static void expect_keys(struct cas_conversation *conversation)
{
    struct cas_talk *talks[2] = { conversation->direction[0].talk,
                                  conversation->direction[1].talk };
    bool has_client_hello = false;
    bool has_server_hello = false;

    for (unsigned end = 0; end < 2; end++) {
        has_client_hello |= talks[end] != NULL && talks[end]->has_client_hello;
        has_server_hello |= talks[end] != NULL && talks[end]->server_hello.is_seen;
    }
    for (unsigned end = 0; end < 2 && has_client_hello && has_server_hello; end++) {
        if (talks[end] != NULL) {
            cas_talk_expect_keys(talks[end]);
        }
    }
}

static void on_client_hello(struct cas_conversation *conversation, struct cas_talk *talk,
                            const struct cas_handshake_message *message)
{
    struct cas_budget *budget = conversation->context->budget;
    struct cas_client_hello_facts away = { 0 };

    if (talk->has_client_hello && !talk->is_renewed) {
        return; /* the second one, after a HelloRetryRequest */
    }
    if (talk->is_renewed && conversation->hello_end == (int)talk->end) {
        cas_conversation_drop_hello(conversation); /* of one that was refused */
    }
    talk->has_client_hello = true;
    struct cas_client_hello_facts *facts = place_of_hello(conversation, talk, &away);
    note_result(
        conversation, talk,
        cas_client_hello_facts_take(facts, message, budget, conversation->context->prints));
    if (facts->version == CAS_TLS_VERSION_SSL2) {
        cas_talk_end(talk); /* SSL 2.0 is only counted */
    }
    cas_client_hello_facts_finish(&away, budget);
    expect_keys(conversation);
}

static void on_server_hello(struct cas_conversation *conversation, struct cas_talk *talk,
                            const struct cas_handshake_message *message)
{
    note_result(conversation, talk,
                cas_server_hello_facts_take(&talk->server_hello, message,
                                            conversation->context->budget,
                                            conversation->context->prints));
    talk->version = talk->server_hello.version;
    expect_keys(conversation);
}

static void on_cert_request(struct cas_conversation *conversation, struct cas_talk *talk,
                            const struct cas_handshake_message *message)
{
    const struct cas_tls_context *context = conversation->context;
    struct cas_cert_request request = { 0 };

    if (talk->is_unsealing) {
        cas_cert_request_parse13(message, &request);
    } else {
        cas_cert_request_parse(message, talk->version, &request);
    }
    talk->facts.cert_requests++;
    cas_count(context->counters, CAS_COUNT_CERT_REQUESTS);
    if (request.is_malformed) {
        on_anomaly(conversation, talk, CAS_ANOMALY_BAD_MESSAGE);
    }
    context->handler.cert_request(conversation->user, conversation->frame, &request);
}

/*
 * A Certificate may be the first message of a side that was captured. Then who opened the
 * connection is most likely the client; and when that was not captured either, only a server
 * must send one that is not empty.
 */
static bool is_from_server(const struct cas_conversation *conversation,
                           const struct cas_talk *talk,
                           const struct cas_certificate_message *certificate)
{
    if (talk->role != CAS_ROLE_UNKNOWN) {
        return talk->role == CAS_ROLE_SERVER;
    }
    return conversation->is_midstream ? certificate->list.len > 0 : talk->end == 1;
}

static void on_certificate(struct cas_conversation *conversation, struct cas_talk *talk,
                           const struct cas_handshake_message *message)
{
    struct cas_certificate_message certificate = { 0 };

    if (talk->is_unsealing) {
        cas_certificate_parse13(message, &certificate);
    } else {
        cas_certificate_parse(message, &certificate);
    }
    talk->facts.certificates++;
    if (certificate.is_malformed) {
        on_anomaly(conversation, talk, CAS_ANOMALY_BAD_MESSAGE);
    }
    conversation->context->handler.certificate(conversation->user, conversation->frame,
                                               is_from_server(conversation, talk, &certificate),
                                               &certificate);
}

static void dispatch(struct cas_conversation *conversation, struct cas_talk *talk,
                     const struct cas_handshake_message *message)
{
    switch (message->type) {
    case CAS_HANDSHAKE_CLIENT_HELLO:
    case CAS_HANDSHAKE_SSL2_CLIENT_HELLO:
        on_client_hello(conversation, talk, message);
        break;
    case CAS_HANDSHAKE_SERVER_HELLO:
        on_server_hello(conversation, talk, message);
        break;
    case CAS_HANDSHAKE_CERTIFICATE:
        on_certificate(conversation, talk, message);
        break;
    case CAS_HANDSHAKE_CERTIFICATE_REQUEST:
        on_cert_request(conversation, talk, message);
        break;
    case CAS_HANDSHAKE_CERTIFICATE_URL:
        talk->facts.has_certificate_url = true;
        break;
    case CAS_HANDSHAKE_SERVER_KEY_EXCHANGE:
    case CAS_HANDSHAKE_CLIENT_KEY_EXCHANGE:
        talk->facts.has_key_exchange = true;
        break;
    case CAS_HANDSHAKE_SERVER_HELLO_DONE:
        talk->facts.has_hello_done = true;
        break;
    case CAS_HANDSHAKE_CERTIFICATE_VERIFY:
        talk->facts.has_certificate_verify = true;
        break;
    default:
        break;
    }
}

enum place {
    PLACE_RIGHT,
    PLACE_OUT_OF_ORDER,
    PLACE_FORBIDDEN /* of the other side, or of nobody at this time */
};

/*
 * What a peer would refuse is not believed, and who put it there may as well have put there
 * what is around it: that is in doubt.
 */
static enum place judge_place(struct cas_conversation *conversation, struct cas_talk *talk,
                              const struct cas_handshake_message *message)
{
    enum place place = PLACE_RIGHT;
    bool was_misled = cas_talk_correct_role(talk, message->type);

    if (cas_talk_is_unexpected(talk, message->type)) {
        place = PLACE_FORBIDDEN;
    } else if (cas_talk_is_out_of_order(talk, message)) {
        place = PLACE_OUT_OF_ORDER;
    }
    if (place != PLACE_RIGHT || was_misled) {
        on_anomaly(conversation, talk, CAS_ANOMALY_WRONG_SIDE);
        talk->facts.reasons |= CAS_REASON_BIT(CAS_REASON_PROTOCOL);
    }
    return place;
}

/* A request that comes too early or too late is still one: nobody says that there was none. */
static bool is_taken(enum place place, uint16_t type)
{
    return place == PLACE_RIGHT ||
           (place == PLACE_OUT_OF_ORDER && type == CAS_HANDSHAKE_CERTIFICATE_REQUEST);
}

static void on_message(void *ctx, struct cas_talk *talk,
                       const struct cas_handshake_message *message)
{
    struct cas_conversation *conversation = ctx;
    const struct cas_tls_context *context = conversation->context;

    conversation->has_facts = true;
    if (message->sight.reasons & CAS_REASON_BIT(CAS_REASON_MESSAGE_CAP)) {
        cas_count(context->counters, CAS_COUNT_TLS_MESSAGES_CAPPED);
    }
    enum place place = judge_place(conversation, talk, message);
    if (!is_taken(place, message->type)) {
        return;
    }
    if (talk->role == CAS_ROLE_UNKNOWN) {
        talk->role = cas_talk_sender_of(message->type);
    }
    dispatch(conversation, talk, message);
    if (place == PLACE_RIGHT && !talk->is_unsealing) {
        cas_talk_note_step(talk, message->type);
    }
}

static void on_behind(void *ctx, struct cas_talk *talk, const struct cas_record *record)
{
    struct cas_conversation *conversation = ctx;

    cas_follower_note(&conversation->follower, conversation->context, talk->end, record,
                      conversation->frame);
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
    conversation->handler = (struct cas_talk_handler){
        .ctx = conversation,
        .may_unseal = context->keylog != NULL,
        .message = on_message,
        .anomaly = on_anomaly,
        .behind = on_behind,
    };
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

/* --- secrets that come late --- */

static void begin_to_wait(struct cas_conversation *conversation)
{
    const struct cas_tls_context *context = conversation->context;

    if (context->waits != NULL) {
        cas_key_waits_add(context->waits, &conversation->wait, conversation,
                          conversation->facts.client_hello.random);
        cas_count_add(context->counters, CAS_COUNT_KEYLOG_WAITED,
                      conversation->secrets == NULL);
    }
}

static void end_waiting(struct cas_conversation *conversation)
{
    const struct cas_tls_context *context = conversation->context;

    if (conversation->wait.owner != NULL) {
        cas_key_waits_remove(context->waits, &conversation->wait);
        cas_count_add(context->counters, CAS_COUNT_KEYLOG_WAITED_IN_VAIN,
                      conversation->secrets == NULL);
    }
}

static bool awaits_keys(const struct cas_conversation *conversation)
{
    return conversation->wait.owner != NULL &&
           (cas_direction_awaits_keys(&conversation->direction[0]) ||
            cas_direction_awaits_keys(&conversation->direction[1]));
}

static void finish(struct cas_conversation *conversation)
{
    const struct cas_tls_context *context = conversation->context;

    conversation->is_done = true;
    end_waiting(conversation);
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

/* A side has ended. */
static void begin_to_follow(struct cas_conversation *conversation, unsigned end)
{
    const struct cas_direction *side = &conversation->direction[end];
    struct cas_follower *follower = &conversation->follower;

    if (side->state != CAS_DIRECTION_ENDED || follower->side[end].state != CAS_FOLLOWED_READ) {
        return;
    }
    conversation->has_later_before_data[end] = follower->side[end].has_handshake;
    if (can_be_followed(side)) {
        const struct cas_record_layer *records = &side->talk->records;
        conversation->next[end] = (uint32_t)cas_record_layer_next(records);
        cas_follower_begin(follower, end, (uint8_t)records->record.version);
    } else {
        cas_follower_leave(follower, end);
    }
}

/* Bytes behind the end of a side: record headers alone are looked at. */
static void follow(struct cas_conversation *conversation, unsigned end, uint64_t offset,
                   struct cas_view bytes)
{
    struct cas_glimpse glimpse = {
        .frame = conversation->frame,
        .end = end,
        .seq = (uint32_t)offset,
        .bytes = bytes,
        .wire_len = (uint32_t)bytes.len,
        .is_believed = true,
        .next = conversation->next[end],
    };

    begin_to_follow(conversation, end);
    if (conversation->direction[end].state == CAS_DIRECTION_ENDED && bytes.len > 0 &&
        conversation->follower.side[end].state != CAS_FOLLOWED_NOT) {
        glimpse.next = conversation->next[end];
        (void)cas_follower_push(&conversation->follower, conversation->context, &glimpse);
        conversation->next[end] = glimpse.next;
    }
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

/* A ServerHello has come, and a ClientHello: looked for with every segment, so at little cost.
 */
static bool has_both_hellos(const struct cas_conversation *conversation)
{
    bool has_server_hello = false;

    for (unsigned end = 0; end < 2; end++) {
        const struct cas_talk *talk = conversation->direction[end].talk;
        has_server_hello |= talk != NULL && talk->server_hello.is_final;
    }
    return has_server_hello && conversation->facts.client_hello.has_random;
}

/* With the secrets that are known. */
static void unlock_sides(struct cas_conversation *conversation)
{
    const struct cas_conversation_facts *facts = &conversation->facts;
    const struct cas_unlocking unlocking = {
        .secrets = conversation->secrets,
        .cipher = facts->server_hello.cipher,
        .is_after_early_data = facts->client_hello.offers_early_data,
        .may_be_asked_later = facts->client_hello.allows_later_request,
        .may_come = conversation->wait.owner != NULL,
    };
    for (unsigned end = 0; end < 2; end++) {
        cas_direction_unlock(&conversation->direction[end], &unlocking);
    }
}

/*
 * Both hellos are known: the key log has their secrets, or has not, and then nothing needs to
 * wait. Only now, for either hello may come first, and a HelloRetryRequest settles nothing.
 */
static void unlock(struct cas_conversation *conversation)
{
    struct cas_keylog *keylog = conversation->context->keylog;
    const struct cas_conversation_facts *facts = &conversation->facts;

    if (keylog == NULL || conversation->is_unlocked || !has_both_hellos(conversation)) {
        return;
    }
    conversation->is_unlocked = true;
    cas_conversation_settle(conversation);
    const struct cas_server_hello_facts *server = &facts->server_hello;
    if (!facts->client_hello.has_random || !server->is_final || server->cipher == 0) {
        return; /* both claim to be the client */
    }
    conversation->secrets = cas_keylog_hold(keylog, facts->client_hello.random);
    if (server->version != CAS_TLS_VERSION_TLS13) {
        return; /* they are of use at the end of the handshake */
    }
    for (unsigned end = 0; end < 2; end++) {
        cas_direction_drop_backlog(&conversation->direction[end]);
    }
    begin_to_wait(conversation);
    unlock_sides(conversation);
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
    struct cas_view rest = cas_direction_bytes(&conversation->direction[end], bytes);
    follow(conversation, end, offset + (bytes.len - rest.len), rest);
    unlock(conversation);
    return after(conversation, end, bytes.len);
}

bool cas_conversation_again(struct cas_conversation *conversation, unsigned end,
                            uint64_t offset, struct cas_view bytes)
{
    assert(end < 2);
    return !conversation->is_done &&
           cas_direction_again(&conversation->direction[end], offset, bytes);
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
    (void)offset;
    conversation->frame = frame;
    cas_direction_hole(&conversation->direction[end], len, reason);
    unlock(conversation);
    return after(conversation, end, len);
}

/* No packet has brought this, and what is told of it has the time of the last one that came. */
static void go_on(struct cas_conversation *conversation)
{
    conversation->frame = NULL;
    unlock_sides(conversation);
    (void)after(conversation, 0, 0);
}

void cas_tls_secret_came(const struct cas_tls_context *context,
                         const uint8_t client_random[CAS_RANDOM_LEN])
{
    struct cas_key_wait *next = NULL;

    for (struct cas_key_wait *wait = cas_key_waits_find(context->waits, client_random);
         wait != NULL; wait = next) {
        struct cas_conversation *conversation = wait->owner;
        next = cas_key_waits_next(wait);
        if (conversation->secrets == NULL) {
            conversation->secrets = cas_keylog_hold(context->keylog, client_random);
        }
        go_on(conversation);
    }
}

void cas_tls_set_now(const struct cas_tls_context *context, uint64_t now_us)
{
    struct cas_key_wait *wait = NULL;

    cas_key_waits_set_now(context->waits, now_us);
    while ((wait = cas_key_waits_due(context->waits)) != NULL) {
        struct cas_conversation *conversation = wait->owner;
        end_waiting(conversation);
        go_on(conversation);
    }
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
           !awaits_keys(conversation) && cas_over(conversation->direction, ending);
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
    end_waiting(conversation);
    if (conversation->context->keylog != NULL) {
        cas_keylog_release(conversation->context->keylog, conversation->secrets);
    }
    cas_conversation_drop_hello(conversation);
    cas_follower_finish(&conversation->follower, conversation->context);
    cas_budget_free(budget, conversation, sizeof(*conversation));
}
