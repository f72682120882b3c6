/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a server with this trust store would send, and where each limit would cut it: --plan. */
#ifndef CAS_OUTPUT_TEXT_PLAN_H
#define CAS_OUTPUT_TEXT_PLAN_H

#include <casniff/events.h>

#include "output/text_layout.h"

void cas_text_plan(const struct cas_text *text, const struct cas_plan_event *event);

#endif
