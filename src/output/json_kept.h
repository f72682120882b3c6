/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * JSON that comes again and again - a server's certificates, its list - kept as text, so that
 * it is not made again. Knows nothing of what it keeps; the newest takes the place of an older
 * one.
 */
#ifndef CAS_OUTPUT_JSON_KEPT_H
#define CAS_OUTPUT_JSON_KEPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <casniff/events.h>
#include <casniff/types.h>

#include "output/json.h"

struct cas_json_kept;

/* What a text is known by: equal names must mean equal texts. */
struct cas_json_name {
    uint8_t digest[CAS_SHA256_LEN];
    uint64_t number;
};

/* NULL when memory could not be had. */
struct cas_json_kept *cas_json_kept_create(void);
void cas_json_kept_destroy(struct cas_json_kept *kept);

/* Puts the text of this name as a member's value, or an item when key is NULL; false, and
 * nothing is put, when it is not kept. */
bool cas_json_kept_put(const struct cas_json_kept *kept, struct cas_json *json, const char *key,
                       const struct cas_json_name *name);

/*
 * Keeps what was put since begin, which cas_json_value_begin() gave before it was put. Too long
 * a text is not kept.
 */
void cas_json_kept_take(struct cas_json_kept *kept, const struct cas_json_name *name,
                        const struct cas_json *json, size_t begin);

#endif
