/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tls/protection12.h"

#include <string.h>

#include "bytes/aead.h"
#include "bytes/hmac.h"
#include "bytes/prf.h"
#include "bytes/reader.h"
#include "tls/conversation.h"
#include "tls/record.h"
#include "tls/suite.h"

#define MASTER_LEN 48
/* Of both directions: keys of the MAC, of the cipher, and an iv. */
#define KEY_BLOCK_MAX (2 * (CAS_HMAC_LEN_MAX + CAS_CIPHER_KEY_MAX + CAS_CIPHER_BLOCK_MAX))
/* u64 number, u8 type, u16 version, u16 length: RFC 5246, 6.2.3.1 and 6.2.3.3 */
#define ASSOCIATED_LEN 13
/* Key stream is passed over in pieces of this length. */
#define PIECE_LEN 256

struct cas_protection12 {
    const struct cas_suite *suite;
    struct cas_budget *budget;
    uint64_t number; /* of the next record */
    bool is_encrypt_then_mac;
    bool has_explicit_iv;             /* CBC since TLS 1.1: RFC 4346, 6.2.3.2 */
    uint8_t iv[CAS_CIPHER_BLOCK_MAX]; /* of CBC: the next one; of AEAD: salt */
    struct cas_aead *aead;            /* of AEAD */
    struct cas_cipher cipher;         /* of the others */
    struct cas_hmac mac;
};

/* How long the parts of the key block are: RFC 5246, 6.3. */
struct lengths {
    uint8_t mac;
    uint8_t key;
    uint8_t iv;
};

static struct lengths lengths_of(const struct cas_suite *suite, bool has_explicit_iv)
{
    if (suite->kind == CAS_SUITE_AEAD) {
        return (struct lengths){ .key = cas_aead_key_len(suite->algorithm.aead),
                                 .iv = suite->salt_len };
    }
    return (struct lengths){
        .mac = cas_hmac_len(suite->mac),
        .key = cas_cipher_key_len(suite->algorithm.cipher),
        .iv = has_explicit_iv ? 0 : cas_cipher_block_len(suite->algorithm.cipher),
    };
}

static enum cas_prf_kind prf_of(const struct cas_suite *suite, uint16_t version)
{
    return version >= CAS_TLS_VERSION_TLS12 ? suite->prf : CAS_PRF_MD5_SHA1;
}

/* RFC 5246, 6.3: the server's random comes first here. */
static void expand(const struct cas_suite *suite, const struct cas_key_material *material,
                   size_t len, uint8_t *out_block)
{
    uint8_t seed[2 * CAS_RANDOM_LEN];

    memcpy(seed, material->server_random, CAS_RANDOM_LEN);
    memcpy(seed + CAS_RANDOM_LEN, material->client_random, CAS_RANDOM_LEN);
    const struct cas_prf_input input = {
        .secret = cas_view_of(material->master.bytes, material->master.len),
        .label = "key expansion",
        .seed = cas_view_of(seed, sizeof(seed)),
    };
    cas_prf(prf_of(suite, material->version), &input, len, out_block);
}

/* Of a pair in the key block, the client's and the server's, the one of this direction. */
static struct cas_view take_pair(struct cas_reader *block, size_t len,
                                 enum cas_protection12_sender sender)
{
    struct cas_view client = cas_reader_bytes(block, len);
    struct cas_view server = cas_reader_bytes(block, len);

    return sender == CAS_SENT_BY_CLIENT ? client : server;
}

static void set_iv(struct cas_protection12 *protection, struct cas_view iv)
{
    if (iv.len > 0 && iv.len <= sizeof(protection->iv)) {
        memcpy(protection->iv, iv.data, iv.len);
    }
}

/* False without memory. */
static bool set_keys(struct cas_protection12 *protection,
                     const struct cas_key_material *material,
                     enum cas_protection12_sender sender)
{
    const struct cas_suite *suite = protection->suite;
    uint8_t block[KEY_BLOCK_MAX];
    struct lengths len = lengths_of(suite, protection->has_explicit_iv);
    size_t block_len = 2 * ((size_t)len.mac + len.key + len.iv);

