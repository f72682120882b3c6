/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "support/tls_sealer.h"

#include <string.h>

#include <check.h>
#include <nettle/gcm.h>

#include "support/support.h"
#include "support/tls_records.h"

#define RANDOM_HEX "a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1"

struct key {
    const char *label; /* in a key log; NULL: not there */
    const char *secret;
    const char *key;
    const char *iv;
};

static const struct key keys[TLS_KEYS] = {
    [TLS_KEY_CLIENT_HANDSHAKE] = {
        "CLIENT_HANDSHAKE_TRAFFIC_SECRET",
        "b3eddb126e067f35a780b3abf45e2d8f3b1a950738f52e9600746a0e27a55a21",
        "dbfaa693d1762c5b666af5d950258d01",
        "5bd3c71b836e0b76bb73265f",
    },
    [TLS_KEY_SERVER_HANDSHAKE] = {
        "SERVER_HANDSHAKE_TRAFFIC_SECRET",
        "b67b7d690cc16c4e75e54213cb2d37b4e9c912bcded9105d42befd59d391ad38",
        "3fce516009c21727d0f2e4e86ee403bc",
        "5d313eb2671276ee13000b30",
    },
    [TLS_KEY_CLIENT_TRAFFIC] = {
        "CLIENT_TRAFFIC_SECRET_0",
        "9e40646ce79a7f9dc05af8889bce6552875afa0b06df0087f792ebb7c17504a5",
        "17422dda596ed5d9acd890e3c63f5051",
        "5b78923dee08579033e523d9",
    },
    [TLS_KEY_SERVER_TRAFFIC] = {
        "SERVER_TRAFFIC_SECRET_0",
        "a11af9f05531f856ad47116b45a950328204b4f44bfb6b3a4b4f1f3fcb631643",
        "9f02283b6c9c07efc26bb9f2ac92e356",
        "cf782b88dd83549aadf1e984",
    },
    [TLS_KEY_SERVER_UPDATED] = {
        NULL,
        NULL,
        "2e63be99d67b39097feb9786cf7a15a0",
        "628a0a8298ac953baef4255a",
    },
};

struct tls_sealer tls_sealer_init(enum tls_key key)
{
    return (struct tls_sealer){ .key = key };
}

/* plain is content, type and padding. */
static void seal(struct cas_buf *out, struct tls_sealer *sealer, struct cas_view plain)
{
    struct cas_view key = hex_copy(keys[sealer->key].key);
    struct cas_view iv = hex_copy(keys[sealer->key].iv);
    size_t len = plain.len + GCM_DIGEST_SIZE;
    const uint8_t header[5] = { 23, 3, 3, (uint8_t)(len >> 8), (uint8_t)len };
    uint8_t nonce[GCM_IV_SIZE];
    struct gcm_aes128_ctx ctx;
    size_t at = 0;

    memcpy(nonce, iv.data, sizeof(nonce));
    for (size_t i = 0; i < sizeof(sealer->number); i++) {
        nonce[sizeof(nonce) - 1 - i] ^= (uint8_t)(sealer->number >> (8 * i));
    }
    sealer->number++;
    tls_bytes(out, cas_view_of(header, sizeof(header)));
    at = out->len;
    tls_fill(out, 0, len);
    gcm_aes128_set_key(&ctx, key.data);
    gcm_aes128_set_iv(&ctx, sizeof(nonce), nonce);
    gcm_aes128_update(&ctx, sizeof(header), header);
    gcm_aes128_encrypt(&ctx, plain.len, out->data + at, plain.data);
    gcm_aes128_digest(&ctx, GCM_DIGEST_SIZE, out->data + at + plain.len);
    exact_free(key);
    exact_free(iv);
}

void tls_seal(struct cas_buf *out, struct tls_sealer *sealer, unsigned type,
              struct cas_view content, size_t padding)
{
    struct cas_buf plain = tls_buf();
    tls_bytes(&plain, content);
    tls_u8(&plain, type);
    tls_fill(&plain, 0, padding);
    seal(out, sealer, cas_buf_view(&plain));
    cas_buf_finish(&plain);
}

void tls_seal_zeros(struct cas_buf *out, struct tls_sealer *sealer, size_t len)
{
    struct cas_buf plain = tls_buf();
    tls_fill(&plain, 0, len);
    seal(out, sealer, cas_buf_view(&plain));
    cas_buf_finish(&plain);
}

struct cas_keylog *tls_sealer_wrong_keylog(enum tls_key wrong)
{
    struct cas_keylog *keylog = cas_keylog_create();
    struct cas_buf text = tls_buf();
    struct cas_error error = { 0 };

    for (size_t i = 0; i < TLS_KEYS; i++) {
        if (keys[i].label != NULL) {
            cas_buf_append_format(&text, "%s %s ", keys[i].label, RANDOM_HEX);
            cas_buf_append_text(&text, keys[i].secret);
            text.data[text.len - 1] ^= i == wrong; /* '8' and '9', '0' and '1', ... */
            cas_buf_append_text(&text, "\n");
        }
    }
    ck_assert_msg(cas_keylog_add_text(keylog, "keys", cas_buf_view(&text), &error) == CAS_OK,
                  "%s", error.text);
    cas_buf_finish(&text);
    return keylog;
}

struct cas_keylog *tls_sealer_keylog(void)
{
    return tls_sealer_wrong_keylog(TLS_KEYS);
}
