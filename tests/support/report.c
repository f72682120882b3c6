/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "support/report.h"

#include <stdlib.h>

#include <check.h>

void memory_report_open(struct memory_report *memory, const struct cas_report_options *options)
{
    memory->stream = open_memstream(&memory->text, &memory->len);
    ck_assert_ptr_nonnull(memory->stream);
    const struct cas_writer writer = cas_writer_to_stream(memory->stream);
    memory->report = cas_report_create(&writer, options);
    ck_assert_ptr_nonnull(memory->report);
    memory->sink = cas_report_sink(memory->report);
}

const char *memory_report_text(struct memory_report *memory)
{
    ck_assert(cas_report_is_good(memory->report));
    ck_assert_int_eq(fflush(memory->stream), 0);
    return memory->text;
}

void memory_report_close(struct memory_report *memory)
{
    cas_report_destroy(memory->report);
    fclose(memory->stream);
    free(memory->text);
}
