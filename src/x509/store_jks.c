/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Java's keystores, all big endian:
 *   u32 magic, u32 version (1 or 2), u32 number of entries
 *   { u32 kind, u16 alias<>, u64 date, then by kind:
 *       1 private key:  u32 key<>, u32 number of certificates, certificate*
 *       2 certificate:  certificate
 *       3 secret key:   a serialized object, whose length is not told (JCEKS only) }*
 *   20 bytes of a digest that needs the password
 *   certificate: u16 type<> ("X.509", version 2 only), u32 der<>
 */
#include "bytes/reader.h"
#include "x509/stores.h"

#define MAGIC_JKS   0xfeedfeedu
#define MAGIC_JCEKS 0xcecececeu

enum {
    KIND_PRIVATE_KEY = 1,
    KIND_CERTIFICATE = 2,
};

struct keystore {
    struct cas_reader in;
    uint32_t version;
    struct cas_store *store;
};

bool cas_jks_is(struct cas_view bytes)
{
    struct cas_reader r = cas_reader_init(bytes);
    uint32_t magic = cas_reader_u32(&r);
    uint32_t version = cas_reader_u32(&r);
    return (magic == MAGIC_JKS || magic == MAGIC_JCEKS) && (version == 1 || version == 2);
}

static struct cas_view take_vec32(struct cas_reader *r)
{
    return cas_reader_bytes(r, cas_reader_u32(r));
}

static struct cas_view take_certificate(struct keystore *keystore)
{
    if (keystore->version == 2) {
        (void)cas_reader_vec16(&keystore->in);
    }
    return take_vec32(&keystore->in);
}

/* Java trusts the owner of a private key, not those who issued its certificate. */
static void read_private_key(struct keystore *keystore)
{
    (void)take_vec32(&keystore->in);
    uint32_t num_certificates = cas_reader_u32(&keystore->in);
    for (uint32_t i = 0; i < num_certificates && cas_reader_ok(&keystore->in); i++) {
        struct cas_view der = take_certificate(keystore);
        if (i == 0 && cas_reader_ok(&keystore->in)) {
            cas_store_give(keystore->store, der);
        }
    }
}

static void read_certificate(struct keystore *keystore)
{
    struct cas_view der = take_certificate(keystore);
    if (cas_reader_ok(&keystore->in)) {
        cas_store_give(keystore->store, der);
    }
}

/* False when the next entry cannot be found. */
static bool read_entry(struct keystore *keystore)
{
    uint32_t kind = cas_reader_u32(&keystore->in);
    (void)cas_reader_vec16(&keystore->in);
    (void)cas_reader_u64(&keystore->in);
    if (kind == KIND_PRIVATE_KEY) {
        read_private_key(keystore);
    } else if (kind == KIND_CERTIFICATE) {
        read_certificate(keystore);
    } else if (cas_reader_ok(&keystore->in)) {
        cas_store_complain(keystore->store, "a secret key, behind which nothing can be found: "
                                            "export the certificates with keytool");
        return false;
    }
    if (!cas_reader_ok(&keystore->in)) {
        cas_store_complain(keystore->store, "the keystore is cut short here");
    }
    return cas_reader_ok(&keystore->in);
}

void cas_jks_read(struct cas_view bytes, struct cas_store *store)
{
    struct keystore keystore = { .in = cas_reader_init(bytes), .store = store };
    cas_reader_skip(&keystore.in, 4);
    keystore.version = cas_reader_u32(&keystore.in);
    uint32_t num_entries = cas_reader_u32(&keystore.in);
    for (uint32_t i = 0; i < num_entries; i++) {
        if (!read_entry(&keystore)) {
            return;
        }
    }
}
