/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The names of the cipher suites, as data for names.c. */
#ifndef CAS_TLS_CIPHER_NAMES_H
#define CAS_TLS_CIPHER_NAMES_H

#include <stddef.h>
#include <stdint.h>

struct cas_number_name {
    uint16_t number;
    const char *name;
};

/* Ordered by number. */
extern const struct cas_number_name cas_cipher_names[];
extern const size_t cas_cipher_names_len;

#endif
