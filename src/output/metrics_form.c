/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "output/metrics_form.h"

#include "output/format.h"

/* A name of a server and of a file are shorter; what is longer fails its buffer. */
#define LABEL_MAX 65536

static void family(struct cas_buf *out, const char *name, const char *type, const char *help)
{
    cas_buf_append_format(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

void cas_metrics_counter(struct cas_buf *out, const char *name, const char *help)
{
    family(out, name, "counter", help);
}

void cas_metrics_gauge(struct cas_buf *out, const char *name, const char *help)
{
    family(out, name, "gauge", help);
}

void cas_metrics_begin(struct cas_buf *out, const char *name)
{
    cas_buf_append_text(out, name);
}

/* Opens the labels, or goes on after the last one. */
static void begin_label(struct cas_buf *out, const char *key)
{
    bool has_label = out->len > 0 && out->data[out->len - 1] == '}';
    if (has_label) {
        cas_buf_cut(out, out->len - 1);
    }
    cas_buf_append_u8(out, has_label ? ',' : '{');
    cas_buf_append_text(out, key);
    cas_buf_append_text(out, "=\"");
}

static void end_label(struct cas_buf *out)
{
    cas_buf_append_text(out, "\"}");
}

void cas_metrics_label(struct cas_buf *out, const char *key, const char *value)
{
    struct cas_buf safe = cas_buf_init(LABEL_MAX, NULL);
    cas_format_text(&safe, value); /* no newline is left in it */
    begin_label(out, key);
    for (size_t i = 0; i < safe.len; i++) {
        if (safe.data[i] == '\\' || safe.data[i] == '"') {
            cas_buf_append_u8(out, '\\');
        }
        cas_buf_append_u8(out, safe.data[i]);
    }
    end_label(out);
    if (!cas_buf_ok(&safe)) {
        out->failed = true;
    }
    cas_buf_finish(&safe);
}

void cas_metrics_label_endpoint(struct cas_buf *out, const char *key,
                                const struct cas_endpoint *endpoint)
{
    begin_label(out, key);
    cas_format_endpoint(out, endpoint);
    end_label(out);
}

void cas_metrics_end(struct cas_buf *out, uint64_t value)
{
    cas_buf_append_u8(out, ' ');
    cas_format_u64(out, value);
    cas_buf_append_u8(out, '\n');
}

void cas_metrics_end_decimal(struct cas_buf *out, uint64_t value, unsigned digits)
{
    uint64_t one = 1;
    for (unsigned i = 0; i < digits; i++) {
        one *= 10;
    }
    cas_buf_append_u8(out, ' ');
    cas_format_u64(out, value / one);
    if (digits > 0) {
        cas_buf_append_u8(out, '.');
    }
    for (uint64_t part = one / 10; part > 0; part /= 10) {
        cas_buf_append_u8(out, (uint8_t)('0' + value / part % 10));
    }
    cas_buf_append_u8(out, '\n');
}

void cas_metrics_value(struct cas_buf *out, const char *name, uint64_t value)
{
    cas_metrics_begin(out, name);
    cas_metrics_end(out, value);
}
