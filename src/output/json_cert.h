/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Certificates as members of JSON events. A server sends the same ones all the time: the text
 * of some of them is kept, known by their digest, and not made again.
 */
#ifndef CAS_OUTPUT_JSON_CERT_H
#define CAS_OUTPUT_JSON_CERT_H

#include <stddef.h>

#include <casniff/events.h>

#include "output/json.h"

struct cas_json_certs;

/* NULL when memory could not be had. */
struct cas_json_certs *cas_json_certs_create(void);
void cas_json_certs_destroy(struct cas_json_certs *certs);

/* An array of certificates. */
void cas_json_certs_put(struct cas_json_certs *certs, struct cas_json *json, const char *key,
                        const struct cas_cert_info *const *infos, size_t infos_len);

#endif
