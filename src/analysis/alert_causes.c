/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/alert_causes.h"

#include <string.h>

#include "analysis/alert_inferred.h"
#include "analysis/inventory.h"
#include "bytes/number.h"
#include "bytes/reader.h"

#define GROUPED(number) (cas_number_format(number).text)

/*
 * The same for the same names, in whatever order they come, and the same second part. No keyed
 * hash: it must be the same after a restart; and who can make two lists collide in it keeps an
 * alert about his own list back, not one about another server's.
 */
static uint64_t substance_of(const struct cas_ca_list_info *list, uint64_t more)
{
    struct cas_reader r =
        cas_reader_init(cas_view_of(list->set_sha256, sizeof(list->set_sha256)));
    return cas_reader_u64(&r) + more;
}

static bool find_near(const struct cas_alert_scene *scene, struct cas_alert_finding *out)
{
    enum cas_headroom headroom = scene->list->headroom;
    *out = (struct cas_alert_finding){
        .severity = headroom == CAS_HEADROOM_CRIT ? CAS_SEVERITY_ERROR : CAS_SEVERITY_WARNING,
        .substance = substance_of(scene->list, headroom),
    };
    return headroom == CAS_HEADROOM_WARN || headroom == CAS_HEADROOM_CRIT;
}

static const char *sign_near(const struct cas_alert_scene *scene, struct cas_arena *arena)
{
    const struct cas_ca_list_info *list = scene->list;
    return cas_arena_format(
        arena, "The CA list takes %s of the %s bytes of %s (%s %%): room for %s more %s.",
        GROUPED(list->limit_counted), GROUPED(list->limit_bytes), list->limit_name,
        GROUPED(list->limit_percent), GROUPED(list->room_for),
        list->room_for == 1 ? "name" : "names");
}

static bool find_over(const struct cas_alert_scene *scene, struct cas_alert_finding *out)
{
    *out = (struct cas_alert_finding){
        .severity = CAS_SEVERITY_ERROR,
        .substance = substance_of(scene->list, 0),
    };
    return scene->list->headroom == CAS_HEADROOM_OVER;
}

static const char *sign_over(const struct cas_alert_scene *scene, struct cas_arena *arena)
{
    const struct cas_ca_list_info *list = scene->list;
    return cas_arena_format(arena,
                            "The CA list takes %s bytes, more than the %s of %s (%s %%).",
                            GROUPED(list->limit_counted), GROUPED(list->limit_bytes),
                            list->limit_name, GROUPED(list->limit_percent));
}

/* A client that has no certificate for what is left of the list makes it worse. */
static bool find_suspected(const struct cas_alert_scene *scene, struct cas_alert_finding *out)
{
    bool is_worse = scene->handshake->client_auth.answer == CAS_ANSWER_EMPTY;
    *out = (struct cas_alert_finding){
        .severity = is_worse ? CAS_SEVERITY_ERROR : CAS_SEVERITY_WARNING,
        .substance = substance_of(scene->list, is_worse),
    };
    return scene->list->truncation == CAS_TRUNCATION_SUSPECTED;
}

static bool find_confirmed(const struct cas_alert_scene *scene, struct cas_alert_finding *out)
{
    *out = (struct cas_alert_finding){
        .severity = CAS_SEVERITY_ERROR,
        .substance = substance_of(scene->list, 0),
    };
    return scene->list->truncation == CAS_TRUNCATION_CONFIRMED;
}

/* Both kinds of truncation: `word` is how sure it is. */
static const char *sign_cut(const struct cas_alert_scene *scene, const char *word,
                            struct cas_arena *arena)
{
    const struct cas_ca_list_info *list = scene->list;
    const struct cas_store_info *store = list->store;
    const char *names = cas_arena_format(arena, "%s names", GROUPED(list->count));
    if (store != NULL && store->missing_count > 0 && store->advertised > 0) {
        names = cas_arena_format(arena, "%s of the trust store's %s names",
                                 GROUPED(store->advertised), GROUPED(store->names));
    }
    if (list->limit_name == NULL) {
        return cas_arena_format(arena, "The CA list %s cut: %s in %s bytes.", word, names,
                                GROUPED(list->bytes));
    }
    return cas_arena_format(arena, "The CA list %s cut: %s, %s of the %s bytes of %s.", word,
                            names, GROUPED(list->limit_counted), GROUPED(list->limit_bytes),
                            list->limit_name);
}

static const char *sign_suspected(const struct cas_alert_scene *scene, struct cas_arena *arena)
{
    return sign_cut(scene, "looks", arena);
}

static const char *sign_confirmed(const struct cas_alert_scene *scene, struct cas_arena *arena)
{
    return sign_cut(scene, "was", arena);
}

static bool has_changed(const struct cas_alert_scene *scene)
{
    const struct cas_state_server *server = scene->server;
    return cas_list_is_comparable(scene->list) &&
           memcmp(server->base.set_sha256, server->list.brief.set_sha256,
                  sizeof(server->base.set_sha256)) != 0;
}

static bool find_changed(const struct cas_alert_scene *scene, struct cas_alert_finding *out)
{
    *out = (struct cas_alert_finding){
        .severity = CAS_SEVERITY_INFO,
        .substance = substance_of(scene->list, 0),
    };
    return has_changed(scene) && scene->list->count >= scene->server->base.count;
}

static bool find_shrank(const struct cas_alert_scene *scene, struct cas_alert_finding *out)
{
    *out = (struct cas_alert_finding){
        .severity = CAS_SEVERITY_WARNING,
        .substance = substance_of(scene->list, 0),
    };
    return has_changed(scene) && scene->list->count < scene->server->base.count;
}

