/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/alerts.h"

#include "analysis/alert_causes.h"
#include "analysis/inventory.h"

#define CATEGORY "TLS client authentication"

/* Has it been so long that it is told again? A time that is yet to come is now: the clock was
 * set back, and must not keep us silent until it gets there. */
static bool is_due(const struct cas_alerts *alerts, struct cas_state_told *told,
                   uint64_t now_us)
{
    if (told->at_us > now_us) {
        told->at_us = now_us;
    }
    return alerts->realert_us != 0 && now_us - told->at_us >= alerts->realert_us;
}

static struct cas_state_told *find_told(struct cas_state_server *server,
                                        enum cas_alert_cause cause, uint64_t substance)
{
    for (size_t i = 0; i < server->told_len; i++) {
        struct cas_state_told *told = &server->told[i];
        if (told->cause == cause && told->substance == substance) {
            return told;
        }
    }
    return NULL;
}

/*
 * A place to remember one more: a free one, or that of the one told longest ago. NULL while all
 * of them were told within realert_us, for then a forgotten one would be repeated at once.
 */
static struct cas_state_told *find_place(const struct cas_alerts *alerts,
                                         struct cas_state_server *server, uint64_t now_us)
{
    if (server->told_len < CAS_STATE_TOLD_MAX) {
        return &server->told[server->told_len];
    }
    struct cas_state_told *oldest = &server->told[0];
    for (size_t i = 1; i < server->told_len; i++) {
        if (server->told[i].at_us < oldest->at_us) {
            oldest = &server->told[i];
        }
    }
    return alerts->realert_us == 0 || is_due(alerts, oldest, now_us) ? oldest : NULL;
}

static void tell(struct cas_alerts *alerts, enum cas_alert_cause cause,
                 const struct cas_alert_scene *scene, const struct cas_alert_finding *finding,
                 const struct cas_alert_teller *teller, struct cas_arena *arena)
{
    const struct cas_handshake_event *handshake = scene->handshake;
    bool is_change = cause == CAS_ALERT_LIST_CHANGED || cause == CAS_ALERT_LIST_SHRANK;
    bool is_client = cause == CAS_ALERT_CLIENT_CUT_OFF;
    struct cas_alert_event event = {
        .head = handshake->head,
        .cause = cause,
        .severity = finding->severity,
        .signature_id = cas_alert_signature_id(cause),
        .signature = cas_alert_signature(cause, scene, arena),
        .category = CATEGORY,
        .sni = handshake->tls.sni,
        .version = handshake->tls.version,
        .ca_list = scene->list,
        .previous = is_change ? &scene->server->base : NULL,
        .diagnosis = is_client ? &handshake->client_auth.diagnosis[0] : NULL,
        .occurrences = scene->server->held[cause],
        .suppressed = alerts->suppressed,
    };
    teller->tell(teller->user, &event);
    cas_count(alerts->counters, CAS_COUNT_ALERTS_TOLD);
}

/* Remembers that it was told; what a change was measured against is now the list itself. */
static void remember(struct cas_state_server *server, struct cas_state_told *place,
                     const struct cas_state_told *told)
{
    if (place == &server->told[server->told_len]) {
        server->told_len++;
    }
    *place = *told;
    server->held[told->cause] = 0;
    if (told->cause == CAS_ALERT_LIST_CHANGED || told->cause == CAS_ALERT_LIST_SHRANK) {
        server->base = server->list.brief;
    }
}

static void raise_cause(struct cas_alerts *alerts, enum cas_alert_cause cause,
                        struct cas_state_server *server, const struct cas_alert_scene *scene,
                        const struct cas_alert_teller *teller, struct cas_arena *arena)
{
    uint64_t now_us = scene->handshake->head.timestamp_us;
    struct cas_alert_finding finding;
    if (!cas_alert_find(cause, scene, &finding)) {
        return;
    }
    struct cas_state_told *place = find_told(server, cause, finding.substance);
    if (place != NULL && !is_due(alerts, place, now_us)) {
        server->held[cause]++;
        return;
    }
    if (place == NULL) {
        place = find_place(alerts, server, now_us);
    }
    if (place == NULL || !cas_bucket_take(&alerts->bucket, now_us)) {
        server->held[cause]++;
        alerts->suppressed++;
        cas_count(alerts->counters, CAS_COUNT_ALERTS_SUPPRESSED);
        return;
    }
    const struct cas_state_told told = {
        .cause = cause,
        .at_us = now_us,
        .substance = finding.substance,
    };
    tell(alerts, cause, scene, &finding, teller, arena);
    alerts->suppressed = 0;
    remember(server, place, &told);
}

void cas_alerts_raise(struct cas_alerts *alerts, struct cas_state_server *server,
                      const struct cas_handshake_event *handshake,
                      const struct cas_alert_teller *teller, struct cas_arena *arena)
{
    if (!cas_list_is_whole(handshake->ca_list)) {
        return;
    }
    const struct cas_alert_scene scene = {
        .server = server,
        .handshake = handshake,
        .list = handshake->ca_list,
    };
    for (int cause = 0; cause < CAS_ALERT_CAUSES; cause++) {
        raise_cause(alerts, (enum cas_alert_cause)cause, server, &scene, teller, arena);
    }
}
