/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "support/cert_text.h"

#include <stdlib.h>

#define TEXT_MAX (8u << 20)

#define ECDSA_WITH_SHA256 "30{06:2a8648ce3d040302}"
#define P256_KEY                                                                               \
    "30{ 30{06:2a8648ce3d0201 06:2a8648ce3d030107} 03:0004"                                    \
    "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"                         \
    "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5 }"

static void add(struct cas_buf *text, const char *part, const char *usual)
{
    cas_buf_append_text(text, part != NULL ? part : usual);
    cas_buf_append_u8(text, ' ');
}

struct cas_view cert_copy(const struct cert_parts *parts)
{
    struct cas_buf text = cas_buf_init(TEXT_MAX, NULL);
    add(&text, "30{ 30{", NULL);
    add(&text, parts->version, "a0{02:02}");
    add(&text, parts->serial, "02:1234");
    add(&text, parts->inner_sig_alg, ECDSA_WITH_SHA256);
    add(&text, parts->issuer, "30{31{30{06:550403 0c'Issuer'}}}");
    add(&text, parts->validity, "30{17'200101000000Z' 17'491231235959Z'}");
    add(&text, parts->subject, "30{31{30{06:550403 0c'Subject'}}}");
    add(&text, parts->key, P256_KEY);
    if (parts->extensions != NULL) {
        add(&text, "a3{ 30{", NULL);
        add(&text, parts->extensions, NULL);
        add(&text, "} }", NULL);
    }
    add(&text, parts->tail, "");
    add(&text, "}", NULL);
    add(&text, parts->sig_alg, ECDSA_WITH_SHA256);
    add(&text, "03{ =00 30{02:01 02:01} } }", NULL);
    add(&text, parts->after, "");
    char *string = cas_buf_take_string(&text);
    ck_assert_ptr_nonnull(string);
    struct cas_view copy = der_copy(string);
    free(string);
    return copy;
}
