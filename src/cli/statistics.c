/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/statistics.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "cli/errors.h"

/* Five lines with the longest numbers. */
#define TEXT_MAX 512

/* The text so far, and more of it. */
struct text {
    char chars[TEXT_MAX];
    size_t len;
};

static void add(struct text *text, const char *format, ...) CAS_PRINTF(2, 3);

static void add(struct text *text, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int len = vsnprintf(&text->chars[text->len], sizeof(text->chars) - text->len, format, args);
    va_end(args);
    text->len += len > 0 ? (size_t)len : 0;
    assert(text->len < sizeof(text->chars));
}

static void add_count(struct text *text, uint64_t count, const char *what)
{
    add(text, "%" PRIu64 " packet%s %s\n", count, count == 1 ? "" : "s", what);
}

void cas_cli_statistics_print(const struct cas_counters *counters,
                              const struct cas_capture_stats *stats)
{
    struct text text = { .len = 0 };
    const uint64_t *value = counters->value;
    uint64_t complete = value[CAS_COUNT_CERT_LISTS_COMPLETE];
    uint64_t other = value[CAS_COUNT_CERT_LISTS_INCOMPLETE] +
                     value[CAS_COUNT_CERT_LISTS_AMBIGUOUS] +
                     value[CAS_COUNT_CERT_LISTS_MALFORMED];
    add_count(&text, value[CAS_COUNT_FRAMES], "captured");
    add_count(&text, stats->received, "received by filter");
    add_count(&text, stats->dropped_kernel, "dropped by kernel");
    add_count(&text, stats->dropped_interface, "dropped by interface");
    add(&text,
        "%" PRIu64 " handshakes, %" PRIu64 " CA lists (%" PRIu64 " complete, %" PRIu64
        " incomplete), %" PRIu64 " alerts\n",
        value[CAS_COUNT_TLS_CONNECTIONS], complete + other, complete, other,
        value[CAS_COUNT_ALERTS_TOLD]);
    cas_cli_errors_put(
        (struct cas_view){ .data = (const uint8_t *)text.chars, .len = text.len });
}
