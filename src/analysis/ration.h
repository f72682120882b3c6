/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How many handshakes of one kind of finding are saved: the first of each hour. Knows nothing
 * of what they are, and reads no clock.
 */
#ifndef CAS_ANALYSIS_RATION_H
#define CAS_ANALYSIS_RATION_H

#include <stdbool.h>
#include <stdint.h>

#include <casniff/events.h>

/* What a handshake is saved for: the worst diagnosis of its client, or else these. */
enum {
    CAS_RATION_LIST = CAS_DIAGNOSIS_RESUMED + 1,
    CAS_RATION_ANOMALY,
    CAS_RATION_KINDS
};

/* Begins as { 0 }. */
struct cas_ration {
    uint64_t since_us; /* when its hour began */
    uint32_t taken[CAS_RATION_KINDS];
};

/* Takes one; false when per_hour of this kind were taken. per_hour 0 never refuses. */
bool cas_ration_take(struct cas_ration *ration, unsigned kind, uint32_t per_hour,
                     uint64_t now_us);

#endif
