/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where a sniffer's flows and its observations meet: the handler of net/flows.h makes one of
 * each connection, and hands it what the connection brings.
 */
#ifndef CAS_ANALYSIS_SNIFFER_FLOWS_H
#define CAS_ANALYSIS_SNIFFER_FLOWS_H

#include "analysis/run.h"
#include "net/flows.h"

/* As the run is configured, which must outlive them. NULL when the table does not fit the
 * budget or memory. */
struct cas_flows *cas_sniffer_flows_create(struct cas_run *run);

#endif
