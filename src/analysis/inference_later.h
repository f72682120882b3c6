/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A renegotiation of TLS 1.0 to 1.2 without keys: what the lengths of its records tell. Tells
 * nothing unless one reading of them is left.
 */
#ifndef CAS_ANALYSIS_INFERENCE_LATER_H
#define CAS_ANALYSIS_INFERENCE_LATER_H

#include "analysis/inference.h"
#include "tls/later.h"

/* What the first handshake says of the records that follow it. */
struct cas_later_case {
    const struct cas_later *later; /* NULL: nothing is known */
    unsigned client_end;           /* 0 or 1 */
    uint16_t version;
    uint16_t cipher;
    bool limits_records; /* messages may be split anywhere */
};

/* Of TLS 1.3's only requested, answer and request_least, _most are set. */
struct cas_inference cas_infer_later(const struct cas_later_case *later_case);

#endif
