/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Certificates as members of JSON events. */
#ifndef CAS_OUTPUT_JSON_CERT_H
#define CAS_OUTPUT_JSON_CERT_H

#include <stddef.h>

#include <casniff/events.h>

#include "output/json_kept.h"

/* An array of certificates; a server sends the same ones all the time: their text is kept. */
void cas_json_certs(struct cas_json *json, struct cas_json_kept *kept, const char *key,
                    const struct cas_cert_info *const *infos, size_t infos_len);

#endif
