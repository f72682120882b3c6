/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The line of a monitoring plugin: at most 80 bytes of text, a bar, and performance data in the
 * plugin guidelines' form. Knows nothing of how the verdict was reached.
 */
#ifndef CAS_OUTPUT_CHECK_LINE_H
#define CAS_OUTPUT_CHECK_LINE_H

#include <casniff/check.h>

#define CAS_CHECK_LINE_MAX 512
#define CAS_CHECK_SNI_MAX  256

/* Why a server is named; the worse, the greater. */
enum cas_check_cause {
    CAS_CHECK_CAUSE_NOTHING,
    CAS_CHECK_CAUSE_ROOM, /* how full the limit is: nothing is wrong */
    CAS_CHECK_CAUSE_WARN,
    CAS_CHECK_CAUSE_REFUSED,
    CAS_CHECK_CAUSE_SUSPECTED,
    CAS_CHECK_CAUSE_CRIT,
    CAS_CHECK_CAUSE_OVER,
    CAS_CHECK_CAUSE_WRAPPED,
    CAS_CHECK_CAUSE_CONFIRMED
};

struct cas_check_verdict {
    enum cas_check_status status;
    enum cas_check_cause cause;           /* of the worst server */
    const struct cas_check_server *worst; /* NULL: no list was seen whole */
    uint64_t lists;                       /* seen whole */
    uint64_t bad;                         /* of them are not OK */
    uint64_t not_whole;                   /* lists of which something is missing or in doubt */
    uint64_t handshakes;
    uint64_t hidden;
    uint64_t inferred; /* with a request whose list is hidden */
    uint32_t warn_percent;
    uint32_t crit_percent;
    const struct cas_check_traffic *traffic; /* NULL: unknown */
    const int64_t *age_s;                    /* of the saved state; NULL: it is none */
    bool is_old;                             /* too old, or from the future */
};

void cas_check_line_format(char out_line[CAS_CHECK_LINE_MAX],
                           const struct cas_check_verdict *verdict);

#endif
