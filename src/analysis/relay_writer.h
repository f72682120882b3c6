/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a reader says to its teller: the counterparts of telling.h, as messages. */
#ifndef CAS_ANALYSIS_RELAY_WRITER_H
#define CAS_ANALYSIS_RELAY_WRITER_H

#include <casniff/relay.h>

#include "analysis/relay_shapes.h"
#include "analysis/telling.h"

struct cas_relay_writer;

/* NULL without memory. Messages that do not fit are counted as refused by the budget. */
struct cas_relay_writer *cas_relay_writer_create(const struct cas_relay *to,
                                                 struct cas_budget *budget);
void cas_relay_writer_destroy(struct cas_relay_writer *writer);

void cas_relay_write_anomaly(struct cas_relay_writer *writer,
                             const struct cas_relay_anomaly *anomaly);
void cas_relay_write_handshake(struct cas_relay_writer *writer, const struct cas_shown *shown);
void cas_relay_write_late_list(struct cas_relay_writer *writer, const struct cas_shown *shown);
void cas_relay_write_doubt(struct cas_relay_writer *writer, const struct cas_shown *shown,
                           const struct cas_list_report *told);
void cas_relay_write_renegotiation(struct cas_relay_writer *writer,
                                   const struct cas_handshake_event *event,
                                   const struct cas_relay_before *before);
void cas_relay_write_late_frame(struct cas_relay_writer *writer,
                                const struct cas_relay_late_frame *late);
void cas_relay_write_counters(struct cas_relay_writer *writer,
                              const struct cas_counters *counters, uint64_t last_us,
                              uint64_t last_frame);

#endif
