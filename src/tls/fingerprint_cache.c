/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tls/fingerprint_cache.h"

#include <string.h>

#include "bytes/reader.h"
#include "tls/fingerprint_key.h"

struct print {
    struct cas_intern_item item;
    struct cas_budget *budget;
    union {
        struct cas_client_fingerprints client;
        struct cas_server_fingerprints server;
    } of;
    uint8_t key[];
};

static void destroy_print(struct cas_intern_item *item)
{
    struct print *print = (struct print *)item;
    cas_budget_free(print->budget, print, print->item.size);
}

bool cas_fingerprint_cache_init(struct cas_fingerprint_cache *cache, size_t limit,
                                struct cas_budget *budget,
                                const uint8_t hash_key[CAS_KEYHASH_KEY_LEN])
{
    *cache = (struct cas_fingerprint_cache){
        .budget = budget,
        .key = cas_buf_init(SIZE_MAX / 2, budget),
    };
    return cas_intern_init(&cache->prints, limit, budget, hash_key, destroy_print);
}

void cas_fingerprint_cache_finish(struct cas_fingerprint_cache *cache)
{
    cas_intern_finish(&cache->prints);
    cas_buf_finish(&cache->key);
}

static bool find(struct cas_fingerprint_cache *cache, struct print *out_print)
{
    struct cas_intern_item *item = NULL;
    if (cas_buf_ok(&cache->key)) {
        item = cas_intern_find(&cache->prints, cas_buf_view(&cache->key));
    }
    if (item != NULL) {
        out_print->of = ((const struct print *)item)->of;
    }
    cas_intern_release(&cache->prints, item);
    return item != NULL;
}

/* Without memory nothing is kept, which only costs time. */
static void keep(struct cas_fingerprint_cache *cache, const struct print *made)
{
    size_t len = cache->key.len;
    if (!cas_buf_ok(&cache->key)) {
        return;
    }
    struct print *print = cas_budget_alloc(cache->budget, sizeof(*print) + len);
    if (print == NULL) {
        return;
    }
    print->budget = cache->budget;
    print->of = made->of;
    memcpy(print->key, cache->key.data, len);
    print->item.key = cas_view_of(print->key, len);
    print->item.size = sizeof(*print) + len;
    cas_intern_add(&cache->prints, &print->item);
    cas_intern_release(&cache->prints, &print->item);
}

bool cas_fingerprints_of_client(struct cas_fingerprint_cache *cache,
                                const struct cas_client_hello *hello, struct cas_budget *budget,
                                struct cas_client_fingerprints *out_prints)
{
    struct print made = { 0 };
    if (cache != NULL) {
        cas_buf_clear(&cache->key);
        cas_fingerprint_client_key(hello, &cache->key);
        if (find(cache, &made)) {
            *out_prints = made.of.client;
            return true;
        }
    }
    bool ok = cas_ja3(hello, budget, made.of.client.ja3);
    ok = cas_ja4(hello, budget, made.of.client.ja4) && ok;
    if (ok && cache != NULL) {
        keep(cache, &made);
    }
    *out_prints = made.of.client;
    return ok;
}

bool cas_fingerprints_of_server(struct cas_fingerprint_cache *cache,
                                const struct cas_server_hello *hello, struct cas_budget *budget,
                                struct cas_server_fingerprints *out_prints)
{
    struct print made = { 0 };
    if (cache != NULL) {
        cas_buf_clear(&cache->key);
        cas_fingerprint_server_key(hello, &cache->key);
        if (find(cache, &made)) {
            *out_prints = made.of.server;
            return true;
        }
    }
    bool ok = cas_ja3s(hello, budget, made.of.server.ja3s);
    if (ok && cache != NULL) {
        keep(cache, &made);
    }
    *out_prints = made.of.server;
    return ok;
}
