/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The inventory's servers as a saved state; <casniff/state.h> shows its form. */
#ifndef CAS_ANALYSIS_STATE_WRITE_H
#define CAS_ANALYSIS_STATE_WRITE_H

#include <casniff/state.h>

#include "analysis/inventory.h"

/* What both the writer and the reader of a state know. */
#define CAS_STATE_FIRST    CAS_STATE_MAGIC "1\n"
#define CAS_STATE_RUN      "run"
#define CAS_STATE_SAVED    "saved"
#define CAS_STATE_SUM      "sha256\t"
#define CAS_STATE_SUM_LINE (sizeof(CAS_STATE_SUM) - 1 + 2 * (size_t)CAS_SHA256_LEN + 1)

/* Writes it in pieces, the servers seen last first, as many as CAS_STATE_MAX holds. 0, or what
 * write returned, or ENOMEM. */
int cas_state_write(const struct cas_inventory *inventory, uint64_t wall_us,
                    int (*write)(void *user, struct cas_view text), void *user);

#endif
