/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writes JSON (RFC 8259) into a buffer, members in the order of the calls. Puts the commas;
 * that objects and arrays are closed as they were opened is the caller's part.
 *
 * Whatever string comes in, what goes out is one line of valid UTF-8 that cannot harm a
 * terminal: unsafe code points (see bytes/text.h) become \uXXXX, with surrogate pairs, and a
 * byte that is no UTF-8 becomes the four characters \xff, which JSON spells "\\xff".
 *
 * The key is a constant that needs no escaping; NULL for an element of an array and for the
 * outermost value.
 */
#ifndef CAS_OUTPUT_JSON_H
#define CAS_OUTPUT_JSON_H

#include <stdbool.h>
#include <stdint.h>

#include <casniff/types.h>

#include "bytes/buf.h"

struct cas_json {
    struct cas_buf *out;
    bool has_sibling; /* a comma is due before the next value */
};

struct cas_json cas_json_init(struct cas_buf *out);

void cas_json_object(struct cas_json *json, const char *key);
void cas_json_object_end(struct cas_json *json);
void cas_json_array(struct cas_json *json, const char *key);
void cas_json_array_end(struct cas_json *json);

void cas_json_view(struct cas_json *json, const char *key, struct cas_view utf8);
/* Nothing at all, not even the key, when text is NULL. */
void cas_json_string(struct cas_json *json, const char *key, const char *text);
/* A string that is put together in place, of characters that need no escaping. */
void cas_json_open_string(struct cas_json *json, const char *key);
void cas_json_close_string(struct cas_json *json);
/* An array of strings. */
void cas_json_strings(struct cas_json *json, const char *key, const char *const *strings,
                      size_t strings_len);
/* A string of lower-case hex digits. */
void cas_json_hex(struct cas_json *json, const char *key, struct cas_view bytes);
/* Strings as cas_format_time() and cas_format_address() write them. */
void cas_json_time(struct cas_json *json, const char *key, uint64_t timestamp_us);
void cas_json_address(struct cas_json *json, const char *key,
                      const struct cas_endpoint *endpoint);
void cas_json_u64(struct cas_json *json, const char *key, uint64_t number);
void cas_json_i64(struct cas_json *json, const char *key, int64_t number);
void cas_json_bool(struct cas_json *json, const char *key, bool value);
void cas_json_null(struct cas_json *json, const char *key);
/* A value that was written before. */
void cas_json_raw(struct cas_json *json, const char *key, struct cas_view value);

/* Where in the output the next value itself will begin, behind its comma and its key. */
size_t cas_json_value_begin(const struct cas_json *json, const char *key);

#endif
