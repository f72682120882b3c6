/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which handshakes with a finding are saved; what a finding is, the test of -w says. */
#include "analysis/finding.h"
#include "net/kept.h"
#include "support/support.h"

#define HOUR_US UINT64_C(3600000000)

struct scene {
    struct cas_run run;
    struct cas_kept kept;
    struct cas_flow flow;
    struct cas_ration ration;
    unsigned saved;
    uint64_t now_us;
};

static void save(void *user, const struct cas_evidence *evidence)
{
    struct scene *scene = user;
    (void)evidence;
    scene->saved++;
}

static void open_scene(struct scene *scene, uint32_t per_hour)
{
    *scene = (struct scene){ .now_us = 1000 * HOUR_US };
    scene->run.config.evidence = (struct cas_evidence_sink){ .user = scene, .packets = save };
    scene->run.config.evidence_per_hour = per_hour;
    scene->flow.kept = &scene->kept;
}

/* A handshake with this diagnosis; is it saved? */
static bool tell(struct scene *scene, enum cas_diagnosis_code code, enum cas_severity severity,
                 struct cas_finding finding)
{
    const struct cas_diagnosis diagnosis = { code, severity, "" };
    const struct cas_handshake_event event = {
        .head = { .timestamp_us = scene->now_us },
        .client_auth = { .diagnosis = &diagnosis, .diagnosis_len = 1 },
    };
    unsigned saved = scene->saved;
    finding.event = &event;
    scene->kept.is_evidence = false;
    cas_finding_tell(&scene->run, &scene->flow, &finding);
    ck_assert(scene->kept.is_evidence == (scene->saved > saved));
    return scene->saved > saved;
}

START_TEST(the_first_of_each_kind_are_saved_and_what_raises_an_alert)
{
    struct scene scene;
    open_scene(&scene, 2);
    const struct cas_finding plain = { .ration = &scene.ration };
    const struct cas_finding with_alert = { .ration = &scene.ration, .has_alert = true };
    const struct cas_finding anomaly = { .ration = &scene.ration, .anomalies = 1 };
    const enum cas_diagnosis_code none = CAS_DIAGNOSIS_CLIENT_SENT_NONE;
    ck_assert(tell(&scene, none, CAS_SEVERITY_ERROR, with_alert));
    for (int i = 0; i < 10; i++) {
        ck_assert_int_eq(tell(&scene, none, CAS_SEVERITY_ERROR, plain), i < 2);
        ck_assert_int_eq(tell(&scene, CAS_DIAGNOSIS_EXPIRED, CAS_SEVERITY_WARNING, plain),
                         i < 2);
        ck_assert_int_eq(tell(&scene, CAS_DIAGNOSIS_OK, CAS_SEVERITY_INFO, anomaly), i < 2);
        ck_assert(!tell(&scene, CAS_DIAGNOSIS_OK, CAS_SEVERITY_INFO, plain)); /* no finding */
    }
    ck_assert(tell(&scene, none, CAS_SEVERITY_ERROR, with_alert));
    const uint64_t *value = scene.run.counters.value;
    ck_assert_uint_eq(value[CAS_COUNT_EVIDENCE_HANDSHAKES], 8);
    ck_assert_uint_eq(value[CAS_COUNT_EVIDENCE_SKIPPED], 24);
    scene.now_us += HOUR_US;
    ck_assert(tell(&scene, none, CAS_SEVERITY_ERROR, plain));
}
END_TEST

START_TEST(servers_that_nobody_remembers_share_one_ration)
{
    struct scene scene;
    open_scene(&scene, 2);
    for (int i = 0; i < 10; i++) {
        ck_assert_int_eq(tell(&scene, CAS_DIAGNOSIS_EXPIRED, CAS_SEVERITY_ERROR,
                              (struct cas_finding){ .ration = NULL }),
                         i < 2);
    }
}
END_TEST

START_TEST(all_are_saved_when_the_number_is_0)
{
    struct scene scene;
    open_scene(&scene, 0);
    for (int i = 0; i < 100; i++) {
        ck_assert(tell(&scene, CAS_DIAGNOSIS_EXPIRED, CAS_SEVERITY_ERROR,
                       (struct cas_finding){ .ration = &scene.ration }));
    }
    ck_assert_uint_eq(scene.run.counters.value[CAS_COUNT_EVIDENCE_SKIPPED], 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("finding");
    TCase *tcase = tcase_create("finding");
    tcase_add_test(tcase, the_first_of_each_kind_are_saved_and_what_raises_an_alert);
    tcase_add_test(tcase, servers_that_nobody_remembers_share_one_ration);
    tcase_add_test(tcase, all_are_saved_when_the_number_is_0);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
