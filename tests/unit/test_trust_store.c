/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The store from the inside; the forms of its files are the bundle's tests. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/trust_store.h"
#include "support/cert_text.h"
#include "support/folder.h"
#include "x509/dn.h"

#define NAME(text) "30{31{30{06:550403 0c'" text "'}}}"
#define CA         EXTENSION("13", "30{01:ff}")
#define NO_CA      EXTENSION("13", "30{}")

#define SECOND_2050 INT64_C(2524608000) /* date -u -d 2050-01-01 +%s */
#define SECOND_2030 INT64_C(1893456000) /* date -u -d 2030-01-01 +%s */
#define SECOND_2031 INT64_C(1924992000) /* date -u -d 2031-01-01 +%s */
#define SECOND_2029 INT64_C(1861920000) /* date -u -d 2029-01-01 +%s */

static const char until_2030[] = "30{17'200101000000Z' 17'300101000000Z'}";

static void write_certificate(const char *name, const struct cert_parts *parts)
{
    struct cas_view der = cert_copy(parts);
    FILE *file = fopen(folder_path(name), "wb");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(der.data, 1, der.len, file), der.len);
    ck_assert_int_eq(fclose(file), 0);
    exact_free(der);
}

struct heard {
    char where[600];
    char why[600];
    unsigned len;
};

static void hear(void *user, const char *where, const char *why)
{
    struct heard *heard = user;
    (void)snprintf(heard->where, sizeof(heard->where), "%s", where);
    (void)snprintf(heard->why, sizeof(heard->why), "%s", why);
    heard->len++;
}

static struct cas_trust_store *store_of(const char *name)
{
    struct cas_trust_store *store = cas_trust_store_create();
    ck_assert_ptr_nonnull(store);
    ck_assert_int_eq(cas_trust_store_add(store, folder_path(name), NULL, NULL, NULL), CAS_OK);
    return store;
}

START_TEST(a_name_that_several_have_counts_once_and_a_certificate_too)
{
    const struct cert_parts root = { .subject = NAME("Root"),
                                     .issuer = NAME("Root"),
                                     .extensions = CA,
                                     .validity = until_2030 };
    const struct cert_parts renewed = {
        .subject = NAME("Root"), .issuer = NAME("Root"), .extensions = CA, .serial = "02:02"
    };
    const struct cert_parts other = { .subject = NAME("Other"), .extensions = CA };
    write_certificate("a", &root);
    write_certificate("b", &renewed);
    write_certificate("c", &root);
    write_certificate("d", &other);
    struct cas_trust_store *store = store_of(".");
    ck_assert_uint_eq(cas_trust_store_entries(store), 3);
    ck_assert_uint_eq(cas_trust_store_names(store), 2);
    ck_assert_uint_eq(cas_trust_store_authorities(store), 2);
    ck_assert(cas_trust_store_begins_with_authority(store));
    /* The one that lasts longer decides. */
    ck_assert_ptr_null(cas_store_name_note(&store->names[0], SECOND_2031));
    ck_assert_str_eq(cas_store_name_note(&store->names[0], SECOND_2050), "expired");
    cas_trust_store_destroy(store);
}
END_TEST

START_TEST(the_number_of_expired_names_follows_their_notes)
{
    static const char until_2040[] = "30{17'200101000000Z' 17'400101000000Z'}";
    const struct cert_parts parts[] = {
        { .subject = NAME("D"), .extensions = NO_CA, .validity = until_2030 },
        { .subject = NAME("C"), .extensions = CA, .validity = until_2040 },
        { .subject = NAME("B"), .extensions = CA, .validity = until_2030 },
        { .subject = NAME("A"), .extensions = CA, .serial = "02:02", .validity = until_2030 },
    };
    const struct {
        int64_t now_s;
        size_t expired;
    } cases[] = {
        { INT64_MIN, 0 },       { SECOND_2030, 0 }, /* up to and including that second: RFC
                                                       5280, 4.1.2.5 */
        { SECOND_2030 + 1, 2 }, { SECOND_2031, 2 }, { SECOND_2050, 3 }, { INT64_MAX, 3 },
    };
    for (size_t i = 0; i < 4; i++) {
        const char name[] = { (char)('a' + i), '\0' };
        write_certificate(name, &parts[i]);
    }
    struct cas_trust_store *store = store_of(".");
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        ck_assert_uint_eq(cas_trust_store_expired(store, cases[i].now_s), cases[i].expired);
    }
    cas_trust_store_destroy(store);
    store = cas_trust_store_create();
    ck_assert_uint_eq(cas_trust_store_expired(store, SECOND_2050), 0);
    cas_trust_store_destroy(store);
}
END_TEST

