/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tls/protection.h"

#include <string.h>

#include "bytes/aead.h"
#include "bytes/hkdf.h"
#include "bytes/reader.h"
#include "tls/record.h"

/* RFC 8446, 7.1: u16 length, u8 label<7..255>, u8 context<0..255> */
#define LABEL_MAX (2 + 1 + 32 + 1)

/* RFC 8446, B.4 */
struct suite {
    uint16_t cipher;
    uint8_t hash_len;
    enum cas_aead_algorithm algorithm;
};

static const struct suite suites[] = {
    { 0x1301, 32, CAS_AEAD_AES128_GCM },        { 0x1302, 48, CAS_AEAD_AES256_GCM },
    { 0x1303, 32, CAS_AEAD_CHACHA20_POLY1305 }, { 0x1304, 32, CAS_AEAD_AES128_CCM },
    { 0x1305, 32, CAS_AEAD_AES128_CCM_8 },
};

struct protection {
    const struct suite *suite;
    struct cas_budget *budget;
    uint64_t number; /* of the next record */
    uint8_t secret[CAS_SECRET_LEN_MAX];
    uint8_t iv[CAS_AEAD_NONCE_LEN];
    struct cas_aead *aead;
};

/* RFC 8446, 7.1: HKDF-Expand-Label with an empty context. */
static void expand_label(const struct suite *suite, const uint8_t *secret, const char *label,
                         size_t len, uint8_t *out_bytes)
{
    uint8_t info[LABEL_MAX];
    size_t label_len = strlen(label);

    info[0] = 0;
    info[1] = (uint8_t)len;
    info[2] = (uint8_t)label_len;
    memcpy(&info[3], label, label_len);
    info[3 + label_len] = 0;
    cas_hkdf_expand(cas_view_of(secret, suite->hash_len), cas_view_of(info, 4 + label_len), len,
                    out_bytes);
}

/* False without memory. */
static bool set_keys(struct protection *protection)
{
    const struct suite *suite = protection->suite;
    uint8_t key[CAS_AEAD_KEY_MAX];

    protection->number = 0;
    expand_label(suite, protection->secret, "tls13 iv", sizeof(protection->iv), protection->iv);
    expand_label(suite, protection->secret, "tls13 key", cas_aead_key_len(suite->algorithm),
                 key);
    if (protection->aead != NULL) {
        cas_aead_set_key(protection->aead, key);
    } else {
        protection->aead = cas_aead_create(suite->algorithm, key, protection->budget);
    }
    explicit_bzero(key, sizeof(key));
    return protection->aead != NULL;
}

static void destroy(void *ctx)
{
    struct protection *protection = ctx;
    struct cas_budget *budget = protection->budget;

    cas_aead_destroy(protection->aead);
    explicit_bzero(protection, sizeof(*protection));
    cas_budget_free(budget, protection, sizeof(*protection));
}

/* RFC 8446, 5.3: the iv, the record's number xored into its end. */
static void nonce_of(const struct protection *protection, uint8_t out_nonce[CAS_AEAD_NONCE_LEN])
{
    memcpy(out_nonce, protection->iv, CAS_AEAD_NONCE_LEN);
    for (size_t i = 0; i < sizeof(protection->number); i++) {
        out_nonce[CAS_AEAD_NONCE_LEN - 1 - i] ^= (uint8_t)(protection->number >> (8 * i));
    }
}

/* RFC 8446, 5.4: zeros are padding; the last other byte is the type. */
static uint8_t take_type(struct cas_buf *content)
{
    size_t len = content->len;

    while (len > 0 && content->data[len - 1] == 0) {
        len--;
    }
    uint8_t type = len > 0 ? content->data[len - 1] : 0;
    cas_buf_cut(content, len > 0 ? len - 1 : 0);
    return type;
}

static enum cas_opening open_record(void *ctx, struct cas_view header, struct cas_view body,
                                    struct cas_buf *out_content, uint8_t *out_type)
{
    struct protection *protection = ctx;
    uint8_t nonce[CAS_AEAD_NONCE_LEN];
    size_t tag_len = cas_aead_tag_len(protection->suite->algorithm);

    cas_buf_clear(out_content);
    if (body.len <= tag_len || header.len != CAS_RECORD_HEADER_LEN) {
        return CAS_OPENING_BAD;
    }
    cas_buf_append(out_content, cas_view_part(body, 0, body.len - tag_len)); /* for the room */
    if (!cas_buf_ok(out_content)) {
        return CAS_OPENING_NO_MEMORY;
    }
    nonce_of(protection, nonce);
    if (!cas_aead_open(protection->aead, nonce, header, body, out_content->data)) {
        cas_buf_clear(out_content);
        return CAS_OPENING_BAD;
    }
    protection->number++;
    *out_type = take_type(out_content);
    return CAS_OPENING_GOOD;
}

/* RFC 8446, 7.2 */
static void update(void *ctx)
{
    struct protection *protection = ctx;
    uint8_t next[CAS_SECRET_LEN_MAX];
    size_t len = protection->suite->hash_len;

    expand_label(protection->suite, protection->secret, "tls13 traffic upd", len, next);
    memcpy(protection->secret, next, len);
    explicit_bzero(next, sizeof(next));
    (void)set_keys(protection); /* its memory is there */
}

static const struct suite *find_suite(uint16_t cipher)
{
    for (size_t i = 0; i < sizeof(suites) / sizeof(suites[0]); i++) {
        if (suites[i].cipher == cipher) {
            return &suites[i];
        }
    }
    return NULL;
}

bool cas_protection_opener(uint16_t cipher, const struct cas_secret *secret,
                           struct cas_budget *budget, struct cas_opener *out_opener)
{
    static const struct cas_opener_kind kind = {
        .open = open_record,
        .update = update,
        .destroy = destroy,
    };
    const struct suite *suite = find_suite(cipher);

    if (suite == NULL || secret->len != suite->hash_len) {
        return false;
    }
    struct protection *protection = cas_budget_alloc(budget, sizeof(*protection));
    if (protection == NULL) {
        return false;
    }
    protection->suite = suite;
    protection->budget = budget;
    memcpy(protection->secret, secret->bytes, secret->len);
    if (!set_keys(protection)) {
        destroy(protection);
        return false;
    }
    *out_opener = (struct cas_opener){ .kind = &kind, .protection = protection };
    return true;
}