    expand(suite, material, block_len, block);
    struct cas_reader r = cas_reader_init(cas_view_of(block, block_len));
    struct cas_view mac_key = take_pair(&r, len.mac, sender);
    struct cas_view key = take_pair(&r, len.key, sender);
    struct cas_view iv = take_pair(&r, len.iv, sender);
    set_iv(protection, iv);
    if (suite->kind == CAS_SUITE_AEAD) {
        protection->aead = cas_aead_create(suite->algorithm.aead, key.data, protection->budget);
    } else {
        cas_cipher_set_key(&protection->cipher, suite->algorithm.cipher, key.data);
        cas_hmac_set_key(&protection->mac, suite->mac, mac_key);
    }
    explicit_bzero(block, sizeof(block));
    return suite->kind != CAS_SUITE_AEAD || protection->aead != NULL;
}

bool cas_protection12_is_known(uint16_t version, uint16_t cipher)
{
    const struct cas_suite *suite = cas_suite_find(cipher);

    if (suite == NULL || version < CAS_TLS_VERSION_TLS10 || version > CAS_TLS_VERSION_TLS12) {
        return false;
    }
    return suite->kind != CAS_SUITE_AEAD || version == CAS_TLS_VERSION_TLS12;
}

struct cas_protection12 *cas_protection12_create(const struct cas_key_material *material,
                                                 enum cas_protection12_sender sender,
                                                 struct cas_budget *budget)
{
    if (!cas_protection12_is_known(material->version, material->cipher) ||
        material->master.len != MASTER_LEN) {
        return NULL;
    }
    struct cas_protection12 *protection = cas_budget_alloc(budget, sizeof(*protection));
    if (protection == NULL) {
        return NULL;
    }
    protection->suite = cas_suite_find(material->cipher);
    protection->budget = budget;
    protection->is_encrypt_then_mac =
        material->is_encrypt_then_mac && protection->suite->kind == CAS_SUITE_CBC;
    protection->has_explicit_iv =
        protection->suite->kind == CAS_SUITE_CBC && material->version >= CAS_TLS_VERSION_TLS11;
    if (!set_keys(protection, material, sender)) {
        cas_protection12_destroy(protection);
        return NULL;
    }
    return protection;
}

void cas_protection12_destroy(struct cas_protection12 *protection)
{
    if (protection != NULL) {
        struct cas_budget *budget = protection->budget;
        cas_aead_destroy(protection->aead);
        explicit_bzero(protection, sizeof(*protection));
        cas_budget_free(budget, protection, sizeof(*protection));
    }
}

/* What is authenticated beside the record's content, whose length is len. */
static void associate(const struct cas_protection12 *protection, struct cas_view header,
                      size_t len, uint8_t out_bytes[ASSOCIATED_LEN])
{
    for (size_t i = 0; i < sizeof(protection->number); i++) {
        out_bytes[i] = (uint8_t)(protection->number >> (56 - 8 * i));
    }
    memcpy(out_bytes + 8, header.data, 3);
    out_bytes[11] = (uint8_t)(len >> 8);
    out_bytes[12] = (uint8_t)len;
}

/* RFC 5246, 6.2.3.1, and of encrypt-then-MAC RFC 7366, 3: is bytes what this MAC is of? */
static bool is_authentic(struct cas_protection12 *protection, struct cas_view header,
                         struct cas_view bytes, struct cas_view sent)
{
    uint8_t associated[ASSOCIATED_LEN];
    uint8_t mac[CAS_HMAC_LEN_MAX];
    size_t len = cas_hmac_len(protection->suite->mac);

    associate(protection, header, bytes.len, associated);
    cas_hmac_add(&protection->mac, cas_view_of(associated, sizeof(associated)));
    cas_hmac_add(&protection->mac, bytes);
    cas_hmac_end(&protection->mac, len, mac);
    /* nobody learns from how long it takes */
    return cas_view_equal(cas_view_of(mac, len), sent);
}

/* Room for len bytes in out_content, that are of no meaning yet. */
static bool make_room(struct cas_buf *out_content, struct cas_view sealed)
{
    cas_buf_clear(out_content);
    cas_buf_append(out_content, sealed);
    return cas_buf_ok(out_content);
}

/* The salt and what the record begins with; or, where it begins with nothing, its number. */
static void nonce_of(const struct cas_protection12 *protection, struct cas_view explicit,
                     uint8_t out_nonce[CAS_AEAD_NONCE_LEN])
{
    memcpy(out_nonce, protection->iv, CAS_AEAD_NONCE_LEN);
    if (explicit.len > 0) {
        memcpy(out_nonce + protection->suite->salt_len, explicit.data, explicit.len);
        return;
    }
    for (size_t i = 0; i < sizeof(protection->number); i++) {
        out_nonce[CAS_AEAD_NONCE_LEN - 1 - i] ^= (uint8_t)(protection->number >> (8 * i));
    }
}

