/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "analysis/record_measure.h"

#include <stddef.h>
#include <string.h>

#include "tls/conversation.h"
#include "tls/names.h"

/*
 * What a record adds to its content (RFC 5246, 6.2.3). The names of the suites say what they
 * do; the first row that is found in one counts.
 *
 *   GCM, CCM           8 bytes of nonce, a tag of 16, or of 8     RFC 5288, RFC 6655
 *   ChaCha20-Poly1305  a tag of 16                                RFC 7905
 *   RC4, NULL          a MAC
 *   blocks             IV of a block (not in TLS 1.0), MAC, 1 byte to a block of padding; with
 *                      encrypt-then-MAC (RFC 7366) the padding ends elsewhere, the sum is the
 *                      same
 */
struct protection {
    const char *part; /* of the suite's name */
    uint8_t nonce;
    uint8_t tag;
    uint8_t block; /* 0: no padding */
    bool has_mac;
};

static const struct protection protections[] = {
    { "_GCM_", 8, 16, 0, false },
    { "_CCM_8", 8, 8, 0, false },
    { "_CCM", 8, 16, 0, false },
    { "_CHACHA20_POLY1305", 0, 16, 0, false },
    { "_RC4_", 0, 0, 0, true },
    { "_NULL_", 0, 0, 0, true },
    { "_AES_128_CBC_", 0, 0, 16, true },
    { "_AES_256_CBC_", 0, 0, 16, true },
    { "_CAMELLIA_128_CBC_", 0, 0, 16, true },
    { "_CAMELLIA_256_CBC_", 0, 0, 16, true },
    { "_ARIA_128_CBC_", 0, 0, 16, true },
    { "_ARIA_256_CBC_", 0, 0, 16, true },
    { "_SEED_CBC_", 0, 0, 16, true },
    { "_3DES_EDE_CBC_", 0, 0, 8, true },
    { "_DES_CBC_", 0, 0, 8, true },
    { "_IDEA_CBC_", 0, 0, 8, true },
};

/* The hash at the end of the name: its length; 0 when it is none of these. */
static uint32_t mac_len(const char *name)
{
    static const struct {
        const char *hash;
        uint32_t len;
    } macs[] = { { "_MD5", 16 }, { "_SHA", 20 }, { "_SHA256", 32 }, { "_SHA384", 48 } };
    const char *end = strrchr(name, '_');

    for (size_t i = 0; end != NULL && i < sizeof(macs) / sizeof(macs[0]); i++) {
        if (strcmp(end, macs[i].hash) == 0) {
            return macs[i].len;
        }
    }
    return 0;
}

bool cas_record_measure_find(uint16_t version, uint16_t cipher,
                             struct cas_record_measure *out_measure)
{
    const char *name = cas_tls_cipher_name(cipher);

    if (name == NULL || version < CAS_TLS_VERSION_TLS10 || version > CAS_TLS_VERSION_TLS12) {
        return false;
    }
    for (size_t i = 0; i < sizeof(protections) / sizeof(protections[0]); i++) {
        const struct protection *p = &protections[i];
        if (strstr(name, p->part) == NULL) {
            continue;
        }
        uint32_t iv = version > CAS_TLS_VERSION_TLS10 ? p->block : 0;
        uint32_t mac = p->has_mac ? mac_len(name) : 0;
        if (p->has_mac && mac == 0) {
            return false;
        }
        uint32_t fixed = (uint32_t)p->nonce + p->tag + iv + mac;
        out_measure->least_added = fixed + (p->block > 0 ? 1 : 0);
        out_measure->most_added = fixed + p->block;
        return true;
    }
    return false;
}

struct cas_span cas_record_measure_content(struct cas_record_measure measure, uint16_t body)
{
    return (struct cas_span){
        .least = body > measure.most_added ? body - measure.most_added : 0,
        .most = body > measure.least_added ? body - measure.least_added : 0,
    };
}

bool cas_record_measure_is_least(struct cas_record_measure measure, uint16_t body,
                                 uint32_t content)
{
    struct cas_span span = cas_record_measure_content(measure, body);
    return span.least <= content && content <= span.most;
}
