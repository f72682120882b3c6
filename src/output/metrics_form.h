/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The text exposition format: families, samples, labels. */
#ifndef CAS_OUTPUT_METRICS_FORM_H
#define CAS_OUTPUT_METRICS_FORM_H

#include <stdint.h>

#include <casniff/types.h>

#include "bytes/buf.h"

/* "# HELP name help\n# TYPE name type\n"; the samples of a family follow it at once. */
void cas_metrics_counter(struct cas_buf *out, const char *name, const char *help);
void cas_metrics_gauge(struct cas_buf *out, const char *name, const char *help);

/*
 * A sample: its name, its labels, its value. A label's key is constant; its value is escaped,
 * and made one line of safe text first, should it not be.
 */
void cas_metrics_begin(struct cas_buf *out, const char *name);
void cas_metrics_label(struct cas_buf *out, const char *key, const char *value);
void cas_metrics_label_endpoint(struct cas_buf *out, const char *key,
                                const struct cas_endpoint *endpoint);
void cas_metrics_end(struct cas_buf *out, uint64_t value);
/* value / 10^digits, written with all digits */
void cas_metrics_end_decimal(struct cas_buf *out, uint64_t value, unsigned digits);

/* A sample without labels. */
void cas_metrics_value(struct cas_buf *out, const char *name, uint64_t value);

#endif
