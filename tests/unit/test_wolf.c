/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>
#include <time.h>

#include "support/cert_text.h"
#include "x509/wolf.h"

START_TEST(the_library_is_the_one_of_the_headers)
{
    ck_assert(cas_wolf_self_test());
    ck_assert_uint_gt(strlen(cas_wolf_version()), 0);
}
END_TEST

START_TEST(an_ordinary_certificate_is_accepted)
{
    struct cas_view copy =
        cert_copy(&(struct cert_parts){ .extensions = EXTENSION("13", "30{01:ff}") });
    struct cas_wolf_cert cert = { 0 };
    ck_assert_ptr_null(cas_wolf_parse(copy, &cert));
    ck_assert(cert.is_ca);
    struct cas_view issuer = der_copy("31{30{06:550403 0c'Issuer'}}");
    struct cas_view subject = der_copy("31{30{06:550403 0c'Subject'}}");
    ck_assert(cas_view_equal(cert.issuer, issuer));
    ck_assert(cas_view_equal(cert.subject, subject));
    exact_free(issuer);
    exact_free(subject);
    exact_free(copy);
}
END_TEST

START_TEST(an_unknown_critical_extension_is_no_refusal)
{
    struct cas_view copy =
        cert_copy(&(struct cert_parts){ .extensions = "30{06:2a0304 01:ff 04:0500}" });
    struct cas_wolf_cert cert = { 0 };
    ck_assert_ptr_null(cas_wolf_parse(copy, &cert));
    exact_free(copy);
}
END_TEST

START_TEST(a_refusal_has_a_reason_and_leaves_the_output_alone)
{
    struct cas_view copy =
        cert_copy(&(struct cert_parts){ .key = "30{30{06:2a0304} 03:0001}" });
    struct cas_wolf_cert cert = { .is_ca = true };
    const char *reason = cas_wolf_parse(copy, &cert);
    ck_assert_ptr_nonnull(reason);
    ck_assert_uint_gt(strlen(reason), 0);
    ck_assert(cert.is_ca);
    exact_free(copy);
}
END_TEST

START_TEST(a_compressed_point_costs_no_arithmetic)
{
    /* P-224: its square root would take 50 ms. */
    struct cas_view copy = cert_copy(&(struct cert_parts){
        .key = "30{30{06:2a8648ce3d0201 06:2b81040021} 03:0002"
               "b70e0cbd6bb4bf7f321390b94a03c1d356c21122343280d6115c1d21}" });
    struct cas_wolf_cert cert = { 0 };
    clock_t before = clock();
    for (int i = 0; i < 100; i++) {
        (void)cas_wolf_parse(copy, &cert);
    }
    ck_assert_int_lt(clock() - before, CLOCKS_PER_SEC);
    exact_free(copy);
}
END_TEST

START_TEST(indefinite_lengths_become_definite)
{
    struct cas_view ber = hex_copy("30 80"       /* SEQUENCE, indefinite */
                                   "02 01 05"    /* INTEGER 5 */
                                   "30 80 00 00" /* an empty SEQUENCE, indefinite */
                                   "00 00");
    struct cas_view der = hex_copy("30 05 02 01 05 30 00");
    struct cas_buf out = cas_buf_init(100, NULL);
    ck_assert(cas_wolf_ber_to_der(ber, &out));
    ck_assert(cas_view_equal(cas_buf_view(&out), der));
    cas_buf_finish(&out);
    exact_free(ber);
    exact_free(der);
}
END_TEST

START_TEST(no_prefix_of_ber_becomes_der)
{
    struct cas_view ber = hex_copy("30 80 02 01 05 30 80 00 00 00 00");
    for (size_t len = 0; len < ber.len; len++) {
        struct cas_view copy = exact_copy(cas_view_part(ber, 0, len));
        struct cas_buf out = cas_buf_init(100, NULL);
        ck_assert_msg(!cas_wolf_ber_to_der(copy, &out), "%zu bytes", len);
        ck_assert_uint_eq(out.len, 0);
        cas_buf_finish(&out);
        exact_free(copy);
    }
    exact_free(ber);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("wolf");
    TCase *tcase = tcase_create("wolf");
    tcase_add_test(tcase, the_library_is_the_one_of_the_headers);
    tcase_add_test(tcase, an_ordinary_certificate_is_accepted);
    tcase_add_test(tcase, an_unknown_critical_extension_is_no_refusal);
    tcase_add_test(tcase, a_refusal_has_a_reason_and_leaves_the_output_alone);
    tcase_add_test(tcase, a_compressed_point_costs_no_arithmetic);
    tcase_add_test(tcase, indefinite_lengths_become_definite);
    tcase_add_test(tcase, no_prefix_of_ber_becomes_der);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
