/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Target: cas_bundle_read. What is given as a certificate is one, with nothing behind it; a
 * success has told something, a refusal says why.
 */
#include <stdlib.h>

#include "bytes/reader.h"
#include "x509/bundle.h"
#include "x509/cert.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_certificate(void *user, const struct cas_bundle_origin *origin,
                              struct cas_view der)
{
    struct cas_cert cert;
    unsigned *told = user;
    if (!cas_cert_split(der, &cert) || cert.trailing_len > 0 || origin->entry == 0) {
        abort();
    }
    (*told)++;
}

static void check_bad(void *user, const struct cas_bundle_origin *origin, const char *why)
{
    unsigned *told = user;
    if (why == NULL || why[0] == '\0' || origin->entry == 0) {
        abort();
    }
    (*told)++;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    unsigned told = 0;
    struct cas_error error = { 0 };
    const struct cas_bundle_handler handler = { .user = &told,
                                                .certificate = check_certificate,
                                                .bad = check_bad };
    enum cas_err err = cas_bundle_read(cas_view_of(data, size), "FILE", &handler, &error);
    if ((err == CAS_OK) != (told > 0) || (err != CAS_OK && error.text[0] == '\0')) {
        abort();
    }
    return 0;
}
