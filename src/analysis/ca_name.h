/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names of CAs, each looked at once, however many lists hold it: lists mostly hold the same.
 * Knows nothing of lists, nor of what is right with a name.
 */
#ifndef CAS_ANALYSIS_CA_NAME_H
#define CAS_ANALYSIS_CA_NAME_H

#include <stdbool.h>
#include <stdint.h>

#include "bytes/buf.h"
#include "bytes/intern.h"

struct cas_ca_name {
    struct cas_intern_item item; /* its key: the name's DER */
    struct cas_budget *budget;
    const char *dn;          /* in words (cas_dn_format()); lives as long as the name */
    uint64_t canonical_hash; /* of its canonical form; 0 when it is no valid Name */
    bool is_valid;
    bool is_nt_authority; /* a value speaks of NT AUTHORITY */
};

struct cas_ca_names {
    struct cas_intern names;
    struct cas_budget *budget;
    struct cas_keyhash keyhash;
    struct cas_buf text;      /* scratch */
    struct cas_buf canonical; /* scratch */
};

/* False without memory. */
bool cas_ca_names_init(struct cas_ca_names *names, struct cas_budget *budget,
                       const uint8_t hash_key[CAS_KEYHASH_KEY_LEN]);
void cas_ca_names_finish(struct cas_ca_names *names);

/* The name, held for the caller; NULL without memory. */
struct cas_ca_name *cas_ca_names_get(struct cas_ca_names *names, struct cas_view der);

/* name may be NULL. */
void cas_ca_names_release(struct cas_ca_names *names, struct cas_ca_name *name);

/* The hash of a name's canonical form, equal for names that RFC 5280, 7.1 calls equal, whether
 * they were met before or not; 0 when der is no valid Name, or without memory. */
uint64_t cas_ca_names_canonical_hash(struct cas_ca_names *names, struct cas_view der);

/* The same, but equal for the same bytes where they are no valid Name; 0 without memory only.
 */
uint64_t cas_ca_names_hash(struct cas_ca_names *names, struct cas_view der);

#endif
