/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "output/text_anomalies.h"

#include <stdio.h>
#include <string.h>

#include "bytes/reader.h"
#include "output/format.h"

/* Of the first of a kind; longer text is left away, the JSON report has it. */
#define FIRST_MAX 1024

/* NULL when there is no room for another kind. */
static struct cas_text_anomaly *find(struct cas_text_anomalies *anomalies, const char *code)
{
    for (size_t i = 0; i < anomalies->kinds_len; i++) {
        if (strncmp(anomalies->kinds[i].code, code, CAS_TEXT_ANOMALY_CODE - 1) == 0) {
            return &anomalies->kinds[i];
        }
    }
    if (anomalies->kinds_len == CAS_TEXT_ANOMALIES) {
        return NULL;
    }
    struct cas_text_anomaly *kind = &anomalies->kinds[anomalies->kinds_len++];
    snprintf(kind->code, sizeof(kind->code), "%s", code);
    kind->first = cas_buf_init(FIRST_MAX, NULL);
    return kind;
}

static void keep_first(struct cas_buf *first, const struct cas_anomaly_event *event)
{
    cas_format_time(first, event->head.timestamp_us);
    if (event->head.src.family != 0) {
        cas_buf_append_text(first, "  ");
        cas_format_endpoint(first, &event->head.src);
        cas_buf_append_text(first, " > ");
        cas_format_endpoint(first, &event->head.dest);
    }
    if (event->head.frame != 0) {
        cas_buf_append_text(first, "  packet ");
        cas_format_u64(first, event->head.frame);
    }
    cas_buf_append_text(first, ": ");
    cas_format_text(first, event->text);
}

void cas_text_anomalies_add(struct cas_text_anomalies *anomalies,
                            const struct cas_anomaly_event *event)
{
    struct cas_text_anomaly *kind = find(anomalies, event->code);
    if (kind == NULL) {
        anomalies->others++;
        return;
    }
    kind->count++;
    if (kind->count == 1) {
        keep_first(&kind->first, event);
    }
}

void cas_text_anomalies_put(const struct cas_text_anomalies *anomalies,
                            const struct cas_text *text)
{
    if (anomalies->kinds_len == 0) {
        return;
    }
    cas_buf_append_text(text->out, "What honest traffic does not do:\n");
    for (size_t i = 0; i < anomalies->kinds_len; i++) {
        const struct cas_text_anomaly *kind = &anomalies->kinds[i];
        cas_text_spaces(text, CAS_TEXT_INDENT);
        cas_text_paint(text, CAS_TEXT_YELLOW, kind->code);
        cas_text_spaces(text, 1);
        cas_text_count(text, kind->count, "time; ", "times, first ");
        cas_buf_append(text->out, cas_buf_view(&kind->first));
        cas_text_end_line(text);
    }
    if (anomalies->others > 0) {
        cas_text_spaces(text, CAS_TEXT_INDENT);
        cas_text_count(text, anomalies->others, "of another kind", "of other kinds");
        cas_text_end_line(text);
    }
    cas_text_end_line(text);
}

void cas_text_anomalies_finish(struct cas_text_anomalies *anomalies)
{
    for (size_t i = 0; i < anomalies->kinds_len; i++) {
        cas_buf_finish(&anomalies->kinds[i].first);
    }
}
