/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verdict in one or two sentences for people. */
#ifndef CAS_ANALYSIS_VERDICT_TEXT_H
#define CAS_ANALYSIS_VERDICT_TEXT_H

#include "analysis/ca_list.h"
#include "analysis/compare.h"
#include "analysis/verdict.h"
#include "bytes/arena.h"

/* A string of the arena; NULL without memory. comparison's store is NULL when there is none. */
const char *cas_verdict_text(const struct cas_verdict *verdict, const struct cas_ca_list *list,
                             const struct cas_comparison *comparison, struct cas_arena *arena);

#endif
