/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Hand-made events for the tests of reports: a rich one of each kind, in which every field is
 * set, a minimal one, in which nothing is known, and a hostile one, whose strings break the
 * promise that they are safe.
 */
#ifndef CAS_TEST_EVENTS_H
#define CAS_TEST_EVENTS_H

#include <casniff/events.h>

enum sample {
    SAMPLE_RICH,
    SAMPLE_MINIMAL,
    SAMPLE_HOSTILE,
    SAMPLES
};

/* Static memory. */
const struct cas_handshake_event *sample_handshake(enum sample sample);
const struct cas_ca_list_event *sample_ca_list(enum sample sample);
const struct cas_server_event *sample_server(enum sample sample);
const struct cas_anomaly_event *sample_anomaly(enum sample sample);
const struct cas_stats_event *sample_stats(enum sample sample);
const struct cas_plan_event *sample_plan(enum sample sample);
const struct cas_alert_event *sample_alert(enum sample sample);
const struct cas_capture_event *sample_capture(enum sample sample);

/* Every sample of every kind but plans, and the end. */
void sample_tell_all(const struct cas_sink *sink);

#endif
