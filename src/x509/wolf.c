/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <wolfssl/options.h>
/* options.h comes first, or the structs below are not those of the library. */
#include <stdlib.h>

#include <wolfssl/ssl.h>
#include <wolfssl/version.h>
#include <wolfssl/wolfcrypt/asn.h>
#include <wolfssl/wolfcrypt/error-crypt.h>

#include "bytes/reader.h"
#include "x509/wolf.h"

/* Without its options the struct shrinks to a third, and parsing writes behind it. */
#ifdef OPENSSL_ALL
_Static_assert(sizeof(DecodedCert) > 2000, "wolfssl/options.h is not the library's");
#endif

/* BER files of a trust store, converted in one go. */
#define BER_MAX (64u << 20)

/*
 * The fields are filled with these too: an unknown critical extension, a date that cannot be
 * read, a signature algorithm that differs inside and outside. The slices tell the last two.
 */
static bool is_usable(int code)
{
    return code == 0 || code == ASN_CRIT_EXT_E || code == ASN_BEFORE_DATE_E ||
           code == ASN_AFTER_DATE_E || code == ASN_SIG_OID_E;
}

static const char *reason_of(int code)
{
    /* It says "out of memory" of an IP address that is neither 4 nor 16 bytes long. */
    return code == MEMORY_E ? "alternative name of odd length, or out of memory"
                            : wc_GetErrorString(code);
}

static void tell(const DecodedCert *decoded, struct cas_wolf_cert *out_cert)
{
    *out_cert = (struct cas_wolf_cert){ .is_ca = decoded->isCA != 0 };
#if defined(HAVE_PKCS7) || defined(WOLFSSL_CERT_EXT)
    out_cert->issuer = cas_view_of(decoded->issuerRaw, (size_t)decoded->issuerRawLen);
#endif
#if !defined(IGNORE_NAME_CONSTRAINTS) || defined(WOLFSSL_CERT_EXT)
    out_cert->subject = cas_view_of(decoded->subjectRaw, (size_t)decoded->subjectRawLen);
#endif
}

const char *cas_wolf_parse(struct cas_view der, struct cas_wolf_cert *out_cert)
{
    DecodedCert decoded;
    wc_InitDecodedCert(&decoded, der.data, (word32)der.len, NULL);
    int code = wc_ParseCert(&decoded, CERT_TYPE, NO_VERIFY, NULL);
    if (is_usable(code)) {
        tell(&decoded, out_cert);
    }
    wc_FreeDecodedCert(&decoded);
    return is_usable(code) ? NULL : reason_of(code);
}

bool cas_wolf_ber_to_der(struct cas_view ber, struct cas_buf *out)
{
#ifdef ASN_BER_TO_DER
    word32 len = 0;
    bool converted = false;
    if (ber.len > BER_MAX) {
        return false;
    }
    int code = wc_BerToDer(ber.data, (word32)ber.len, NULL, &len);
    if (code == LENGTH_ONLY_E && len > 0 && len <= BER_MAX) {
        uint8_t *der = malloc(len);
        code = der != NULL ? wc_BerToDer(ber.data, (word32)ber.len, der, &len) : MEMORY_E;
        converted = code == 0;
        if (converted) {
            cas_buf_append(out, cas_view_of(der, len));
        }
        free(der);
    }
    out->failed |= code == MEMORY_E;
    return converted;
#else
    (void)ber;
    (void)out;
    return false;
#endif
}

const char *cas_wolf_version(void)
{
    return wolfSSL_lib_version();
}

