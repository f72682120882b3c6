/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tls/join.h"

static enum cas_talk_role role_of(const struct cas_direction *direction)
{
    return direction->talk != NULL ? direction->talk->role : CAS_ROLE_UNKNOWN;
}

bool cas_join_are_equal(const struct cas_direction sides[2])
{
    return role_of(&sides[0]) == role_of(&sides[1]) && role_of(&sides[0]) != CAS_ROLE_UNKNOWN;
}

static bool has_hello(const struct cas_direction *direction)
{
    return direction->talk != NULL && cas_talk_has_hello(direction->talk);
}

/*
 * Both claim the same role: who has said its hello is believed, and where both have, or
 * neither, that the client is who opened the connection.
 */
static int client_of_equals(const struct cas_direction sides[2], enum cas_talk_role role)
{
    if (has_hello(&sides[0]) == has_hello(&sides[1])) {
        return 0;
    }
    int believed = has_hello(&sides[0]) ? 0 : 1;
    return role == CAS_ROLE_CLIENT ? believed : 1 - believed;
}

int cas_join_client_end(const struct cas_direction sides[2])
{
    enum cas_talk_role first = role_of(&sides[0]);
    enum cas_talk_role second = role_of(&sides[1]);

    if (first == CAS_ROLE_UNKNOWN && second == CAS_ROLE_UNKNOWN) {
        return -1;
    }
    if (first == second) {
        return client_of_equals(sides, first);
    }
    return first == CAS_ROLE_CLIENT || second == CAS_ROLE_SERVER ? 0 : 1;
}

static void add_alert(struct cas_conversation_facts *facts, struct cas_alert alert,
                      bool from_server)
{
    if (facts->alerts_len < CAS_TLS_ALERTS_MAX) {
        facts->alerts[facts->alerts_len++] = (struct cas_alert_facts){
            .from_server = from_server,
            .level = alert.level,
            .description = alert.description,
        };
    }
}

/*
 * Of an alert that was passed over: a side that never spoke TLS has refused it. Where TLS
 * follows a fatal one it was none, for that is the end of a connection (RFC 5246, 7.2.2).
 */
static bool is_told(const struct cas_direction *side)
{
    const struct cas_passed *passed = &side->finder.passed;

    return passed->has_alert && (side->talk == NULL || passed->alert_level != CAS_ALERT_FATAL);
}

static void add_alerts(struct cas_conversation_facts *facts, const struct cas_direction *side,
                       bool from_server)
{
    const struct cas_passed *passed = &side->finder.passed;
    const struct cas_talk *talk = side->talk;
    size_t room = CAS_ALERTS_OF_SIDE_MAX;

    if (is_told(side)) {
        struct cas_alert alert = { passed->alert_level, passed->alert_description };
        add_alert(facts, alert, from_server);
        facts->alerts_count++;
        room--;
    }
    for (size_t i = 0; talk != NULL && i < talk->alerts.len && i < room; i++) {
        add_alert(facts, talk->alerts.alert[i], from_server);
    }
    facts->alerts_count += talk != NULL ? talk->alerts.count : 0;
}

/*
 * In front of the hello, behind plaintext: it was not read, but nobody says that there was no
 * request in it, and one that follows need not be the server's.
 */
static void note_passed_handshake(struct cas_direction_facts *facts,
                                  const struct cas_passed *passed)
{
    if (passed->has_handshake) {
        facts->may_lack_messages = true;
        facts->reasons |= CAS_REASON_BIT(CAS_REASON_PROTOCOL);
    }
}

static struct cas_direction_facts facts_of(const struct cas_direction *side)
{
    struct cas_direction_facts facts = { 0 };

    if (side->talk != NULL) {
        facts = side->talk->facts;
        facts.may_lack_messages |= side->talk->handshake.may_lack_messages;
        note_passed_handshake(&facts, &side->finder.passed);
    } else {
        facts.is_seen = side->finder.passed.has_alert;
    }
    if (side->is_refused) {
        facts.is_seen = true;
        facts.lost_framing = true;
        facts.may_lack_messages = true;
        facts.reasons |= CAS_REASON_BIT(CAS_REASON_MEMORY);
    }
    return facts;
}

/*
 * RFC 8446, D.4: a client that was asked to retry may send ChangeCipherSpec before its second
 * ClientHello, which then looks like an encrypted handshake of older versions.
 */
static void forget_encrypted_handshakes(struct cas_direction_facts *facts)
{
    facts->has_encrypted_handshake = false;
    facts->encrypted_handshakes = 0;
}

void cas_join(const struct cas_direction sides[2], struct cas_conversation_facts *facts)
{
    int end = cas_join_client_end(sides);
    const struct cas_direction *client = &sides[end > 0 ? 1 : 0];
    const struct cas_direction *server = &sides[end > 0 ? 0 : 1];

    facts->is_tls = true;
    facts->client_end = end;
    facts->is_after_plaintext = client->is_after_plaintext || server->is_after_plaintext;
    facts->client = facts_of(client);
    facts->server = facts_of(server);
    if (cas_join_are_equal(sides)) {
        facts->client.reasons |= CAS_REASON_BIT(CAS_REASON_PROTOCOL);
        facts->server.reasons |= CAS_REASON_BIT(CAS_REASON_PROTOCOL);
    }
    facts->server_hello = server->talk != NULL ? server->talk->server_hello
                                               : (struct cas_server_hello_facts){ 0 };
    if (facts->server_hello.version == CAS_TLS_VERSION_TLS13 ||
        (facts->server_hello.version == 0 && client->talk != NULL &&
         cas_talk_has_second_hello(client->talk))) {
        forget_encrypted_handshakes(&facts->client);
    }
    facts->alerts_len = 0;
    facts->alerts_count = 0;
    add_alerts(facts, client, false);
    add_alerts(facts, server, true);
}
