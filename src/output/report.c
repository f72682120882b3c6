/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <casniff/report.h>

#include "output/form.h"

struct form {
    const char *name;
    const char *heading;
    bool (*make)(struct cas_report *report);
};

static const struct form forms[] = {
    [CAS_REPORT_TEXT] = { "text", "", cas_form_text },
    [CAS_REPORT_JSON] = { "json", "", cas_form_json },
    [CAS_REPORT_CSV] = { "csv", cas_form_csv_heading, cas_form_csv },
};

/* What is live is told at once; only the text form else waits for the end. */
static bool make_form(struct cas_report *report)
{
    if (report->options.form == CAS_REPORT_TEXT && report->options.is_live) {
        return cas_form_live(report);
    }
    return forms[report->options.form].make(report);
}

static void fail(struct cas_report *report, int reason)
{
    if (report->failed_errno == 0) { /* the first one tells most */
        report->failed_errno = reason;
    }
}

void cas_form_write_buf(struct cas_report *report, struct cas_buf *buf)
{
    if (!cas_buf_ok(buf)) {
        fail(report, ENOMEM);
    } else if (buf->len > 0 && (cas_report_is_good(report) || report->options.is_live)) {
        fail(report, report->writer.write(report->writer.user, cas_buf_view(buf)));
    }
    cas_buf_clear(buf);
}

void cas_form_write(struct cas_report *report)
{
    cas_form_write_buf(report, &report->out);
}

bool cas_report_form_find(const char *name, enum cas_report_form *out_form)
{
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        if (strcmp(forms[i].name, name) == 0) {
            *out_form = (enum cas_report_form)i;
            return true;
        }
    }
    return false;
}

const char *cas_report_heading(enum cas_report_form form)
{
    return forms[form].heading;
}

struct cas_report *cas_report_create(const struct cas_writer *writer,
                                     const struct cas_report_options *options)
{
    struct cas_report *report = calloc(1, sizeof(*report));
    if (report == NULL) {
        return NULL;
    }
    report->writer = *writer;
    report->options = *options;
    report->out = cas_buf_init(CAS_FORM_MAX, NULL);
    if (!make_form(report)) {
        cas_report_destroy(report);
        return NULL;
    }
    report->sink.user = report;
    if (!options->is_headless) {
        cas_buf_append_text(&report->out, cas_report_heading(options->form));
        cas_form_write(report);
    }
    return report;
}

struct cas_sink cas_report_sink(struct cas_report *report)
{
    return report->sink;
}

bool cas_report_is_good(const struct cas_report *report)
{
    return report->failed_errno == 0;
}

int cas_report_errno(const struct cas_report *report)
{
    return report->failed_errno;
}

void cas_report_destroy(struct cas_report *report)
{
    if (report == NULL) {
        return;
    }
    if (report->destroy_state != NULL) {
        report->destroy_state(report->state);
    }
    cas_buf_finish(&report->out);
    free(report);
}

struct cas_form_names cas_form_names(size_t option, size_t count)
{
    assert(option != CAS_NAMES_DEFAULT);
    struct cas_form_names names = { .count = count };
    if (option == CAS_NAMES_FIRST && count > 2 * CAS_FORM_FEW + 1) {
        names.head = CAS_FORM_FEW;
        names.tail = CAS_FORM_FEW;
    } else {
        /* One name more takes no more room than saying that it is left out. */
        names.head = option < count ? option : count;
    }
    return names;
}

size_t cas_form_names_first(struct cas_form_names names)
{
    return names.head > 0 ? 0 : names.count - names.tail;
}

size_t cas_form_names_next(struct cas_form_names names, size_t i)
{
    return i + 1 == names.head ? names.count - names.tail : i + 1;
}
