/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/cert_cache.h"

#include <string.h>

#include "bytes/reader.h"

/* The certificates that nobody holds may keep this share of the budget. */
#define CACHE_SHARE 8

static void destroy_cert(struct cas_intern_item *item)
{
    struct cas_known_cert *cert = (struct cas_known_cert *)item;
    struct cas_budget *budget = cert->budget;
    if (cert->info != NULL) {
        cas_cert_info_destroy(cert->info);
        cas_budget_release(budget, cert->info_size);
    }
    cas_budget_free(budget, cert, sizeof(*cert) + cert->der.len);
}

bool cas_cert_cache_init(struct cas_cert_cache *cache, struct cas_budget *budget,
                         const uint8_t hash_key[CAS_KEYHASH_KEY_LEN])
{
    cache->budget = budget;
    return cas_intern_init(&cache->certs, budget->limit / CACHE_SHARE, budget, hash_key,
                           destroy_cert);
}

void cas_cert_cache_finish(struct cas_cert_cache *cache)
{
    cas_intern_finish(&cache->certs);
}

/* False without memory. */
static bool describe(struct cas_known_cert *cert)
{
    cert->info = cas_cert_describe(cert->der, &cert->info_size);
    if (cert->info != NULL && !cas_budget_charge(cert->budget, cert->info_size)) {
        cas_cert_info_destroy(cert->info);
        cert->info = NULL;
    }
    return cert->info != NULL;
}

static struct cas_known_cert *create_cert(struct cas_cert_cache *cache, struct cas_view der)
{
    struct cas_budget *budget = cache->budget;
    struct cas_known_cert *cert = cas_budget_alloc(budget, sizeof(*cert) + der.len);
    if (cert == NULL) {
        return NULL;
    }
    uint8_t *copy = (uint8_t *)(cert + 1);
    if (der.len > 0) {
        memcpy(copy, der.data, der.len);
    }
    cert->budget = budget;
    cert->der = cas_view_of(copy, der.len);
    cert->is_cut = cas_cert_split(cert->der, &cert->cert);
    if (!cache->is_mute && !describe(cert)) {
        destroy_cert(&cert->item);
        return NULL;
    }
    cert->number = ++cache->last_number;
    cert->item.key = cert->der;
    cert->item.size = sizeof(*cert) + der.len + cert->info_size;
    return cert;
}

struct cas_known_cert *cas_cert_cache_get(struct cas_cert_cache *cache, struct cas_view der)
{
    struct cas_intern_item *known = cas_intern_find(&cache->certs, der);
    if (known != NULL) {
        return (struct cas_known_cert *)known;
    }
    struct cas_known_cert *cert = create_cert(cache, der);
    if (cert != NULL) {
        cas_intern_add(&cache->certs, &cert->item);
    }
    return cert;
}

void cas_cert_cache_hold(struct cas_cert_cache *cache, struct cas_known_cert *cert)
{
    cas_intern_hold(&cache->certs, &cert->item);
}

void cas_cert_cache_release(struct cas_cert_cache *cache, struct cas_known_cert *cert)
{
    cas_intern_release(&cache->certs, cert != NULL ? &cert->item : NULL);
}
