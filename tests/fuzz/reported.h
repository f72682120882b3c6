/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What must hold of every report and of the counters, for the targets that have a sniffer. */
#ifndef CAS_FUZZ_REPORTED_H
#define CAS_FUZZ_REPORTED_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include <casniff/counters.h>

#include "bytes/reader.h"
#include "bytes/text.h"

static inline void require(bool holds, const char *what)
{
    if (!holds) {
        fprintf(stderr, "broken: %s\n", what);
        abort();
    }
}

/* Lines end with LF, in CSV with CR and LF; nothing else in them may be a control character. */
static inline void check_text(struct cas_view text)
{
    struct cas_reader r = cas_reader_init(text);
    uint32_t last = '\n';
    while (cas_reader_left(&r) > 0) {
        uint32_t next = cas_text_next(&r);
        require(last != '\r' || next == '\n', "a CR inside a line");
        require(next == '\n' || next == '\r' || cas_text_is_safe(next), "unsafe text");
        last = next;
    }
    require(last == '\n', "the last line has no end");
}

static inline void check_counters(const struct cas_counters *counters, size_t budget)
{
    const uint64_t *value = counters->value;
    uint64_t outcomes = 0;
    for (unsigned i = CAS_COUNT_LINK_UNSUPPORTED; i <= CAS_COUNT_TCP_NO_ROOM; i++) {
        outcomes += value[i];
    }
    require(outcomes == value[CAS_COUNT_FRAMES], "frames and outcomes differ");
    require(value[CAS_COUNT_MEMORY_PEAK_BYTES] <= budget, "more memory than the budget");
}

#endif
