/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What all unit tests share: exact heap copies, hex literals, and the main function. */
#ifndef CAS_TEST_SUPPORT_H
#define CAS_TEST_SUPPORT_H

#include <stddef.h>
#include <stdint.h>

#include <check.h>

#include <casniff/types.h>

#include "bytes/buf.h"
#include "bytes/reader.h"

/*
 * A heap copy of exactly these bytes, so that the sanitizer sees one byte too far; freed with
 * free((void *)view.data). An empty view gets an allocation of its own as well.
 */
struct cas_view exact_copy(struct cas_view bytes);
void exact_free(struct cas_view copy);

/* "16 03 01 0a:0b" to bytes; blanks and colons are passed over, anything else fails the test.
 */
struct cas_view hex_copy(const char *hex);

/* The bytes of a string literal without its end. */
struct cas_view text_view(const char *text);

/* The whole file; fails the test when it cannot be read. */
struct cas_view file_copy(const char *path);

/* A path below the source tree, e.g. source_path("pcaps/founding-case.pcap"). Static memory. */
const char *source_path(const char *relative);

/* Fails unless buf holds exactly this text. */
#define ck_assert_buf_eq(buf, text)                                                            \
    do {                                                                                       \
        ck_assert(cas_buf_ok(buf));                                                            \
        ck_assert_msg(cas_view_equal(cas_buf_view(buf), text_view(text)),                      \
                      "\"%.*s\" is not \"%s\"", (int)(buf)->len,                               \
                      (buf)->len > 0 ? (const char *)(buf)->data : "", (text));                \
    } while (0)

/* Runs one suite as a program's whole work. */
int run_suite(Suite *suite);

#endif
