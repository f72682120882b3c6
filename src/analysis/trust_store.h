/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The trust store from the inside: its certificates in order, and their distinct subjects, with
 * look-up by bytes and by the canonical form. The operator's data: not charged to the budget
 * that traffic uses up.
 */
#ifndef CAS_ANALYSIS_TRUST_STORE_H
#define CAS_ANALYSIS_TRUST_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <casniff/trust_store.h>
#include <casniff/types.h>

#include "bytes/digest.h"
#include "x509/cert.h"

#define CAS_NOT_FOUND SIZE_MAX

struct cas_store_entry {
    struct cas_view der;  /* owned */
    struct cas_cert cert; /* slices of der */
    uint8_t sha256[CAS_SHA256_BYTES];
    size_t name; /* index of its subject in names */
};

struct cas_store_name {
    struct cas_view der;       /* as the first certificate spells it: a slice of that entry */
    struct cas_view canonical; /* owned */
    char *dn;                  /* RFC 4514 */
    bool has_ca;               /* a CA is among its certificates */
    int64_t not_after_s;       /* the latest among those of CAs */
};

struct cas_trust_store {
    struct cas_store_entry *entries;
    size_t entries_len;
    size_t entries_size;
    struct cas_store_name *names; /* in the order of their first certificates */
    size_t names_len;
    size_t names_size;
    size_t *by_der;       /* entries, sorted by subject */
    size_t *by_canonical; /* names, sorted by canonical form */
    int64_t *ends_s;      /* not_after_s of the names that have a CA, sorted */
    size_t ends_len;
};

/* The name with these bytes, or CAS_NOT_FOUND. */
size_t cas_trust_store_find_der(const struct cas_trust_store *store, struct cas_view name);

/* The name with this canonical form, or CAS_NOT_FOUND. */
size_t cas_trust_store_find_canonical(const struct cas_trust_store *store,
                                      struct cas_view canonical);

/* Why leaving this name out of a list is no fault: "expired", "not a CA"; NULL when it is one.
 */
const char *cas_store_name_note(const struct cas_store_name *name, int64_t now_s);

/* How many names have the note "expired". As time goes on they only become more, always in the
 * same order, so that their number tells which ones they are. */
size_t cas_trust_store_expired(const struct cas_trust_store *store, int64_t now_s);

#endif
