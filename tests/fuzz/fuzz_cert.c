/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Target: cas_cert_split, cas_cert_describe, cas_cert_allows_client_auth. What is told agrees
 * with what was cut, all text is safe to print, and a certificate is the same without what
 * follows it.
 */
#include <stdlib.h>
#include <string.h>

#include "bytes/text.h"
#include "x509/cert.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
    if (!holds) {
        abort();
    }
}

static void check_text(const char *text)
{
    struct cas_reader r = cas_reader_init(cas_view_of(text, strlen(text)));
    while (cas_reader_left(&r) > 0) {
        check(cas_text_is_safe(cas_text_next(&r)));
    }
}

static void check_all_text(const struct cas_cert_info *info)
{
    const char *const texts[] = { info->subject,   info->issuer,  info->serial, info->key_type,
                                  info->key_curve, info->sig_alg, info->note };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        check_text(texts[i] != NULL ? texts[i] : "");
    }
    for (size_t i = 0; i < info->san_len; i++) {
        check_text(info->san[i]);
    }
    for (size_t i = 0; i < info->eku_len; i++) {
        check_text(info->eku[i]);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cas_view der = cas_view_of(data, size);
    struct cas_cert cert = { 0 };
    bool is_cert = cas_cert_split(der, &cert);
    size_t told_size = 0;
    struct cas_cert_info *info = cas_cert_describe(der, &told_size);
    check(info != NULL);
    check_all_text(info);
    check((info->subject != NULL) == (is_cert && size <= CAS_CERT_SIZE_MAX));
    if (is_cert) {
        struct cas_cert again = { 0 };
        check(cas_cert_split(cert.der, &again) && again.trailing_len == 0);
        check(cas_cert_allows_client_auth(&cert) == cas_cert_allows_client_auth(&again));
        check(info->subject == NULL || info->san_len == cert.san_count);
    } else {
        check(info->note != NULL);
    }
    cas_cert_info_destroy(info);
    return 0;
}
