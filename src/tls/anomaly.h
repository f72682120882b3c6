/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an anomaly of a talk is called, and says. */
#ifndef CAS_TLS_ANOMALY_H
#define CAS_TLS_ANOMALY_H

#include <stdbool.h>

#include "tls/talk.h"

/* Constant strings. */
struct cas_anomaly_text {
    const char *code;
    const char *text;
};

/* Different for anomalies with different codes. */
uint32_t cas_anomaly_bit(enum cas_talk_anomaly anomaly);

struct cas_anomaly_text cas_anomaly_text(enum cas_talk_anomaly anomaly);

/* Not the peers' fault, but that of the network or of the key log. */
bool cas_anomaly_is_doubt(enum cas_talk_anomaly anomaly);

#endif