/* A self-signed certificate as small as they get; nobody verifies its signature. */
/* clang-format off */
static const uint8_t known[] = {
    /* certificate */
    0x30, 0x81, 0xe7,
    /* what is signed */
    0x30, 0x81, 0xcd,
    /* version 3 */
    0xa0, 0x03, 0x02, 0x01, 0x02,
    /* serial */
    0x02, 0x02, 0x12, 0x34,
    /* ecdsa-with-SHA256 */
    0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02,
    /* issuer: CN=casniff */
    0x30, 0x12, 0x31, 0x10, 0x30, 0x0e, 0x06, 0x03, 0x55, 0x04, 0x03, 0x0c, 0x07, 0x63,
    0x61, 0x73, 0x6e, 0x69, 0x66, 0x66,
    /* 2020-01-01 to 2049-12-31 */
    0x30, 0x1e, 0x17, 0x0d, 0x32, 0x30, 0x30, 0x31, 0x30, 0x31, 0x30, 0x30, 0x30, 0x30,
    0x30, 0x30, 0x5a, 0x17, 0x0d, 0x34, 0x39, 0x31, 0x32, 0x33, 0x31, 0x32, 0x33, 0x35,
    0x39, 0x35, 0x39, 0x5a,
    /* subject: the issuer */
    0x30, 0x12, 0x31, 0x10, 0x30, 0x0e, 0x06, 0x03, 0x55, 0x04, 0x03, 0x0c, 0x07, 0x63,
    0x61, 0x73, 0x6e, 0x69, 0x66, 0x66,
    /* P-256 key */
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06,
    0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07,
    /* its point, the generator */
    0x03, 0x42, 0x00, 0x04, 0x6b, 0x17, 0xd1, 0xf2, 0xe1, 0x2c, 0x42, 0x47, 0xf8, 0xbc,
    0xe6, 0xe5, 0x63, 0xa4, 0x40, 0xf2, 0x77, 0x03, 0x7d, 0x81, 0x2d, 0xeb, 0x33, 0xa0,
    0xf4, 0xa1, 0x39, 0x45, 0xd8, 0x98, 0xc2, 0x96, 0x4f, 0xe3, 0x42, 0xe2, 0xfe, 0x1a,
    0x7f, 0x9b, 0x8e, 0xe7, 0xeb, 0x4a, 0x7c, 0x0f, 0x9e, 0x16, 0x2b, 0xce, 0x33, 0x57,
    0x6b, 0x31, 0x5e, 0xce, 0xcb, 0xb6, 0x40, 0x68, 0x37, 0xbf, 0x51, 0xf5,
    /* basicConstraints: CA */
    0xa3, 0x13, 0x30, 0x11, 0x30, 0x0f, 0x06, 0x03, 0x55, 0x1d, 0x13, 0x01, 0x01, 0xff,
    0x04, 0x05, 0x30, 0x03, 0x01, 0x01, 0xff,
    /* ecdsa-with-SHA256 */
    0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02,
    /* signature: r = 1, s = 1 */
    0x03, 0x09, 0x00, 0x30, 0x06, 0x02, 0x01, 0x01, 0x02, 0x01, 0x01,
};
/* clang-format on */

static bool is_known(const DecodedCert *decoded)
{
    static const uint8_t serial[] = { 0x12, 0x34 };
    struct cas_view read = cas_view_of(decoded->serial, (size_t)decoded->serialSz);
    struct cas_wolf_cert cert;
    tell(decoded, &cert);
    return cas_view_equal(read, cas_view_of(serial, sizeof(serial))) &&
           decoded->keyOID == ECDSAk && decoded->isCA && decoded->badDate == 0 &&
           cas_view_equal(cert.subject, cert.issuer);
}

bool cas_wolf_self_test(void)
{
    if (wolfSSL_lib_version_hex() != LIBWOLFSSL_VERSION_HEX) {
        return false;
    }
    DecodedCert decoded;
    wc_InitDecodedCert(&decoded, known, sizeof(known), NULL);
    int code = wc_ParseCert(&decoded, CERT_TYPE, NO_VERIFY, NULL);
    bool passed = code == 0 && is_known(&decoded);
    wc_FreeDecodedCert(&decoded);
    return passed;
}
