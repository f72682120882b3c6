/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "output/json_cert.h"

#include <string.h>

#include "bytes/reader.h"

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

static void put_kept(struct cas_json_kept *kept, struct cas_json *json,
                     const struct cas_cert_info *info)
{
    struct cas_json_name name = { .number = info->size };
    memcpy(name.digest, info->sha256, sizeof(name.digest));
    if (!cas_json_kept_put(kept, json, NULL, &name)) {
        size_t begin = cas_json_value_begin(json, NULL);
        put_cert(json, info);
        cas_json_kept_take(kept, &name, json, begin);
    }
}

void cas_json_certs(struct cas_json *json, struct cas_json_kept *kept, const char *key,
                    const struct cas_cert_info *const *infos, size_t infos_len)
{
    cas_json_array(json, key);
    for (size_t i = 0; i < infos_len; i++) {
        put_kept(kept, json, infos[i]);
    }
    cas_json_array_end(json);
}
