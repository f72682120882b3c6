/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "output/json_cert.h"

#include <stdlib.h>
#include <string.h>

#include "bytes/reader.h"

/* Most servers of a site; with texts of at most TEXT_MAX bytes half a MiB. */
#define KEPT     64
#define TEXT_MAX ((size_t)8 * 1024)

struct kept {
    uint8_t sha256[CAS_SHA256_LEN];
    size_t size;         /* of the certificate */
    struct cas_buf text; /* empty: nothing is kept here */
};

struct cas_json_certs {
    struct kept kept[KEPT];
};

struct cas_json_certs *cas_json_certs_create(void)
{
    struct cas_json_certs *certs = calloc(1, sizeof(*certs));
    for (size_t i = 0; certs != NULL && i < KEPT; i++) {
        certs->kept[i].text = cas_buf_init(TEXT_MAX, NULL);
    }
    return certs;
}

void cas_json_certs_destroy(struct cas_json_certs *certs)
{
    for (size_t i = 0; certs != NULL && i < KEPT; i++) {
        cas_buf_finish(&certs->kept[i].text);
    }
    free(certs);
}

static void put_key(struct cas_json *json, const struct cas_cert_info *info)
{
    cas_json_object(json, "key");
    cas_json_string(json, "type", info->key_type);
    if (info->key_bits != 0) {
        cas_json_u64(json, "bits", info->key_bits);
    }
    cas_json_string(json, "curve", info->key_curve);
    cas_json_object_end(json);
}

static void put_cert(struct cas_json *json, const struct cas_cert_info *info)
{
    cas_json_object(json, NULL);
    cas_json_string(json, "subject", info->subject);
    cas_json_string(json, "issuer", info->issuer);
    cas_json_string(json, "serial", info->serial);
    cas_json_string(json, "not_before", info->not_before);
    cas_json_string(json, "not_after", info->not_after);
    cas_json_hex(json, "sha256", cas_view_of(info->sha256, sizeof(info->sha256)));
    cas_json_u64(json, "size", info->size);
    cas_json_strings(json, "san", info->san, info->san_len);
    put_key(json, info);
    cas_json_string(json, "sig_alg", info->sig_alg);
    cas_json_bool(json, "ca", info->is_ca);
    cas_json_strings(json, "eku", info->eku, info->eku_len);
    cas_json_string(json, "note", info->note);
    cas_json_object_end(json);
}

static bool is_kept(const struct kept *kept, const struct cas_cert_info *info)
{
    return kept->text.len > 0 && kept->size == info->size &&
           memcmp(kept->sha256, info->sha256, sizeof(kept->sha256)) == 0;
}

/* Takes the place of what was there. Too long a text is not kept. */
static void keep(struct kept *kept, const struct cas_cert_info *info, struct cas_view text)
{
    memcpy(kept->sha256, info->sha256, sizeof(kept->sha256));
    kept->size = info->size;
    cas_buf_clear(&kept->text);
    cas_buf_append(&kept->text, text);
}

static void put_kept(struct cas_json_certs *certs, struct cas_json *json,
                     const struct cas_cert_info *info)
{
    struct kept *kept = &certs->kept[info->sha256[0] % KEPT];
    if (is_kept(kept, info)) {
        cas_json_raw(json, NULL, cas_buf_view(&kept->text));
        return;
    }
    /* Without the comma that may stand in front of it. */
    size_t from = json->out->len + (json->has_sibling ? 1 : 0);
    put_cert(json, info);
    keep(kept, info, cas_view_part(cas_buf_view(json->out), from, json->out->len));
}

void cas_json_certs_put(struct cas_json_certs *certs, struct cas_json *json, const char *key,
                        const struct cas_cert_info *const *infos, size_t infos_len)
{
    cas_json_array(json, key);
    for (size_t i = 0; i < infos_len; i++) {
        put_kept(certs, json, infos[i]);
    }
    cas_json_array_end(json);
}
