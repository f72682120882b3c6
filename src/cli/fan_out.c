/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/fan_out.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

/* Any event: exactly one member is set. */
struct any {
    const struct cas_handshake_event *handshake;
    const struct cas_ca_list_event *ca_list;
    const struct cas_server_event *server;
    const struct cas_anomaly_event *anomaly;
    const struct cas_stats_event *stats;
    const struct cas_plan_event *plan;
    const struct cas_alert_event *alert;
    const struct cas_capture_event *capture;
    bool end;
};

static void tell_one(const struct cas_sink *to, const struct any *event)
{
    if (event->handshake != NULL && to->handshake != NULL) {
        to->handshake(to->user, event->handshake);
    } else if (event->ca_list != NULL && to->ca_list != NULL) {
        to->ca_list(to->user, event->ca_list);
    } else if (event->server != NULL && to->server != NULL) {
        to->server(to->user, event->server);
    } else if (event->anomaly != NULL && to->anomaly != NULL) {
        to->anomaly(to->user, event->anomaly);
    } else if (event->stats != NULL && to->stats != NULL) {
        to->stats(to->user, event->stats);
    } else if (event->plan != NULL && to->plan != NULL) {
        to->plan(to->user, event->plan);
    } else if (event->alert != NULL && to->alert != NULL) {
        to->alert(to->user, event->alert);
    } else if (event->capture != NULL && to->capture != NULL) {
        to->capture(to->user, event->capture);
    } else if (event->end && to->end != NULL) {
        to->end(to->user);
    }
}

static void tell_all(void *user, struct any event)
{
    const struct cas_cli_fan_out *fan_out = user;
    for (size_t i = 0; i < fan_out->sinks_len; i++) {
        tell_one(&fan_out->sinks[i], &event);
    }
}

static void tell_handshake(void *user, const struct cas_handshake_event *event)
{
    tell_all(user, (struct any){ .handshake = event });
}

static void tell_ca_list(void *user, const struct cas_ca_list_event *event)
{
    tell_all(user, (struct any){ .ca_list = event });
}

static void tell_server(void *user, const struct cas_server_event *event)
{
    tell_all(user, (struct any){ .server = event });
}

static void tell_anomaly(void *user, const struct cas_anomaly_event *event)
{
    tell_all(user, (struct any){ .anomaly = event });
}

static void tell_stats(void *user, const struct cas_stats_event *event)
{
    tell_all(user, (struct any){ .stats = event });
}

static void tell_plan(void *user, const struct cas_plan_event *event)
{
    tell_all(user, (struct any){ .plan = event });
}

static void tell_alert(void *user, const struct cas_alert_event *event)
{
    tell_all(user, (struct any){ .alert = event });
}

static void tell_capture(void *user, const struct cas_capture_event *event)
{
    tell_all(user, (struct any){ .capture = event });
}

static void tell_end(void *user)
{
    tell_all(user, (struct any){ .end = true });
}

int cas_cli_fan_out_add(struct cas_cli_fan_out *fan_out, const struct cas_sink *sink)
{
    struct cas_sink *grown =
        realloc(fan_out->sinks, (fan_out->sinks_len + 1) * sizeof(*fan_out->sinks));
    if (grown == NULL) {
        return ENOMEM;
    }
    fan_out->sinks = grown;
    grown[fan_out->sinks_len++] = *sink;
    return 0;
}

struct cas_sink cas_cli_fan_out_sink(struct cas_cli_fan_out *fan_out)
{
    return (struct cas_sink){
        .user = fan_out,
        .handshake = tell_handshake,
        .ca_list = tell_ca_list,
        .server = tell_server,
        .anomaly = tell_anomaly,
        .stats = tell_stats,
        .plan = tell_plan,
        .alert = tell_alert,
        .capture = tell_capture,
        .end = tell_end,
    };
}

void cas_cli_fan_out_finish(struct cas_cli_fan_out *fan_out)
{
    free(fan_out->sinks);
    *fan_out = (struct cas_cli_fan_out){ 0 };
}
