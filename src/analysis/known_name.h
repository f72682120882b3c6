/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names of servers, each kept once, however many connections hold it. */
#ifndef CAS_ANALYSIS_KNOWN_NAME_H
#define CAS_ANALYSIS_KNOWN_NAME_H

#include <stdbool.h>

#include "bytes/intern.h"

struct cas_known_name {
    struct cas_intern_item item;
    struct cas_budget *budget;
    char text[];
};

struct cas_known_names {
    struct cas_intern names;
    struct cas_budget *budget;
};

/* False without memory. */
bool cas_known_names_init(struct cas_known_names *names, struct cas_budget *budget,
                          const uint8_t hash_key[CAS_KEYHASH_KEY_LEN]);
void cas_known_names_finish(struct cas_known_names *names);

/* The name, held for the caller; NULL without memory. */
struct cas_known_name *cas_known_names_get(struct cas_known_names *names, const char *text);

/* name may be NULL. */
void cas_known_names_release(struct cas_known_names *names, struct cas_known_name *name);

#endif
