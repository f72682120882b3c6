/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Prints what casniff reads of every certificate in the files named on the command line, one
 * line each, separated by tabs: subject, hash of the canonical subject, the same of the issuer,
 * serial, SHA-256, notBefore, notAfter, key, bits, signature algorithm, note. What cannot be
 * used goes to stderr.
 */
#include <stdio.h>
#include <stdlib.h>

#include "bytes/digest.h"
#include "bytes/reader.h"
#include "x509/bundle.h"
#include "x509/cert.h"
#include "x509/dn.h"

#define CANONICAL_MAX (1u << 24)

/* `openssl x509 -subject_hash`: the first four bytes of the SHA-1, the lowest first. */
static unsigned long name_hash(struct cas_view name)
{
    struct cas_buf canonical = cas_buf_init(CANONICAL_MAX, NULL);
    uint8_t digest[CAS_SHA1_BYTES] = { 0 };
    if (cas_dn_canonical(name, &canonical) && cas_buf_ok(&canonical)) {
        cas_sha1(cas_buf_view(&canonical), digest);
    }
    cas_buf_finish(&canonical);
    struct cas_reader r = cas_reader_init(cas_view_of(digest, sizeof(digest)));
    return cas_reader_u32le(&r);
}

static void print_digest(const uint8_t *digest)
{
    for (size_t i = 0; i < CAS_SHA256_BYTES; i++) {
        printf("%02x", digest[i]);
    }
}

static void print_certificate(void *user, const struct cas_bundle_origin *origin,
                              struct cas_view der)
{
    struct cas_cert cert;
    size_t size = 0;
    struct cas_cert_info *info = cas_cert_describe(der, &size);
    (void)user;
    (void)origin;
    if (info == NULL || !cas_cert_split(der, &cert)) {
        exit(EXIT_FAILURE);
    }
    printf("%s\t%08lx\t%s\t%08lx\t%s\t", info->subject, name_hash(cert.subject), info->issuer,
           name_hash(cert.issuer), info->serial);
    print_digest(info->sha256);
    printf("\t%s\t%s\t%s\t%u\t%s\t%s\n", info->not_before, info->not_after, info->key_type,
           info->key_bits, info->sig_alg, info->note != NULL ? info->note : "");
    cas_cert_info_destroy(info);
}

static void print_bad(void *user, const struct cas_bundle_origin *origin, const char *why)
{
    (void)user;
    fprintf(stderr, "%s:%u:%u: %s\n", origin->path, origin->line, origin->entry, why);
}

int main(int argc, char **argv)
{
    const struct cas_bundle_handler handler = { .certificate = print_certificate,
                                                .bad = print_bad };
    for (int i = 1; i < argc; i++) {
        struct cas_error error = { 0 };
        if (cas_bundle_read_path(argv[i], &handler, &error) != CAS_OK) {
            fprintf(stderr, "%s\n", error.text);
            return EXIT_FAILURE;
        }
    }
    return EXIT_SUCCESS;
}
