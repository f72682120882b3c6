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

/* "1 packet", "2 packets" */
static void add_count(struct text *text, uint64_t count, const char *what)
{
    add(text, "%" PRIu64 " %s%s", count, what, count == 1 ? "" : "s");
}

static void add_packets(struct text *text, uint64_t count, const char *what)
{
    add_count(text, count, "packet");
    add(text, " %s\n", what);
}

/* " (2 with an encrypted request, 1 that may hide one)": never as if nothing was asked. */
static void add_hidden(struct text *text, const uint64_t *value)
{
    uint64_t inferred = value[CAS_COUNT_CERT_REQUESTS_INFERRED];
    uint64_t hidden = value[CAS_COUNT_CERT_REQUESTS_HIDDEN];
    if (inferred > 0) {
        add(text, " (%" PRIu64 " with an encrypted request", inferred);
    }
    if (hidden > 0) {
        add(text, "%s%" PRIu64 " that may hide one", inferred > 0 ? ", " : " (", hidden);
    }
    add(text, "%s", inferred + hidden > 0 ? ")" : "");
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
    add_packets(&text, value[CAS_COUNT_FRAMES], "captured");
    add_packets(&text, stats->received, "received by filter");
    add_packets(&text, stats->dropped_kernel, "dropped by kernel");
    add_packets(&text, stats->dropped_interface, "dropped by interface");
    add_count(&text, value[CAS_COUNT_TLS_CONNECTIONS], "handshake");
    add_hidden(&text, value);
    add(&text, ", ");
    add_count(&text, complete + other, "CA list");
    add(&text, " (%" PRIu64 " complete, %" PRIu64 " incomplete), ", complete, other);
    add_count(&text, value[CAS_COUNT_ALERTS_TOLD], "alert");
    add(&text, "\n");
    cas_cli_errors_put(
        (struct cas_view){ .data = (const uint8_t *)text.chars, .len = text.len });
}
