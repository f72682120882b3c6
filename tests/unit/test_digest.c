/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bytes/digest.h"
#include "support/support.h"

/* FIPS 180-4's and RFC 1321's examples for "abc". */
START_TEST(digests_of_abc_are_the_standards_ones)
{
    uint8_t sha256[CAS_SHA256_BYTES];
    uint8_t sha1[CAS_SHA1_BYTES];
    uint8_t md5[CAS_MD5_BYTES];
    cas_sha256(text_view("abc"), sha256);
    cas_sha1(text_view("abc"), sha1);
    cas_md5(text_view("abc"), md5);
    struct cas_buf hex = cas_buf_init(1000, NULL);
    cas_buf_append_hex(&hex, cas_view_of(sha256, sizeof(sha256)));
    ck_assert_buf_eq(&hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    cas_buf_clear(&hex);
    cas_buf_append_hex(&hex, cas_view_of(sha1, sizeof(sha1)));
    ck_assert_buf_eq(&hex, "a9993e364706816aba3e25717850c26c9cd0d89d");
    cas_buf_clear(&hex);
    cas_buf_append_hex(&hex, cas_view_of(md5, sizeof(md5)));
    ck_assert_buf_eq(&hex, "900150983cd24fb0d6963f7d28e17f72");
    cas_buf_finish(&hex);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("digest");
    TCase *tcase = tcase_create("digest");
    tcase_add_test(tcase, digests_of_abc_are_the_standards_ones);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
