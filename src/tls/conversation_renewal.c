/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Handshakes of TLS 1.2 or older behind the first, which are encrypted: with the secrets of a
 * key log they are read as the first one was, one after the other.
 */
#include <string.h>

#include "tls/conversation_inside.h"

static bool is_over(const struct cas_conversation *conversation)
{
    return conversation->direction[0].talk->is_over && conversation->direction[1].talk->is_over;
}

bool cas_conversation_has_begun(const struct cas_conversation *conversation)
{
    return conversation->direction[0].talk->has_begun ||
           conversation->direction[1].talk->has_begun;
}

/* Of the handshake that is over. False when something of it is not known. */
static bool find_material(const struct cas_conversation *conversation,
                          struct cas_key_material *out_material)
{
    const struct cas_client_hello_facts *client = &conversation->facts.client_hello;
    const struct cas_server_hello_facts *server = &conversation->facts.server_hello;

    if (!client->has_random || !server->has_random || server->is_protected_oddly ||
        !server->is_whole || !cas_protection12_is_known(server->version, server->cipher)) {
        return false;
    }
    const struct cas_secrets *secrets =
        cas_keylog_find(conversation->context->keylog, client->random);
    if (secrets == NULL) {
        return false;
    }
    *out_material = (struct cas_key_material){
        .version = server->version,
        .cipher = server->cipher,
        .is_encrypt_then_mac = server->is_encrypt_then_mac,
        .master = secrets->secret[CAS_SECRET_MASTER],
    };
    memcpy(out_material->client_random, client->random, sizeof(client->random));
    memcpy(out_material->server_random, server->random, sizeof(server->random));
    return true;
}

static bool set_keys(struct cas_conversation *conversation, unsigned end)
{
    struct cas_talk *talk = conversation->direction[end].talk;
    struct cas_key_material material = { 0 };
    struct cas_protection12 *protection = NULL;

    if (find_material(conversation, &material)) {
        protection = cas_protection12_create(
            &material, talk->role == CAS_ROLE_CLIENT ? CAS_SENT_BY_CLIENT : CAS_SENT_BY_SERVER,
            conversation->context->budget);
    }
    explicit_bzero(&material, sizeof(material));
    if (protection == NULL) {
        return false;
    }
    cas_backlog_set_keys(talk->backlog, protection);
    return true;
}

/* This side can be read on, as far as it goes without keys. */
static bool is_open(const struct cas_direction *side)
{
    return side->talk != NULL && side->talk->backlog != NULL &&
           side->talk->role != CAS_ROLE_UNKNOWN && !side->talk->facts.is_malformed &&
           side->talk->facts.encrypted_handshakes > 0 &&
           cas_backlog_peek(side->talk->backlog) == CAS_RECORD_HANDSHAKE;
}

static void drop_backlogs(struct cas_conversation *conversation)
{
    for (unsigned end = 0; end < 2; end++) {
        cas_direction_drop_backlog(&conversation->direction[end]);
    }
}

void cas_conversation_prepare_renewal(struct cas_conversation *conversation)
{
    struct cas_direction *sides = conversation->direction;

    conversation->is_renewable = false;
    if (is_open(&sides[0]) && is_open(&sides[1]) &&
        sides[0].talk->role != sides[1].talk->role) {
        cas_conversation_settle(conversation);
        conversation->is_renewable = set_keys(conversation, 0) && set_keys(conversation, 1) &&
                                     cas_talk_open_finished(sides[0].talk) &&
                                     cas_talk_open_finished(sides[1].talk);
    }
    if (!conversation->is_renewable) {
        drop_backlogs(conversation);
    }
}

bool cas_conversation_renew(struct cas_conversation *conversation)
{
    if (!conversation->is_done || !conversation->is_renewable) {
        return false;
    }
    cas_conversation_drop_hello(conversation);
    int client_end = conversation->facts.client_end;
    conversation->facts = (struct cas_conversation_facts){ .client_end = client_end };
    for (unsigned end = 0; end < 2; end++) {
        struct cas_direction *side = &conversation->direction[end];
        cas_talk_renew(side->talk);
        side->state = CAS_DIRECTION_ENDED;
    }
    conversation->is_renewable = false;
    conversation->is_renewed = true;
    conversation->is_told = false;
    conversation->is_done = false;
    return true;
}

/*
 * What was read of a handshake is told, when it is more than the record headers say: its end, a
 * request, an alert. Else it is left to the follower.
 */
static bool is_worth_telling(const struct cas_conversation *conversation)
{
    const struct cas_direction *sides = conversation->direction;
    bool is_lost = sides[0].talk->is_given_up || sides[1].talk->is_given_up;
    bool has_request =
        sides[0].talk->facts.cert_requests > 0 || sides[1].talk->facts.cert_requests > 0;
    return cas_conversation_has_begun(conversation) && (has_request || !is_lost);
}

static void finish(struct cas_conversation *conversation)
{
    const struct cas_tls_context *context = conversation->context;

    conversation->is_done = true;
    if (!is_worth_telling(conversation)) {
        drop_backlogs(conversation);
        return;
    }
    cas_follower_forget(&conversation->follower, context);
    cas_conversation_prepare_renewal(conversation);
    cas_conversation_settle(conversation);
    if (!conversation->is_told) {
        cas_count(context->counters, CAS_COUNT_RENEGOTIATIONS);
    }
    context->handler.done(conversation->user, conversation->frame, &conversation->facts);
}

enum cas_want cas_conversation_read_renewed(struct cas_conversation *conversation)
{
    for (unsigned end = 0; end < 2 && !conversation->is_done; end++) {
        cas_talk_read_backlog(conversation->direction[end].talk);
    }
    if (is_over(conversation) && !conversation->is_done) {
        finish(conversation);
    }
    return conversation->is_done ? CAS_WANT_NEITHER : CAS_WANT_BYTES;
}

enum cas_want cas_conversation_read_on(struct cas_conversation *conversation,
                                       const struct cas_frame *frame)
{
    conversation->frame = frame;
    return cas_conversation_read_renewed(conversation);
}

void cas_conversation_close_renewed(struct cas_conversation *conversation,
                                    enum cas_reason reason)
{
    (void)cas_conversation_read_renewed(conversation);
    for (unsigned end = 0; end < 2; end++) {
        struct cas_talk *talk = conversation->direction[end].talk;
        if (!talk->is_over) {
            cas_talk_cut(talk, reason);
            cas_talk_end(talk);
        }
    }
    (void)cas_conversation_read_renewed(conversation);
}
