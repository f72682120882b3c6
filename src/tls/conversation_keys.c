/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The secrets of a conversation: looked for when both hellos are known, or awaited. */
#include "tls/conversation_inside.h"
#include "tls/key_waits.h"
#include "tls/keylog.h"

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

void cas_conversation_end_waiting(struct cas_conversation *conversation)
{
    const struct cas_tls_context *context = conversation->context;

    if (conversation->wait.owner != NULL) {
        cas_key_waits_remove(context->waits, &conversation->wait);
        cas_count_add(context->counters, CAS_COUNT_KEYLOG_WAITED_IN_VAIN,
                      conversation->secrets == NULL);
    }
}

bool cas_conversation_awaits_keys(const struct cas_conversation *conversation)
{
    return conversation->wait.owner != NULL &&
           (cas_direction_awaits_keys(&conversation->direction[0]) ||
            cas_direction_awaits_keys(&conversation->direction[1]));
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

void cas_conversation_unlock_sides(struct cas_conversation *conversation)
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
void cas_conversation_unlock(struct cas_conversation *conversation)
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
    cas_conversation_unlock_sides(conversation);
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
        cas_conversation_go_on(conversation);
    }
}

void cas_tls_set_now(const struct cas_tls_context *context, uint64_t now_us)
{
    struct cas_key_wait *wait = NULL;

    cas_key_waits_set_now(context->waits, now_us);
    while ((wait = cas_key_waits_due(context->waits)) != NULL) {
        struct cas_conversation *conversation = wait->owner;
        cas_conversation_end_waiting(conversation);
        cas_conversation_go_on(conversation);
    }
}
