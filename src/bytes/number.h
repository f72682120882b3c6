/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers and times as people read them. */
#ifndef CAS_BYTES_NUMBER_H
#define CAS_BYTES_NUMBER_H

#include <stdint.h>

#define CAS_NUMBER_TEXT_MAX 28 /* 18,446,744,073,709,551,615 */

struct cas_number_text {
    char text[CAS_NUMBER_TEXT_MAX];
};

/* With a comma between groups of three digits: "16,384". */
struct cas_number_text cas_number_format(uint64_t number);

#endif
