/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/known_certs.h"

#include "bytes/reader.h"
#include "tls/certificate.h"

/* A message that is in doubt, or contradicts itself, may have had others as well. */
static uint32_t count(const struct cas_certificate_message *message, bool *out_is_incomplete)
{
    struct cas_reader r = cas_reader_init(message->list);
    struct cas_view der = { 0 };
    uint32_t number = 0;
    while (cas_certificate_next(&r, message, &der)) {
        number++;
    }
    *out_is_incomplete =
        message->sight.reasons != 0 || message->is_malformed || !cas_reader_done(&r);
    return number;
}

void cas_known_certs_reserve(struct cas_known_certs *certs, struct cas_cert_cache *cache,
                             uint32_t size)
{
    if (size > 0) {
        certs->cert = cas_budget_alloc(cache->budget, size * sizeof(struct cas_known_cert *));
    }
    certs->size = certs->cert != NULL ? size : 0;
}

void cas_known_certs_add(struct cas_known_certs *certs, struct cas_cert_cache *cache,
                         struct cas_known_cert *cert)
{
    if (cert != NULL && certs->len < certs->size) {
        certs->cert[certs->len++] = cert;
        return;
    }
    cas_cert_cache_release(cache, cert);
    certs->left_out++;
    certs->is_incomplete = true;
}

void cas_known_certs_take(struct cas_known_certs *certs, struct cas_cert_cache *cache,
                          const struct cas_certificate_message *message)
{
    struct cas_reader r = cas_reader_init(message->list);
    struct cas_view der = { 0 };
    if (message->is_raw_key) {
        return;
    }
    uint32_t number = count(message, &certs->is_incomplete);
    cas_known_certs_reserve(certs, cache,
                            number < CAS_KNOWN_CERTS_MAX ? number : CAS_KNOWN_CERTS_MAX);
    while (certs->len < certs->size && cas_certificate_next(&r, message, &der)) {
        struct cas_known_cert *cert = cas_cert_cache_get(cache, der);
        if (cert == NULL) {
            break;
        }
        certs->cert[certs->len++] = cert;
    }
    certs->left_out = number - certs->len;
    certs->is_incomplete |= certs->left_out > 0;
}

void cas_known_certs_finish(struct cas_known_certs *certs, struct cas_cert_cache *cache)
{
    for (uint32_t i = 0; i < certs->len; i++) {
        cas_cert_cache_release(cache, certs->cert[i]);
    }
    cas_budget_free(cache->budget, certs->cert, certs->size * sizeof(struct cas_known_cert *));
    *certs = (struct cas_known_certs){ 0 };
}
