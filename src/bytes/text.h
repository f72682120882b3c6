/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Text that came from a peer, made safe to print. Decodes UTF-8 strictly; knows which code
 * points must not reach a terminal, a log or a page as they are: C0, DEL, C1, line and
 * paragraph separators, bidirectional controls, zero-width characters, tags, surrogates,
 * noncharacters.
 */
#ifndef CAS_BYTES_TEXT_H
#define CAS_BYTES_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <casniff/types.h>

#include "bytes/buf.h"
#include "bytes/reader.h"

/* Not a code point: the bytes were no UTF-8. */
#define CAS_TEXT_INVALID UINT32_MAX

/*
 * The next code point, shortest form only, no surrogates (RFC 3629). At an invalid byte it
 * takes that one byte and gives CAS_TEXT_INVALID. The reader must not be empty.
 */
uint32_t cas_text_next(struct cas_reader *utf8);

/* How many bytes at the front are ASCII, which mean the same in UTF-8 and in Latin-1. */
size_t cas_text_ascii_len(struct cas_view bytes);

/* Printable as it is. */
bool cas_text_is_safe(uint32_t code_point);

void cas_text_append_utf8(struct cas_buf *out, uint32_t code_point);

/*
 * Appends utf8 with every unsafe code point and every invalid byte as backslash and two hex
 * digits a byte ("\1b", "\e2\80\ae"), and a backslash itself as two.
 */
void cas_text_append_escaped(struct cas_buf *out, struct cas_view utf8);

#endif
