/* SPDX-License-Identifier: GPL-2.0-or-later */
/* All of libcasniff's interface. */
#ifndef CASNIFF_CASNIFF_H
#define CASNIFF_CASNIFF_H

#include <casniff/alert_text.h>
#include <casniff/api.h>
#include <casniff/capture.h>
#include <casniff/check.h>
#include <casniff/counters.h>
#include <casniff/error.h>
#include <casniff/events.h>
#include <casniff/evidence.h>
#include <casniff/keylog.h>
#include <casniff/limits.h>
#include <casniff/metrics.h>
#include <casniff/relay.h>
#include <casniff/report.h>
#include <casniff/sniffer.h>
#include <casniff/trust_store.h>
#include <casniff/types.h>
#include <casniff/version.h>
#include <casniff/writer.h>

#endif
