/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/alerts.h"

#include "analysis/alert_causes.h"
#include "analysis/inventory.h"

#define CATEGORY "TLS client authentication"

/* Of one address and port: all that is remembered of it at once, then one each ten seconds. It
 * leaves nine tenths and more of the default rate to the others. */
#define OWN_BURST    CAS_STATE_TOLD_MAX
#define OWN_EVERY_US UINT64_C(10000000)

/* What all causes of a handshake are raised with. */
struct call {
    const struct cas_alert_subject *subject;
    const struct cas_alert_teller *teller;
    struct cas_arena *arena;
};

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

static struct cas_state_told *find_told(struct cas_state_alerts *known,
                                        enum cas_alert_cause cause, uint64_t substance)
{
    for (size_t i = 0; i < known->told_len; i++) {
        struct cas_state_told *told = &known->told[i];
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
                                         struct cas_state_alerts *known, uint64_t now_us)
{
    if (known->told_len < CAS_STATE_TOLD_MAX) {
        return &known->told[known->told_len];
    }
    struct cas_state_told *oldest = &known->told[0];
    for (size_t i = 1; i < known->told_len; i++) {
        if (known->told[i].at_us < oldest->at_us) {
            oldest = &known->told[i];
        }
    }
    return alerts->realert_us == 0 || is_due(alerts, oldest, now_us) ? oldest : NULL;
}

static bool is_change(enum cas_alert_cause cause)
{
    return cause == CAS_ALERT_LIST_CHANGED || cause == CAS_ALERT_LIST_SHRANK;
}

/* What a change was measured against is now the list itself. */
static void move_base(struct cas_state_server *server, uint64_t now_us)
{
    server->base = server->list.brief;
    server->base_us = now_us;
}

/* A change that was told since the server was last seen as before: under another SNI, then. */
static bool is_same_change(const struct cas_state_told *told,
                           const struct cas_state_server *server)
{
    return is_change(told->cause) && told->at_us > server->base_us;
}

static void tell(struct cas_alerts *alerts, enum cas_alert_cause cause,
                 const struct cas_alert_scene *scene, const struct cas_alert_finding *finding,
                 const struct call *call)
{
    const struct cas_handshake_event *handshake = scene->handshake;
    bool is_client = cause == CAS_ALERT_CLIENT_CUT_OFF;
    struct cas_alert_event event = {
        .head = handshake->head,
        .cause = cause,
        .severity = finding->severity,
        .signature_id = cas_alert_signature_id(cause),
        .signature = cas_alert_signature(cause, scene, call->arena),
        .category = CATEGORY,
        .sni = handshake->tls.sni,
        .version = handshake->tls.version,
        .how = scene->list != NULL ? handshake->client_auth.how : CAS_HOW_INFERRED,
        .ca_list = scene->list,
        .request_size = scene->size,
        .previous = is_change(cause) ? &scene->server->base : NULL,
        .diagnosis = is_client ? &handshake->client_auth.diagnosis[0] : NULL,
        .occurrences = call->subject->memory->alerts.held[cause],
        .suppressed = alerts->suppressed,
    };
    call->teller->tell(call->teller->user, &event);
    cas_count(alerts->counters, CAS_COUNT_ALERTS_TOLD);
}

static void remember(const struct cas_alert_subject *subject, struct cas_state_told *place,
                     const struct cas_state_told *told)
{
    struct cas_state_alerts *known = &subject->memory->alerts;
    if (place == &known->told[known->told_len]) {
        known->told_len++;
    }
    *place = *told;
    known->held[told->cause] = 0;
    if (is_change(told->cause)) {
        move_base(subject->server, told->at_us);
    }
}

/* One address and port runs out of its own alerts before it can run out of everybody's. */
static bool is_allowed(struct cas_alerts *alerts, struct cas_alert_memory *memory,
                       uint64_t now_us)
{
    return alerts->bucket.every_us == 0 || (cas_bucket_take(&memory->bucket, now_us) &&
                                            cas_bucket_take(&alerts->bucket, now_us));
}

/* Was it told, and is it too early to repeat it? */
static bool is_known(const struct cas_alerts *alerts, const struct cas_alert_subject *subject,
                     struct cas_state_told *told, uint64_t now_us)
{
    if (told == NULL) {
        return false;
    }
    if (is_same_change(told, subject->server)) {
        move_base(subject->server, now_us);
        return true;
    }
    return !is_due(alerts, told, now_us);
}

static void raise_cause(struct cas_alerts *alerts, enum cas_alert_cause cause,
                        const struct cas_alert_scene *scene, const struct call *call)
{
    const struct cas_alert_subject *subject = call->subject;
    struct cas_state_alerts *known = &subject->memory->alerts;
    uint64_t now_us = scene->handshake->head.timestamp_us;
    struct cas_alert_finding finding;
    if (!cas_alert_find(cause, scene, &finding)) {
        return;
    }
    struct cas_state_told *place = find_told(known, cause, finding.substance);
    if (is_known(alerts, subject, place, now_us)) {
        known->held[cause]++;
        return;
    }
    if (place == NULL) {
        place = find_place(alerts, known, now_us);
    }
    if (place == NULL || !is_allowed(alerts, subject->memory, now_us)) {
        known->held[cause]++;
        alerts->suppressed++;
        cas_count(alerts->counters, CAS_COUNT_ALERTS_SUPPRESSED);
        return;
    }
    const struct cas_state_told told = {
        .cause = cause,
        .at_us = now_us,
        .substance = finding.substance,
    };
    tell(alerts, cause, scene, &finding, call);
    alerts->suppressed = 0;
    remember(subject, place, &told);
}

struct cas_alert_memory cas_alert_memory_init(void)
{
    return (struct cas_alert_memory){ .bucket = cas_bucket_init(OWN_EVERY_US, OWN_BURST) };
}

void cas_alert_memory_recall(struct cas_alert_memory *memory,
                             const struct cas_state_alerts *alerts)
{
    struct cas_state_alerts *known = &memory->alerts;
    for (size_t i = 0; i < alerts->told_len && known->told_len < CAS_STATE_TOLD_MAX; i++) {
        known->told[known->told_len++] = alerts->told[i];
    }
    for (size_t i = 0; i < CAS_ALERT_CAUSES; i++) {
        known->held[i] += alerts->held[i];
    }
}

void cas_alerts_raise(struct cas_alerts *alerts, const struct cas_alert_subject *subject,
                      const struct cas_handshake_event *handshake,
                      const struct cas_alert_teller *teller, struct cas_arena *arena)
{
    const struct cas_ca_list_info *list = handshake->ca_list;
    const struct cas_request_size *size = handshake->client_auth.request_size;
    if (list != NULL ? !cas_list_is_whole(list) : size == NULL) {
        return;
    }
    const struct call call = { .subject = subject, .teller = teller, .arena = arena };
    const struct cas_alert_scene scene = {
        .server = subject->server,
        .handshake = handshake,
        .list = list,
        .size = list == NULL ? size : NULL,
    };
    for (int cause = 0; cause < CAS_ALERT_CAUSES; cause++) {
        raise_cause(alerts, (enum cas_alert_cause)cause, &scene, &call);
    }
}
