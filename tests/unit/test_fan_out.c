/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "cli/fan_out.h"
#include "support/support.h"

/* Calls heard, as letters in their order. */
struct heard {
    char text[64];
    const char *letters; /* one for each kind of event, in the order of struct cas_sink */
};

static void hear(struct heard *heard, size_t kind)
{
    size_t len = strlen(heard->text);
    ck_assert_uint_lt(len + 1, sizeof(heard->text));
    heard->text[len] = heard->letters[kind];
    heard->text[len + 1] = '\0';
}

static void hear_handshake(void *user, const struct cas_handshake_event *event)
{
    ck_assert_ptr_nonnull(event);
    hear(user, 0);
}

static void hear_ca_list(void *user, const struct cas_ca_list_event *event)
{
    ck_assert_ptr_nonnull(event);
    hear(user, 1);
}

static void hear_server(void *user, const struct cas_server_event *event)
{
    ck_assert_ptr_nonnull(event);
    hear(user, 2);
}

static void hear_anomaly(void *user, const struct cas_anomaly_event *event)
{
    ck_assert_ptr_nonnull(event);
    hear(user, 3);
}

static void hear_stats(void *user, const struct cas_stats_event *event)
{
    ck_assert_ptr_nonnull(event);
    hear(user, 4);
}

static void hear_plan(void *user, const struct cas_plan_event *event)
{
    ck_assert_ptr_nonnull(event);
    hear(user, 5);
}

static void hear_alert(void *user, const struct cas_alert_event *event)
{
    ck_assert_ptr_nonnull(event);
    hear(user, 6);
}

static void hear_capture(void *user, const struct cas_capture_event *event)
{
    ck_assert_ptr_nonnull(event);
    hear(user, 7);
}

static void hear_end(void *user)
{
    hear(user, 8);
}

static struct cas_sink listen_to(struct heard *heard)
{
    return (struct cas_sink){
        .user = heard,
        .handshake = hear_handshake,
        .ca_list = hear_ca_list,
        .server = hear_server,
        .anomaly = hear_anomaly,
        .stats = hear_stats,
        .plan = hear_plan,
        .alert = hear_alert,
        .capture = hear_capture,
        .end = hear_end,
    };
}

static void tell_each(const struct cas_sink *sink)
{
    sink->handshake(sink->user, &(const struct cas_handshake_event){ 0 });
    sink->ca_list(sink->user, &(const struct cas_ca_list_event){ 0 });
    sink->server(sink->user, &(const struct cas_server_event){ 0 });
    sink->anomaly(sink->user, &(const struct cas_anomaly_event){ 0 });
    sink->stats(sink->user, &(const struct cas_stats_event){ 0 });
    sink->plan(sink->user, &(const struct cas_plan_event){ 0 });
    sink->alert(sink->user, &(const struct cas_alert_event){ 0 });
    sink->capture(sink->user, &(const struct cas_capture_event){ 0 });
    sink->end(sink->user);
}

START_TEST(every_sink_hears_every_event)
{
    struct heard first = { .letters = "abcdefghi" };
    struct heard second = { .letters = "ABCDEFGHI" };
    struct cas_cli_fan_out fan_out = { 0 };
    struct cas_sink sink = listen_to(&first);
    ck_assert_int_eq(cas_cli_fan_out_add(&fan_out, &sink), 0);
    const struct cas_sink all = cas_cli_fan_out_sink(&fan_out);
    sink = listen_to(&second);
    ck_assert_int_eq(cas_cli_fan_out_add(&fan_out, &sink), 0);
    tell_each(&all);
    ck_assert_str_eq(first.text, "abcdefghi");
    ck_assert_str_eq(second.text, "ABCDEFGHI");
    cas_cli_fan_out_finish(&fan_out);
}
END_TEST

START_TEST(a_sink_may_be_deaf_to_any_event)
{
    struct heard only = { .letters = "abcdefghi" };
    struct cas_cli_fan_out fan_out = { 0 };
    const struct cas_sink deaf = { .user = &only };
    const struct cas_sink half = { .user = &only, .alert = hear_alert, .end = hear_end };
    ck_assert_int_eq(cas_cli_fan_out_add(&fan_out, &deaf), 0);
    ck_assert_int_eq(cas_cli_fan_out_add(&fan_out, &half), 0);
    const struct cas_sink all = cas_cli_fan_out_sink(&fan_out);
    tell_each(&all);
    ck_assert_str_eq(only.text, "gi");
    cas_cli_fan_out_finish(&fan_out);
}
END_TEST

/* Whoever adds a kind of event to the sink hears of it here. */
START_TEST(the_sink_has_no_other_events)
{
    ck_assert_uint_eq(sizeof(struct cas_sink), sizeof(void *) + 9 * sizeof(void (*)(void)));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("fan_out");
    TCase *tcase = tcase_create("fan_out");
    tcase_add_test(tcase, every_sink_hears_every_event);
    tcase_add_test(tcase, a_sink_may_be_deaf_to_any_event);
    tcase_add_test(tcase, the_sink_has_no_other_events);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
