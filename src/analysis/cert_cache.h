/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Certificates recognised by their bytes: cut and told in words once. */
#ifndef CAS_ANALYSIS_CERT_CACHE_H
#define CAS_ANALYSIS_CERT_CACHE_H

#include <stdbool.h>

#include <casniff/events.h>

#include "bytes/intern.h"
#include "x509/cert.h"

struct cas_known_cert {
    struct cas_intern_item item;
    struct cas_budget *budget;
    uint64_t number;     /* 1, 2, 3, ...: each has its own */
    struct cas_view der; /* owned */
    bool is_cut;         /* cert is filled: the bytes are a certificate */
    struct cas_cert cert;
    struct cas_cert_info *info; /* NULL: this cache tells nobody */
    size_t info_size;
};

struct cas_cert_cache {
    struct cas_intern certs;
    struct cas_budget *budget;
    uint64_t last_number;
    bool is_mute; /* nobody is told of its certificates, so none is put into words */
};

/* False without memory. */
bool cas_cert_cache_init(struct cas_cert_cache *cache, struct cas_budget *budget,
                         const uint8_t hash_key[CAS_KEYHASH_KEY_LEN]);
void cas_cert_cache_finish(struct cas_cert_cache *cache);

/* The certificate with these bytes, held for the caller; NULL without memory. */
struct cas_known_cert *cas_cert_cache_get(struct cas_cert_cache *cache, struct cas_view der);

void cas_cert_cache_hold(struct cas_cert_cache *cache, struct cas_known_cert *cert);

/* cert may be NULL. */
void cas_cert_cache_release(struct cas_cert_cache *cache, struct cas_known_cert *cert);

#endif