/* RFC 5246, 6.2.3.3:  explicit nonce, content, tag */
static enum cas_opening open_aead(struct cas_protection12 *protection, struct cas_view header,
                                  struct cas_view body, struct cas_buf *out_content)
{
    const struct cas_suite *suite = protection->suite;
    size_t tag_len = cas_aead_tag_len(suite->algorithm.aead);
    struct cas_reader r = cas_reader_init(body);
    struct cas_view explicit = cas_reader_bytes(&r, suite->explicit_len);
    struct cas_view sealed = cas_reader_rest(&r);
    uint8_t nonce[CAS_AEAD_NONCE_LEN];
    uint8_t associated[ASSOCIATED_LEN];

    if (sealed.len < tag_len) {
        return CAS_OPENING_BAD;
    }
    if (!make_room(out_content, sealed)) {
        return CAS_OPENING_NO_MEMORY;
    }
    nonce_of(protection, explicit, nonce);
    associate(protection, header, sealed.len - tag_len, associated);
    if (!cas_aead_open(protection->aead, nonce, cas_view_of(associated, sizeof(associated)),
                       sealed, out_content->data)) {
        return CAS_OPENING_BAD;
    }
    cas_buf_cut(out_content, sealed.len - tag_len);
    return CAS_OPENING_GOOD;
}

/* RFC 5246, 6.2.3.2: the last byte tells how many bytes like it stand in front of it. */
static bool cut_padding(struct cas_buf *content)
{
    size_t padding = content->len > 0 ? content->data[content->len - 1] : 0;

    if (padding >= content->len) {
        return false;
    }
    for (size_t i = 1; i <= padding; i++) {
        if (content->data[content->len - 1 - i] != padding) {
            return false;
        }
    }
    cas_buf_cut(content, content->len - 1 - padding);
    return true;
}

/* Content and its MAC behind it. */
static bool cut_mac(struct cas_protection12 *protection, struct cas_view header,
                    struct cas_buf *content)
{
    size_t mac_len = cas_hmac_len(protection->suite->mac);

    if (content->len < mac_len) {
        return false;
    }
    size_t len = content->len - mac_len;
    struct cas_view sent = cas_view_part(cas_buf_view(content), len, mac_len);
    cas_buf_cut(content, len); /* the MAC still lies behind it */
    return is_authentic(protection, header, cas_buf_view(content), sent);
}

/* The MAC of encrypt-then-MAC is taken off *body. */
static bool check_outer_mac(struct cas_protection12 *protection, struct cas_view header,
                            struct cas_view *body)
{
    size_t mac_len = cas_hmac_len(protection->suite->mac);

    if (body->len < mac_len) {
        return false;
    }
    struct cas_view sent = cas_view_part(*body, body->len - mac_len, mac_len);
    *body = cas_view_part(*body, 0, body->len - mac_len);
    return is_authentic(protection, header, *body, sent);
}

/*
 * iv[] since TLS 1.1, and encrypted content, MAC and padding; with encrypt-then-MAC the MAC is
 * of all this, and stands behind it unencrypted.
 */
static enum cas_opening open_cbc(struct cas_protection12 *protection, struct cas_view header,
                                 struct cas_view body, struct cas_buf *out_content)
{
    size_t block_len = cas_cipher_block_len(protection->suite->algorithm.cipher);

    if (protection->is_encrypt_then_mac && !check_outer_mac(protection, header, &body)) {
        return CAS_OPENING_BAD;
    }
    struct cas_reader r = cas_reader_init(body);
    struct cas_view iv = cas_reader_bytes(&r, protection->has_explicit_iv ? block_len : 0);
    struct cas_view sealed = cas_reader_rest(&r);
    if (sealed.len == 0 || sealed.len % block_len != 0) {
        return CAS_OPENING_BAD;
    }
    if (!make_room(out_content, sealed)) {
        return CAS_OPENING_NO_MEMORY;
    }
    set_iv(protection, iv);
    cas_cipher_decrypt(&protection->cipher, protection->iv, sealed, out_content->data);
    bool is_good = cut_padding(out_content) && (protection->is_encrypt_then_mac ||
                                                cut_mac(protection, header, out_content));
    return is_good ? CAS_OPENING_GOOD : CAS_OPENING_BAD;
}