START_TEST(of_two_dates_the_later_counts_whatever_the_order)
{
    const struct cert_parts longer = { .subject = NAME("Root"), .extensions = CA };
    const struct cert_parts shorter = {
        .subject = NAME("Root"), .extensions = CA, .serial = "02:02", .validity = until_2030
    };
    write_certificate("a", &longer);
    write_certificate("b", &shorter);
    struct cas_trust_store *store = store_of(".");
    ck_assert_ptr_null(cas_store_name_note(&store->names[0], SECOND_2031));
    cas_trust_store_destroy(store);
}
END_TEST

START_TEST(what_is_no_ca_is_told_apart)
{
    const struct {
        struct cert_parts parts;
        const char *note; /* in 2029 */
    } cases[] = {
        { { .subject = NAME("A"), .extensions = NO_CA }, "not a CA" },
        { { .subject = NAME("A"), .issuer = NAME("A"), .extensions = NO_CA }, "not a CA" },
        { { .subject = NAME("A"), .issuer = NAME("B") }, "not a CA" },
        { { .subject = NAME("A"), .issuer = NAME("A") }, NULL }, /* version 1 roots are so */
        { { .subject = NAME("A"), .extensions = CA }, NULL },
    };
    write_certificate("file", &cases[_i].parts);
    struct cas_trust_store *store = store_of("file");
    const char *note = cas_store_name_note(&store->names[0], SECOND_2029);
    ck_assert_pstr_eq(note, cases[_i].note);
    ck_assert(cas_trust_store_begins_with_authority(store) == (note == NULL));
    ck_assert_uint_eq(cas_trust_store_authorities(store), note == NULL ? 1 : 0);
    cas_trust_store_destroy(store);
}
END_TEST

START_TEST(names_are_found_by_their_bytes_and_by_what_they_mean)
{
    char file[] = "a";
    for (; file[0] <= 'g'; file[0]++) {
        char subject[] = NAME("Root x");
        *strchr(subject, 'x') = file[0];
        const struct cert_parts parts = { .subject = subject, .extensions = CA };
        write_certificate(file, &parts);
    }
    struct cas_trust_store *store = store_of(".");
    for (char letter = 'a'; letter <= 'h'; letter++) {
        char same[] = NAME("Root x");
        char folded[] = "30{31{30{06:550403 13'ROOT  x'}}}"; /* PrintableString */
        *strchr(same, 'x') = letter;
        *strchr(folded, 'x') = letter;
        size_t expected = letter <= 'g' ? (size_t)(letter - 'a') : CAS_NOT_FOUND;
        struct cas_view name = der_copy(same);
        struct cas_view other = der_copy(folded);
        struct cas_buf canonical = cas_buf_init(1000, NULL);
        ck_assert_uint_eq(cas_trust_store_find_der(store, name), expected);
        ck_assert_uint_eq(cas_trust_store_find_der(store, other), CAS_NOT_FOUND);
        ck_assert(cas_dn_canonical(other, &canonical));
        ck_assert_uint_eq(cas_trust_store_find_canonical(store, cas_buf_view(&canonical)),
                          expected);
        cas_buf_finish(&canonical);
        exact_free(name);
        exact_free(other);
    }
    cas_trust_store_destroy(store);
}
END_TEST

/* Not a set, but an octet string where a name's parts are: nothing that has a canonical form.
 */
