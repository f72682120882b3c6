/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The vector of distinguished names in a CertificateRequest, cut into its names; and whether it
 * was seen whole. Knows no store and no limit.
 */
#ifndef CAS_ANALYSIS_CA_LIST_H
#define CAS_ANALYSIS_CA_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <casniff/events.h>
#include <casniff/types.h>

#include "bytes/arena.h"
#include "tls/conversation.h"

/* A name and its place in the list. */
struct cas_placed_name {
    struct cas_view der;
    size_t index;
};

struct cas_ca_list {
    struct cas_view *names; /* DER, in the order sent; an empty one is a name of length 0 */
    struct cas_placed_name *sorted; /* by their bytes, equal ones in the order sent */
    size_t len;                     /* of both */
    uint32_t bytes;                 /* sum of (2 + DER length) of these names */
    struct cas_view vector;         /* what the names were read from */
    bool is_wrapped;                /* the length field is the true length modulo 65,536 */
    size_t trailing_len;            /* bytes after the list that no wrap explains */
    enum cas_seen seen;
    uint32_t reasons;
};

/* The names are views into the request's bytes; the arrays are the arena's. Without memory the
 * list is empty and incomplete for CAS_REASON_MEMORY. */
struct cas_ca_list cas_ca_list_split(const struct cas_cert_request *request,
                                     struct cas_arena *arena);

/* SHA-256 over the distinct names' DER, sorted: the same for every order of a list. */
void cas_ca_list_set_digest(const struct cas_ca_list *list, uint8_t out_digest[CAS_SHA256_LEN]);

#endif
