/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Anomalies, summed up: of each kind how often, and the first of them. Keeps at most
 * CAS_TEXT_ANOMALIES kinds; what is of further kinds is counted together.
 */
#ifndef CAS_OUTPUT_TEXT_ANOMALIES_H
#define CAS_OUTPUT_TEXT_ANOMALIES_H

#include <casniff/events.h>

#include "output/text_layout.h"

#define CAS_TEXT_ANOMALIES    16
#define CAS_TEXT_ANOMALY_CODE 32

struct cas_text_anomaly {
    char code[CAS_TEXT_ANOMALY_CODE];
    uint64_t count;
    struct cas_buf first; /* "10.0.0.1:40000 > 10.0.0.2:443 ...: text" */
};

struct cas_text_anomalies {
    struct cas_text_anomaly kinds[CAS_TEXT_ANOMALIES];
    size_t kinds_len;
    uint64_t others;
};

void cas_text_anomalies_add(struct cas_text_anomalies *anomalies,
                            const struct cas_anomaly_event *event);

/* A paragraph; nothing when there were none. */
void cas_text_anomalies_put(const struct cas_text_anomalies *anomalies,
                            const struct cas_text *text);

void cas_text_anomalies_finish(struct cas_text_anomalies *anomalies);

#endif