START_TEST(a_name_without_a_meaning_is_its_bytes)
{
    const struct cert_parts odd = { .subject = "30{04'odd'}", .extensions = CA };
    write_certificate("file", &odd);
    struct cas_trust_store *store = store_of("file");
    struct cas_view name = der_copy("30{04'odd'}");
    ck_assert_uint_eq(cas_trust_store_find_der(store, name), 0);
    ck_assert_uint_eq(cas_trust_store_find_canonical(store, name), 0);
    exact_free(name);
    cas_trust_store_destroy(store);
}
END_TEST

START_TEST(what_is_wrong_is_told_with_its_place)
{
    struct heard heard = { .len = 0 };
    struct cas_error error = { 0 };
    const struct cert_parts good = { .extensions = CA };
    struct cas_trust_store *store = cas_trust_store_create();
    write_certificate("good", &good);
    folder_write("bad.pem", "some text\n-----BEGIN CERTIFICATE-----\nMAA=\n"
                            "-----END CERTIFICATE-----\n");
    folder_write("text", "no certificate is here\n");

    ck_assert_int_eq(cas_trust_store_add(store, folder_path("."), hear, &heard, &error),
                     CAS_OK);
    ck_assert_uint_eq(heard.len, 2);
    ck_assert_uint_eq(cas_trust_store_entries(store), 1);

    heard.len = 0;
    ck_assert_int_eq(cas_trust_store_add(store, folder_path("bad.pem"), hear, &heard, &error),
                     CAS_ERR_FORMAT);
    ck_assert_uint_eq(heard.len, 1);
    ck_assert_ptr_nonnull(strstr(heard.where, "bad.pem, line 2"));
    ck_assert_ptr_nonnull(strstr(error.text, "not one usable certificate"));
    /* Nobody listens. */
    ck_assert_int_eq(cas_trust_store_add(store, folder_path("bad.pem"), NULL, NULL, &error),
                     CAS_ERR_FORMAT);
    /* Of a directory the file is told. */
    ck_assert_int_eq(remove(folder_path("bad.pem")), 0);
    ck_assert_int_eq(cas_trust_store_add(store, folder_path("."), hear, &heard, &error),
                     CAS_OK);
    ck_assert_str_eq(strrchr(heard.where, '/'), "/text");
    ck_assert_uint_eq(cas_trust_store_entries(store), 1);
    cas_trust_store_destroy(store);
}
END_TEST

START_TEST(an_empty_store_finds_nothing)
{
    struct cas_trust_store *store = cas_trust_store_create();
    struct cas_error error = { 0 };
    struct cas_view name = der_copy(NAME("A"));
    ck_assert(!cas_trust_store_begins_with_authority(store));
    ck_assert_uint_eq(cas_trust_store_find_der(store, name), CAS_NOT_FOUND);
    ck_assert_uint_eq(cas_trust_store_find_canonical(store, name), CAS_NOT_FOUND);
    ck_assert_int_eq(cas_trust_store_add(store, folder_path("gone"), NULL, NULL, &error),
                     CAS_ERR_IO);
    exact_free(name);
    cas_trust_store_destroy(store);
    cas_trust_store_destroy(NULL);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("trust_store");
    TCase *tcase = tcase_create("trust_store");
    tcase_add_checked_fixture(tcase, folder_make, folder_remove);
    tcase_add_test(tcase, a_name_that_several_have_counts_once_and_a_certificate_too);
    tcase_add_test(tcase, of_two_dates_the_later_counts_whatever_the_order);
    tcase_add_test(tcase, the_number_of_expired_names_follows_their_notes);
    tcase_add_loop_test(tcase, what_is_no_ca_is_told_apart, 0, 5);
    tcase_add_test(tcase, names_are_found_by_their_bytes_and_by_what_they_mean);
    tcase_add_test(tcase, a_name_without_a_meaning_is_its_bytes);
    tcase_add_test(tcase, what_is_wrong_is_told_with_its_place);
    tcase_add_test(tcase, an_empty_store_finds_nothing);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
