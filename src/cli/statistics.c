/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/statistics.h"

#include <inttypes.h>
#include <stdio.h>

static void print_count(uint64_t count, const char *what)
{
    fprintf(stderr, "%" PRIu64 " packet%s %s\n", count, count == 1 ? "" : "s", what);
}

void cas_cli_statistics_print(const struct cas_counters *counters,
                              const struct cas_capture_stats *stats)
{
    const uint64_t *value = counters->value;
    uint64_t complete = value[CAS_COUNT_CERT_LISTS_COMPLETE];
    uint64_t other = value[CAS_COUNT_CERT_LISTS_INCOMPLETE] +
                     value[CAS_COUNT_CERT_LISTS_AMBIGUOUS] +
                     value[CAS_COUNT_CERT_LISTS_MALFORMED];
    print_count(value[CAS_COUNT_FRAMES], "captured");
    print_count(stats->received, "received by filter");
    print_count(stats->dropped_kernel, "dropped by kernel");
    print_count(stats->dropped_interface, "dropped by interface");
    fprintf(stderr,
            "%" PRIu64 " handshakes, %" PRIu64 " CA lists (%" PRIu64 " complete, %" PRIu64
            " incomplete), %" PRIu64 " alerts\n",
            value[CAS_COUNT_TLS_CONNECTIONS], complete + other, complete, other,
            value[CAS_COUNT_ALERTS_TOLD]);
}
