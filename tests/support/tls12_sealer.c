/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "support/tls12_sealer.h"

#include <stdlib.h>
#include <string.h>

#include <nettle/gcm.h>

#include "bytes/reader.h"

#define TAG_LEN 16

static const uint8_t keys[2][16] = {
    { 0x93, 0xd0, 0x86, 0xb4, 0xe1, 0xbd, 0x23, 0x31, 0x93, 0x3a, 0xe1, 0x4f, 0xd8, 0xca, 0x67,
      0x7d },
    { 0x85, 0x44, 0x73, 0x53, 0x46, 0xdb, 0x2a, 0xf8, 0x75, 0x68, 0xbe, 0x00, 0xe1, 0x17, 0xc7,
      0x71 },
};
static const uint8_t salts[2][4] = { { 0xac, 0x8d, 0xb5, 0x06 }, { 0x2d, 0x7b, 0x71, 0x1e } };

#define BYTES_8(hex)  hex hex hex hex hex hex hex hex
#define BYTES_16(hex) BYTES_8(hex) BYTES_8(hex)
const char tls12_sealer_keylog[] = "CLIENT_RANDOM " BYTES_16("a1")
    BYTES_16("a1") " " BYTES_16("77") BYTES_16("77") BYTES_16("77") "\n";

struct tls12_sealer tls12_sealer_client(void)
{
    return (struct tls12_sealer){ .key = keys[0], .salt = salts[0] };
}

struct tls12_sealer tls12_sealer_server(void)
{
    return (struct tls12_sealer){ .key = keys[1], .salt = salts[1] };
}

/* RFC 5246, 6.2.3.3: the record's number, and the header with the content's length. */
static void associate(const struct tls12_sealer *sealer, unsigned type, size_t len,
                      uint8_t out_bytes[13])
{
    for (unsigned i = 0; i < 8; i++) {
        out_bytes[i] = (uint8_t)(sealer->number >> (56 - 8 * i));
    }
    out_bytes[8] = (uint8_t)type;
    out_bytes[9] = 3;
    out_bytes[10] = 3;
    out_bytes[11] = (uint8_t)(len >> 8);
    out_bytes[12] = (uint8_t)len;
}

void tls12_seal(struct cas_buf *out, struct tls12_sealer *sealer, unsigned type,
                struct cas_view content)
{
    uint8_t nonce[GCM_IV_SIZE] = { 0 };
    uint8_t associated[13];
    uint8_t tag[TAG_LEN];
    uint8_t *sealed = malloc(content.len + 1);
    struct gcm_aes128_ctx ctx;

    if (sealed == NULL) {
        abort();
    }
    associate(sealer, type, content.len, associated);
    memcpy(nonce, sealer->salt, 4);
    memcpy(nonce + 4, associated, 8);
    gcm_aes128_set_key(&ctx, sealer->key);
    gcm_aes128_set_iv(&ctx, sizeof(nonce), nonce);
    gcm_aes128_update(&ctx, sizeof(associated), associated);
    gcm_aes128_encrypt(&ctx, content.len, sealed, content.data);
    gcm_aes128_digest(&ctx, sizeof(tag), tag);
    size_t len = 8 + content.len + sizeof(tag);
    const uint8_t header[] = { (uint8_t)type, 3, 3, (uint8_t)(len >> 8), (uint8_t)len };
    cas_buf_append(out, cas_view_of(header, sizeof(header)));
    cas_buf_append(out, cas_view_of(associated, 8)); /* the explicit nonce */
    cas_buf_append(out, cas_view_of(sealed, content.len));
    cas_buf_append(out, cas_view_of(tag, sizeof(tag)));
    free(sealed);
    sealer->number++;
}
