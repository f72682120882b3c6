/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bytes/number.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

struct cas_number_text cas_number_format(uint64_t number)
{
    char digits[CAS_NUMBER_TEXT_MAX];
    (void)snprintf(digits, sizeof(digits), "%" PRIu64, number);
    struct cas_number_text out = { 0 };
    size_t len = strlen(digits);
    size_t at = 0;
    for (size_t i = 0; i < len; i++) {
        if (i > 0 && (len - i) % 3 == 0) {
            out.text[at++] = ',';
        }
        out.text[at++] = digits[i];
    }
    return out;
}
