/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/alert_inferred.h"

#include "bytes/number.h"

#define GROUPED(number) (cas_number_format(number).text)

/* Another size is news, and so is another verdict on it. Lists are told apart by their digests:
 * those that begin with so many zeros do not come. */
static uint64_t substance_of(const struct cas_request_size *size, uint32_t verdict)
{
    return (uint64_t)size->least << 8 | verdict;
}

static bool has_shown_headroom(const struct cas_alert_scene *scene)
{
    const struct cas_state_server *server = scene->server;
    return server->has_list && server->list.headroom >= scene->size->headroom_least;
}

static bool has_shown_refusing(const struct cas_alert_scene *scene)
{
    const struct cas_state_server *server = scene->server;
    return server->has_list &&
           server->list.clients_refusing >= scene->size->clients_refusing_len;
}

bool cas_alert_inferred_find(enum cas_alert_cause cause, const struct cas_alert_scene *scene,
                             struct cas_alert_finding *out_finding)
{
    const struct cas_request_size *size = scene->size;
    enum cas_headroom headroom = size->headroom_least;
    bool is_error = headroom == CAS_HEADROOM_CRIT || headroom == CAS_HEADROOM_OVER;

    *out_finding = (struct cas_alert_finding){
        .severity = is_error ? CAS_SEVERITY_ERROR : CAS_SEVERITY_WARNING,
        .substance = substance_of(size, headroom),
    };
    switch (cause) {
    case CAS_ALERT_LIST_NEAR_LIMIT:
        return (headroom == CAS_HEADROOM_WARN || headroom == CAS_HEADROOM_CRIT) &&
               !has_shown_headroom(scene);
    case CAS_ALERT_LIST_OVER_LIMIT:
        return headroom == CAS_HEADROOM_OVER && !has_shown_headroom(scene);
    case CAS_ALERT_CLIENTS_REFUSING:
        out_finding->severity = CAS_SEVERITY_WARNING;
        out_finding->substance = substance_of(size, (uint32_t)size->clients_refusing_len);
        return size->clients_refusing_len > 0 && !has_shown_refusing(scene);
    case CAS_ALERT_TRUNCATION_SUSPECTED:
    case CAS_ALERT_TRUNCATION_CONFIRMED:
    case CAS_ALERT_LIST_CHANGED:
    case CAS_ALERT_LIST_SHRANK:
    case CAS_ALERT_CLIENT_CUT_OFF:
    case CAS_ALERT_CAUSES:
        break;
    }
    return false;
}

static const char *sign_refusing(const struct cas_request_size *size, struct cas_arena *arena)
{
    size_t others = size->clients_refusing_len - 1;
    const char *more = "";
    if (others > 0) {
        more = cas_arena_format(arena, " and %s %s", GROUPED(others),
                                others == 1 ? "other kind of client" : "other kinds of client");
    }
    return cas_arena_format(
        arena,
        "An encrypted request of %s%s bytes is refused by %s%s (inferred from "
        "record sizes).",
        size->least == size->most ? "" : "at least ", GROUPED(size->least),
        size->clients_refusing[0], more != NULL ? more : "");
}

const char *cas_alert_inferred_sign(enum cas_alert_cause cause,
                                    const struct cas_alert_scene *scene,
                                    struct cas_arena *arena)
{
    const struct cas_request_size *size = scene->size;
    if (cause == CAS_ALERT_CLIENTS_REFUSING) {
        return sign_refusing(size, arena);
    }
    return cas_arena_format(
        arena,
        "The encrypted request takes at least %s of the %s bytes of %s (%s %%, inferred from "
        "record sizes).",
        GROUPED(size->limit_counted), GROUPED(size->limit_bytes), size->limit_name,
        GROUPED(size->limit_percent_least));
}
