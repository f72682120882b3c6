/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The certificates of one Certificate message, each known by its bytes. As many as an honest
 * chain can have, and what is beyond that is counted. Nothing of a message that never came.
 */
#ifndef CAS_ANALYSIS_KNOWN_CERTS_H
#define CAS_ANALYSIS_KNOWN_CERTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analysis/cert_cache.h"
#include "tls/conversation.h"

/* A chain is seldom longer than five; many more are rubbish, or meant to cost. */
#define CAS_KNOWN_CERTS_MAX 64

/* Zeroed: none. */
struct cas_known_certs {
    struct cas_known_cert **cert; /* held; the leaf first */
    uint32_t len;
    uint32_t size;
    uint32_t left_out;  /* more were in the message: too many, or there was no memory */
    bool is_incomplete; /* these, and others that were not seen, are broken, or left out */
};

/* certs are none yet. A certificate that is cut, and what is behind it, does not count. */
void cas_known_certs_take(struct cas_known_certs *certs, struct cas_cert_cache *cache,
                          const struct cas_certificate_message *message);
/*
 * The same one by one, for whoever has them from elsewhere: room for so many (fewer without
 * memory), then each, or NULL for one that could not be kept. What was held becomes theirs.
 */
void cas_known_certs_reserve(struct cas_known_certs *certs, struct cas_cert_cache *cache,
                             uint32_t size);
void cas_known_certs_add(struct cas_known_certs *certs, struct cas_cert_cache *cache,
                         struct cas_known_cert *cert);
/* None again. */
void cas_known_certs_finish(struct cas_known_certs *certs, struct cas_cert_cache *cache);

#endif
