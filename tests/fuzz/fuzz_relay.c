/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Target: cas_relayed_take, with all that a teller does with a message.
 *
 *   u8  form of the report in the low 2 bits; 0x04: packets are saved
 *   messages, each u24 length and so many bytes; behind the first one that is none, no more
 *
 * Whatever is said: what is refused tells nothing, memory stays below the budget, and the
 * report is lines of safe text.
 */
#include <stdio.h>
#include <stdlib.h>

#include <casniff/casniff.h>

#include "bytes/reader.h"
#include "bytes/text.h"

#define BUDGET (1u << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds, const char *what)
{
    if (!holds) {
        fprintf(stderr, "broken: %s\n", what);
        abort();
    }
}

static int check_text(void *user, struct cas_view text)
{
    size_t *written = user;
    struct cas_reader r = cas_reader_init(text);
    while (cas_reader_left(&r) > 0) {
        uint32_t next = cas_text_next(&r);
        require(next == '\n' || next == '\r' || cas_text_is_safe(next), "unsafe text");
    }
    *written += text.len;
    return 0;
}

static void save(void *user, const struct cas_evidence *evidence)
{
    size_t *saved = user;
    struct cas_evidence_cursor cursor = { 0 };
    struct cas_frame frame;
    while (cas_evidence_next(evidence, &cursor, &frame)) {
        *saved += frame.bytes.len;
    }
}

static void take_all(struct cas_sniffer *teller, struct cas_reader *r, const size_t *written)
{
    struct cas_relayed *relayed = cas_relayed_open(teller);
    require(relayed != NULL, "no memory to begin with");
    enum cas_err err = CAS_OK;
    while (err != CAS_ERR_FORMAT && cas_reader_left(r) > 0) {
        size_t before = *written;
        err = cas_relayed_take(relayed, cas_reader_vec24(r));
        require(err == CAS_OK || *written == before, "what was refused was told");
    }
    cas_relayed_close(relayed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const enum cas_report_form forms[] = { CAS_REPORT_TEXT, CAS_REPORT_JSON,
                                                  CAS_REPORT_CSV, CAS_REPORT_JSON };
    struct cas_reader r = cas_reader_init(cas_view_of(data, size));
    uint8_t choice = cas_reader_u8(&r);
    size_t written = 0;
    size_t saved = 0;
    const struct cas_writer writer = { .user = &written, .write = check_text };
    const struct cas_report_options options = { .form = forms[choice & 3], .verbose = true };
    struct cas_report *report = cas_report_create(&writer, &options);
    require(report != NULL, "no memory for a report");
    struct cas_sniffer_config config = cas_sniffer_defaults();
    config.sink = cas_report_sink(report);
    config.memory_bytes = BUDGET;
    config.max_flows = 1;
    config.hash_key[0] = 1;
    if ((choice & 4) != 0) {
        config.evidence = (struct cas_evidence_sink){ .user = &saved, .packets = save };
    }
    struct cas_sniffer *teller = cas_sniffer_create(&config);
    require(teller != NULL, "no memory for a teller");
    take_all(teller, &r, &written);
    cas_sniffer_finish(teller);
    cas_sniffer_destroy(teller);
    cas_report_destroy(report);
    return 0;
}
