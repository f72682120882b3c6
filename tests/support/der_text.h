/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * DER written as text, so that tests read like the structure and nobody counts lengths:
 *
 *   30{ 31{ 30{ 06:550403 0c'Example CA' } } }
 *
 * A tag is two hex digits; {...} holds elements, '...' text, :hex bytes. =hex puts bytes as
 * they are, for what is broken on purpose. The lengths are made by the builder.
 */
#ifndef CAS_TEST_DER_TEXT_H
#define CAS_TEST_DER_TEXT_H

#include "support/support.h"

/* An exact heap copy, to be freed with exact_free(); a mistake in text fails the test. */
struct cas_view der_copy(const char *text);

#endif