/* "3 names more", "1 name less"; `same` for no difference. */
static const char *difference(uint64_t before, uint64_t now, const char *one, const char *many,
                              struct cas_arena *arena)
{
    uint64_t by = before < now ? now - before : before - now;
    if (by == 0) {
        return cas_arena_format(arena, "as many %s", many);
    }
    return cas_arena_format(arena, "%s %s %s", GROUPED(by), by == 1 ? one : many,
                            before < now ? "more" : "less");
}

static const char *sign_changed(const struct cas_alert_scene *scene, struct cas_arena *arena)
{
    const struct cas_list_brief *before = &scene->server->base;
    const struct cas_list_brief *now = &scene->server->list.brief;
    const char *names = difference(before->count, now->count, "name", "names", arena);
    const char *bytes = difference(before->bytes, now->bytes, "byte", "bytes", arena);
    return cas_arena_format(
        arena, "The CA list %s from %s names in %s bytes to %s in %s: %s, %s.",
        now->count < before->count ? "shrank" : "changed", GROUPED(before->count),
        GROUPED(before->bytes), GROUPED(now->count), GROUPED(now->bytes),
        names != NULL ? names : "", bytes != NULL ? bytes : "");
}

static bool find_refusing(const struct cas_alert_scene *scene, struct cas_alert_finding *out)
{
    *out = (struct cas_alert_finding){
        .severity = CAS_SEVERITY_WARNING,
        .substance = substance_of(scene->list, scene->list->clients_refusing_len),
    };
    return scene->list->clients_refusing_len > 0;
}

static const char *sign_refusing(const struct cas_alert_scene *scene, struct cas_arena *arena)
{
    const struct cas_ca_list_info *list = scene->list;
    size_t others = list->clients_refusing_len - 1;
    const char *more = "";
    if (others > 0) {
        more = cas_arena_format(arena, " and %s %s", GROUPED(others),
                                others == 1 ? "other kind of client" : "other kinds of client");
    }
    return cas_arena_format(arena, "A request of %s bytes is refused by %s%s.",
                            GROUPED(list->message_bytes), list->clients_refusing[0],
                            more != NULL ? more : "");
}

/* The diagnoses that say that the list kept a client out; else its worst one does after a list
 * that was cut. */
static bool find_cut_off(const struct cas_alert_scene *scene, struct cas_alert_finding *out)
{
    const struct cas_client_auth_info *auth = &scene->handshake->client_auth;
    if (auth->diagnosis_len == 0) {
        return false;
    }
    const struct cas_diagnosis *worst = &auth->diagnosis[0];
    *out = (struct cas_alert_finding){
        .severity = worst->severity,
        .substance = substance_of(scene->list, worst->code),
    };
    if (worst->code == CAS_DIAGNOSIS_ISSUER_CUT_OFF) {
        return worst->severity != CAS_SEVERITY_INFO;
    }
    return worst->severity == CAS_SEVERITY_ERROR &&
           (worst->code == CAS_DIAGNOSIS_CLIENT_SENT_NONE ||
            scene->list->truncation >= CAS_TRUNCATION_SUSPECTED);
}

static const char *sign_cut_off(const struct cas_alert_scene *scene, struct cas_arena *arena)
{
    const struct cas_client_auth_info *auth = &scene->handshake->client_auth;
    return cas_arena_format(arena,
                            "A client failed over its certificate, with a CA list of %s "
                            "names in %s bytes: %s.",
                            GROUPED(scene->list->count), GROUPED(scene->list->bytes),
                            cas_diagnosis_name(auth->diagnosis[0].code));
}

struct cause {
    uint32_t signature_id;
    const char *name; /* when there is no memory for its sentence */
    bool (*find)(const struct cas_alert_scene *scene, struct cas_alert_finding *out);
    const char *(*sign)(const struct cas_alert_scene *scene, struct cas_arena *arena);
};

static const struct cause causes[CAS_ALERT_CAUSES] = {
    [CAS_ALERT_LIST_NEAR_LIMIT] = { 1, "The CA list is near its limit.", find_near, sign_near },
    [CAS_ALERT_LIST_OVER_LIMIT] = { 2, "The CA list is over its limit.", find_over, sign_over },
    [CAS_ALERT_TRUNCATION_SUSPECTED] = { 3, "The CA list looks cut.", find_suspected,
                                         sign_suspected },
    [CAS_ALERT_TRUNCATION_CONFIRMED] = { 4, "The CA list was cut.", find_confirmed,
                                         sign_confirmed },
    [CAS_ALERT_LIST_CHANGED] = { 5, "The CA list changed.", find_changed, sign_changed },
    [CAS_ALERT_LIST_SHRANK] = { 6, "The CA list shrank.", find_shrank, sign_changed },
    [CAS_ALERT_CLIENTS_REFUSING] = { 7, "Some clients refuse the request.", find_refusing,
                                     sign_refusing },
    [CAS_ALERT_CLIENT_CUT_OFF] = { 8, "A client failed over its certificate.", find_cut_off,
                                   sign_cut_off },
};

bool cas_alert_find(enum cas_alert_cause cause, const struct cas_alert_scene *scene,
                    struct cas_alert_finding *out_finding)
{
    return scene->list != NULL ? causes[cause].find(scene, out_finding)
                               : cas_alert_inferred_find(cause, scene, out_finding);
}

const char *cas_alert_signature(enum cas_alert_cause cause, const struct cas_alert_scene *scene,
                                struct cas_arena *arena)
{
    const char *text = scene->list != NULL ? causes[cause].sign(scene, arena)
                                           : cas_alert_inferred_sign(cause, scene, arena);
    return text != NULL && cas_arena_ok(arena) ? text : causes[cause].name;
}

uint32_t cas_alert_signature_id(enum cas_alert_cause cause)
{
    return causes[cause].signature_id;
}
