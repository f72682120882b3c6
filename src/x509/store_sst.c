/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Windows' serialized certificate store ([MS-OSHARED], 2.3.9.1), all little endian:
 *   u32 version 0, "CERT"
 *   { u32 id, u32 encoding, u32 len, bytes }*   properties and, as id 32, certificates
 *   u32 0, u64 0                                the end
 */
#include "bytes/reader.h"
#include "x509/stores.h"

#define VERSION        0
#define MAGIC          0x54524543u /* "CERT" */
#define ID_END         0
#define ID_CERTIFICATE 32

bool cas_sst_is(struct cas_view bytes)
{
    struct cas_reader r = cas_reader_init(bytes);
    uint32_t version = cas_reader_u32le(&r);
    return cas_reader_u32le(&r) == MAGIC && version == VERSION;
}

void cas_sst_read(struct cas_view bytes, struct cas_store *store)
{
    struct cas_reader r = cas_reader_init(bytes);
    cas_reader_skip(&r, 8);
    for (;;) {
        uint32_t id = cas_reader_u32le(&r);
        cas_reader_skip(&r, 4); /* the encoding, X.509 and PKCS#7 alike */
        struct cas_view element = cas_reader_bytes(&r, cas_reader_u32le(&r));
        if (!cas_reader_ok(&r)) {
            cas_store_complain(store, "the store is cut short here");
            return;
        }
        if (id == ID_END) {
            return;
        }
        if (id == ID_CERTIFICATE) {
            cas_store_give(store, element);
        }
    }
}
