/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A list with its verdict, and names, as members of JSON events. */
#ifndef CAS_OUTPUT_JSON_CA_LIST_H
#define CAS_OUTPUT_JSON_CA_LIST_H

#include <stddef.h>

#include <casniff/events.h>

#include "output/json_kept.h"

/* "ca_list" without names, missing and extra; the text of one that has an id is kept. */
void cas_json_ca_list_brief(struct cas_json *json, struct cas_json_kept *kept,
                            const struct cas_ca_list_info *list);

/* "ca_list" with everything; option tells how many of each: see cas_form_names(). */
void cas_json_ca_list_full(struct cas_json *json, const struct cas_ca_list_info *list,
                           size_t option);

/* "names", and "names_shown" as long as it is. */
void cas_json_names(struct cas_json *json, const struct cas_name_info *names, size_t count,
                    size_t option);

#endif
