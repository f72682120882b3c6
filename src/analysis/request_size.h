/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the inferred size of an encrypted CertificateRequest means for servers and clients. */
#ifndef CAS_ANALYSIS_REQUEST_SIZE_H
#define CAS_ANALYSIS_REQUEST_SIZE_H

#include <casniff/events.h>

#include "analysis/inference.h"
#include "analysis/verdict.h"
#include "bytes/arena.h"

/* In the arena; NULL when nothing is known of the size, or without memory. */
const struct cas_request_size *cas_request_size_tell(const struct cas_inference *inference,
                                                     const struct cas_verdict_rules *rules,
                                                     struct cas_arena *arena);

#endif
