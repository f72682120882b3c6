/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Those causes of alerts that the size of an encrypted request shows, where it is known from
 * the lengths of records: what holds of the least that the list in it can be.
 */
#ifndef CAS_ANALYSIS_ALERT_INFERRED_H
#define CAS_ANALYSIS_ALERT_INFERRED_H

#include <stdbool.h>

#include "analysis/alert_causes.h"
#include "bytes/arena.h"

/* Does it hold? Not when the server's list, which was seen, says the same. */
bool cas_alert_inferred_find(enum cas_alert_cause cause, const struct cas_alert_scene *scene,
                             struct cas_alert_finding *out_finding);

/* One sentence, in the arena; NULL without memory. */
const char *cas_alert_inferred_sign(enum cas_alert_cause cause,
                                    const struct cas_alert_scene *scene,
                                    struct cas_arena *arena);

#endif