static enum cas_opening open_stream(struct cas_protection12 *protection, struct cas_view header,
                                    struct cas_view body, struct cas_buf *out_content)
{
    if (!make_room(out_content, body)) {
        return CAS_OPENING_NO_MEMORY;
    }
    if (body.len > 0) {
        cas_cipher_decrypt(&protection->cipher, NULL, body, out_content->data);
    }
    return cut_mac(protection, header, out_content) ? CAS_OPENING_GOOD : CAS_OPENING_BAD;
}

static enum cas_opening open_record(struct cas_protection12 *protection, struct cas_view header,
                                    struct cas_view body, struct cas_buf *out_content)
{
    switch (protection->suite->kind) {
    case CAS_SUITE_AEAD:
        return open_aead(protection, header, body, out_content);
    case CAS_SUITE_CBC:
        return open_cbc(protection, header, body, out_content);
    case CAS_SUITE_STREAM:
        return open_stream(protection, header, body, out_content);
    }
    return CAS_OPENING_BAD;
}

enum cas_opening cas_protection12_open(struct cas_protection12 *protection,
                                       struct cas_view header, struct cas_view body,
                                       struct cas_buf *out_content)
{
    enum cas_opening opening = CAS_OPENING_BAD;

    cas_buf_clear(out_content);
    if (header.len == CAS_RECORD_HEADER_LEN) {
        opening = open_record(protection, header, body, out_content);
    }
    if (opening != CAS_OPENING_GOOD) {
        cas_buf_clear(out_content);
        return opening;
    }
    protection->number++;
    return CAS_OPENING_GOOD;
}

/* In CBC mode before TLS 1.1 a record's last block is the next one's iv; a MAC may follow it.
 */
uint8_t cas_protection12_tail_len(const struct cas_protection12 *protection)
{
    const struct cas_suite *suite = protection->suite;

    if (suite->kind != CAS_SUITE_CBC || protection->has_explicit_iv) {
        return 0;
    }
    uint8_t mac_len = protection->is_encrypt_then_mac ? cas_hmac_len(suite->mac) : 0;
    return (uint8_t)(cas_cipher_block_len(suite->algorithm.cipher) + mac_len);
}

/* The key stream of len bytes goes by. */
static void spend(struct cas_protection12 *protection, size_t len)
{
    static const uint8_t zeros[PIECE_LEN];
    uint8_t stream[PIECE_LEN];

    for (size_t left = len; left > 0;) {
        size_t piece = left < sizeof(stream) ? left : sizeof(stream);
        cas_cipher_decrypt(&protection->cipher, NULL, cas_view_of(zeros, piece), stream);
        left -= piece;
    }
    explicit_bzero(stream, sizeof(stream));
}

/* To the next record, behind one that ends with tail. */
static bool go_on(struct cas_protection12 *protection, struct cas_view tail)
{
    size_t tail_len = cas_protection12_tail_len(protection);

    if (tail.len < tail_len) {
        return false;
    }
    if (tail_len > 0) {
        size_t block_len = cas_cipher_block_len(protection->suite->algorithm.cipher);
        struct cas_view iv = cas_view_part(tail, tail.len - tail_len, block_len);
        set_iv(protection, iv);
    }
    protection->number++;
    return true;
}

bool cas_protection12_pass(struct cas_protection12 *protection, size_t len,
                           struct cas_view tail)
{
    if (len < cas_protection12_tail_len(protection) || !go_on(protection, tail)) {
        return false;
    }
    if (protection->suite->kind == CAS_SUITE_STREAM) {
        spend(protection, len);
    }
    return true;
}

/* Good or bad, what of the key stream it takes has gone by. */
enum cas_opening cas_protection12_check(struct cas_protection12 *protection,
                                        struct cas_view header, struct cas_view body,
                                        struct cas_buf *scratch)
{
    enum cas_opening opening = open_record(protection, header, body, scratch);

    if (scratch->data != NULL) {
        explicit_bzero(scratch->data, scratch->size);
    }
    cas_buf_clear(scratch);
    if (opening != CAS_OPENING_NO_MEMORY && !go_on(protection, body)) {
        opening = CAS_OPENING_BAD;
    }
    return opening;
}
